"""A small language for the shape of data: what may stand where, strictly, and where a value is not so."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from llmmon.classes import frozen

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from llmmon.problem import Keys


@frozen
class Text:
    """A string of this form; `what` names it in a message."""

    form: re.Pattern[str]
    what: str


@frozen
class Whole:
    """A whole number from `least` to `most`."""

    least: int
    most: int


@frozen
class Each:
    """A map with any keys of this form."""

    key: Text
    value: Any


@frozen
class Either:
    """One of these shapes; a message speaks of the first."""

    shapes: tuple[Any, ...]


def text(form: str, what: str) -> Text:
    """A string that the whole of this pattern matches."""
    return Text(re.compile(form, re.DOTALL), what)


_LABEL = r"[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?"
_QUALIFIED = r"[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?"

# What Kubernetes takes everywhere
ANY = text(".*", "text")
FULL = text(".+", "text that is not empty")
NAME = text(_LABEL, "DNS label of at most 63 characters (RFC 1123)")
SUBDOMAIN = text(rf"(?=.{{1,253}}\Z){_LABEL}(?:\.{_LABEL})*", "DNS subdomain of at most 253 characters (RFC 1123)")
KEY = text(rf"(?:(?=[^/]{{1,253}}/){_LABEL}(?:\.{_LABEL})*/)?{_QUALIFIED}", "label key of Kubernetes")
VALUE = text(rf"(?:{_QUALIFIED})?", "label value of Kubernetes, at most 63 characters")
QUANTITY = text(r"\d+(?:\.\d+)?(?:[KMGTPE]i|[kMGTPE])?", "quantity such as 100Gi")
PORT_NAME = text(r"(?=[0-9-]*[a-z])(?=.{1,15}\Z)[a-z0-9]+(?:-[a-z0-9]+)*", "name of a port")
PATH = text(r"/[^\s]*", "path")
SECRET_KEY = text(r"[-._A-Za-z0-9]{1,253}", "key of a Secret")
FLAG = bool
PORT = Whole(1, 65_535)
LABELS = Each(KEY, VALUE)


def faults(value: object, shape: Any, keys: Keys = ()) -> Iterator[tuple[Keys, str]]:
    """Where a value is not of a shape, and why. A key with `!` is required, others may be absent; none may be more.

    A list has at least one item: who has none leaves the key out.
    """
    match shape:
        case Text():
            if not isinstance(value, str) or not shape.form.fullmatch(value):
                yield keys, f"{_shown(value)} is no {shape.what}"
        case type():
            if not isinstance(value, shape):
                yield keys, f"{_shown(value)} is neither true nor false"
        case Whole(least, most):
            if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
                yield keys, f"{_shown(value)} is no whole number from {least} to {most}"
        case Either(shapes):
            found = [list(faults(value, one, keys)) for one in shapes]
            yield from () if [] in found else found[0]
        case Each(key, inner):
            for name, item in value.items() if isinstance(value, dict) else ():
                yield from faults(name, key, (*keys, name))
                yield from faults(item, inner, (*keys, name))
            if not isinstance(value, dict):
                yield keys, f"{_shown(value)} is no map"
        case list():
            if not isinstance(value, list) or not value:
                yield keys, f"{_shown(value)} is no list with something in it"
            for index, item in enumerate(value) if isinstance(value, list) else ():
                yield from faults(item, shape[0], (*keys, index))
        case _:
            yield from _map_faults(value, shape, keys)


def _map_faults(value: object, shape: Mapping[str, Any], keys: Keys) -> Iterator[tuple[Keys, str]]:
    if not isinstance(value, dict):
        yield keys, f"{_shown(value)} is no map"
        return
    inside = {name.rstrip("!"): inner for name, inner in shape.items()}
    for name in shape:
        if name.endswith("!") and name[:-1] not in value:
            yield keys, f"{name[:-1]} is missing"
    for name, item in value.items():
        if name in inside:
            yield from faults(item, inside[name], (*keys, name))
        else:
            yield (*keys, name), f"there is no field {_shown(name)}"


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
