"""Files that cannot be read, or not in full: what is said, where, and that the rest is kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from llmmon.cli import app

SLOTH = """\
version: prometheus/v1
service: chat
slos:
  - {name: kept, objective: 99, sli: {events: {error_query: e_total, total_query: t_total}}}
  - {name: other, objective: 99, sli: {events: {error_query: f_total, total_query: t_total}}}
"""
OPENSLO = """\
apiVersion: openslo/v1
kind: SLO
metadata: {name: kept}
spec:
  service: chat
  indicator:
    spec:
      ratioMetric:
        counter: true
        bad: {metricSource: {type: Prometheus, spec: {query: e_total}}}
        total: {metricSource: {type: Prometheus, spec: {query: t_total}}}
  timeWindow: [{duration: 30d, isRolling: true}]
  budgetingMethod: Occurrences
  objectives: [{target: 0.99}]
---
apiVersion: openslo/v1
kind: SLO
metadata: {name: other}
spec:
  service: chat
  indicator:
    spec:
      ratioMetric:
        counter: true
        bad: {metricSource: {type: Prometheus, spec: {query: f_total}}}
        total: {metricSource: {type: Prometheus, spec: {query: t_total}}}
  timeWindow: [{duration: 30d, isRolling: true}]
  budgetingMethod: Occurrences
  objectives: [{target: 0.98}]
"""
PYRRA = """\
apiVersion: pyrra.dev/v1alpha1
kind: ServiceLevelObjective
metadata: {name: kept}
spec: {target: "99", window: 4w, indicator: {ratio: {errors: {metric: e_total}, total: {metric: t_total}}}}
---
apiVersion: pyrra.dev/v1alpha1
kind: ServiceLevelObjective
metadata: {name: other}
spec: {target: "98", window: 4w, indicator: {ratio: {errors: {metric: f_total}, total: {metric: t_total}}}}
"""


def run(tool: str, text: str | bytes, tmp_path: Path, *more: str) -> Any:
    """An import of one file, as `in.yaml`."""
    path = tmp_path / "in.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return CliRunner().invoke(app, ["import", tool, str(path), *more])


CASES = yaml.safe_load((Path(__file__).parent / "bad.yaml").read_text())


@pytest.mark.parametrize(("tool", "old", "new", "said"), [tuple(case.values()) for case in CASES])
def test_what_is_wrong_with_one_objective_is_told_and_the_others_are_kept(
    tool: str, old: str, new: str, said: str, tmp_path: Path
) -> None:
    text = {"sloth": SLOTH, "openslo": OPENSLO, "pyrra": PYRRA}[tool]
    assert text.rpartition(old)[1]
    before, _, after = text.rpartition(old)
    ran = run(tool, before + new + after, tmp_path)
    assert said in ran.stderr, ran.stderr
    assert ran.exit_code == 1
    assert "  kept: {objective: 99%" in ran.stdout
    assert "  other: {objective" not in ran.stdout


@pytest.mark.parametrize("tool", ["sloth", "openslo", "pyrra"])
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "there is nothing in this file"),
        ("# only words\n---\n---\n", "there is nothing in this file"),
        ("- 1\n", "this is no object"),
        ("a: [1\n", "error"),
        ("a: 1\na: 2\n", "error"),
        ("<html>no</html>\n", "this is no object"),
        ("[" * 40_000, "error"),
        (b"\xff\xfe\x00", "error"),
    ],
)
def test_a_file_of_something_else_is_told_and_nothing_is_written(
    tool: str, text: str | bytes, said: str, tmp_path: Path
) -> None:
    ran = run(tool, text, tmp_path)
    assert ran.exit_code == 1
    assert said in ran.stderr
    assert ran.stdout == ""


def test_a_file_that_is_not_there_and_one_that_is_in_the_way(tmp_path: Path) -> None:
    ran = CliRunner().invoke(app, ["import", "sloth", str(tmp_path / "no.yaml")])
    assert ran.exit_code == 1
    assert "no.yaml" in ran.stderr
    (tmp_path / "out.yaml").write_text("mine\n")
    ran = run("sloth", SLOTH, tmp_path, "--out", str(tmp_path / "out.yaml"))
    assert ran.exit_code == 2
    assert "exists and is kept: write --force" in ran.stderr
    assert (tmp_path / "out.yaml").read_text() == "mine\n"
    assert run("sloth", SLOTH, tmp_path, "--out", str(tmp_path / "out.yaml"), "--force").exit_code == 0
    assert "service: chat" in (tmp_path / "out.yaml").read_text()


def test_standard_input_and_several_files_are_read(tmp_path: Path) -> None:
    sli, _, slo = OPENSLO.partition("---\n")
    (tmp_path / "one.yaml").write_text(sli)
    ran = CliRunner().invoke(app, ["import", "openslo", str(tmp_path / "one.yaml"), "-"], input=slo)
    assert ran.exit_code == 0
    assert "# Imported from one.yaml, standard input (OpenSLO)" in ran.stdout
    assert "  kept: " in ran.stdout
    assert "  other: " in ran.stdout


def test_names_that_are_hostile_stay_names(tmp_path: Path) -> None:
    evil = SLOTH.replace("name: kept", r'name: "x: {}\n# é ../../etc"').replace(
        "service: chat", 'service: "a\\nteam: b"'
    )
    ran = run("sloth", evil, tmp_path, "--team", "one: two", "--fleet", str(tmp_path))
    assert ran.exit_code == 0, ran.stderr
    assert "service: a-team-b\nteam: 'one: two'\n" in ran.stdout
    assert "\n  x_______________etc: {objective: 99%}\n" in ran.stdout


def test_a_team_that_the_fleet_does_not_have_is_refused_or_replaced(tmp_path: Path) -> None:
    (tmp_path / "specs").mkdir()
    (tmp_path / "specs/fleet.yaml").write_text("fleet: acme\nteams: {search: {}, chat: {}}\n")
    there = ("--fleet", str(tmp_path / "specs"))
    assert "team: search\n" in run("sloth", SLOTH, tmp_path, *there).stdout
    named = SLOTH.replace("service: chat", "service: chat\nlabels: {team: chat}")
    assert "team: chat\n" in run("sloth", named, tmp_path, *there).stdout
    ran = run("sloth", named.replace("team: chat", "team: other"), tmp_path, *there)
    assert "team: search\n" in ran.stdout
    assert "'other' is no team of the fleet, so search answers" in ran.stderr
    ran = run("sloth", SLOTH, tmp_path, *there, "--team", "nobody")
    assert ran.exit_code == 2
    assert "there is no team 'nobody' in the fleet: it has search, chat" in ran.stderr
