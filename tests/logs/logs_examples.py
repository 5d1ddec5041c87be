"""Log specs as text, and the values around them that lowering and the target want."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from llmmon.lower.logs import lower_logs
from llmmon.plan import Fleet, Pipeline, Secret, Service
from llmmon.problem import Origin, Problem, Unverified
from llmmon.source.document import Document
from llmmon.spec.logs import Logs
from llmmon.targets.logstash import TARGET

if TYPE_CHECKING:
    from collections.abc import Iterable

    from llmmon.target import Artifact

ELASTICSEARCH: dict[str, Any] = {
    "hosts": ("https://elasticsearch:9200",),
    "user": "logstash_writer",
    "password": Secret("elasticsearch", "password"),
    "ca": "/etc/ssl/elasticsearch-ca.pem",
}
FLEET_TEXT = "fleet: acme\nversions: {logstash: '8.15'}\nelasticsearch:\n  hosts: [https://elasticsearch:9200]\n"

COST_TRACKER = r"""service: llm-cost-tracker
logs:
  input: {tcp: 5000, codec: json_lines}
  timestamp: timestamp
  level: level
  redact: {user_id: hash, authorization: remove, prompt: remove}
  extract:
    cost_usd:
      when: cost
      pattern: 'cost\D*?\$%{GROUPEDNUM:cost_usd}'
      samples:
        total cost $1.20 of budget $50.00: 1.2
        the cost was $3.50.: 3.5
        cost $12,345.67: 12345.67
      tag: cost_event
    latency_ms:
      pattern: 'latency\D*?%{NUMBER:latency_ms}\s*ms'
      samples: {latency 123ms: 123, 'latency: 1234.5ms': 1234.5, latency unknown: null}
      tag: performance_event
"""


def fleet(version: tuple[int, ...] = (8, 15), **elasticsearch: Any) -> Fleet:
    """A fleet with an Elasticsearch; keyword arguments change what is said of it."""
    return Fleet(
        name="acme",
        versions={"logstash": version},
        scrape_interval=timedelta(seconds=30),
        runbooks="",
        dashboards="",
        severities={},
        environments=(),
        teams={},
        copies=(),
        catch_all=(),
        watchdog=(),
        defaults={},
        elasticsearch={**ELASTICSEARCH, **elasticsearch},
        origin=Origin(Document("specs/fleet.yaml", FLEET_TEXT)),
        pipelines=("llm-cost-tracker", "chat"),
    )


def spec(text: str) -> str:
    """A whole spec around the lines of its logs section; `input` is there unless they bring it."""
    lines = text.strip("\n").splitlines()
    if not any(line.startswith("input:") for line in lines):
        lines.insert(0, "input: {tcp: 5000}")
    return "service: chat\nlogs:\n" + "".join(f"  {line}\n" for line in lines)


def extraction(pattern: str, gives: str = "1", sample: str = "x=1", more: str = "") -> str:
    """A spec with one extraction, of the field `x`; the pattern in single quotes."""
    quoted = pattern.replace("'", "''")
    return spec(f"extract:\n  x: {{pattern: '{quoted}', sample: '{sample}', gives: {gives}{more}}}")


def lowered(text: str, around: Fleet | None = None) -> tuple[Pipeline | None, list[Problem]]:
    """The logs section of a spec, lowered."""
    data = yaml.safe_load(text)
    origin = Origin(Document(f"specs/{data['service']}.yaml", text))
    return lower_logs(Logs.model_validate(data["logs"]), data["service"], around or fleet(), origin)


def plan(text: str, around: Fleet | None = None) -> Pipeline:
    """The logs section of a spec, lowered, where it must be without errors."""
    pipeline, problems = lowered(text, around)
    assert pipeline is not None, problems
    return pipeline


def service(pipeline: Pipeline | None) -> Service:
    """The service around a pipeline."""
    name = pipeline.service if pipeline else "chat"
    origin = pipeline.origin if pipeline else fleet().origin
    return Service(
        name, None, "finops", "", f"specs/{name}.yaml", None, (), {}, (), (), None, pipeline, {}, origin
    )  # fmt: skip


def emitted(text: str, around: Fleet | None = None) -> str:
    """The `.conf` of a spec."""
    [artifact] = artifacts(plan(text, around), around)
    return artifact.text


def artifacts(pipeline: Pipeline, around: Fleet | None = None) -> list[Artifact]:
    """What the target emits for a pipeline."""
    assert TARGET.of_service
    return list(TARGET.of_service(around or fleet(), service(pipeline)))


def checked(text: str, around: Fleet | None = None) -> list[Problem]:
    """What the target's own check says of a spec; everything can be verified."""
    pipeline = plan(text, around)
    assert TARGET.check
    return problems(TARGET.check(around or fleet(), service(pipeline), artifacts(pipeline, around)))


def problems(found: Iterable[Problem | Unverified]) -> list[Problem]:
    """All that was found, where each of it is a problem."""
    return [one for one in found if isinstance(one, Problem) or pytest.fail(one.why)]
