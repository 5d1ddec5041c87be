"""The presets of calls of models, gateways, stores and runtimes: proved, never empty, and only what a version has."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from played import FLEET, SERVICE, Made, given, judge, make, named, played, shown, unproved

from llmmon import catalogue, pipeline, preset
from llmmon.catalogue import version as versions

if TYPE_CHECKING:
    from pathlib import Path

# Versions between which a preset differs, the newest first; None is a preset without versions.
PRESETS: dict[str, tuple[str | None, ...]] = {
    "otel-genai": ("1.42", "1.41", "1.40", "1.36"),
    "otel-genai-server": (None,),
    "qdrant": ("1.19", "1.16", "1.13"),
    "qdrant-cluster": (None,),
    "postgres": ("0.20", "0.16", "0.13", "0.11"),
    "redis": (None,),
    "milvus": (None,),
    "envoy-ai-gateway": ("1.1", "0.4"),
    "fastapi": (None,),
    "go-runtime": (None,),
    "python-runtime": (None,),
    "pods": (None,),
    "volumes": (None,),
}
EVERY = [(name, version) for name, several in PRESETS.items() for version in several]
NEWEST = [(name, several[0]) for name, several in PRESETS.items()]
# Whose panels are asked here; those of a catalogue's default version are asked of a real Prometheus elsewhere.
OTHERS = [
    ("otel-genai", "1.42"),
    ("otel-genai", "1.36"),
    ("qdrant", "1.13"),
    ("postgres", "0.11"),
    ("envoy-ai-gateway", "0.4"),
]


def label(value: object) -> str:
    return str(value)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """One service for each version of each preset."""
    return make(tmp_path_factory.mktemp("stores"), [*EVERY, ("http", None)])


def test_every_version_compiles_without_a_problem(made: Made) -> None:
    assert made.messages == []


@pytest.mark.parametrize(("name", "version"), NEWEST, ids=label)
def test_every_alert_fires_on_its_incident_and_is_silent_otherwise(name: str, version: str | None, made: Made) -> None:
    assert unproved(made, named(name, version)) == []


@pytest.mark.parametrize(("name", "version"), OTHERS, ids=label)
def test_no_panel_stays_empty(name: str, version: str, made: Made) -> None:
    service = named(name, version)
    pages = played(made, name, version, opt_in=version == "1.42")
    judge(made, service, {"input_series": pages, "promql_expr_test": list(shown(made.services[service]))})


@pytest.mark.parametrize(("name", "version"), EVERY, ids=label)
def test_a_name_is_asked_for_only_where_it_exists(name: str, version: str | None, made: Made) -> None:
    read = catalogue.read(preset.load(name).versioned or name)
    asked = {re.sub(r"_(?:bucket|sum|count)\Z", "", word) for word in made.asked(named(name, version))}
    asked &= read.forms.keys()
    assert asked
    assert asked <= read.at(versions.parse(version) if version else None).keys()


@pytest.mark.parametrize(("name", "version"), NEWEST, ids=label)
def test_every_alert_on_a_signal_has_a_panel_beside_it(name: str, version: str | None, made: Made) -> None:
    boards = [board for board in made.services[named(name, version)].dashboards if board.name == name]
    seen = {alert for board in boards for row in board.rows for panel in row.panels for alert, _ in panel.alerts}
    written = preset.load(name).at(versions.parse(version) if version else None).data["alerts"]
    assert isinstance(written, dict)
    watched = {alert for alert, what in written.items() if isinstance(what, dict) and "signal" in what}
    assert watched
    assert watched <= seen


@pytest.mark.parametrize("name", PRESETS)
@pytest.mark.parametrize("ground", ["kubernetes", "process"])
def test_it_goes_with_what_it_runs_on(name: str, ground: str) -> None:
    for section in ("signals", "alerts"):
        mine, theirs = (preset.load(one).data.get(section) or {} for one in (name, ground))
        assert isinstance(mine, dict)
        assert isinstance(theirs, dict)
        assert mine.keys() & theirs.keys() == set()


@pytest.mark.parametrize(("style", "share"), [("500", "0.2"), ("5xx", "0.2"), ("error", "0")])
def test_http_finds_codes_and_classes_of_status_and_no_outcomes(style: str, share: str, made: Made) -> None:
    lines = f'http_requests_total{{status="{style}"}} 0+20x60\nhttp_requests_total{{status="200"}} 0+80x60'
    errors = {"labels": '{environment="production",service="http"}', "value": float(share)}
    look = {"expr": "round(service:errors_ratio:rate5m, 0.01)", "eval_time": "30m", "exp_samples": [errors]}
    judge(made, "http", {"input_series": given(lines, "http"), "promql_expr_test": [look]})


def test_an_outcome_can_be_said(tmp_path: Path) -> None:
    (tmp_path / "fleet.yaml").write_text(FLEET)
    said = "signals: {errors: {ratio: {bad: 'http_requests_total{status=\"%s\"}', total: http_requests_total}}}\n"
    for name in ("error", "eror"):
        (tmp_path / f"{name}.yaml").write_text(SERVICE.format(name=name, uses="http") + said % name)
    built = pipeline.build(pipeline.read([tmp_path]), tmp_path / "generated", verify=False)
    assert [problem.message for problem in built.problems] == [
        "status of http_requests_total is never 'eror': did you mean 'error'?"
    ]
