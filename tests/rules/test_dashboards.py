"""Dashboards are found in whatever they are wrapped in, and what is wrong is said at its place in the file."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from llmmon import foreign
from llmmon.documents import interpolation

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Fleet

BROKEN = 'sum(rate(x_total{a="é\\"$job"}[$__rate_interval])'
SELECT = ("--select", "broken-query,Y,S009")


def dashboard(expr: str = BROKEN, **more: Any) -> dict[str, Any]:
    panel = {"type": "timeseries", "title": "Requests", "targets": [{"expr": expr, "refId": "A"}]}
    listed = {"list": [{"name": "job", "type": "query"}]}
    return {"title": "A", "uid": "a", "schemaVersion": 39, "templating": listed, "panels": [panel], **more}


def lint(fleet: Fleet, name: str, text: str) -> list[str]:
    fleet.write(name, text)
    return fleet.run("lint", name, *SELECT).problems


WRAPPED = {
    "bare": dashboard(),
    "from the API": {"meta": {}, "dashboard": dashboard()},
    "in a list": [dashboard(expr="up"), dashboard()],
    "as an object of Kubernetes": {
        "apiVersion": "dashboard.grafana.app/v1beta1",
        "kind": "Dashboard",
        "spec": dashboard(),
    },
    "in a collapsed row": dashboard(panels=[{"type": "row", "panels": dashboard()["panels"]}]),
    "in a row of old": {**dashboard(panels=None), "rows": [{"panels": dashboard()["panels"]}]},
}


@pytest.mark.parametrize("other", ["a-old.json", "a.v2.json", "a_v2.json", "a (copy).json", "a-lite.json"])
def test_a_copy_beside_a_dashboard_may_have_its_title(fleet: Fleet, other: str) -> None:
    fleet.write("d/a.json", json.dumps(dashboard("up", uid="a")))
    fleet.write("d/b.json", json.dumps(dashboard("up", uid="b")))
    assert "title" in fleet.run("lint", "d", "--select", "D004", "--fail-on", "note").out
    fleet.write("d2/a.json", json.dumps(dashboard("up", uid="a")))
    fleet.write(f"d2/{other}", json.dumps(dashboard("up", uid="b")))
    assert fleet.run("lint", "d2", "--select", "D004", "--fail-on", "note").problems == []


@pytest.mark.parametrize("value", WRAPPED.values(), ids=WRAPPED)
def test_a_dashboard_is_found_in_json(fleet: Fleet, value: Any) -> None:
    assert len(lint(fleet, "a.json", json.dumps(value, indent=2))) == 1


@pytest.mark.parametrize(
    "value",
    [
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "data": {"a.json": json.dumps(dashboard(), indent=1), "b.json": "{}"},
        },
        {
            "apiVersion": "v1",
            "kind": "ConfigMapList",
            "items": [{"apiVersion": "v1", "kind": "ConfigMap", "data": {"a.json": json.dumps(dashboard(), indent=4)}}],
        },
        {"apiVersion": "x/v1", "kind": "GrafanaDashboard", "spec": {"json": json.dumps(dashboard(), indent=1)}},
        {"apiVersion": "dashboard.grafana.app/v1beta1", "kind": "Dashboard", "spec": dashboard()},
    ],
)
@pytest.mark.parametrize("style", [None, "|", '"'])
def test_a_dashboard_is_found_in_yaml(fleet: Fleet, value: Any, style: str) -> None:
    text = yaml.dump(value, default_style=style, allow_unicode=True) if style else yaml.dump(value)
    assert len(lint(fleet, "a.yaml", text)) == 1


def test_a_place_in_a_text_with_escapes_is_that_of_the_source(fleet: Fleet) -> None:
    text = json.dumps(dashboard(), indent=1, ensure_ascii=False)
    line = next(number for number, line in enumerate(text.split("\n"), 1) if "expr" in line)
    column = text.split("\n")[line - 1].index('])"') + 3
    fleet.write("a.json", text)
    assert f"a.json:{line}:{column}: error" in fleet.run("lint", "a.json", *SELECT).out


def test_a_file_in_a_folder_that_is_no_dashboard_is_left_alone(fleet: Fleet) -> None:
    fleet.write("d/package.json", '{"name": "x",}')
    fleet.write("d/table.json", '{"rows": [1, 2,]}')
    fleet.write("d/kibana.json", json.dumps({"title": "A", "editable": True, "rows": [{"title": 1}], "services": {}}))
    fleet.write("d/a.json", json.dumps(dashboard("up")))
    assert fleet.run("lint", "d", *SELECT).problems == []


@pytest.mark.parametrize(
    "value",
    [
        {"title": "A", "templating": [{"name": "job"}], "panels": [{"title": "B", "expr": BROKEN}]},
        {
            "apiVersion": "grafana.integreatly.org/v1beta1",
            "kind": "GrafanaDashboard",
            "metadata": {"name": "a"},
            "spec": {"json": "", "url": "https://example.com/a.json"},
        },
    ],
    ids=["what a generator reads", "what is somewhere else"],
)
def test_yaml_that_becomes_a_dashboard_is_none(fleet: Fleet, value: Any) -> None:
    fleet.write("boards/a.yaml", yaml.safe_dump(value))
    assert fleet.run("lint", "boards").problems == []


def test_a_dashboard_that_is_not_json_is_an_error_also_in_a_folder(fleet: Fleet) -> None:
    fleet.write("d/a.json", json.dumps(dashboard("up"))[:-1] + ",}")
    (said,) = fleet.run("lint", "d", *SELECT).problems
    assert "not JSON" in said


def test_rules_in_json_are_rules(fleet: Fleet) -> None:
    text = json.dumps({"groups": [{"name": "g", "rules": [{"record": "a:b", "expr": "sum(", "labels": {"a": "5"}}]}]})
    fleet.write("a.json", text)
    (said,) = fleet.run("lint", "a.json", "--select", "Q001,R,Y,S").problems
    assert "PromQL does not parse" in said


def test_a_file_that_was_named_and_is_no_dashboard_is_said_to_be_unknown(fleet: Fleet) -> None:
    (said,) = lint(fleet, "a.json", '{"a": 1}')
    assert "a dashboard" in said


@pytest.mark.parametrize(
    ("text", "marked", "source"),
    [
        ("rate(x[$__interval])", "x", "x"),
        ("$a + x", "x", "x"),
        ("rate(${a:raw}_total[5m]) + x{b='[[a]]'}", "[5m]", "[5m]"),
        ("rate(${a:raw}_total[5m]) + y{b=~'[[a]]'}", "y{b=~'.+'}", "y{b=~'[[a]]'}"),
        ("$a$a + x", "v_av_a", "$a$a"),
        ("$$a + x", "v_a", "$$a"),
        ("rate(x{b='$${a}'}[$$__range]) + y", "[1m]", "[$$__range]"),
    ],
)
def test_spans_lead_back_to_the_source(text: str, marked: str, source: str) -> None:
    (reading, _) = interpolation.read(text, {"a": ()}, (3, 5)).parsed
    start = reading.written.text.index(marked)
    first, last = reading.written.home((start, start + len(marked)))
    assert text[first:last] == source


def test_what_depends_on_a_value_is_not_said(fleet: Fleet) -> None:
    """One reading of `$q` would be outside of 0 to 1, and one range shorter than two scrapes."""
    fleet.write("a.json", json.dumps(dashboard("histogram_quantile($job, sum by (le) (rate(x_bucket[$__interval])))")))
    assert fleet.run("lint", "a.json", "--select", "promql").problems == []


def test_what_does_not_depend_on_a_value_is_said(fleet: Fleet) -> None:
    fleet.write("a.json", json.dumps(dashboard('rate(app_queue_ratio{job="$job"}[$__rate_interval])')))
    assert len(fleet.run("lint", "a.json", "--select", "rate-on-gauge").problems) == 1


@pytest.mark.parametrize(
    ("kind", "source", "said"),
    [
        ("timeseries", "Loki", 0),
        ("timeseries", "Logs of Loki", 0),
        ("logs", "Lines", 0),
        ("timeseries", "Prometheus", 1),
        ("timeseries", "Metrics", 1),
    ],
)
def test_a_name_or_a_panel_may_tell_the_language(fleet: Fleet, kind: str, source: str, said: int) -> None:
    value = dashboard(panels=[{"type": kind, "datasource": source, "targets": [{"expr": '{job="a"}'}]}])
    fleet.write("a.json", json.dumps(value))
    assert len(fleet.run("lint", "a.json", "--select", "selector-without-name").problems) == said


def test_a_query_with_very_many_variables_is_read_in_time() -> None:
    text = "+".join(["$a"] * 20_000)
    assert interpolation.read(text, {"a": ()}, (3, 5)).error is None


def test_a_generated_file_that_was_edited_is_said_to_be(fleet: Fleet) -> None:
    text = json.dumps(dashboard("up"))
    files = {
        f"dashboards/{name}.json": {"sha256": hashlib.sha256(text.encode()).hexdigest(), "owner": "specs/a.yaml"}
        for name in "ab"
    }
    fleet.write("out/manifest.json", json.dumps({"files": files}))
    fleet.write("out/dashboards/a.json", text)
    fleet.write("out/dashboards/b.json", f"{text}\n")
    (said,) = fleet.run("lint", "out", "--select", "X009").problems
    assert said.startswith("out/dashboards/b.json:1:1: warning: it was edited by hand")
    fleet.write("out/manifest.json", "<<<<<<<")
    assert fleet.run("lint", "out", "--select", "X009").problems == []


def test_a_runbook_that_is_missing_from_the_folder_is_said_to_be(fleet: Fleet) -> None:
    rules = [
        {"alert": name, "expr": "up == 0", "annotations": {"runbook_url": f"https://r/app/{name}"}} for name in "ABCD"
    ]
    fleet.write("rules.yaml", yaml.dump({"groups": [{"name": "g", "rules": rules}]}))
    fleet.write("runbooks/app/A.md", "# A\n")
    fleet.write("runbooks/app/C.md", "# C\n")
    fleet.write("runbooks/app/D.md", "# D\n")
    fleet.write("runbooks/app/OldAlert.md", "# Old\n")
    fleet.write("runbooks/app/OtherAlert.md", "# Other\n")
    fleet.write("runbooks/README.md", "# All, and OtherAlert\n")
    missing, orphan = fleet.run("lint", ".", "--select", "X011").problems
    assert "no page 'b'" in missing
    assert orphan.startswith("runbooks/app/OldAlert.md:1:1: note: no alert of this run leads to this runbook")


def test_what_is_said_of_one_place_on_a_dashboard_is_said_at_its_own_file(fleet: Fleet) -> None:
    """A rule that looks at the whole run names the file that it is about, whichever came first."""
    fleet.write("d/a.json", json.dumps(dashboard("up", uid="a", title="A")))
    fleet.write("d/b.json", json.dumps(dashboard("up", uid="a", title="B")))
    (said,) = fleet.run("lint", "d", "--select", "D003").problems
    assert said.startswith("d/b.json:1:")
    assert "the dashboard 'A' (d/a.json:1:1) has the uid 'a' too" in said


REPAIRS = {  # what the query is, which rule mends it, and what it is then
    'up{a="é\\"", job = "$job"}': ("D013", 'up{a="é\\"", job =~ "$job"}'),
    'sum(rate(x{job=~"$job"}[ $__interval ]))': ("D028", 'sum(rate(x{job=~"$job"}[ $__rate_interval ]))'),
    "rate(x[5m]) / rate(y[$__rate_interval])": ("D027", "rate(x[$__rate_interval]) / rate(y[$__rate_interval])"),
}


@pytest.mark.parametrize("expr", REPAIRS)
def test_a_repair_is_at_its_place_in_the_source(tmp_path: Path, expr: str) -> None:
    code, mended = REPAIRS[expr]
    listed = {"list": [{"name": "job", "type": "query", "multi": True}]}
    (tmp_path / "a.json").write_text(json.dumps(dashboard(expr, templating=listed)), encoding="utf-8")
    problems = foreign.lint_paths([tmp_path / "a.json"], wanted=lambda _, rule: code in rule.codes).problems
    (fix,) = [problem.fix for problem in problems if problem.fix]
    ((origin, text),) = fix.edits
    assert origin.keys[-1] == "expr"
    assert origin.span is not None
    assert expr[: origin.span[0]] + str(text) + expr[origin.span[1] :] == mended


def test_a_variable_that_may_match_the_empty_value_makes_nothing_needless(fleet: Fleet) -> None:
    fleet.write("a.json", json.dumps(dashboard('sum(x_total{job=~"$job", job!=""})')))
    assert fleet.run("lint", "a.json", "--select", "promql").problems == []


def test_json_with_groups_of_something_else_is_no_rule_file(fleet: Fleet) -> None:
    fleet.write("d/realm.json", json.dumps({"realm": "a", "groups": [{"name": "admins", "path": "/admins"}]}))
    assert fleet.run("lint", "d").problems == []


def test_a_dashboard_is_repaired_and_stays_json(fleet: Fleet) -> None:
    listed = {"list": [{"name": name, "type": "query", "multi": True, "refresh": 1} for name in ("job", "gone")]}
    before = dashboard('up{a="é\\"", job="$job"}', templating=listed, editable=True)
    fleet.write("a.json", json.dumps(before, indent="\t"))
    select = ("--select", "D007,D012,D013,D015")
    fleet.run("lint", "a.json", "--fix", *select)
    mended = json.loads((fleet.root / "a.json").read_text(encoding="utf-8"))
    assert mended["panels"][0]["targets"][0]["expr"] == 'up{a="é\\"", job=~"$job"}'
    assert [(item["name"], item["refresh"]) for item in mended["templating"]["list"]] == [("job", 2)]
    assert mended["editable"] is False
    assert fleet.run("lint", "a.json", *select).problems == []


@pytest.mark.parametrize(
    ("expr", "said"),
    [
        ("sum(app_size) / (sum(app_size) + app_free{job='a'})", ["error"]),
        ("max by (shard) (app_size) / sum(app_size)", ["warning"]),
        ("sum(vm_size) / (sum(vm_size) + vm_free{job='a'})", []),
        ("max by (shard) (vm_size) / sum(vm_size)", []),
        ("sum(vm_size{a='b'}) / on (a) vm_size{a='b'}", ["error"]),
    ],
)
def test_victoriametrics_matches_a_side_without_labels_with_everything(
    fleet: Fleet, expr: str, said: list[str]
) -> None:
    fleet.write("a.json", json.dumps(dashboard(expr), indent=2))
    found = json.loads(fleet.run("lint", "a.json", "--select", "label-flow", "--format", "json").out)
    assert [one["level"] for one in found] == said


def board(*panels: dict[str, Any], variables: tuple[dict[str, Any], ...] = ()) -> dict[str, Any]:
    return dashboard(panels=list(panels), templating={"list": list(variables)})


def panel(expr: str, *others: str, **more: Any) -> dict[str, Any]:
    targets = [{"expr": text, "refId": chr(65 + index)} for index, text in enumerate((expr, *others))]
    return {"type": "timeseries", "title": "Requests", "targets": targets, **more}


FREE = "node_filesystem_free_bytes{device='a'}"
ONE = {"name": "node", "type": "query"}
SLOW = "histogram_quantile(0.9, rate(x_bucket{instance=~'$node'}[5m]))"
ERRORS = "sum(rate(x_total{code=~'5..'}[5m])) / sum(rate(x_total[5m]))"
HITS = "x_hits_total / x_reads_total"
IN_BYTES = {"defaults": {"unit": "bytes"}}
PICKED = {"name": "source", "type": "datasource", "query": "prometheus"}
METRICS = {"type": "prometheus", "uid": "metrics"}
MADE = {"type": "prometheus", "uid": "Zk3_rGx7z"}


@pytest.mark.parametrize(
    ("rule", "value", "said"),
    [
        ("cpu-of-one-core", board(panel("rate(process_cpu_seconds_total[5m]) * 100")), []),
        ("filesystem-free", board(panel(FREE)), []),
        ("filesystem-free", board(panel(f"{FREE} / node_filesystem_size_bytes")), []),
        ("filesystem-free", board(panel(FREE, "node_filesystem_avail_bytes{device='a'}")), []),
        ("label-flow", board(panel("sum(x * on (a) group_left (b) avg by (a) (y))")), []),
        ("averaged-quantile", board(panel("sum(histogram_quantile(0.9, x_bucket{pod='$pod'}))", repeat="pod")), []),
        ("averaged-quantile", board(panel(f"avg({SLOW})"), variables=(ONE,)), []),
        ("averaged-quantile", board(panel(f"avg({SLOW})"), variables=({**ONE, "multi": True},)), ["warning"]),
        ("histogram-quantile", board(panel(SLOW), variables=(ONE,)), []),
        ("histogram-quantile", board(panel(SLOW), variables=({**ONE, "includeAll": True},)), ["note"]),
        ("unit-of-result", board(panel("a_bytes / 1e9", fieldConfig=IN_BYTES)), ["warning"]),
        ("unit-of-result", board(panel("a_bytes / 1e9", fieldConfig=IN_BYTES, title="Disk (GB)")), []),
        ("unit-of-result", board(panel("a_bytes / 1e9", fieldConfig=IN_BYTES, description="In GB.")), []),
        ("averaged-quantile", board(panel(f"avg({SLOW})", title="Mean p90 of all nodes")), []),
        ("ratio-without-default", board(panel(ERRORS)), ["note"]),
        ("ratio-without-default", board(panel(ERRORS, fieldConfig={"defaults": {"noValue": "0"}})), []),
        ("ratio-without-default", board(panel(ERRORS, nullPointMode="null as zero")), []),
        ("ratio-without-default", board(panel(ERRORS.replace("5m", "$__interval_x4"))), []),
        ("histogram-quantile", board(panel("histogram_quantile(0.9, rate(x_bucket[5m]))", title="p90 per pod")), []),
        ("rate-range", board(panel("sum(rate({app='a'}[$__interval]))")), []),
        ("broken-query", board(panel("holt_winters(x[5m], 0.5, 0.5)", datasource=METRICS)), ["note"]),
        ("lifetime-ratio", board(panel(HITS)), ["warning"]),
        ("lifetime-ratio", board(panel(HITS, title="Hits since the start")), []),
        ("long-range", board(panel("sum(increase(x_total[30d]))")), []),
        ("long-range", board(panel("max_over_time(sum(x)[7d:5m])")), []),
        ("label-flow", board(panel("sum by (b) (x * on (a) group_left (b) avg by (a) (y))")), ["warning", "warning"]),
        ("hardcoded-datasource", board(panel("up", datasource=METRICS)), []),
        ("hardcoded-datasource", board(panel("up", datasource=MADE)), ["note"]),
        ("hardcoded-datasource", board(panel("up", datasource=METRICS), variables=(PICKED,)), ["warning"]),
    ],
)  # fmt: skip
def test_a_doubt_is_said_more_mildly(fleet: Fleet, rule: str, value: Any, said: list[str]) -> None:
    fleet.write("a.json", json.dumps(value, indent=2))
    found = json.loads(fleet.run("lint", "a.json", "--select", rule, "--format", "json").out)
    assert [one["level"] for one in found] == said


def test_the_highest_few_are_asked_in_the_words_of_grafana(fleet: Fleet) -> None:
    fleet.write("a.json", json.dumps(board(panel("topk(5, up)")), indent=2))
    assert fleet.run("lint", "a.json", "--select", "topk-over-time").problems == []
    fleet.write("a.json", json.dumps(board(panel("topk(5, up)") | {"type": "bargauge"}), indent=2))
    (said,) = fleet.run("lint", "a.json", "--select", "topk-over-time").problems
    assert "write instant: true, range: false" in said


PROVISIONED = "apiVersion: 1\ndatasources:\n- name: Metrics\n  uid: metrics\n"
IN_A_MAP = 'apiVersion: v1\nkind: ConfigMap\ndata:\n  sources.yaml: |\n    datasources:\n    - uid: "metrics"\n'


@pytest.mark.parametrize("sources", [PROVISIONED, IN_A_MAP])
def test_a_data_source_that_the_run_provisions_is_known(fleet: Fleet, sources: str) -> None:
    value = board(panel("up", datasource=METRICS), variables=(PICKED,))
    fleet.write("boards/a.json", json.dumps(value, indent=2))
    (said,) = fleet.run("lint", "boards", "--select", "hardcoded-datasource").problems
    assert "whatever $source is: write ${source}" in said
    fleet.write("boards/sources.yaml", sources)
    assert fleet.run("lint", "boards", "--select", "hardcoded-datasource").problems == []


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("hardcoded-datasource", "a uid that only one Grafana has, and so do 3 others in 2 files: write"),
        ("legacy-panel", "use timeseries (4 panels of 2 dashboards are)"),
    ],
)
def test_what_is_alike_on_many_dashboards_is_noted_once(fleet: Fleet, rule: str, said: str) -> None:
    for name in "ab":
        old = panel("up", datasource=MADE) | {"type": "graph"}
        fleet.write(f"boards/{name}.json", json.dumps(board(old, old) | {"uid": name}, indent=1))
    (problem,) = fleet.run("lint", "boards", "--select", rule).problems
    assert said in problem


def test_what_is_noted_of_many_queries_is_said_once_of_a_dashboard(fleet: Fleet) -> None:
    joined = "x{b='%d', c='1'} * on (a) group_left (c) y{c='1'}"
    fleet.write("a.json", json.dumps(board(panel(*(joined % number for number in range(3)))), indent=1))
    (said,) = fleet.run("lint", "a.json", "--select", "label-flow").problems
    assert said.endswith(" leave it out (and 2 times more on this dashboard) [label-flow]")


def test_what_is_repaired_in_many_queries_is_said_once_and_repaired_in_all(fleet: Fleet) -> None:
    queries = [f"rate(x_{number}_total{{kind=~'a'}}[5m])" for number in range(3)]
    fleet.write("a.json", json.dumps(board(panel(*queries)), indent=1))
    (said,) = fleet.run("lint", "a.json", "--select", "regex-matcher").problems
    assert said.endswith('write kind="a" (and 2 times more on this dashboard) [regex-matcher]')
    fleet.run("lint", "a.json", "--select", "regex-matcher", "--fix")
    (mended,) = json.loads((fleet.root / "a.json").read_text(encoding="utf-8"))["panels"]
    assert [target["expr"] for target in mended["targets"]] == [text.replace("=~", "=") for text in queries]


def test_ranges_that_may_be_too_short_are_told_of_once(fleet: Fleet) -> None:
    queries = [f"rate(x_{number}_total[$__interval])" for number in range(2)]
    fleet.write("a.json", json.dumps(board(panel(*queries)), indent=1))
    (said,) = fleet.run("lint", "a.json", "--select", "rate-range").problems
    assert said.endswith("(and once more on this dashboard) [rate-range]")


@pytest.mark.parametrize("kind", ["prometheus", "loki"])
def test_a_quote_that_was_escaped_once_too_often_is_said_to_be(fleet: Fleet, kind: str) -> None:
    asked = panel('sum(rate({app=\\"x\\"}[5m]))', datasource={"type": kind, "uid": "a"})
    fleet.write("a.json", json.dumps(board(asked), indent=1))
    (said,) = fleet.run("lint", "a.json", "--select", "broken-query,unclosed-logql").problems
    assert "a backslash is too many before this" in said


def test_what_victoriametrics_takes_is_right_where_the_run_provisions_it(fleet: Fleet) -> None:
    for expr, said in (("sum(rate(x))", 0), ("sum(rate(x)", 1)):
        fleet.write("boards/a.json", json.dumps(board(panel(expr, datasource=METRICS))))
        fleet.write("boards/sources.yaml", "datasources:\n- name: Victoria\n  uid: metrics\n")
        assert len(fleet.run("lint", "boards", "--select", "broken-query").problems) == said


@pytest.mark.parametrize(("address", "said"), [("prometheus:9090", 1), ("victoria-metrics:8428", 0)])
def test_victoriametrics_matches_one_value_with_everything(fleet: Fleet, address: str, said: int) -> None:
    fleet.write("boards/a.json", json.dumps(board(panel('sum by (job) (x) / sum(y{a="b"})', datasource=METRICS))))
    fleet.write("boards/sources.yaml", f"datasources:\n- name: Metrics\n  url: http://{address}\n")
    assert len(fleet.run("lint", "boards", "--select", "label-flow").problems) == said


def test_who_imports_a_dashboard_need_not_choose_its_uid(fleet: Fleet) -> None:
    fleet.write("boards/a.json", json.dumps(dashboard("up", uid=None)))
    assert fleet.run("lint", "boards", "--select", "dashboard-identity").problems == []
    fleet.write("boards/folders.yaml", "apiVersion: 1\nproviders:\n- name: a\n  options: {path: /boards}\n")
    assert len(fleet.run("lint", "boards", "--select", "dashboard-identity").problems) == 1


@pytest.mark.parametrize(("place", "said"), [("grafana/dashboards", 1), ("examples", 0)])
def test_a_dashboard_needs_a_uid_where_grafana_loads_this_very_file(fleet: Fleet, place: str, said: int) -> None:
    providers = "apiVersion: 1\nproviders:\n- name: a\n  options: {path: /etc/grafana/dashboards}\n"
    fleet.write("all/grafana/provisioning/dashboards/folders.yaml", providers)
    fleet.write(f"all/{place}/a.json", json.dumps(dashboard("up", uid=None)))
    assert len(fleet.run("lint", "all", "--select", "dashboard-identity").problems) == said


def test_variants_of_a_dashboard_may_have_one_title(fleet: Fleet) -> None:
    for name, said in (("a.influx.json", 0), ("b.json", 1)):
        fleet.write(f"of-{name}/a.loki.json", json.dumps(dashboard("up", uid="a")))
        fleet.write(f"of-{name}/{name}", json.dumps(dashboard("up", uid="b")))
        assert len(fleet.run("lint", f"of-{name}", "--select", "dashboard-identity").problems) == said


@pytest.mark.parametrize(
    "mark",
    [
        *({"gnetId": 12345}, {"uid": "rYdddlPWk"}, {"title": "Kubernetes / Pods"}, {"tags": ["cache-mixin"]}),
        {"title": "VictoriaMetrics - cluster"},
        {"description": "Generated from a template"},
    ],
)
def test_copies_of_published_dashboards_are_warned_of_once_where_a_folder_has_them(
    fleet: Fleet, mark: dict[str, Any]
) -> None:
    legends = [panel("sum(up)", targets=[{"expr": "sum(up)", "legendFormat": f"{{{{{name}}}}}"}]) for name in "ab"]
    asked = board(panel("up{job=~'a'}"), panel("sum by ("), *legends)
    fleet.write("boards/a.json", json.dumps({**asked, **mark}, indent=1))
    select = ("--select", "regex-matcher,legend-label,broken-query")
    rules = [said.rpartition("[")[2] for said in fleet.run("lint", "boards", *select).problems]
    assert sorted(rules) == ["broken-query]", "legend-label]"]
    assert len(fleet.run("lint", "boards/a.json", *select).problems) == 4
