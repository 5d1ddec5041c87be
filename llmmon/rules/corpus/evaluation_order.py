"""A rule that reads what is recorded after it in its group, or never.

Prometheus evaluates the rules of a group one after the other, and groups side by side. A rule that stands before the
one that it reads sees the value of the evaluation before, and at first none. What another group records may be as old,
which is how groups work, and nothing is said of it. Rules that need each other never have a value.

Bad:

    groups:
      - name: api
        rules:
          - record: job:errors:ratio
            expr: job:errors:rate5m / job:requests:rate5m
          - record: job:errors:rate5m
            expr: sum by (job) (rate(errors_total[5m]))
          - record: job:requests:rate5m
            expr: sum by (job) (rate(requests_total[5m]))

    groups:
      - name: api
        rules:
          - record: job:errors:a
            expr: job:errors:b * 2
          - record: job:errors:b
            expr: job:errors:a / 2

Good:

    groups:
      - name: api
        rules:
          - record: job:errors:rate5m
            expr: sum by (job) (rate(errors_total[5m]))
          - record: job:requests:rate5m
            expr: sum by (job) (rate(requests_total[5m]))
          - record: job:errors:ratio
            expr: job:errors:rate5m / job:requests:rate5m

    groups:
      - name: api
        rules:
          - record: job:errors:smooth
            expr: 0.9 * job:errors:smooth + 0.1 * job:errors:rate5m or job:errors:rate5m
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.dependencies import dependencies, needed
from llmmon.problem import Level
from llmmon.rule import Corpus, Finding, RecordingRule, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.dependencies import Dependencies, Placed
    from llmmon.promql import Selector
    from llmmon.rule import Facts

_SHOWN = 5  # of the names in a circle


def check(corpus: Corpus, facts: Facts) -> Iterator[Finding]:
    del facts
    known = dependencies(corpus)
    stuck = _stuck(known)
    yield from _cycles(known, stuck)
    for reader, read in known.readers:
        said: set[str] = set()
        for selector in read:
            name = selector.name or ""
            if name not in said and name not in stuck:
                found = _late(reader, selector, known.recorders[name])
                said.update([name] if found else ())
                yield from found


def _late(reader: Placed, selector: Selector, recorders: list[Placed]) -> list[Finding]:
    """What to say of a selector of a series that is recorded later."""
    if selector.offset or len(recorders) != 1 or recorders[0].rule is reader.rule:
        return []
    (recorder,) = recorders
    at = reader.rule.origin.at("expr", span=selector.span)
    related = (recorder.rule.origin,)
    if recorder.group is not reader.group or recorder.place < reader.place:
        return []
    message = f"{selector.name} is recorded further down in this group, so this reads it one evaluation late: "
    return [Finding("R026", f"{message}move this rule below it", origin=at, related=related)]


def _stuck(known: Dependencies) -> dict[str, set[str]]:
    """The series that can never have a value, each with what it waits for in vain."""
    needs: dict[str, set[str]] = {}
    waiting: dict[str, list[str]] = {}
    for reader, _ in known.readers:
        name, expression = reader.rule.name, reader.rule.expression
        if isinstance(reader.rule, RecordingRule) and expression and ":" in name and len(known.recorders[name]) == 1:
            needs[name] = {need for need in needed(expression.expr) if need in known.recorders}
    for name, read in needs.items():
        for need in read:
            waiting.setdefault(need, []).append(name)
    ready = [name for name in known.recorders if not needs.get(name)]
    while ready:
        done = ready.pop()
        for name in waiting.get(done, ()):
            needs[name].discard(done)
            if not needs[name]:
                ready.append(name)
    return {name: left for name, left in needs.items() if left}


def _cycles(known: Dependencies, stuck: dict[str, set[str]]) -> Iterator[Finding]:
    seen: set[str] = set()
    for start in stuck:
        way: list[str] = []
        name = start
        while name not in seen:
            seen.add(name)
            way.append(name)
            name = min(stuck[name])
        if name in way:
            circle = way[way.index(name) :]
            rules = [known.recorders[one][0].rule for one in circle]
            names = [*circle, circle[0]] if len(circle) <= _SHOWN else [*circle[:_SHOWN], "...", circle[0]]
            message = f"{' needs '.join(names)}, so none of them ever has a value: break the circle"
            related = tuple(rule.origin for rule in rules[1:_SHOWN])
            yield Finding("R028", message, origin=rules[0].origin.at("expr"), related=related)


RULE = Rule(
    Corpus,
    check,
    {"R026": Level.WARNING, "R028": Level.ERROR},
    peers=("pint rule/dependency",),
    advice=frozenset(("R026",)),
)
