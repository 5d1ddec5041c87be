"""Pages of metrics in Prometheus's text format: each metric as the page declares it, with its place."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, get_args

from llmmon import lazily
from llmmon.catalogue.lines import Comment, Sample, lines, pairs
from llmmon.classes import field, mutable
from llmmon.documents import residue
from llmmon.problem import Origin, Problem
from llmmon.rule import MetricDeclaration, MetricType

if TYPE_CHECKING:
    from collections.abc import Iterable

    from llmmon.documents.plain import Plain

_TYPES: dict[str, MetricType | None] = {name: name for name in get_args(MetricType)} | {"untyped": None}
_NEWER = frozenset(("unknown", "info", "stateset", "gaugehistogram"))  # of OpenMetrics
_SERIES = lazily.pattern(r"(.+)_(?:total|created|info|bucket|count|sum|gcount|gsum)\Z")  # of OpenMetrics
_PARTS: dict[str, tuple[MetricType, ...]] = {
    "_count": ("summary", "histogram"),
    "_sum": ("summary", "histogram"),
    "_bucket": ("histogram",),
}
_OWN = {"histogram": "le", "summary": "quantile"}  # a label of its parts
_TARGET = frozenset(("job", "instance"))
_VALUES = 1000  # that are counted of one label


_PLACEHOLDER = lazily.pattern(r"\{\{|\{%|<%|\$\{|<[A-Za-z]|\?\w+\?|@\w+@|%\(|%[dfgs]\b|\b__[A-Z]|\$[A-Z]")


class Read(NamedTuple):
    """The metrics of a page, and what is wrong with its form."""

    metrics: list[tuple[MetricDeclaration, Origin]]
    problems: list[Problem]


@mutable
class _Family:
    """A metric while its page is read; `labels` are how each series writes them."""

    name: str
    number: int
    type: MetricType | None = None
    typed: bool = False
    help: str | None = None
    helped: bool = False
    labels: dict[str, set[str]] = field(default_factory=dict)
    series: set[tuple[str, str]] = field(default_factory=set)
    endless: bool = False
    twice: str | None = None


def read(document: Plain) -> Read:
    """Everything on a page; a family without a series is not there. A template for pages is none."""
    families: dict[str, _Family] = {}
    problems: list[Problem] = []
    odd: list[int] = []
    newer = document.text.rstrip().endswith("# EOF")
    for line in lines(document.text):
        if isinstance(line, Comment):
            wrong = _described(families, line, newer)
        elif isinstance(line, Sample):
            wrong = None
            _counted(_owner(families, line, newer), line)
        else:
            odd.append(line)
            continue
        if wrong:
            problems.append(_wrong(document, line.number, wrong))
    if odd:
        text = document.text.split("\n")
        if any(_PLACEHOLDER.search(text[number - 1]) for number in odd) or residue.is_template(document.path):
            return Read([], [])
        more = len(odd) - 1
        others = f"; nor {'are' if more > 1 else 'is'} {more} more line{'s' * (more > 1)}" if more else ""
        message = f'no sample, which looks like name{{label="value"}} 1, and no comment{others}'
        problems.append(_wrong(document, odd[0], message))
    found = [family for family in families.values() if family.series]
    honoured = sum(family.labels.keys() >= _TARGET for family in found) * 2 > len(found)
    metrics = [(_declared(family, honoured, newer), _place(document, family)) for family in found]
    return Read(metrics, problems)


def _wrong(document: Plain, number: int, message: str) -> Problem:
    start = document.start(number)
    return Problem(Origin(document, (), (start, start + 1)), message, "page-syntax")


def _described(families: dict[str, _Family], line: Comment, newer: bool) -> str | None:
    """What is wrong with a comment, where anything is."""
    family = families.setdefault(line.name, _Family(line.name, line.number))
    rest = line.rest.strip()
    match line.word:
        case "HELP" if family.helped:
            return f"a second HELP of {line.name}, at which promtool stops reading: remove it"
        case "HELP":
            family.helped = True
            family.help = line.rest or None
        case "TYPE" if family.series:
            return f"the type of {line.name} comes after its first series: write it before"
        case "TYPE" if family.typed:
            return f"a second TYPE of {line.name}, at which promtool stops reading: remove it"
        case "TYPE" if rest in _TYPES:
            family.typed = True
            family.type = _TYPES[rest]
        case "TYPE" if rest in _NEWER and newer:
            family.typed = True
        case "TYPE":
            return f"{rest[:40]!r} is no type: write counter, gauge, histogram, summary or untyped"
    return None


def _owner(families: dict[str, _Family], line: Sample, newer: bool) -> _Family:
    """The family of a series: `x_bucket` belongs to the histogram `x`, and in OpenMetrics `x_total` to the counter."""
    if newer and (found := _SERIES.match(line.name)) and (base := families.get(found[1])) and base.typed:
        return base
    if line.name not in families:
        for ending, kinds in _PARTS.items():
            base = families.get(line.name.removesuffix(ending)) if line.name.endswith(ending) else None
            if base and base.type in kinds:
                return base
    return families.setdefault(line.name, _Family(line.name, line.number))


def _counted(family: _Family, line: Sample) -> None:
    key = line.name, ",".join(f"{label}={value}" for label, value in sorted(pairs(line.labels)))
    if key in family.series:
        family.twice = family.twice or key[1]
    family.series.add(key)
    for label, value in pairs(line.labels):
        if label == _OWN.get(family.type or ""):
            family.endless = family.endless or value in ("+Inf", "Inf")
            continue
        values = family.labels.setdefault(label, set())
        if len(values) < _VALUES:
            values.add(value)


def _declared(family: _Family, honoured: bool, newer: bool) -> MetricDeclaration:
    ending = "_total" if newer and family.type == "counter" and not family.name.endswith("_total") else ""
    return MetricDeclaration(
        family.name + ending,
        family.type,
        help=family.help,
        labels={label: len(values) for label, values in family.labels.items()},
        target_labels=honoured,
        series=len(family.series),
        endless=family.endless or not _has_buckets(family.series),
        twice=family.twice,
    )


def _has_buckets(series: Iterable[tuple[str, str]]) -> bool:
    return any(name.endswith("_bucket") for name, _ in series)


def _place(document: Plain, family: _Family) -> Origin:
    """The name where the page first has it."""
    start = document.text.find(family.name, document.start(family.number))
    return Origin(document, (), (start, start + len(family.name))) if start >= 0 else Origin(document)
