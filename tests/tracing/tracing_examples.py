"""Fleets with tracing, from text to artifacts, and a collector's configuration to break."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from llmmon import load
from llmmon.lower import lower_fleet
from llmmon.problem import Level, Problem
from llmmon.source import values
from llmmon.source.document import Document
from llmmon.targets.tracing import TARGET
from llmmon.tool import Tools

if TYPE_CHECKING:
    from llmmon.load import LoadedFleet
    from llmmon.plan import Fleet
    from llmmon.target import Artifact

AROUND = """\
fleet: acme
environments: {production: {selector: {}}}
teams: {ml: {}}
catch_all: [{webhook: http://pager.acme.example/all}]
elasticsearch: {hosts: [https://es.acme.example:9200]}
"""
GOLDEN = Path(__file__).parent / "golden"


def loaded(text: str, around: str = AROUND) -> LoadedFleet:
    """A fleet whose spec has no mistake that the model sees."""
    fleet, problems = read(text, around)
    assert fleet is not None
    assert problems == []
    return fleet


def read(text: str, around: str = AROUND) -> tuple[LoadedFleet | None, list[Problem]]:
    """A fleet's spec, and what its model says of it."""
    document = Document("specs/fleet.yaml", around + text)
    data, found = values.parse(document)
    assert found == []
    assert data is not None
    return load.fleet(data, document)


def lowered(text: str, around: str = AROUND) -> tuple[Fleet, list[Problem]]:
    """The plan of a fleet, and what is wrong with it."""
    fleet, problems = lower_fleet(loaded(text, around))
    assert fleet is not None
    return fleet, problems


def plan(text: str = "tracing: {}", around: str = AROUND) -> Fleet:
    """The plan of a fleet with nothing wrong."""
    fleet, problems = lowered(text, around)
    assert [problem.message for problem in problems if problem.level is Level.ERROR] == []
    return fleet


def artifacts(fleet: Fleet) -> dict[str, Artifact]:
    """What the target emits, by path."""
    assert TARGET.of_fleet
    return {str(artifact.path): artifact for artifact in TARGET.of_fleet(fleet, ())}


def value(fleet: Fleet, path: str) -> Any:
    """An artifact, read back."""
    text = artifacts(fleet)[path].text
    return json.loads(text) if path.endswith(".json") else yaml.safe_load(text)


def verified(fleet: Fleet, scratch: Path) -> list[Problem]:
    """What the target says of its own artifacts."""
    assert TARGET.verify
    found = list(TARGET.verify(fleet, (), scratch, (), Tools(scratch, {})))
    assert all(isinstance(one, Problem) for one in found)
    return [one for one in found if isinstance(one, Problem)]


def matches(name: str, text: str) -> bool:
    """Whether a golden is what it was; LLMMON_REWRITE writes it anew."""
    if os.environ.get("LLMMON_REWRITE"):
        (GOLDEN / name).write_text(text)
    return text == (GOLDEN / name).read_text()


def config(**changes: Any) -> dict[str, Any]:
    """A configuration that the collector takes, with whole sections replaced."""
    return {
        "receivers": {"otlp": {"protocols": {"grpc": None}}},
        "processors": {"memory_limiter": {"check_interval": "1s", "limit_mib": 400}, "batch": None},
        "exporters": {"debug": None},
        "service": {"pipelines": {"traces": pipeline()}},
        **changes,
    }


def pipeline(**changes: list[str]) -> dict[str, list[str]]:
    """Its pipeline, with parts replaced."""
    return {"receivers": ["otlp"], "processors": ["memory_limiter", "batch"], "exporters": ["debug"], **changes}


def service(**pipelines: dict[str, list[str]]) -> dict[str, Any]:
    """A service section; `traces__in` is the pipeline traces/in."""
    return {"pipelines": {name.replace("__", "/"): one for name, one in pipelines.items()}}
