"""Any node of a spec may hold anything: the answer is a problem at a place, never an exception."""

from __future__ import annotations

import copy
import json
import random
from typing import TYPE_CHECKING, Any

import pytest
from conftest import CHAT, FLEET

from llmmon import load, pipeline
from llmmon.problem import Rejected
from llmmon.source import values
from llmmon.source.document import Document

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from conftest import Fleet

    from llmmon.problem import Problem

ODD: list[Any] = [
    *(None, True, False, 5, -1, 0.5, "x", "", "a b", "5m", "-5m", "1e999999", "off", "{{", "$x", "é\n", 10**30),
    *([], {}, [None], [{}], [[]], [5], {"a": None}, {"a": {"b": 1}}, {"": ""}),
]
MORE = """\
  QueueLong:
    signal: queue
    above: {warning: 5, critical: 9}
    where: [{model: a, above: {warning: 7}}]
    in: {production: {for: 9m}}
  Rising: {signal: requests, rises: {by: 20%, versus: 7d}, category: change, guard: {signal: queue, above: 1}}
  Own: {expr: chat_queue > 5, summary: S., category: cost, test: {fires: [chat_queue 9x30], silent: chat_queue 1x30}}
  ReplicaDown: {off: it flaps, until: 2030-01-01}
budgets:
  spend: {signal: requests, limit: 500, rolling: 1d, by: {kind: model}, forecast: 80%, trend: 6h}
baselines:
  load: {signal: requests, value: 5/s, tolerance: 20%, worse: below}
depends_on: []
uses: {process: true}
workload: {namespace: llm, name: chat}
logs:
  input: {tcp: 5000, codec: line}
  timestamp: {field: at, formats: [ISO8601], timezone: UTC}
  level: {field: level, synonyms: {error: [bad]}}
  redact: {user: hash}
  extract: {cost: {pattern: 'cost=%{NUMBER:cost}', samples: {cost=5: 5}}}
health:
  port: 8080
  liveness: /health
  readiness: {path: /ready, period: 5s}
  components: {cache: /health/cache}
dashboards:
  more:
    panels:
      Row:
        - {title: Queue, signal: queue, top: 3}
        - {title: Own, expr: chat_queue, unit: requests, as: stat}
"""
HOSTS = "elasticsearch: {hosts: ['https://es:9200'], user: u, password: {secret: es/password}}\n"


@pytest.mark.parametrize("name", ["chat", "fleet"])
@pytest.mark.parametrize("part", range(4))
def test_any_value_at_any_place_ends_in_problems(fleet: Fleet, name: str, part: int) -> None:
    fleet.write("specs/fleet.yaml", FLEET + HOSTS)
    data = parsed(CHAT + MORE if name == "chat" else FLEET + HOSTS)
    cases = [(keys, odd) for keys in ways(data) for odd in ODD]
    random.Random(7).shuffle(cases)
    for keys, odd in cases[part * 80 : part * 80 + 80]:
        fleet.write(f"specs/{name}.yaml", json.dumps(replaced(data, keys, odd)))
        for problem in problems(fleet.root / "out"):
            assert problem.origin.position() >= (1, 1)
            assert problem.message


def test_the_spec_that_is_broken_here_is_whole(fleet: Fleet) -> None:
    fleet.write("specs/fleet.yaml", FLEET + HOSTS)
    fleet.write("specs/chat.yaml", CHAT + MORE)
    found = [problem.message for problem in problems(fleet.root / "out") if problem.rule != "runbook-parts"]
    assert found == []


def test_a_preset_that_a_service_does_not_want_is_left_out() -> None:
    (service,), found = load.services(parsed("service: a\nteam: t\nuses: {service: false}\n"), Document("x", ""))
    assert not found
    assert not service.spec.alerts


def problems(scratch: Path) -> tuple[Problem, ...]:
    from pathlib import Path

    try:
        return tuple(pipeline.build(pipeline.read([Path("specs")]), scratch, verify=False).problems)
    except Rejected as rejected:
        return rejected.problems


def parsed(text: str) -> dict[str, Any]:
    data, found = values.parse(Document("x", text))
    assert data is not None
    assert not found
    return data


def ways(value: Any, keys: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    yield keys
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in inside:
        yield from ways(item, (*keys, key))


def replaced(value: Any, keys: tuple[str | int, ...], new: Any) -> Any:
    if not keys:
        return new
    out = copy.copy(value)
    out[keys[0]] = replaced(value[keys[0]], keys[1:], new)
    return out
