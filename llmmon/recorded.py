"""What is known of recorded series: type and labels are carried through recording rules, where somebody asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.classes import replace
from llmmon.promql import Aggregate, Binary, Call, Paren, Range, Selector, Subquery, Unary, flow, spine, walk
from llmmon.promql.division import unsafe
from llmmon.promql.fold import RATES, bare, constant, selectors
from llmmon.promql.types import COMPARISONS, SET_OPERATORS, value_type
from llmmon.rule import UNKNOWN, Facts, Series

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable

    from llmmon.promql import Expr
    from llmmon.rule import RecordingRule

_DEEPEST = 40  # rules that read each other
_KEEPING = frozenset(("label_join", "label_replace", "last_over_time", "sort", "sort_desc"))
_SMOOTHED = frozenset(("avg_over_time", "max_over_time", "min_over_time", "quantile_over_time"))
_GAUGES = frozenset(
    (
        *("absent", "absent_over_time", "changes", "count_over_time", "delta", "deriv", "histogram_avg"),
        *("histogram_quantile", "idelta", "predict_linear", "present_over_time", "resets", "stddev_over_time"),
        *("stdvar_over_time", "timestamp", "vector"),
    )
)
_MIXING = frozenset(("avg", "max", "min", "quantile", "sum"))
_CHOOSING = frozenset(("bottomk", "limitk", "limit_ratio", "topk"))
_PLACES = frozenset(("cluster", "env", "environment", "region", "stage"))
_GAUGE = Series("gauge")
_RATE = Series("gauge", rate=True)


class Recorded:
    """The series of these rules, each looked at when it is first asked for."""

    def __init__(
        self,
        rules: Iterable[RecordingRule],
        schema: Callable[[str], Series] | None,
        global_view: Container[str] = frozenset(),
    ) -> None:
        """`global_view` are the paths of files whose rules read what many servers have, each with labels of its own."""
        self.rules: dict[str, list[RecordingRule]] = {}
        for rule in rules:
            self.rules.setdefault(rule.name, []).append(rule)
        self.schema = schema
        self.global_view = global_view
        self.known: dict[str, Series] = {}
        self.asking: list[str] = []
        self.facts = Facts(self.series)

    def series(self, name: str) -> Series:
        """What the schema says of a series, and what the rules that record it do."""
        if name in self.known:
            return self.known[name]
        declared = self.schema(name) if self.schema else UNKNOWN
        rules = self.rules.get(name)
        if not rules or name in self.asking or len(self.asking) > _DEEPEST:
            return declared
        self.asking.append(name)
        found = self._together([self._of(rule) for rule in rules])
        self.asking.pop()
        if declared is not UNKNOWN:
            found = replace(declared, quotient=found.quotient, rate=found.rate, sum=found.sum, unsafe=found.unsafe)
        self.known[name] = found
        return found

    def labels(self, name: str | None, paths: Container[str]) -> frozenset[str] | None:
        """The labels of a series that is read in a file at one of these paths.

        What another file records may be of another server, and get the external labels of that one on its way here.
        """
        if any(_path(rule) not in paths or _path(rule) in self.global_view for rule in self.rules.get(name or "", ())):
            return self.schema(name).labels if self.schema and name else None
        return self.facts.series(name).labels

    def inside(self, paths: Container[str]) -> Callable[[str], Series]:
        """What is known of each series in files at these paths."""
        known: dict[str, Series] = {}

        def series(name: str) -> Series:
            if name not in self.rules:
                return self.schema(name) if self.schema else UNKNOWN
            if name not in known:
                found = self.series(name)
                labels = self.labels(name, paths)
                known[name] = found if labels == found.labels else replace(found, labels=labels)
            return known[name]

        return series

    def _of(self, rule: RecordingRule) -> Series:
        if rule.expression is None:
            return UNKNOWN
        expr = rule.expression.expr
        found = flow(expr, lambda selector: self.labels(selector.name, {_path(rule)}), self.facts.asked)
        lost = found.labels.open or found.apart or "labels" in rule.unread
        known = None if lost else found.labels.names | rule.labels.keys()
        kind = self._kind(expr)
        if kind.type == "counter" and not all(self.facts.series(selector.name).type for selector in selectors(expr)):
            kind = replace(kind, type=None)  # a gauge may be named `_total` by mistake
        asked = frozenset() if known is None else found.labels.asked - rule.labels.keys()
        return replace(kind, labels=known, asked=asked, quotient=_is_quotient(expr), unsafe=self._is_unsafe(expr))

    def _is_unsafe(self, expr: Expr) -> bool:
        found = unsafe(expr, lambda name: name in self.rules and self.series(name).unsafe)
        if isinstance(found, Binary) and _is_busy(bare(found.rhs)):
            return False
        return found is not None

    def _together(self, found: list[Series]) -> Series:
        first = found[0]
        if len(found) == 1:
            return first
        labels = [one.labels for one in found if one.labels is not None]
        known = frozenset().union(*labels) if len(labels) == len(found) else None
        asked = (known - labels[0].intersection(*labels)).union(*(one.asked for one in found)) if known else None
        return Series(
            first.type if all(one.type == first.type for one in found) else None,
            known,
            quotient=all(one.quotient for one in found),
            rate=all(one.rate for one in found),
            sum=all(one.sum for one in found),
            unsafe=all(one.unsafe for one in found),
            asked=asked or frozenset(),
        )

    def _kind(self, expr: Expr) -> Series:
        match expr:
            case Selector(name):
                known = self.facts.series(name)
                return Series(self.facts.type(name), rate=known.rate, sum=known.sum)
            case Range():
                return self._kind(expr.selector)
            case Paren() | Subquery() | Unary("+"):
                return self._kind(expr.expr)
            case Call():
                return self._call(expr)
            case Aggregate():
                return self._aggregate(expr)
            case Binary():
                first, nodes = spine(expr)
                left = self._kind(first)
                for node in nodes:
                    left = self._binary(node, left)
                return left
        return UNKNOWN

    def _call(self, call: Call) -> Series:
        if call.func in RATES:
            return _RATE
        if call.func in _GAUGES:
            return _GAUGE
        inner = next((arg for arg in call.args if value_type(arg) not in ("scalar", "string")), None)
        if inner is None:
            return UNKNOWN
        if call.func in _KEEPING:
            return self._kind(inner)
        return Series("gauge", rate=self._kind(inner).rate) if call.func in _SMOOTHED else UNKNOWN

    def _aggregate(self, node: Aggregate) -> Series:
        if node.op in _CHOOSING:
            return self._kind(node.expr)
        if node.op not in _MIXING:
            return _GAUGE
        inner = self._kind(node.expr)
        return replace(inner, sum=True) if inner.type == "counter" else inner

    def _binary(self, node: Binary, left: Series) -> Series:
        right = self._kind(node.rhs)
        if node.op in COMPARISONS:
            return _GAUGE if node.bool else right if value_type(node.lhs) == "scalar" else left
        if node.op in SET_OPERATORS:
            return left if node.op != "or" or left == right else UNKNOWN
        scalars = value_type(node.lhs) == "scalar", value_type(node.rhs) == "scalar"
        if any(scalars):
            inner = right if scalars[0] else left
            scaled = node.op == "*" or (node.op == "/" and not scalars[0])
            return inner if scaled else replace(inner, type=None) if inner.type == "counter" else inner
        if node.op == "/":
            return _GAUGE
        if node.op == "+" and left.type == right.type:
            return Series(left.type, rate=left.rate and right.rate, sum=left.type == "counter")
        return _GAUGE if left.type == right.type == "gauge" else UNKNOWN


def _path(rule: RecordingRule) -> str:
    return rule.origin.document.path


def _is_busy(divisor: Expr) -> bool:
    """Whether a divisor is a rate of everything in a place as large as a cluster, where something always happens."""
    if not isinstance(divisor, Aggregate) or divisor.grouping is None or divisor.grouping.kind != "by":
        return False
    rates = any(isinstance(part, Call) and part.func in RATES for part in walk(divisor))
    return rates and bool(divisor.grouping.labels) and _PLACES.issuperset(divisor.grouping.labels)


def _is_quotient(expr: Expr) -> bool:
    """Whether a rule records one vector over another."""
    node = bare(expr)
    return isinstance(node, Binary) and node.op == "/" and constant(node.rhs) is None
