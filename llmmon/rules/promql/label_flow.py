"""Labels that cannot be there, and operands that can never meet.

An aggregation drops labels and a matcher pins them, so it is certain that some expressions have no result, and with
the labels of all metrics known of many more: a grouping by a label that is not there, two sides of an operator with
different labels, several series on a side that may have one, a label that is joined and lost again and that the text
of the alert reads.

Bad:

    rate(app_errors_total[5m]) / rate(app_requests_total[5m])

    sum by (tenant) (app_requests_total)

    sum by (tenant) (sum(somebody_elses_total))

    up{job="api"} * on (instance) up{job="db"} unless sum(up)

    e and on (instance) (up * on (instance) group_left (version) build_info)

Good:

    sum(rate(app_errors_total[5m])) / sum(rate(app_requests_total[5m]))

    sum by (model) (app_requests_total)

    sum by (anything) (nobody_knows_this_total)

    up{job="api"} * ignoring (job) up{job="db"} unless on (instance) app_denials_total

    sum(up * on (instance) group_left (version) build_info)

    sum by (version) (up * on (instance) group_left (version) build_info)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.documents import metricsql
from llmmon.problem import Level
from llmmon.promql import Aggregate, Binary, Call, Number, Selector
from llmmon.promql.fold import selectors
from llmmon.promql.labels import CHANGING
from llmmon.rule import Expression, Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.promql.meeting import LabelProblem
    from llmmon.rule import Facts

_CODES = {
    "unknown-label": "Q031",
    "unknown-join": "Q032",
    "unknown-matching": "Q032",
    "lost-join": "Q033",
    "redundant-join": "Q034",
    "unused-join": "Q035",
    "never-matches": "Q037",
    "many-to-one": "Q038",
    "set-never-matches": "Q039",
}
_HARMLESS = ("unknown-label", "unknown-join")  # of a label that is denied
_LEVELS = {"Q034": Level.NOTE, "Q035": Level.NOTE, "Q037": Level.ERROR, "Q038": Level.ERROR}  # the others are doubts


def check(written: Expression, facts: Facts) -> Iterator[Finding]:
    if not _may_lack(written, facts) or written.groups(facts) is not None:
        return
    for problem in written.flow(facts).found:
        if problem.kind == "many-to-one" and any(one.name in facts.recorded for one in selectors(written.expr)):
            continue  # its labels may be those of its rule, which have one value each
        if problem.bare and not problem.sure and any(one.name in facts.recorded for one in selectors(written.expr)):
            continue  # it may have none
        if not (problem.bare and _is_of_victoriametrics(written, facts)):
            if problem.kind in _HARMLESS and _is_denied(problem.label, written):
                continue  # which does no harm, and is how the twin of another query is written
            if problem.kind == "unused-join" and problem.label not in written.shown:
                continue  # which does no harm, as long as nobody reads it
            if problem.kind == "unknown-join" and _is_dropped(problem, written):
                continue
            if problem.kind == "unknown-label" and _is_beside(problem, written):
                continue  # it groups by the others all the same
            level = None if problem.sure else Level.WARNING
            if problem.kind == "unknown-matching":
                level = Level.NOTE  # what neither side has keeps no series apart
            yield Finding(_CODES[problem.kind], problem.message, problem.span, level=level)


def _is_denied(label: str, written: Expression) -> bool:
    """Whether somebody says that series have no such label, and groups by it or copies it all the same."""
    read = (one for selector in selectors(written.expr) for one in selector.matchers)
    return any(one.label == label and one.op == "=" and not one.value for one in read)


def _is_dropped(problem: LabelProblem, written: Expression) -> bool:
    """Whether an aggregation around it drops the label anyway."""
    around = (node for node in written.of(Aggregate) if node.span[0] <= problem.span[0] < node.span[1])
    groupings = (node.grouping for node in around)
    return any(one is None or (problem.label in one.labels) != (one.kind == "by") for one in groupings)


def _is_beside(problem: LabelProblem, written: Expression) -> bool:
    """Whether a grouping names other labels as well, by which it groups all the same."""
    groupings = (node.grouping for node in written.parts if isinstance(node, Aggregate) and node.grouping)
    return any(problem.span in one.label_spans and len(one.labels) > 1 for one in groupings)


def _is_of_victoriametrics(written: Expression, facts: Facts) -> bool:
    return written.dialect or (written.beside is not None and metricsql.is_provisioned(facts))


def _may_lack(written: Expression, facts: Facts) -> bool:
    """Whether two vectors meet, or something is known of the labels that an aggregation takes; in most there is not."""
    if any(type(node.rhs) is not Number and type(node.lhs) is not Number for node in written.of(Binary)):
        return True
    aggregations = written.of(Aggregate)
    if len(aggregations) != 1:
        return bool(aggregations)
    (start, end) = aggregations[0].span
    if any(node.func in CHANGING or len(node.args) > 1 for node in written.of(Call) if start < node.span[0] < end):
        return True
    return any(
        facts.series(node.name).labels is not None
        or any(matcher.op == "=" and not matcher.value for matcher in node.matchers)
        for node in written.of(Selector)
    )


RULE = Rule(
    Expression,
    check,
    {code: _LEVELS.get(code, Level.WARNING) for code in _CODES.values()},
    peers=("pint promql/impossible", "pint promql/vector_matching"),
    advice=frozenset(("Q031", "Q032", "Q033", "Q034", "Q035", "Q039")),
)
