"""The lines of a page of metrics: comments on families, and samples of series."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

QUOTED = r'"(?:[^"\\\n]|\\.)*+"'
_NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*+"
_PAIR = rf"(?:[a-zA-Z_][a-zA-Z0-9_]*+|{QUOTED})[ \t]*+=[ \t]*+{QUOTED}[ \t]*+"
_VALUE = r"[-+]?(?:[0-9.][0-9a-fA-FxXpP_.+-]*+|[iI]nf(?:inity)?|[nN]a[nN])"
_SAMPLE = re.compile(
    rf"({_NAME})?[ \t]*+"
    rf"(?:\{{[ \t]*+(?:({QUOTED})[ \t]*+(?:,[ \t]*+)?)?((?:{_PAIR}(?:,[ \t]*+|(?=\}})))*+)\}})?[ \t]*+"
    rf"({_VALUE})(?:[ \t]+[-+]?[0-9.eE+-]+)?(?:[ \t]+\#[^\n]*)?[ \t]*\Z"
).match
_PAIRS = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*|"(?:[^"\\\n]|\\.)*")[ \t]*=[ \t]*"((?:[^"\\\n]|\\.)*)"').findall
_COMMENT = re.compile(rf"\#[ \t]+(TYPE|HELP|UNIT)[ \t]+({_NAME}|{QUOTED})(?:[ \t]+(.*))?\Z").match
ESCAPE = re.compile(r"\\(.)")


class Comment(NamedTuple):
    """`# HELP name what it is`, of a line counted from 1; `word` is HELP, TYPE or UNIT."""

    number: int
    word: str
    name: str
    rest: str


class Sample(NamedTuple):
    """`name{labels} value`."""

    number: int
    name: str
    labels: str


def lines(text: str) -> Iterator[Comment | Sample | int]:
    """What a page says, line by line; the bare number of a line that is neither. Other comments say nothing."""
    for number, line in enumerate(text.split("\n"), 1):
        if not line or line.isspace():
            continue
        if line[0] == "#":
            if found := _COMMENT(line.rstrip("\r")):
                yield Comment(number, found[1], _unquoted(found[2]), found[3] or "")
            continue
        sample = _SAMPLE(line.rstrip("\r"))
        name = sample and (sample[1] or (_unquoted(sample[2]) if sample[2] else None))
        yield Sample(number, name, sample[3] or "") if sample and name else number


def pairs(labels: str) -> Iterator[tuple[str, str]]:
    """The labels of a sample, and their values as they are written."""
    return ((_unquoted(label), value) for label, value in _PAIRS(labels))


def _unquoted(name: str) -> str:
    return ESCAPE.sub(r"\1", name[1:-1]) if name.startswith('"') else name
