"""The revision of an objective: short, and another one where something else is counted.

It follows from what the spec says, not from how rules are written: a new version of this program keeps it, and so do
another objective, window or guard.
"""

from __future__ import annotations

import hashlib
from decimal import Decimal
from typing import TYPE_CHECKING, assert_never

from llmmon import duration, promql, unit
from llmmon.lower.signals import selectors
from llmmon.plan import shapes as sh

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from llmmon.lower.slos.objective import Found
    from llmmon.promql import Selector


def revision(found: Found, environment: Iterable[str]) -> str:
    """Eight hex digits. Labels of the environment do not count: a dashboard shows each environment by one query."""
    words = [*_words(found.what, frozenset(environment)), *(f"by {label.name}={label.source}" for label in found.by)]
    return hashlib.sha256("\n".join(words).encode()).hexdigest()[:8]


def _words(what: sh.Indicator, without: frozenset[str]) -> Iterator[str]:
    match what:
        case sh.Ratio(part, total, sense):
            yield sense
            yield from _all(part, without)
            yield "of"
            yield from _all(total, without)
        case sh.Pair(one, whole, sense):
            yield sense
            yield from _measure(one, without)
            yield "of"
            yield from _measure(whole, without)
        case sh.Slower(histogram, limit):
            yield f"slower than {unit.number(limit)}"
            yield from _all((histogram,), without)
        case sh.Raw(value, sense):
            yield f"share of {sense}"
            yield from _measure(value, without)
        case sh.Timed(value, side, limit):
            yield f"{side} {unit.number(limit)}"
            yield from _measure(value, without)
        case sh.Slices(inner, width, allowed):
            yield f"slices of {duration.text(width)}, {unit.number(allowed)}"
            yield from _words(inner, without)
        case sh.Composite(parts):
            for other, weight in parts:
                yield f"weight {unit.number(weight)}"
                yield from _words(other, without)
        case _:
            assert_never(what)


def _measure(what: sh.Measure, without: frozenset[str]) -> Iterator[str]:
    yield type(what).__name__
    match what:
        case sh.Expression(text):
            yield promql.to_text(promql.replace_selectors(promql.parse(text), lambda one: _bare(one, without)))
        case sh.Quantile(q=q):
            yield unit.number(q)
        case sh.Gauge(how=how) | sh.Usage(how=how):
            yield how
    if isinstance(what, sh.Usage) and isinstance(what.limit, Decimal):
        yield unit.number(what.limit)
    yield from _all(selectors(what), without)


def _all(found: Iterable[Selector], without: frozenset[str]) -> Iterator[str]:
    yield from sorted(promql.to_text(_bare(one, without)) for one in found)


def _bare(selector: Selector, without: frozenset[str]) -> Selector:
    kept = [matcher for matcher in selector.matchers if matcher.label not in without]
    ordered = tuple(sorted(kept, key=lambda matcher: (matcher.label, matcher.op, matcher.value)))
    return promql.Selector(selector.name, ordered, selector.offset, selector.at)
