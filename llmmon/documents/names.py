"""The names in a rule file, without looking at anything else: what it raises, and what it records."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from llmmon.documents import envelopes
from llmmon.problem import Origin
from llmmon.source import values

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.source.document import Document
    from llmmon.source.values import Value


class Names(NamedTuple):
    """What rules are called."""

    alerts: frozenset[str]
    recorded: frozenset[str]


def names(document: Document) -> Names | None:
    """Of all rules of a file; None where it cannot be read."""
    alerts: set[str] = set()
    recorded: set[str] = set()
    for part in envelopes.documents(document):
        value, wrong = values.value(part, as_go=True)
        if wrong:
            return None
        for inside in envelopes.unwrap(value, Origin(part)):
            for rule in _rules(inside.value):
                if rule is None or any(isinstance(rule.get(key), dict | list) for key in ("alert", "record")):
                    return None
                alerts.update(_text(rule.get("alert")))
                recorded.update(_text(rule.get("record")))
    return Names(frozenset(alerts), frozenset(recorded))


def _rules(value: Value) -> Iterator[dict[str, Value] | None]:
    """The rules of all groups; None where something else stands there."""
    for group in _maps(value.get("groups") if isinstance(value, dict) else None):
        yield from (None,) if group is None else _maps(group.get("rules"))


def _maps(value: Value) -> Iterator[dict[str, Value] | None]:
    if not isinstance(value, list):
        yield from () if value is None else (None,)
        return
    yield from (item if isinstance(item, dict) else None for item in value if item is not None)


def _text(value: Value) -> list[str]:
    return [value] if isinstance(value, str) and value else []
