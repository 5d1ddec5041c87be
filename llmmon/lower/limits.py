"""Limits of budgets: a constant, a metric, or a constant for each value of a label, as divisors in PromQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon import promql, unit
from llmmon.classes import frozen, replace
from llmmon.lower import expressions as ex
from llmmon.plan import shapes as sh
from llmmon.spec.budgets import REST

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from decimal import Decimal

    from llmmon.lower.place import Place
    from llmmon.plan import ByLabel
    from llmmon.problem import Origin
    from llmmon.spec import budgets as spec


@frozen
class Limits:
    """The limit of all series but those that have one of their own, by the value of the only `by` label.

    Without a `rest`, series with another value have no budget.
    """

    main: promql.Selector | Decimal
    own: dict[str, Decimal]
    rest: bool

    def narrowed(self, selector: promql.Selector, by: tuple[ByLabel, ...]) -> promql.Selector:
        """The series that have a budget."""
        if self.rest:
            return selector
        matcher = promql.Matcher(by[0].source, "=~", "|".join(map(promql.regex_literal, sorted(self.own))))
        return replace(selector, matchers=(*selector.matchers, matcher))

    def each(self, by: tuple[ByLabel, ...], write: Callable[[str, tuple[promql.Matcher, ...]], str]) -> str:
        """What `write` makes of each limit, given what to divide by and what matches its series, joined by `or`."""
        if isinstance(self.main, promql.Selector):
            return write(ex.aggregated("max", _finite(self.main), by), ())
        if not self.own:
            return write(unit.number(self.main), ())
        label = by[0].name
        parts = [write(unit.number(top), (promql.Matcher(label, "=", value),)) for value, top in self.own.items()]
        if self.rest:
            others = "|".join(map(promql.regex_literal, sorted(self.own)))
            parts.append(write(unit.number(self.main), (promql.Matcher(label, "!~", others),)))
        return " or ".join(parts)

    def exceptions(self, by: tuple[ByLabel, ...], what: sh.Condition, measure: sh.Measure) -> Iterator[sh.Where]:
        """The same for the values that have a limit of their own."""
        for value, top in list(self.own.items())[0 if self.rest else 1 :]:
            labels = ((by[0].name, value),)
            if isinstance(what, sh.Budget):
                yield sh.Where(labels, replace(what, limit=top))
            elif isinstance(measure, sh.Usage):
                yield sh.Where(labels, what, replace(measure, limit=top))


def limits_of(written: spec.Budget, money: str | None, origin: Origin, place: Place) -> Limits | None:
    """The limits as the spec has them; None where one of them is wrong, which has been said."""
    assert written.limit is not None
    constants: dict[str, Decimal] = {}
    for value, text in written.limit.items():
        here = origin.at("limit", value) if list(written.limit) != [REST] else origin.at("limit")
        constant = unit.parse(text)
        if constant is None:
            found = place.names.selector(text, here, ("gauge",))
            return Limits(place.scope.apply(found, place.names), {}, True) if found else None
        if not unit.fits(constant, money):
            message = f"{text!r} is no limit for {written.signal or written.spent or written.left}, in {money}"
            place.names.add(here, message, "wrong-unit")
            return None
        constants[value] = constant.value
    rest = constants.pop(REST, None)
    return Limits(next(iter(constants.values())) if rest is None else rest, constants, rest is not None)


def selectors(limits: Limits | None) -> Iterator[promql.Selector]:
    """The metric that is the limit, if one is."""
    if limits and isinstance(limits.main, promql.Selector):
        yield limits.main


def _finite(limit: promql.Selector) -> str:
    """A limit of 0 or +Inf is how exporters say that there is none."""
    return f"0 < {promql.to_text(limit)} < +Inf"
