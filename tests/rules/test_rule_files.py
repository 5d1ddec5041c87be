"""Rule files as promtool sees them, verdict for verdict; and those that only we can open: objects of Kubernetes."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest
from differential import compare
from differential.promtool import Promtool
from rule_file_cases import ALERT, CASES

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Fleet

RATE = ALERT.replace("up == 0", "rate(app_cpu_usage_ratio[5m]) > 1")


def test_every_verdict_is_promtools(tmp_path: Path) -> None:
    found = shutil.which("promtool")
    if found is None:
        pytest.skip("promtool is not on PATH")
    promtool = Promtool(found)
    texts = [*CASES.values()]
    verdicts = promtool.files(texts, tmp_path)
    assert any(verdicts)
    assert None in verdicts
    assert compare.files(texts, promtool, tmp_path) == []


def test_rules_all_of_whose_templates_read_values_as_grafana_does_are_grafanas(fleet: Fleet) -> None:
    rule = "  - {alert: A, expr: x > 1, annotations: {summary: '{{ VALUE }} of {{ $labels.a }}'}}\n"
    theirs = "groups:\n- name: g\n  rules:\n" + rule.replace("VALUE", "$values.A.Value")
    fleet.write("rules/a.yml", theirs)
    only = ("--select", "templates")
    assert fleet.run("lint", "rules", *only).problems == []
    assert "no variable $values" in fleet.run("lint", "rules/a.yml", *only).out
    assert "no variable $values" in fleet.run("lint", "rules", "--profile", "promtool").out
    for value in ("$value", ".Value | humanize"):
        fleet.write("rules/a.yml", theirs + rule.replace("VALUE", value))
        assert "no variable $values" in fleet.run("lint", "rules", *only).out


def test_two_dollars_of_a_template_in_a_folder_are_the_one_that_flux_leaves(fleet: Fleet) -> None:
    rule = "  - {alert: A, expr: x > 1, annotations: {summary: '{{ $$labels.a }}'}}\n"
    fleet.write("rules/a.yml", "groups:\n- name: g\n  rules:\n" + rule)
    only = ("--select", "templates")
    assert fleet.run("lint", "rules", *only).problems == []
    assert len(fleet.run("lint", "rules/a.yml", *only).problems) == 1


def test_a_name_alone_is_of_another_engine_unless_a_file_is_no_template_of_it(fleet: Fleet) -> None:
    rule = "  - {alert: A, expr: x > 1, annotations: {summary: '{{ address }}'}}\n"
    fleet.write("rules/a.yml", "groups:\n- name: g\n  rules:\n" + rule)
    only = ("--select", "templates")
    assert fleet.run("lint", "rules", *only).problems == []
    assert "no function address" in fleet.run("lint", "rules/a.yml", *only).out
    both = "groups:\n- name: g\n  rules:\n" + rule + rule.replace("address", "$value")
    fleet.write("rules/a.yml", both)
    assert "no function address" in fleet.run("lint", "rules", *only).out
    fleet.write("rules/a.yml", both.replace("address", "ADDRESS"))
    assert fleet.run("lint", "rules", *only).problems == []


def test_a_template_that_yaml_cannot_read_is_rendered_by_whoever_keeps_it(fleet: Fleet) -> None:
    text = "groups:\n- name: g\n  rules:\n  - {alert: A, expr: up == 0, labels: {host: '{{ hosts['a'][0] }}', a: b}}\n"
    fleet.write("roles/a/templates/rules.yml", text)
    assert fleet.run("lint", "roles").problems == []
    fleet.write("rules/rules.yml", text)
    assert "[yaml-syntax]" in fleet.run("lint", "rules").out


def problems(fleet: Fleet, text: str) -> list[str]:
    fleet.write("file.yaml", text)
    return fleet.run("lint", "file.yaml", "--select", "rate-on-gauge,Y,R,Q001", "--ignore", "R019,R03").problems


def indented(text: str, by: int) -> str:
    return "".join(" " * by + line for line in text.splitlines(keepends=True))


def test_a_prometheus_rule_is_opened(fleet: Fleet) -> None:
    text = (
        f"apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nmetadata: {{name: a}}\nspec:\n{indented(RATE, 2)}"
    )
    (said,) = problems(fleet, text)
    assert said.startswith("file.yaml:9:13: error: app_cpu_usage_ratio is a gauge")
    broken, *_ = problems(fleet, text.replace("- name: g", "- nam: g"))
    assert broken.startswith("file.yaml:6:5: error: ")


@pytest.mark.parametrize("style", ["|", "|-"])
def test_a_config_map_is_opened_and_places_are_those_of_the_file(fleet: Fleet, style: str) -> None:
    head = f"apiVersion: v1\nkind: ConfigMap\ndata:\n  README: hello\n  a.rules.yml: {style}\n"
    (said,) = problems(fleet, head + indented(RATE, 4))
    assert said.startswith("file.yaml:10:15: error: app_cpu_usage_ratio is a gauge")
    (broken,) = problems(fleet, head + indented(RATE.replace("> 1", ">> 1"), 4))
    assert broken.startswith("file.yaml:10:46: error: PromQL does not parse")
    (yaml,) = problems(fleet, head + indented(RATE + "    labels: {a: b\n", 4))
    assert yaml.startswith("file.yaml:12:")
    assert "not YAML" in yaml


def test_a_quoted_text_of_a_config_map_has_its_places_too(fleet: Fleet) -> None:
    text = f"apiVersion: v1\nkind: ConfigMap\ndata:\n  a.yml: {json.dumps(RATE)}\n"
    (said,) = problems(fleet, text)
    assert said.startswith("file.yaml:4:")
    assert int(said.split(":")[2]) == text.splitlines()[3].index("rate(") + 1


def test_lists_and_several_documents_are_opened(fleet: Fleet) -> None:
    one = f"apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nspec:\n{indented(RATE, 2)}"
    listed = f"apiVersion: v1\nkind: List\nitems:\n- {indented(one, 2).lstrip()}- apiVersion: v1\n  kind: Service\n"
    assert [line.split(": ")[0] for line in problems(fleet, listed)] == ["file.yaml:11:15"]
    several = f"# a chart\n---\napiVersion: v1\nkind: Service\n---\n{one}---\n{one}"
    assert [line.split(": ")[0] for line in problems(fleet, several)] == ["file.yaml:13:13", "file.yaml:22:13"]


def test_groups_that_prometheus_does_not_read_are_said(fleet: Fleet) -> None:
    (said,) = problems(fleet, f"{ALERT}---\n{ALERT}")
    assert said.startswith("file.yaml:7:1: warning: Prometheus reads the first document of a file alone")


def test_other_objects_are_left_alone_in_a_folder(fleet: Fleet) -> None:
    fleet.write("k8s/lease.yaml", "apiVersion: v1\nkind: Lease\nspec: {groups: 3}\n")
    fleet.write("k8s/map.yaml", "apiVersion: v1\nkind: ConfigMap\ndata: {a.yml: 'x: [', b.yml: 'groups are here'}\n")
    assert fleet.run("lint", "k8s/lease.yaml").problems[0].endswith("[unknown-file-kind]")
    assert fleet.run("lint", "k8s", "--advice", "--fail-on", "note").out == ""


def test_fields_of_thanos_and_mimir_are_theirs(fleet: Fleet) -> None:
    assert (
        problems(fleet, CASES["thanos"]) == problems(fleet, CASES["mimir"]) == problems(fleet, CASES["namespace"]) == []
    )
    fleet.write("file.yaml", CASES["thanos"])
    assert (
        "partial_response_strategy is a field of Thanos" in fleet.run("lint", "file.yaml", "--profile", "promtool").out
    )


def test_a_field_that_is_too_new_says_since_when(fleet: Fleet) -> None:
    fleet.write("file.yaml", CASES["query_offset"])
    old = fleet.run("lint", "file.yaml", "--prometheus-version", "2.42", "--ignore", "R035").problems
    message = "Prometheus 2.42 does not know query_offset: leave query_offset out, or run 2.53 or newer"
    assert old == [f"file.yaml:3:3: error: {message} [field-too-new]"]
    assert fleet.run("lint", "file.yaml", "--ignore", "R035").problems == []


@pytest.mark.parametrize(
    "text",
    [
        "groups:\n- rules:\n  - matches:\n    - principals: [{presence: {}}]\nname: policy\naction: DENY\n",
        "groups:\n- name: admins\n  members: [a, b]\n",
        "group_defaults: {required: 2}\ngroups:\n  reviewers: {users: [a]}\n",
        "groups:\n- name: a\n  folder: Alerts\n  rules: [{title: A, uid: a, condition: b, for: 5m, labels: {a: b}}]\n",
    ],
)
def test_groups_of_something_else_are_left_alone_in_a_folder(fleet: Fleet, text: str) -> None:
    fleet.write("other/file.yaml", text)
    assert fleet.run("lint", "other", "--advice", "--fail-on", "note").out == ""


def test_what_victoriametrics_takes_is_right_in_a_file_that_is_for_it(fleet: Fleet) -> None:
    rule = "groups: [{name: a, rules: [{record: 'a:b:c', expr: 'EXPR'}]}]\n"
    for text in (
        "histogram_share(0.4, x)",
        'label_value(x, "a")',
        "lag(x[1d]) > 900",
        "sum(x[5m])",
        "max_over_time((a / b)[5m])",
        "x * count(y)",
    ):
        for name, head in (("victoria-metrics.yml", ""), ("vmalert/rules.yml", ""), ("rules.yml", "# MetricsQL\n")):
            fleet.write(name, head + rule.replace("EXPR", text))
            assert fleet.run("lint", name).problems == [], (name, text)
    fleet.write("vmalert/rules.yml", rule.replace("EXPR", "sum(x"))
    (problem,) = fleet.run("lint", "vmalert/rules.yml").problems
    assert "unclosed left parenthesis" in problem


def test_a_target_that_is_gone_is_told_by_the_alert_on_its_metrics(fleet: Fleet) -> None:
    def said(expr: str) -> list[str]:
        down = "{alert: VipDown, expr: 'up{job=\"kube-system/kube-vip\"} == 0', for: 5m, labels: {severity: page}}"
        fleet.write("rules.yml", f"groups: [{{name: a, rules: [{down}, {expr}]}}]\n")
        return [line for line in fleet.run("lint", "rules.yml").problems if "up-without-absent" in line]

    gone = "{alert: Gone, expr: EXPR, for: 5m, labels: {severity: page}, annotations: {summary: Look}}"
    assert said(gone.replace("EXPR", "absent(kube_vip_build_info)")) == []
    assert said(gone.replace("EXPR", "'absent(x{job=\"kube-system/kube-vip\"})'")) == []
    assert len(said(gone.replace("EXPR", "absent(something_else)"))) == 1


def test_groups_of_vmalert_in_another_language_are_not_read_as_promql(fleet: Fleet) -> None:
    group = "groups:\n- name: g\n  type: {}\n  rules:\n  - record: a:b\n    expr: 'error: * stats count() as n'\n"
    assert problems(fleet, group.format("vlogs")) == []
    assert "PromQL does not parse" in problems(fleet, group.format("prometheus"))[0]


def test_no_groups_beside_something_else_are_none_of_rules(fleet: Fleet) -> None:
    fleet.write("ci/pipeline.yaml", "groups: []\nresources: []\njobs: []\n")
    assert fleet.run("lint", "ci", "--advice", "--fail-on", "note").out == ""


def test_what_others_wrote_is_left_alone_in_a_folder(fleet: Fleet) -> None:
    for folder in ("vendor/other", "node_modules/other", "a/.git", "pkg/testdata", "rules/fixtures"):
        fleet.write(f"repository/{folder}/rules.yml", "groups: [{name: g, rules: [{alert: A, expr: 'up +'}]}]\n")
    assert fleet.run("lint", "repository", "--advice", "--fail-on", "note").out == ""
    assert "does not parse" in fleet.run("lint", "repository/vendor", "--advice").out


def test_a_config_map_of_rules_may_be_one_of_several_documents(fleet: Fleet) -> None:
    inside = indented("groups:\n- name: g\n  rules:\n  - record: a:b\n    expr: sum(x)\n", 4)
    text = f"apiVersion: v1\nkind: Service\n---\napiVersion: v1\nkind: ConfigMap\ndata:\n  rules.yaml: |\n{inside}"
    assert problems(fleet, text) == []


def test_what_loki_alone_reads_is_left_alone_in_a_folder_of_its_own(fleet: Fleet) -> None:
    rules = "groups: [{name: g, rules: [{record: a, expr: '1 > 0'}]}]\n"
    fleet.write("deploy/loki/rules.yml", rules)
    assert fleet.run("lint", "deploy", "--advice").out == ""
    fleet.write("deploy/prometheus/rules.yml", rules)
    assert "comparisons between scalars must use BOOL modifier" in fleet.run("lint", "deploy", "--advice").out


def test_a_target_that_is_listed_does_not_vanish(fleet: Fleet) -> None:
    rule = "groups: [{name: a, rules: [{alert: Down, expr: 'up{job=\"api\"} == 0'}]}]\n"
    fleet.write("prom/rules.yml", rule)
    assert "up-without-absent" in fleet.run("lint", "prom", "--advice").out
    fleet.write("prom/prometheus.yml", "scrape_configs: [{job_name: api, static_configs: [{targets: [a:80]}]}]\n")
    assert "up-without-absent" not in fleet.run("lint", "prom", "--advice").out


@pytest.mark.parametrize(
    ("folder", "source", "said"),
    [
        ("tools/prometheus-2.45.0.linux-amd64", "", False),
        ("charts/kube-prometheus-stack-45.1.2/rules", "", False),
        ("third/grafana", "go.mod: module github.com/grafana/grafana\n", False),
        ("third/grafana", 'package.json: {\n  "name": "grafana"\n}\n', False),
        ("own/grafana", "go.mod: module shop.example/grafana\n", True),
        ("tools/prometheus-2.45", "", True),
    ],
)
def test_what_others_released_is_left_alone_in_a_folder(fleet: Fleet, folder: str, source: str, said: bool) -> None:
    fleet.write(f"{folder}/rules.yml", "groups: [{name: a, rules: [{alert: A, expr: 'up >> 1'}]}]\n")
    if source:
        name, _, text = source.partition(": ")
        fleet.write(f"{folder}/{name}", text)
        fleet.write(f"{folder}/LICENSE", "Free\n")
    assert bool(fleet.run("lint", folder.split("/")[0], "--advice").problems) is said
    assert fleet.run("lint", f"{folder}/rules.yml").problems


def test_a_severity_that_no_route_reads_may_be_missing(fleet: Fleet) -> None:
    alerts = "{alert: A, expr: x > 1, labels: {severity: page}}, {alert: B, expr: y > 1, labels: {team: a}}"
    fleet.write("prom/rules.yml", f"groups: [{{name: a, rules: [{alerts}]}}]\n")
    assert "B has no severity" in fleet.run("lint", "prom", "--advice").out
    fleet.write("prom/alertmanager.yml", "route: {receiver: a}\nreceivers: [{name: a}]\n")
    assert "B has no severity" not in fleet.run("lint", "prom", "--advice").out


def test_a_job_that_the_run_does_not_scrape_is_not_asked_for(fleet: Fleet) -> None:
    fleet.write("prom/rules.yml", "groups: [{name: a, rules: [{alert: Down, expr: 'up{job=\"api\"} == 0'}]}]\n")
    scraped = "scrape_configs: \n- job_name: JOB\n  kubernetes_sd_configs: [{role: pod}]\n"
    fleet.write("prom/prometheus.yml", scraped.replace("JOB", "api_exporter"))
    assert "up-without-absent" not in fleet.run("lint", "prom", "--advice").out
    fleet.write("prom/prometheus.yml", scraped.replace("JOB", "api"))
    assert "up-without-absent" in fleet.run("lint", "prom", "--advice").out


@pytest.mark.parametrize(
    "mark",
    [
        "runbook_url: https://github.com/kubernetes-monitoring/kubernetes-mixin/tree/master/runbook.md#a",
        "runbook_url: https://runbooks.prometheus-operator.dev/runbooks/general/a",
    ],
)
def test_how_a_mixin_writes_a_regex_is_not_said_in_a_folder(fleet: Fleet, mark: str) -> None:
    alert = "  - alert: A\n    expr: 'x_total{a=~\"(b|c)$\"} > 0'\n    annotations:\n      "
    fleet.write("rules/a.yml", f"groups:\n- name: g\n  rules:\n{alert}{mark}\n")
    fleet.write("rules/b.yml", f"groups:\n- name: h\n  rules:\n{alert}summary: a\n")
    select = ("--select", "regex-matcher", "--fail-on", "note")
    assert [said.split(":")[0] for said in fleet.run("lint", "rules", "--advice", *select).problems] == ["rules/b.yml"]
    assert len(fleet.run("lint", "rules/a.yml", *select).problems) == 1
