"""The tests that an `expr` alert brings: series as the user wrote them, put into the alert's scope."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

from llmmon import promql
from llmmon.plan import shapes as sh

from .choose import Unsatisfiable
from .group import Group, check, picker
from .series import Row, named, written

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from llmmon.plan import Alert, Fleet, Service

_SERIES = re.compile(r"\s*([A-Za-z_:][\w:]*(?:\{.*\})?|\{.*\})\s+(\S.*)")
_ENVIRONMENT = re.compile(r"\{\{\s*environment\s*\}\}")
_RANGE = re.compile(r"\{\{\s*(\d+)\.\.(\d+)\s*\}\}")
_WORD = re.compile(r"(?:[^\s]+?x(?P<times>\d+)|_x(?P<gap>\d+)|\S+)(?=\s|\Z)")
_STEP = timedelta(minutes=1)


def own_groups(alert: Alert, fleet: Fleet, service: Service, environment: str) -> Iterator[Group]:
    """A group in which it fires at the end of the series, and one in which it does not."""
    if isinstance(alert.shape, sh.Shape) and not isinstance(alert.shape.condition, sh.Free) and not alert.tests:
        return
    if not any(test.fires for test in alert.tests):
        raise Unsatisfiable("it is an expression of your own: write test: {fires: [...], silent: [...]}")
    scope = next((dict(item.selector) for item in fleet.environments if item.name == environment), {})
    read = tuple(_selectors(alert, service, environment))
    for number, test in enumerate(alert.tests, 1):
        tail = f" {number}" if number > 1 else ""
        for kind, texts in (("fires", test.fires), ("silent", test.silent)):
            plain = [_ENVIRONMENT.sub(environment, text) for text in texts]
            rows = [_row(text, read, service, scope) for written in plain for text in _each(written)]
            if rows:
                yield _group(alert, rows, f"{alert.id}, {kind}{tail}", kind == "fires")


def _group(alert: Alert, rows: Sequence[Row], name: str, fires: bool) -> Group:
    end = max(length(row.values) for row in rows) - 1
    held = -(-alert.hold // _STEP)
    if fires and end < held:
        raise Unsatisfiable(f"its test is {end} minutes long and it fires after {held}: write more samples")
    own = promql.selector("ALERTS", {**picker(alert), "alertstate": "firing"})
    there = f"count({promql.selector(rows[0].text.partition('{')[0], {})}) > bool 0"
    if fires:
        checks = [check(f"count({own}) > bool 0", end * _STEP, [("{}", 1)])]
    else:
        checks = [check(own, at * _STEP, []) for at in sorted({end // 2, end})]
        checks.append(check(there, end * _STEP, [("{}", 1)]))
    return Group(name, _STEP, _STEP, tuple(rows), tuple(checks))


def _each(text: str) -> Iterator[str]:
    """`app="a{{ 1..3 }}"` stands for three series."""
    found = _RANGE.search(text)
    if not found:
        yield text
        return
    for number in range(int(found[1]), int(found[2]) + 1):
        yield from _each(f"{text[: found.start()]}{number}{text[found.end() :]}")


def _row(text: str, read: Sequence[promql.Selector], service: Service, scope: dict[str, str]) -> Row:
    found = _SERIES.fullmatch(text)
    if not found:
        raise Unsatisfiable(f'its test says {text!r}: write a series and its samples, such as up{{instance="a"}} 0x10')
    try:
        series = promql.parse(found[1])
    except promql.PromqlError as error:
        raise Unsatisfiable(f"its test says {found[1]!r}: {error.message}") from None
    if not isinstance(series, promql.Selector):
        raise Unsatisfiable(f"its test says {found[1]!r}, which is no series")
    given = {matcher.label: matcher.value for matcher in series.matchers}
    labels = written({**_scoped(series.name, read, service, scope), **given})
    return Row(named(series.name or "", labels), found[2])


def _scoped(
    name: str | None, read: Sequence[promql.Selector], service: Service, scope: dict[str, str]
) -> dict[str, str]:
    """What was injected into the expression's selectors of this metric: equalities on labels that are not its own."""
    metric = service.metrics.get(name or "")
    declared = metric.labels if metric and metric.scope == "service" else {}
    out: dict[str, str] = {}
    for node in read:
        if node.name == name:
            mine = [m for m in node.matchers if m.op == "=" and (m.label not in declared or m.label in scope)]
            out |= {m.label: m.value for m in mine}
    return out


def _selectors(alert: Alert, service: Service, environment: str) -> Iterator[promql.Selector]:
    """All that its expression reads, and what the recording rules read that it reads."""
    recorded = {
        item.name: item.expr for rules in service.rules if rules.environment == environment for item in rules.recordings
    }
    todo, done = [alert.expr], set[str]()
    while todo:
        for node in promql.walk(todo.pop()):
            if isinstance(node, promql.Selector):
                yield node
                if node.name in recorded and node.name not in done:
                    done.add(node.name)
                    todo.append(recorded[node.name])


def length(values: str) -> int:
    """How many samples a series in promtool's notation has."""
    total = 0
    for word in _WORD.finditer(values):
        total += int(word["gap"]) if word["gap"] else int(word["times"]) + 1 if word["times"] else 1
    return total
