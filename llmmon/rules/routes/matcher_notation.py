"""A matcher that Alertmanager's two parsers do not read alike.

Since 0.27 there is a new parser of matchers, in which names and values may be any text. What only the old one reads
is still taken, with a warning in the log at each reload, and will be an error one day. What both read otherwise is
taken as the old one reads it, until it is not.

Bad:

    route: {receiver: a, routes: [{matchers: ["path=~\\"/api/\\\\d+\\""]}]}

    route: {receiver: a, routes: [{matchers: ["team=ml ops"]}]}

    route: {receiver: a, routes: [{matchers: ["{team=\\"ml\\""]}]}

Good:

    route: {receiver: a, routes: [{matchers: ["path=~\\"/api/[0-9]+\\""]}]}

    route: {receiver: a, routes: [{matchers: ["team=\\"ml ops\\""]}]}

    route: {receiver: a, routes: [{matchers: ["{team=\\"ml\\"}"]}]}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon import lazily
from llmmon.classes import replace
from llmmon.documents.alertmanager.matchers import UTF8, Wrong, read
from llmmon.documents.routes import Configuration, Inhibition, Route
from llmmon.problem import Level
from llmmon.rule import Edit, Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.problem import Origin
    from llmmon.rule import Facts

_QUOTED = lazily.pattern(r"'[^']*'|`[^`]*`")
_FIELDS = ("matchers", "source_matchers", "target_matchers")


def check(configuration: Configuration, facts: Facts) -> Iterator[Finding]:
    if facts.pinned.get("alertmanager", UTF8) < UTF8:
        return
    parts: tuple[Route | Inhibition, ...] = (*configuration.routes, *configuration.inhibitions)
    for part in parts:
        for field in _FIELDS:
            texts = part.value.get(field)
            for index, text in enumerate(texts if isinstance(texts, list) else ()):
                yield from _matcher(str(text), part.origin.at(field, index), facts.alertmanager)


def _matcher(text: str, origin: Origin, version: tuple[int, ...]) -> Iterator[Finding]:
    try:
        found = read(text, max(version, UTF8))
    except Wrong:
        return
    if found.classic is None or found.classic == found.utf8:
        return
    how = "otherwise" if found.utf8 is not None else "not at all"
    if any(_QUOTED.fullmatch(matcher.value) for matcher in found.classic):
        meant = ", ".join(str(replace(matcher, value=_unquoted(matcher.value))) for matcher in found.classic)
        message = f"the quotes are part of the value to the old parser, and the new one reads this {how}: write {meant}"
        yield Finding("C051", message, origin=origin, edits=(Edit(meant),))
        return
    plain = ", ".join(map(str, found.classic))
    message = f"the new parser of matchers reads this {how}: write {plain}"
    yield Finding("C051", message, origin=origin, edits=(Edit(plain),), safe=True)


def _unquoted(value: str) -> str:
    return value[1:-1] if _QUOTED.fullmatch(value) else value


RULE = Rule(Configuration, check, {"C051": Level.WARNING}, peers=("amlint stripped-brace",))
