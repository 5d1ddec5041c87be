"""Where each rule runs: in the Prometheus that has its samples, or in the engine that the fleet scales with."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING

from llmmon import duration, promql
from llmmon.classes import replace
from llmmon.lower.backend import REPLICA
from llmmon.plan import Group, Recording
from llmmon.plan.backend import Central, Mimir, Placed, Thanos
from llmmon.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from llmmon.plan import Alert, Environment, Fleet, Rules
    from llmmon.promql import Expr, Matcher


def place(rules: Rules, team: str, fleet: Fleet, problems: list[Problem]) -> Rules:
    """The same, with what the engine evaluates and what a Prometheus does."""
    match fleet.backend:
        case Mimir():
            return replace(rules, central=tuple(_tenants(rules, team, fleet, fleet.backend, problems)))
        case Thanos():
            return _split(rules, fleet, fleet.backend)
        case _:
            return replace(rules, local=rules.groups)


# Thanos: what a Prometheus has the samples for stays there


def _split(rules: Rules, fleet: Fleet, backend: Thanos) -> Rules:
    whys = _whys(rules, fleet, backend)
    local, central = list[Group](), list[Group]()
    for group in rules.groups:
        for home, wanted in ((local, True), (central, False)):
            kept = tuple(r for i, r in enumerate(group.rules) if (whys[(group.name, i)] is None) is wanted)
            if kept:
                home.append(replace(group, rules=kept))
    placed = (
        Placed(group.name, _name(rule), _looks_back(rule.expr), whys[(group.name, index)])
        for group in rules.groups
        for index, rule in enumerate(group.rules)
    )
    return replace(rules, local=tuple(local), central=tuple(map(Central, central)), placed=tuple(placed))


def _whys(rules: Rules, fleet: Fleet, backend: Thanos) -> dict[tuple[str, int], str | None]:
    """By group and place in it, what moves a rule; one that reads what has moved follows, wherever that stands."""
    whys: dict[tuple[str, int], str | None] = {}
    moved: set[str] = set()  # the series that rulers record
    before = -1
    while before < len(moved):
        before = len(moved)
        for group in rules.groups:
            for index, rule in enumerate(group.rules):
                why = whys[(group.name, index)] = _why(rule.expr, rules.environment, fleet, backend, moved)
                if why and isinstance(rule, Recording):
                    moved.add(rule.name)
    return whys


def _why(expr: Expr, environment: str, fleet: Fleet, backend: Thanos, moved: set[str]) -> str | None:
    """What keeps a Prometheus from evaluating it."""
    back = _looks_back(expr)
    if back > backend.retention:
        return f"looks back {duration.text(back)}, and Prometheus keeps {duration.text(backend.retention)}"
    if promql.is_fixed(expr):
        return "reads a fixed time, which Prometheus forgets"
    if outside := sorted(_labels(expr) & {*backend.labels, REPLICA}):
        return f"reads {' and '.join(outside)}, which series get when they leave their Prometheus"
    here = next(item for item in fleet.environments if item.name == environment)
    for other in fleet.environments:
        if other.name != environment and (other.own or here.own) and _reads(expr, other):
            return f"reads {other.name}, which another Prometheus watches"
    read = [node.name for node in promql.walk(expr) if isinstance(node, promql.Selector) and node.name in moved]
    return f"reads {read[0]}, which a ruler records" if read else None


def _labels(expr: Expr) -> set[str]:
    """Every label that an expression names."""
    found: set[str] = set()
    for node in promql.walk(expr):
        match node:
            case promql.Selector():
                found |= {matcher.label for matcher in node.matchers}
            case promql.Aggregate() if node.grouping:
                found |= set(node.grouping.labels)
            case promql.Binary() if node.matching:
                found |= {*node.matching.labels, *node.matching.include}
            case _:
                pass
    return found


# Mimir: everything moves, and some rules read what other tenants have


def _tenants(rules: Rules, team: str, fleet: Fleet, backend: Mimir, problems: list[Problem]) -> Iterator[Central]:
    own = backend.tenant_of(team, rules.environment)
    for group in rules.groups:
        parts: dict[tuple[str, ...], list[Recording | Alert]] = {}
        for rule in group.rules:
            others = sorted(_others(rule.expr, team, rules.environment, fleet, backend))
            if others and not backend.federated:
                message = f"{_name(rule)} reads {' and '.join(others)}, whose series are those of another tenant: "
                message += "write backend: {mimir: {federated: true}}"
                problems.append(Problem(rule.origin, message, "backend-tenants"))
            parts.setdefault((own, *others) if others else (), []).append(rule)
        for sources, kept in parts.items():
            name = f"{group.name}.federated" if sources and len(parts) > 1 else group.name
            yield Central(replace(group, name=name, rules=tuple(kept)), sources)


def _others(expr: Expr, team: str, environment: str, fleet: Fleet, backend: Mimir) -> set[str]:
    match backend.divided:
        case "environment":
            return {one.name for one in fleet.environments if one.name != environment and _reads(expr, one)}
        case "team":
            named = {(m.op, m.value) for m in _matchers(expr) if m.label == "job"}
            return {
                other
                for other, jobs in backend.jobs.items()
                if other != team and any(_takes(op, text, job) for op, text in named for job in jobs)
            }
        case None:
            return set()


def _reads(expr: Expr, environment: Environment) -> bool:
    """Whether a selector asks for the series of an environment."""
    wanted = {**environment.selector, "environment": environment.name}
    for node in promql.walk(expr):
        if isinstance(node, promql.Selector):
            said = [matcher for matcher in node.matchers if matcher.label in wanted]
            if said and all(_takes(matcher.op, matcher.value, wanted[matcher.label]) for matcher in said):
                return True
    return False


def _takes(op: str, text: str, value: str) -> bool:
    if op in ("=", "!="):
        return (text == value) is (op == "=")
    found = False
    with suppress(re.error):
        found = re.fullmatch(text, value) is not None
    return found is (op == "=~")


def _matchers(expr: Expr) -> Iterable[Matcher]:
    return (m for node in promql.walk(expr) if isinstance(node, promql.Selector) for m in node.matchers)


def _looks_back(expr: Expr) -> timedelta:
    return timedelta(milliseconds=promql.looks_back(expr))


def _name(rule: Recording | Alert) -> str:
    return rule.name if isinstance(rule, Recording) else rule.id
