"""Numbers in prose follow the spec, and a name that no page knows is an error."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from runbook_examples import BUCKET, HOUR, MINUTE, P95, alert, fleet, page, pages, service

from llmmon.classes import replace
from llmmon.lower.placeholders import fill
from llmmon.plan import shapes as sh
from llmmon.targets.runbooks import check, emit

if TYPE_CHECKING:
    from conftest import Fleet

    from llmmon.plan import Alert

RATE = sh.Gauge(BUCKET, "max")


def above(number: str) -> sh.Shape:
    return sh.Shape(RATE, (), sh.Above(Decimal(number)))


def filled(text: str, *alerts: Alert) -> str:
    """What becomes of it on the page of alert A."""
    of = service(*(alerts or (alert("A"),)), prose={"A": f"## What it means\n\n{text}\n"})
    return pages(of)["A.md"].partition("## What it means\n\n")[2].partition("\n\n##")[0]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("Above {threshold} for {for}.", "Above 2.5s for 5m."),
        ("{service} of {team}.", "chat of inference."),
        ("`kubectl -n {namespace} get {workload} -c {container}`", "`kubectl -n llm get deployment/litellm -c proxy`"),
        ("Within {acknowledge}, {resolve.warning}.", "Within 5 minutes, 2 hours."),
        ("```bash\necho {threshold}\n```", "```bash\necho 2.5s\n```"),
        (
            '`up{job="a"}` and ${HOME} and {a,b} and {{threshold}}',
            '`up{job="a"}` and ${HOME} and {a,b} and {{threshold}}',
        ),
    ],
)
def test_a_placeholder_becomes_what_the_spec_says(text: str, says: str) -> None:
    assert filled(text) == says


def test_a_ladder_says_which_step_is_which() -> None:
    steps = (alert("A", above("5")), alert("A", above("1"), severity="warning"))
    assert filled("{threshold}; {threshold.warning}", *steps) == "5s (critical), 1s (warning); 1s"


def test_environments_that_differ_are_named() -> None:
    steps = (alert("A", above("5")), alert("A", above("9"), environment="staging"))
    assert filled("{threshold}", *steps) == "5s in production, 9s in staging (critical)"


@pytest.mark.parametrize(
    ("condition", "text", "says"),
    [
        (
            sh.Rises(Decimal("1.2"), 168 * HOUR),
            "{threshold} than {over} ago, {factor} times",
            "20% than 7d ago, 1.2 times",
        ),
        (sh.Drops(Decimal("0.8"), HOUR), "{threshold}", "20%"),
        (sh.Grows(Decimal(10), 24 * HOUR), "{threshold} in {over}", "10s in 1d"),
        (sh.FillsIn(Decimal(9), HOUR, MINUTE), "{threshold} {over} {trend}", "9s 1h 1m"),
        (sh.Stale(36 * HOUR), "{threshold}", "1d12h"),
        (sh.Strays(Decimal("0.1"), HOUR), "{threshold} {over}", "10% 1h"),
        (sh.Deviates(Decimal(3), HOUR, Decimal("0.1")), "{threshold}", "3"),
        (sh.Budget(Decimal("0.8"), 24 * HOUR, Decimal(9), 4 * HOUR), "{threshold} {over} {trend}", "80% 1d 4h"),
    ],
)
def test_each_condition_has_its_numbers(condition: sh.Condition, text: str, says: str) -> None:
    assert filled(text, alert("A", sh.Shape(RATE, (), condition))) == says


def test_another_alert_of_the_service_may_be_named() -> None:
    assert filled("{B.threshold}", alert("A"), alert("B", above("7"))) == "7s"


def test_values_are_escaped_in_words_and_not_in_code() -> None:
    assert fill("{x} `{x}`", {"x": "a*b"}) == "a\\*b `a*b`"


def test_an_unknown_placeholder_is_an_error_with_its_place_and_a_suggestion() -> None:
    of = service(alert("A", P95), prose={"A": "## Why it fires\n\nOver {treshold}.\n"})
    [problem] = [p for p in check(fleet(), of, []) if p.rule == "prose-placeholder"]
    assert (str(problem.origin), str(problem.level)) == ("specs/runbooks/chat/A.md:3:6", "error")
    assert problem.message == "this page knows no {treshold}: did you mean {threshold}?"


def test_a_placeholder_without_a_value_here_says_which_there_are() -> None:
    of = service(alert("A", None), prose={"A": "## Why it fires\n\n{zzz}.\n"}, workload=None)
    [problem] = [p for p in check(fleet(), of, []) if p.rule == "prose-placeholder"]
    assert problem.message == "this page knows no {zzz}: there are {service}, {team}, {acknowledge}, {resolve}, {for}"


def test_objectives_baselines_and_budgets_are_named_after_their_keys(fleet: Fleet) -> None:
    fleet.edit(
        "specs/chat.yaml", "alerts:\n", "baselines: {load: {signal: requests, value: 10/s, worse: above}}\nalerts:\n"
    )
    text = "## What it means\n\n{objective.availability} over {window.availability}; {baseline.load} {tolerance.load}\n"
    fleet.write("specs/runbooks/chat/LoadAboveBaseline.md", text)
    assert fleet.run("generate").problems == []
    assert b"\n99.9% over 30d; 10/s 20%\n" in fleet.files()["runbooks/chat/LoadAboveBaseline.md"]


def test_pages_of_another_fleet_have_other_times() -> None:
    slow = replace(fleet(), response={"critical": None, "warning": None, "info": None})
    [artifact] = emit(slow, service(alert("A")))
    assert "| critical | production | is above 2.5s | 5m | best effort |" in artifact.text
    assert "- critical: best effort; nobody is called for it." in artifact.text
    assert page(service(alert("A"))) != artifact.text
