"""Go's `fmt.Sprintf`, which never fails: a verb that does not fit is in the text, as `%!d(string=x)`."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from llmmon import lazily
from llmmon.gotemplate.values import Moment, Opaque, Standin, Unsure, float_text, printed, type_name

if TYPE_CHECKING:
    from collections.abc import Sequence

_VERB = lazily.pattern(
    r"%(?P<flags>[-+# 0]*)(?P<width>\*|[0-9]*)(?:\.(?P<precision>\*|[0-9]*))?(?P<verb>.)?", re.DOTALL
)
_WIDEST = 1000  # more than anybody prints, and enough to fill the memory


class Misfit(NamedTuple):
    """A verb, where it is in the format, and the number of the argument that it is not for, or None without one."""

    verb: str
    start: int
    end: int
    argument: int | None


def sprintf(pattern: str, given: Sequence[Any]) -> tuple[str, list[Misfit]]:
    """The text, and which verbs have not the arguments that they are for."""
    out: list[str] = []
    wrong: list[Misfit] = []
    at = number = 0
    for found in _VERB.finditer(pattern):
        out.append(pattern[at : found.start()])
        at = found.end()
        verb = found["verb"]
        if verb == "%":
            out.append("%")
            continue
        if verb == "[" or "*" in (found["width"], found["precision"]) or int(found["width"] or 0) > _WIDEST:
            raise Unsure
        place = found.start(), found.end()
        if verb is None:
            out.append("%!(NOVERB)")
            wrong.append(Misfit("", *place, None))
        elif number >= len(given):
            out.append(f"%!{verb}(MISSING)")
            wrong.append(Misfit(verb, *place, None))
        else:
            text = _formatted(found, given[number])
            if text is None:
                text = f"%!{verb}({_typed(given[number])})"
                wrong.append(Misfit(verb, *place, number))
            out.append(text)
            number += 1
    out.append(pattern[at:])
    if number < len(given):
        out.append(f"%!(EXTRA {', '.join(map(_typed, given[number:]))})")
        wrong.append(Misfit("", len(pattern), len(pattern), number))
    text = "".join(out)
    unknown = any(isinstance(item, Standin) for item in (pattern, *given, *out))
    return (Standin(text) if unknown else text), wrong


def _typed(value: Any) -> str:
    return "<nil>" if value is None else f"{type_name(value)}={printed(value)}"


def _formatted(found: re.Match[str], value: Any) -> str | None:
    verb, flags, width = found["verb"], found["flags"], int(found["width"] or 0)
    precision = None if found["precision"] is None else int(found["precision"] or 0)
    if precision is not None and precision > _WIDEST:
        raise Unsure
    if verb == "T":
        return _padded(type_name(value), flags, width)
    match value:
        case None:
            return "<nil>" if verb == "v" else None
        case bool():
            return _padded(printed(value), flags, width) if verb in "tv" else None
        case int():
            return _whole(verb, flags, width, value)
        case float():
            return _float(verb, flags, width, precision, value)
        case str():
            return _text(verb, flags, width, precision, value)
        case Opaque() | Moment():
            return Standin("?")
    return Standin(printed(value)) if verb in "vsdq" else None


def _padded(text: str, flags: str, width: int) -> str:
    if "-" in flags:
        return text.ljust(width)
    return text.rjust(width, "0" if "0" in flags and "-" not in flags else " ")


def _whole(verb: str, flags: str, width: int, value: int) -> str | None:
    if verb in "dvxXo":
        return f"%{flags}{width or ''}{'d' if verb == 'v' else verb}" % value
    if verb == "b":
        return _padded(f"{value:b}", flags, width)
    if verb in "cqUO":
        return Standin("?")
    return None


def _float(verb: str, flags: str, width: int, precision: int | None, value: float) -> str | None:
    if verb not in "vgGeEfFbxX":
        return None
    if verb in "bxX":
        return Standin("?")
    if math.isnan(value) or math.isinf(value):
        text = float_text(value)
        return _padded(
            text if "+" in flags else text.lstrip("+") if math.isnan(value) else text, flags.replace("0", ""), width
        )
    if precision is None and verb in "vgG":
        sign = "+" if "+" in flags and value >= 0 else " " if " " in flags and value >= 0 else ""
        text = sign + float_text(value)
        return _padded(text.upper() if verb == "G" else text, flags, width)
    verb = "g" if verb == "v" else verb
    return f"%{flags}{width or ''}{'' if precision is None else f'.{precision}'}{verb}" % value


def _text(verb: str, flags: str, width: int, precision: int | None, value: str) -> str | None:
    import json

    if verb not in "vsqxX":
        return None
    cut = str(value) if precision is None else str(value)[:precision]
    match verb:
        case "q":
            cut = json.dumps(cut, ensure_ascii=False)
        case "x":
            cut = cut.encode("utf-8", "surrogatepass").hex()
        case "X":
            cut = cut.encode("utf-8", "surrogatepass").hex().upper()
    return _padded(cut, flags, width)


def sprint(given: Sequence[Any], line: bool = False) -> str:
    """`fmt.Sprint`: a space between two of which none is a text; `fmt.Sprintln` with one between all."""
    out = ""
    for number, value in enumerate(given):
        texts = number and (isinstance(value, str) or isinstance(given[number - 1], str))
        out += (" " if number and (line or not texts) else "") + ("<nil>" if value is None else printed(value))
    out += "\n" * line
    return Standin(out) if any(isinstance(value, Standin) for value in given) else out
