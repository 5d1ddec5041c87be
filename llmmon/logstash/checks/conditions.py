"""Conditions that Logstash reads in another way than they look."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.logstash.checks.regex import regex
from llmmon.logstash.escape import VARIABLE
from llmmon.logstash.nodes import Comparison, Complaint, FieldReference, In, Logic, Match, Node, String

if TYPE_CHECKING:
    from collections.abc import Iterator


def conditions(node: Node) -> Iterator[Complaint]:
    """What is wrong with this node of a condition; nothing where it is none."""
    match node:
        case In(right=FieldReference(path=(only,)) as right) if only[0] in "\"'" or only.lstrip("-").isdigit():
            quote = "=" if not node.negated else "!"
            yield Complaint(
                f"[{only}] is the field of that name, not a list of one: write {quote}= {only}",
                right.span,
                "single-element-list",
            )
        case Comparison() | In():
            for side in (node.left, node.right):
                if isinstance(side, FieldReference) and any(part[0] in "\"'" for part in side.path):
                    name = "".join(f"[{part}]" for part in side.path)
                    plain = name.replace('"', "").replace("'", "")
                    yield Complaint(
                        f"{name} is a field whose name has quotes: write {plain}", side.span, "quoted-field"
                    )
        case Match(right=right):
            source = right.text if isinstance(right, String) else right.source
            if not VARIABLE.search(source):
                yield from regex(source, right.span)
        case Logic():
            yield from _precedence(node)
        case _:
            pass


def _precedence(node: Logic) -> Iterator[Complaint]:
    """Logstash takes one waiting operator from its stack where it should take all: `a and b and c or d` goes wrong."""
    waiting: list[str] = []
    for operator in node.operators:
        if operator == "or" and waiting[-2:] == ["and", "and"]:
            yield Complaint(
                'Logstash reads "a and b and c or d" as "a and ((b and c) or d)": add parentheses',
                node.span,
                "and-before-or",
            )
            return
        if operator == "or" and waiting[-1:] == ["and"]:
            waiting.pop()
        waiting.append(operator)
