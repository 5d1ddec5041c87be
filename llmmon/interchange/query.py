"""What a foreign query counts: read by our own PromQL front end, with the window that its tool fills in."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, NamedTuple

from llmmon import promql
from llmmon.interchange.model import Counts, Events, Latency, Raw, Share
from llmmon.promql.fold import bare

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.interchange.documents import Node
    from llmmon.interchange.model import By, Indicator, Sense
    from llmmon.promql import Expr, Selector

_ACTION = re.compile(r"\{\{-?\s*(.*?)\s*-?\}\}", re.DOTALL)
_GRAFANA = re.compile(r"\$(?:__rate_interval|__range|__interval|\{__(?:rate_interval|range|interval)\})")
_WINDOW = ".window"
_MARK = timedelta(seconds=21_427_213)  # stands for the window: no range that a person would write
_FIVE = timedelta(minutes=5)
_RATES = ("rate", "increase", "irate")
_BOUND = re.compile(r"([0-9]+(?:(?:\[\.\]|\\\.)[0-9]+)?)(?:\((?:\[\.\]|\\\.)0\)\?)?(?:\|.*)?\Z")


class Found(NamedTuple):
    """What is measured, and by which labels."""

    indicator: Indicator
    by: By


class _Sums(NamedTuple):
    selectors: tuple[Selector, ...]
    by: By


def parse(node: Node) -> Expr | None:
    """The expression of a query; its window becomes a range. A problem where it is none."""
    text = node.text()
    if not text:
        node.error("there is no query")
        return None
    unknown = next((found[1] for found in _ACTION.finditer(text) if found[1].lower() != _WINDOW), None)
    if unknown is not None:
        node.error(f"the query asks its tool for {{{{{unknown}}}}}, which only that tool knows: write a plain query")
        return None
    mark = f"{int(_MARK.total_seconds())}s"
    filled = _GRAFANA.sub(mark, _ACTION.sub(mark, text))
    try:
        return promql.parse(filled)
    except promql.PromqlError as error:
        node.error(f"PromQL does not parse: {error.message.replace(mark, '{{.window}}')}")
        return None


def selector(node: Node) -> Selector | None:
    """A query that must be a metric with matchers; a problem where it is more."""
    found = parse(node)
    if found is None:
        return None
    inner = bare(found)
    if isinstance(inner, promql.Selector) and _plain(inner):
        return inner
    node.error("this is no metric: write one, with matchers if needed")
    return None


def events(sense: Sense, part: Expr, total: Expr, node: Node) -> Found:
    """Bad or good events over all events: counters, a histogram's bucket, or expressions where it is neither."""
    all_of = _sums(total)
    rest = _difference(part)
    both, inner = (_sums(rest[0]), _sums(rest[1])) if rest else (None, None)
    if all_of and both and inner and both.by == inner.by == all_of.by and _same(both.selectors, all_of.selectors):
        return _counted("good" if sense == "bad" else "bad", inner, all_of)
    mine = _sums(part)
    if mine and all_of and mine.by == all_of.by:
        return _counted(sense, mine, all_of)
    if mine and all_of and mine.by != all_of.by:
        node.lost("the two queries are grouped by different labels: both are added up")
        return _counted(sense, _Sums(mine.selectors, ()), _Sums(all_of.selectors, ()))
    by = kept(part)
    if by != kept(total):
        node.lost("the two queries keep different labels: write the same by: in both, or none")
        by = ()
    return Found(Counts(sense, windowed(part), windowed(total)), by)


def ratio(sense: Sense, expr: Expr, node: Node) -> Found:
    """A share of bad or good events: taken apart where it is a quotient of counters, else kept as it is."""
    inner = bare(expr)
    if isinstance(inner, promql.Binary) and inner.op == "-" and _is_one(inner.lhs):
        return ratio("good" if sense == "bad" else "bad", inner.rhs, node)
    if isinstance(inner, promql.Binary) and inner.op == "/" and _sums(inner.rhs):
        found = events(sense, inner.lhs, inner.rhs, node)
        if not isinstance(found.indicator, Counts):
            return found
    if isinstance(inner, promql.Selector) and _plain(inner):
        return Found(Share(inner, sense), ())
    if native := _native(inner):
        return Found(native.indicator, native.by) if sense == "good" else Found(Raw(sense, windowed(inner)), ())
    return Found(Raw(sense, windowed(inner)), kept(inner))


def windowed(expr: Expr) -> Expr:
    """The expression over five minutes, where the tool would fill in a window."""
    mark = _MARK // timedelta(milliseconds=1)
    for node in promql.walk(expr):
        if isinstance(node, promql.Range | promql.Subquery) and node.range == mark:
            node.range = _FIVE // timedelta(milliseconds=1)
    return expr


def latency(part: Selector, total: Selector) -> Latency | None:
    """A bucket over the count of the same histogram."""
    base = (part.name or "").removesuffix("_bucket")
    bounds = [matcher for matcher in part.matchers if matcher.label == "le"]
    if base == part.name or len(bounds) != 1:
        return None
    rest = tuple(matcher for matcher in part.matchers if matcher.label != "le")
    others = tuple(matcher for matcher in total.matchers if matcher.label != "le")
    everything = total.name == f"{base}_count" or (
        total.name == part.name and any(m.label == "le" and m.value == "+Inf" for m in total.matchers)
    )
    within = bound(bounds[0])
    if not everything or within is None or _key(rest) != _key(others):
        return None
    return Latency(promql.Selector(base, rest), within)


def bound(matcher: promql.Matcher) -> Decimal | None:
    """The number that a matcher on `le` means: `0.5`, or a pattern such as `1([.]0)?` that both Prometheis match."""
    text = matcher.value
    if matcher.op == "=~":
        found = _BOUND.match(text)
        text = found[1].replace("[.]", ".").replace("\\.", ".") if found else ""
    elif matcher.op != "=":
        return None
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


def _counted(sense: Sense, part: _Sums, total: _Sums) -> Found:
    if len(part.selectors) == len(total.selectors) == 1:
        found = latency(part.selectors[0], total.selectors[0])
        if found and sense == "good":
            return Found(found, part.by)
    return Found(Events(sense, part.selectors, total.selectors), part.by)


def _sums(expr: Expr) -> _Sums | None:
    """The counters that an expression adds up, and the labels that it keeps."""
    inner = bare(expr)
    match inner:
        case promql.Binary("or", lhs, rhs) if _is_zero(rhs):
            return _sums(lhs)
        case promql.Binary("+", lhs, rhs, matching=None):
            one, two = _sums(lhs), _sums(rhs)
            return _Sums((*one.selectors, *two.selectors), one.by) if one and two and one.by == two.by else None
        case promql.Aggregate("sum", body, grouping) if grouping is None or grouping.kind == "by":
            renames: dict[str, str] = {}
            found = _alternatives(body, renames)
            labels = grouping.labels if grouping else ()
            return _Sums(found, tuple((label, renames.get(label, label)) for label in labels)) if found else None
    single = _rated(inner)
    return _Sums((single,), ()) if single else None


def _alternatives(expr: Expr, renames: dict[str, str]) -> tuple[Selector, ...]:
    """`a or b`, each with a label of its own so that none hides another: how several counters are added up safely.

    Labels that are copied to another name are told in `renames`.
    """
    inner = bare(expr)
    match inner:
        case promql.Binary("or", lhs, rhs, matching=None):
            one, two = _alternatives(lhs, renames), _alternatives(rhs, renames)
            return (*one, *two) if one and two else ()
        case promql.Call("label_replace", (value, _, _, promql.String(""), _)):
            return _alternatives(value, renames)
        case promql.Call("label_replace", (value, promql.String(to), promql.String("$1"), promql.String(label), _)):
            renames[to] = label
            return _alternatives(value, renames)
    single = _rated(inner)
    return (single,) if single else ()


def _native(expr: Expr) -> Found | None:
    """`histogram_fraction(0, 0.2, sum(rate(x[5m])))`: what is fast of a native histogram."""
    match expr:
        case promql.Call("histogram_fraction", (promql.Number(0), promql.Number(within), body)):
            sums = _sums(body)
            if sums and len(sums.selectors) == 1:
                return Found(Latency(sums.selectors[0], Decimal(str(within)), native=True), sums.by)
    return None


def kept(expr: Expr) -> By:
    """The labels that an expression groups by, outermost first."""
    inner = bare(expr)
    match inner:
        case promql.Aggregate(_, _, promql.Grouping("by", labels)):
            return tuple((label, label) for label in labels)
        case promql.Aggregate():
            return ()
        case promql.Binary(_, lhs, rhs):
            return kept(lhs) or kept(rhs)
        case promql.Call(_, args):
            return next((found for argument in args if (found := kept(argument))), ())
    return ()


def _rated(expr: Expr) -> Selector | None:
    inner = bare(expr)
    match inner:
        case promql.Call(func, (promql.Range(found),)) if func in _RATES and _plain(found):
            return found
        case promql.Selector() if _plain(inner):
            return inner
    return None


def _plain(found: Selector) -> bool:
    return found.name is not None and not found.offset and found.at is None


def _difference(expr: Expr) -> tuple[Expr, Expr] | None:
    inner = bare(expr)
    if isinstance(inner, promql.Binary) and inner.op == "-" and inner.matching is None:
        return inner.lhs, inner.rhs
    return None


def _is_one(expr: Expr) -> bool:
    inner = bare(expr)
    return isinstance(inner, promql.Number) and inner.value == 1


def _is_zero(expr: Expr) -> bool:
    """`vector(0)`: without a first bad event there is none, which our rules know by themselves."""
    inner = bare(expr)
    match inner:
        case promql.Call("vector", (argument,)):
            number = bare(argument)
            return isinstance(number, promql.Number) and number.value == 0
    return False


def _same(one: tuple[Selector, ...], two: tuple[Selector, ...]) -> bool:
    return sorted(map(_named, one)) == sorted(map(_named, two))


def _named(found: Selector) -> tuple[str, list[tuple[str, str, str]]]:
    return found.name or "", _key(found.matchers)


def _key(matchers: tuple[promql.Matcher, ...]) -> list[tuple[str, str, str]]:
    return sorted((matcher.label, matcher.op, matcher.value) for matcher in matchers)


def selectors(expr: Expr) -> Iterator[Selector]:
    """All that an expression reads."""
    return (node for node in promql.walk(expr) if isinstance(node, promql.Selector))
