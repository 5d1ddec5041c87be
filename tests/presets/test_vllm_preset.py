"""The preset of vLLM: at each version only what that version has, and no panel that stays empty."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from played import FLEET, SERVICE, Made, given, judge, make, named, played, shown, unproved

from llmmon import pipeline, play, preset
from llmmon.catalogue import version as versions
from llmmon.source.document import Document

if TYPE_CHECKING:
    from pathlib import Path

    from llmmon.source.values import Value

VERSIONS = ("0.8", "0.9", "0.10", "0.12", "0.19", "0.33")
NEWEST = named("vllm", VERSIONS[-1])
PROVED = ("0.8", "0.33")
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


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """One service for each version."""
    return make(tmp_path_factory.mktemp("vllm"), (("vllm", version) for version in VERSIONS))


def test_every_version_compiles_without_a_problem(made: Made) -> None:
    assert made.messages == []


@pytest.mark.parametrize("version", PROVED)
def test_every_alert_fires_on_its_incident_and_is_silent_otherwise(version: str, made: Made) -> None:
    assert unproved(made, named("vllm", version)) == []


@pytest.mark.parametrize("version", VERSIONS)
def test_a_name_is_asked_for_only_where_it_exists(version: str, made: Made) -> None:
    asked = made.asked(named("vllm", version))
    of, here = versions.parse(version), play.page([("vllm", versions.parse(version))])
    assert of
    for name, gone in GONE.items():
        first = versions.parse(gone)
        assert first
        assert any(metric.startswith(name) for metric in asked) == (of < first), name
    assert {metric for metric in asked if metric.startswith("vllm:") and metric not in here} == set()


def test_an_alert_waits_for_the_version_that_can_tell(made: Made) -> None:
    alerts = {version: made.alerts(named("vllm", version)) for version in VERSIONS}
    assert [version for version in VERSIONS if "EngineErrors" in alerts[version]] == ["0.19", "0.33"]
    assert [version for version in VERSIONS if "AdmissionRejections" in alerts[version]] == ["0.33"]


def test_the_dashboards_ask_for_all_that_vllms_own_overview_does(made: Made) -> None:
    asked = {re.sub(r"_(?:bucket|sum|count)\Z", "", metric) for metric in made.asked(NEWEST)}
    assert asked >= OVERVIEW


def test_every_alert_of_the_engines_has_a_panel_beside_it(made: Made) -> None:
    boards = [board for board in made.services[NEWEST].dashboards if board.name == "vllm"]
    seen = {name for board in boards for row in board.rows for panel in row.panels for name, _ in panel.alerts}
    written = preset.load("vllm").at(versions.parse(VERSIONS[-1])).data["alerts"]
    assert isinstance(written, dict)
    assert set(written) <= seen


@pytest.mark.parametrize("version", VERSIONS)
def test_no_panel_stays_empty(version: str, made: Made) -> None:
    service = named("vllm", version)
    seen = list(shown(made.services[service]))
    judge(made, service, {"input_series": played(made, "vllm", version), "promql_expr_test": seen})


def test_a_fleet_that_relabels_is_asked_for_its_own_names(tmp_path: Path) -> None:
    (tmp_path / "fleet.yaml").write_text(FLEET)
    uses = '{vllm: {version: "0.19", prefix: kserve_}}'
    (tmp_path / "chat.yaml").write_text(SERVICE.format(name="chat", uses="").replace("[]", uses))
    pipeline.build(pipeline.read([tmp_path]), tmp_path / "generated", verify=False)
    rules = (tmp_path / "generated/prometheus/rules/production/chat.yaml").read_text()
    assert "kserve_vllm:num_requests_running" in rules
    pages = "".join(path.read_text() for path in (tmp_path / "generated/runbooks").rglob("*.md"))
    assert "kserve_vllm:num_requests_waiting" in pages
    assert re.findall(r"(?<!kserve_)vllm:\w+", rules + pages) == []


def test_a_start_may_take_ten_minutes(made: Made) -> None:
    health = made.services[NEWEST].health
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
def test_an_engine_is_told_apart_from_those_beside_it(alert: str, text: str, who: str, made: Made) -> None:
    firing = f'count by (engine, instance) (ALERTS{{alertname="{alert}",alertstate="firing"}})'
    look = {"expr": firing, "eval_time": "35m", "exp_samples": [{"labels": who, "value": 1}]}
    judge(made, NEWEST, {"input_series": given(text, NEWEST), "promql_expr_test": [look]})
