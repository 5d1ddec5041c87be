"""What budgets of both kinds have in common: how they are recorded, shown and watched."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from llmmon import duration, unit
from llmmon.classes import frozen
from llmmon.lower import text
from llmmon.lower.recorder import word
from llmmon.lower.rule import rule
from llmmon.plan import Signal
from llmmon.plan import shapes as sh

if TYPE_CHECKING:
    from collections.abc import Callable

    from llmmon.lower.limits import Limits
    from llmmon.lower.place import Place
    from llmmon.plan import ByLabel
    from llmmon.plan.fleet import Severity
    from llmmon.problem import Origin
    from llmmon.spec import budgets as spec

HOLD: dict[Severity, timedelta] = {
    "critical": timedelta(minutes=5),
    "warning": timedelta(minutes=15),
    "info": timedelta(minutes=15),
}
KINDS = ("Used", "Exhausted", "Forecast")  # of alerts: `DailyBudgetUsed`
_ALL = Decimal(1)
_SHARES: tuple[Severity, ...] = ("info", "warning", "critical")


@frozen
class Spending:
    """One budget in one environment, and what its series are named after; `money` is the unit of what is spent."""

    name: str
    written: spec.Budget
    by: tuple[ByLabel, ...]
    limits: Limits
    money: str | None
    period: str  # in words: `over a rolling 1d`
    origin: Origin
    place: Place

    @property
    def keeps(self) -> tuple[str, ...]:
        """The labels that tell the budgets of one name apart."""
        return tuple(label.name for label in self.by)

    @property
    def on(self) -> str:
        """Matches a budget's series with one another."""
        return f"on ({', '.join(self.keeps)}) "

    def record(
        self, variant: str, of: str | None, operation: str, expression: str, signal: Signal | None = None
    ) -> str:
        """A recording rule; returns what selects it."""
        level = "_".join(("service", *self.keeps))
        series = f"{level}:budget_{variant}{f'_{word(of)}' if word(of) else ''}:{operation}"
        recorder, bundle = self.place.recorder, f"budget/{self.name}"
        recorder.add(series, expression, signal, bundle, self.keeps, self.origin, budget=self.name)
        return recorder.text(series, budget=self.name)

    def show(self, variant: str, recorded: str, of: str | None) -> None:
        """A signal of what is recorded, for panels and alerts: `budget_daily.used`."""
        role, family = f"budget_{self.name}.{variant}", f"budget_{self.name}"
        words = f"{text.words(self.name).capitalize()} budget, {text.words(variant)}."
        signal = Signal(role, sh.Expression(recorded), self.by, of, words, self.origin)
        self.place.signals.variants.setdefault(family, {})[variant] = signal
        self.place.recorder.named[role] = (recorded.partition("{")[0], {"budget": self.name})

    def watch(self, used: str, measure: sh.Measure, condition: Callable[[Decimal], sh.Condition]) -> None:
        """Alerts on the used share, lowest first, and one of its own where all of it is used."""
        for severity in _SHARES:
            share = getattr(self.written, severity)
            if share is not None:
                words = f"more than {text.number(share.value, 'ratio')} is used"
                self.tell("Used", severity, used, share.value, condition(share.value), measure, words)
        if self.written.exhausted:
            self.tell("Exhausted", self.written.exhausted, used, _ALL, condition(_ALL), measure, "all of it is used")

    def foresee(
        self, ahead: str, trend: timedelta, what: Callable[[Decimal], sh.Condition], measure: sh.Measure
    ) -> None:
        """An alert where more will be used than there is; for the record only where a lower share is meant."""
        wanted = self.written.forecast
        share = wanted.value if isinstance(wanted, unit.Quantity) else _ALL
        severity: Severity = "info" if share < 1 else "warning"
        words = f"at the pace of the last {duration.text(trend)}, more than {text.number(share, 'ratio')} will be used"
        self.tell("Forecast", severity, ahead, share, what(share), measure, words, min(trend / 8, timedelta(hours=1)))

    def tell(
        self,
        kind: str,
        severity: Severity,
        value: str,
        share: Decimal,
        what: sh.Condition,
        measure: sh.Measure,
        words: str,
        hold: timedelta | None = None,
    ) -> None:
        """An alert, unless a lower rung has the severity that this one is demoted to."""
        alert, place = f"{text.camel(self.name)}Budget{kind}", self.place
        target = place.environment.demote.get(severity, severity)
        if target != severity and any(a.name == alert and a.severity == target for a in place.alerts):
            return
        ahead = kind == "Forecast"
        compare = ">=" if share == _ALL and not ahead else ">"
        now = f"{'At this pace it comes to' if ahead else 'Now'} {unit.humanize('ratio')} of the limit."
        subject = f"The {text.words(self.name)} budget of {place.scope.service}"
        made = rule(
            place,
            name=alert,
            expression=f"{value} {compare} {unit.number(share)}",
            shape=sh.Shape(measure, self.by, what, None, tuple(self.limits.exceptions(self.by, what, measure))),
            severity=severity,
            category="cost",
            hold=HOLD[severity] if hold is None else hold,
            keep=timedelta(0),
            summary=f"{subject}{text.labels(self.keeps)}: {words}",
            description=f"Spending {self.period}. {now}",
            of="ratio",
            origin=self.origin,
        )
        if made:
            place.alerts.append(made)
