"""What mutes an alert, and what it mutes: the inhibitions that admit it, with the alerts on their other side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.classes import frozen
from llmmon.inhibition import Inhibition, inhibitions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from llmmon.explain.known import Known
    from llmmon.plan import Facts

_MANY = 6  # alerts of one service; more of them are counted, not named


@frozen
class Muting:
    """The inhibitions of a fleet, asked from either side."""

    rules: tuple[Inhibition, ...]
    facts: tuple[Facts, ...]

    def muted_by(self, target: Facts) -> list[str]:
        """What mutes this alert."""
        return self._lines(target, lambda rule, other: _mutes(rule, other, target))

    def mutes(self, source: Facts) -> list[str]:
        """What this alert mutes."""
        return self._lines(source, lambda rule, other: _mutes(rule, source, other))

    def _lines(self, alert: Facts, admits: Callable[[Inhibition, Facts], bool]) -> list[str]:
        out = []
        for rule in self.rules:
            others = [other for other in self.facts if other is not alert and admits(rule, other)]
            if others:
                names = ", ".join(self._named(alert, others))
                out.append(f"{names}: {rule.why}{_same(rule, alert, others)}")
        return out

    def _named(self, alert: Facts, others: Sequence[Facts]) -> Iterator[str]:
        for service in sorted({other.labels["service"] for other in others}):
            mine = [other for other in others if other.labels["service"] == service]
            own = service == alert.labels["service"]
            if len(mine) <= _MANY:
                yield from (other.id if own else f"{service}/{other.id}" for other in mine)
            elif len(mine) == sum(1 for other in self._beside(alert, service)):
                yield f"all {len(mine)} {'other ' if own else ''}alerts of {service}"
            else:
                yield f"{len(mine)} {' and '.join(_severities(mine))} alerts of {service}"

    def _beside(self, alert: Facts, service: str) -> Iterator[Facts]:
        place = (service, alert.labels["environment"])
        for other in self.facts:
            if other is not alert and (other.labels["service"], other.labels["environment"]) == place:
                yield other


def muting(known: Known) -> Muting:
    """The inhibitions that are generated for this fleet."""
    return Muting(inhibitions(known.fleet, known.facts), known.facts)


def _mutes(rule: Inhibition, source: Facts, target: Facts) -> bool:
    """Whether it can: a label that the series bring may be equal."""
    if not all(matcher.matches(source.labels) for matcher in rule.source):
        return False
    if not all(matcher.matches(target.labels) for matcher in rule.target):
        return False
    carried = source.carries | target.carries
    fixed = (label for label in rule.equal if label not in carried)
    return all(source.labels.get(label, "") == target.labels.get(label, "") for label in fixed)


def _same(rule: Inhibition, alert: Facts, others: Iterable[Facts]) -> str:
    """The labels of series that have to be equal too; the static ones are, or the other would not be here."""
    carried = alert.carries.union(*(other.carries for other in others))
    labels = [label for label in rule.equal if label in carried]
    return f", for the same {' and '.join(labels)}" if labels else ""


def _severities(facts: Iterable[Facts]) -> list[str]:
    return list(dict.fromkeys(alert.labels["severity"] for alert in facts))
