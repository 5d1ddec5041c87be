"""Matchers of one label that exclude each other, or that repeat each other.

No series satisfies `status="500",status!~"5.."`: such a selector is always empty, an alert on it never fires and an
`absent()` of it always does. A matcher that the others of its label imply says nothing.

Bad:

    app_requests_total{status="500",status!~"5.."}

    app_requests_total{status=~"4..",status=~"5.."}

    app_requests_total{status=~"5..",status!="200"}

Good:

    app_requests_total{status=~"5..",status!="503"}

    app_requests_total{status=~"5..",model!~"5.."}

    app_requests_total{status!="404",status!~"5.."}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.problem import Level
from llmmon.promql import Selector
from llmmon.promql.edits import without_matcher
from llmmon.promql.escape import literal
from llmmon.promql.language import can_match, implies
from llmmon.rule import Edit, Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.promql import Matcher
    from llmmon.rule import Facts


_MOST = 10  # more matchers of one label are nobody's writing


def check(selector: Selector, facts: Facts) -> Iterator[Finding]:
    del facts
    if len(selector.matchers) < 2:
        return
    by_label: dict[str, list[Matcher]] = {}
    for matcher in selector.matchers:
        by_label.setdefault(matcher.label, []).append(matcher)
    for label, matchers in by_label.items():
        if 1 < len(matchers) <= _MOST and not any(map(_is_open, matchers)):
            yield from _together(label, matchers, selector)


def _is_open(matcher: Matcher) -> bool:
    """Whether a dashboard's variable is in it, which may be empty."""
    from llmmon.documents.interpolation import may_stand_in

    return "$" in matcher.value or may_stand_in(matcher.value)


def _together(label: str, matchers: list[Matcher], selector: Selector) -> Iterator[Finding]:
    conditions = [(matcher.op, matcher.value) for matcher in matchers]
    if can_match(tuple(conditions)) is False:
        if any(can_match((one,)) is False for one in conditions):
            return  # one of them is reason enough: said elsewhere
        shown = " and ".join(f"{op}{literal(value)}" for op, value in conditions)
        span = matchers[0].span[0], matchers[-1].span[1]
        message = f"no value of {label} is {shown}, so this selects nothing: drop one of them, or write one regex"
        yield Finding("Q010", message, span)
        return
    for index in range(len(matchers) - 1, -1, -1):
        others = conditions[:index] + conditions[index + 1 :]
        if implies(others, conditions[index]):
            op, value = conditions[index]
            message = (
                f"{label}{op}{literal(value)} says nothing that the other matchers of {label} do not: leave it out"
            )
            gone = without_matcher(selector, matchers[index])
            yield Finding("Q011", message, matchers[index].span, edits=(Edit("", gone),) if gone else (), safe=True)
            return


RULE = Rule(Selector, check, {"Q010": Level.ERROR, "Q011": Level.NOTE}, peers=("pint promql/vector_matching",))
