"""The one place that turns values into PromQL text: strings, regexes, names, selectors."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from llmmon.lazily import pattern

if TYPE_CHECKING:
    import re
    from collections.abc import Iterable, Mapping

    from .ast import Matcher

_PLAIN: Final = pattern(r'[^"\\\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffd-\uffff\ud800-\udfff]*')
_ODD: Final = pattern(r'["\\\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffd-\uffff]')
_SHORT: Final = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
_SURROGATE: Final = pattern(r"[\ud800-\udfff]")
_BYTE: Final = pattern(r"[\udc80-\udcff]")
_META: Final = pattern(r"[\\.+*?()|\[\]{}^$]")

# Words that cannot stand alone as a metric's name.
RESERVED: Final = frozenset(["bool", "on", "ignoring", "group_left", "group_right", "atan2", "inf", "nan"])
METRIC_NAME: Final = pattern(r"[A-Za-z_:][A-Za-z0-9_:]*")
LABEL_NAME: Final = pattern(r"[A-Za-z_][A-Za-z0-9_]*")


def quote(value: str) -> str:
    """The value as a double-quoted string that Go and PromQL read back; ValueError on a lone surrogate."""
    if _PLAIN.fullmatch(value):
        return f'"{value}"'
    if _SURROGATE.search(value):
        raise ValueError(f"{value!r} holds half of a surrogate pair, which no UTF-8 text can")
    return f'"{_ODD.sub(_escape, value)}"'


def literal(value: str) -> str:
    """Like `quote`, for a value that the parser gave: bytes that are no UTF-8 are written as `\\xff`."""
    if _PLAIN.fullmatch(value):
        return f'"{value}"'
    if not _BYTE.search(value):
        return quote(value)
    pieces = _BYTE.split(value)
    found = _BYTE.findall(value)
    text = quote(pieces[0])[:-1]
    for byte, piece in zip(found, pieces[1:], strict=True):
        text += f"\\x{ord(byte) - 0xDC00:02x}{quote(piece)[1:-1]}"
    return text + '"'


def _escape(found: re.Match[str]) -> str:
    char = found[0]
    if char in _SHORT:
        return _SHORT[char]
    code = ord(char)
    return f"\\x{code:02x}" if code < 0x80 else f"\\u{code:04x}"


def regex_literal(value: str) -> str:
    """A regex (RE2) that matches exactly this text; it still has to be quoted."""
    return _META.sub(r"\\\g<0>", value)


def label(name: str) -> str:
    """A label's name in a matcher or a grouping; one that is not `[A-Za-z_][A-Za-z0-9_]*` is quoted (Prometheus 3)."""
    return name if LABEL_NAME.fullmatch(name) else literal(name)


def selector(name: str | None, labels: Mapping[str, str] | Iterable[Matcher] = ()) -> str:
    """`name{label="value"}` from equalities or matchers; a name with other characters goes inside the braces."""
    if hasattr(labels, "items"):
        wanted = tuple([(key, "=", value) for key, value in labels.items()])
    else:
        wanted = tuple([(matcher.label, matcher.op, matcher.value) for matcher in labels])
    return _selector(name, wanted)


@lru_cache(maxsize=1024)  # the same few hundred stand in every expression of a service
def _selector(name: str | None, matchers: tuple[tuple[str, str, str], ...]) -> str:
    parts = [f"{label(key)}{op}{literal(value)}" for key, op, value in matchers]
    if name is None:
        return "{" + ",".join(parts) + "}"
    if not METRIC_NAME.fullmatch(name) or name.lower() in RESERVED or any(key == "__name__" for key, _, _ in matchers):
        return "{" + ",".join([literal(name), *parts]) + "}"
    return f"{name}{{{','.join(parts)}}}" if parts else name
