"""What could not be read is said once: no rule speaks of that field again, or concludes anything from its lack."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from llmmon import foreign
from llmmon.rule import Facts
from llmmon.structure import KINDS

if TYPE_CHECKING:
    from pathlib import Path

AROUND = Facts(evaluation_interval=timedelta(minutes=1))
ANNOTATIONS = "{summary: a, description: b, runbook_url: 'https://a.example'}"
ALERT = (
    "{alert: ErrorRateIsHigh, expr: 'job:errors:rate5m > 0.05', for: 5m, labels: {severity: critical}, "
    f"annotations: {ANNOTATIONS}}}"
)
RECORD = "{record: 'job:errors:rate5m', expr: 'sum by (job) (rate(errors_total[5m]))'}"
BOARD = '{"title": "A", "uid": "a", "schemaVersion": 39, "panels": [{"type": "timeseries", "targets": [%s]}]}'
SHOWN = BOARD % '{"refId": "A", "expr": "job:errors:rate5m"}'
ROUTES = (
    "route: {receiver: a, routes: [{matchers: [severity=critical], receiver: a}, {matchers: [%s], receiver: a}]}\n"
    "receivers: [{name: a, webhook_configs: [{url: 'https://a.example'}]}]\n"
)


def group(*rules: str, more: str = "") -> str:
    return f"groups: [{{name: g{more}, rules: [{', '.join(rules)}]}}]\n"


def changed(rule: str, old: str, new: str) -> str:
    assert old in rule
    return rule.replace(old, new)


def steady(rule: str) -> str:
    """Of an expression that flickers, so that it has to hold for a while."""
    return changed(rule, "job:errors:rate5m >", "sum(rate(errors_total[5m])) / sum(rate(requests_total[5m])) >")


def said(folder: Path, files: dict[str, str], slug: str) -> tuple[list[str], list[str]]:
    """The faults of form, and what one rule says."""
    for name, text in files.items():
        (folder / name).write_text(text)
    problems = foreign.lint_paths(
        [folder / name for name in files], wanted=lambda name, _: name == slug, around=AROUND
    ).problems
    return [one.rule for one in problems if one.rule in KINDS], [one.rule for one in problems if one.rule not in KINDS]


FIELDS = {  # what is wrong: the rule that would speak, the rules of a file with the fault, and those where it speaks
    "for": ("no-hold", [changed(steady(ALERT), "for: 5m", "for: 5 min")], [changed(steady(ALERT), "for: 5m, ", "")]),
    "for is a list": (
        "absent-at-once",
        [changed(changed(ALERT, "job:errors:rate5m > 0.05", "absent(up)"), "for: 5m", "for: [5m]")],
        [changed(changed(ALERT, "job:errors:rate5m > 0.05", "absent(up)"), "for: 5m, ", "")],
    ),
    "for, of two": (
        "inverted-ladder",
        [ALERT, changed(changed(changed(ALERT, "0.05", "0.1"), "critical", "warning"), "for: 5m", "for: 5 m")],
        [ALERT, changed(changed(ALERT, "0.05", "0.1"), "critical", "warning")],
    ),
    "labels": (
        "missing-parts",
        [changed(ALERT, "{severity: critical}", "[critical]")],
        [changed(ALERT, "{severity: critical}", "{}")],
    ),
    "labels, of a twin": ("duplicate-rule", [ALERT, changed(ALERT, "{severity: critical}", "x")], [ALERT, ALERT]),
    "a label": (
        "empty-label",
        [changed(changed(ALERT, "job:errors:rate5m", "max(up)"), "severity: critical", "severity: [critical]")],
        [changed(changed(ALERT, "job:errors:rate5m", "max(up)"), "severity: critical", "severity: ''")],
    ),
    "annotations": (
        "missing-parts",
        [changed(ALERT, ANNOTATIONS, "a")],
        [changed(ALERT, ANNOTATIONS, "{}")],
    ),
    "annotations, the runbook among them": (
        "no-runbook",
        [changed(ALERT, ANNOTATIONS, "[a]")],
        [changed(ALERT, ", runbook_url: 'https://a.example'", "")],
    ),
    "an annotation": (
        "runbook-url",
        [changed(ALERT, "'https://a.example'", "[a]")],
        [changed(ALERT, "'https://a.example'", "later")],
    ),
}


@pytest.mark.parametrize("case", FIELDS)
def test_a_field_that_cannot_be_read_is_said_once(tmp_path: Path, case: str) -> None:
    slug, faulty, found = FIELDS[case]
    form, spoken = said(tmp_path, {"a.yml": group(*faulty)}, slug)
    assert (len(form), spoken) == (1, [])
    assert said(tmp_path, {"a.yml": group(*found)}, slug) == ([], [slug])


def test_keep_firing_for_that_cannot_be_read_is_said_once(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text(group(RECORD, changed(ALERT, "for: 5m", "for: 5m, keep_firing_for: ten")))
    assert [one.rule for one in foreign.lint_paths([tmp_path / "a.yml"]).problems] == ["no-duration"]


def test_an_interval_that_cannot_be_read_is_said_once(tmp_path: Path) -> None:
    short = changed(ALERT, "for: 5m", "for: 10s")
    assert said(tmp_path, {"a.yml": group(short, more=", interval: abc")}, "group-interval") == (["no-duration"], [])
    assert said(tmp_path, {"a.yml": group(short)}, "group-interval") == ([], ["group-interval"])


def test_labels_of_a_group_that_cannot_be_read_are_those_of_its_rules(tmp_path: Path) -> None:
    bare = changed(ALERT, "labels: {severity: critical}, ", "")
    assert said(tmp_path, {"a.yml": group(bare, more=", labels: x")}, "missing-parts") == (["not-a-map"], [])
    assert said(tmp_path, {"a.yml": group(bare)}, "missing-parts") == ([], ["missing-parts"])


OTHER = "{record: 'job:wait:max', expr: 'max by (job) (wait_seconds)'}"
UNREAD = {  # how a file says nothing of a rule that is in it
    "a name is a list": group(OTHER, "{record: ['job:errors:rate5m'], expr: up}"),
    "a rule is both": group(OTHER, "{record: 'job:errors:rate5m', alert: A, expr: up}"),
    "a rule is a text": group(OTHER, "'job:errors:rate5m'"),
    "the rules are a map": group(OTHER)[:-2] + ", {name: h, rules: {record: 'job:errors:rate5m', expr: up}}]\n",
    "the file is no YAML": group(OTHER)[:-2] + ", {name: h, rules: [}]\n",
}


@pytest.mark.parametrize("case", UNREAD)
def test_what_may_be_recorded_by_an_unread_rule_is_not_missed(tmp_path: Path, case: str) -> None:
    files = {"read.yml": group(changed(RECORD, "job:errors", "job:error")), "unread.yml": UNREAD[case]}
    for slug, more in (("unknown-recording", {"b.yml": group(ALERT)}), ("dashboard-recording", {"b.json": SHOWN})):
        form, spoken = said(tmp_path, {**files, **more}, slug)
        assert (bool(form), spoken) == (True, [])
        assert said(tmp_path, {**files, "unread.yml": group(OTHER), **more}, slug) == ([], [slug])


def test_what_an_unread_expression_may_read_is_used(tmp_path: Path) -> None:
    files = {"a.json": BOARD % '{"refId": "A", "expr": "up"}', "b.yml": group(RECORD)}
    broken = group(changed(ALERT, "job:errors:rate5m > 0.05", "sum by (job (job:errors:rate5m)"))
    assert said(tmp_path, {**files, "c.yml": broken}, "unused-recording") == (["promql-syntax"], [])
    other = group(changed(ALERT, "job:errors:rate5m >", "errors >"))
    assert said(tmp_path, {**files, "c.yml": other}, "unused-recording") == ([], ["unused-recording"])


def test_an_unread_expression_may_watch_the_targets(tmp_path: Path) -> None:
    down = changed(ALERT, "job:errors:rate5m > 0.05", 'up{job="a"} == 0')
    broken = changed(changed(ALERT, "job:errors:rate5m > 0.05", "absent(up"), "ErrorRate", "Gone")
    assert said(tmp_path, {"a.yml": group(down, broken)}, "up-without-absent") == (["promql-syntax"], [])
    assert said(tmp_path, {"a.yml": group(down)}, "up-without-absent") == ([], ["up-without-absent"])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("severity: critical", "severity: [criticl]"),
        ("{severity: critical}", "[criticl]"),
        ("alert: ErrorRateIsHigh", "alert: [A]"),
    ],
)
def test_no_route_is_dead_because_of_an_alert_that_could_not_be_read(tmp_path: Path, old: str, new: str) -> None:
    files = {"am.yml": ROUTES.replace("severity=critical", "a=b") % "severity=criticl"}
    form, spoken = said(tmp_path, {**files, "a.yml": group(ALERT, changed(ALERT, old, new))}, "dead-route")
    assert (len(form), spoken) == (1, [])
    assert said(tmp_path, {**files, "a.yml": group(ALERT)}, "dead-route") == ([], ["dead-route"])


def test_an_unread_alert_may_be_the_one_that_is_asked_about(tmp_path: Path) -> None:
    asking = changed(ALERT, "job:errors:rate5m > 0.05", 'ALERTS{alertname="ErrorRateIsHihg"}')
    named = changed(asking, "alert: ErrorRateIsHigh", "alert: Asking")
    unread = changed(ALERT, "alert: ErrorRateIsHigh", "alert: [A]")
    assert said(tmp_path, {"a.yml": group(ALERT, named, unread)}, "unknown-alert") == (["wrong-type"], [])
    assert said(tmp_path, {"a.yml": group(ALERT, named)}, "unknown-alert") == ([], ["unknown-alert"])


def test_unit_tests_of_a_file_with_an_unread_name_may_ask_for_it(tmp_path: Path) -> None:
    test = "rule_files: [a.yml]\ntests: [{alert_rule_test: [{eval_time: 1m, alertname: Other, exp_alerts: []}]}]\n"
    unread = group(ALERT, changed(ALERT, "alert: ErrorRateIsHigh", "alert: [A]"))
    assert said(tmp_path, {"a.yml": unread, "test.yml": test}, "vacuous-test") == (["wrong-type"], [])
    assert said(tmp_path, {"a.yml": group(ALERT), "test.yml": test}, "vacuous-test") == ([], ["vacuous-test"])


def test_a_receiver_that_an_unread_route_may_name_is_used(tmp_path: Path) -> None:
    text = "route: {receiver: a, routes: [{matchers: [team=x], receiver: %s}]}\nreceivers: [{name: a}, {name: b}]\n"
    assert said(tmp_path, {"am.yml": text % "[b]"}, "receivers") == (["wrong-option-type"], [])
    assert said(tmp_path, {"am.yml": text % "a"}, "receivers")[1].count("receivers") == 2  # a tells nobody either


@pytest.mark.parametrize("broken", ['severity!="critical', "'severity=~\"war(\"'"])
def test_an_inhibition_with_an_unread_target_is_left_alone(tmp_path: Path, broken: str) -> None:
    text = (
        "route: {receiver: a}\nreceivers: [{name: a}]\n"
        "inhibit_rules: [{source_matchers: [severity=page], target_matchers: [team=x, %s], equal: [team]}]\n"
    )
    form, spoken = said(tmp_path, {"am.yml": text % broken}, "critical-muted")
    assert (len(form), spoken) == (1, [])
    assert said(tmp_path, {"am.yml": text % "a=b"}, "critical-muted") == ([], ["critical-muted"])
