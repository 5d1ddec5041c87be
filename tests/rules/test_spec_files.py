"""Specs as files of `llmmon lint`: what `llmmon check` says, without tools, each thing once."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conftest import Fleet


def test_specs_that_are_right_say_nothing(fleet: Fleet) -> None:
    ran = fleet.run("lint", "specs/chat.yaml", "--fail-on", "note")
    assert (ran.code, ran.out) == (0, "")
    fleet.edit("specs/fleet.yaml", "fleet: acme", 'fleet: acme\nwatchdog: [{webhook: "https://switch.example/"}]')
    ran = fleet.run("lint", "specs", "--fail-on", "note")
    assert (ran.code, ran.out) == (0, "")


def test_a_mistake_of_a_spec_is_at_its_place(fleet: Fleet) -> None:
    fleet.edit("specs/chat.yaml", "team: ", "taem: ")
    said = fleet.run("lint", "specs").problems
    assert len(said) >= 1
    assert said == fleet.run("check").problems[: len(said)]
    assert any("'taem'" in line and line.startswith("specs/chat.yaml:") for line in said)


def test_one_spec_alone_gets_the_fleet_of_its_folder(fleet: Fleet) -> None:
    fleet.write("specs/other.yaml", "service: other\nselector: {job: other}\nteam: nobody\n")
    said = fleet.run("lint", "specs/other.yaml").problems
    assert [line.split(":")[0] for line in said] == ["specs/other.yaml"]
    assert "nobody" in said[0]


def test_what_a_parser_says_of_a_spec_is_said_once(fleet: Fleet) -> None:
    text = (fleet.root / "specs/chat.yaml").read_text()
    fleet.write("specs/chat.yaml", text + "description: one\ndescription: two\n")
    said = fleet.run("lint", "specs/chat.yaml").problems
    assert len([line for line in said if "duplicate key" in line]) == 1


def test_specs_of_others_are_left_alone(fleet: Fleet) -> None:
    fleet.write("app/serverless.yml", "service: app\nprovider: {name: aws}\nfunctions: {}\nmetrics: {}\n")
    fleet.write("app/values.yaml", "service: app\nport: 80\n")
    assert fleet.run("lint", "app").out == ""


def test_rule_files_beside_specs_are_linted_too(fleet: Fleet) -> None:
    fleet.write("rules.yml", "groups: [{name: a, rules: [{alert: A, expr: 'up >> 1'}]}]\n")
    said = fleet.run("lint", ".").problems
    assert {line.split(":")[0] for line in said} == {"rules.yml", "specs/fleet.yaml"}


def test_what_is_said_of_specs_is_chosen_like_a_family(fleet: Fleet) -> None:
    assert fleet.run("lint", "specs", "--select", "metrics").out == ""
    assert fleet.run("lint", "specs", "--profile", "promtool").out == ""
    assert fleet.run("lint", "specs", "--ignore", "specs").out == ""
    assert "[no-watchdog]" in fleet.run("lint", "specs", "--select", "specs").out
    assert "[no-watchdog]" in fleet.run("lint", "specs", "--profile", "strict").out


def test_a_declared_metric_is_asked_what_a_page_is_asked(fleet: Fleet) -> None:
    metric = "{app_latency_ms: {type: gauge, unit: seconds, help: How long it takes., labels: [userId, job]}}"
    fleet.write("specs/other.yaml", f"service: other\nteam: platform\nselector: {{job: other}}\nmetrics: {metric}\n")
    said = fleet.run("lint", "specs/other.yaml").out
    assert "app_latency_ms cuts a unit short" in said
    assert "the label userId of app_latency_ms is written in camelCase" in said
    assert "the label job of app_latency_ms becomes exported_job" in said


def test_a_run_without_specs_does_not_load_pydantic(fleet: Fleet) -> None:
    fleet.write("main.conf", "input { stdin { } }\n")
    fleet.write("page.prom", "# HELP a x\n# TYPE a gauge\na 1\n")
    code = (
        "import sys; from pathlib import Path; from llmmon import foreign; "
        "foreign.lint_paths([Path('main.conf'), Path('page.prom')]); "
        "print(sorted({'pydantic', 'jinja2', 'rich', 'grafanalib', 'ruamel'} & sys.modules.keys()))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=fleet.root)
    assert ran.stdout.strip() == "[]"


def test_objectives_of_another_tool_are_no_spec(fleet: Fleet) -> None:
    objectives = "version: prometheus/v1\nservice: api\nlabels: {team: a}\nslos:\n- {name: requests, objective: 99.9}\n"
    fleet.write("slos/api.yml", objectives)
    assert fleet.run("lint", "slos", "--fail-on", "note").out == ""


def test_what_only_looks_like_a_spec_in_a_folder_is_left_alone(fleet: Fleet) -> None:
    theirs = "service: api\nslo: latency\nalerts:\n- {window: 1h, burn_rate_threshold: 14.4}\n"
    fleet.write("ops/fleet.yaml", "targetCustomizations: []\n")
    fleet.write("ops/telemetry.yaml", theirs)
    assert fleet.run("lint", "ops").out == ""
    assert "[spec-" in fleet.run("lint", "ops/telemetry.yaml").out
    fleet.write("ops/telemetry.yaml", f"# yaml-language-server: $schema=schema/service.json\n{theirs}")
    assert "[spec-" in fleet.run("lint", "ops").out
    fleet.write("apps/api.yaml", "service: api\nteam: nobody\nselector: {job: api}\n")
    assert "holds no fleet" in fleet.run("lint", "apps").out
