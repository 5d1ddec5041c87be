"""Logstash pipelines: one file per service, and the list of them."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from llmmon import logstash
from llmmon.dump import notice, yaml_text
from llmmon.logstash import check as lint
from llmmon.lower.samples import prove_samples
from llmmon.problem import Level, Problem
from llmmon.target import Artifact, Target
from llmmon.targets.logstash.pipeline import origin_at, origins, values
from llmmon.targets.logstash.real import verify
from llmmon.template import render

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from llmmon.plan import Facts, Fleet, Service
    from llmmon.problem import Unverified

FOLDER = "${LOGSTASH_PIPELINES:/usr/share/logstash/pipeline}"  # where Elastic's image looks
DOUBTS = ("plain-http",)  # works, and is not wise


def of_service(fleet: Fleet, service: Service) -> Iterator[Artifact]:
    """`logstash/pipeline/<service>.conf` where the service has logs."""
    if service.logs:
        text = render("logstash/pipeline.conf.j2", **values(service.logs, fleet, service.spec))
        path = PurePosixPath("logstash/pipeline", f"{service.name}.conf")
        yield Artifact(path, text, origins(service.logs, fleet), service.spec)


def of_fleet(fleet: Fleet, facts: Sequence[Facts]) -> Iterator[Artifact]:  # noqa: ARG001 - logs need no alerts
    """`logstash/pipelines.yml` where a service has logs, or where Filebeat's come to a pipeline of their own."""
    own = fleet.logs and fleet.logs.filebeat and fleet.logs.filebeat.pipeline is None
    names = [*sorted(fleet.pipelines), *(["kubernetes"] if own else [])]
    if not names:
        return
    spec = fleet.origin.document.path
    pipelines = [
        {"pipeline.id": name, "path.config": f"{FOLDER}/{name}.conf", "queue.type": "persisted"} for name in names
    ]
    text = yaml_text(pipelines, notice(spec))
    yield Artifact(PurePosixPath("logstash/pipelines.yml"), text, {(): fleet.origin}, spec)


def check(fleet: Fleet, service: Service, artifacts: Sequence[Artifact]) -> Iterator[Problem | Unverified]:
    """What our own parser, compiler and linter say of the text, and every grok pattern over its samples."""
    if not service.logs:
        return
    yield from prove_samples(service.logs)
    for artifact in artifacts:
        if artifact.path.suffix == ".conf":
            yield from _judged(artifact, fleet)


def _judged(artifact: Artifact, fleet: Fleet) -> Iterator[Problem]:
    major, minor, *_ = (*fleet.versions.get("logstash", logstash.NEWEST), 0)
    try:
        config = logstash.parse(artifact.text)
    except logstash.LogstashError as error:
        message = f"{artifact.path}:{error.line}:{error.column}: {error.message}"
        yield Problem(artifact.origins[()], message, "logstash-syntax")
        return
    version = (major, minor)
    for complaint in (*logstash.compile_problems(config, version), *lint.problems(config, version)):
        level = Level.WARNING if complaint.code in DOUBTS else Level.ERROR
        origin = origin_at(config, artifact.origins, complaint.span[0])
        yield Problem(origin, complaint.message, f"logstash-{complaint.code}", level)


TARGET = Target("logstash", of_service=of_service, of_fleet=of_fleet, check=check, verify=verify, tools=("logstash",))
