"""A boundary that the histogram does not have.

The buckets of a histogram are known where it is declared, and `le="0.3"` selects nothing where there is none of 0.3: a
share of fast requests is then missing, or 0. Prometheus 3 writes whole boundaries with `.0` when it scrapes them.

Bad:

    app_seconds_bucket{le="0.3"}

    app_seconds_bucket{le="1"}


Good:

    app_seconds_bucket{le="0.5"}

    app_seconds_bucket{le=~"1([.]0)?"}

    app_seconds_bucket{le="+Inf"}

    app_seconds_bucket{le!="+Inf"}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.problem import Level
from llmmon.promql import Selector
from llmmon.promql.escape import literal
from llmmon.promql.language import admits
from llmmon.rule import Edit, Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from llmmon.promql import Matcher
    from llmmon.rule import Facts

_FLOATS = (3, 0)  # the first that writes every boundary as a float


def check(selector: Selector, facts: Facts) -> Iterator[Finding]:
    for matcher in selector.matchers:
        if matcher.label != "le" or matcher.op != "=" or "$" in matcher.value:  # a pattern may ask whether it is there
            continue
        buckets = facts.series(selector.name).buckets
        if buckets is not None:
            yield from _judge(matcher, buckets, facts)


def _judge(matcher: Matcher, buckets: Sequence[float], facts: Facts) -> Iterator[Finding]:
    written = [_text(edge, facts) for edge in buckets]
    spelled = [text for one in written for text in (one, one.removesuffix(".0"))]
    if any(admits((matcher.op, matcher.value), text) is not False for text in (*written, "+Inf")):
        return
    if facts.version < _FLOATS and any(admits((matcher.op, matcher.value), text) is not False for text in spelled):
        return  # the client library decides
    near = _nearest(matcher.value, buckets)
    advice = _text(near, facts) if near is not None else ", ".join(written)
    message = f"there is no bucket le{matcher.op}{literal(matcher.value)}: write {advice}"
    edits = (Edit(f"le={literal(advice)}", matcher.span),) if near is not None else ()
    yield Finding("Q028", message, matcher.span, edits=edits)


def _nearest(value: str, buckets: Sequence[float]) -> float | None:
    try:
        wanted = float(value)
    except ValueError:
        return None
    return min(buckets, key=lambda edge: abs(edge - wanted)) if buckets and wanted == wanted else None


def _text(edge: float, facts: Facts) -> str:
    """A boundary as the chosen Prometheus keeps it: with an exponent from a million on."""
    digits = next((text for n in range(17) if float(text := f"{edge:.{n}e}") == edge), f"{edge:.17e}")
    large = not -4 <= int(digits.partition("e")[2]) < 6
    text = digits if large else repr(edge)
    return text.removesuffix(".0") if facts.version < _FLOATS else text


RULE = Rule(Selector, check, {"Q028": Level.ERROR}, frozenset(("declared",)), words=("le",))
