"""Words for people: summaries and descriptions, with user text made safe for Go templates."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from llmmon import duration, unit
from llmmon.plan import shapes as sh

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import timedelta
    from decimal import Decimal


_PLURAL = {"is": "are", "has": "have"}
_LABEL = re.compile(r"\{\{[^{}]*\$labels\.(\w+)[^{}]*\}\}")
_VALUE = re.compile(r"\{\{[^{}]*\$value[^{}]*\}\}")
_LITERAL = re.compile(r'\{\{ "([^"]*)" \}\}')


def go_literal(text: str) -> str:
    """Text that a Go template prints as it is."""
    return text.replace("{{", '{{ "{{" }}')


def readable(template: str) -> str:
    """An annotation without its Go template: `<model>` for `{{ $labels.model }}`."""
    return _LITERAL.sub(r"\1", _VALUE.sub("<value>", _LABEL.sub(r"<\1>", template)))


def uid(service: str, dashboard: str) -> str:
    """A dashboard's uid: stable and at most 40 characters, as Grafana wants it."""
    name = f"{service}-{dashboard}"
    return name if len(name) <= 40 else f"{name[:31]}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def words(role: str) -> str:
    """`cache_hits` as people write it."""
    return role.replace("_", " ").replace(".", " ")


def camel(role: str) -> str:
    """`cache_hits` as an alert name begins: CacheHits."""
    return "".join(part[:1].upper() + part[1:] for part in re.split(r"[^A-Za-z0-9]+", role))


def labels(carries: Iterable[str]) -> str:
    """The labels of the series that fired, as a template: ` (model gpt-4o, tenant a)`."""
    parts = [f"{name} {{{{ $labels.{name} }}}}" for name in sorted(carries)]
    return f" ({', '.join(parts)})" if parts else ""


def number(value: Decimal, of: str | None) -> str:
    """A threshold with its unit: 5%, 200ms, 90 GB."""
    match unit.dimension(of):
        case "ratio":
            return f"{unit.number(value * 100)}%"
        case "seconds":
            return f"{unit.number(value)}s" if value >= 1 or value == 0 else f"{unit.number(value * 1000)}ms"
        case "bytes":
            for name, size in (("TiB", 2**40), ("GiB", 2**30), ("MiB", 2**20)):
                if value >= size:
                    return f"{unit.number(round(value / size, 2))} {name}"
            return f"{unit.number(value)} B"
        case _:
            return f"{unit.number(value)} {of}".rstrip() if of and of != "1" else unit.number(value)


def says(role: str, phrase: str) -> str:
    """The phrase behind its subject: `errors ... are above 5%`, `latency ... is above 1s`."""
    plural = words(role).endswith("s") and not words(role).endswith("ss")
    verb, _, rest = phrase.partition(" ")
    return f"{_PLURAL.get(verb, verb) if plural else verb} {rest}"


def condition(what: sh.Condition, of: str | None) -> str:
    """What is wrong, as the end of a sentence that begins with the signal."""
    match what:
        case sh.Above(threshold, True):
            return f"has reached {number(threshold, of)}"
        case sh.Above(threshold):
            return f"is above {number(threshold, of)}"
        case sh.Below(threshold):
            return f"is below {number(threshold, of)}"
        case sh.Rises(factor, versus, mean):
            return f"is more than {unit.number(factor)} times {_then(versus, mean)}"
        case sh.Drops(factor, versus, mean):
            return f"is less than {unit.number(factor * 100)}% of {_then(versus, mean)}"
        case sh.Deviates(sigma, over):
            return f"is more than {unit.number(sigma)} standard deviations off its mean of {duration.text(over)}"
        case sh.Strays(tolerance, over):
            return f"is more than {unit.number(tolerance * 100)}% off its mean of {duration.text(over)}"
        case sh.Grows(amount, within):
            return f"has grown by more than {number(amount, of)} within {duration.text(within)}"
        case sh.FillsIn(limit, within):
            return f"will pass {number(limit, of)} within {duration.text(within)}"
        case sh.Stale(age):
            return f"is older than {duration.text(age)}"
        case sh.Absent():
            return "is missing"
        case sh.Budget(share, rolling, _, None) if share == 1:
            return f"has used up its budget for {duration.text(rolling)}"
        case sh.Budget(share, rolling, _, None):
            return f"has used more than {number(share, 'ratio')} of its budget for {duration.text(rolling)}"
        case sh.Budget(share, rolling, _, trend):
            assert trend is not None
            return (
                f"will use more than {number(share, 'ratio')} of its budget for {duration.text(rolling)} "
                f"at the pace of the last {duration.text(trend)}"
            )
        case sh.Overruns(share, trend):
            pace = f"at the pace of the last {duration.text(trend)}"
            return f"will be above {number(share, 'ratio')} before it is reset, {pace}"
        case sh.Burn(factor, long):
            return f"burns its error budget {unit.number(round(factor, 2))} times too fast over {duration.text(long)}"
        case sh.Exhausted(window=window):
            return f"has used up its error budget of {duration.text(window)}"
        case sh.ReplicaDown():
            return "is down on one target"
        case sh.Free():
            return "needs attention"


def _then(versus: timedelta, mean: bool) -> str:
    return f"its mean of the last {duration.text(versus)}" if mean else f"what it was {duration.text(versus)} ago"
