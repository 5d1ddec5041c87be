"""Causes and cures that follow from what an alert is: a missed objective, a budget, a target down, a baseline."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon import promql
from llmmon.lower import commands
from llmmon.markdown import code, link, text
from llmmon.plan import shapes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from llmmon.plan import Alert, Service

_SYMPTOMS = ("Error", "Latency", "Fail", "Success", "Slow")


def why(kind: str, service: Service, alert: Alert, others: Iterable[str]) -> list[str]:
    """Why such an alert fires; empty where its shape does not say."""
    match kind:
        case "burn":
            return list(_why_burns(service, others))
        case "exhausted":
            return list(_why_used_up(alert))
        case "budget":
            return list(_why_spent(alert))
        case "down":
            return list(_why_down(service))
        case "absent":
            names = {node.name or "" for node in promql.walk(alert.expr) if isinstance(node, promql.Selector)}
            series = ", ".join(map(code, sorted(names)))
            return [
                f"What exposes {series} was renamed, removed, or upgraded to a version that names it otherwise.",
                "Nothing has happened yet that it counts: some series begin with the first event.",
                "The target is no longer scraped; then ServiceDown or ReplicaDown fires as well.",
            ]
        case "baseline":
            return [
                f"{text(service.name)} is used otherwise than when the baseline was measured.",
                "A rollout or a change of configuration moved the level, which shows as a step.",
                "The baseline was measured in an unusual week, or is old.",
            ]
    return []


def cure(kind: str, service: Service, alert: Alert, others: Iterable[str]) -> list[str]:
    """What helps against such an alert; empty where its shape does not say."""
    match kind:
        case "burn":
            return [*_back(service), *_beside(others), *_after_burn()]
        case "exhausted":
            return list(_policy(service, alert))
        case "budget":
            refused = (
                "Calls that matter are refused: raise the limit for as long as it takes to stop those that do not."
            )
            return [
                *([refused] if is_exhausted(alert) else []),
                "Stop or slow what nobody needs: a loop of retries, a test, a batch that can wait.",
                "One client is the source: limit it, and tell its owner.",
                f"The spending is right and the limit is not: its owner changes {_limit(alert)}.",
            ]
        case "down":
            return [*_back(service), _restart(service), _scraping(service)]
        case "absent":
            return [
                "Put the name right in the spec or in what exposes it, and generate again.",
                "The target is gone: bring it back; the series returns with its next scrape.",
            ]
        case "baseline":
            return [
                *_back(service),
                "More use explains it: leave it, and plan for it.",
                f"The new level is normal: measure a week, and change {code(_key(alert))} in the spec.",
            ]
    return []


def _why_burns(service: Service, others: Iterable[str]) -> Iterator[str]:
    if beside := _links(others):
        yield f"What another alert of {text(service.name)} says at the same time: {beside}."
    if service.depends_on:
        yield f"What it depends on fails or is slow: {', '.join(map(text, service.depends_on))}."
    yield "A rollout or a change of configuration: the graph has a step at its time."
    yield "Only the long windows fire: a small, constant share of bad events, often one client or one route."


def _why_used_up(alert: Alert) -> Iterator[str]:
    yield f"One long incident: {code('SLOErrorBudgetBurn')} fired then, and the graph of the budget has a step."
    yield "Many small ones, often after rollouts: the graph goes down like stairs."
    yield "A small, constant share of bad events that never burns fast enough to be told earlier: the graph is a slope."
    if alert.carries - {"revision", "service", "environment"}:
        yield "One label value alone has its budget used up; those of the others are whole."
    yield "The objective is higher than what the service has ever kept."


def _policy(service: Service, alert: Alert) -> Iterator[str]:
    window = alert.labels.get("window", "")
    yield (
        f"Freeze releases of {text(service.name)} until the budget is above 0 again: only what makes it more "
        "reliable, security fixes and rollbacks go out."
    )
    yield "Take the largest contributor of the window, write down what it was, and put its repair before features."
    yield "A dependency has used it up: its team gets the same request, with the numbers."
    yield f"Wait: what was bad leaves the window after {text(window)}, and the budget comes back on its own."
    yield "The objective was wrong: those who promised it change it in the spec, not the team that is on call."


def _why_spent(alert: Alert) -> Iterator[str]:
    by = ", ".join(code(name) for name in sorted(alert.carries - {"budget"}))
    yield f"One {by} sends far more than usual." if by else "Something sends far more than usual."
    yield "The same calls have become dearer: another model, longer prompts or answers, retries that are paid for."
    what = _condition(alert)
    forecast = isinstance(what, shapes.Overruns) or (isinstance(what, shapes.Budget) and what.forecast)
    yield "A burst is counted as if it went on." if forecast else "The limit was set for less than there is now."


def _why_down(service: Service) -> Iterator[str]:
    if service.workload:
        yield "A rollout that crashes or never becomes ready: a bad image, a missing secret, a dependency out of reach."
        yield "Containers that are killed, for memory (`OOMKilled`) or by their liveness probe."
        yield "A node that is lost, drained or out of disk."
    else:
        yield "The process does not start, or was stopped and nobody started it again."
        yield "The machine is down, out of memory or out of disk."
    yield "Only the scraping is broken: a changed label or port, a network policy, a credential that has expired."


def _back(service: Service) -> list[str]:
    undo = commands.undo(service)
    return [f"It began with a rollout: {code(undo)}"] if undo else []


def _restart(service: Service) -> str:
    if restart := commands.restart(service):
        return f"It runs but does not answer: save its logs, then restart it once: {code(restart)}"
    return f"{text(service.name)} is down: find why it stopped, then start it where the alert's `instance` says."


def _scraping(service: Service) -> str:
    return f"Only the scraping is broken: repair that; users of {text(service.name)} are not affected, so say so."


def _beside(others: Iterable[str]) -> list[str]:
    beside = _links(others)
    return [f"Follow the page of the alert that fires beside it: {beside}."] if beside else []


def _after_burn() -> list[str]:
    return [
        "Only the long windows fire: open a ticket for the largest contributor; a restart cures nothing.",
        "The budget is used up: hold back risky rollouts until it is above 0 again.",
    ]


def _links(others: Iterable[str]) -> str:
    return ", ".join(link(name, f"{name}.md") for name in sorted(others) if any(word in name for word in _SYMPTOMS))


def is_exhausted(alert: Alert) -> bool:
    """Whether it says that nothing is left of a budget."""
    match _condition(alert):
        case shapes.Budget(share, forecast=None):
            return share == 1
        case shapes.Above(reached=reached):
            return reached
    return False


def _limit(alert: Alert) -> str:
    """What has the limit: a metric, or the spec."""
    match alert.shape:
        case shapes.Shape(condition=shapes.Budget(limit=limit)) | shapes.Shape(measure=shapes.Usage(limit=limit)):
            if isinstance(limit, promql.Selector):
                return f"what {code(limit.name or '')} says"
    return f"{code(_key(alert))} in the spec" if isinstance(_condition(alert), shapes.Budget) else "the limit"


def _condition(alert: Alert) -> shapes.Condition | None:
    return alert.shape.condition if alert.shape else None


def _key(alert: Alert) -> str:
    """Where the spec has the number: `budgets.daily.limit`."""
    section, name = (alert.origin.via or alert.origin).keys[-2:]
    return f"{section}.{name}.{'limit' if section == 'budgets' else 'value'}"
