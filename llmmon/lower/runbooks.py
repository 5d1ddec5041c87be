"""The five parts of a runbook's page: whose words each of them has, and which ones nobody has written."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING

from llmmon.lower import queries
from llmmon.lower.advice import advice, numbered
from llmmon.lower.placeholders import fill, unknown, values
from llmmon.lower.prose import PARTS, about, parts
from llmmon.lower.steps import escalate, looking, opening
from llmmon.problem import Level, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from llmmon.lower.placeholders import Rules
    from llmmon.plan import Fleet, Service
    from llmmon.source.document import Document

_, _, LOOK, _, WHEN = PARTS
_STEP = re.compile(r"^(\d+)\. ", re.MULTILINE)


def written(fleet: Fleet, service: Service, name: str, named: Mapping[str, Rules]) -> dict[str, str]:
    """The five parts of a page, as Markdown: the service's own words, else a preset's, else what can be derived."""
    rules = named[name]
    alerts = [alert for _, alert in rules]
    own, given = _own(service, name), _given(service, name)
    derived = advice(fleet, service, alerts, named.keys() - {name})
    words = (*own.values(), *given.values())
    numbers = values(fleet, service, rules, _mentioned(named, *words)) if words else {}
    out = {}
    for part in PARTS:
        if part in own:
            body = fill(own[part], numbers)
        elif part in given:
            body = fill(queries.scoped(given[part], fleet, service), numbers)
            if part == LOOK:
                body = _among(body, list(opening(alerts)), list(looking(service)))
        else:
            out[part] = derived[part].text
            continue
        if part == WHEN:
            body = "\n".join((*(f"- {line}" for line in _times(fleet, service, name, named)), body))
        out[part] = body
    return out


def check(fleet: Fleet, service: Service, named: Mapping[str, Rules]) -> Iterator[Problem]:
    """What is wrong with the prose, and the parts that nobody has written."""
    yield from about(service.prose, named)
    mine = {name: document for name, document in sorted(service.prose.items()) if name in named}
    for name, document in mine.items():
        yield from unknown(document, values(fleet, service, named[name], _mentioned(named, document.text)))
    yield from queries.check(mine.values(), fleet, service)
    for name, rules in named.items():
        yield from _missing(fleet, service, name, rules, named)


def _mentioned(named: Mapping[str, Rules], *texts: str) -> dict[str, Rules]:
    """The alerts of which a text wants a number, as `{Other.threshold}`: reading those of all takes long."""
    return {name: rules for name, rules in named.items() if any(f"{{{name}." in text for text in texts)}


def _missing(fleet: Fleet, service: Service, name: str, rules: Rules, named: Mapping[str, Rules]) -> Iterator[Problem]:
    has = _own(service, name).keys() | _given(service, name).keys()
    if has.issuperset(PARTS):
        return
    derived = advice(fleet, service, [alert for _, alert in rules], named.keys() - {name})
    missing = [f"`## {part}`" for part in PARTS if part not in has and not derived[part].specific]
    if not missing:
        return
    critical = any(alert.severity == "critical" for _, alert in rules)
    whom = "pages somebody" if critical else "tells somebody"
    file = f"specs/runbooks/{service.name}/{name}.md"
    message = f"{name} {whom}, and its runbook does not say enough: write {' and '.join(missing)} in {file}"
    yield Problem(rules[0][1].origin, message, "runbook-parts", Level.ERROR if critical else Level.WARNING)


def _times(fleet: Fleet, service: Service, name: str, named: Mapping[str, Rules]) -> list[str]:
    """The response times, which stand before anybody's own words about escalation."""
    found = escalate(fleet, service, [alert for _, alert in named[name]])
    return [line for line in found if not line.startswith("At once")]


def _among(given: str, before: list[str], after: list[str]) -> str:
    """The numbered steps of a preset, between those that hold for every alert."""
    steps = len(_STEP.findall(given))
    moved = _STEP.sub(lambda step: f"{int(step[1]) + len(before)}. ", given)
    return "\n".join((numbered(before), moved, numbered(after, steps + len(before) + 1)))


def _own(service: Service, name: str) -> Mapping[str, str]:
    return parts(service.prose[name])[0] if name in service.prose else {}


def _given(service: Service, name: str) -> Mapping[str, str]:
    out: dict[str, str] = {}
    for document in service.given.get(name, ()):
        out = {**_parts(document), **out}
    return out


@functools.cache
def _parts(document: Document) -> Mapping[str, str]:
    """Of a preset's document, of which there is one for all services."""
    return parts(document)[0]
