"""Unit tests of rules as files of their own kind: what they load from disk, and what promtool says of the same."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from rule_file_cases import ALERT

from llmmon.tool import Found, Tools

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Fleet

TESTS = """\
rule_files: [../rules/*.yml]
tests:
- interval: 1m
  input_series: []
  alert_rule_test:
  - {eval_time: 5m, alertname: A, exp_alerts: []}
"""


def problems(fleet: Fleet, tests: str) -> list[str]:
    fleet.write("rules/a.yml", ALERT)
    fleet.write("tests/a.yml", tests)
    return fleet.run("lint", "tests").problems


def test_rule_files_are_found_from_the_test_file(fleet: Fleet) -> None:
    assert problems(fleet, TESTS) == []
    (unknown,) = problems(fleet, TESTS.replace("alertname: A", "alertname: B"))
    assert unknown.startswith("tests/a.yml:6:21: error: no rule of these files raises B")
    (missing,) = problems(fleet, TESTS.replace("*.yml", "*.yaml"))
    assert missing.startswith("tests/a.yml:1:14: warning: no file matches ../rules/*.yaml")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("tests:", "test: []\ntests:", "unknown field 'test': did you mean 'tests'?"),
        ("input_series", "input_serie", "did you mean 'input_series'?"),
        ("exp_alerts", "exp_alert", "did you mean 'exp_alerts'?"),
        ("alertname: A", "alertname: [A]", "alertname is a text, and this is a list"),
    ],
)
def test_bad_form_is_said(fleet: Fleet, old: str, new: str, message: str) -> None:
    assert message in problems(fleet, TESTS.replace(old, new))[0]


def test_a_rule_file_that_is_made_before_the_tests_run_is_not_missed(fleet: Fleet) -> None:
    fleet.write("chart/made.yml", "{{- if .Values.x }}\ngroups: []\n{{- end }}\n")
    fleet.write("tests/a.yml", TESTS.replace("../rules/*.yml", "made.yml"))
    assert "no file matches made.yml" not in fleet.run("lint", "tests").out
    assert "no file matches made.yml" not in fleet.run("lint", ".").out


@pytest.mark.parametrize("text", ["groups: [", "5", "groups: {a: 5}", "groups: [{rules: [5, {alert: [A]}]}]"])
def test_rule_files_that_nobody_can_read_make_it_quiet(fleet: Fleet, text: str) -> None:
    fleet.write("rules/b.yml", text)
    said = problems(fleet, TESTS.replace("alertname: A", "alertname: B"))
    assert [line for line in said if "raises B" in line] == ([] if text == "groups: [" else said)


@pytest.mark.parametrize("pattern", ["'a\\0b'", '"\\0"', "[a, 5]", "5", "'['", "/"])
def test_odd_patterns_are_survived(fleet: Fleet, pattern: str) -> None:
    assert fleet.run("lint", "tests").code in (0, 1)
    problems(fleet, TESTS.replace("[../rules/*.yml]", f"[{pattern}]"))


def test_what_we_call_vacuous_passes_with_promtool(tmp_path: Path) -> None:
    tools = Tools(tmp_path, os.environ)
    if not isinstance(tools.find("promtool"), Found):
        pytest.skip("promtool is not on PATH")
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "a.yml").write_text(ALERT)
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "a.yml").write_text(TESTS.replace("alertname: A", "alertname: B"))
    assert tools.run("promtool", ("test", "rules", "tests/a.yml")).code == 0
