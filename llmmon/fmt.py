"""Formats the PromQL in rule files; the meaning of each expression stays, and so does every comment."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from llmmon import lazily, promql
from llmmon.documents import envelopes
from llmmon.documents import rules as rule_files
from llmmon.problem import Fix, Origin, Problem
from llmmon.promql.spelling import parse_spelt
from llmmon.repair import edits, fix
from llmmon.source import reading, values

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.promql import Expr
    from llmmon.repair.pieces import Place
    from llmmon.rule import AlertingRule, RecordingRule

WIDTH = 120
_VERSION: promql.Version = promql.DEFAULT_VERSION
_QUOTED = lazily.pattern(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|`[^`]*`")


class Formatted(NamedTuple):
    """A file as it should be, and what is wrong with parts that are left as they are."""

    data: bytes
    problems: list[Problem]


def formatted(data: bytes, shown: str, width: int = WIDTH) -> Formatted:
    """The file with each expression on one line, or, where it is longer than the width, in a block over several."""
    document, wrong = reading.decoded(data, shown)
    if wrong:
        return Formatted(data, wrong)
    wanted: list[Problem] = []
    for part in envelopes.documents(document):
        value, faults = values.value(part, as_go=True)
        wrong += faults
        for inside in envelopes.unwrap(value, Origin(part)) if not faults else ():
            wrong += inside.problems
            if rule_files.is_rules(inside.value):
                read = rule_files.read(inside.value, inside.origin, _VERSION)
                wrong += [problem for problem in read.problems if problem.rule == "promql-syntax"]
                rules: tuple[AlertingRule | RecordingRule, ...] = (*read.rules.alerts, *read.rules.recordings)
                for rule in rules:
                    if rule.expression:
                        wanted += _wanted(rule.expression.text, rule.origin.at("expr"), width)
    done = fix.fixed(wanted, lambda _: data)
    return Formatted(done.files.get(shown, data), wrong)


def _wanted(text: str, origin: Origin, width: int) -> Iterator[Problem]:
    place = edits.place(origin)
    if place is None or "#" in _QUOTED.sub("", text):  # comments of PromQL have no place in a tree
        return
    expr = parse_spelt(text, _VERSION)
    new = _laid_out(expr, place, width)
    if new != text and promql.parse(new, version=_VERSION) == expr:
        yield Problem(origin, "", "fmt", fix=Fix(((origin, new),), safe=True))


def _laid_out(expr: Expr, place: Place, width: int) -> str:
    """On one line, or over several; a block keeps whether it ends with a line break."""
    value, block = str(place.node.value), place.node.style in ("|", ">")
    line = promql.to_text(expr)
    end = "\n" * (len(value) - len(value.rstrip("\n"))) if block else ""
    if place.flow or place.column + len("expr: ") + len(line) <= width:
        return line + end
    text = promql.pretty(expr, max(width - place.indent, 1))
    return text + (end if block else "\n" if "\n" in text else "")
