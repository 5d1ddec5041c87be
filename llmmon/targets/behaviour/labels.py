"""Which groups of series a test has: two values of each label that the alert keeps, a healthy one, the exceptions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.classes import frozen, replace

from . import choose
from .series import distinct, labels_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from llmmon.plan import ByLabel, Measure, Metric, Shape
    from llmmon.plan.shapes import Condition
    from llmmon.promql import Selector

    from .play import Role


@frozen
class Member:
    """One combination of `by` labels: `series` by the metrics' label names, `result` by the alert's."""

    series: Mapping[str, str]
    result: Mapping[str, str]
    condition: Condition
    healthy: bool = False
    measure: Measure | None = None  # where it is not the alert's own

    @property
    def role(self) -> Role:
        """What it plays."""
        return self.condition, self.healthy, self.measure


def members(shape: Shape, selectors: Sequence[Selector], metrics: Mapping[str, Metric]) -> list[Member]:
    """Ill ones first: one more than there are labels, so that each label takes two values; then one that stays well."""
    taken = _taken(shape)
    different = distinct(selectors)
    options = {label: _options(label, different, metrics, taken.get(label.name, set())) for label in shape.by}
    first = {label: values[0] for label, values in options.items()}
    out = [_member(first, shape.condition)]
    for label, values in options.items():
        if len(values) > 1:
            out.append(_member({**first, label: values[1]}, shape.condition))
    last = {label: values[2] for label, values in options.items() if len(values) > 2}
    if last:
        out.append(_member({**first, **last}, shape.condition, healthy=True))
    for exception in shape.exceptions:
        given = {label: value for name, value in exception.labels for label in shape.by if label.name == name}
        out.append(replace(_member({**first, **given}, exception.condition), measure=exception.measure))
    return out


def _taken(shape: Shape) -> dict[str, set[str]]:
    out: dict[str, set[str]] = {}
    for exception in shape.exceptions:
        for name, value in exception.labels:
            out.setdefault(name, set()).add(value)
    return out


def _options(
    label: ByLabel, selectors: Sequence[Selector], metrics: Mapping[str, Metric], taken: set[str]
) -> list[str]:
    """Values that every selector allows."""
    found: list[str] | None = None
    matchers = [matcher for selector in selectors for matcher in selector.matchers]
    for selector in selectors:
        closed = labels_of(metrics, selector).get(label.source)
        values = choose.values(label.source, matchers, closed, taken)
        found = values if found is None else [value for value in found if value in values]
    if not found:
        raise choose.Unsatisfiable(f"no value of {label.source} suits all selectors")
    return found


def _member(values: Mapping[ByLabel, str], condition: Condition, healthy: bool = False) -> Member:
    series = {label.source: value for label, value in values.items()}
    return Member(series, {label.name: value for label, value in values.items()}, condition, healthy)
