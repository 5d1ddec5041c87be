"""Reads OpenSLO: v1, v1alpha and v2alpha, with references between the documents of a run."""

from __future__ import annotations

import itertools
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from llmmon import duration, promql
from llmmon.classes import frozen, replace
from llmmon.interchange import query, targets
from llmmon.interchange.alertpolicy import look_at_policies
from llmmon.interchange.model import Condition, Counts, Objective, Parts, Raw, Slice
from llmmon.interchange.query import Found

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from llmmon.interchange.documents import Node

VERSIONS = ("openslo/v1", "openslo/v1alpha", "openslo.com/v2alpha")
KINDS = ("DataSource", "SLO", "SLI", "AlertPolicy", "AlertCondition", "AlertNotificationTarget", "Service")
_PROMETHEUS = frozenset(
    ("prometheus", "promql", "thanos", "mimir", "cortex", "victoriametrics", "amazonprometheus", "sloth")
)
_QUERIES = ("query", "promql", "expr")
_SIDES = {"gt": "above", "gte": "above", "lt": "below", "lte": "below"}
_DAYS = {"day": 1, "week": 7, "month": 30, "quarter": 90, "year": 365}
_TEAM = ("team", "owner")
_ONE = Decimal(1)
_NEARLY = Decimal("0.9999999")
_HEAVIEST = 1_000_000
_NARROWEST = timedelta(minutes=2)  # of slices: four scrapes of 30 seconds, which a fleet has unless it says otherwise

Kept = dict[tuple[str, str], "Node"]


def read(documents: Iterable[Node]) -> Iterator[Objective]:
    """The objectives of all documents; what is of another kind or cannot be said is told."""
    kept: Kept = {}
    for document in documents:
        version, kind = document.at("apiVersion"), document.at("kind")
        if version.text() not in VERSIONS:
            version.error(f"this is no OpenSLO that is read: {', '.join(VERSIONS)} are")
        elif kind.text() not in KINDS:
            kind.error(f"{kind.text()!r} is no kind of OpenSLO: there are {', '.join(KINDS)}")
        elif (kind.text(), document.at("metadata", "name").text()) in kept:
            document.at("metadata", "name").error(f"there is another {kind.text()} of this name: rename one")
        else:
            kept[kind.text(), document.at("metadata", "name").text()] = document
    read_so_far: dict[tuple[str, str], str] = {}  # objectives by service and indicator, for composites
    slos = [document for (kind, _), document in kept.items() if kind == "SLO"]
    for document in sorted(slos, key=_is_composite):  # parts before the whole; the order is else the file's
        yield from _Reader(document, kept, read_so_far).objectives()


def _is_composite(document: Node) -> bool:
    return any(item.first("indicator", "sli", "indicatorRef", "sliRef") for item in _objectives(document))


def _objectives(document: Node) -> list[Node]:
    return list(document.at("spec", "objectives").items())


@frozen
class _Reader:
    """One SLO document."""

    document: Node
    kept: Mapping[tuple[str, str], Node]
    known: dict[tuple[str, str], str]

    @property
    def spec(self) -> Node:
        return self.document.at("spec")

    def objectives(self) -> Iterator[Objective]:
        service, name = self.spec.at("service").text(), self.document.at("metadata", "name").text()
        if not service:
            self.spec.error("an SLO needs a service")
        if not name:
            self.document.at("metadata").error("an SLO needs a name")
        if not service or not name:
            return
        look_at_policies(self.spec.at("alertPolicies"), self.kept)
        given = _objectives(self.document)
        shown = given[0].at("displayName").text() if given else ""
        ours = targets.object_name(targets.dns(service), shown) == name  # what export wrote knows its own name
        name = shown if ours else name.removeprefix(f"{targets.dns(service)}-")
        if not given:
            self.spec.error("there are no objectives")
        if _is_composite(self.document):
            yield from self._composite(service, name, given)
            return
        names = _names(name, given)
        for own, node in zip(names, given, strict=True):
            indicator = self._indicator(self.spec, node)
            if indicator and (found := self._one(service, own, node, indicator)):
                if len(given) == 1 and (reference := self._reference(self.spec)):
                    self.known[service, reference] = own
                yield found

    def _one(self, service: str, name: str, node: Node, found: Found) -> Objective | None:
        target = node.at("targetPercent") if node.at("targetPercent") else node.first("target", "budgetTarget")
        share = targets.share(target, 100 if node.at("targetPercent") else 1)
        if share is None:
            return None
        cut = self._slice(node)
        if cut and isinstance(found.indicator, Counts):
            self.spec.at("budgetingMethod").lost("the queries are no plain counters, so events are counted, not slices")
            cut = None
        words = self.spec.at("description").text() or node.at("displayName").text()
        labels = self.document.at("metadata", "labels")
        team = next((label for key in _TEAM if (label := _label(labels.at(key)))), "")
        window = self._window(1 - share, target)
        if window is None:
            return None
        return Objective(service, name, share, found.indicator, window, found.by, cut, words, team=team)

    def _composite(self, service: str, name: str, given: Sequence[Node]) -> Iterator[Objective]:
        """Each part, where it is none of the objectives that are there, and the whole where all have one target."""
        weights: list[tuple[str, Decimal]] = []
        shares: set[Decimal] = set()
        for own, node in zip(_names(name, given), given, strict=True):
            weight = _weight(node.at("compositeWeight"))
            reference = self._reference(node)
            target = self._one(service, own, node, Found(Parts(()), ()))
            if target is None or weight is None:
                continue
            shares.add(target.share)
            known = self.known.get((service, reference)) if reference else None
            if known is None:
                indicator = self._indicator(node, node)
                part = self._one(service, own, node, indicator) if indicator else None
                if part is None:
                    continue
                yield part
                known = own
            weights.append((known, weight))
        if len(weights) < 2 or len(shares) != 1:
            why = "parts with different targets have no common one" if len(shares) > 1 else "a whole has several parts"
            self.spec.at("objectives").lost(f"{why}: each stands alone")
            return
        whole = self._one(service, name, given[0], Found(Parts(tuple(weights)), ()))
        if whole:
            yield replace(whole, slice=None)

    def _reference(self, node: Node) -> str:
        return node.first("indicatorRef", "sliRef").text()

    def _indicator(self, node: Node, objective: Node) -> Found | None:
        if objective.at("ratioMetrics"):  # v1alpha has it here
            return self._ratio(objective.at("ratioMetrics"))
        reference = node.first("indicatorRef", "sliRef")
        sli = node.first("indicator", "sli").at("spec")
        if reference:
            found = self.kept.get(("SLI", reference.text()))
            if found is None:
                reference.error(f"there is no SLI {reference.text()!r} in what was read: name its file as well")
                return None
            sli = found.at("spec")
        if sli.at("ratioMetric"):
            return self._ratio(sli.at("ratioMetric"))
        if sli.at("thresholdMetric"):
            return self._threshold(sli.at("thresholdMetric"), objective)
        (reference if reference else node.first("indicator", "sli")).error(
            "an indicator is a ratioMetric or a thresholdMetric"
        )
        return None

    def _ratio(self, metric: Node) -> Found | None:
        if metric.at("raw"):
            kind = metric.at("rawType").text()
            if kind not in ("success", "failure"):
                metric.at("rawType").error("rawType says what the ratio is of: success or failure")
                return None
            text = self._query(metric.at("raw"))
            expr = query.parse(text) if text else None
            return query.ratio("good" if kind == "success" else "bad", expr, text) if expr and text else None
        parts = [key for key in ("good", "bad") if metric.at(key)]
        if len(parts) != 1 or not metric.at("total"):
            metric.error("a ratio is good or bad, and total; or raw")
            return None
        texts = [self._query(metric.at(key)) for key in (parts[0], "total")]
        part, total = (query.parse(text) if text else None for text in texts)
        if part is None or total is None:
            return None
        sense = "good" if parts[0] == "good" else "bad"
        if metric.at("counter").flag() is False:
            share = promql.Binary("/", promql.Paren(part), promql.Paren(total))
            return Found(Raw(sense, query.windowed(share)), query.kept(part))  # type: ignore[arg-type]
        return query.events(sense, part, total, metric.at(parts[0]))  # type: ignore[arg-type]

    def _threshold(self, metric: Node, objective: Node) -> Found | None:
        op, bound = objective.at("op").text(), objective.at("value").number()
        if op not in _SIDES:
            objective.at("op").error("a threshold needs op: one of gt, gte, lt and lte")
            return None
        if bound is None:
            if not objective.at("value"):
                objective.at("value").error("a threshold needs a value")
            return None
        text = self._query(metric)
        expr = query.parse(text) if text else None
        if expr is None:
            return None
        if op in ("gte", "lte"):
            objective.at("op").note(f"good is {_SIDES[op]} {bound}, and not at {bound} itself")
        return Found(Condition(query.windowed(expr), _SIDES[op], bound), query.kept(expr))  # type: ignore[arg-type]

    def _query(self, metric: Node) -> Node | None:
        """The query of a metric, where Prometheus can be asked it."""
        source = metric.at("metricSource") if metric.at("metricSource") else metric
        reference = source.first("metricSourceRef", "dataSourceRef")
        kind = source.first("type", "source")
        if not kind:
            kind = source.at("dataSourceSpec", "type")
        if not kind and reference:
            known = self.kept.get(("DataSource", reference.text()))
            kind = known.at("spec", "type") if known else kind
        if kind and kind.text().lower() not in _PROMETHEUS:
            kind.error(f"{kind.text()!r} is not Prometheus: this objective cannot be kept")
            return None
        if not kind and not reference:
            source.note("no data source is named: it is taken for Prometheus")
        inner = source.at("spec") if source.at("spec") else source
        found = inner.first(*_QUERIES)
        if not found:
            inner.error("there is no query: write it under spec: query:")
            return None
        return found

    def _window(self, budget: Decimal, target: Node) -> timedelta | None:
        old = list(self.spec.at("timeWindows").items()) if self.spec.at("timeWindows") else []
        windows = old or list(self.spec.at("timeWindow").items())
        for node in windows[1:]:
            node.lost("an objective has one window: this one is left out")
        if not windows:
            return targets.long_enough(target, targets.WINDOW, budget)
        first = windows[0]
        if old:
            count, size = first.at("count").number(), _DAYS.get(first.at("unit").text().lower().removesuffix("s"))
            if count is None or size is None:
                first.at("unit").lost("this is no window of days, weeks or months: it is 30d now")
                return targets.long_enough(target, targets.WINDOW, budget)
            return targets.long_enough(first, timedelta(days=int(count) * size), budget)
        if first.at("calendar") or first.at("isRolling").flag() is False:
            what = first.at("calendar") if first.at("calendar") else first.at("isRolling")
            what.lost("a budget that a calendar starts anew is nothing that Prometheus can count: the window rolls")
        if not first.at("duration"):
            first.error("a window needs a duration such as 30d")
        return targets.window(first.at("duration"), budget)

    def _slice(self, node: Node) -> Slice | None:
        method = self.spec.at("budgetingMethod")
        match method.text():
            case "Timeslices":
                width = node.at("timeSliceWindow")
                text = f"{width.value}m" if isinstance(width.value, int) else width.text()
                time = duration.parse(text)
                if not time:
                    width.lost("time slices need a timeSliceWindow such as 5m: events are counted instead")
                    return None
                if time < _NARROWEST:
                    width.lost(f"{duration.text(time)} has fewer than four scrapes: it is 2m now")
                return Slice(max(time, _NARROWEST), _slice_target(node.at("timeSliceTarget")))
            case "RatioTimeslices":
                method.lost("a mean of slices' ratios weighs a quiet slice like a busy one: events are counted instead")
            case "Occurrences" | "":
                pass
            case other:
                method.lost(f"{other!r} is no method that is known: events are counted")
        return None


def _names(name: str, given: Sequence[Node]) -> list[str]:
    """Of the objectives of one SLO: its own, or with what each shows, or with a number."""
    if len(given) == 1:
        return [name]
    shown = [targets.role(node.at("displayName").text()) for node in given]
    distinct = len(set(shown)) == len(shown) and all(node.at("displayName").text() for node in given)
    tails: Iterable[str] = shown if distinct else map(str, itertools.count(1))
    return [f"{name}_{tail}" for _, tail in zip(given, tails, strict=False)]


def _weight(node: Node) -> Decimal | None:
    found = node.number() if node else _ONE
    if found is not None and not 0 < found < _HEAVIEST:
        node.error(f"{found} is no weight: write a number above 0")
        return None
    return found


def _slice_target(node: Node) -> Decimal | None:
    if node.value in (1, 1.0) and not isinstance(node.value, bool):
        node.note(f"a slice in which all is good is one with at least {targets.percent(_NEARLY)}")
        return _NEARLY
    return targets.share(node, 1) if node else None


def _label(node: Node) -> str:
    """A label's value, or the first of several."""
    if isinstance(node.value, list):
        return next((item.text() for item in node.items()), "")
    return node.text()
