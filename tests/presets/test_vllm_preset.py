"""The preset of vLLM: at each version only what that version has, and no panel that stays empty."""

from __future__ import annotations

import os
import re
from datetime import timedelta
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from test_quiet_presets import shown
from test_stack_presets import FLEET, SERVICE

from llmmon import pipeline, play, preset
from llmmon.catalogue import version as versions
from llmmon.prove import prove
from llmmon.source import Document
from llmmon.tool import Found, Tools

if TYPE_CHECKING:
    from collections.abc import Iterable

    from llmmon.plan import Service
    from llmmon.source import Value

VERSIONS = ("0.8", "0.9", "0.10", "0.12", "0.19", "0.33")
PROVED = ("0.8", "0.19", "0.33")  # promtool takes half a minute for each
MINUTES = 60
METRIC = re.compile(r"(?:vllm:|http_)\w+|\bup\b")
GONE = {  # a name, and the first version that must not be asked for it
    "vllm:gpu_cache_usage_perc": "0.9",
    "vllm:gpu_prefix_cache_hits_total": "0.9",
    "vllm:time_per_output_token_seconds": "0.10",
}
# What the overview that comes with vLLM asks for, where it need not be turned on.
OVERVIEW = {
    "http_request_duration_seconds",
    "http_requests_total",
    "up",
    "vllm:e2e_request_latency_seconds",
    "vllm:generation_tokens_total",
    "vllm:inter_token_latency_seconds",
    "vllm:iteration_tokens_total",
    "vllm:kv_cache_usage_perc",
    "vllm:mm_cache_hits_total",
    "vllm:mm_cache_queries_total",
    "vllm:num_preemptions_total",
    "vllm:num_requests_running",
    "vllm:num_requests_waiting",
    "vllm:num_requests_waiting_by_reason",
    "vllm:prefix_cache_hits_total",
    "vllm:prefix_cache_queries_total",
    "vllm:prompt_tokens_by_source_total",
    "vllm:prompt_tokens_total",
    "vllm:request_generation_tokens",
    "vllm:request_prompt_tokens",
    "vllm:request_success_total",
    "vllm:request_time_per_output_token_seconds",
    "vllm:time_to_first_token_seconds",
}


def named(version: str) -> str:
    return f"at-{version.replace('.', '-')}"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, pipeline.Built]:
    """One service for each version."""
    root = tmp_path_factory.mktemp("vllm")
    (root / "specs").mkdir()
    (root / "specs/fleet.yaml").write_text(FLEET)
    for version in VERSIONS:
        spec = SERVICE.format(name=named(version), uses="").replace("[]", f'{{vllm: "{version}"}}')
        (root / f"specs/{named(version)}.yaml").write_text(spec)
    return root, pipeline.build(pipeline.read([root / "specs"]), root / "generated", verify=False)


@pytest.fixture
def scratch(made: tuple[Path, pipeline.Built]) -> Path:
    return made[0]


@pytest.fixture
def built(made: tuple[Path, pipeline.Built]) -> pipeline.Built:
    return made[1]


@pytest.fixture(scope="module")
def services(made: tuple[Path, pipeline.Built]) -> dict[str, Service]:
    specs = pipeline.read([made[0] / "specs"])
    fleet, problems = pipeline.planned(specs)
    return {service.name: service for service in pipeline.lowered(specs, fleet, problems)}


@pytest.fixture
def tools(scratch: Path) -> Tools:
    tools = Tools(scratch, os.environ)
    if not isinstance(tools.find("promtool"), Found):
        pytest.skip("promtool is not on PATH")
    return tools


def test_every_version_compiles_without_a_problem(built: pipeline.Built) -> None:
    assert [problem.message for problem in built.problems] == []


@pytest.mark.parametrize("version", PROVED)
def test_every_alert_fires_on_its_incident_and_is_silent_otherwise(version: str, scratch: Path, tools: Tools) -> None:
    files = sorted(scratch.glob(f"generated/prometheus/tests/production/{named(version)}*.yaml"))
    verdicts = list(prove(files, tools))
    assert verdicts
    assert [f"{verdict.group}\n{verdict.failure}" for verdict in verdicts if verdict.failure] == []


@pytest.mark.parametrize("version", VERSIONS)
def test_a_name_is_asked_for_only_where_it_exists(version: str, scratch: Path) -> None:
    asked = asked_for(scratch, version)
    of, here = versions.parse(version), play.page([("vllm", versions.parse(version))])
    assert of
    for name, gone in GONE.items():
        first = versions.parse(gone)
        assert first
        assert any(metric.startswith(name) for metric in asked) == (of < first), name
    assert {metric for metric in asked if metric.startswith("vllm:") and metric not in here} == set()


def test_an_alert_waits_for_the_version_that_can_tell(built: pipeline.Built) -> None:
    made = {(fact.labels["alertname"], fact.labels["service"]) for fact in built.facts}
    assert [name for name in VERSIONS if ("EngineErrors", named(name)) in made] == ["0.19", "0.33"]
    assert [name for name in VERSIONS if ("AdmissionRejections", named(name)) in made] == ["0.33"]


def test_the_dashboards_ask_for_all_that_vllms_own_overview_does(scratch: Path) -> None:
    asked = {re.sub(r"_(?:bucket|sum|count)\Z", "", metric) for metric in asked_for(scratch, "0.33")}
    assert asked >= OVERVIEW


def test_every_alert_of_the_engines_has_a_panel_beside_it(services: dict[str, Service]) -> None:
    boards = [board for board in services[named("0.33")].dashboards if board.name == "vllm"]
    seen = {name for board in boards for row in board.rows for panel in row.panels for name, _ in panel.alerts}
    written = preset.load("vllm").at(versions.parse("0.33")).data["alerts"]
    assert isinstance(written, dict)
    assert set(written) <= seen


@pytest.mark.parametrize("version", VERSIONS)
def test_no_panel_stays_empty(version: str, scratch: Path, services: dict[str, Service], tools: Tools) -> None:
    service = named(version)
    group = {"interval": "1m", "input_series": played(version), "promql_expr_test": list(shown(services[service]))}
    judge(tools, scratch, service, [group])


def test_a_fleet_that_relabels_is_asked_for_its_own_names(tmp_path: Path) -> None:
    (tmp_path / "fleet.yaml").write_text(FLEET)
    uses = '{vllm: {version: "0.19", prefix: kserve_}}'
    (tmp_path / "chat.yaml").write_text(SERVICE.format(name="chat", uses="").replace("[]", uses))
    pipeline.build(pipeline.read([tmp_path]), tmp_path / "generated", verify=False)
    rules = (tmp_path / "generated/prometheus/rules/production/chat.yaml").read_text()
    assert "kserve_vllm:num_requests_running" in rules
    assert re.findall(r"(?<!kserve_)vllm:\w+", rules) == []


def test_a_start_may_take_ten_minutes(services: dict[str, Service]) -> None:
    health = services[named("0.33")].health
    assert health
    startup = health.probes["startup"]
    assert startup.period * startup.failures == timedelta(minutes=10)
    assert health.probes["liveness"].period * health.probes["liveness"].failures == timedelta(minutes=1)


@pytest.mark.parametrize("port", [8000, 9000])
def test_probes_are_brought_only_where_there_is_a_workload(port: int) -> None:
    document = Document("chat.yaml", "")
    bare: dict[str, Value] = {"uses": {"vllm": "0.33"}}
    assert "health" not in preset.expand(bare, document, ())[0].data
    own: dict[str, Value] = {**bare, "workload": {"namespace": "a", "name": "b"}, "health": {"port": port}}
    health = preset.expand(own, document, ())[0].data["health"]
    assert isinstance(health, dict)
    assert (health["port"], set(health)) == (port, {"port", "liveness", "readiness", "startup"})


HUNG = """
vllm:num_requests_running{engine="0",instance="a",model_name="m"} 4x40
vllm:num_requests_running{engine="1",instance="a",model_name="m"} 4x40
vllm:num_requests_running{engine="0",instance="b",model_name="m"} 0x40
vllm:generation_tokens_total{engine="0",instance="a",model_name="m"} 0+600x40
vllm:generation_tokens_total{engine="1",instance="a",model_name="m"} 0+600x10 6000x30
vllm:generation_tokens_total{engine="0",instance="b",model_name="m"} 6000x40
vllm:prompt_tokens_total{engine="0",instance="a",model_name="m"} 0+600x40
vllm:prompt_tokens_total{engine="1",instance="a",model_name="m"} 0+600x10 6000x30
vllm:prompt_tokens_total{engine="0",instance="b",model_name="m"} 6000x40
"""
FULL = """
vllm:kv_cache_usage_perc{engine="0",instance="a",model_name="m"} 0.99x60
vllm:kv_cache_usage_perc{engine="0",instance="b",model_name="m"} 0.99x60
vllm:kv_cache_usage_perc{engine="0",instance="c",model_name="m"} 0.5x60
vllm:num_preemptions_total{engine="0",instance="a",model_name="m"} 0+30x60
vllm:num_preemptions_total{engine="0",instance="b",model_name="m"} 0x60
vllm:num_preemptions_total{engine="0",instance="c",model_name="m"} 0+30x60
"""


@pytest.mark.parametrize(
    ("alert", "text", "who"),
    [
        ("EngineStalled", HUNG, '{engine="1",instance="a"}'),
        ("KVCacheThrashing", FULL, '{engine="0",instance="a"}'),
    ],
)
def test_an_engine_is_told_apart_from_those_beside_it(
    alert: str, text: str, who: str, scratch: Path, tools: Tools
) -> None:
    service = named("0.33")
    lines = [line.partition("} ") for line in text.strip().splitlines()]
    given = [{"series": f'{start},job="{service}",env="production"}}', "values": values} for start, _, values in lines]
    firing = f'count by (engine, instance) (ALERTS{{alertname="{alert}",alertstate="firing"}})'
    look = {"expr": firing, "eval_time": "35m", "exp_samples": [{"labels": who, "value": 1}]}
    judge(tools, scratch, service, [{"interval": "1m", "input_series": given, "promql_expr_test": [look]}])


def asked_for(scratch: Path, version: str) -> set[str]:
    """The metrics in the rules and dashboards of a version, as a server exposes them."""
    name = named(version)
    folder = scratch / "generated"
    paths = [folder / f"prometheus/rules/production/{name}.yaml", *folder.glob(f"grafana/dashboards/{name}/*.json")]
    return {metric for path in paths for metric in METRIC.findall(path.read_text()) if metric != "http_requests"}


def played(version: str) -> list[dict[str, str]]:
    """An hour of what a server of that version exposes."""
    uses = [("vllm", versions.parse(version)), ("fastapi", None)]
    values: dict[str, list[str]] = {}
    for minute in range(MINUTES):
        for line in play.page(uses, at=60.0 * minute + 1).splitlines():
            if not line.startswith("#"):
                series, _, value = line.rpartition(" ")
                values.setdefault(labelled(series, named(version)), []).append(value)
    values[labelled("up", named(version))] = ["1"] * MINUTES
    return [{"series": series, "values": " ".join(each)} for series, each in values.items()]


def labelled(series: str, service: str) -> str:
    name, _, rest = series.partition("{")
    inner = rest.removesuffix("}")
    return f'{name}{{{inner}{"," if inner else ""}instance="a",job="{service}",env="production"}}'


def judge(tools: Tools, scratch: Path, service: str, groups: Iterable[dict[str, Any]]) -> None:
    test = {"rule_files": [f"generated/prometheus/rules/production/{service}.yaml"], "tests": list(groups)}
    (scratch / "judged.yaml").write_text(yaml.safe_dump(test))
    ran = tools.run("promtool", ("test", "rules", PurePosixPath("judged.yaml")))
    assert ran.code == 0, ran.stdout + ran.stderr
