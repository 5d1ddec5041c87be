"""Signals, recording rules and alerting rules of one service in one environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.classes import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import timedelta

    from llmmon.plan.backend import Central, Placed
    from llmmon.plan.fleet import Severity
    from llmmon.plan.shapes import Measure, Shape
    from llmmon.problem import Origin
    from llmmon.promql import Expr


@frozen
class ByLabel:
    """A label that a result keeps: `source` on the metric appears as `name` (`by: {tenant: team}`)."""

    name: str
    source: str


@frozen
class Signal:
    """Something measurable of a service, in the part it plays: `latency.p95` has the role `latency`."""

    role: str
    measure: Measure
    by: tuple[ByLabel, ...]
    unit: str | None
    help: str
    origin: Origin


@frozen
class Recording:
    """A recording rule; `labels` are the static `service` and `environment`."""

    name: str
    expr: Expr
    labels: Mapping[str, str]
    signal: Signal | None
    origin: Origin


@frozen
class Test:
    """Series of the user's own for an `expr` alert, in promtool's notation: with `fires` it fires, else it must not."""

    fires: tuple[str, ...]
    silent: tuple[str, ...]


@frozen
class Alert:
    """An alerting rule.

    `labels` are static (severity, category, service, team, environment, ...); `carries` are the names of the labels
    that the expression's result brings; together they are all labels of a firing alert. `receivers` are the names of
    the Alertmanager receivers that the spec promises, in route order.
    """

    id: str  # `HighLatency`, with its severity where one name has a ladder: `HighLatency@critical`
    name: str
    expr: Expr
    shape: Shape | None
    hold: timedelta
    keep: timedelta
    severity: Severity
    labels: Mapping[str, str]
    carries: frozenset[str]
    annotations: Mapping[str, str]
    unit: str | None
    tests: tuple[Test, ...]
    origin: Origin


@frozen
class Group:
    """A rule group: evaluated in order, so a rule may use what an earlier one of its group has recorded."""

    name: str
    interval: timedelta | None
    rules: tuple[Recording | Alert, ...]
    origin: Origin


@frozen
class Rules:
    """All rules of a service in one environment."""

    environment: str
    groups: tuple[Group, ...]
    signals: Mapping[str, Signal]
    central: tuple[Central, ...] = ()  # what is left of them for the engine that the fleet scales with
    local: tuple[Group, ...] = ()  # and for a Prometheus
    placed: tuple[Placed, ...] = ()  # why, where both evaluate

    @property
    def recordings(self) -> tuple[Recording, ...]:
        """Every recording rule, in order."""
        return tuple(rule for group in self.groups for rule in group.rules if isinstance(rule, Recording))

    @property
    def alerts(self) -> tuple[Alert, ...]:
        """Every alerting rule, in order."""
        return tuple(rule for group in self.groups for rule in group.rules if isinstance(rule, Alert))
