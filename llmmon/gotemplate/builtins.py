"""The functions that every Go template has, and what a function says of itself."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus

from llmmon import lazily
from llmmon.classes import frozen
from llmmon.gotemplate.printf import sprint
from llmmon.gotemplate.values import (
    Anys,
    Html,
    Items,
    Moment,
    Opaque,
    Standin,
    Strings,
    Struct,
    Unsure,
    Vector,
    described,
    printed,
    type_name,
)

if TYPE_CHECKING:
    from collections.abc import Callable

_SAFE = lazily.pattern(r"[\w ,.:;/()\[\]{}!?@#%^*|~$-]*\Z", re.ASCII)
_LONGEST = 100_000


class Broken(Exception):  # noqa: N818 - what a template does, not what we do
    """A function that certainly fails; the words follow `... fails: `. `mixed`: whole numbers and others together."""

    def __init__(self, message: str, mixed: bool = False) -> None:
        super().__init__(message)
        self.mixed = mixed


@frozen
class Function:
    """What a function takes, by Go's names of types, `rest` any number of; and what it does."""

    takes: tuple[str, ...]
    call: Callable[..., Any]
    rest: str | None = None


def _compared(one: Any, other: Any) -> str | None:
    """The kind of two values that can be compared; None for those that Go compares in another way."""
    kinds = [_kind(value) for value in (one, other)]
    if kinds[0] == kinds[1]:
        return kinds[0]
    if any(isinstance(value, Opaque | Moment) for value in (one, other)):
        raise Unsure
    if None in (one, other):
        return None
    words = f"{described(one)} cannot be compared with {described(other)}"
    raise Broken(words, mixed=set(kinds) == {"int", "float"})


def _kind(value: Any) -> str | None:
    match value:
        case bool():
            return "bool"
        case int():
            return "int"
        case float():
            return "float"
        case str():
            return "string"
    return None


def _eq(one: Any, *others: Any) -> bool:
    if not others:
        raise Broken("it compares with nothing: give it a second value")
    for other in others:
        kind = _compared(one, other)
        if kind is None and not (one is None or other is None):
            raise Unsure
        if kind is not None and one == other:
            return True
    return False


def _less(one: Any, other: Any) -> bool:
    kind = _compared(one, other)
    if kind in (None, "bool"):
        if one is None or other is None or isinstance(one, Opaque | Moment):
            raise Unsure
        raise Broken(f"{described(one)} is neither more nor less than something else")
    return bool(one < other)


def _len(value: Any) -> int:
    if isinstance(value, Standin | Opaque) or (isinstance(value, Strings | Items) and value.open):
        return 1
    if isinstance(value, str):
        return len(value.encode("utf-8", "surrogatepass"))
    if isinstance(value, Strings | Anys | Vector | Items):
        return len(value)
    raise Broken(f"{described(value)} has no length")


def _index(value: Any, *keys: Any) -> Any:
    for key in keys:
        match value:
            case Strings():
                if not isinstance(key, str):
                    raise Broken(f"the keys of a map are texts, and this is {described(key)}")
                value = value.read(key)
            case Anys():
                if not isinstance(key, str):
                    raise Broken(f"the keys of a map are texts, and this is {described(key)}")
                value = value.get(key)
            case Vector() | Items() | str():
                if isinstance(key, bool) or not isinstance(key, int):
                    raise Broken(f"an index is a whole number, and this is {described(key)}")
                if isinstance(value, Items) and not value.open and not 0 <= key < len(value):
                    there = f"there {'is' if len(value) == 1 else 'are'} {len(value) or 'none'}"
                    raise Broken(f"of {described(value)}, which begins with 0, {there}, and this asks for {key}")
                if isinstance(value, str) or not 0 <= key < len(value):
                    raise Unsure  # how many there are is known only when it happens
                value = value[key]
            case Opaque():
                raise Unsure
            case None:
                raise Broken("nothing has nothing in it that an index could reach")
            case _:
                raise Broken(f"{described(value)} has nothing in it that an index could reach")
    return value


def _slice(value: Any, *bounds: Any) -> Any:
    if not isinstance(value, str | Vector):
        raise Unsure
    if any(isinstance(bound, bool) or not isinstance(bound, int) for bound in bounds) or len(bounds) > 2:
        raise Unsure
    if isinstance(value, Standin | Vector):
        return value
    low = bounds[0] if bounds else 0
    high = bounds[1] if len(bounds) > 1 else len(value)
    if not 0 <= low <= high <= len(value):
        raise Broken(f"{printed(value)!r} has {len(value)} characters, not {max(low, high)}")
    return value[low:high]


def _call(*_: Any) -> Any:
    raise Unsure


def same(value: str, *sources: Any) -> str:
    """A text that is as certain as what it was made of."""
    if len(value) > _LONGEST:
        raise Unsure
    return Standin(value) if any(isinstance(source, Standin | Struct | Opaque) for source in sources) else value


def _escaped(how: Callable[[str], str]) -> Callable[..., str]:
    def call(*given: Any) -> str:
        text = given[0] if len(given) == 1 and isinstance(given[0], str) else sprint(given)
        return same(how(text), *given, text)

    return call


def _html(text: str) -> str:
    import html

    return html.escape(text).replace("&quot;", "&#34;").replace("&#x27;", "&#39;").replace("\0", "\ufffd")


def _js(text: str) -> str:
    return text if _SAFE.match(text) else Standin(text)


ANY = "any"
BUILTINS: dict[str, Function] = {
    "and": Function((ANY,), _call, ANY),  # the interpreter's own, since they do not look at all of their arguments
    "or": Function((ANY,), _call, ANY),
    "not": Function((ANY,), lambda value: not value),
    "call": Function((ANY,), _call, ANY),
    "eq": Function((ANY,), _eq, ANY),
    "ne": Function((ANY, ANY), lambda one, other: not _eq(one, other)),
    "lt": Function((ANY, ANY), _less),
    "le": Function((ANY, ANY), lambda one, other: _less(one, other) or _eq(one, other)),
    "gt": Function((ANY, ANY), lambda one, other: not (_less(one, other) or _eq(one, other))),
    "ge": Function((ANY, ANY), lambda one, other: not _less(one, other)),
    "len": Function((ANY,), _len),
    "index": Function((ANY,), _index, ANY),
    "slice": Function((ANY,), _slice, ANY),
    "print": Function((), lambda *given: sprint(given), ANY),
    "println": Function((), lambda *given: sprint(given, line=True), ANY),
    "printf": Function(("string",), _call, ANY),  # the interpreter's own: it says which verbs do not fit
    "html": Function((), _escaped(_html), ANY),
    "js": Function((), _escaped(_js), ANY),
    "urlquery": Function((), _escaped(lambda text: quote_plus(text, errors="replace")), ANY),
}
_ASSIGNABLE = {"float64": float, "bool": bool, "queryResult": Vector, "time.Time": Moment}


def fits(value: Any, wanted: str) -> bool:
    """Whether Go gives a value to a parameter of this type."""
    if isinstance(value, Opaque):
        raise Unsure
    match wanted:
        case "any":
            return True
        case "string":
            return isinstance(value, str) and not isinstance(value, Html)
        case "*sample":
            if value is None:
                raise Unsure
            return isinstance(value, Struct) and type_name(value) == "*template.sample"
        case "[]string" | "[]interface {}":
            lists = ("[]string", "template.Strings") if wanted == "[]string" else (wanted,)
            return value is None or (isinstance(value, Items) and value.type in lists)
    if value is None:
        raise Unsure
    return isinstance(value, _ASSIGNABLE[wanted])
