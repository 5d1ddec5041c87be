"""All alerts of all services on one page: when they fire, who is told, what mutes them."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from llmmon import duration, inhibition, routing
from llmmon.lower.steps import response
from llmmon.markdown import code, comment, link, table, text
from llmmon.plan.fleet import SEVERITIES
from llmmon.template import render

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from llmmon.plan import Facts, Fleet
    from llmmon.plan.watched import Watched

    Row = tuple[str, ...]

_MANY = 4  # services and alerts that mute an alert; more of them are counted


def catalogue(fleet: Fleet, facts: Sequence[Facts]) -> str:
    """The Markdown of `runbooks/README.md`."""
    alerts: dict[str, list[Facts]] = defaultdict(list)
    for fact in facts:
        alerts[fact.labels["service"]].append(fact)
    services = [service for service in fleet.watched if service.name in alerts]
    muting, tree = _muting(fleet, facts), routing.routes(fleet)
    return render(
        "runbooks/catalogue.md.j2",
        notice=comment(f"generated from {fleet.origin.document.path} and all specs by llmmon; edits are lost"),
        title=text(f"Alerts of {fleet.name}"),
        counts=f"{len(facts)} rules of {sum(len(_names(found)) for found in alerts.values())} alerts",
        responses=table(("Severity", "Response"), _responses(fleet)),
        receivers=table(("Receiver", "Where", "Hours"), _receivers(fleet)),
        services=table(
            ("Service", "Team", "Alerts", "Runs as"), (_service(item, alerts[item.name]) for item in services)
        ),
        sections=[
            (
                f"Service {text(service.name)}",
                _dashboards(fleet, service),
                table(_HEAD, _alerts(service, alerts[service.name], muting, tree)),
            )
            for service in services
        ],
    )


_HEAD = ("Alert", "Severity", "Fires when", "Held for", "Told", "Muted by")


def _names(facts: Iterable[Facts]) -> set[str]:
    return {fact.labels["alertname"] for fact in facts}


def _responses(fleet: Fleet) -> list[Row]:
    return [(severity, "; ".join(response(fleet, severity))) for severity in SEVERITIES]


def _receivers(fleet: Fleet) -> list[Row]:
    hours = {
        routing.receiver_name(team.name, severity): _hours(team.active.get(severity), team.quiet.get(severity))
        for team in fleet.teams.values()
        for severity in SEVERITIES
    }
    return [
        (
            code(name),
            "; ".join(text(routing.channel(receiver, fleet.defaults)) for receiver in found) or "nobody",
            text(hours.get(name, "always")),
        )
        for name, found, _ in routing.receivers(fleet)
    ]


def _hours(active: object, quiet: object) -> str:
    said = (f"{word} {interval.text}" for word, interval in (("only", active), ("not", quiet)) if interval)  # type: ignore[attr-defined]
    return ", ".join(said) or "always"


def _service(service: Watched, facts: Sequence[Facts]) -> Row:
    load, process = service.workload, service.process
    runs = f"{load.kind} {code(f'{load.namespace}/{load.name}')}" if load else ""
    if process:
        runs = f"{process.kind} {code(process.name)}"
    shown = text(service.name)
    return f"[{shown}](#service-{service.name})", text(service.team), str(len(_names(facts))), runs


def _dashboards(fleet: Fleet, service: Watched) -> str:
    links = (link(title, fleet.dashboards.replace("{uid}", uid)) for title, uid in service.dashboards)
    return ", ".join(links)


def _alerts(
    service: Watched, facts: Sequence[Facts], muting: Mapping[int, Sequence[Facts]], tree: routing.Route
) -> list[Row]:
    """A row for the rules of one name and condition, in whatever environment."""
    alike: dict[Row, list[Facts]] = defaultdict(list)
    for fact in facts:
        apart = [f"{name} {code(fact.labels[name])}" for name in ("slo", "window") if fact.labels.get(name)]
        held = duration.text(fact.hold) if fact.hold else "no time"
        alike[fact.labels["alertname"], ", ".join(apart), fact.condition, held].append(fact)
    return [
        (
            f"{link(name, f'{service.name}/{name}.md')}{f' ({apart})' if apart else ''}",
            _said(rules, lambda fact: fact.labels["severity"]),
            condition,
            held,
            _said(rules, lambda fact: _told(fact, tree)),
            _said(rules, lambda fact: _sources(fact, muting.get(id(fact), ()))),
        )
        for (name, apart, condition, held), rules in sorted(alike.items(), key=lambda item: item[0])
    ]


def _said(rules: Sequence[Facts], of: Callable[[Facts], str]) -> str:
    """What is the same of all rules once; what differs with the environments that it is true of."""
    found: dict[str, list[str]] = defaultdict(list)
    for fact in rules:
        found[of(fact)].append(text(fact.labels["environment"]))
    if len(found) == 1:
        return next(iter(found))
    return "; ".join(f"{value} in {', '.join(dict.fromkeys(where))}" for value, where in found.items())


def _told(fact: Facts, tree: routing.Route) -> str:
    return ", ".join(code(found.receiver) for found in routing.deliver(tree, fact.labels))


def _muting(fleet: Fleet, facts: Sequence[Facts]) -> dict[int, list[Facts]]:
    """What mutes each alert, by the alert's identity: labels alone do not tell all of them apart."""
    out: dict[int, list[Facts]] = defaultdict(list)
    for source, target in inhibition.pairs(inhibition.inhibitions(fleet, facts), facts):
        out[id(target)].append(source)
    return out


def _sources(fact: Facts, sources: Sequence[Facts]) -> str:
    names = sorted({_source(fact, source) for source in sources})
    if len(names) > _MANY:
        return f"{len(names)} others"
    return ", ".join(names) or "nothing"


def _source(fact: Facts, source: Facts) -> str:
    name, service = source.labels["alertname"], source.labels["service"]
    if service != fact.labels["service"]:
        return link(f"{service}/{name}", f"{service}/{name}.md")
    if name != fact.labels["alertname"]:
        return link(name, f"{service}/{name}.md")
    return (
        f"its window {code(source.labels['window'])}"
        if "window" in source.labels
        else f"its {source.labels['severity']}"
    )
