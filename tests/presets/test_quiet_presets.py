"""A day on which nothing is wrong, for every preset: no alert fires, and each panel of the overview shows something."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from played import FLEET, SERVICE, shown

from llmmon import pipeline, preset, promql
from llmmon.tool import Found, Tools

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.plan import Service

HERE = Path(__file__).parent
MINUTES = 180
SHOWN_AT = "55m"


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The rules of one service for each preset."""
    root = tmp_path_factory.mktemp("quiet")
    (root / "specs").mkdir()
    (root / "specs/fleet.yaml").write_text(FLEET)
    for name in preset.names():
        (root / f"specs/{name}.yaml").write_text(SERVICE.format(name=f"uses-{name}", uses=name))
    return root


@pytest.fixture(scope="module")
def services(scratch: Path) -> dict[str, Service]:
    specs = pipeline.read([scratch / "specs"])
    pipeline.build(specs, scratch / "generated", verify=False)
    fleet, problems = pipeline.planned(specs)
    return {service.name: service for service in pipeline.lowered(specs, fleet, problems)}


def test_every_preset_has_a_quiet_day_and_nothing_else_has() -> None:
    assert sorted(path.parent.name for path in HERE.glob("*/quiet.txt")) == list(preset.names())


@pytest.mark.parametrize("name", preset.names())
def test_a_quiet_day_fires_nothing_and_shows_everything(name: str, scratch: Path, services: dict[str, Service]) -> None:
    test = {
        "rule_files": [f"generated/prometheus/rules/production/uses-{name}.yaml"],
        "tests": [
            {
                "interval": "1m",
                "input_series": list(series(name)),
                "promql_expr_test": [*silent(), *shown(services[f"uses-{name}"], SHOWN_AT)],
            }
        ],
    }
    tools = Tools(scratch, os.environ)
    if not isinstance(tools.find("promtool"), Found):
        pytest.skip("promtool is not on PATH")
    (scratch / f"{name}.yaml").write_text(yaml.safe_dump(test))
    ran = tools.run("promtool", ("test", "rules", PurePosixPath(f"{name}.yaml")))
    assert ran.code == 0, ran.stdout + ran.stderr


def series(name: str) -> Iterator[dict[str, str]]:
    """The lines of the file, of this service in this environment unless they say otherwise."""
    lines = [line for line in (HERE / name / "quiet.txt").read_text().splitlines() if not line.startswith("#")]
    up = [f'up{{instance="{one}"}} 1x{MINUTES}' for one in "ab"] if not any(x.startswith("up{") for x in lines) else []
    for line in (*lines, *up):
        head, brace, tail = line.rpartition("} ")
        written, values = (f"{head}}}", tail) if brace else line.split(" ", 1)
        found = promql.parse(written)
        assert isinstance(found, promql.Selector)
        said = {matcher.label: matcher.value for matcher in found.matchers}
        assert found.name
        labels = {"job": f"uses-{name}", "env": "production", **said}
        yield {"series": promql.selector(found.name, labels), "values": values}


def silent() -> Iterator[dict[str, Any]]:
    for minute in range(1, MINUTES, 4):
        yield {"expr": 'ALERTS{alertstate="firing"}', "eval_time": f"{minute}m", "exp_samples": []}
