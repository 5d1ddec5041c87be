"""Input series: what every selector of a measure has to see so that the measure is at a given level.

A level is shared by two instances, one of them with less, in the way that the aggregation puts together again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Literal, assert_never

from llmmon.classes import field, frozen
from llmmon.plan import shapes as sh
from llmmon.promql import Selector, quote

from . import choose, notation
from .histogram import Shares, shares
from .model import LEFT, RESET
from .track import Stretch, fraction

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from collections.abc import Set as AbstractSet

    from llmmon.plan import Metric

    from .track import Clock, Track

EVENTS = Fraction(100_000)  # per sample, of a share at volume 1
LIMIT = Fraction(100_000)  # of a usage or a budget, where a metric is the limit
_OLDER = Fraction(1000)  # seconds that the other instance's time is off

_FIRST, _SECOND = ({"instance": f'instance="{name}"'} for name in ("i1", "i2"))
_SUFFIXES = ("_bucket", "_count", "_sum")

Kind = Literal["counter", "gauge", "age", "native"]
Level = Callable[[Stretch], Fraction]
How = Literal["sum", "avg", "min", "max"]
Values = frozenset[str] | None  # of a label: a closed set, or open
Samples = tuple[str, ...]  # of one instance, or of two

_OPPOSITE: dict[str, How] = {"max": "min", "min": "max"}  # the fullest has the least left


@frozen
class Cell:
    """A kind of series that a measure reads: which selector, and what a stretch makes of it."""

    selector: Selector
    kind: Kind
    level: Level
    how: How = "sum"
    extra: Mapping[str, str] = field(default_factory=dict)  # labels with a value of their own
    beside: Selector | None = None  # a selector that must not see it
    limit: Fraction | None = None  # of a native histogram: its level is how many values are above that


@frozen
class Row:
    """One input series, as `name{label="value"}`, and its samples."""

    text: str
    values: str


def written(labels: Mapping[str, str]) -> dict[str, str]:
    """Each label as `label="value"`."""
    return {label: f"{label}={quote(value)}" for label, value in labels.items()}


def named(name: str, parts: Mapping[str, str]) -> str:
    """`name{label="value"}`, of written labels."""
    return f"{name}{{{','.join([parts[label] for label in sorted(parts)])}}}"


def cells(what: sh.Measure, clock: Clock) -> tuple[Cell, ...]:
    """The series of a measure."""
    scrape = Fraction(clock.scrape.total_seconds())
    match what:
        case sh.Rate(sources, operation, window):
            seconds = Fraction(1) if operation == "rate" else 1 / Fraction(window.total_seconds())
            each = scrape * seconds / len(sources)
            return tuple(Cell(source, "counter", lambda s: (s.level or 0) * each) for source in sources)
        case sh.Ratio():
            return tuple(_ratio(what))
        case sh.Quantile(native=True) | sh.Mean(native=True):
            raise choose.Unsatisfiable("it reads a native histogram, for which no series are made up")
        case sh.Quantile():
            return tuple(_buckets(what))
        case sh.Mean(total, count):
            return (
                Cell(total, "counter", lambda s: (s.level or 0) * s.volume * EVENTS),
                Cell(count, "counter", lambda s: s.volume * EVENTS),
            )
        case sh.Gauge(source, how):
            return (Cell(source, "gauge", lambda s: s.level or Fraction(0), how),)
        case sh.Usage():
            return tuple(_usage(what, scrape))
        case sh.Age(source, how):
            return (Cell(source, "age", lambda s: s.level or Fraction(0), how),)
        case sh.Expression():
            from .inverse import cells_of

            return cells_of(what.text, scrape)
    assert_never(what)


def spending(what: sh.Measure, budget: sh.Condition) -> tuple[Cell, ...]:
    """The series of a budget; a level is the share of the limit that one sample adds."""
    assert isinstance(what, sh.Rate)
    assert isinstance(budget, sh.Budget)
    limit = LIMIT if isinstance(budget.limit, Selector) else fraction(budget.limit)
    n = len(what.sources)
    spent = tuple(Cell(source, "counter", lambda s: (s.level or 0) * limit / n) for source in what.sources)
    return (*spent, _constant(budget.limit, "max")) if isinstance(budget.limit, Selector) else spent


def clocks(resets: sh.Resets) -> tuple[Cell, ...]:
    """The series that say when a period ends: a time that is left and does not pass, or a time."""
    left, reset = (Fraction(int(time.total_seconds())) for time in (LEFT, RESET))
    if resets.left:
        return (Cell(resets.left, "gauge", lambda _: left / resets.seconds, "max"),)
    return (Cell(resets.at, "gauge", lambda _: reset, "max"),) if resets.at else ()


def samples(cell: Cell, track: Track, clock: Clock, single: bool) -> Samples:
    """What a cell's series do on a track: one instance of it, or two that share the level."""
    if cell.kind == "native":
        return _native(cell, track, clock, single)
    levels = [(None if s.level is None else cell.level(s), s.steps * clock.per_step) for s in track]
    if cell.kind == "counter":
        levels = [(None if level is None else notation.grained(level), steps) for level, steps in levels]
    if single:
        return (_text(cell.kind, levels, clock),)
    parts = ([(None if v is None else _part(v, index, cell), steps) for v, steps in levels] for index in (0, 1))
    return tuple(_text(cell.kind, mine, clock) for mine in parts)


class Maker:
    """Makes the rows of cells for a service's metrics; `given` are the labels whose values each group brings."""

    def __init__(
        self, metrics: Mapping[str, Metric], cells: Sequence[Cell], given: AbstractSet[str], alone: bool = False
    ) -> None:
        self.metrics = metrics
        self.cells = [(cell.selector.name or "", *self._written(cell, given)) for cell in cells]
        pinned = alone or "instance" in given
        self.single = tuple([pinned or "instance" in _asked(cell.selector) for cell in cells])

    def rows(self, group: Mapping[str, str], found: Sequence[Samples]) -> Iterator[Row]:
        """The series of one group; `found` has the samples of each cell, of one instance or of two."""
        mine = written(group)
        for (name, own, extra), samples in zip(self.cells, found, strict=True):
            parts = _FIRST | own | mine | extra
            if len(samples) == 1:
                yield Row(named(name, parts), samples[0])
                continue
            yield Row(named(name, parts | _FIRST), samples[0])
            yield Row(named(name, parts | _SECOND), samples[1])

    def _written(self, cell: Cell, given: AbstractSet[str]) -> tuple[dict[str, str], dict[str, str]]:
        return written(self._labels(cell, given)), written(cell.extra)

    def _labels(self, cell: Cell, given: AbstractSet[str]) -> dict[str, str]:
        """The labels of a cell's series that are the same in each group."""
        selector = cell.selector
        closed = labels_of(self.metrics, selector)
        out = {}
        for label in closed.keys() | _asked(selector):
            if label in cell.extra or label in given:
                continue
            out[label] = choose.values(label, selector.matchers, closed.get(label))[0]
        if cell.beside is not None:
            out |= self._outside(cell.beside, selector, closed, given)
        return out

    def _outside(
        self, beside: Selector, selector: Selector, closed: Mapping[str, Values], given: AbstractSet[str]
    ) -> dict[str, str]:
        for matcher in beside.matchers:
            if matcher in selector.matchers or matcher.label in given:
                continue
            value = choose.violating(selector.matchers, matcher, closed.get(matcher.label))
            if value is not None:
                return {matcher.label: value}
        raise choose.Unsatisfiable(f"no series of {selector.name} is in the total and not in the part")


def labels_of(metrics: Mapping[str, Metric], selector: Selector) -> Mapping[str, Values]:
    """The labels that a selector's metric declares."""
    name = selector.name or ""
    if name not in metrics:
        name = next((name.removesuffix(suffix) for suffix in _SUFFIXES if name.endswith(suffix)), name)
    return metrics[name].labels if name in metrics else {}


def _asked(selector: Selector) -> set[str]:
    return {matcher.label for matcher in selector.matchers}


def _text(kind: Kind, levels: list[tuple[Fraction | None, int]], clock: Clock) -> str:
    match kind:
        case "counter":
            return notation.counter(levels)
        case "gauge":
            return notation.gauge(levels)
    return notation.timestamp(levels, Fraction(clock.scrape.total_seconds()))


def _native(cell: Cell, track: Track, clock: Clock, single: bool) -> Samples:
    """Values below the limit and above it; of two instances one has three quarters of both."""
    assert cell.limit is not None
    limit = cell.limit

    def of(share: Fraction) -> str:
        parts = []
        for s in track:
            above = notation.grained(cell.level(s) * share)
            whole = notation.grained(s.volume * EVENTS * share)
            counts = None if s.level is None else (whole - above, above)
            parts.append((counts, s.steps * clock.per_step))
        return notation.native(parts, limit)

    return (of(Fraction(1)),) if single else (of(Fraction(3, 4)), of(Fraction(1, 4)))


def _part(value: Fraction, index: int, cell: Cell) -> Fraction:
    """What one of two instances contributes."""
    if cell.kind == "age":  # an age is turned around: the newest time is the smallest age
        more = {"max": 1, "min": -1}.get(cell.how, 0)
        return value + more * index * _OLDER
    quarter = notation.grained(value / 4) if cell.kind == "counter" else value / 4
    match cell.how:
        case "sum":
            return quarter if index else value - quarter
        case "avg":
            return value + quarter if index else value - quarter
        case "max":
            return value - abs(quarter) * index
        case "min":
            return value + abs(quarter) * index
    assert_never(cell.how)


def _ratio(what: sh.Ratio) -> Iterator[Cell]:
    scale = fraction(what.scale)
    inside = [part for part in what.part if any(_same(part, total) for total in what.total)]
    inside += [part for part in what.part if part not in inside and any(part.name == t.name for t in what.total)]
    n = len(what.part)

    def part(s: Stretch) -> Fraction:
        return notation.grained((s.level or 0) / scale * s.volume * EVENTS / n)

    for selector in what.part:
        yield Cell(selector, "counter", part)
    others: list[tuple[Selector, Selector | None]] = []
    for total in what.total:
        if any(_same(total, selector) for selector in what.part):
            continue
        twin = next((selector for selector in what.part if selector.name == total.name), None)
        others.append((total, twin))
    if not others:
        raise choose.Unsatisfiable("the part is the total: the share is always the same")

    def rest(s: Stretch) -> Fraction:
        return notation.grained((s.volume * EVENTS - part(s) * len(inside)) / len(others))

    for selector, twin in others:
        yield Cell(selector, "counter", rest, beside=twin)


def _same(one: Selector, two: Selector) -> bool:
    return one.name == two.name and _pairs(one) == _pairs(two)


def _pairs(selector: Selector) -> set[tuple[str, str, str]]:
    return {(matcher.label, matcher.op, matcher.value) for matcher in selector.matchers}


def _buckets(what: sh.Quantile) -> Iterator[Cell]:
    bounds = [fraction(bound) for bound in what.buckets]
    q = fraction(what.q)
    known: dict[Stretch, Shares] = {}  # of all bounds, as each of the cells below asks for one of them

    def share(s: Stretch, index: int) -> Fraction:
        if s not in known:
            known[s] = shares(s.level or Fraction(0), q, bounds)
        return known[s][index]

    for index, bound in enumerate(bounds):

        def level(s: Stretch, index: int = index) -> Fraction:
            return notation.grained(share(s, index) * s.volume * EVENTS)

        yield Cell(what.bucket, "counter", level, extra={"le": notation.number(bound)})
    yield Cell(what.bucket, "counter", lambda s: s.volume * EVENTS, extra={"le": "+Inf"})


def _usage(what: sh.Usage, scrape: Fraction) -> Iterator[Cell]:
    limit = fraction(what.limit) if not isinstance(what.limit, Selector) else LIMIT

    def used(s: Stretch) -> Fraction:
        level = s.level or Fraction(0)
        return (1 - level if what.free else level) * limit * (scrape if what.rated else 1)

    how = _OPPOSITE.get(what.how, what.how) if what.free else what.how
    yield Cell(what.used, "counter" if what.rated else "gauge", used, how)
    if isinstance(what.limit, Selector):
        yield _constant(what.limit, "sum" if what.how == "sum" else "max")


def _constant(limit: Selector, how: How) -> Cell:
    def level(s: Stretch) -> Fraction:
        del s
        return LIMIT

    return Cell(limit, "gauge", level, how)


def decoys(cells: Iterable[Cell], by: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Label values of somebody else's series: one for each matcher that all selectors have."""
    first, *others = distinct(cell.selector for cell in cells)
    pairs = [_pairs(selector) for selector in others]
    kept = set(by)
    for matcher in first.matchers:
        key = (matcher.label, matcher.op, matcher.value)
        if matcher.label not in kept and all(key in found for found in pairs):
            value = choose.violating(first.matchers, matcher)
            if value is not None:
                yield matcher.label, value


def distinct(selectors: Iterable[Selector]) -> list[Selector]:
    """Each object once: all buckets of a histogram share a selector."""
    return list({id(selector): selector for selector in selectors}.values())
