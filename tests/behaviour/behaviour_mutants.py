"""Mutants of a rule: what a test must notice, made on the syntax tree of the generated expressions."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from llmmon import duration, promql

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from llmmon.prove import Rulebook

COMPARE = (">", "<", ">=", "<=", "==")
Rule = dict[str, Any]


def mutants(book: Rulebook, labels: dict[str, str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each mutant by name: a rule file that holds one alert, mutated, and the recordings that it reads."""
    needed = book.needed([("ALERTS", labels)])
    for name, change in _CHANGES.items():
        changed = copy.deepcopy(needed)
        rules = [rule for group in changed["groups"] for rule in group["rules"]]
        touched = [change(rule) for rule in rules if "record" in rule or _is(rule, labels)]
        if any(touched):
            yield name, changed


def _is(rule: Rule, labels: dict[str, str]) -> bool:
    return all({"alertname": rule["alert"], **rule["labels"]}[label] == value for label, value in labels.items())


def _threshold(factor: float) -> Callable[[Rule], bool]:
    def scale(expr: promql.Expr) -> bool:
        done = False
        for node in promql.walk(expr):
            if isinstance(node, promql.Binary) and node.op in COMPARE:
                number = next((n for n in promql.walk(node.rhs) if isinstance(n, promql.Number) and n.value), None)
                if number:
                    number.value *= factor
                    done = True
        return done

    return lambda rule: "alert" in rule and _edit(rule, scale)


def _flipped(expr: promql.Expr) -> bool:
    for node in promql.walk(expr):
        if isinstance(node, promql.Binary) and node.op in (">", "<"):
            node.op = "<" if node.op == ">" else ">"
            return True
    return False


def _dropped(label: str) -> Callable[[promql.Expr], bool]:
    def drop(expr: promql.Expr) -> bool:
        done = False
        for node in promql.walk(expr):
            if isinstance(node, promql.Selector) and any(m.label == label for m in node.matchers):
                node.matchers = tuple(m for m in node.matchers if m.label != label)
                done = True
        return done

    return drop


def _windows(expr: promql.Expr) -> bool:
    done = False
    for node in promql.walk(expr):
        if isinstance(node, promql.Range):
            node.range *= 2
            done = True
    return done


def _unguarded(rule: Rule) -> bool:
    if "alert" not in rule:
        return False
    expr = promql.parse(rule["expr"])
    if not isinstance(expr, promql.Binary) or expr.op != "and":
        return False
    rule["expr"] = promql.to_text(expr.lhs)
    return True


def _longer(rule: Rule) -> bool:
    if "for" not in rule:
        return False
    hold = duration.parse(rule["for"])
    assert hold is not None
    rule["for"] = duration.text(2 * hold)
    return True


def _edit(rule: Rule, change: Callable[[promql.Expr], bool]) -> bool:
    expr = promql.parse(rule["expr"])
    if not change(expr):
        return False
    rule["expr"] = promql.to_text(expr)
    return True


_CHANGES: dict[str, Callable[[Rule], bool]] = {
    "threshold x2": _threshold(2),
    "threshold /2": _threshold(0.5),
    "flipped": lambda rule: "alert" in rule and _edit(rule, _flipped),
    "for x2": _longer,
    "no job": lambda rule: _edit(rule, _dropped("job")),
    "no env": lambda rule: _edit(rule, _dropped("env")),
    "no guard": _unguarded,
    "windows x2": lambda rule: _edit(rule, _windows),
}
