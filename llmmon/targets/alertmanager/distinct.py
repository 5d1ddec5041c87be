"""Which alerts a tree of routes can tell apart."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from llmmon.classes import field, mutable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from llmmon.plan.service import Facts

_MATCHER = re.compile(r'"?([A-Za-z_]\w*)"?\s*(=~|!~|!=|=)\s*("(?:[^"\\]|\\.)*"|[^,}]*)')
_ESCAPES = re.compile(r"\\(.)", re.DOTALL)


@mutable
class _Label:
    """What matchers ask of one label."""

    values: set[str] = field(default_factory=set)
    patterns: list[re.Pattern[str]] = field(default_factory=list)
    whole: bool = False  # a pattern that only Go can read: each value counts

    def key(self, value: str) -> tuple[object, ...]:
        """Equal for values that no matcher tells apart."""
        known = value if self.whole or value in self.values else None
        return known, *(pattern.fullmatch(value) is not None for pattern in self.patterns)


def distinct(route: Mapping[str, Any], facts: Iterable[Facts]) -> list[Sequence[Facts]]:
    """The alerts in groups whose members this root route, and all below it, treat alike; by static labels."""
    labels: dict[str, _Label] = defaultdict(_Label)
    for name, operator, value in _matchers(route):
        _learn(labels[name], operator, value)
    groups: dict[tuple[object, ...], list[Facts]] = defaultdict(list)
    for alert in facts:
        groups[tuple(label.key(alert.labels.get(name, "")) for name, label in labels.items())].append(alert)
    return list(groups.values())


def _matchers(route: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    yield from ((name, "=", str(value)) for name, value in (route.get("match") or {}).items())
    yield from ((name, "=~", str(value)) for name, value in (route.get("match_re") or {}).items())
    for text in route.get("matchers") or ():
        yield from ((name, operator, _unquoted(value)) for name, operator, value in _MATCHER.findall(str(text)))
    for child in route.get("routes") or ():
        yield from _matchers(child)


def _learn(label: _Label, operator: str, value: str) -> None:
    if "~" not in operator:
        label.values.add(value)
        return
    try:
        label.patterns.append(re.compile(value))
    except re.error:
        label.whole = True


def _unquoted(value: str) -> str:
    value = value.strip()
    if not value.startswith('"'):
        return value
    return _ESCAPES.sub(lambda match: "\n" if match[1] == "n" else match[1], value[1:-1])
