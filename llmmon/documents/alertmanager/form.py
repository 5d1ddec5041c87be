"""The form of an Alertmanager configuration: every fault that Alertmanager would not start on, each at its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon import lazily, placeholders
from llmmon.documents.alertmanager import demands, fields, http, matchers, peculiar, tree, values
from llmmon.lazily import get_close_matches
from llmmon.problem import Problem
from llmmon.promql.regex import regex_fault
from llmmon.replaced import is_replaced
from llmmon.source.scalars import Plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from llmmon.documents.alertmanager.parts import Fault, Map, Version
    from llmmon.problem import Origin
    from llmmon.source.values import Value

_LONGEST = 80  # of a text in a message
LABEL = lazily.pattern(r"[a-zA-Z_][a-zA-Z0-9_]*\Z")
_URLS = ("url", "secreturl", "anyurl")  # which may hold a secret, and are not shown
_NUMBERS = ("whole", "natural", "number")
_ADDRESS = lazily.pattern(r"[./:]")  # one of these is in every address, and in none of the words that stand for one
_DIGIT = lazily.pattern(r"\d")
_URL_SECRET: Version = (0, 26)
_URL_TEMPLATE: Version = (0, 31)
_ANY_DETAILS: Version = (0, 30)
_NAMED_GROUPS: Version = (0, 28)


def problems(value: Value, origin: Origin, version: Version) -> list[Problem]:
    """What is wrong with a whole configuration that was read as Go reads it, and as plain text where it is plain.

    What stands for a value, is left blank, or may be in another file is advice: something may fill it in before.
    """
    reader = _Reader(version)
    if value is not None and not isinstance(value, dict):
        reader.add(origin, "a configuration is a map of keys, and this is none", "wrong-option-type")
    whole = value if isinstance(value, dict) else {}
    reader.part("", whole, origin)
    reader.faults(tree.of(whole, version), origin, whole)
    return reader.problems


def _may_come(fault: Fault, part: Map) -> bool:
    """Whether somebody has still to fill in what a part lacks, or another file may have it."""
    if fault.slug in ("no-default", "required-option"):
        lacking: Value = dict(part)
        for key in fault.keys:
            lacking = lacking[key]  # type: ignore[index] # a fault's keys lead to what is there
        return isinstance(lacking, dict) and "" in lacking.values()
    return fault.slug == "no-route" or (fault.slug == "undefined-receiver" and "receivers" not in part)


class _Reader:
    def __init__(self, version: Version) -> None:
        self.version = version
        self.problems: list[Problem] = []
        self.of_kind: dict[str, Callable[[Value, Origin], None]] = {
            "labels": lambda value, at: self.texts(value, at, label=True),
            "texts": self.texts,
            "regexes": self.regexes,
            "matchers": self.matchers,
            "headers": lambda value, at: self.each(value, at, "{header}"),
            "headerlists": lambda value, at: self.each(value, at, "[secret]"),
            "anymap": lambda value, at: self.each(value, at, "any"),
            "details": lambda value, at: self.each(value, at, "any" if version >= _ANY_DETAILS else "text"),
            "jirafield": self.jira_field,
            "gotime": self.go_time,
            "any": lambda *_: None,
        }

    def add(self, origin: Origin, message: str, slug: str, advice: bool = False) -> None:
        self.problems.append(Problem(origin, message, slug, advice=advice))

    def faults(self, found: Iterable[Fault], origin: Origin, part: Map) -> None:
        for fault in found:
            self.add(origin.at(*fault.keys), fault.message, fault.slug, _may_come(fault, part))

    def part(self, structure: str, part: Map, origin: Origin) -> None:
        """The fields of a structure, each by itself, and then the whole."""
        known = fields.of(structure)
        for name, value in part.items():
            at = origin.at(name)
            if name not in known:
                self.unknown(structure, part, name, at)
                continue
            if self.version < known[name].since:
                have, since = (".".join(map(str, version)) for version in (self.version, known[name].since))
                message = f"Alertmanager {have} does not know {name}: leave it out, or run {since} or newer"
                self.add(at, message, "option-too-new")
            if value is not None:
                self.value(known[name].kind, value, at)
        if structure in ("http", "tls"):
            self.faults((http.of if structure == "http" else http.tls)(part, self.version), origin, part)
        else:
            self.faults(demands.of(structure, part, self.version), origin, part)

    def unknown(self, structure: str, part: Map, name: str, at: Origin) -> None:
        known = fields.of(structure)
        free = (one for one, field in known.items() if field.since <= self.version and one not in part)
        near = get_close_matches(name, list(free), 1)
        called = structure or "a configuration"
        if meant := fields.MEANT.get(structure, {}).get(name):
            message = f"{structure} has no field {name}: write {meant}"
        elif near:
            message = f"{called} has no field {name!r}: did you mean {near[0]!r}?"
        else:
            message = f"{called} has no field {name!r}: known are {', '.join(known)}"
        self.add(at, message, "unknown-option")

    def value(self, kind: str, value: Value, at: Origin) -> None:
        if kind[0] == "[":
            self.items(kind[1:-1], value, at)
        elif kind[0] == "{":
            if isinstance(value, dict):
                self.part(kind[1:-1], value, at)
            else:
                self.wrong(value, at, "a map of keys")
        elif kind in self.of_kind:
            self.of_kind[kind](value, at)
        elif not isinstance(value, str):
            self.wrong(value, at, "a text")
        else:
            self.scalar(kind, value, at)

    def items(self, kind: str, value: Value, at: Origin) -> None:
        if not isinstance(value, list):
            self.wrong(value, at, "a list")
            return
        for index, item in enumerate(value):
            here = at.at(index)
            if item is not None:
                self.value(kind, item, here)
            elif kind.strip("{}") in tree.NEVER_EMPTY:
                self.add(
                    here, "this entry is empty, and Alertmanager does not start on it: remove the -", "empty-option"
                )

    def scalar(self, kind: str, text: str, at: Origin) -> None:
        if kind == "webhookurl":
            kind = "url" if self.version < _URL_SECRET else "secreturl"
            if self.version >= _URL_TEMPLATE and (not text or "{{" in text):
                if why := peculiar.template_fault(text, self.version):
                    self.add(at, f"this URL is no template: {why}", "bad-url")
                return
        if check := values.OF_PLAIN.get(kind):
            why = check(text) if isinstance(text, Plain) else "it is in quotes, which makes it a text: remove them"
        else:
            why = values.OF_KIND[kind](text) if kind in values.OF_KIND else ""
        if why:
            shown = "no URL" if kind in _URLS else _shown(text)
            slug = _SLUGS.get(kind, "wrong-option-type")
            self.add(at, f"{_field(at)} is {shown}: {why}", slug, self.is_filled(kind, text, at))

    def is_filled(self, kind: str, text: str, at: Origin) -> bool:
        """Whether something may write another text here before Alertmanager reads it."""
        return (
            (kind in (*_URLS, *_NUMBERS, "hostport") and (not text or placeholders.is_to_be_replaced(text)))
            or (kind in _URLS and (_ADDRESS.search(text) is None or "{{" in text or "${" in text))
            or (kind in _NUMBERS and _DIGIT.search(text) is None)
            or placeholders.stands_alone(text)
            or is_replaced(text, at.document.path)
        )

    def go_time(self, value: Value, at: Origin) -> None:
        """A number of nanoseconds, or a duration in Go's words."""
        if not isinstance(value, str):
            self.wrong(value, at, "a duration")
        elif not (isinstance(value, Plain) and not values.whole(value)):
            self.scalar("godur", value, at)

    def wrong(self, value: Value, at: Origin, wanted: str) -> None:
        kind = "map" if isinstance(value, dict) else "list" if isinstance(value, list) else "text"
        how = next((how for what, how in _HOW.items() if wanted.startswith(what)), "as one value")
        self.add(at, f"{_field(at)} is {wanted}, and this is a {kind}: write it {how}", "wrong-option-type")

    def each(self, value: Value, at: Origin, kind: str) -> None:
        if not isinstance(value, dict):
            self.wrong(value, at, "a map")
            return
        for name, item in value.items():
            if item is not None:
                self.value(kind, item, at.at(name))

    def texts(self, value: Value, at: Origin, label: bool = False) -> None:
        self.each(value, at, "text")
        for name in value if label and isinstance(value, dict) else ():
            if not LABEL.match(name):
                self.add(at.at(name), f"{name!r} is no name of a label: use letters, digits and _", "bad-label")

    def regexes(self, value: Value, at: Origin) -> None:
        self.texts(value, at, label=True)
        for name, text in value.items() if isinstance(value, dict) else ():
            if not isinstance(text, str):
                if text is None:
                    self.add(at.at(name), 'this has no value: write a regular expression, or ""', "bad-regex")
            elif why := regex_fault(text, self.version >= _NAMED_GROUPS):
                self.add(at.at(name), f"{_shown(text)} is no regular expression that Go reads: {why}", "bad-regex")

    def matchers(self, value: Value, at: Origin) -> None:
        if not isinstance(value, str):
            self.wrong(value, at, "a matcher")
            return
        try:
            matchers.read(value, self.version)
        except matchers.Wrong as error:
            here = at.at(span=error.span)
            slug = "bad-regex" if error.regex else "bad-matcher"
            self.add(here, f"{_shown(value)} does not parse: {error.why}" if not error.regex else error.why, slug)

    def jira_field(self, value: Value, at: Origin) -> None:
        if self.version >= _ANY_DETAILS and not isinstance(value, str):
            self.value("{jirafield}", value, at)
        else:
            self.value("text", value, at)


_HOW = {"a map": "as KEY: VALUE, without a - before it", "a list": "below a - , one for each"}
_SLUGS = {
    **dict.fromkeys(_URLS, "bad-url"),
    "hostport": "bad-address",
    **dict.fromkeys(("time", "godur"), "bad-timing"),
    **dict.fromkeys(("weekday", "day", "month", "year"), "bad-time-range"),
    "zone": "unknown-time-zone",
    "tlsversion": "bad-option-value",
}


def _field(at: Origin) -> str:
    """What a place is called: its key, or the key of the list that it is in."""
    return next((str(key) for key in reversed(at.keys) if isinstance(key, str)), "this")


def _shown(text: str) -> str:
    return repr(text if len(text) <= _LONGEST else f"{text[:_LONGEST]}...")
