"""The constants that stand in a template, as Go reads them where nothing says what type they are."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from llmmon import lazily
from llmmon.gotemplate.values import Unsure
from llmmon.promql.tokens import unquote

if TYPE_CHECKING:
    from llmmon.gotemplate.nodes import Operand

_FLOAT = lazily.pattern(r"(?![+-]?0[xX]).*[.eE]|[+-]?0[xX].*[pP]")


def constant(operand: Operand) -> Any:
    """The value of a text, a number or a boolean; None of anything else."""
    text = operand.text
    match operand.kind:
        case "string":
            return text[1:-1] if text.startswith("`") else unquote(text) or ""
        case "bool":
            return text == "true"
        case "number":
            return _number(text)
    return None


def _number(text: str) -> int | float:
    plain = text.replace("_", "")
    try:
        if text.startswith("'"):
            return ord(unquote(f'"{text[1:-1]}"') or "")
        if _FLOAT.match(plain):
            return float(plain)
        sign = plain[:1] in "+-"
        if re.match(r"0[0-9]", plain[sign:]):
            return int(plain, 8)
        return int(plain, 0)
    except (ValueError, TypeError):
        raise Unsure from None
