"""A spec's objectives become documents of OpenSLO v1, which `llmmon import` reads again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmmon import promql
from llmmon.classes import replace
from llmmon.interchange.targets import dns, object_name
from llmmon.lower import expressions as ex
from llmmon.lower.metrics import known_metrics
from llmmon.lower.names import Names
from llmmon.lower.scope import Scope
from llmmon.lower.service import common_labels
from llmmon.lower.signals import Signals, by_labels, scoped
from llmmon.lower.watched import workload as workload_of
from llmmon.plan import shapes as sh
from llmmon.problem import Level, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal

    from llmmon.load import LoadedService
    from llmmon.plan import ByLabel, Fleet, Signal
    from llmmon.spec import slos as spec

VERSION = "openslo/v1"
_RATE = "5m"
_POSTFIXES = {"w": 604_800, "d": 86_400, "h": 3600, "m": 60}
_LOST = {
    "guard": "a guard on traffic",
    "revision": "a revision",
}


def documents(loaded: LoadedService, fleet: Fleet, problems: list[Problem]) -> Iterator[dict[str, Any]]:
    """The service, and an indicator and an objective for each of its slos; it has no errors."""
    if not loaded.spec.slos:
        return
    about = loaded.spec.description
    yield _document("Service", dns(loaded.name), {"description": about} if about else {}, loaded.spec.team)
    exporter = _Exporter(loaded, fleet, problems)
    for name, written in loaded.spec.slos.items():
        yield from exporter.objective(name, written)


class _Exporter:
    def __init__(self, loaded: LoadedService, fleet: Fleet, problems: list[Problem]) -> None:
        self.loaded, self.problems = loaded, problems
        version, workload = fleet.versions["prometheus"], workload_of(loaded)
        known = known_metrics(loaded, version)
        self.names = Names(known, common_labels(loaded, fleet), version, workload is not None)
        self.signals = Signals(loaded, self.names)
        self.scope = Scope(loaded.name, "", loaded.spec.selector, {}, workload)

    def objective(self, name: str, written: spec.SLO) -> Iterator[dict[str, Any]]:
        origin = self.loaded.origin("slos", name)
        for key, words in _LOST.items():
            if getattr(written, key) is not None:
                self.problems.append(
                    Problem(
                        origin.at(key), f"OpenSLO has no {words.split(' ', 1)[1]}: it is left out", "export", Level.NOTE
                    )
                )
        metric, extra = ({}, {}) if written.parts is not None else self._metric(name, written)
        title = self._object(name)
        if metric:
            yield _document("SLI", title, metric, None)
        body: dict[str, Any] = {}
        if help_ := self._help(name, written):
            body["description"] = help_
        body["service"] = dns(self.loaded.name)
        if written.parts is None:
            body["indicatorRef"] = title
        body["timeWindow"] = [{"duration": shorthand(written.window), "isRolling": True}]
        body["budgetingMethod"] = "Timeslices" if written.slice else "Occurrences"
        body["objectives"] = list(self._objectives(name, written, extra))
        yield _document("SLO", title, body, self.loaded.spec.team)

    def _objectives(self, name: str, written: spec.SLO, extra: dict[str, Any]) -> Iterator[dict[str, Any]]:
        one: dict[str, Any] = {"displayName": name, **extra, "target": written.objective.normalize()}
        if written.slice:
            target = written.slice.target or written.objective
            one |= {"timeSliceTarget": target.normalize(), "timeSliceWindow": shorthand(written.slice.width)}
        if written.parts is None:
            yield one
        for part, weight in (written.parts or {}).items():
            yield {**one, "displayName": part, "indicatorRef": self._object(part), "compositeWeight": weight}

    def _metric(self, name: str, written: spec.SLO) -> tuple[dict[str, Any], dict[str, Any]]:
        """The indicator, and what the objective says beside its target."""
        if written.total is not None:
            sense = "bad" if written.bad is not None else "good"
            part, total = self._find(written.bad or written.good or ""), self._find(written.total)
            by = self._by(written) or total.by
            return _ratio({sense: self._query(part, by), "total": self._query(total, by)}), {}
        reference = written.signal or name
        signal = self._family(reference) if written.within is not None else self._find(reference)
        by = self._by(written)
        if written.within is not None:
            return self._latency(signal, written, by), {}
        by = by or (signal.by if isinstance(signal.measure, sh.Expression) else ())
        if written.raw is not None:
            kind = "failure" if written.raw == "bad" else "success"
            return {"ratioMetric": {"rawType": kind, "raw": _source(self._query(signal, by))}}, {}
        if bound := written.above or written.below:
            op = "gt" if written.above is not None else "lt"
            return {"thresholdMetric": _source(self._query(signal, by))}, {"op": op, "value": bound.value.normalize()}
        what = signal.measure
        assert isinstance(what, sh.Ratio)
        return _ratio(
            {what.sense: ex.summed(what.part, by, "rate", _RATE), "total": ex.summed(what.total, by, "rate", _RATE)}
        ), {}

    def _latency(self, signal: Signal, written: spec.SLO, by: tuple[ByLabel, ...]) -> dict[str, Any]:
        what = signal.measure
        assert isinstance(what, sh.Quantile)
        assert written.within is not None
        within = snapped(written.within.value, written.snap, what.buckets)
        base = (what.bucket.name or "").removesuffix("_bucket")
        metric = self.names.metrics.get(base)
        if metric and metric.type == "histogram" and not what.buckets:
            plain = replace(what.bucket, name=base)
            rate = ex.summed((plain,), by, "rate", _RATE)
            fraction = f"histogram_fraction(0, {within.normalize():f}, {rate})"
            return {"ratioMetric": {"rawType": "success", "raw": _source(fraction)}}
        bound = promql.Matcher("le", "=~", ex.bound(within))
        fast = replace(what.bucket, matchers=(*what.bucket.matchers, bound))
        count = replace(what.bucket, name=f"{base}_count")
        return _ratio({"good": ex.summed((fast,), by, "rate", _RATE), "total": ex.summed((count,), by, "rate", _RATE)})

    def _query(self, signal: Signal, by: tuple[ByLabel, ...]) -> str:
        return promql.to_text(promql.parse(ex.measure(signal.measure, by), version=self.names.version))

    def _find(self, reference: str) -> Signal:
        found = self.signals.find(reference, self.loaded.origin("slos"))
        assert found is not None
        return scoped(found, self.scope, self.names)

    def _family(self, reference: str) -> Signal:
        return scoped(self.signals.family(reference, self.loaded.origin("slos"))[0], self.scope, self.names)

    def _by(self, written: spec.SLO) -> tuple[ByLabel, ...]:
        return by_labels(written.by or {}, self.names, self.loaded.origin("slos"))

    def _help(self, name: str, written: spec.SLO) -> str:
        if written.summary:
            return written.summary
        role = (written.signal or name).partition(".")[0]
        said = self.loaded.spec.signals.get(role)
        return (said.help or "") if said else ""

    def _object(self, name: str) -> str:
        return object_name(dns(self.loaded.name), name)


def shorthand(time: Any) -> str:
    """A duration with one unit, as OpenSLO has them."""
    seconds = int(time.total_seconds())
    postfix = next((key for key in ("d", "h", "m") if seconds % _POSTFIXES[key] == 0), "m")
    return f"{max(1, seconds // _POSTFIXES[postfix])}{postfix}"


def snapped(within: Decimal, way: str | None, buckets: tuple[Decimal, ...]) -> Decimal:
    """The boundary that counts."""
    if way == "up":
        return min((bound for bound in buckets if bound >= within), default=within)
    if way == "down":
        return max((bound for bound in buckets if bound <= within), default=within)
    return within


def _document(kind: str, name: str, body: dict[str, Any], team: str | None) -> dict[str, Any]:
    labels = {"labels": {"team": team}} if team else {}
    return {"apiVersion": VERSION, "kind": kind, "metadata": {"name": name, **labels}, "spec": body}


def _ratio(queries: dict[str, str]) -> dict[str, Any]:
    return {"ratioMetric": {"counter": True, **{key: _source(query) for key, query in queries.items()}}}


def _source(query: str) -> dict[str, Any]:
    return {"metricSource": {"type": "Prometheus", "spec": {"query": query}}}
