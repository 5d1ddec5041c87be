"""Traps that nothing generated can hold: a spec that tries to, and all that our own specs become."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from conftest import FLEET
from trap_specs import SPEC, TEST, build, indented, panel

from llmmon import promql
from llmmon.documents import rules as rule_files
from llmmon.logstash import parse
from llmmon.logstash.nodes import plugins
from llmmon.problem import Level, Origin
from llmmon.source import reading, values

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.rule import Rules

GENERATED = Path(__file__).parents[2] / "generated"
BARE = 'sum(rate(http_requests_total{status=~"5.."}[5m])) / sum(rate(http_requests_total[5m]))'
MODERN = {"barchart", "bargauge", "gauge", "heatmap", "piechart", "row", "stat", "table", "text", "timeseries"}
ES = """\
elasticsearch: {hosts: ['elasticsearch:9200']}
logs: {warm: 2d, cold: 7d, delete: 30d, kibana: true, loki: true}
"""
LOGS = """\
logs:
  input: {tcp: 5000}
  level: level
  index: tracker-lines
  extract:
    cost:
      when: cost
      pattern: 'cost\\D*?%{NUMBER:cost}'
      samples: {cost 1.20: 1.2}
      tag: cost_event
  analysis:
    queries:
      errors: {help: Errors., within: 1d, where: {level: ERROR}}
    alerts:
      ErrorLogged: {where: {level: ERROR}, within: 5m}
"""


@cache
def own_rules() -> tuple[Rules, ...]:
    """Every rule file of the repository's own specs."""
    return tuple(read_rules(path) for path in sorted((GENERATED / "prometheus" / "rules").rglob("*.yaml")))


def read_rules(path: Path) -> Rules:
    """A rule file in which nothing is wrong."""
    document, problems = reading.read(path, path.name)
    value, found = values.value(document, as_go=True)
    read = rule_files.read(value, Origin(document), (2, 42))
    assert [problem.message for problem in (*problems, *found, *read.problems)] == []
    return read.rules


def boards(folder: Path) -> Iterator[dict[str, Any]]:
    """Every dashboard below a folder."""
    for path in sorted(folder.rglob("*.json")):
        yield json.loads(path.read_text(encoding="utf-8"))


def panels(board: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every panel of a dashboard, those of collapsed rows included."""
    for item in board["panels"]:
        yield item
        yield from item.get("panels", ())


def queries(board: dict[str, Any]) -> Iterator[str]:
    """Every expression of a dashboard's panels, its variables replaced by something that parses."""
    for item in panels(board):
        for target in item.get("targets", ()):
            yield target["expr"].replace("$__rate_interval", "5m")


def spec_of_all() -> str:
    """A spec that uses the bare metric wherever it can."""
    signal = SPEC.replace("alerts:", f"  bare:\n    unit: ratio\n    expr: |\n{indented(BARE)}alerts:\n", 1)
    whole = signal + "  Bare: {signal: bare, above: 5%, category: errors}\n"
    whole += f"  Trap:\n    category: errors\n    summary: x\n    {TEST}\n    expr: |\n{indented(BARE + ' > 0.1')}"
    return panel(BARE, "unit: ratio").replace(SPEC, whole)


def written(root: Path, spec: str, fleet: str = FLEET) -> Path:
    """What a spec without mistakes becomes."""
    scratch, problems = build(root, spec, fleet)
    assert [f"{p.origin}: {p.message}" for p in problems if p.level is Level.ERROR] == []
    return scratch


# Prometheus


@pytest.mark.usefixtures("fleet")
def test_no_selector_is_without_its_service(tmp_path: Path) -> None:
    scratch = written(tmp_path, spec_of_all())
    rules = read_rules(scratch / "prometheus" / "rules" / "production" / "tracker.yaml")
    texts = [rule.expression.text for rule in rules.alerts if rule.expression]
    texts += [rule.expression.text for rule in rules.recordings if rule.expression]
    texts += [text for board in boards(scratch / "grafana") for text in queries(board)]
    named = [node for text in texts for node in promql.walk(promql.parse(text)) if isinstance(node, promql.Selector)]
    bare = [node for node in named if node.name and node.name.startswith("http_")]
    assert len(bare) > 6
    assert {matcher.value for node in bare for matcher in node.matchers if matcher.label == "job"} == {"tracker"}
    assert all(any(matcher.label == "job" for matcher in node.matchers) for node in bare)


@pytest.mark.usefixtures("fleet")
def test_a_ratio_has_a_value_before_the_first_bad_event(tmp_path: Path) -> None:
    scratch = written(tmp_path, SPEC)
    rules = read_rules(scratch / "prometheus" / "rules" / "production" / "tracker.yaml")
    ratio = next(rule for rule in rules.recordings if rule.name == "service:failed_ratio:rate5m")
    assert ratio.expression
    assert re.search(r"\bor 0\s+\* sum", ratio.expression.text)


def test_the_name_of_a_record_says_what_it_is_grouped_by_and_nothing_else_labels_it() -> None:
    seen = 0
    for rules in own_rules():
        for rule in rules.recordings:
            assert rule.labels.keys() <= {"service", "environment", "budget", "slo", "window", "revision"}
            assert rule.expression
            sums = [node for node in promql.walk(rule.expression.expr) if isinstance(node, promql.Aggregate)]
            if sums:
                kept = sums[0].grouping.labels if sums[0].grouping else ()
                seen += 1
                assert rule.name.partition(":")[0] == "_".join(("service", *kept))
    assert seen > 100


@pytest.mark.usefixtures("fleet")
def test_a_spec_cannot_label_a_record_or_name_it(tmp_path: Path) -> None:
    for line in ("labels: {aggregation: 1h}", "record: llm:cost_per_model_1h"):
        spec = SPEC.replace("  time: {histogram:", f"  more: {{rate: cache_hits_total, {line}}}\n  time: {{histogram:")
        root = tmp_path / line[:5]
        root.mkdir()
        _, problems = build(root, spec)
        assert [problem.rule for problem in problems] == ["spec-extra-forbidden"]


def test_rules_are_in_groups_of_files_that_the_server_names() -> None:
    files = sorted((GENERATED / "prometheus" / "rules").rglob("*.yaml"))
    assert len(files) > 10
    for path in files:
        assert yaml.safe_load(path.read_text(encoding="utf-8")).keys() == {"groups"}
        assert read_rules(path).alerts or read_rules(path).recordings
    server = yaml.safe_load((GENERATED / "prometheus" / "prometheus.yml").read_text(encoding="utf-8"))
    assert "groups" not in server
    assert server["rule_files"]


def test_every_alert_says_how_bad_it_is_what_it_means_and_what_to_do() -> None:
    alerts = [rule for rules in own_rules() for rule in rules.alerts]
    assert len(alerts) > 100
    for rule in alerts:
        assert {"severity", "category", "service", "environment"} <= rule.labels.keys(), rule.name
        assert {"summary", "description", "runbook_url"} <= rule.annotations.keys(), rule.name
        assert all(rule.annotations.values()), rule.name


@pytest.mark.usefixtures("fleet")
def test_the_shortest_alert_says_it_too(tmp_path: Path) -> None:
    scratch = written(tmp_path, SPEC.replace(", above: 5%}", ", above: 5%, by: []}"))
    rules = read_rules(scratch / "prometheus" / "rules" / "production" / "tracker.yaml")
    for rule in rules.alerts:
        assert {"severity", "category", "service", "team", "environment"} <= rule.labels.keys()
        assert rule.annotations["runbook_url"].startswith("https://")
        assert rule.annotations["summary"]
        assert rule.annotations["description"]


def test_nobody_counts_alerts_by_hand_there_is_a_page_for_each() -> None:
    named = defaultdict(set)
    for rules in own_rules():
        for rule in rules.alerts:
            named[rule.labels["service"]].add(rule.name)
    del named[FLEET_NAME]  # its Watchdog
    pages = {path.name: {page.stem for page in path.glob("*.md")} for path in (GENERATED / "runbooks").iterdir()}
    for service, names in named.items():
        assert names <= pages[service], service


FLEET_NAME = "llm-platform"


# Grafana


@pytest.mark.usefixtures("fleet")
def test_every_panel_is_whole_and_of_a_kind_that_grafana_still_has(tmp_path: Path) -> None:
    scratch = written(tmp_path, panel(BARE, "unit: ratio"))
    found = [
        item for folder in (scratch / "grafana", GENERATED / "grafana") for b in boards(folder) for item in panels(b)
    ]
    assert len(found) > 200
    for item in found:
        assert item["type"] in MODERN
        assert item["gridPos"].keys() == {"h", "w", "x", "y"}
        if item["type"] not in ("row", "text"):
            assert item["datasource"]["uid"]
            assert (item["options"]["yAxis"] if item["type"] == "heatmap" else item["fieldConfig"]["defaults"])["unit"]
            assert item["targets"]
            assert all(target["refId"] and target["datasource"] for target in item["targets"])


@pytest.mark.usefixtures("fleet")
def test_every_dashboard_is_one_that_can_be_provisioned(tmp_path: Path) -> None:
    scratch = written(tmp_path, panel(BARE, "unit: ratio"))
    found = [*boards(scratch / "grafana"), *boards(GENERATED / "grafana")]
    assert len(found) > 10
    for board in found:
        assert not {"dashboard", "meta"} & board.keys()
        assert board["uid"]
        assert board["title"]
        assert board["schemaVersion"] >= 39
        assert int(board["refresh"].removesuffix("s").replace("m", "60")) >= 30


def test_alerts_and_dashboards_come_to_grafana_as_files() -> None:
    assert not any("alert" in item for board in boards(GENERATED / "grafana") for item in panels(board))
    providers = yaml.safe_load((GENERATED / "grafana/provisioning/dashboards/llmmon.yaml").read_text())["providers"]
    assert {provider["type"] for provider in providers} == {"file"}
    assert texts_with("/api/alerts") == texts_with("/api/dashboards") == ["troubleshooting.md"]
    by_hand = (GENERATED / "runbooks/troubleshooting.md").read_text()
    assert "$GRAFANA/api/alerts" not in by_hand
    assert '/api/dashboards/uid/"alertmanager-service \\\n  | jq .dashboard >' in by_hand, (
        "an export without its wrapper"
    )


@pytest.mark.usefixtures("fleet")
def test_a_datasource_is_there_only_for_what_is_there(tmp_path: Path) -> None:
    for name, fleet, kinds in (
        ("without", FLEET, {"prometheus"}),
        ("with", FLEET + ES, {"prometheus", "elasticsearch", "loki"}),
    ):
        root = tmp_path / name
        root.mkdir()
        scratch = written(root, SPEC + (LOGS if "logs" in fleet else ""), fleet)
        text = (scratch / "grafana/provisioning/datasources/llmmon.yaml").read_text()
        assert {item["type"] for item in yaml.safe_load(text)["datasources"]} == kinds


# Logs


@pytest.mark.usefixtures("fleet")
def test_a_tag_is_added_only_where_the_pattern_matched(tmp_path: Path) -> None:
    scratch = written(tmp_path, SPEC + LOGS, FLEET + ES)
    config = parse((scratch / "logstash/pipeline/tracker.conf").read_text())
    tagging = [
        plugin
        for kind, plugin in plugins(config)
        if kind == "filter" and any("cost_event" in str(attribute.value) for attribute in plugin.attributes)
    ]
    assert [plugin.name for plugin in tagging] == ["grok"]
    assert [attribute.name for attribute in tagging[0].attributes if "cost_event" in str(attribute.value)] == [
        "add_tag"
    ]


@pytest.mark.usefixtures("fleet")
def test_a_query_on_levels_asks_for_what_was_written_in_a_field_that_can_be_compared(tmp_path: Path) -> None:
    scratch = written(tmp_path, SPEC + LOGS, FLEET + ES)
    query = (scratch / "elasticsearch/queries/tracker/errors.json").read_text()
    assert json.loads(query)["query"]["bool"]["filter"].count({"term": {"level": "error"}}) == 1
    mappings = json.loads((scratch / "elasticsearch/component-templates/acme-logs.json").read_text())
    properties = mappings["template"]["mappings"]["properties"]
    assert properties["level"]["type"] == "keyword"


@pytest.mark.usefixtures("fleet")
def test_every_index_has_a_view_and_a_template_above_the_built_in_ones(tmp_path: Path) -> None:
    scratch = written(tmp_path, SPEC + LOGS.replace("index: tracker-lines", "index: app-tracker-lines"), FLEET + ES)
    views = [json.loads(line) for line in (scratch / "kibana/data-views.ndjson").read_text().splitlines()]
    assert "app-*" in [view["attributes"].get("title") for view in views]
    templates = list(boards(scratch / "elasticsearch/index-templates"))
    assert all(template["priority"] > 500 for template in templates)
    assert any("app-*-*.*.*" in template["index_patterns"] for template in templates)


@pytest.mark.usefixtures("fleet")
def test_ages_of_a_lifecycle_say_from_where_they_count(tmp_path: Path) -> None:
    scratch = written(tmp_path, SPEC + LOGS, FLEET + ES)
    policy = json.loads((scratch / "elasticsearch/lifecycle/acme-logs.json").read_text())["policy"]
    assert {name: phase["min_age"] for name, phase in policy["phases"].items()} == {
        "hot": "0ms",
        "warm": "3d",
        "cold": "8d",
        "delete": "31d",
    }
    assert "ages count from the start of the day" in policy["_meta"]["description"]


@pytest.mark.usefixtures("fleet")
def test_loki_compares_a_level_and_looks_for_no_word(tmp_path: Path) -> None:
    scratch = written(tmp_path, SPEC + LOGS, FLEET + ES)
    rules = (scratch / "loki/rules/production/tracker.yaml").read_text()
    assert '| json | __error__="" | level=~"(?i:error|err|severe)"' in rules
    assert '|= "' not in rules


def test_what_collects_logs_is_deployed() -> None:
    kinds = {item["kind"] for item in objects(GENERATED / "filebeat" / "daemonset.yaml")}
    assert "DaemonSet" in kinds
    assert (GENERATED / "filebeat" / "kustomization.yaml").is_file()


# Kubernetes


def test_every_workload_is_whole() -> None:
    found = [item for item in workloads() if not is_patch(item)]
    assert len(found) >= 4
    for path, item in found:
        spec = item["spec"]["jobTemplate"]["spec"] if item["kind"] == "CronJob" else item["spec"]
        labels = spec["template"].get("metadata", {}).get("labels", {})
        if item["kind"] != "CronJob":
            assert spec["selector"]["matchLabels"].items() <= labels.items(), path
        for container in spec["template"]["spec"]["containers"]:
            assert re.search(r":v?\d+\.\d+", container["image"]), (path, container["image"])


def test_a_service_is_patched_and_never_replaced() -> None:
    patches = [(path, item) for path, item in workloads() if is_patch((path, item))]
    assert patches
    for path, _ in patches:
        component = yaml.safe_load((path.parent / "kustomization.yaml").read_text())
        assert component["kind"] == "Component"
        assert path.name in [patch["path"] for patch in component["patches"]]


def test_nothing_is_fetched_from_a_branch() -> None:
    assert texts_with("raw.githubusercontent.com") == texts_with(":latest") == []


def test_prometheuss_port_is_prometheuss_alone() -> None:
    assert set(texts_with("localhost:9090")) <= {"docker-compose.yml", "prometheus.yml"}
    for path in GENERATED.rglob("prometheus.yml"):
        jobs = yaml.safe_load(path.read_text(encoding="utf-8"))["scrape_configs"]
        assert {job["job_name"] for job in jobs if "localhost:9090" in str(job)} <= {"prometheus"}
    together = yaml.safe_load((GENERATED / "docker-compose.yml").read_text(encoding="utf-8"))["services"]
    ports = [str(port).rpartition(":")[0] for service in together.values() for port in service.get("ports", ())]
    assert len(ports) == len(set(ports)) > 1


def test_spans_come_in_one_way_only() -> None:
    collector = yaml.safe_load((GENERATED / "otel" / "collector.yaml").read_text())
    jaeger = yaml.safe_load((GENERATED / "jaeger" / "config.yaml").read_text())
    assert collector["receivers"].keys() == jaeger["receivers"].keys() == {"otlp"}
    assert all(name.startswith("otlp") for name in collector["exporters"])
    assert "batch" in collector["service"]["pipelines"]["traces"]["processors"]
    assert texts_with("kind: Jaeger\n") == []


def texts_with(word: str) -> list[str]:
    """The generated files that hold a word."""
    files = [path for path in GENERATED.rglob("*") if path.is_file()]
    assert len(files) > 100
    return [path.name for path in files if word in path.read_text(encoding="utf-8")]


def objects(path: Path) -> list[dict[str, Any]]:
    """The Kubernetes objects of a file."""
    loaded = yaml.safe_load_all(path.read_text(encoding="utf-8"))
    return [item for item in loaded if isinstance(item, dict) and "kind" in item]


def workloads() -> Iterator[tuple[Path, dict[str, Any]]]:
    """Everything below `generated/` that runs containers."""
    for path in sorted(GENERATED.rglob("*.yaml")):
        if path.parts[len(GENERATED.parts)] in ("prometheus", "loki", "grafana", "alertmanager"):
            continue
        for item in objects(path):
            if item["kind"] in ("Deployment", "StatefulSet", "DaemonSet", "CronJob") and "spec" in item:
                yield path, item


def is_patch(found: tuple[Path, dict[str, Any]]) -> bool:
    """Whether it only adds to a workload of somebody else."""
    return found[0].name == "probes.yaml"
