"""Catalogue entries for metrics that no catalogue knows: `metrics:` of a spec, or a file of their own."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from llmmon.unit import number

if TYPE_CHECKING:
    from collections.abc import Iterable

    from llmmon.catalogue.page import Family

_LONGEST = 120  # characters of a help text
_KEY = 1000  # characters of a key that YAML still takes without a question mark
_NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*\Z")
_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*\Z")
_UNITS = {"seconds": "seconds", "bytes": "bytes", "ratio": "ratio", "percent": "percent", "usd": "USD"}
_OF_PROMETHEUS = frozenset({"le", "quantile", "job", "instance"})


def entries(families: Iterable[Family]) -> dict[str, Any]:
    """An entry per metric, by name; a type that the page does not say is guessed from the name."""
    return {family.name: _entry(family) for family in sorted(families, key=lambda f: f.name) if writable(family)}


def declared(families: Iterable[Family]) -> dict[str, Any]:
    """`metrics:` of a spec: entries that `check` has nothing to say about, though a name may speak of another type."""
    return {name: _declared(name, entry) for name, entry in entries(families).items()}


def writable(family: Family) -> bool:
    """Whether a spec can name it; it cannot name dots, what has no end, or a histogram without boundaries."""
    return (
        bool(_NAME.match(family.name))
        and len(family.name) <= _KEY
        and (family.type != "histogram" or bool(family.buckets))
    )


def file(technology: str, source: str, families: Iterable[Family]) -> dict[str, Any]:
    """A whole catalogue file."""
    return {"technology": technology, "source": source, "version": "1", "metrics": entries(families)}


def guessed_type(family: Family) -> str:
    """The type that a page says, or the one that the name speaks for."""
    return family.type or ("counter" if family.name.endswith("_total") else "gauge")


def _declared(name: str, entry: dict[str, Any]) -> dict[str, Any]:
    words = entry["help"]
    out = {**entry, "help": words if len(words) <= _LONGEST else f"{words[: _LONGEST - 3].rstrip()}..."}
    if entry.get("unit") == "seconds" and "buckets" in entry:
        out["buckets"] = [duration(Decimal(bound)) for bound in entry["buckets"]]
    if (entry["type"] == "counter") != name.endswith("_total"):
        out["misnamed"] = True
    return out


def duration(value: Decimal) -> str:
    """Seconds as a spec has them: `2.5s`, `100ms`."""
    return f"{number(value)}s" if value >= 1 else f"{number(value * 1000)}ms"


def _entry(family: Family) -> dict[str, Any]:
    labels = [label for label in sorted(family.labels) if _LABEL.match(label) and label not in _OF_PROMETHEUS]
    found = {
        "type": guessed_type(family),
        "unit": family.unit or _unit(family.name),
        "labels": labels,
        "buckets": [number(bound) for bound in family.buckets] if family.type == "histogram" else [],
        "help": " ".join(family.help.split()) or "The page says nothing of it.",
    }
    return {key: value for key, value in found.items() if value}


def _unit(name: str) -> str | None:
    words = name.removesuffix("_total").split("_")
    return next((_UNITS[word] for word in reversed(words) if word in _UNITS), None)
