"""Which labels an alert of somebody's rule file can carry when it comes to Alertmanager, and with which values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from llmmon import promql

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from llmmon.promql.ast import Selector
    from llmmon.rule import AlertingRule, Facts, Rules

Values = frozenset[str] | None


class Open(Mapping[str, Values]):
    """An alert that may also carry any other label, with values that nobody knows."""

    __slots__ = ("known",)

    def __init__(self, known: Mapping[str, Values]) -> None:
        self.known = known

    def __getitem__(self, label: str) -> Values:
        return self.known.get(label)

    def __contains__(self, label: object) -> bool:
        return True

    def __iter__(self) -> Iterator[str]:
        return iter(self.known)

    def __len__(self) -> int:
        return len(self.known)


def every(read: Iterable[Rules], facts: Facts) -> tuple[Mapping[str, Values], ...]:
    """The labels of each alert of the run; alerts that carry the same are one."""
    out: dict[object, Mapping[str, Values]] = {}
    for _, labels in each(read, facts):
        out.setdefault((isinstance(labels, Open), frozenset(labels.items())), labels)
    return tuple(out.values())


def each(read: Iterable[Rules], facts: Facts) -> Iterator[tuple[AlertingRule, Mapping[str, Values]]]:
    """Each alert of the run, and its labels."""
    for rules in read:
        shared = {id(rule): group.labels for group in rules.groups if group.labels for rule in group.rules}
        for alert in rules.alerts:
            yield alert, of(alert, facts, shared.get(id(alert), {}))


def of(alert: AlertingRule, facts: Facts, group: Mapping[str, str]) -> Mapping[str, Values]:
    """The labels of one alert: what its rule and its group set, what its expression leaves, what the server adds."""
    if "labels" in alert.unread:
        return Open({"alertname": _values(alert.name)})
    static = {**group, **alert.labels, "alertname": alert.name}
    known: dict[str, Values] = {name: _values(text) for name, text in static.items()}

    def labels_of(selector: Selector) -> frozenset[str] | None:
        return facts.series(selector.name).labels

    result = promql.result_labels(alert.expression.expr, labels_of) if alert.expression else None
    if result is None or result.open or facts.external_labels is None:
        return Open(known)
    outside = {name: frozenset((value,)) for name, value in facts.external_labels.items()}
    return {**dict.fromkeys(result.names), **outside, **known}


def _values(text: str) -> Values:
    """A template makes what nobody knows."""
    return None if "{{" in text else frozenset((text,))
