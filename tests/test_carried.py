"""The labels that alerts of a rule file carry: what is not known is open, and makes rules quiet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon import carried, foreign
from llmmon.classes import replace
from llmmon.documents import rules as rule_files
from llmmon.documents.alertmanager.matchers import read
from llmmon.problem import Origin
from llmmon.reach import takes
from llmmon.rule import Facts, Series
from llmmon.source import values
from llmmon.source.document import Document

if TYPE_CHECKING:
    from pathlib import Path

TEXT = """groups:
- name: g
  labels: {team: ml}
  rules:
  - alert: A
    expr: sum by (job) (x) > 1
    labels: {severity: critical, owner: "{{ $labels.job }}"}
  - alert: B
    expr: x > 1
    labels: {severity: warning}
"""


def alerts(**around: object) -> list[dict[str, object]]:
    document = Document("r.yml", TEXT)
    value, _ = values.value(document, as_go=True)
    facts = replace(Facts(schema=lambda _: Series(labels=frozenset(("job", "pod")))), **around)
    return [dict(one) for one in carried.every([rule_files.read(value, Origin(document), (3, 5)).rules], facts)]


def test_labels_come_from_the_rule_its_group_its_expression_and_the_server() -> None:
    first, second = alerts(external_labels={"cluster": "eu"})
    own = {"alertname": frozenset("A"), "severity": frozenset(("critical",)), "owner": None, "job": None}
    assert first == {**own, "team": frozenset(("ml",)), "cluster": frozenset(("eu",))}
    assert second.keys() == {"alertname", "severity", "team", "job", "pod", "cluster"}


def test_what_the_server_adds_is_not_known_without_being_told() -> None:
    document = Document("r.yml", TEXT)
    value, _ = values.value(document, as_go=True)
    (first, _) = carried.every([rule_files.read(value, Origin(document), (3, 5)).rules], Facts())
    assert isinstance(first, carried.Open)
    assert "anything" in first
    assert takes(read('anything="x"', (0, 28)).matchers, first) is None
    assert takes(read('severity="page"', (0, 28)).matchers, first) is False
    assert takes(read('severity=~"crit.*"', (0, 28)).matchers, first) is True


def test_rules_and_routes_of_one_run_know_each_other(tmp_path: Path) -> None:
    (tmp_path / "r.yml").write_text(TEXT)
    routes = "route: {receiver: a, routes: [{matchers: [severity=critcal]}]}\nreceivers: [{name: a}]\n"
    (tmp_path / "am.yml").write_text(routes)
    assert "dead-route" in {problem.rule for problem in foreign.lint_paths([tmp_path]).problems}
    assert "dead-route" not in {problem.rule for problem in foreign.lint_paths([tmp_path / "am.yml"]).problems}
