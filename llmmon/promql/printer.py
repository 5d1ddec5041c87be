"""Writes expressions: on one line for machines, broken over lines for humans."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from .ast import (
    Aggregate,
    Binary,
    Call,
    Expr,
    Grouping,
    Matching,
    Number,
    Paren,
    Range,
    Selector,
    String,
    Subquery,
    Unary,
    spine,
)
from .escape import label, literal, selector
from .parser import TIGHTEST
from .suffixes import POWER

_UNITS: Final = (("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1))


def to_text(expr: Expr) -> str:
    """The expression on one line; parses back to an equal tree, and gets the parentheses that a composed tree needs."""
    match expr:
        case Selector():
            return selector(expr.name, expr.matchers) + _when(expr)
        case Range():
            inner = expr.selector
            return f"{selector(inner.name, inner.matchers)}[{duration(expr.range)}]{_when(inner)}"
        case Number():
            return number(expr.value)
        case String():
            return literal(expr.value)
        case Call():
            return f"{expr.func}({', '.join(map(to_text, expr.args))})"
        case Aggregate():
            param = "" if expr.param is None else f"{to_text(expr.param)}, "
            return f"{_head(expr)}({param}{to_text(expr.expr)})"
        case Paren():
            return f"({to_text(expr.expr)})"
        case Unary():
            return expr.op + _wrapped(to_text(expr.expr), isinstance(expr.expr, Binary) and expr.expr.op != "^")
        case Subquery():
            inside = _wrapped(to_text(expr.expr), isinstance(expr.expr, Binary | Unary | Number))
            return f"{inside}{_window(expr)}"
        case Binary():
            first, chain = spine(expr)
            text = to_text(first)
            left: Expr = first
            for node in chain:
                text = _wrapped(text, _left_needs_parens(left, node))
                right = _wrapped(to_text(node.rhs), _right_needs_parens(node))
                text = f"{text} {operator(node)} {right}"
                left = node
            return text


def pretty(expr: Expr, width: int = 100) -> str:
    """The expression on one line if it fits, else on several, indented by two blanks."""
    text = to_text(expr)
    return text if len(text) <= width else "\n".join(_lines(expr, width))


def duration(milliseconds: int) -> str:
    """5400000 as `1h30m`; days are the largest unit, as people write windows. One with a spelling keeps it."""
    return str(getattr(milliseconds, "text", "")) or _duration(milliseconds)


@lru_cache(maxsize=1024)
def _duration(milliseconds: int) -> str:
    if milliseconds < 0:
        return f"-{_duration(-milliseconds)}"
    text = ""
    for unit, size in _UNITS:
        count, milliseconds = divmod(milliseconds, size)
        if count:
            text += f"{count}{unit}"
    return text or "0s"


def number(value: float) -> str:
    """A number as short as it can be; one with a spelling keeps it."""
    if text := getattr(value, "text", ""):
        return str(text)
    value = float(value)  # an int will do
    if value != value:
        return "NaN"
    if value in (float("inf"), float("-inf")):
        return "Inf" if value > 0 else "-Inf"
    if value.is_integer() and abs(value) < 1e17:
        return str(int(value)) if value or str(value)[0] != "-" else "-0"
    return repr(value)


def operator(node: Binary) -> str:
    """The operator with its modifiers: `/ on (a) group_left (b)`."""
    text = node.op + (" bool" if node.bool else "")
    return f"{text} {_matching(node.matching)}" if node.matching else text


def _matching(matching: Matching) -> str:
    text = f"{matching.kind} ({_labels(matching.labels)})"
    return f"{text} group_{matching.group} ({_labels(matching.include)})" if matching.group else text


def _labels(labels: tuple[str, ...]) -> str:
    return ", ".join(map(label, labels))


def _head(expr: Aggregate) -> str:
    grouping: Grouping | None = expr.grouping
    return f"{expr.op} {grouping.kind} ({_labels(grouping.labels)}) " if grouping else expr.op


def _when(node: Selector | Subquery) -> str:
    text = ""
    match node.at:
        case None:
            pass
        case str():
            text = f" @ {node.at}()"
        case _:
            text = f" @ {number(round(node.at, 3))}"
    return f"{text} offset {duration(node.offset)}" if node.offset else text


def _window(node: Subquery) -> str:
    return f"[{duration(node.range)}:{duration(node.step) if node.step else ''}]{_when(node)}"


def _power(expr: Expr) -> int:
    match expr:
        case Binary():
            return POWER[expr.op]
        case Unary():
            return POWER["*"]
        case Number() if number(expr.value).startswith("-"):
            return POWER["*"]
        case _:
            return TIGHTEST + 1


def _left_needs_parens(left: Expr, node: Binary) -> bool:
    return _power(left) < POWER[node.op] or (node.op == "^" and _power(left) == TIGHTEST)


def _right_needs_parens(node: Binary) -> bool:
    if isinstance(node.rhs, Unary | Number):
        return False
    power = _power(node.rhs)
    return power < POWER[node.op] or (node.op != "^" and power == POWER[node.op])


def _wrapped(text: str, needed: bool) -> str:
    return f"({text})" if needed else text


def _lines(expr: Expr, width: int) -> list[str]:
    if not isinstance(expr, Binary):
        text = to_text(expr)
        if len(text) <= width:
            return [text]
    match expr:
        case Binary():
            return _chain(expr, width)
        case Paren():
            return ["(", *_indented(expr.expr, width), ")"]
        case Call() if expr.args:
            return [f"{expr.func}(", *_arguments(expr.args, width), ")"]
        case Aggregate():
            args = (expr.expr,) if expr.param is None else (expr.param, expr.expr)
            return [f"{_head(expr)}(", *_arguments(args, width), ")"]
        case Unary() if not isinstance(expr.expr, Binary):
            first, *rest = _lines(expr.expr, width - 1)
            return [expr.op + first, *rest]
        case Subquery() if not isinstance(expr.expr, Binary | Unary | Number):
            *start, last = _lines(expr.expr, width)
            return [*start, last + _window(expr)]
        case _:
            return [to_text(expr)]


def _chain(expr: Binary, width: int) -> list[str]:
    first, chain = spine(expr)
    lines = _lines(first, width)
    left: Expr = first
    for node in chain:
        if _left_needs_parens(left, node):
            lines = ["(", *_shifted(lines), ")"]
        head = f"{operator(node)} "
        right: Expr = Paren(node.rhs) if _right_needs_parens(node) else node.rhs
        start, *rest = _lines(right, width - len(head))
        lines += [head + start, *(_shifted(rest) if isinstance(right, Binary) else rest)]
        left = node
    return lines


def _arguments(args: tuple[Expr, ...], width: int) -> list[str]:
    lines: list[str] = []
    for arg in args:
        lines += _indented(arg, width)
        lines[-1] += ","
    lines[-1] = lines[-1][:-1]
    return lines


def _indented(expr: Expr, width: int) -> list[str]:
    text = "" if isinstance(expr, Binary) and len(spine(expr)[1]) > width else to_text(expr)
    return [f"  {text}"] if text and len(text) <= width - 2 else _shifted(_lines(expr, width - 2))


def _shifted(lines: list[str]) -> list[str]:
    return [f"  {line}" for line in lines]
