"""What operators do each day, week, month and quarter, with this fleet's names; what llmmon proves is ticked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon import routing
from llmmon.lower.steps import query_url, response
from llmmon.markdown import block, code, comment, link, table, text
from llmmon.plan.fleet import SEVERITIES
from llmmon.template import render

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from llmmon.plan import Facts, Fleet
    from llmmon.plan.watched import Watched

_FIRING = 'ALERTS{alertstate="firing"}'
_OVERNIGHT = f"count by (environment, service, alertname) (count_over_time({_FIRING}[12h]))"
_NOISIEST = f"topk(10, sum by (service, alertname) (count_over_time({_FIRING}[1w])))"
_CAUSES = ("saturation", "capacity")
_OLD = "is older than"  # how the condition of an alert on an age begins
_FULL = ("Disk", "Storage")


def checklists(fleet: Fleet, facts: Sequence[Facts]) -> str:
    """The Markdown of `runbooks/checklists.md`."""
    services = fleet.watched
    return render(
        "runbooks/checklists.md.j2",
        notice=comment(f"generated from {fleet.origin.document.path} and all specs by llmmon; edits are lost"),
        title=text(f"Checklists of {fleet.name}"),
        responses=[f"{severity}: {'; '.join(response(fleet, severity))}" for severity in SEVERITIES],
        overnight=query(fleet, _OVERNIGHT),
        down=query(fleet, "up == 0"),
        noisiest=query(fleet, _NOISIEST),
        budgets=query(fleet, _budgets(services)) if any(service.objectives for service in services) else "",
        dashboards=[_dashboard(fleet, service) for service in services],
        backups=_pages(facts, lambda fact: fact.condition.startswith(_OLD)),
        disks=_pages(facts, _is_full),
        causes=_pages(facts, lambda fact: _pages_somebody(fleet, fact) and fact.labels.get("category") in _CAUSES),
        baselines=_baselines(services),
        objectives=_objectives(services),
        without=[text(service.name) for service in services if not service.objectives],
        unscraped=[text(service.name) for service in services if service.metrics is None],
        logs=[text(service.name) for service in services if service.logs],
        watchdog=routing.watched(fleet) and bool(fleet.watchdog),
        receivers=[_receiver(fleet, name) for name, _, _ in routing.receivers(fleet) if name != routing.WATCHDOG],
        on_call=[_on_call(fleet, name, services) for name in fleet.teams],
        rules=len(facts),
        environments=", ".join(text(environment.name) for environment in fleet.environments),
        servers=fleet.servers is not None,
        tracing=fleet.tracing is not None,
    )


def query(fleet: Fleet, expression: str, indent: str = "  ") -> str:
    """A query as a block inside a list, with a link where the fleet says where to ask."""
    url = query_url(fleet, expression)
    shown = "\n\n".join((block(expression, "promql"), *([link("Ask Prometheus", url)] if url else ())))
    return "\n".join(f"{indent}{line}".rstrip() for line in shown.split("\n"))


def _budgets(services: Iterable[Watched]) -> str:
    windows = sorted({objective.window for service in services for objective in service.objectives})
    series = "|".join(windows)
    return f'sort({{__name__=~"service(_.+)?:slo_budget_left_ratio:rate({series})"}})'


def _dashboard(fleet: Fleet, service: Watched) -> str:
    links = (link(title, fleet.dashboards.replace("{uid}", uid)) for title, uid in service.dashboards)
    return f"{text(service.name)}: {', '.join(links)}"


def _pages(facts: Iterable[Facts], wanted: Callable[[Facts], bool]) -> list[str]:
    names = {(fact.labels["service"], fact.labels["alertname"]) for fact in facts if wanted(fact)}
    return [link(f"{service}/{alert}", f"{service}/{alert}.md") for service, alert in sorted(names)]


def _pages_somebody(fleet: Fleet, fact: Facts) -> bool:
    return fact.labels.get("severity") == fleet.severities.get("critical", "critical")


def _is_full(fact: Facts) -> bool:
    return fact.labels.get("category") == "capacity" and any(word in fact.labels["alertname"] for word in _FULL)


def _baselines(services: Iterable[Watched]) -> str:
    rows = [
        (text(service.name), code(item.name), item.value, item.tolerance, code(service.spec))
        for service in services
        for item in service.baselines
    ]
    return table(("Service", "Baseline", "Value", "Tolerance", "In"), rows) if rows else ""


def _objectives(services: Iterable[Watched]) -> str:
    rows = [
        (
            text(service.name),
            code(item.name),
            item.objective + (f" {text(item.how)}" if item.how else ""),
            item.window,
            code(service.spec),
        )
        for service in services
        for item in service.objectives
    ]
    return table(("Service", "Objective", "At least", "Over", "In"), rows) if rows else ""


def _receiver(fleet: Fleet, name: str) -> str:
    found = next(found for other, found, _ in routing.receivers(fleet) if other == name)
    where = "; ".join(text(routing.channel(receiver, fleet.defaults)) for receiver in found)
    return f"{code(name)}: {where}"


def _on_call(fleet: Fleet, name: str, services: Iterable[Watched]) -> str:
    mine = [text(service.name) for service in services if service.team == name]
    watches = f"answers for {', '.join(mine)}" if mine else "gets copies only"
    pages = "" if fleet.teams[name].receivers.get("critical") else "; it has no receiver for critical alerts"
    return f"{text(name)} {watches}{pages}"
