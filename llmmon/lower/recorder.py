"""Recording rules on demand: each signal and grouping that something uses is recorded once per environment."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

from llmmon import duration, promql
from llmmon.lower import expressions as ex
from llmmon.plan import Group, Recording, Signal
from llmmon.plan import shapes as sh

if TYPE_CHECKING:
    from llmmon.lower.names import Names
    from llmmon.lower.scope import Scope
    from llmmon.plan import Alert, ByLabel
    from llmmon.problem import Origin
    from llmmon.promql import Expr

SLOW = 24 * 3600 * 1000  # milliseconds of a range
SLOW_INTERVAL = timedelta(minutes=2)  # well below the five minutes after which a sample is stale
MAX_RULES = 20  # of a group: one slow rule delays only these


class Recorder:
    """Collects the recording rules of a service in one environment, in the order in which they are needed."""

    def __init__(self, scope: Scope, names: Names) -> None:
        self.scope = scope
        self.names = names
        self.rules: dict[str, Recording] = {}
        self.bundles: dict[str, list[str]] = {}  # rules that must share a group, because one reads the other
        self.made: dict[str, tuple[str, tuple[ByLabel, ...]]] = {}  # series -> the signal and grouping that it is of
        self.slow: list[str] = []  # rules over a day and more: dear, and they hardly move
        self.named: dict[str, tuple[str, dict[str, str]]] = {}  # role -> a series that an SLO or a budget records

    def use(self, signal: Signal, by: tuple[ByLabel, ...]) -> str:
        """The name of the recorded series of this signal, kept by these labels."""
        what = signal.measure
        if signal.role in self.named:
            return self.named[signal.role][0]
        level = "_".join(("service", *(label.name for label in by)))
        name = f"{level}:{series(signal)}:{operation(what)}"
        if self.made.setdefault(name, (signal.role, by)) != (signal.role, by):
            message = f"{signal.role} and {self.made[name][0]} would both be recorded as {name}: rename one"
            self.names.add(signal.origin, message, "duplicate-recording")
        if name in self.rules:
            return name
        bundle = f"{signal.role}/{level}"
        if isinstance(what, sh.Quantile) and not what.native:
            base = f"{'_'.join(('service', 'le', *(label.name for label in by)))}:{series(signal)}_bucket:rate"
            source = f"{base}{duration.text(what.window)}"
            self.add(source, ex.buckets(what.bucket, by, what.window), signal, bundle, ("le", *_names(by)))
            q = promql.to_text(promql.Number(float(what.q)))
            text = f"histogram_quantile({q}, {ex.recorded(source, self.scope.recorded)})"
        else:
            text = ex.measure(what, by)
        self.add(name, text, signal, bundle, _names(by))
        return name

    def value(self, signal: Signal, by: tuple[ByLabel, ...], scope: Scope | None = None) -> str:
        """A selector of the signal's recorded series, in this environment or on a dashboard."""
        name = self.use(signal, by)
        return self.text(name, scope, **self.named[signal.role][1] if signal.role in self.named else {})

    def add(
        self,
        name: str,
        text: str,
        signal: Signal | None,
        bundle: str,
        keeps: tuple[str, ...],
        origin: Origin | None = None,
        **labels: str,
    ) -> str:
        """One recording rule with the static labels; a name that is there already is kept."""
        key = name + "".join(f",{value}" for value in labels.values())
        if key not in self.rules:
            place = origin or (signal.origin if signal else None)
            assert place is not None
            expr = promql.parse(text, version=self.names.version)
            self.rules[key] = Recording(name, expr, {**self.scope.recorded, **labels}, signal, place)
            (self.slow if self._is_slow(expr) else self.bundles.setdefault(bundle, [])).append(key)
            self.names.recorded[name] = frozenset((*keeps, "service", "environment", *labels))
        return name

    def text(self, name: str, scope: Scope | None = None, **labels: str) -> str:
        """A selector of a recorded series, in this environment or on a dashboard."""
        return ex.recorded(name, {**(scope or self.scope).recorded, **labels})

    def _is_slow(self, expr: Expr) -> bool:
        """Looks back a day or more, or reads what does."""
        names = {self.rules[key].name for key in self.slow}
        return any(
            (isinstance(node, promql.Range) and node.range >= SLOW)
            or (isinstance(node, promql.Selector) and node.name in names)
            for node in promql.walk(expr)
        )

    def groups(self, origin: Origin) -> list[Group]:
        """The rules in groups of at most MAX_RULES; rules that read each other stay together."""
        prefix = f"{self.scope.service}.{self.scope.environment}"
        packs: list[list[Recording]] = []
        for keys in self.bundles.values():
            rules = [self.rules[key] for key in keys]
            if not packs or len(packs[-1]) + len(rules) > MAX_RULES:
                packs.append([])
            packs[-1] += rules
        slow = [self.rules[key] for key in self.slow]
        return [
            *(Group(_nth(f"{prefix}.recording", i), None, tuple(pack), origin) for i, pack in enumerate(packs)),
            *(
                Group(_nth(f"{prefix}.long", i // MAX_RULES), SLOW_INTERVAL, tuple(slow[i : i + MAX_RULES]), origin)
                for i in range(0, len(slow), MAX_RULES)
            ),
        ]


def alert_groups(scope: Scope, alerts: list[Alert], origin: Origin) -> list[Group]:
    """Alerts in one group per category, at most MAX_RULES each."""
    by_category: dict[str, list[Alert]] = {}
    for alert in alerts:
        by_category.setdefault(alert.labels["category"], []).append(alert)
    out = []
    for category, members in by_category.items():
        for i in range(0, len(members), MAX_RULES):
            name = _nth(f"{scope.service}.{scope.environment}.{category}", i // MAX_RULES)
            out.append(Group(name, None, tuple(members[i : i + MAX_RULES]), origin))
    return out


def series(signal: Signal) -> str:
    """`<role>_<unit>`: `latency_seconds`; the unit once only (`tokens`, not `tokens_tokens`)."""
    noun = word(signal.unit)
    role = signal.role.partition(".")[0]
    return f"{role}_{noun}" if noun and noun not in role.split("_") else role


def word(of: str | None) -> str:
    """A unit as a part of a series name: `usd`, `tokens`; of a rate what is counted."""
    return re.sub(r"[^a-z0-9]+", "_", (of or "").removesuffix("/s").lower()).strip("_")


def operation(what: sh.Measure) -> str:
    """`<operation><window>`: what was done, last first, as in `p95_rate5m`."""
    match what:
        case sh.Rate(_, op, window, born):
            return f"{op}{duration.text(window)}{'_first' if born else ''}"
        case sh.Ratio(window=window):
            return f"rate{duration.text(window)}"
        case sh.Quantile(q=q, window=window):
            return f"p{_percentile(float(q))}_rate{duration.text(window)}"
        case sh.Mean(window=window):
            return f"mean_rate{duration.text(window)}"
        case sh.Gauge(how=how, smooth=smooth):
            return f"{how}_avg{duration.text(smooth)}" if smooth else how
        case sh.Usage(rated=rated, how=how):
            return f"{how}_rate{duration.text(rated)}" if rated else how
        case sh.Age():
            return "age"
        case sh.Expression():
            return "expr"


def looks_back(what: sh.Condition) -> timedelta | None:
    """How far into the past a condition looks at the value itself; None where only the present counts."""
    match what:
        case sh.Rises(versus=time) | sh.Drops(versus=time) | sh.Deviates(over=time) | sh.Strays(over=time):
            return time
        case sh.Grows(within=time) | sh.FillsIn(trend=time):
            return time
    return None


def _nth(name: str, index: int) -> str:
    return f"{name}-{index + 1}" if index else name


def _names(by: tuple[ByLabel, ...]) -> tuple[str, ...]:
    return tuple(label.name for label in by)


def _percentile(q: float) -> str:
    text = f"{q * 100:.10g}"
    return text.replace(".", "_")
