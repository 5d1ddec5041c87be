"""A promtool test group: input series, and what must be true at which time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from llmmon import duration, promql

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import timedelta

    from llmmon.plan import Alert

    from .model import State
    from .series import Row
    from .track import Clock

_TELLING = ("severity", "slo", "window")  # static labels that tell alerts of one name apart


@dataclass(frozen=True, slots=True)
class Group:
    """One test; `step` is the evaluation interval of the file that it belongs to."""

    name: str
    step: timedelta
    scrape: timedelta
    rows: tuple[Row, ...]
    checks: tuple[dict[str, Any], ...]

    def data(self) -> dict[str, Any]:
        """As promtool reads it."""
        return {
            "name": self.name,
            "interval": duration.text(self.scrape),
            "input_series": [{"series": row.text, "values": row.values} for row in self.rows],
            "promql_expr_test": list(self.checks),
        }


@dataclass(frozen=True, slots=True)
class Seen:
    """The expected states of one result of an alert, step by step, and its labels."""

    labels: Mapping[str, str]
    states: Sequence[State | None]
    healthy: bool = False


def check(expr: str, at: timedelta, samples: Iterable[tuple[str, int]]) -> dict[str, Any]:
    """One assertion; no sample is an empty result."""
    found = [{"labels": labels, "value": value} for labels, value in samples]
    out = {"expr": expr, "eval_time": duration.text(at)}
    return {**out, "exp_samples": found} if found else out


def picker(alert: Alert, any_severity: bool = False) -> dict[str, str]:
    """What picks the alert's own ALERTS series."""
    told = {label: alert.labels[label] for label in _TELLING if label in alert.labels}
    if any_severity:
        del told["severity"]
    return {"alertname": alert.name, **told}


def states_at(
    alert: Alert, seen: Sequence[Seen], step: int, clock: Clock, any_severity: bool = False
) -> dict[str, Any]:
    """All states of the alert at a step, counted by the labels that tell its results apart."""
    labels = sorted({label for item in seen for label in item.labels})
    grouping = ", ".join(["alertstate", *labels])
    expr = f"count by ({grouping}) ({promql.selector('ALERTS', picker(alert, any_severity))})"
    found = [(item.states[step], item.labels) for item in seen]
    return check(expr, step * clock.step, [(_labels({"alertstate": s, **own}), 1) for s, own in found if s])


def whole_at(alert: Alert, seen: Sequence[Seen], step: int, clock: Clock) -> dict[str, Any] | None:
    """The firing alerts with every label; None where the alert carries labels whose values are not known."""
    fixed = fixed_labels(alert)
    if any(alert.carries - item.labels.keys() - fixed.keys() for item in seen):
        return None
    expr = promql.selector("ALERTS", {**picker(alert), "alertstate": "firing"})
    static = {"alertname": alert.name, "alertstate": "firing", **alert.labels}
    own = {label: value for label, value in fixed.items() if label in alert.carries}
    found = [
        (f"ALERTS{_labels({**own, **item.labels, **static})}", 1) for item in seen if item.states[step] == "firing"
    ]
    return check(expr, step * clock.step, found)


def measured_at(alert: Alert, step: int, clock: Clock, count: int | None) -> dict[str, Any] | None:
    """That what the alert compares is there, so that its silence means something."""
    left = compared(alert.expr)
    if left is None:
        return None
    text = promql.to_text(left)
    if count is None:
        return check(f"count({text}) > bool 0", step * clock.step, [("{}", 1)])
    return check(f"count({text})", step * clock.step, [("{}", count)])


def compared(expr: promql.Expr) -> promql.Expr | None:
    """The left side of the first comparison."""
    match expr:
        case promql.Paren(inner):
            return compared(inner)
        case promql.Binary(op, lhs) if op in (">", "<", ">=", "<=", "==", "!="):
            return lhs
        case promql.Binary("and" | "or" | "unless", lhs):
            return compared(lhs)
    return None


def fixed_labels(alert: Alert) -> dict[str, str]:
    """Labels that the expression's first selector pins to one value."""
    node = next((node for node in promql.walk(alert.expr) if isinstance(node, promql.Selector)), None)
    return {m.label: m.value for m in node.matchers if m.op == "="} if node else {}


def _labels(labels: Mapping[str, str]) -> str:
    return "{" + ",".join(f"{name}={promql.quote(value)}" for name, value in sorted(labels.items())) + "}"
