"""A small fleet with a blackbox exporter, and what it becomes."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from llmmon import pipeline
from llmmon.targets.blackbox import TARGET
from llmmon.tool import Tools

if TYPE_CHECKING:
    from llmmon.problem import Problem, Unverified
    from llmmon.target import Written

FLEET = """\
fleet: acme
environments: {production: {selector: {env: production}}}
teams: {inference: {}}
catch_all: [{slack: "#all"}]
watchdog: [{webhook: "http://switch.example/ping"}]
receivers: {slack: {secret: slack/url}}
blackbox: {address: "blackbox:9115"}
"""
CHAT = """\
service: chat
team: inference
selector: {job: chat}
workload: {namespace: llm, name: chat}
"""


def write(fleet: str, chat: str) -> None:
    """The specs, in the current folder."""
    Path("specs").mkdir(exist_ok=True)
    Path("specs/fleet.yaml").write_text(fleet)
    Path("specs/chat.yaml").write_text(chat)


def built(scratch: Path) -> pipeline.Built:
    """Everything in a scratch folder, judged by nobody."""
    scratch.mkdir(exist_ok=True)
    return pipeline.build(pipeline.read([Path("specs")]), scratch, verify=False)


def found(made: pipeline.Built) -> list[tuple[str, str]]:
    """What is wrong: the rule, and where."""
    return [(problem.rule, str(problem.origin)) for problem in made.problems]


def mine(made: pipeline.Built) -> list[Written]:
    """The artifacts of the target."""
    return [item for item in made.written if item.path.parts[0] == TARGET.folder]


def judged(made: pipeline.Built, scratch: Path, tools: Tools | None = None) -> list[Problem | Unverified]:
    """What the target finds in what stands there."""
    assert TARGET.verify
    return list(TARGET.verify(made.fleet, (), scratch, mine(made), tools or Tools(scratch, os.environ)))


def modules(scratch: Path) -> dict[str, Any]:
    """The modules as the exporter reads them."""
    text = (scratch / "blackbox/blackbox.yml").read_text()
    value: dict[str, Any] = yaml.safe_load(text)["modules"]
    return value


def jobs(scratch: Path) -> dict[str, Any]:
    """The scrape jobs by name."""
    read = yaml.safe_load((scratch / "prometheus/prometheus.yml").read_text())
    return {job["job_name"]: job for job in read["scrape_configs"]}
