"""A promtool test group: input series, and what must be true at which time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmmon import duration, promql
from llmmon.classes import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import timedelta

    from llmmon.plan import Alert

    from .model import State
    from .series import Row

_TELLING = ("severity", "slo", "window")  # static labels that tell alerts of one name apart
_COMPARE = (">", "<", ">=", "<=", "==", "!=")


@frozen
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


class Checks:
    """Assertions on an alert: `results` has for each of its results the labels that tell it from the others."""

    def __init__(self, alert: Alert, results: Sequence[Mapping[str, str]], any_severity: bool = False) -> None:
        self.alert, self.results = alert, results
        grouping = ", ".join(["alertstate", *sorted({label for labels in results for label in labels})])
        self._states = f"count by ({grouping}) ({promql.selector('ALERTS', picker(alert, any_severity))})"
        left = compared(alert.expr)
        self._measured = None if left is None else promql.to_text(left)

    def states(self, at: timedelta, states: Iterable[State | None]) -> dict[str, Any]:
        """The state of each result, counted by its labels."""
        found = zip(states, self.results, strict=True)
        return check(self._states, at, [(_labels({"alertstate": state, **own}), 1) for state, own in found if state])

    def whole(self, at: timedelta, states: Iterable[State | None]) -> dict[str, Any] | None:
        """The firing alerts with every label; None where the alert carries labels whose values are not known."""
        alert, fixed = self.alert, fixed_labels(self.alert)
        if any(alert.carries - labels.keys() - fixed.keys() for labels in self.results):
            return None
        expr = promql.selector("ALERTS", {**picker(alert), "alertstate": "firing"})
        static = {"alertname": alert.name, "alertstate": "firing", **alert.labels}
        own = {label: value for label, value in fixed.items() if label in alert.carries}
        found = zip(states, self.results, strict=True)
        firing = [labels for state, labels in found if state == "firing"]
        return check(expr, at, [(f"ALERTS{_labels({**own, **labels, **static})}", 1) for labels in firing])

    def measured(self, at: timedelta, count: int | None) -> dict[str, Any] | None:
        """That what the alert compares is there, so that its silence means something."""
        if self._measured is None:
            return None
        if count is None:
            return check(f"count({self._measured}) > bool 0", at, [("{}", 1)])
        return check(f"count({self._measured})", at, [("{}", count)])


def compared(expr: promql.Expr) -> promql.Expr | None:
    """The left side of the first comparison."""
    match expr:
        case promql.Paren(inner):
            return compared(inner)
        case promql.Binary(op, lhs) if op in _COMPARE:
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
