"""Go's values as templates see them, and how `fmt` prints them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from llmmon.classes import field, identity

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class Unsure(Exception):  # noqa: N818 - it is no fault of anybody's
    """What happens here depends on what nobody knows before."""


class Standin(str):
    """A text instead of one that is not known: nothing that its content causes is certain."""

    __slots__ = ()


class Never(Standin):
    """A text that nobody means to show: what a time is that has not come."""

    __slots__ = ()


class Word(str):
    """A text of which all that it may be is known."""

    choices: tuple[str, ...] = ()

    @classmethod
    def of(cls, text: str, *choices: str) -> Word:
        word = cls(text)
        word.choices = choices
        return word


class Html(str):
    """`template.HTML`, which is no string for a function that wants one."""

    __slots__ = ()


class Url(Html):
    """`template.URL`, which is none either."""

    __slots__ = ()


class Strings(dict[str, str]):
    """`map[string]string`; where it is `open`, every key but those that are `absent` leads to some text."""

    type = "map[string]string"

    def __init__(
        self, known: Mapping[str, str], name: str = "", open_: bool = False, absent: frozenset[str] = frozenset()
    ) -> None:
        super().__init__(known)
        self.name = name
        self.open = open_
        self.absent = absent

    def has(self, key: str) -> bool:
        return key in self or (self.open and key not in self.absent)

    def read(self, key: str) -> str:
        if key in self:
            return self[key]
        return Standin(f"some-{key}") if self.has(key) else ""


class Anys(dict[str, Any]):
    """`map[string]interface {}`."""


@identity
class Struct:
    """A struct, or a pointer to one."""

    type: str
    fields: Mapping[str, Any] = field(hash=False)
    pointer: bool = False
    hints: Mapping[str, str] = field(default_factory=dict)  # of fields that are looked for here, and are elsewhere


class Vector(list[Struct]):
    """What a query gives."""


class Items(list[Any]):
    """A slice of Go; where it is `open`, there may be more in it."""

    def __init__(self, type_: str, items: Iterable[Any] = (), open_: bool = False) -> None:
        super().__init__(items)
        self.type = type_
        self.open = open_


@identity
class Opaque:
    """A value of which only the type is known."""

    type: str


@identity
class Moment:
    """A `time.Time`; one that has not `come` is the first day of the year one."""

    come: bool = True


def type_name(value: Any) -> str:
    """As Go names it."""
    match value:
        case bool():
            return "bool"
        case int():
            return "int"
        case float():
            return "float64"
        case Url():
            return "template.URL"
        case Html():
            return "template.HTML"
        case str():
            return "string"
        case Strings():
            return value.type
        case Anys():
            return "map[string]interface {}"
        case Vector():
            return "template.queryResult"
        case Struct():
            return f"*{value.type}" if value.pointer else value.type
        case Opaque() | Items():
            return value.type
        case Moment():
            return "time.Time"
    return "nil"


def described(value: Any) -> str:
    """What it is, for somebody who does not write Go."""
    names = {
        "bool": "true or false",
        "int": "a whole number",
        "float64": "a number with a fraction",
        "string": "a text",
        "template.HTML": "HTML, no text",
        "map[string]string": "a map",
        "map[string]interface {}": "a map",
        "template.queryResult": "the result of a query",
        "*template.sample": "one sample of a query",
        "template.KV": "a map",
        "template.Alerts": "the list of alerts",
        "[]template.Alert": "a list of alerts",
        "template.Alert": "an alert",
        "*template.Data": "the whole notification",
        "template.Pair": "one pair of a name and a value",
        "template.Pairs": "a list of pairs",
        "[]string": "a list of texts",
        "template.Strings": "a list of texts",
        "[]interface {}": "a list",
        "time.Time": "a time",
        "template.URL": "a URL, no text",
        "nil": "nothing",
    }
    return names.get(type_name(value), "a value of another kind")


def truth(value: Any) -> bool:
    """What `if` makes of it; `with` and `and` too."""
    if isinstance(value, Opaque):
        raise Unsure
    if isinstance(value, Strings) and value.open:
        return True
    return isinstance(value, Struct | Moment) or bool(value)


def printed(value: Any) -> str:
    """As an action prints it, and `%v`."""
    match value:
        case None:
            return "<no value>"
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case str():
            return value
        case float():
            return float_text(value)
        case Strings() | Anys():
            inside = " ".join(f"{key}:{_nested(value[key])}" for key in sorted(value))
            return Standin(f"map[{inside}]")
        case Struct():
            return Standin("{" + " ".join(_nested(item) for item in value.fields.values()) + "}")
        case Vector():
            return Standin("[" + " ".join("0xc000000000" for _ in value) + "]")
        case Items():
            return Standin("[" + " ".join(_nested(item) for item in value) + "]")
        case Moment():
            return Standin("2006-01-02 15:04:05 +0000 UTC") if value.come else Never("0001-01-01 00:00:00 +0000 UTC")
    return Standin("?")


def _nested(value: Any) -> str:
    return "<nil>" if value is None else printed(value)


def float_text(value: float) -> str:
    """The shortest text that is this number: strconv's `g`."""
    if math.isnan(value) or math.isinf(value):
        return "NaN" if math.isnan(value) else "+Inf" if value > 0 else "-Inf"
    digits, _, exponent = f"{value!r}".partition("e")
    mantissa = digits.lstrip("-")
    whole, _, rest = mantissa.partition(".")
    rest = "" if rest == "0" else rest
    number = (whole + rest).lstrip("0")
    power = int(exponent or 0) + (len(whole) - 1 if whole.strip("0") else -1 - (len(rest) - len(rest.lstrip("0"))))
    if value == 0:
        return "-0" if math.copysign(1, value) < 0 else "0"
    sign = "-" if value < 0 else ""
    significant = number.rstrip("0") or "0"
    if power < -4 or power >= 6:
        tail = f".{significant[1:]}" if len(significant) > 1 else ""
        return f"{sign}{significant[0]}{tail}e{'-' if power < 0 else '+'}{abs(power):02d}"
    if power < 0:
        return f"{sign}0.{'0' * (-power - 1)}{significant}"
    padded = significant.ljust(power + 1, "0")
    tail = f".{padded[power + 1 :]}" if len(padded) > power + 1 else ""
    return f"{sign}{padded[: power + 1]}{tail}"
