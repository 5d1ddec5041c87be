"""A condition that is always true, or never.

A text alone is always true, two constants are equal or they are not, one field does not hold two texts at once, and
one of two different texts is always not what a field holds.

Bad:

    filter { if [level] != "debug" or [level] != "trace" { mutate { add_tag => ["important"] } } }

    filter { if [level] == "error" and [level] == "fatal" { mutate { add_tag => ["important"] } } }

    filter { if "error" { drop { } } }

Good:

    filter { if [level] != "debug" and [level] != "trace" { mutate { add_tag => ["important"] } } }

    filter { if [level] == "error" or [level] == "fatal" { mutate { add_tag => ["important"] } } }

    filter { if "error" in [tags] { drop { } } }
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.documents.pipelines import Pipeline
from llmmon.logstash.escape import VARIABLE
from llmmon.logstash.nodes import Arm, Comparison, FieldReference, Logic, Number, String, walk
from llmmon.problem import Level
from llmmon.rule import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.logstash.nodes import Condition, Rvalue, Span
    from llmmon.rule import Facts


def check(pipeline: Pipeline, facts: Facts) -> Iterator[Finding]:
    del facts
    for node in walk(pipeline.config):
        found = None
        match node:
            case Arm(condition=String() as text) if not VARIABLE.search(text.text):
                found = text.span, "a text alone is always true: compare it with a field"
            case Comparison(left=String() | Number() as left, right=String() | Number() as right) if _is_plain(
                left, right
            ):
                found = node.span, "two constants are compared here: one of them should be a field"
            case Logic() if len(set(node.operators)) == 1:
                found = _together(node)
            case _:
                pass
        if found:
            yield Finding("L016", found[1], found[0])


def _is_plain(*sides: Rvalue) -> bool:
    return not any(isinstance(side, String) and VARIABLE.search(side.text) for side in sides)


def _together(node: Logic) -> tuple[Span, str] | None:
    sign = {"and": "==", "or": "!="}.get(node.operators[0])
    if sign is None:
        return None
    said: dict[tuple[str, ...], str] = {}
    for operand in node.operands:
        if not (one := _equality(operand, sign)):
            continue
        field, text = one
        before = said.setdefault(field, text)
        if before != text:
            name = "".join(f"[{part}]" for part in field)
            if sign == "==":
                return node.span, f"{name} is never {before!r} and {text!r} at once: write or"
            return node.span, f"{name} is always something else than {before!r} or than {text!r}: write and"
    return None


def _equality(operand: Condition, sign: str) -> tuple[tuple[str, ...], str] | None:
    match operand:
        case Comparison(left=FieldReference(path=path), operator=op, right=String(text=text)) if op == sign:
            return None if VARIABLE.search(text) else (path, text)
        case Comparison(left=String(text=text), operator=op, right=FieldReference(path=path)) if op == sign:
            return None if VARIABLE.search(text) else (path, text)
    return None


RULE = Rule(Pipeline, check, {"L016": Level.WARNING})
