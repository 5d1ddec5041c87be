"""Who is told of an alert whose labels are known: the routes that take it, where that does not depend on anything."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING

from llmmon import carried, lazily
from llmmon.reach import takes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from llmmon.documents.routes import Configuration, Route
    from llmmon.problem import Keys
    from llmmon.reach import Alert
    from llmmon.rule import AlertingRule, Facts, Rules

_MEANT = lazily.pattern(
    r"null|none|nil|noop|no-?op|void|hole|dev-?null|default|ignore|drop|discard|silen|mute|empty|trash|sink|nowhere|nobody"
    r"|no-?receiver|watchdog|dead-?man|blank|dummy",
    re.IGNORECASE,
)

_EXPLAINED = lazily.pattern(
    r"_configs:|\b(?:add|comment|config|disabled?\b|empty|enable|fill|intentional|later|local|no-?op|none|nothing|only"
    r"|on purpose|placeholder|replace|silen|stub|swallow|todo|uncomment|(?:alertmanager|web) ui|until)",
    re.IGNORECASE,
)


class Tree:
    """The routes of a configuration, each with those right below it."""

    def __init__(self, configuration: Configuration) -> None:
        self.root = configuration.routes[0] if configuration.routes else None
        self.below: dict[Keys, list[Route]] = {}
        for route in configuration.routes[1:]:
            self.below.setdefault(route.above[-1].origin.keys, []).append(route)
        self.known: dict[frozenset[tuple[str, frozenset[str] | None]], list[Route] | None] = {}

    def deliver(self, alert: Alert) -> list[Route] | None:
        """The routes whose receivers are told; None where some route may take it, or may not."""
        key = frozenset(alert.items())
        if key not in self.known:
            self.known[key] = self._deliver(self.root, alert) if self.root and self.root.readable else None
        return self.known[key]

    def _deliver(self, route: Route, alert: Alert) -> list[Route] | None:
        out: list[Route] = []
        for child in self.below.get(route.origin.keys, ()):
            taken = takes(child.matchers, alert) if child.readable else None
            if taken is None:
                return None
            if taken:
                found = self._deliver(child, alert)
                if found is None:
                    return None
                out += found
                if child.value.get("continue") is not True:
                    break
        return out or [route]


def each(
    configuration: Configuration, read: Iterable[Rules], facts: Facts
) -> Iterator[tuple[AlertingRule, Alert, list[Route]]]:
    """Each alert of the run of which it is certain who is told: its labels, and the routes that take it."""
    tree = Tree(configuration)
    for alert, labels in carried.each(read, facts):
        if routes := tree.deliver(labels):
            yield alert, labels, routes


def receivers(routes: list[Route]) -> dict[str, Route]:
    """The receivers of routes by name, each with one of its routes."""
    return {str(route.inherited("receiver")): route for route in routes}


def integrations(configuration: Configuration) -> Mapping[str, set[str]]:
    """Of each receiver the kinds of ways to tell somebody."""
    out: dict[str, set[str]] = {name: set() for name in configuration.receivers}
    for way in configuration.integrations:
        out.setdefault(way.receiver, set()).add(way.kind.removesuffix("_configs"))
    return out


def silent(configuration: Configuration) -> frozenset[str]:
    """The receivers that tell nobody, and should: not what is meant to, as a name or a comment says, is malformed, or
    is of a form to fill in."""
    telling = {way.receiver for way in configuration.integrations}
    entries = configuration.value.get("receivers")
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, dict) and any(key.endswith("_configs") and isinstance(entry[key], dict) for key in entry):
            telling.add(str(entry.get("name")))
    mute = [name for name in configuration.receivers if name not in telling and not is_meant(name)]
    text = configuration.origin.document.text if mute else ""
    known = {name for name in mute if "#" in text and _is_explained(name, text)}
    return frozenset() if known and not telling else frozenset(mute) - known


def _is_explained(name: str, text: str) -> bool:
    """Whether a comment beside a receiver that tells nobody has its integrations, or says that this is known."""
    lines = [line.strip() for line in text.split("\n")]
    head = re.compile(rf"(?:- )?name:\s*['\"]?{re.escape(name)}['\"]?\s*(?:#.*)?\Z")
    for number in (number for number, line in enumerate(lines) if head.match(line)):
        above = itertools.takewhile(_is_comment, reversed(lines[:number]))
        below = itertools.takewhile(lambda line: not line or _is_comment(line), lines[number + 1 :])
        if any(_EXPLAINED.search(line) for line in (*above, *below, lines[number].partition("#")[2])):
            return True
    return False


def _is_comment(line: str) -> bool:
    return line.startswith("#")


def is_meant(name: str) -> bool:
    """Whether a receiver is called like one that tells nobody on purpose."""
    return _MEANT.search(name) is not None
