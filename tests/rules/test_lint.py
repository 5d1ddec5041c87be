"""`llmmon lint`: positions, files that are none, several files together; and our own artifacts are clean."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from llmmon import foreign
from llmmon.rule import Facts, Series

if TYPE_CHECKING:
    from conftest import Fleet

ROOT = Path(__file__).parents[2]
WHOLE = """\
groups:
  - name: api
    rules:
      - record: llm:requests:rate5m
        expr: sum(rate(llm_requests_total[5m]))
      - alert: HighCPU
        expr: |
          # in use
          rate(app_cpu_usage_ratio[5m])
            > 0.7
        for: 10m
        labels: {severity: warning}
        annotations: {summary: s, description: d, runbook_url: "https://e.com"}
"""


def test_a_problem_is_at_its_line_and_column_inside_the_expression(fleet: Fleet) -> None:
    fleet.write("rules.yml", WHOLE)
    ran = fleet.run("lint", "rules.yml")
    message = "app_cpu_usage_ratio is a gauge, and its rate means nothing: write avg_over_time or deriv"
    assert ran.problems == [f"rules.yml:9:11: error: {message} [rate-on-gauge]"]
    assert ran.code == 1


def test_a_clean_file_says_nothing(fleet: Fleet) -> None:
    fleet.write("rules.yml", WHOLE.replace("rate(app_cpu", "deriv(app_cpu"))
    ran = fleet.run("lint", "rules.yml", "--fail-on", "note")
    assert (ran.code, ran.out) == (0, "")


def test_a_recorded_series_of_another_file_is_known(fleet: Fleet) -> None:
    fleet.write("rules/a.yml", WHOLE.replace("rate(app_cpu_usage_ratio[5m])", "llm:requests:rate5m"))
    other = "groups: [{name: b, rules: [{record: llm:other:rate5m, expr: 'sum(rate(llm_cost_usd_total[5m]))'}]}]\n"
    fleet.write("rules/b.yml", other)
    reading = WHOLE.replace("rate(app_cpu_usage_ratio[5m])", "llm:other:rate5m").replace("llm:requests", "llm:others")
    fleet.write("rules/c.yml", reading)
    assert fleet.run("lint", "rules").out == ""
    alone = fleet.run("lint", "rules/c.yml", "--select", "unknown-recording", "--fail-on", "warning")
    assert "no rule records llm:other:rate5m" in alone.out
    assert alone.code == 1


def test_what_is_no_rule_file_is_left_alone_in_a_folder_and_named_otherwise(fleet: Fleet) -> None:
    fleet.write("files/values.yaml", "replicas: 3\n")
    fleet.write("files/crd.yaml", "apiVersion: v1\nkind: PrometheusRule\ngroups: []\n")
    assert fleet.run("lint", "files").out == ""
    message = "this is no file that is linted: name rules, routes, a dashboard, a pipeline or metrics"
    named = fleet.run("lint", "files/values.yaml").problems
    assert named == [f"files/values.yaml:1:1: warning: {message} [unknown-file-kind]"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("groups:", "group:", "this is no file that is linted"),
        ("    rules:", "    rule:", "unknown field 'rule': did you mean 'rules'?"),
        ("name: api", "name: ''", "a group needs a name"),
        ("for: 10m", "for: ten", "'ten' is no duration: write it like 5m"),
        ("> 0.7", ">> 0.7", "PromQL does not parse"),
        ("        labels: {severity: warning}", "        labels: [severity]", "labels is no map"),
        ("- alert: HighCPU", "- alerts: HighCPU", "a rule needs alert: NAME or record: NAME"),
        ("- alert: HighCPU", "- alert: HighCPU\n        record: x", "not both"),
        (
            "- record: llm:requests:rate5m",
            "- record: llm:requests:rate5m\n        for: 5m",
            "for is for alerts: a recording rule has none",
        ),
        ("for: 10m", "summary: x", "unknown field 'summary': write it under annotations:"),
        ("groups:", "groups:\n  - 5", "a group is a map of keys"),
        ("  - name: api", "  - {name: api}\n  - name: api", "there is another group 'api'"),
        ("        expr: sum(rate(llm_requests_total[5m]))\n", "", "a rule needs an expression"),
        ("groups:", "global: {}\ngroups:", "global belongs in prometheus.yml"),
        ("groups:", "groups: [", "not YAML"),
    ],
)
def test_bad_form_is_an_error_at_its_place(fleet: Fleet, old: str, new: str, message: str) -> None:
    assert WHOLE.count(old) >= 1
    fleet.write("rules.yml", WHOLE.replace(old, new, 1))
    ran = fleet.run("lint", "rules.yml", "--fail-on", "warning")
    assert ran.code == 1
    assert message in ran.out


def test_rules_of_loki_are_left_alone(fleet: Fleet) -> None:
    logql = 'sum(count_over_time({app="a"} |= "x" | json [5m])) > 5'
    fleet.write("rules.yml", WHOLE.replace("rate(app_cpu_usage_ratio[5m])\n            > 0.7", logql))
    assert fleet.run("lint", "rules.yml").out == ""
    text = 'app_lines{text="a|b"} >> 5'
    fleet.write("rules.yml", WHOLE.replace("rate(app_cpu_usage_ratio[5m])\n            > 0.7", text))
    assert "PromQL does not parse" in fleet.run("lint", "rules.yml").out


def test_a_version_that_is_none_is_a_mistake_of_usage(fleet: Fleet) -> None:
    fleet.write("rules.yml", WHOLE)
    assert fleet.run("lint", "rules.yml", "--prometheus-version", "new").code == 2


def test_a_file_that_is_not_there_is_an_error(fleet: Fleet) -> None:
    assert fleet.run("lint", "nothing.yml").code == 1


def test_a_rule_that_needs_a_schema_is_quiet_without_and_speaks_with_one(tmp_path: Path) -> None:
    path = tmp_path / "rules.yml"
    path.write_text("groups: [{name: a, rules: [{record: a:b:c, expr: 'sum by (user) (app_requests_total)'}]}]\n")
    labels = frozenset(("model",))
    asked = [
        problem.rule
        for problem in foreign.lint_paths([path], around=Facts(schema=lambda _: Series("counter", labels))).problems
    ]
    assert "label-flow" in asked
    assert "label-flow" not in [problem.rule for problem in foreign.lint_paths([path]).problems]


def test_every_rule_file_that_we_generate_is_clean() -> None:
    found = foreign.lint_paths([ROOT / "generated" / "prometheus" / "rules"], (2, 42)).problems
    assert [f"{problem.origin}: {problem.message}" for problem in found] == []
    files = list((ROOT / "generated" / "prometheus" / "rules").rglob("*.yaml"))
    assert len(files) > 10


def test_linting_loads_nothing_that_is_slow() -> None:
    code = (
        "import sys; from pathlib import Path; from llmmon import foreign; "
        f"(foreign.lint_paths([Path({str(ROOT / 'generated/prometheus/rules/production/watchdog.yaml')!r})])); "
        "print(sorted({'pydantic', 'jinja2', 'rich', 'grafanalib', 'ruamel'} & sys.modules.keys()))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert ran.stdout.strip() == "[]"
