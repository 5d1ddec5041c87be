"""What metrics exist: reads the catalogues, one JSON file per technology."""

from __future__ import annotations

import functools
import json
from decimal import Decimal
from importlib import resources

from llmmon.plan import Metric


@functools.cache
def load(name: str) -> dict[str, Metric]:
    """The metrics of one catalogue, by name."""
    text = (resources.files("llmmon") / "catalogues" / f"{name}.json").read_text(encoding="utf-8")
    return {key: _metric(key, entry) for key, entry in json.loads(text)["metrics"].items()}


def _metric(name: str, entry: dict[str, object]) -> Metric:
    labels = entry.get("labels", {})
    closed = labels.items() if isinstance(labels, dict) else ((label, None) for label in labels)  # type: ignore[attr-defined]
    return Metric(
        name=name,
        type=entry["type"],  # type: ignore[arg-type]
        unit=entry.get("unit"),  # type: ignore[arg-type]
        labels={label: frozenset(values) if values else None for label, values in closed},
        buckets=tuple(Decimal(bound) for bound in entry.get("buckets", ())),  # type: ignore[attr-defined]
        help=str(entry["help"]),
        scope=entry.get("scope", "service"),  # type: ignore[arg-type]
    )
