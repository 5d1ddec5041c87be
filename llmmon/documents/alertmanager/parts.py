"""A part of an Alertmanager configuration: what it says, and what is wrong with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from llmmon.documents.alertmanager import values

if TYPE_CHECKING:
    from collections.abc import Mapping

    from llmmon.problem import Keys
    from llmmon.source.values import Value

    Version = tuple[int, ...]
    Map = Mapping[str, Value]


class Fault(NamedTuple):
    """Something wrong below a structure: under which slug, why, and where."""

    slug: str
    message: str
    keys: Keys = ()


def has(part: Map, field: str, structure: str = "") -> bool:
    """Whether a part says something in a field. To Rocket.Chat an empty token is one."""
    value = part.get(field)
    if field == "chat_id":
        return value not in (None, "", "0")
    if value == "":
        return (structure == "rocketchat" or field.startswith("rocketchat_")) and not field.endswith("_file")
    return value is not None and value not in ([], {})


def flag(part: Map, field: str) -> bool:
    """Whether a flag is set."""
    value = part.get(field)
    return isinstance(value, str) and value in values.YES


def inner(part: Map, field: str) -> Map | None:
    """A part of a part; None where there is none."""
    found = part.get(field)
    return found if isinstance(found, dict) else None


def authorized(http: Map) -> bool:
    """Whether a http_config has, or gets, an authorization."""
    return inner(http, "authorization") is not None or has(http, "bearer_token") or has(http, "bearer_token_file")
