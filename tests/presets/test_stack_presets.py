"""The presets of the stack and of what is asked from outside: each alert proved, metrics as servers expose them."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest
from played import FLEET, SERVICE

from llmmon import catalogue, pipeline, preset
from llmmon.prove import prove
from llmmon.tool import Tools

HERE = Path(__file__).parent
STACK = ("alertmanager", "blackbox", "elasticsearch", "filebeat", "logstash", "otel-collector", "prometheus")
SERVICES = ("certificate", "health", "health-report", "outside")
# What /metrics of these servers says, from Prometheus 2.42, Alertmanager 0.25, and of a primary and a replica
# postgres_exporter 0.20.1 and redis_exporter 1.88.0: lines of the catalogues' metrics.
EXPOSED = {"prometheus": "prometheus-server", "alertmanager": "alertmanager", "postgres": "postgres", "redis": "redis"}
TYPE = re.compile(r"# TYPE (?P<name>\S+) (?P<type>\w+)")
SAMPLE = re.compile(r"(?P<name>\w+)(?:\{(?P<labels>.*)\})? \S+\Z")
LABEL = re.compile(r'(?P<name>\w+)="(?P<value>[^"]*)"')


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, pipeline.Built]:
    """One service per preset, and one that uses all of the stack's."""
    root = tmp_path_factory.mktemp("stack")
    (root / "specs").mkdir()
    (root / "specs/fleet.yaml").write_text(FLEET)
    for name in (*STACK, *SERVICES):
        (root / f"specs/{name}.yaml").write_text(SERVICE.format(name=f"uses-{name}", uses=name))
    (root / "specs/all.yaml").write_text(SERVICE.format(name="uses-all", uses=", ".join(STACK)))
    folder = root / "generated"
    return folder, pipeline.build(pipeline.read([root / "specs"]), folder, verify=False)


def test_the_presets_compile_without_a_problem(built: tuple[Path, pipeline.Built]) -> None:
    assert [problem.message for problem in built[1].problems] == []


def test_together_they_keep_every_alert_of_each(built: tuple[Path, pipeline.Built]) -> None:
    made = {fact.labels["alertname"] for fact in built[1].facts if fact.labels["service"] == "uses-all"}
    written = [name for item in STACK for name in preset.load(item).data["alerts"]]  # type: ignore[union-attr]
    assert len(written) == len(set(written)), "two presets bring one name: together one would patch the other"
    assert set(written) <= made


@pytest.mark.skipif(not shutil.which("promtool"), reason="promtool is not on PATH")
def test_every_alert_fires_on_its_incident_and_is_silent_otherwise(
    built: tuple[Path, pipeline.Built], tmp_path: Path
) -> None:
    files = sorted(built[0].glob("prometheus/tests/production/*.yaml"))
    verdicts = list(prove(files, Tools(tmp_path, os.environ)))
    assert {verdict.file.name.partition(".")[0] for verdict in verdicts} == {
        f"uses-{name}" for name in (*STACK, *SERVICES, "all")
    }
    assert [f"{verdict.file.name}, {verdict.group}\n{verdict.failure}" for verdict in verdicts if verdict.failure] == []


@pytest.mark.parametrize("server", EXPOSED)
def test_the_catalogue_is_what_the_server_exposes(server: str) -> None:
    types: dict[str, str] = {}
    labels: dict[str, dict[str, set[str]]] = {}
    for line in (HERE / server / "metrics.txt").read_text().splitlines():
        if found := TYPE.match(line):
            types[found["name"]] = found["type"].replace("untyped", "gauge")
        elif sample := SAMPLE.match(line):
            for pair in LABEL.finditer(sample["labels"] or ""):
                labels.setdefault(sample["name"], {}).setdefault(pair["name"], set()).add(pair["value"])
    metrics = catalogue.load(EXPOSED[server])
    assert types == {name: metric.type for name, metric in metrics.items()}
    for name, metric in metrics.items():
        exposed = labels.get(name, {})
        assert exposed.keys() - {"quantile"} <= metric.labels.keys(), name
        for label, values in exposed.items():
            known = metric.labels.get(label)
            assert known is None or values <= known, (name, label)
