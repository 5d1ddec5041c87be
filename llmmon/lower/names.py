"""Names in expressions: which metric and which labels are meant, and whether they exist."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from llmmon import promql
from llmmon.classes import replace
from llmmon.plan.fleet import RESERVED
from llmmon.problem import Level, Origin, Problem
from llmmon.rule import Expression

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from llmmon.lower.metrics import Known
    from llmmon.plan import ByLabel, Metric
    from llmmon.plan.fleet import Version
    from llmmon.plan.service import MetricType
    from llmmon.promql import Expr, Selector, Span
    from llmmon.rule import Purpose

_PARTS = {"_bucket": ("histogram",), "_sum": ("histogram", "summary"), "_count": ("histogram", "summary")}
_NATIVE, _STABLE = (2, 40), (3, 8)  # the first Prometheus with native histograms; and without a flag for them
_SCOPE_LABELS = {
    "service": (),
    "container": ("namespace", "pod", "container"),
    "pod": ("namespace", "pod"),
    "workload": ("namespace", "deployment", "statefulset", "daemonset"),
    "volume": ("namespace",),
    "node": (),
    "probe": (),
    "fleet": (),
}


class Names:
    """The metrics that a service may name. Mistakes are collected in `problems`, so one run shows them all."""

    def __init__(self, known: Known, common: Iterable[str], version: Version, workload: bool = True) -> None:
        self.known = known
        self.metrics: Mapping[str, Metric] = known.metrics
        self.common = frozenset(common) | {"job", "instance"}
        self.version = version
        self.workload = workload  # without one, nothing tells its containers from all others
        self.problems: list[Problem] = []
        self.recorded: dict[str, frozenset[str]] = {}
        self.written: list[tuple[Expression, Origin]] = []  # every expression of a spec's or a preset's own
        self._labels: dict[str, frozenset[str]] = {}
        self._seen: set[tuple[str, str]] = set()
        self.broken: frozenset[str] = frozenset()  # metrics whose declaration is wrong, which has been said

    def lookup(self, name: str) -> Metric | None:
        """The metric that a series name belongs to: `x_bucket` to the histogram `x`."""
        if metric := self.metrics.get(name):
            return metric
        for part, types in _PARTS.items():
            base = self.metrics.get(name.removesuffix(part)) if name.endswith(part) else None
            if base and base.type in types and not base.native:
                return base
        return None

    def labels(self, name: str) -> frozenset[str] | None:
        """Every label that series of this name can have; None where the name is unknown."""
        if name in self.recorded:
            return self.recorded[name]
        if (known := self._labels.get(name)) is not None:
            return known
        metric = self.lookup(name)
        if metric is None:
            return None
        special = {"le"} if name.endswith("_bucket") else {"quantile"} if metric.type == "summary" else set()
        out = frozenset(metric.labels) | self.common | special | set(_SCOPE_LABELS[metric.scope])
        self._labels[name] = out
        return out

    def labels_of(self, selector: Selector) -> frozenset[str]:
        """Like `labels`, for what a selector selects."""
        return self.labels(selector.name or "") or frozenset()

    def selector(
        self, text: str, origin: Origin, types: tuple[MetricType, ...] = (), part: str = ""
    ) -> Selector | None:
        """A selector of one known metric; `types` are the metric types that make sense here."""
        expr = self.parse(text, origin)
        if expr is None:
            return None
        if not isinstance(expr, promql.Selector) or expr.name is None:
            self.add(
                origin, f'{text!r} is no selector: write a metric, with {{label="value"}} if needed', "no-selector"
            )
            return None
        name = expr.name
        if expr.offset or expr.at is not None:
            self.add(origin, f"{text!r} looks into the past: leave offset and @ out, or write an expr:", "no-selector")
            return None
        if not self.exists(expr, origin):
            return None
        metric = self.lookup(name)
        assert metric is not None
        kind = metric.type if name == metric.name else "counter"  # `x_count` and `x_sum` of a histogram only rise
        if types and kind not in types:
            self.add(origin, f"{name} is a {metric.type}: {_advice(metric, types)}", "wrong-metric-type")
            return None
        if part:
            expr = replace(expr, name=name + part)
        return expr

    def expression(
        self,
        text: str,
        origin: Origin,
        purpose: Purpose,
        unit: str | None = None,
        title: str = "",
        instant: bool = True,
    ) -> Expr | None:
        """An expression whose metrics and labels are all known, and what it is for."""
        expr = self.parse(text, origin)
        if expr is None:
            return None
        selectors = [node for node in promql.walk(expr) if isinstance(node, promql.Selector)]
        checked = [self.exists(node, origin) for node in selectors]  # all of them: every mistake in one run
        if not all(checked):
            return None
        if (kind := promql.value_type(expr)) in ("range vector", "string"):
            advice = "such as max_over_time(...)" if kind == "range vector" else "such as a metric or a number"
            self.add(
                origin, f"the expression gives a {kind}: write one that gives a value per series, {advice}", "no-vector"
            )
            return None
        for message, span, *_ in promql.problems(expr, self.labels_of):
            self.add(spanned(origin, span), message, "label-flow")
            return None
        self.written.append((Expression(text, expr, purpose, unit, title, instant), origin))
        return expr

    def parse(self, text: str, origin: Origin) -> Expr | None:
        """Any expression that this version of Prometheus reads."""
        try:
            expr = promql.parse(text, version=self.version)
        except promql.PromqlError as error:
            self.add(spanned(origin, error.span), f"PromQL does not parse: {error.message}", "promql-syntax")
            return None
        return self.renamed(expr)

    def renamed(self, expr: Expr) -> Expr:
        """The expression with the fleet's names instead of the catalogues'."""
        return promql.replace_selectors(expr, self._renamed) if self.known.aliases else expr

    def series(self, text: str) -> str:
        """A series of a test under the fleet's name for it."""
        head, brace, values = text.rpartition("}")
        if not brace:
            head, _, values = text.partition(" ")
        try:
            found = promql.parse(head + brace)
        except promql.PromqlError:
            return text  # whoever proves it says what is wrong
        if not isinstance(found, promql.Selector) or found.name not in self.known.aliases:
            return text
        return f"{promql.to_text(self._renamed(found))} {values.strip()}"

    def reads_native(self, name: str, origin: Origin) -> bool:
        """Whether this version of Prometheus has native histograms; how it is told to take them is said."""
        this = ".".join(map(str, self.version))
        if self.version < _NATIVE:
            message = f"{name} is a native histogram, which Prometheus has from 2.40 on, and this is for {this}: "
            self.add(origin, f"{message}raise versions: {{prometheus: ...}} in the fleet", "native-histogram")
            return False
        if self.version < _STABLE:
            message = f"Prometheus {this} takes native histograms only with --enable-feature=native-histograms"
            self.add(origin, message, "native-histogram", Level.NOTE)
        return True

    def grouping(self, by: Iterable[ByLabel], selectors: Iterable[Selector], origin: Origin) -> bool:
        """Whether every label of a grouping exists on every series that it groups."""
        good = True
        for selector in selectors:
            known = self.labels_of(selector)
            for label in by:
                if label.name in RESERVED or label.name == "le":
                    good = False  # `by_labels` has said so
                elif label.source not in known:
                    message = f"{selector.name} has no label {label.source!r}: {self._near(label.source, known)}"
                    self.add(origin, message, "unknown-label")
                    good = False
        return good

    def add(self, origin: Origin, message: str, rule: str, level: Level = Level.ERROR) -> None:
        """One more problem; the same one at the same place only once, however many environments have it."""
        key = (message, str(origin))
        if key not in self._seen:
            self._seen.add(key)
            self.problems.append(Problem(origin, message, rule, level))

    def _renamed(self, selector: Selector) -> Selector:
        """A selector of a catalogue's metric, under the names that the fleet has for it and for its labels."""
        name = self.known.aliases.get(selector.name or "")
        if name is None:
            return selector
        labels = self.known.labels
        matchers = tuple(replace(m, label=labels.get(m.label, m.label)) for m in selector.matchers)
        return replace(selector, name=name, matchers=matchers)

    def exists(self, selector: Selector, origin: Origin) -> bool:
        """Whether metric, labels and label values of a selector exist; what does not is said."""
        name = selector.name
        if name is None:
            self.add(
                spanned(origin, selector.span),
                "a selector without a metric name selects too much: name it",
                "no-metric",
            )
            return False
        known = self.labels(name)
        if known is None and self._is_broken(name):
            return False
        if known is None:
            start = selector.span[0]
            message = f"unknown metric {name!r}: {self._near_metric(name)}"
            self.add(spanned(origin, (start, start + len(name))), message, "unknown-metric")
            return False
        good = True
        metric = self.lookup(name)
        if metric and not self.workload and "namespace" in _SCOPE_LABELS[metric.scope]:
            good = any(matcher.label == "namespace" for matcher in selector.matchers)
            if not good:
                what = f"{metric.scope} is" if origin.via is None else "pods are"  # a preset has all kinds, said once
                message = f"whose {what} meant? write workload: {{namespace: ..., name: ...}} for the service"
                self.add(spanned(origin, selector.span), message, "no-workload")
        for matcher in selector.matchers:
            if matcher.label not in known:
                message = f"{name} has no label {matcher.label!r}: {self._near(matcher.label, known)}"
                self.add(spanned(origin, matcher.span), message, "unknown-label")
                good = False
            elif values := _closed(matcher, metric):
                message = f"{matcher.label} of {name} is never {matcher.value!r}: {self._near(matcher.value, values)}"
                self.add(spanned(origin, matcher.span), message, "unknown-label-value")
                good = False
        return good

    def _is_broken(self, name: str) -> bool:
        base = next((name.removesuffix(part) for part in _PARTS if name.endswith(part)), name)
        return any(difflib.get_close_matches(word, self.broken, 1, 0.8) for word in (name, base))

    def _near_metric(self, name: str) -> str:
        base = next((name.removesuffix(part) for part in _PARTS if name.endswith(part)), name)
        if why := self.known.absent.get(name) or self.known.absent.get(base):
            return why
        near = difflib.get_close_matches(name, [*self.metrics, *self.recorded], 1, 0.75)
        if near:
            return f"did you mean {near[0]!r}?"
        return "declare it under metrics:, or name the preset that brings it under uses:"

    def _near(self, word: str, known: Iterable[str]) -> str:
        near = difflib.get_close_matches(word, known, 1, 0.6)
        return f"did you mean {near[0]!r}?" if near else f"it has {', '.join(sorted(known))}"


def spanned(origin: Origin, span: Span) -> Origin:
    """The same place, pointing at a part of its text; a preset's text is not in the spec, so it stays as it is."""
    return origin if origin.via else replace(origin, span=span)


def _advice(metric: Metric, types: tuple[MetricType, ...]) -> str:
    match metric.type:
        case "gauge" if "counter" in types:
            return "the rate of a gauge means nothing; write gauge: instead"
        case "counter" if "gauge" in types:
            return "a counter only ever rises; write rate: or increase: instead"
        case "histogram" if "gauge" in types or "counter" in types:
            return f"write histogram: {metric.name}, or one of {metric.name}_count and {metric.name}_sum"
    return f"this needs a {' or '.join(types)}"


def _closed(matcher: promql.Matcher, metric: Metric | None) -> frozenset[str]:
    """The values that a label can have, where an equality names none of them; empty where all is well."""
    values = metric.labels.get(matcher.label) if metric else None
    wrong = matcher.op == "=" and matcher.value and values and matcher.value not in values
    return values if wrong and values else frozenset()
