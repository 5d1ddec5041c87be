"""Dashboards: panels on signals and expressions, with the thresholds of the alerts that watch the same thing."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from llmmon import duration, promql, unit
from llmmon.classes import replace
from llmmon.lower import expressions as ex
from llmmon.lower import objectives, overview, text
from llmmon.lower.advice import kind_of
from llmmon.lower.scope import Scope
from llmmon.lower.signals import by_labels, scope_measure, selectors
from llmmon.lower.trends import PREFIX
from llmmon.plan import Alert, ByLabel, Dashboard, Panel, Query, Row, Signal, Threshold, Variable
from llmmon.plan import shapes as sh

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from llmmon.lower.place import Place
    from llmmon.plan import Fleet
    from llmmon.plan.dashboards import Kind
    from llmmon.problem import Origin
    from llmmon.spec import dashboards as spec

OVERVIEW = "service"
RATE_INTERVAL = "$__rate_interval"
_STAND_IN = "4321ms"  # parses where Grafana's variable does not; nobody writes it


def lower_dashboards(places: Sequence[Place]) -> tuple[Dashboard, ...]:
    """The service overview, its objectives and every dashboard of the spec; all they show is recorded everywhere."""
    first = places[0]
    scope = _scope(first.fleet, first)
    if scope is None:
        return ()
    maker = Maker(places, scope)
    written = dict(first.service.spec.dashboards)
    own = written.pop(OVERVIEW, None)
    out = [maker.overview(own)]
    if first.objectives:
        out.append(maker.objectives(written.pop(objectives.BOARD, None)))
    out += [maker.dashboard(name, board) for name, board in written.items()]
    return tuple(out)


def _scope(fleet: Fleet, place: Place) -> Scope | None:
    """The same service with Grafana's environment variable in the place of an environment."""
    keys = {key for environment in fleet.environments for key in environment.selector}
    if len(keys) > 1 or any(len(environment.selector) != 1 for environment in fleet.environments if keys):
        message = (
            "dashboards tell environments apart by one label: give each environment the same single selector label"
        )
        place.names.add(fleet.origin.at("environments"), message, "environment-label")
        return None
    same = all(value == item.name for item in fleet.environments for value in item.selector.values())
    shared = dict.fromkeys(keys, "${environment}")
    name = "${environment}" if same else "${environment:text}"
    return Scope(place.scope.service, name, place.scope.own, shared, place.workload, variables=True)


class Maker:
    """Makes the panels of one service."""

    def __init__(self, places: Sequence[Place], scope: Scope) -> None:
        self.places = places
        self.first = places[0]
        self.scope = scope
        self.alerts: dict[str, list[tuple[Alert, sh.Condition]]] = {}
        for alert in self.first.alerts:
            if alert.shape is not None and kind_of(alert) not in _NAMED:
                self.alerts.setdefault(_measure_key(alert.shape.measure), []).append((alert, alert.shape.condition))

    def overview(self, own: spec.Dashboard | None) -> Dashboard:
        """Every signal of the service, and what the spec adds."""
        extra = list(self._rows(OVERVIEW, own)) if own else []
        service = self.scope.service
        title = own.title if own and own.title else f"{service}: service overview"
        words = f"Everything that watches {service}: objectives, golden signals, then each further signal."
        return self._board(OVERVIEW, title, words, own, [*overview.rows(self), *extra])

    def objectives(self, own: spec.Dashboard | None) -> Dashboard:
        """Every objective of the service, and what the spec adds."""
        extra = list(self._rows(objectives.BOARD, own)) if own else []
        service = self.scope.service
        title = own.title if own and own.title else f"{service}: objectives"
        words = f"What is promised of {service}, and how much of it is left to be missed."
        made = objectives.rows(self.first.objectives, self.first.alerts, self.scope)
        return self._board(objectives.BOARD, title, words, own, [*made, *extra])

    def dashboard(self, name: str, written: spec.Dashboard) -> Dashboard:
        """A dashboard of the spec."""
        title = written.title or f"{self.scope.service}: {name}"
        return self._board(name, title, written.help or f"{title}.", written, list(self._rows(name, written)))

    def _board(self, name: str, title: str, words: str, written: spec.Dashboard | None, rows: list[Row]) -> Dashboard:
        fleet = self.first.fleet
        origin = self.first.service.origin("dashboards", name) if written else self.first.service.origin()
        if written and written.refresh < fleet.scrape_interval:
            message = (
                f"refresh {duration.text(written.refresh)} is shorter than the scrape interval: nothing new to show"
            )
            self.first.names.add(origin.at("refresh"), message, "fast-refresh")
        values = [(item.name, next(iter(item.selector.values()), item.name)) for item in fleet.environments]
        return Dashboard(
            name=name,
            uid=text.uid(self.scope.service, name),
            title=title,
            description=words,
            service=self.scope.service,
            team=self.first.team,
            spec=self.first.service.source.document.owner,
            refresh=written.refresh if written else timedelta(seconds=30),
            span=written.time if written else timedelta(hours=1),
            variables=(Variable("environment", "Environment", None, tuple(values)),),
            rows=tuple(rows),
            origin=origin,
        )

    def _rows(self, board: str, written: spec.Dashboard) -> Iterator[Row]:
        for title, panels in written.panels.items():
            base = self.first.service.origin("dashboards", board, "panels")
            place = base.at(title) if title else base
            made = [self._panel(item, title, place.at(index)) for index, item in enumerate(panels)]
            yield Row(title, tuple(panel for panel in made if panel))

    def _panel(self, written: spec.Panel, row: str, origin: Origin) -> Panel | None:
        key = f"{row}/{written.title}"
        if written.expr:
            return self._of_expressions(key, written, origin)
        family: list[Signal] = []
        for index, reference in enumerate(written.signal):
            where = origin.at("signal", index) if len(written.signal) > 1 else origin.at("signal")
            family += self.first.signals.family(reference, where)
        if not family:
            return None
        kind = written.kind or ("timeseries" if written.top is None else "table")
        return self.of_signals(key, written.title, tuple(family), written, kind, written.by, origin)

    def of_signals(
        self,
        key: str,
        title: str,
        family: tuple[Signal, ...],
        written: spec.Panel | None,
        kind: Kind,
        by: dict[str, str] | None,
        origin: Origin,
    ) -> Panel:
        """A panel on signals of one unit, with the thresholds of the alerts that watch them."""
        queries: list[Query] = []
        heatmap = kind == "heatmap"
        for signal in family[:1] if heatmap else family:
            kept = signal.by if by is None else by_labels(by, self.first.names, origin.at("by"))
            if kept != signal.by and signal.role in self.first.recorder.named:
                message = f"{signal.role} is recorded by {[label.name for label in signal.by]}: leave by: away"
                self.first.names.add(origin.at("by"), message, "fixed-grouping")
            if by is not None and not self.first.names.grouping(kept, selectors(signal.measure), origin.at("by")):
                continue
            queries.append(self.query(signal, kept, kind, written, len(family) > 1))
        of = (written.unit if written else None) or self._unit(family[0], written)
        lines = self._thresholds(family)
        if written and written.target:
            self._fits(written.target, of, origin)
            lines.append(Threshold(written.target.value, "target"))
        watching = self._watching(family)
        words = (written.help if written else None) or " ".join(dict.fromkeys(signal.help for signal in family))
        share = of == "ratio" and not any(_unbounded(signal) for signal in family)
        return Panel(
            key=key,
            title=title,
            description=words,
            kind=kind,
            queries=tuple(queries),
            unit="dtdurations" if isinstance(family[0].measure, sh.Age) else unit.grafana(of),
            thresholds=tuple(sorted(set(lines), key=lambda line: line.value)),
            alerts=watching,
            mapping=_mapping(written),
            stacked=bool(written and written.stacked),
            minimum=None if _signed(family) else Decimal(0),
            maximum=Decimal(1) if share else None,
            decimals=None,
            width=None,
            height=None,
            origin=origin,
        )

    def query(
        self, signal: Signal, by: tuple[ByLabel, ...], kind: Kind, written: spec.Panel | None, many: bool
    ) -> Query:
        """A signal as a panel asks for it: recorded, where that is dear."""
        legend = " ".join(f"{{{{{label.name}}}}}" for label in by)
        if many:
            legend = f"{_short(signal.role)} {legend}".strip()
        legend = legend or text.words(signal.role.partition(".")[0])
        raw = scope_measure(signal.measure, self.scope, self.first.names)
        top = written.top if written else None
        if kind == "heatmap" and isinstance(raw, sh.Quantile):
            return Query(ex.summed((raw.bucket,), by, "increase", RATE_INTERVAL, ("le",)), "{{le}}", False, True)
        if written and written.total and isinstance(raw, sh.Rate):
            expression = ex.summed(raw.sources, by, "increase", written.total)
        elif top or isinstance(raw, sh.Gauge | sh.Age):  # the label of a top ten may be unbounded: nothing to record
            expression = ex.measure(raw, by)
        else:
            for place in self.places:
                place.recorder.use(place.here(signal), by)
            expression = self.first.recorder.value(self.first.here(signal), by, self.scope)
        return Query(f"topk({top}, {expression})" if top else expression, legend, bool(top) or kind in _INSTANT)

    def _of_expressions(self, key: str, written: spec.Panel, origin: Origin) -> Panel | None:
        queries = []
        for legend, expression in written.expr.items():
            where = origin.at("expr", legend) if legend else origin.at("expr")
            plain = expression.replace(RATE_INTERVAL, _STAND_IN)
            at_once = bool(written.top) or written.kind in (*_INSTANT, "stat", "gauge")
            expr = self.first.names.expression(plain, where, "panel", written.unit, written.title, at_once)
            if expr is None:
                return None
            scoped = promql.to_text(self.scope.rewrite(expr, self.first.names))
            kept = " ".join(f"{{{{{name}}}}}" for name in written.by or ())
            ready = scoped.replace("4s321ms", RATE_INTERVAL)
            ready = f"topk({written.top}, {ready})" if written.top else ready
            instant = bool(written.top) or written.kind in _INSTANT
            queries.append(Query(ready, legend or kept or written.title, instant))
        if written.target:
            self._fits(written.target, written.unit, origin)
        lines = (Threshold(written.target.value, "target"),) if written.target else ()
        return Panel(
            key=key,
            title=written.title,
            description=written.help or f"{written.title}.",
            kind=written.kind or ("timeseries" if written.top is None else "table"),
            queries=tuple(queries),
            unit=unit.grafana(written.unit),
            thresholds=lines,
            alerts=(),
            mapping=_mapping(written),
            stacked=written.stacked,
            minimum=None,
            maximum=None,
            decimals=None,
            width=None,
            height=None,
            origin=origin,
        )

    def _fits(self, target: unit.Quantity, of: str | None, origin: Origin) -> None:
        if of is not None and not unit.fits(target, of):
            message = f"{target.text!r} is no target for a panel in {of}: write one in that unit, or change the unit"
            self.first.names.add(origin.at("target"), message, "wrong-unit")

    def _unit(self, signal: Signal, written: spec.Panel | None) -> str | None:
        if written and written.total and signal.unit:
            return signal.unit.removesuffix("/s")
        return signal.unit

    def _thresholds(self, family: tuple[Signal, ...]) -> list[Threshold]:
        out = []
        for alert, what in self._found(family):
            variant = family[0].role.partition(".")[2] if family[0].role.startswith("budget_") else ""
            match what:
                case sh.Above(value) if variant in ("", "used"):
                    out.append(Threshold(value, alert.severity))
                case sh.Below(value):
                    out.append(Threshold(value, alert.severity, below=True))
                case sh.Budget(share, forecast=None) if variant == "used":
                    out.append(Threshold(share, alert.severity))
                case sh.Rises(value) | sh.Grows(value) | sh.FillsIn(value) if family[0].role.startswith(PREFIX):
                    out.append(Threshold(value, alert.severity))
                case sh.Drops(value) if family[0].role.startswith(PREFIX):
                    out.append(Threshold(value, alert.severity, below=True))
                case sh.Budget(share, forecast=trend) if trend and variant == "forecast":
                    out.append(Threshold(share, alert.severity))
                case sh.Overruns(share) if variant == "forecast":
                    out.append(Threshold(share, alert.severity))
        return out

    def _watching(self, family: tuple[Signal, ...]) -> tuple[tuple[str, str], ...]:
        found = {alert.name: alert.annotations["runbook_url"] for alert, _ in self._found(family)}
        return tuple(sorted(found.items()))

    def _found(self, family: tuple[Signal, ...]) -> list[tuple[Alert, sh.Condition]]:
        out = []
        for signal in family:
            kind, _, name = signal.role.partition(".")[0].partition("_")
            if kind == "slo" and signal.role in self.first.recorder.named:
                out += [item for item in self._named if item[0].labels.get("slo") == name]
            elif signal.role.startswith(PREFIX):
                alert = self.first.trends[name].alert
                out += [(alert, alert.shape.condition)] if alert and alert.shape else []
            elif kind == "budget" and signal.role in self.first.recorder.named:
                out += [item for item in self._named if item[0].name.startswith(f"{text.camel(name)}Budget")]
            else:
                out += self.alerts.get(_measure_key(self.first.here(signal).measure), [])
        return out

    @property
    def _named(self) -> list[tuple[Alert, sh.Condition]]:
        """The alerts of objectives and budgets, whose panels show a series that is recorded under a name of its own."""
        shapes = ((alert, alert.shape.condition) for alert in self.first.alerts if alert.shape)
        return [(alert, what) for alert, what in shapes if kind_of(alert) in _NAMED]


_NAMED = ("burn", "exhausted", "budget")
_INSTANT = ("piechart", "table", "bargauge", "barchart")


def _measure_key(what: sh.Measure) -> str:
    return repr(replace(what, born=None) if isinstance(what, sh.Rate) else what)


def _mapping(written: spec.Panel | None) -> dict[str, tuple[str, str]]:
    """Texts for values, the highest green, the lowest red, what is between orange."""
    if not written or not written.values:
        return {}
    order = sorted(written.values, key=float)
    colours = dict.fromkeys(order, "orange") | {order[0]: "red", order[-1]: "green"}
    return {value: (words, colours[value]) for value, words in written.values.items()}


def _short(role: str) -> str:
    head, _, variant = role.partition(".")
    return variant or text.words(head)


def _unbounded(signal: Signal) -> bool:
    return isinstance(signal.measure, sh.Gauge | sh.Expression) or (
        isinstance(signal.measure, sh.Ratio) and signal.measure.sense == "part"
    )


def _signed(family: tuple[Signal, ...]) -> bool:
    return any(isinstance(signal.measure, sh.Expression) for signal in family)
