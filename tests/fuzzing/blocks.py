"""Pieces of YAML files, spoiled as somebody's hand may, which both ways of reading must read as the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.source import block, values
from llmmon.source.document import Document

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

_LONGEST = 25  # lines
_BITS = (
    *(
        " ",
        "  ",
        "\n",
        "#",
        " #",
        ": ",
        ":",
        "- ",
        "-",
        '"',
        "'",
        "{",
        "}",
        "[",
        "]",
        "|",
        ">",
        "|-",
        ">-",
        "&a ",
        "*a",
    ),
    *("!", "?", "? ", ",", "null", "~", "yes", "1", "0x1f", "1_0", ".5", "1e5", "---", "...", "%", "@", "`", "\\", "é"),
    *("\\n", "\t", "<<", "=", "key: v", "- a", "\n\n", "\n  ", "\n    ", "\n      ", "  # c\n", "# c\n", "''", '""'),
    *('\\"', "{a: b}", "[a, b]", "a: |\n", ">\n", "1:30", "+", ".", "01", "\u2028", "\xa0", "\x85", "\ufeff", "\x7f"),
)


def spoiled(known: Sequence[str], chance: random.Random) -> str:
    """Some lines of a file, further out, with up to three mistakes."""
    lines = chance.choice(known).split("\n")
    start = chance.randrange(len(lines))
    some = lines[start : start + chance.randrange(1, _LONGEST)]
    out = min((len(line) - len(line.lstrip(" ")) for line in some if line.strip()), default=0)
    text = "\n".join(line[out:] for line in some) + "\n" * (chance.random() < 0.7)
    for _ in range(chance.choice((0, 1, 1, 2, 3))):
        at = chance.randrange(len(text) + 1)
        match chance.randrange(4):
            case 0 | 1:
                text = text[:at] + chance.choice(_BITS) + text[at:]
            case 2:
                text = text[:at] + text[at + chance.randrange(1, 4) :]
            case _:
                lines = text.split("\n")
                at, by = chance.randrange(len(lines)), chance.randrange(4)
                lines[at] = chance.choice((" " * by + lines[at], lines[at][by:]))
                text = "\n".join(lines)
    return text


def is_read(text: str) -> bool:
    """Whether it is read without libyaml; raises a ValueError where that gives something else."""
    found = block.read(text)
    if found is None:
        return False
    value, problems = values.by_libyaml(Document("x", text), as_go=True)
    if problems or not _same(found, value):
        raise ValueError(f"{found} and not {problems or value}")
    return True


def _same(one: object, other: object) -> bool:
    """Whether all is equal, down to the type of each text and the order of keys."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict) and isinstance(other, dict):
        return list(one) == list(other) and all(_same(value, other[key]) for key, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return one == other
