"""Asks the real Logstash."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from llmmon import logstash
from llmmon.logstash.escape import VARIABLE
from llmmon.problem import Problem, Unverified
from llmmon.targets.logstash.pipeline import origin_at
from llmmon.tool import Missing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from llmmon.plan import Facts, Fleet
    from llmmon.problem import Origin
    from llmmon.target import Written
    from llmmon.tool import Tools

FILES = re.compile(r"(?m)^( +ssl_(?:certificate|key|truststore_location|keystore_location) => ).+$")
AUTHORITIES = re.compile(r"(?m)^( +ssl_certificate_authorities => ).+$")
PLACE = re.compile(r"at line (\d+), column (\d+)")
REASON = re.compile(r"reason=>\"(.+?)\"[,}]|Reason: (.+)|:message=>\"(.+?)\"[,}]")
CHUNK = 100_000  # bytes of configuration per call: Linux takes 128 KiB per argument


def verify(
    fleet: Fleet,  # noqa: ARG001 - the contract's arguments
    facts: Iterable[Facts],  # noqa: ARG001
    scratch: Path,
    written: Sequence[Written],
    tools: Tools,
) -> Iterator[Problem | Unverified]:
    """Ask the real Logstash, about all pipelines in as few calls as possible: it starts a JVM each time."""
    pipelines = [artifact for artifact in written if artifact.path.suffix == ".conf"]
    if not pipelines:
        return
    found = tools.find("logstash")
    if isinstance(found, Missing):
        yield Unverified("Logstash pipelines, by Logstash itself", found.hint, needed=False)
        return
    data = "/tmp/logstash" if found.how == "docker" else str(scratch / ".logstash")  # noqa: S108 - the container's own
    for chunk in _chunks(pipelines, scratch):
        text = "".join(projection for _, projection in chunk)
        ran = tools.run("logstash", ["--config.test_and_exit", "--path.data", data, "--config.string", text])
        if ran.timed_out:
            yield Unverified("Logstash pipelines", ran.stderr.splitlines()[-1])
        elif ran.code:
            yield _complaint(f"{ran.stdout}\n{ran.stderr}", chunk)


def projection(text: str, existing: str) -> str:
    """The pipeline as a Logstash on this machine can test it: no variable is unset, each named file exists."""
    text = FILES.sub(lambda line: f'{line[1]}"{existing}"', text)
    text = AUTHORITIES.sub(lambda line: f'{line[1]}["{existing}"]', text)
    return VARIABLE.sub(lambda found: found[0] if ":" in found[0] else f"{found[0][:-1]}:unset}}", text)


def _chunks(pipelines: Sequence[Written], scratch: Path) -> Iterator[list[tuple[Written, str]]]:
    chunk: list[tuple[Written, str]] = []
    size = 0
    for artifact in pipelines:
        text = projection((scratch / artifact.path).read_text(encoding="utf-8"), str(artifact.path))
        size += len(text.encode())
        if chunk and size > CHUNK:
            yield chunk
            chunk, size = [], len(text.encode())
        chunk.append((artifact, text))
    if chunk:
        yield chunk


def _complaint(said: str, chunk: Sequence[tuple[Written, str]]) -> Problem:
    """Logstash stops at the first mistake; where it names no line, one of these pipelines has it."""
    place, reason = PLACE.search(said), REASON.search(said)
    line = int(place[1]) if place else 0
    message = next((group for group in reason.groups() if group), "") if reason else said.strip()[-500:]
    for artifact, text in chunk:
        if line <= text.count("\n"):
            where = f"{artifact.path}:{line}" if line else ", ".join(str(other.path) for other, _ in chunk)
            return Problem(_at_line(artifact, text, line), f"Logstash rejects {where}: {message}", "logstash")
        line -= text.count("\n")
    return Problem(chunk[-1][0].origins[()], f"Logstash rejects it: {message}", "logstash")


def _at_line(artifact: Written, text: str, line: int) -> Origin:
    try:
        config = logstash.parse(text)
    except logstash.LogstashError:
        return artifact.origins[()]
    offset = sum(len(row) + 1 for row in text.split("\n")[: line - 1]) if line else 0
    return origin_at(config, artifact.origins, offset) if line else artifact.origins[()]
