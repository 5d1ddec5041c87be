"""grafana-foundation-sdk as a strict second opinion: its from_json alone accepts nearly everything.

Every key must survive a round trip with its value, and every object must hold what its annotations promise.
"""

from __future__ import annotations

import enum
import functools
import json
import sys
import typing
import warnings
from typing import TYPE_CHECKING, Any

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    from grafana_foundation_sdk.cog.encoder import JSONEncoder
    from grafana_foundation_sdk.cog.plugins import register_default_plugins
    from grafana_foundation_sdk.models.dashboard import Dashboard

if TYPE_CHECKING:
    from collections.abc import Iterator

register_default_plugins()
ANY = (Any, object)


def complaints(data: dict[str, Any]) -> list[str]:
    """Everything that the SDK's models would lose, change, or not have expected."""
    try:
        model = Dashboard.from_json(data)
    except (AttributeError, KeyError, TypeError) as error:
        return [f"cannot be read: {error!r}"]
    back = json.loads(json.dumps(model, cls=JSONEncoder))
    return [*_lost("$", data, back), *_wrong("$", model, Dashboard)]


def _lost(path: str, before: Any, after: Any) -> Iterator[str]:
    if isinstance(before, dict) and isinstance(after, dict):
        for key, value in before.items():
            if key in after:
                yield from _lost(f"{path}.{key}", value, after[key])
            elif value is not None:
                yield f"{path}.{key} is dropped"
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for index, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from _lost(f"{path}[{index}]", one, other)
    elif before != after or type(before) is not type(after):
        yield f"{path} changes from {before!r} to {after!r}"


def _wrong(path: str, value: Any, wanted: Any) -> Iterator[str]:
    if wanted in ANY:
        if hasattr(value, "to_json"):
            yield from _fields(path, value)
        return
    origin, args = typing.get_origin(wanted), typing.get_args(wanted)
    if origin is typing.Union:
        if not any(_fits(path, value, choice) for choice in args):
            yield from min((list(_wrong(path, value, c)) for c in args if c is not type(None)), key=len)
    elif origin is typing.Literal:
        if value not in args:
            yield f"{path} is {value!r}, not one of {args}"
    elif origin is list:
        yield from _items(path, value, args[0])
    elif origin is dict:
        if not isinstance(value, dict):
            yield f"{path} is {value!r}, not a map"
    else:
        yield from _instance(path, value, wanted)


def _fits(path: str, value: Any, wanted: Any) -> bool:
    return next(_wrong(path, value, wanted), None) is None


def _items(path: str, value: Any, wanted: Any) -> Iterator[str]:
    if not isinstance(value, list):
        yield f"{path} is {value!r}, not a list"
        return
    for index, item in enumerate(value):
        yield from _wrong(f"{path}[{index}]", item, wanted)


def _instance(path: str, value: Any, wanted: type) -> Iterator[str]:
    if issubclass(wanted, enum.Enum):
        if value not in [member.value for member in wanted]:
            yield f"{path} is {value!r}, not one of {[member.value for member in wanted]}"
    elif wanted is float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            yield f"{path} is {value!r}, not a number"
    elif wanted is int and isinstance(value, bool):
        yield f"{path} is {value!r}, not a whole number"
    elif not isinstance(value, wanted):
        known_raw = isinstance(value, dict) and path.rpartition(".")[2].startswith(("links[", "transformations["))
        if not known_raw:  # the SDK leaves panel links and transformations as they are
            yield f"{path} is {value!r}, not a {wanted.__name__}"
    elif hasattr(value, "to_json"):
        yield from _fields(path, value)


def _fields(path: str, value: Any) -> Iterator[str]:
    for name, wanted in _annotations(type(value).__module__, type(value).__name__).items():
        yield from _wrong(f"{path}.{name}", getattr(value, name, None), wanted)


@functools.cache
def _annotations(module: str, name: str) -> dict[str, Any]:
    names = {**vars(sys.modules[module]), "typing": typing}
    return typing.get_type_hints(names[name], names)
