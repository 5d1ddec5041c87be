"""Alertmanager configurations: YAML becomes routes, receivers and inhibitions with their places."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmmon import lazily
from llmmon.classes import frozen, replace
from llmmon.documents import notifications
from llmmon.documents.alertmanager import fields, problems
from llmmon.documents.alertmanager.matchers import Matcher, Wrong
from llmmon.documents.alertmanager.matchers import read as read_matchers
from llmmon.promql.regex import regex_fault
from llmmon.source import reader, values
from llmmon.source.scalars import Plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from llmmon.problem import Keys, Origin, Problem
    from llmmon.source.document import Document
    from llmmon.source.values import Value

    Version = tuple[int, ...]

_NEWEST: Version = (0, 28)
_OF_ROUTES = frozenset(("group_by", "group_interval", "group_wait", "receiver", "repeat_interval", "routes"))
# What says that it is an object of Kubernetes, or of the event exporter or Sachet, which have receivers as well.
_OF_OTHERS = frozenset(("apiVersion", "logFormat", "logLevel", "maxEventAgeSeconds", "providers"))
_OF_LISTS = {
    "receivers": frozenset(("name",)),
    "inhibit_rules": frozenset(f"{side}_{kind}" for side in ("source", "target") for kind in ("match", "matchers")),
    "time_intervals": frozenset(("name", "time_intervals")),
    "mute_time_intervals": frozenset(("name", "time_intervals")),
}


_COMMENTED = lazily.pattern(r"#[ \t]*\w*(?:_key|_url|bot_token|smarthost|smtp_from)(?:_file)?[ \t]*:")
_UNREAD = notifications.Read(all=False)


@frozen
class Route:
    """A route; `above` are the routes that lead to it, the root first."""

    value: Mapping[str, Any]
    origin: Origin
    above: tuple[Route, ...]
    matchers: tuple[Matcher, ...]
    readable: bool = True  # every matcher could be read, and what says who is told

    def inherited(self, key: str) -> Any:
        """What the route says, or the nearest above it."""
        return next((route.value[key] for route in (self, *reversed(self.above)) if key in route.value), None)


@frozen
class Integration:
    """One way of a receiver to tell somebody: `kind` is its key, such as `slack_configs`."""

    receiver: str
    kind: str
    value: Mapping[str, Any]
    origin: Origin


@frozen
class Inhibition:
    """An inhibition rule."""

    value: Mapping[str, Any]
    origin: Origin
    source: tuple[Matcher, ...]
    target: tuple[Matcher, ...]
    readable: bool = True  # every matcher could be read


@frozen
class Configuration:
    """A whole Alertmanager file."""

    value: Mapping[str, Any]
    origin: Origin
    routes: tuple[Route, ...]
    receivers: Mapping[str, Origin]
    integrations: tuple[Integration, ...]
    inhibitions: tuple[Inhibition, ...]
    templates: notifications.Read = _UNREAD
    named: bool = True  # on the command line: what stands for a value is judged, too

    @property
    def is_strange(self) -> bool:
        """Whether it has a field at its top that Alertmanager does not know, below which routes may stand."""
        return not fields.of("").keys() >= self.value.keys()

    def siblings(self) -> Iterator[tuple[Route, Sequence[Route]]]:
        """Every route but the root, with those before it that are below the same one."""
        before: dict[Keys, list[Route]] = {}
        for route in self.routes[1:]:
            mine = before.setdefault(route.above[-1].origin.keys, [])
            yield route, mine
            mine.append(route)


def is_configuration(value: object) -> bool:
    """Whether a document is, or was meant to be, an Alertmanager configuration, or a part of one."""
    if not isinstance(value, dict) or not _OF_OTHERS.isdisjoint(value):
        return False
    route = value.get("route")
    if isinstance(route, dict) and _OF_ROUTES & route.keys():
        return True
    lists = ((value.get(key), known) for key, known in _OF_LISTS.items())
    return any(isinstance(found, list) and any(known & item.keys() for item in found if isinstance(item, dict))
               for found, known in lists)  # fmt: skip


def is_of_alertmanager(value: object) -> bool:
    """Whether it has at most one field at its top that Alertmanager does not know; another program's has more."""
    return isinstance(value, dict) and len(value.keys() - fields.of("").keys()) < 2


def load(
    document: Document, origin: Origin, version: Version, named: bool = True
) -> tuple[Configuration | None, list[Problem]]:
    """The configuration in a document, and everything that this Alertmanager would not start on; see `problems`."""
    value, wrong = values.value(document, plain=True)
    if value is None or not isinstance(value, dict):
        return None, wrong
    native = typed(value)
    path = origin.document.path if origin.document is document else None
    templates = notifications.files(native, path, version)
    faults = problems(value, origin, version)
    if _COMMENTED.search(document.text):  # something that deploys the file makes a line of it
        faults = [fault for fault in faults if fault.rule != "no-default"]
    return replace(read(native, origin, version), templates=templates, named=named), faults


def read(value: Mapping[str, Any], origin: Origin, version: Version = _NEWEST) -> Configuration:
    """The parts of a configuration; what has not the form of such a part is passed over."""
    named = ((entry.get("name"), at) for entry, at in _maps(value.get("receivers"), origin.at("receivers")))
    receivers = {str(name): at for name, at in named if name is not None and not isinstance(name, dict | list)}
    return Configuration(
        value,
        origin,
        tuple(_routes(value.get("route"), origin.at("route"), (), version)),
        receivers,
        tuple(_integrations(value, origin)),
        tuple(_inhibitions(value.get("inhibit_rules"), origin.at("inhibit_rules"), version)),
    )


def typed(value: Value) -> Any:
    """What is written without quotes as what it looks like."""
    if isinstance(value, dict):
        return {key: typed(item) for key, item in value.items()}
    if isinstance(value, list):
        return [typed(item) for item in value]
    return reader.scalar(value) if isinstance(value, Plain) else value


def texts(value: object, origin: Origin) -> Iterator[tuple[str, Origin]]:
    """Every text in a value, and where it stands."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from texts(inner, origin.at(key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from texts(inner, origin.at(index))
    elif isinstance(value, str):
        yield value, origin


def _routes(value: object, origin: Origin, above: tuple[Route, ...], version: Version) -> Iterator[Route]:
    if not isinstance(value, dict):
        return
    matchers, readable = _matchers(value, version)
    readable &= value.get("continue") in (None, True, False) and not isinstance(value.get("receiver"), dict | list)
    route = Route(value, origin, above, matchers, readable)
    yield route
    for inner, at in _maps(value.get("routes"), origin.at("routes")):
        yield from _routes(inner, at, (*above, route), version)


def _inhibitions(value: object, origin: Origin, version: Version) -> Iterator[Inhibition]:
    for rule, at in _maps(value, origin):
        (source, known), (target, all_known) = (_matchers(rule, version, side) for side in ("source_", "target_"))
        yield Inhibition(rule, at, source, target, known and all_known)


def _integrations(value: Mapping[str, Any], origin: Origin) -> Iterator[Integration]:
    for entry, at in _maps(value.get("receivers"), origin.at("receivers")):
        for key, ways in entry.items():
            if key.endswith("_configs"):
                for way, here in _maps(ways, at.at(key)):
                    yield Integration(str(entry.get("name")), key, way, here)


def _matchers(value: Mapping[str, Any], version: Version, prefix: str = "") -> tuple[tuple[Matcher, ...], bool]:
    """What could be read, and whether that is all."""
    out: list[Matcher] = []
    readable = True
    for key, op in (("match", "="), ("match_re", "=~")):
        said = value.get(f"{prefix}{key}")
        readable &= said is None or isinstance(said, dict)
        if isinstance(said, dict):
            found = [Matcher(label, op, "" if text is None else str(text)) for label, text in said.items()]
            readable &= op == "=" or not any(regex_fault(matcher.value) for matcher in found)
            out += found
    said = value.get(f"{prefix}matchers")
    for text in said if isinstance(said, list) else [said] if said is not None else []:
        try:
            out += read_matchers(str(text), version).matchers
        except Wrong:
            readable = False
    return tuple(out), readable


def _maps(value: object, origin: Origin) -> Iterator[tuple[dict[str, Any], Origin]]:
    for index, item in enumerate(value if isinstance(value, list) else ()):
        if isinstance(item, dict):
            yield item, origin.at(index)
