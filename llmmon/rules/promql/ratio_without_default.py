"""A share of events that has no value until the first of them.

A series with `status="500"` exists only after the first error. Until then the share of errors is not 0 but missing:
the panel says "no data", a rule records nothing, and an alert on too small a share of successes is silent when there
is no success at all. It is said of codes, of which nobody starts all at 0, as many programs do with a few words, and
not of a panel that says itself what it shows then.

Bad:

    sum(rate(app_requests_total{status=~"5.."}[5m])) / sum(rate(app_requests_total[5m]))

Good:

    (sum(rate(app_seconds_count{ok="no"}[5m])) or vector(0)) / sum(rate(app_seconds_count[5m]))

    sum(rate(app_errors_total[5m])) / sum(rate(app_requests_total[5m]))

    sum(rate(app_requests_total{result="error"}[5m])) / sum(rate(app_requests_total[5m]))

    sum(rate(app_requests_total{status=~"5..",job="a"}[5m])) / sum(rate(app_requests_total{status=~"5..",job="b"}[5m]))
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon import lazily
from llmmon.problem import Level
from llmmon.promql import Aggregate, Binary, Call, Range
from llmmon.promql.fold import RATES, bare, constant
from llmmon.rule import Expression, Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.promql import Expr, Selector
    from llmmon.rule import Facts, Purpose

_CODE = lazily.pattern(r"^[\^(]*(?:[1-5](?:\d\d|[.x]{2}|\\d\\d|\.[*+]|\[)|\[[1-5-]+\])")  # 404, 5.., 5xx, [45].*

_SUCCESS = lazily.pattern(r"[\^(\[]*[12]")


def check(written: Expression, facts: Facts) -> Iterator[Finding]:
    del facts
    found = written.compared
    if written.filled:
        return
    if written.purpose == "alert" and (found is None or found[1] not in ("<", "<=")):
        return  # an alert on too many errors rightly says nothing where there is none
    purpose = written.purpose
    instead = {id(_without_factors(node.lhs)) for node in written.of(Binary) if _has_default(node)}
    for node in written.of(Binary):
        if node.op == "/" and id(node) not in instead:
            part, whole = _summed(node.lhs), _summed(node.rhs)
            if (
                part
                and whole
                and part.name == whole.name
                and not _from_0(part)
                and _narrower(part, whole, _by(node.lhs), purpose)
            ):
                message = "this has no value until such an event was seen: write (... or 0 * TOTAL) / TOTAL"
                yield Finding("Q042", message, node.lhs.span)


def _has_default(node: Binary) -> bool:
    """Whether it is an `or` whose right side is there even where there is no such event."""
    if node.op != "or":
        return False
    default = bare(node.rhs)
    if isinstance(default, Binary) and default.op == "*":
        return 0 in (constant(default.lhs), constant(default.rhs))
    return isinstance(default, Call) and default.func == "vector"


def _without_factors(expr: Expr) -> Expr:
    node = bare(expr)
    while isinstance(node, Binary) and node.op == "*":
        if constant(node.rhs) is not None:
            node = bare(node.lhs)
        elif constant(node.lhs) is not None:
            node = bare(node.rhs)
        else:
            break
    return node


def _summed(expr: Expr) -> Selector | None:
    node = bare(expr)
    if not isinstance(node, Aggregate) or node.op != "sum":
        return None
    inner = bare(node.expr)
    if isinstance(inner, Call) and inner.func in RATES and isinstance(inner.args[0], Range):
        return inner.args[0].selector
    return None


def _by(expr: Expr) -> tuple[str, ...]:
    node = bare(expr)
    grouping = node.grouping if isinstance(node, Aggregate) else None
    return grouping.labels if grouping and grouping.kind == "by" else ()


def _from_0(selector: Selector) -> bool:
    """Whether the exporter shows every code from the start."""
    return selector.name is not None and selector.name.startswith("haproxy_")


def _narrower(part: Selector, whole: Selector, by: tuple[str, ...], purpose: Purpose) -> bool:
    """Whether a part is of some codes only, or of all but some, and there is no value for each code.

    What is shown or recorded has successes from the first request on.
    """
    of_part = {(matcher.label, matcher.op, matcher.value) for matcher in part.matchers}
    of_whole = {(matcher.label, matcher.op, matcher.value) for matcher in whole.matchers}
    codes = [one for one in of_part - of_whole if _CODE.search(one[2]) and one[0] not in by]
    if purpose == "panel":
        codes = [one for one in codes if "!" not in one[1]]
    if purpose != "alert":
        codes = [one for one in codes if "!" in one[1] or not _SUCCESS.match(one[2])]
    return of_part > of_whole and bool(codes)


RULE = Rule(Expression, check, {"Q042": Level.NOTE}, words=("/",), advice=frozenset(("Q042",)))
