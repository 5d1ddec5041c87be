"""A receiver that tells nobody, or that no route uses.

A receiver without a single integration takes alerts and throws them away. That is meant where it is called so, or
where it only takes what no other route does, and a mistake elsewhere. A receiver that no route names is left over,
but for one that a comment routes to, or that is there for what nobody is told of.

Bad:

    route: {receiver: a, routes: [{matchers: [team="ml"], receiver: ml-team}]}
    receivers: [{name: a, webhook_configs: [{url: "http://h.example"}]}, {name: ml-team}]

    route: {receiver: a}
    receivers: [{name: a, webhook_configs: [{url: "http://h.example"}]}, {name: b, email_configs: [{to: a@b.example}]}]

Good:

    route: {receiver: a, routes: [{matchers: [severity="none"], receiver: blackhole}]}
    receivers: [{name: a, webhook_configs: [{url: "http://h.example"}]}, {name: blackhole}]

    route: {receiver: a, routes: [{matchers: [severity="info"], receiver: b}]}
    receivers: [{name: a, webhook_configs: [{url: "http://h.example"}]}, {name: b, email_configs: [{to: a@b.example}]}]
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from llmmon.delivery import is_meant, silent
from llmmon.documents.operator import Translated
from llmmon.documents.routes import Configuration
from llmmon.problem import Level
from llmmon.rule import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.problem import Origin
    from llmmon.rule import Facts


def check(configuration: Configuration, facts: Facts) -> Iterator[Finding]:
    del facts
    if configuration.is_strange:
        return
    text = configuration.origin.document.text
    unread = any(isinstance(route.value.get("receiver"), dict | list) for route in configuration.routes)
    used = {str(route.value["receiver"]) for route in configuration.routes if route.value.get("receiver")}
    below = {str(route.value["receiver"]) for route in configuration.routes[1:] if route.value.get("receiver")}
    mute = silent(configuration)
    telling = {way.receiver for way in configuration.integrations}
    for name, origin in configuration.receivers.items():
        if configuration.routes and not unread and name not in used:
            if _is_commented(name, text) or (is_meant(name) and name not in telling):
                continue  # the route to it only sleeps, or would lead nowhere
            yield Finding(
                "C053", f"no route uses the receiver {name!r}: remove it, or write a route to it", origin=origin
            )
        elif name in below & mute and not _is_filled(configuration, origin):
            message = f"{name!r} tells nobody: give it an integration, or call it blackhole"
            yield Finding("C052", message, origin=origin)


def _is_commented(name: str, text: str) -> bool:
    """Whether a comment routes to it."""
    return "#" in text and re.search(rf"^\s*#.*\breceiver:\s*['\"]?{re.escape(name)}\b", text, re.MULTILINE) is not None


def _is_filled(configuration: Configuration, origin: Origin) -> bool:
    """Whether it is of an object, and a list of its integrations is there and empty: a patch of kustomize adds them."""
    if not isinstance(origin.document, Translated):
        return False
    found: Any = configuration.value
    for key in origin.keys[-2:]:
        found = found[key]
    return any(key.endswith("_configs") for key in found)


RULE = Rule(
    Configuration,
    check,
    {"C052": Level.WARNING, "C053": Level.NOTE},
    peers=("amlint empty-receiver", "amlint unused-receiver"),
    advice=frozenset(("C052", "C053")),
)
