"""Scalars without quotes: what they are to YAML 1.1, which Go's libraries still read."""

from __future__ import annotations

from llmmon.lazily import pattern

NULLS = frozenset(("", "~", "null", "Null", "NULL"))
MAY_BE_TYPED = frozenset("+-.0123456789fFnNoOtTyY")  # what begins so
_TYPED = pattern(
    r"(?:yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF"
    r"|[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?"
    r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
    r"|[-+]?0b[01_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+)\Z"
)


class Plain(str):
    """A text without quotes, which may be a number or a boolean to whoever reads it otherwise than Go does."""

    __slots__ = ()


def is_typed(text: str) -> bool:
    """Whether it is a boolean or a number; one to the base of 60 is not."""
    return text[0] in MAY_BE_TYPED and _TYPED.match(text) is not None
