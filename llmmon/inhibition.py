"""Which alert mutes which, and the proof over every pair of alerts that none is muted by mistake."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING

from llmmon import duration
from llmmon.classes import frozen
from llmmon.plan.fleet import SEVERITIES, Fleet, Severity
from llmmon.problem import Problem
from llmmon.routing import WATCHDOG_ALERT, Matcher

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from llmmon.plan.service import Facts

SERVICE_DOWN = "ServiceDown"
_HEALTH = ("HealthUnhealthy", "HealthDegraded")  # two names for one ladder, as people know them
_EXHAUSTED, _USED = "BudgetExhausted", "BudgetUsed"
WHERE = ("environment", "service", "alertname")  # always static, so pairs are found by them
# A label missing on both sides counts as equal in Alertmanager: without this guard a stray `ServiceDown` of somebody
# else's, which names no service, would mute every alert that names none.
GUARD = (Matcher("environment", ("",), negative=True), Matcher("service", ("",), negative=True))

Pair = tuple["Facts", "Facts"]  # what mutes, what is muted


@frozen
class Inhibition:
    """A firing alert that has all of `source` mutes those that have all of `target` and the same `equal` labels."""

    why: str
    source: tuple[Matcher, ...]
    target: tuple[Matcher, ...]
    equal: tuple[str, ...]


def inhibitions(fleet: Fleet, facts: Iterable[Facts]) -> tuple[Inhibition, ...]:
    """The rules that these alerts need; `prove` holds for them."""
    known = tuple(facts)
    ladders = (_severities(fleet, known), _health(known), _budgets(fleet, known))
    found = (_down(fleet, known), _windows(fleet, known), *ladders)
    return (*(rule for rules in found for rule in rules), *_dependencies(fleet, known))


def prove(fleet: Fleet, rules: Iterable[Inhibition], facts: Iterable[Facts]) -> Iterator[Problem]:
    """What is wrong with any pair of alerts that a rule admits; one problem per rule, alert and reason."""
    index = _Index(facts)
    for rule in rules:
        said = set()
        for source, target in _admitted(rule, index.of(rule.source), index.of(rule.target)):
            for reason in _wrong(fleet, rule, source, target):
                if (reason, target.origin) not in said:
                    said.add((reason, target.origin))
                    message = f"inhibition `{rule.why}`: {_named(source)} would mute {_named(target)}, but {reason}"
                    yield Problem(target.origin, message, "inhibition", related=(source.origin,))


def pairs(rules: Iterable[Inhibition], facts: Iterable[Facts]) -> Iterator[Pair]:
    """Every pair of alerts of which the first mutes the second; a pair that two rules admit comes twice."""
    index = _Index(facts)
    for rule in rules:
        yield from _admitted(rule, index.of(rule.source), index.of(rule.target))


# What is generated


def _down(fleet: Fleet, facts: Sequence[Facts]) -> Iterator[Inhibition]:
    if any(_is_down(alert) for alert in facts):
        source = (Matcher("alertname", (SERVICE_DOWN,)), *GUARD)
        target = (_spared(fleet), GUARD[1])
        yield Inhibition("a service that is down", source, target, WHERE[:2])


def _windows(fleet: Fleet, facts: Sequence[Facts]) -> Iterator[Inhibition]:
    slower: dict[str, list[Pair]] = defaultdict(list)
    for alerts in _ladders(alert for alert in facts if _speed(alert) and "slo" in alert.labels):
        fast = min(alerts, key=_speed)
        for alert in alerts:
            if _speed(alert) > _speed(fast) and _rank(fleet, alert) >= _rank(fleet, fast):
                slower[fast.labels["window"]].append((fast, alert))
    for window, pairs in sorted(slower.items(), key=lambda item: (_speed(item[1][0][0]), item[0])):
        late = sorted({(_speed(alert), alert.labels["window"]) for _, alert in pairs})
        source = (Matcher("window", (window,)), Matcher("slo", ("",), negative=True))
        target = (Matcher("window", tuple(value for _, value in late)),)
        yield from _rules(f"the {window} window of an SLO", source, target, pairs)


def _severities(fleet: Fleet, facts: Sequence[Facts]) -> Iterator[Inhibition]:
    ladders = _ladders(facts)
    for rank, severity in enumerate(SEVERITIES[:-1]):
        above = fleet.severities[severity]
        below = _values(fleet, SEVERITIES[rank + 1 :], above)
        pairs = [
            (source, target)
            for alerts in ladders
            for source in alerts
            for target in alerts
            if source.labels.get("severity") == above and target.labels.get("severity") in below
        ]
        yield from _rules(
            f"{severity} of the same alert", (Matcher("severity", (above,)),), (Matcher("severity", below),), pairs
        )


def _health(facts: Sequence[Facts]) -> Iterator[Inhibition]:
    """What is unhealthy is degraded as well. Services whose two alerts tell other labels get a rule of their own."""
    worse, mild = ({_place(one): one for one in facts if one.labels.get("alertname") == name} for name in _HEALTH)
    services: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for place in worse.keys() & mild.keys():
        shared = worse[place].carries & mild[place].carries
        services[(*WHERE[:2], *sorted(shared))].add(place[1])
    for equal, of in sorted(services.items()):
        which = (GUARD[0], Matcher("service", tuple(sorted(of))) if len(services) > 1 else GUARD[1])
        source, target = ((Matcher("alertname", (name,)), *which) for name in _HEALTH)
        yield Inhibition("unhealthy and degraded", source, target, equal)


def _budgets(fleet: Fleet, facts: Sequence[Facts]) -> Iterator[Inhibition]:
    """What is used up is nearly used up as well. Services with the same budgets and severities share a rule."""
    found: dict[tuple[str, str], list[Pair]] = defaultdict(list)  # by service and budget
    used: dict[tuple[str, ...], list[Facts]] = defaultdict(list)
    for alert in facts:
        used[(*_place(alert), alert.labels.get("alertname", ""))].append(alert)
    for alert in facts:
        name = alert.labels.get("alertname", "")
        if name.endswith(_EXHAUSTED) and "budget" in alert.carries:
            stem = name.removesuffix(_EXHAUSTED)
            pairs = ((alert, target) for target in used.get((*_place(alert), stem + _USED), ()))
            found[alert.labels.get("service", ""), stem] += [pair for pair in pairs if "budget" in pair[1].carries]
    services: dict[tuple[str, tuple[str, ...], tuple[str, ...]], list[str]] = defaultdict(list)
    for (service, stem), both in sorted(found.items()):
        wrong = {
            target.labels.get("severity", "") for source, target in both if _rank(fleet, source) > _rank(fleet, target)
        }
        mild = {target.labels.get("severity", "") for _, target in both if _rank(fleet, target) > 0} - wrong
        if mild:
            shared = set.intersection(*(set(_shared(pair)) for pair in both))
            services[stem, tuple(sorted(mild)), (*WHERE[:2], *sorted(shared))].append(service)
    for (stem, severities, equal), of in services.items():
        which = (Matcher("service", tuple(of)), GUARD[0])
        source = (Matcher("alertname", (stem + _EXHAUSTED,)), *which)
        target = (Matcher("alertname", (stem + _USED,)), Matcher("severity", severities), *which)
        yield Inhibition(f"{stem} budget: used up and nearly used up", source, target, equal)


def _dependencies(fleet: Fleet, facts: Sequence[Facts]) -> Iterator[Inhibition]:
    """Dependants with the same dependencies share a rule; critical alerts and ServiceDown are never its targets."""
    mild = _values(fleet, ("warning", "info"), fleet.severities["critical"])
    down = {alert.labels["service"] for alert in facts if _is_down(alert) and "service" in alert.labels}
    muted = {alert.labels.get("service") for alert in facts if alert.labels.get("severity") in mild}
    dependants: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for service, needed in sorted(fleet.services.items()):
        needs = tuple(sorted({name for name in needed if name in down and name != service}))
        if needs and service in muted:
            dependants[needs].append(service)
    for needs, services in dependants.items():
        source = (Matcher("alertname", (SERVICE_DOWN,)), Matcher("service", needs), GUARD[0])
        which = (Matcher("service", tuple(services)), Matcher("severity", mild))
        target = (*which, _spared(fleet))
        yield Inhibition(f"{' or '.join(needs)} is down", source, target, ("environment",))


def _spared(fleet: Fleet) -> Matcher:
    """What a service that is down never mutes: the same alert, and the Watchdog, whose service is the fleet."""
    alike = (WATCHDOG_ALERT,) if fleet.name in fleet.services else ()
    return Matcher("alertname", (SERVICE_DOWN, *alike), negative=True)


def _rules(
    why: str, source: tuple[Matcher, ...], target: tuple[Matcher, ...], pairs: Sequence[Pair]
) -> Iterator[Inhibition]:
    """One rule for all pairs where both alerts tell the same labels; alerts that do not get rules of their own."""
    shared = {label for pair in pairs for label in _shared(pair)}
    odd = sorted({_name(pair) for pair in pairs if _differing(pair) & shared})
    if even := [pair for pair in pairs if _name(pair) not in odd]:
        others = (Matcher("alertname", tuple(odd), negative=True),) if odd else ()
        yield Inhibition(why, (*source, *GUARD), (*target, *others), _equal(even))
    for name in odd:
        services: dict[tuple[str, ...], list[str]] = defaultdict(list)
        for service in sorted({pair[0].labels["service"] for pair in pairs if _name(pair) == name}):
            own = [pair for pair in pairs if _name(pair) == name and pair[0].labels["service"] == service]
            services[_equal(own)].append(service)
        for equal, of in services.items():
            which = (Matcher("alertname", (name,)), Matcher("service", tuple(of)))
            yield Inhibition(f"{why}, {name}", (*source, *which, GUARD[0]), target, equal)


def _equal(pairs: Iterable[Pair]) -> tuple[str, ...]:
    known = tuple(pairs)
    shared = {label for pair in known for label in _shared(pair)}
    return (*WHERE, *sorted(shared.difference(*map(_differing, known))))


def _shared(pair: Pair) -> frozenset[str]:
    return _tells(pair[0]) & _tells(pair[1])


def _differing(pair: Pair) -> frozenset[str]:
    return _tells(pair[0]) ^ _tells(pair[1])


def _tells(alert: Facts) -> frozenset[str]:
    """The labels by which one alert of a name is told from another."""
    return alert.carries | {"slo"} if "slo" in alert.labels else alert.carries


def _ladders(facts: Iterable[Facts]) -> list[list[Facts]]:
    """Alerts of one name, service, environment and SLO, where there are several."""
    found: dict[tuple[str, ...], list[Facts]] = defaultdict(list)
    for alert in facts:
        if all(label in alert.labels for label in WHERE):
            found[tuple(alert.labels.get(label, "") for label in (*WHERE, "slo"))].append(alert)
    return [alerts for alerts in found.values() if len(alerts) > 1]


# What is proved


class _Index:
    """Alerts by label and value, so that a rule on one service does not look at all of them."""

    def __init__(self, facts: Iterable[Facts]) -> None:
        self.all = tuple(facts)
        self.by: dict[tuple[str, str], list[Facts]] = defaultdict(list)
        for alert in self.all:
            for label in ("service", "alertname", "severity", "window"):
                self.by[label, alert.labels.get(label, "")].append(alert)

    def of(self, matchers: Sequence[Matcher]) -> list[Facts]:
        """The alerts whose static labels satisfy all of the matchers."""
        narrow: Sequence[Facts] = self.all
        for matcher in matchers:
            if not matcher.negative and matcher.label in ("service", "alertname", "severity", "window"):
                some = [alert for value in matcher.values for alert in self.by.get((matcher.label, value), ())]
                narrow = min(narrow, some, key=len)
        return [alert for alert in narrow if all(matcher.matches(alert.labels) for matcher in matchers)]


def _admitted(rule: Inhibition, sources: Iterable[Facts], targets: Iterable[Facts]) -> Iterator[Pair]:
    """Pairs whose static labels do not already differ in an equal label."""
    static = [label for label in WHERE if label in rule.equal]
    rest = [label for label in rule.equal if label not in static]
    found: dict[tuple[str, ...], list[Facts]] = defaultdict(list)
    for target in targets:
        found[tuple(target.labels.get(label, "") for label in static)].append(target)
    for source in sources:
        for target in found.get(tuple(source.labels.get(label, "") for label in static), ()):
            known = (label for label in rest if label in source.labels and label in target.labels)
            if all(source.labels[label] == target.labels[label] for label in known):
                yield source, target


def _wrong(fleet: Fleet, rule: Inhibition, source: Facts, target: Facts) -> Iterator[str]:
    if all(matcher.matches(source.labels) for matcher in rule.target):
        yield "what mutes is itself among what is muted"
    for label in ("environment", "service"):
        if label not in source.labels or label not in target.labels:
            yield f"not both have the label `{label}`"
    for label in rule.equal:
        if _has(source, label) != _has(target, label):
            yield f"only {'the first' if _has(source, label) else 'the second'} has the label `{label}`"
    if "environment" not in rule.equal:
        yield "they may be of different environments"
    yield from _too_much(fleet, source, target)


def _too_much(fleet: Fleet, source: Facts, target: Facts) -> Iterator[str]:
    own = source.labels.get("service") == target.labels.get("service")
    down = _is_down(source)
    needed = fleet.services.get(target.labels.get("service", ""), ())
    if not own and not (down and source.labels.get("service") in needed):
        yield "they are of different services, and none depends on the other"
    if _is_down(target) and not (own and down):
        yield f"nothing may mute `{SERVICE_DOWN}`"
    if _rank(fleet, target) == 0 and not (own and (down or _faster(source, target))):
        yield "nothing may mute a critical alert, save that its service is down or its SLO burns faster"
    if _rank(fleet, source) > _rank(fleet, target) and not down:
        yield "it is the milder one of the two"


def _faster(source: Facts, target: Facts) -> bool:
    same = source.labels.get("slo", "") == target.labels.get("slo")
    return same and 0 < _speed(source) < _speed(target)


# What is known of an alert


def _has(alert: Facts, label: str) -> bool:
    return label in alert.labels or label in alert.carries


def _is_down(alert: Facts) -> bool:
    return alert.labels.get("alertname") == SERVICE_DOWN


def _place(alert: Facts) -> tuple[str, str]:
    return alert.labels.get("environment", ""), alert.labels.get("service", "")


def _speed(alert: Facts) -> int:
    """The SLO window in milliseconds; 0 where the alert has none."""
    return duration.milliseconds(duration.parse(alert.labels.get("window", "")) or timedelta(0))


def _rank(fleet: Fleet, alert: Facts) -> int:
    """0 is critical; an unknown severity is the mildest."""
    value = alert.labels.get("severity")
    return next((rank for rank, name in enumerate(SEVERITIES) if fleet.severities[name] == value), len(SEVERITIES))


def _values(fleet: Fleet, severities: Iterable[Severity], other: str) -> tuple[str, ...]:
    """The label values of the severities, without one that is written like `other`."""
    return tuple(dict.fromkeys(value for name in severities if (value := fleet.severities[name]) != other))


def _name(pair: Pair) -> str:
    return pair[0].labels["alertname"]


def _named(alert: Facts) -> str:
    labels = alert.labels
    return f"`{labels.get('service', '?')}/{alert.id}` in {labels.get('environment', '?')}"
