"""Expressions, templates and rule files that are almost right."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

_WORDS = re.compile(r'[A-Za-z_:][\w:]*|\d[\w.]*|"[^"]*"|\s+|.', re.DOTALL)
_PIECES = ("", "(", ")", "{", "}", "[", "]", '"', ",", " ", "5m", "e", ".", "\\", "0")
_OF_TEMPLATES = (
    *("{{", "}}", "{{-", "-}}", " -}}", "|", "(", ")", "$", ".", "$labels", "$value", '"', "`", "'", " ", "end"),
    *("else", "if", "range", "with", "define", "template", "block", "break", "nil", "true", "5", "1.5", "0x", "foo"),
    *("humanize", "query", ":=", "=", ",", "/*", "*/", "\\", "\n", "é", "%", "-", "_", "$x", ".a", '"t"', "else if"),
    *("{{ end }}", "{{ else }}", "[", "#", ":", "+5", "1_000", "1e", ".5", "{{else with .Value}}"),
)
_OF_FILES = (
    *(": ", "- ", '"', "'", "{", "}", "[", "]", "#", " #", "\t", " ", "  ", "&a ", "*a", "!!str ", "~", "null", "|"),
    *(
        ">",
        "%",
        "@",
        "`",
        ",",
        ":",
        "?",
        "? ",
        "<<: ",
        "---",
        "...",
        "\\",
        "0",
        "1.5",
        "5m",
        "true",
        "labels",
        "é",
        "\n",
    ),
)

_OF_REGEXES = (
    *("a", "z", "A", "0", "9", "-", "-", "_", ".", "^", r"\w", r"\d", r"\-", r"\.", r"\]", r"\x41", "[:alpha:]"),
    *("[:a:]", " ", "+", "*", "é", r"\pL", r"\b", r"\n", "/", ":", "{2}", "{,3}", "{1001}", "(?i)", "(?:", "(?-s:"),
    *("(", ")", "|", "?", "$", "(?P<n>", "a-z", "0-9", r"\1", r"\z", "[", "]", "[^", "*?"),
)


def expressions(known: Sequence[str], count: int, chance: random.Random) -> list[str]:
    """As many spoiled expressions, each one or two words away from a known one."""
    words = sorted({word for text in known for word in _WORDS.findall(text)})
    made = [_expression(chance.choice(known), words, chance) for _ in range(count)]
    return [text for text in made if text.strip()]


def _expression(text: str, others: Sequence[str], chance: random.Random) -> str:
    words = _WORDS.findall(text)
    for _ in range(chance.choice((1, 1, 1, 2))):
        at = chance.randrange(len(words) + 1)
        match chance.randrange(6):
            case 0:
                words[at : at + 1] = []
            case 1:
                words.insert(at, chance.choice(others))
            case 2:
                words[at : at + 1] = [chance.choice(others)]
            case 3:
                words[at : at + 2] = words[at : at + 2][::-1]
            case 4:
                words[at:at] = words[at - 1 : at]
            case _:
                joined = "".join(words)
                index = chance.randrange(len(joined) + 1)
                words = _WORDS.findall(joined[:index] + chance.choice(_PIECES) + joined[index + chance.randrange(2) :])
    return "".join(words)


def regexes(count: int, chance: random.Random) -> list[str]:
    """As many matchers whose regex is made of a few pieces."""
    made = ("".join(chance.choices(_OF_REGEXES, k=chance.randint(1, 6))) for _ in range(count))
    classes = ("[" + "".join(chance.choices(_OF_REGEXES[:20], k=chance.randint(1, 5))) + "]" for _ in range(count))
    some = [chance.choice((one, two, one + two)) for one, two in zip(made, classes, strict=True)]
    return [f"up{{a=~{json.dumps(text, ensure_ascii=False)}}}" for text in some]


def templates(known: Sequence[str], count: int, chance: random.Random) -> list[str]:
    """As many spoiled templates, and the known ones first; each once."""
    made = (_spoiled(chance.choice(known), known, _OF_TEMPLATES, chance) for _ in range(count))
    return list(dict.fromkeys([*known, *made]))


def files(known: Sequence[str], count: int, chance: random.Random) -> list[str]:
    """As many spoiled files, each a few characters or a line away from a known one."""
    return [_file(chance.choice(known), known, chance) for _ in range(count)]


def _file(text: str, known: Sequence[str], chance: random.Random) -> str:
    if chance.random() < 0.5:
        return _spoiled(text, known, _OF_FILES, chance)
    lines = text.splitlines(keepends=True)
    at = chance.randrange(len(lines)) if lines else 0
    match chance.randrange(4):
        case 0:
            lines[at : at + 1] = []
        case 1:
            lines[at:at] = lines[at : at + 1]
        case 2:
            lines[at : at + 1] = [chance.choice((" ", "  ", "\t")) + line for line in lines[at : at + 1]]
        case _:
            lines[at : at + 1] = [line.removeprefix("  ") for line in lines[at : at + 1]]
    return "".join(lines)


def _spoiled(text: str, known: Sequence[str], pieces: Sequence[str], chance: random.Random) -> str:
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        at, what = chance.randrange(len(text) + 1), chance.random()
        if what < 0.35:
            text = text[:at] + chance.choice(pieces) + text[at:]
        elif what < 0.7:
            text = text[:at] + text[at + chance.choice((1, 1, 2, 3, 6)) :]
        elif what < 0.85:
            text = text[:at] + chance.choice(pieces) + text[at + 1 :]
        else:
            other = chance.choice(known)
            text = text[:at] + other[chance.randrange(len(other) + 1) :]
    return text
