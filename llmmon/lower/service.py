"""One service: its metrics, then its rules in every environment, then what is the same everywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.lower import windows
from llmmon.lower.alerts import lower_alerts
from llmmon.lower.baselines import lower_baselines
from llmmon.lower.budgets import lower_budgets
from llmmon.lower.dashboards import lower_dashboards
from llmmon.lower.doubts import doubts
from llmmon.lower.fleet import unknown_team
from llmmon.lower.given import figures, given
from llmmon.lower.health import lower_health
from llmmon.lower.logs import lower_logs
from llmmon.lower.metrics import known_metrics
from llmmon.lower.names import Names
from llmmon.lower.place import Place
from llmmon.lower.placement import place
from llmmon.lower.recorder import Recorder, alert_groups
from llmmon.lower.scope import Scope
from llmmon.lower.signals import Signals
from llmmon.lower.slos import lower_slos
from llmmon.lower.tracing import lower_sampling
from llmmon.lower.trends import lower_trends
from llmmon.lower.watched import process as process_of
from llmmon.lower.watched import workload as workload_of
from llmmon.plan import Alert, Rules, Service, Workload
from llmmon.problem import Level, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from llmmon.load import LoadedService
    from llmmon.plan import Environment, Fleet
    from llmmon.source.document import Document

HEALTH = "health_status"  # the metric of the preset `health`


def lower_service(
    loaded: LoadedService, fleet: Fleet, prose: Mapping[str, Document]
) -> tuple[Service | None, list[Problem]]:
    """A service with every decision taken; None where it has errors, which are all in the list."""
    spec, problems = loaded.spec, list[Problem]()
    team = spec.team or ""
    if not team and ("team",) not in loaded.broken:
        problems.append(Problem(loaded.origin(), f"{loaded.name} has no team: write team: NAME", "no-team"))
    elif team and team not in fleet.teams:
        problems.append(unknown_team(team, fleet.teams, loaded.origin("team")))
    if loaded.broken & {("uses",), ("metrics",), ("signals",)}:
        return None, problems  # nothing else can be judged without these
    if "selector" not in loaded.source.own and ("selector",) not in loaded.broken:
        message = "without a selector the rules watch every job of the Prometheus: write selector: {job: NAME}"
        problems.append(Problem(loaded.origin(), message, "no-selector", Level.WARNING))
    workload = workload_of(loaded)
    if workload and spec.process:
        message = "workload: and process: both say what runs it: keep one"
        problems.append(Problem(loaded.origin("process"), message, "runs-twice"))
    known = known_metrics(loaded, fleet.versions["prometheus"])
    problems += known.problems
    names = Names(known, common_labels(loaded, fleet), fleet.versions["prometheus"], workload is not None)
    names.broken = frozenset(str(keys[1]) for keys in loaded.broken if keys[0] == "metrics" and len(keys) > 1)
    signals = Signals(loaded, names)
    windows.check(loaded, fleet, names)
    places = [_place(loaded, fleet, team, workload, environment, names, signals) for environment in fleet.environments]
    for here in places:
        lower_slos(here)  # first: objectives and budgets add signals that alerts and panels may name
        lower_budgets(here)
        lower_baselines(here)
        lower_trends(here)
        lower_alerts(here)
        _unique(here)
    dashboards = lower_dashboards(places)
    health = logs = None
    problems += _health_twice(loaded)
    if spec.health and ("workload",) not in loaded.broken:
        health, found = lower_health(spec.health, workload, loaded.origin())
        problems += found
    if spec.logs:
        logs, found = lower_logs(spec.logs, loaded.name, fleet, loaded.origin())
        problems += found
    tracing, found = lower_sampling(spec.tracing, loaded.name, fleet, loaded.origin())
    problems += found
    problems += names.problems
    problems += doubts(loaded, names, places)
    rules = tuple(place(_rules(one), team, fleet, problems) for one in places)
    if loaded.broken or any(problem.level is Level.ERROR for problem in problems):
        return None, problems
    service = Service(
        name=loaded.name,
        system=loaded.system,
        team=team,
        description=spec.description,
        spec=loaded.source.document.owner,
        workload=workload,
        depends_on=spec.depends_on,
        metrics=names.metrics,
        rules=rules,
        dashboards=dashboards,
        health=health,
        logs=logs,
        prose=prose,
        origin=loaded.origin(),
        tracing=tracing,
        selector=spec.selector,
        given=given(loaded),
        process=process_of(loaded),
        figures=figures(loaded),
        aliases=known.aliases,
        dotted=known.labels,
    )
    return service, problems


def _health_twice(loaded: LoadedService) -> Iterator[Problem]:
    """A report and a metric that says the same: one of them would be wrong one day, and nobody knows which."""
    report = loaded.spec.health.report if loaded.spec.health else None
    if report and (loaded.spec.uses.get("health") or HEALTH in loaded.spec.metrics):
        message = f"{HEALTH} says the same as the report: remove report:, and read the metric with `uses: [health]`"
        yield Problem(loaded.origin("health", "report"), message, "health-twice")


def _place(
    loaded: LoadedService,
    fleet: Fleet,
    team: str,
    workload: Workload | None,
    environment: Environment,
    names: Names,
    signals: Signals,
) -> Place:
    scope = Scope(loaded.name, environment.name, loaded.spec.selector, environment.selector, workload)
    recorder = Recorder(scope, names)
    return Place(fleet, loaded, team, workload, environment, scope, names, signals, recorder)


def common_labels(loaded: LoadedService, fleet: Fleet) -> set[str]:
    shared = {label for environment in fleet.environments for label in environment.selector}
    servers = fleet.servers.servers if fleet.servers and fleet.backend else ()
    outside = {
        label for server in servers for label in server.external_labels
    }  # on everything that has left its server
    return shared | outside | set(loaded.spec.selector)


def _unique(place: Place) -> None:
    """Two alerts of one name would be duplicates where one is from the spec and one is made, or both are made."""
    own = place.service.spec.alerts
    first: dict[str, Alert] = {}
    for alert in place.alerts:
        other = first.setdefault(alert.name if alert.name in own else alert.id, alert)
        if _maker(other) != _maker(alert) or (other is not alert and other.id == alert.id):
            ours, made = (other, alert) if _maker(other) == "alerts" else (alert, other)
            message = f"{made.origin} makes an alert {alert.name} as well: rename one of them"
            place.names.add(ours.origin, message, "duplicate-alert")


def _maker(alert: Alert) -> str | int:
    """The section of the spec that an alert comes from: alerts, slos, budgets, baselines or trends."""
    keys = (alert.origin.via or alert.origin).keys
    return keys[-2]


def _rules(place: Place) -> Rules:
    origin = place.service.origin()
    groups = place.recorder.groups(origin) + alert_groups(place.scope, place.alerts, origin)
    return Rules(place.environment.name, tuple(groups), place.scoped_signals)
