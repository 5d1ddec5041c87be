"""AlertmanagerConfig objects of the Prometheus operator, as the configuration that the operator makes of one.

Its fields are the configuration's own in another spelling; keys of Secrets stand where a configuration has secrets, and
matchers are objects. What is found is said in the spelling of the object, at its place there.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from llmmon import lazily
from llmmon.classes import frozen, replace
from llmmon.documents import routes
from llmmon.documents.alertmanager import problems
from llmmon.documents.alertmanager.values import SECRET
from llmmon.problem import Origin, Problem
from llmmon.source import values
from llmmon.source.document import Document

if TYPE_CHECKING:
    from collections.abc import Mapping

    from llmmon.documents.routes import Configuration
    from llmmon.problem import Keys, Span

_SAID = frozenset(  # faults of form that say the same of an object; the schema of the operator refuses others
    (
        *("bad-group-by", "bad-label", "bad-matcher", "bad-regex", "bad-time-range", "bad-timing"),
        *("duplicate-interval", "duplicate-receiver", "undefined-interval", "undefined-receiver"),
        *("unknown-time-zone", "zero-interval"),
    )
)
_WORD = lazily.pattern(r"(?<=[a-z0-9])(?=[A-Z])")
_NAMES = {
    "muteTimeIntervals": "mute_time_intervals",
    "pagerDutyImageConfigs": "images",
    "pagerDutyLinkConfigs": "links",
    "sourceMatch": "source_matchers",
    "targetMatch": "target_matchers",
    "urlSecret": "url",
    "useAWSHTTPClient": "use_aws_http_client",
}
_MATCHERS = ("matchers", "source_matchers", "target_matchers")
_REFERENCE = frozenset(("key", "name", "optional"))
_FIELD = lazily.pattern(r"\b[a-z]+(?:_[a-z0-9]+)+\b")
_PLAIN_NAME = lazily.pattern(r"[a-zA-Z_]\w*\Z", re.ASCII)
_USUAL = (
    "groupBy",
    "groupInterval",
    "groupWait",
    "repeatInterval",
    "sendResolved",
    "muteTimeIntervals",
    "timeIntervals",
)
_DEFAULT = "the default of others"  # whom the configuration tells that the object becomes a part of
_ELSEWHERE = {  # what the object's route inherits is decided by the configuration that nobody has seen
    "group_by": ["..."],
    **dict.fromkeys(("group_wait", "group_interval", "repeat_interval"), "?"),
}
_NOBODY = lazily.pattern(rf"\b{_DEFAULT}, |, {_DEFAULT}\b")
_TWIN = lazily.pattern(r"\burl_file: PATH")


@frozen
class Translated:
    """The configuration that an object at `outer` becomes: `ways` lead from its nodes to those of the object."""

    outer: Origin
    ways: Mapping[Keys, Keys]
    names: Mapping[str, str]  # how the object spells the fields that it has

    @property
    def path(self) -> str:
        return self.outer.document.path

    @property
    def text(self) -> str:
        return self.outer.document.text

    def position(self, keys: Keys, span: Span | None) -> tuple[int, int]:
        for length in range(len(keys), -1, -1):
            if (found := self.ways.get(keys[:length])) is not None:
                exact = span if length == len(keys) else None
                return self.outer.document.position((*self.outer.keys, *found), exact)
        return self.outer.position()


def read(origin: Origin, version: tuple[int, ...]) -> tuple[Configuration, list[Problem]]:
    """What the operator makes of the object at an origin, and what is wrong with its form."""
    translation = _Translation()
    value: Any = values.value(origin.document, plain=True)[0] if isinstance(origin.document, Document) else {}
    for key in origin.keys:
        value = _list(value)[key] if isinstance(key, int) else _map(value).get(key)
    value = _map(value)
    native = translation.configuration(value)
    here = Origin(Translated(origin, translation.ways, translation.names))
    found = [one for one in problems(native, here, version) if one.rule in _SAID and not one.advice]
    native["route"].update(_ELSEWHERE)
    return routes.read(routes.typed(native), here, version), found


def said(problem: Problem) -> Problem:
    """A problem in the spelling of the object; what is repaired there is not what was found."""
    document = problem.origin.document
    if not isinstance(document, Translated):
        return problem
    message = _TWIN.sub("urlSecret: {name: NAME, key: KEY}", problem.message)
    if problem.rule == "undefined-receiver":
        message = _NOBODY.sub("", message)
    message = _FIELD.sub(lambda found: document.names.get(found[0], found[0]), message)
    return replace(problem, message=message, fix=None)


class _Translation:
    def __init__(self) -> None:
        self.ways: dict[Keys, Keys] = {}
        self.names = {_native(name): name for name in _USUAL}

    def configuration(self, value: Mapping[str, Any]) -> dict[str, Any]:
        """The whole of it: the operator puts the object's route below that of the configuration."""
        spec = _map(value.get("spec"))
        out: dict[str, Any] = {
            "route": {"receiver": _DEFAULT},
            "receivers": [{"name": _DEFAULT}],
            "templates": ["*"],
        }
        if isinstance(spec.get("route"), dict):
            self.ways["route",] = "spec", "route"
            out["route"]["routes"] = [self.first(spec["route"])]
        for index, one in enumerate(_list(spec.get("receivers")), 1):
            out["receivers"].append(self.any(one, ("receivers", index), ("spec", "receivers", index - 1), "receivers"))
        key = "timeIntervals" if "timeIntervals" in spec else "muteTimeIntervals"
        out["time_intervals"] = self.any(_list(spec.get(key)), ("time_intervals",), ("spec", key), key)
        written = [rule for rule in _list(spec.get("inhibitRules")) if isinstance(rule, dict)]
        rules = self.any(written, ("inhibit_rules",), ("spec", "inhibitRules"), "inhibitRules")
        out["inhibit_rules"] = [{**rule, "equal": [*_list(rule.get("equal")), "namespace"]} for rule in rules]
        return out

    def first(self, route: Mapping[str, Any]) -> dict[str, Any]:
        """The object's own route: the operator has a matcher of the namespace in place of its own, and goes on."""
        native, own = ("route", "routes", 0), ("spec", "route")
        written = [one for one in _list(route.get("matchers")) if isinstance(one, dict)]
        kept = [index for index, one in enumerate(written) if not _is_of_namespace(one)]
        out = self.map({**route, "matchers": [written[index] for index in kept], "continue": False}, native, own)
        self.ways.update({(*native, "matchers", n): (*own, "matchers", i) for n, i in enumerate(kept)})
        return out

    def any(self, value: Any, native: Keys, own: Keys, name: str) -> Any:
        """A value below the field of this name."""
        self.ways[native] = own
        if isinstance(value, dict):
            if "key" in value and value.keys() <= _REFERENCE:
                return SECRET
            return self.map(value, native, own)
        if not isinstance(value, list):
            return value
        if name == "daysOfMonth":
            return [_days(one) for one in value]
        if _is_pairs(value, name):
            for index, pair in enumerate(value):
                self.ways[*native, str(pair["key"])] = *own, index, "value"
            return {str(pair["key"]): pair.get("value") for pair in value}
        return [self.any(one, (*native, index), (*own, index), "") for index, one in enumerate(value)]

    def map(self, value: Mapping[str, Any], native: Keys, own: Keys) -> dict[str, Any]:
        self.ways[native] = own
        out: dict[str, Any] = {}
        for name, inner in value.items():
            spelt = self.spelt(name, own)
            at, here = (*native, spelt), (*own, name)
            if spelt in _MATCHERS:
                self.ways[at] = here
                self.ways.update({(*at, i): (*here, i) for i in range(len(_list(inner)))})
                out[spelt] = [_matcher(one) for one in _list(inner) if isinstance(one, dict)]
            else:
                out[spelt] = self.any(inner, at, here, name)
        return out

    def spelt(self, name: str, own: Keys) -> str:
        """The configuration's name of a field of the object."""
        above = own[-2] if len(own) > 1 else ""
        native = _native(name)
        if (above, name) == ("discordConfigs", "apiURL"):
            native = "webhook_url"
        elif (above, name) == ("pagerDutyLinkConfigs", "alt"):
            native = "text"
        self.names[native] = name
        return native


def _native(name: str) -> str:
    return _NAMES.get(name) or _WORD.sub("_", name).lower()


def _matcher(value: Mapping[str, Any]) -> str:
    """`{name: a, value: b, matchType: =~}` as the configuration writes it."""
    name, text = str(value.get("name", "")), str(value.get("value") or "")
    op = str(value.get("matchType") or ("=~" if value.get("regex") in (True, "true") else "="))
    quoted = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    label = name if _PLAIN_NAME.match(name) else f'"{name}"'
    return f'{label}{op}"{quoted}"'


def _is_of_namespace(value: Mapping[str, Any]) -> bool:
    return value.get("name") == "namespace" and not str(value.get("matchType", "=")).startswith("!")


def _days(value: Any) -> Any:
    return f"{value.get('start')}:{value.get('end')}" if isinstance(value, dict) else value


def _is_pairs(value: list[Any], name: str) -> bool:
    """`[{key: a, value: b}]`, which is a map in the configuration."""
    fields = ("customFields", "details", "headers")
    return name in fields and all(isinstance(one, dict) and "key" in one for one in value)


def _map(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
