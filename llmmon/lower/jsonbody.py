"""A regular expression of Go for a place in a JSON text: the whole way from the first brace, so nothing else counts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from llmmon.promql import regex_literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

DEPTH = 3  # of objects inside each other beside the way; deeper ones are no longer passed over
_STRING = r'"(?:[^"\\]|\\.)*"'


def holds(keys: Sequence[str], texts: Iterable[str]) -> str:
    """Matches a JSON object whose value at the end of `keys` is one of these texts.

    A text is read token by token, so a key inside of a string does not count, nor one of another object, and the order
    of keys and white space do not matter. A text may be escaped in any way that JSON knows.
    """
    way = "".join(rf'\{{{_rest(DEPTH)}"{_text(key)}"\s*:\s*' for key in keys)
    found = [_text(text) for text in texts]
    value = found[0] if len(found) == 1 else f"(?:{'|'.join(found)})"
    return rf'^\s*{way}"{value}"'


def _rest(depth: int) -> str:
    """What may stand before a key in the same object."""
    inside = rf"|\{{{_rest(depth - 1)}\}}" if depth else ""
    return rf'(?:[^{{}}"]|{_STRING}{inside})*'


def _text(text: str) -> str:
    return "".join(map(_character, text))


def _character(character: str) -> str:
    escaped = json.dumps(character)[1:-1]
    forms = [json.dumps(character, ensure_ascii=False)[1:-1], escaped]
    if character == "/":
        forms.append("\\/")
    plain = dict.fromkeys(regex_literal(form) for form in forms)
    if "\\u" in escaped:  # its digits may be capital letters
        plain = dict.fromkeys((*list(plain)[:1], f"(?i:{regex_literal(escaped)})"))
    return next(iter(plain)) if len(plain) == 1 else f"(?:{'|'.join(plain)})"
