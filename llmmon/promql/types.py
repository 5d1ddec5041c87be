"""What may be combined with what: the checks of Prometheus's own parser, in its words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from .ast import Aggregate, Binary, Call, Expr, Number, Paren, Range, Selector, String, Subquery, Unary, spine
from .functions import (
    AGGREGATORS,
    FUNCTIONS,
    NEW_AGGREGATORS,
    PARAMS,
    RANGE,
    SCALAR,
    STRING,
    VECTOR,
    Function,
    Version,
)
from .regex import matches_empty

if TYPE_CHECKING:
    from .ast import Matching, Span, ValueType

COMPARISONS: Final = frozenset(("==", "!=", "<=", "<", ">=", ">"))
SET_OPERATORS: Final = frozenset(("and", "or", "unless"))
_OF_1: Final = ("count_scalar", "drop_common_labels")

Fault = tuple[str, "Span"]


def value_type(expr: Expr) -> ValueType:
    """What an expression evaluates to."""
    while isinstance(expr, Paren | Unary):
        expr = expr.expr
    match expr:
        case Selector() | Aggregate():
            return VECTOR
        case Number():
            return SCALAR
        case String():
            return STRING
        case Range() | Subquery():
            return RANGE
        case Call():
            return FUNCTIONS[expr.func].returns
        case Binary():
            first, chain = spine(expr)
            operands = [first, *(node.rhs for node in chain)]
            return SCALAR if all(value_type(operand) == SCALAR for operand in operands) else VECTOR
    raise TypeError(f"{type(expr).__name__} is no PromQL expression")


def show_version(version: Version) -> str:
    return ".".join(str(part) for part in version)


def function_fault(name: str, version: Version, experimental: bool) -> str:
    """Why a function cannot be used, empty if it can."""
    function = FUNCTIONS.get(name)
    if function is None:
        went = f": it went with Prometheus 2.0, and this is for {show_version(version)}" if name in _OF_1 else ""
        return f'unknown function with name "{name}"{went}'
    if not function.exists(version):
        when = f"it came with Prometheus {show_version(function.since)}"
        if function.until and version >= function.until:
            when = f"it went with Prometheus {show_version(function.until)}"
        return f'unknown function with name "{name}": {when}, and this is for {show_version(version)}'
    if function.needs_flag(version) and not experimental:
        return f'function "{name}" is not enabled: it needs --enable-feature=promql-experimental-functions'
    return ""


def aggregator(word: str, version: Version) -> bool:
    return word in AGGREGATORS or (word in NEW_AGGREGATORS and version >= NEW_AGGREGATORS[word])


def call_fault(function: Function, types: list[ValueType], args: list[Expr], span: Span) -> Fault | None:
    name, count = function.name, len(types)
    if function.least == function.most != count:
        return f'expected {function.least} argument(s) in call to "{name}", got {count}', span
    if count < function.least:
        return f'expected at least {function.least} argument(s) in call to "{name}", got {count}', span
    if function.most is not None and count > function.most:
        return f'expected at most {function.most} argument(s) in call to "{name}", got {count}', span
    for index, given in enumerate(types):
        wanted = function.args[min(index, len(function.args) - 1)]
        if given != wanted:
            return f'expected type {wanted} in call to function "{name}", got {given}', args[index].span
    return None


def aggregate_fault(op: str, types: list[ValueType], args: list[Expr], span: Span) -> Fault | None:
    wanted = PARAMS.get(op)
    if not types:
        return "no arguments for aggregate expression provided", span
    expected = 1 if wanted is None else 2
    if len(types) != expected:
        count = len(types)
        return f"wrong number of arguments for aggregate expression provided, expected {expected}, got {count}", span
    if types[-1] != VECTOR:
        return f"expected type {VECTOR} in aggregation expression, got {types[-1]}", args[-1].span
    if wanted is not None and types[0] != wanted:
        return f"expected type {wanted} in aggregation parameter, got {types[0]}", args[0].span
    return None


def binary_fault(node: Binary, left: ValueType, right: ValueType) -> Fault | None:
    """Everything but two instant vectors with nothing special, which is always right."""
    op, matching = node.op, node.matching
    if node.bool and op not in COMPARISONS:
        return "bool modifier can only be used on comparison operators", node.op_span
    if left == right == SCALAR and op in COMPARISONS and not node.bool:
        return "comparisons between scalars must use BOOL modifier", node.op_span
    if matching and (twice := _in_both(matching)):
        return f'label "{twice}" must not occur in ON and GROUP clause at once', node.op_span
    for operand, kind in ((node.lhs, left), (node.rhs, right)):
        if kind not in (SCALAR, VECTOR):
            return "binary expression must contain only scalar and instant vector types", operand.span
    if not left == right == VECTOR:
        if matching and matching.labels:
            return "vector matching only allowed between instant vectors", node.span
        if op in SET_OPERATORS:
            return f'set operator "{op}" not allowed in binary scalar expression', node.span
    elif op in SET_OPERATORS and matching and matching.group:
        return f'no grouping allowed for "{op}" operation', node.span
    return None


def _in_both(matching: Matching) -> str:
    if matching.kind == "ignoring":
        return ""
    return next((label for label in matching.labels if label in matching.include), "")


def selector_fault(node: Selector) -> Fault | None:
    """A selector names its metric at most once, and has at least one matcher that an absent label does not match."""
    for matcher in node.matchers if node.name is not None else ():
        if matcher.label == "__name__":
            return f'metric name must not be set twice: "{node.name}" or "{matcher.value}"', node.span
    if node.name is None and all(_matches_empty(matcher.op, matcher.value) for matcher in node.matchers):
        return "vector selector must contain at least one non-empty matcher", node.span
    return None


def _matches_empty(op: str, value: str) -> bool:
    positive = (not value) if op in ("=", "!=") else matches_empty(value)
    return positive == (op in ("=", "=~"))
