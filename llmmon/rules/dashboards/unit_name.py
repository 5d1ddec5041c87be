"""A unit in a word that Grafana does not know, although it knows the unit.

It writes the word behind the number as it stands: 0.0042 seconds, 3000000000 Bytes. What it knows it scales: 4.2 ms,
2.8 GiB.

Bad:

    {type: timeseries, title: A, fieldConfig: {defaults: {unit: seconds}}, targets: [{expr: up}]}

Good:

    {type: timeseries, title: A, fieldConfig: {defaults: {unit: s}}, targets: [{expr: up}]}

    {type: timeseries, title: A, fieldConfig: {defaults: {unit: 'suffix: tokens'}}, targets: [{expr: up}]}

    {type: stat, title: A, targets: [{expr: up}]}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.documents.dashboards import Panel, at
from llmmon.problem import Level
from llmmon.rule import Edit, Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.rule import Facts

_KEYS = ("fieldConfig", "defaults", "unit")
_MEANT = {
    **dict.fromkeys(("second", "seconds", "secs"), "s"),
    **dict.fromkeys(("milliseconds", "millisecond", "msec"), "ms"),
    **dict.fromkeys(("microseconds", "microsecond", "us"), "µs"),
    **dict.fromkeys(("nanoseconds", "nanosecond"), "ns"),
    **dict.fromkeys(("minutes", "minute"), "m"),
    **dict.fromkeys(("hours", "hour"), "h"),
    **dict.fromkeys(("days", "day"), "d"),
    **dict.fromkeys(("byte", "Bytes", "Byte"), "bytes"),
    **dict.fromkeys(("percentage", "Percent"), "percent"),
    **dict.fromkeys(("percentUnit", "percentunits"), "percentunit"),
    **dict.fromkeys(("bytes/s", "Bytes/s", "bytes/sec", "bytesps"), "Bps"),
    **dict.fromkeys(("bits/s", "bits/sec"), "bps"),
}


def check(panel: Panel, facts: Facts) -> Iterator[Finding]:
    del facts
    unit = at(panel.value, *_KEYS)
    if isinstance(unit, str) and unit in _MEANT:
        message = f"Grafana knows no unit {unit!r} and writes it as it stands: write {_MEANT[unit]}"
        yield Finding("D020", message, keys=_KEYS, edits=(Edit(_MEANT[unit], keys=_KEYS),))


RULE = Rule(
    Panel,
    check,
    {"D020": Level.NOTE},
    advice=frozenset(("D020",)),
    peers=("dashboard-linter panel-units-rule", "mixtool"),
)
