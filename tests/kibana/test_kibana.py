"""What Kibana imports: goldens, and broken copies that are told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from llmmon.targets.kibana import faults

if TYPE_CHECKING:
    from conftest import Fleet

GOLDEN = Path(__file__).parent / "golden"
STACK = """\
elasticsearch: {hosts: ["https://elasticsearch:9200"]}
logs: {delete: 30d, filebeat: {logstash: "logstash:5044", istio: true}}
"""
LOGS = r"""logs:
  input: {tcp: 5000}
  level: level
  extract:
    cost_amount: {pattern: 'cost \$%{NUMBER:cost_amount}', sample: cost $1.20, gives: 1.2}
  analysis:
    queries:
      cost-by-model: {help: Cost of a day., by: model, sum: cost_amount}
      errors-by-type: {within: 4h, where: {level: ERROR, user: a}, having: exception.class}
"""


def written(fleet: Fleet, stack: str = STACK, logs: str = LOGS) -> Fleet:
    """The small fleet with a log stack, and its service with logs."""
    for name, text in (("specs/fleet.yaml", stack), ("specs/chat.yaml", logs)):
        fleet.write(name, (fleet.root / name).read_text() + text)
    return fleet


def made(fleet: Fleet) -> dict[str, str]:
    """The texts, by path below the target's folder."""
    ran = fleet.run("generate")
    assert ran.code == 0, ran.out
    return {path: text.decode() for path, text in fleet.files("generated/kibana").items()}


def test_goldens(fleet: Fleet) -> None:
    files = {p.relative_to(GOLDEN).as_posix(): p.read_text() for p in GOLDEN.rglob("*.ndjson")}
    assert made(written(fleet)) == files


def test_it_can_be_turned_off(fleet: Fleet) -> None:
    assert made(written(fleet, STACK.replace("{delete", "{kibana: false, delete"))) == {}


def test_a_view_of_istio_is_there_only_where_its_logs_are(fleet: Fleet) -> None:
    assert "istio" not in made(written(fleet, STACK.replace(", istio: true", "")))["data-views.ndjson"]


@pytest.mark.parametrize("text", ['a"b', "a\\", 'a" or *', "*", "a\nb", "\u2028é🎉", "{{x}}"])
def test_hostile_values_stay_inside_their_quotes(fleet: Fleet, text: str) -> None:
    logs = LOGS.replace("user: a}", f"user: {json.dumps(text, ensure_ascii=False)}}}")
    lines = made(written(fleet, logs=logs))["services/chat.ndjson"].split("\n")
    assert len(lines) == 4
    query = json.loads(lines[2])["attributes"]["query"]["query"]
    inside = query.partition('user : "')[2].removesuffix('" and exception.class : *')
    plain = inside.replace("\\\\", "\0").replace('\\"', '"').replace("\\n", "\n").replace("\0", "\\")
    assert plain == text


def test_one_id_in_two_files_is_told(fleet: Fleet) -> None:
    written(fleet)
    broken = (GOLDEN / "data-views.ndjson").read_text() * 2
    [first, second] = faults(broken, ["app-x-2026.01.01", "istio-access-2026.01.01"])
    assert "stands twice" in first[1] + second[1]


@pytest.mark.parametrize(
    ("line", "keys", "value", "said"),
    [
        (0, ("type",), "visualization", "is no object of ours"),
        (0, ("attributes", "title"), "logs-*", "finds none of the indices that are written, such as app-chat-"),
        (0, ("attributes", "timeFieldName"), "", "no time field"),
        (1, ("attributes", "title"), "", "needs a title"),
        (1, ("attributes", "query", "language"), "lucene", "is no KQL"),
        (1, ("attributes", "query", "query"), 'level : "error', "is no KQL"),
        (1, ("attributes", "query", "query"), "level = error", "is no KQL"),
        (2, ("id",), "acme.query.chat.cost-by-model", "stands twice"),
    ],
)
def test_a_broken_object_is_told(line: int, keys: tuple[str, ...], value: str, said: str) -> None:
    objects = [json.loads(text) for text in (GOLDEN / "services/chat.ndjson").read_text().splitlines()]
    assert not list(faults(_text(objects), ["app-chat-2026.01.01"]))
    node = objects[line]
    for key in keys[:-1]:
        node = node[key]
    node[keys[-1]] = value
    [(where, fault)] = faults(_text(objects), ["app-chat-2026.01.01"])
    assert where == line
    assert said in fault


def test_what_is_no_json_is_told() -> None:
    [(line, fault)] = faults("{\n", [])
    assert (line, fault[:11]) == (0, "is no JSON:")


def _text(objects: list[Any]) -> str:
    return "".join(json.dumps(one) + "\n" for one in objects)
