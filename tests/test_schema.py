"""The JSON Schemas are valid, are those in the repository, take its specs and find a misspelt key."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from llmmon import schema
from llmmon.source import reading, values

SPECS = Path(__file__).parent.parent / "specs"
FILES = sorted(SPECS.glob("*.yaml"))


def read(path: Path) -> dict[str, Any]:
    document, problems = reading.read(path, path.name)
    data, more = values.parse(document)
    assert data is not None
    assert not problems + more
    return data


def kind(data: dict[str, Any]) -> str:
    return next(kind for kind in schema.KINDS if kind in data)


def validator(kind: str) -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(json.loads(schema.text(kind)))


@pytest.mark.parametrize("kind", schema.KINDS)
def test_is_a_valid_schema_of_draft_2020_12(kind: str) -> None:
    found = json.loads(schema.text(kind))
    assert found["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    jsonschema.Draft202012Validator.check_schema(found)


@pytest.mark.parametrize("kind", schema.KINDS)
def test_in_the_repository_is_what_the_command_prints(kind: str) -> None:
    assert (SPECS / "schema" / f"{kind}.json").read_text() == schema.text(kind)


@pytest.mark.parametrize("path", FILES, ids=[path.name for path in FILES])
def test_takes_the_specs_of_the_repository(path: Path) -> None:
    data = read(path)
    assert [error.message for error in validator(kind(data)).iter_errors(data)] == []


@pytest.mark.parametrize("path", FILES, ids=[path.name for path in FILES])
def test_finds_a_misspelt_key_of_any_map_with_known_keys(path: Path) -> None:
    data = read(path)
    for section in (key for key, value in data.items() if isinstance(value, dict)):
        broken = copy.deepcopy(data)
        broken[f"{section}z"] = broken.pop(section)
        assert list(validator(kind(data)).iter_errors(broken)), section


@pytest.mark.parametrize(
    "alert",
    [
        {"off": "it flaps"},
        {"signal": "errors", "above": "5%", "in": {"staging": "off"}},
        {"signal": "errors", "above": {"warning": 5, "critical": "9%"}, "for": {"critical": "2m"}},
        {"signal": "errors", "above": 5, "where": [{"model": "a", "above": 9}]},
    ],
)
def test_takes_the_shorthands_of_an_alert(alert: dict[str, Any]) -> None:
    validator("service").validate({"service": "chat", "alerts": {"HighErrorRate": alert}})


@pytest.mark.parametrize(
    "alert", [{"abov": 5}, {"above": {"page": 5}}, {"in": {"staging": {"abov": 5}}}, {"for": 5}, {"until": 5}]
)
def test_refuses_what_the_compiler_refuses_in_an_alert(alert: dict[str, Any]) -> None:
    spec = {"service": "chat", "alerts": {"HighErrorRate": {"signal": "errors", **alert}}}
    assert list(validator("service").iter_errors(spec))


def test_is_written_only_where_it_has_changed(tmp_path: Path) -> None:
    written = list(schema.write(tmp_path))
    times = [path.stat().st_mtime_ns for path in written]
    assert [path.name for path in written] == [f"{kind}.json" for kind in schema.KINDS]
    assert [path.stat().st_mtime_ns for path in schema.write(tmp_path)] == times
