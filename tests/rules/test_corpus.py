"""Rules over all files of a run: the same rule in two files, copies of a file, and circles through several."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from llmmon import foreign
from llmmon.problem import Level

if TYPE_CHECKING:
    from pathlib import Path

RULE = "{name: NAME, rules: [{alert: A, expr: x > 1}]}"
OTHERS = "{name: others, rules: [{alert: B, expr: y > 1}, {alert: C, expr: y > 2}]}"


def said(folder: Path, files: dict[str, str], slug: str) -> list[str]:
    """What one rule says of files, each `name:line`."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    found = foreign.lint_paths([folder]).problems
    mine = (problem for problem in found if problem.rule == slug)
    return [f"{p.origin.document.path.removeprefix(f'{folder}/')}:{p.origin.position()[0]}" for p in mine]


def groups(*several: str) -> str:
    """A file of groups."""
    return "groups:\n" + "".join(f"- {one}\n" for one in several)


def test_the_same_rule_in_two_files_is_said_at_the_second(tmp_path: Path) -> None:
    files = {"a.yml": groups(RULE, OTHERS), "b.yml": groups(OTHERS.replace("y", "z"), RULE)}
    assert said(tmp_path, files, "duplicate-rule") == ["b.yml:3"]


@pytest.mark.parametrize(
    "files",
    [
        {"a.yml": groups(RULE, OTHERS), "b.yml": groups(RULE, OTHERS)},
        {"a/rules.yml": groups(RULE, OTHERS), "b/rules.yml": groups(OTHERS.replace("y", "z"), RULE)},
        {"a.yml": groups(RULE, OTHERS), "b.yml": groups(OTHERS.replace("y", "z"), RULE.replace("> 1", "> 2"))},
        {"a-stage.yml": groups(RULE, OTHERS), "a-production.yml": groups(OTHERS.replace("y", "z"), RULE)},
    ],
    ids=["a copy", "for another server", "another threshold in another file", "for another stage"],
)
def test_files_that_are_not_loaded_together_repeat_nothing(tmp_path: Path, files: dict[str, str]) -> None:
    assert said(tmp_path, files, "duplicate-rule") == []


def test_a_circle_goes_through_files(tmp_path: Path) -> None:
    one, other = (
        groups(f"{{name: {name}, rules: [{{record: 'a:{name}', expr: 'a:{needs}'}}]}}")
        for name, needs in (("x", "y"), ("y", "x"))
    )
    assert said(tmp_path, {"a.yml": one, "b.yml": other}, "evaluation-order") == ["a.yml:2"]
    assert said(tmp_path, {"b.yml": groups(OTHERS)}, "evaluation-order") == []


@pytest.mark.parametrize(("team", "level"), [("ml", Level.NOTE), ("dbs", Level.WARNING)])
def test_a_route_whose_values_all_exist_may_wait_for_an_alert(tmp_path: Path, team: str, level: Level) -> None:
    alert = "{{alert: {0}, expr: x > {1}, labels: {{severity: {2}, team: {3}}}}}"
    rules = alert.format("A", 1, "critical", "db"), alert.format("B", 2, "warning", "ml")
    (tmp_path / "a.yml").write_text(f"groups: [{{name: g, rules: [{', '.join(rules)}]}}]\n")
    (tmp_path / "am.yml").write_text(
        "route:\n  receiver: a\n  routes:\n"
        f"  - {{matchers: ['severity=critical', 'team={team}'], receiver: a}}\nreceivers: [{{name: a}}]\n"
    )
    found = [problem for problem in foreign.lint_paths([tmp_path]).problems if problem.rule == "dead-route"]
    assert [problem.level for problem in found] == [level]


@pytest.mark.parametrize(("labels", "lines"), [("", ["a.yml:3"]), (", labels: {team: ml}", [])])
def test_the_labels_of_a_group_are_those_of_what_it_records(tmp_path: Path, labels: str, lines: list[str]) -> None:
    record = "{record: 'job:x:sum', expr: sum by (job) (x)}"
    reader = "{record: 'team:x:sum', expr: 'sum by (team) (job:x:sum)'}"
    files = {"a.yml": groups(f"{{name: g{labels}, rules: [{record}]}}", f"{{name: h, rules: [{reader}]}}")}
    assert said(tmp_path, files, "label-flow") == lines
