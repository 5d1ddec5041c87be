"""What tests of presets share: services of several versions, compiled, and promtool's word on what a server plays."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from llmmon import pipeline, play, preset
from llmmon.catalogue import version as versions
from llmmon.prove import prove
from llmmon.tool import Found, Tools

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from llmmon.plan import Service

FLEET = """\
fleet: acme
environments: {production: {selector: {env: production}}}
teams: {observability: {}}
catch_all: [{slack: "#all"}]
receivers: {slack: {secret: slack/url}}
"""
SERVICE = """\
service: {name}
team: observability
selector: {{job: {name}}}
workload: {{namespace: monitoring, name: {name}}}
uses: [{uses}]
"""
MINUTES = 30
VARIABLES = {"${environment:text}": "production", "${environment}": "production", "$__rate_interval": "5m"}
METRIC = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")


@dataclass(frozen=True, slots=True)
class Made:
    """Compiled services, by name, in the folder where promtool runs."""

    root: Path
    built: pipeline.Built
    services: Mapping[str, Service]

    @property
    def messages(self) -> list[str]:
        """What compiling them had to say."""
        return [problem.message for problem in self.built.problems]

    def alerts(self, service: str) -> set[str]:
        """The names of a service's alerts."""
        return {fact.labels["alertname"] for fact in self.built.facts if fact.labels["service"] == service}

    def asked(self, service: str) -> set[str]:
        """Every word in its rules and on its dashboards that may be a metric."""
        folder = self.root / "generated"
        paths = [self.rules(service), *folder.glob(f"grafana/dashboards/{service}/*.json")]
        return {word for path in paths for word in METRIC.findall(path.read_text())}

    def rules(self, service: str) -> Path:
        return self.root / f"generated/prometheus/rules/production/{service}.yaml"


def named(technology: str, version: str | None) -> str:
    """The service that uses a version of a preset; None is a preset without versions."""
    return f"{technology}-{version.replace('.', '-')}" if version else technology


def make(root: Path, uses: Iterable[tuple[str, str | None]]) -> Made:
    """One service for each of these presets and versions."""
    (root / "specs").mkdir()
    (root / "specs/fleet.yaml").write_text(FLEET)
    for technology, version in uses:
        name, what = named(technology, version), f'{{{technology}: "{version}"}}' if version else f"[{technology}]"
        (root / f"specs/{name}.yaml").write_text(SERVICE.format(name=name, uses="").replace("[]", what))
    specs = pipeline.read([root / "specs"])
    built = pipeline.build(specs, root / "generated", verify=False)
    fleet, problems = pipeline.planned(specs)
    return Made(root, built, {service.name: service for service in pipeline.lowered(specs, fleet, problems)})


def unproved(made: Made, service: str) -> list[str]:
    """Of the generated tests of a service's alerts, those that fail."""
    files = sorted(made.root.glob(f"generated/prometheus/tests/production/{service}.*"))
    assert files, f"{service} has no tests"
    return _failures(made, files)


def judge(made: Made, service: str, *groups: dict[str, Any]) -> None:
    """Asks promtool whether the rules of a service do what these groups of a test say."""
    file = made.root / "judged.yaml"
    rules = made.rules(service).relative_to(made.root).as_posix()
    file.write_text(yaml.safe_dump({"rule_files": [rules], "tests": [{"interval": "1m", **each} for each in groups]}))
    assert _failures(made, [file]) == []


def played(made: Made, technology: str, version: str | None, *, opt_in: bool = False) -> list[dict[str, str]]:
    """Half an hour of what one instance of that version exposes and its service asks for, minute by minute."""
    service = named(technology, version)
    wanted = made.asked(service)
    uses = [
        (name, versions.parse(version) if version and name == technology else None)
        for name in preset.load(technology).catalogues
    ]
    values: dict[str, list[str]] = {}
    for minute in range(MINUTES):
        for line in play.page(uses, at=60.0 * minute + 1, opt_in=opt_in).splitlines():
            series, _, value = line.rpartition(" ")
            if series.partition("{")[0] in wanted:
                values.setdefault(series, []).append(value)
    values["up"] = ["1"] * MINUTES
    return [{"series": own(series, service, "a"), "values": " ".join(each)} for series, each in values.items()]


def given(text: str, service: str) -> list[dict[str, str]]:
    """Lines of promtool's notation as series of a service."""
    lines = [line.rpartition("} ") for line in text.strip().splitlines()]
    return [{"series": own(f"{start}}}", service), "values": values} for start, _, values in lines]


def own(series: str, service: str, instance: str | None = None) -> str:
    """A series with the labels that Prometheus adds."""
    name, _, rest = series.partition("{")
    added = [f'instance="{instance}"'] if instance else []
    return f'{name}{{{",".join((*filter(None, [rest.removesuffix("}")]), *added))},job="{service}",env="production"}}'


def shown(service: Service, at: str = f"{MINUTES - 2}m") -> Iterator[dict[str, Any]]:
    """Each query of its dashboards shows something then."""
    for board in service.dashboards:
        for query in (query for row in board.rows for panel in row.panels for query in panel.queries):
            sample = {"labels": "{}", "value": 1}
            yield {"expr": f"count({asked(query.expr)}) > bool 0", "eval_time": at, "exp_samples": [sample]}


def asked(expr: str) -> str:
    """What Grafana asks for where a panel has its variables."""
    for variable, value in VARIABLES.items():
        expr = expr.replace(variable, value)
    return expr


def promtool(root: Path) -> Tools:
    """The tools, in a folder; without promtool the test is skipped."""
    tools = Tools(root, os.environ)
    if not isinstance(tools.find("promtool"), Found):
        pytest.skip("promtool is not on PATH")
    return tools


def _failures(made: Made, files: list[Path]) -> list[str]:
    verdicts = list(prove(files, promtool(made.root)))
    assert verdicts, f"{files} hold no test"
    return [f"{verdict.group}\n{verdict.failure}" for verdict in verdicts if verdict.failure]
