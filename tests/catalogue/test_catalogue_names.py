"""Names that come by OTLP, and presets that are otherwise in some versions."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from llmmon import catalogue, pipeline, preset
from llmmon.catalogue import relabel
from llmmon.source.document import Document
from llmmon.tool import Found, Tools

if TYPE_CHECKING:
    from conftest import Fleet

TTFT = "gen_ai_server_time_to_first_token_seconds"
SERVICE = """\
service: llama
team: inference
selector: {job: otlp}
uses: {otel-genai: {translation: %s}}
signals:
  errors:
    ratio:
      bad: 'gen_ai_server_request_duration_seconds_count{error_type!=""}'
      total: gen_ai_server_request_duration_seconds_count
    by: [gen_ai_request_model]
alerts:
  HighErrorRate: {signal: errors, above: 5%%, for: 5m, severity: info, category: errors}
"""


@pytest.mark.parametrize(
    ("strategy", "name"),
    [
        ("UnderscoreEscapingWithSuffixes", TTFT),
        ("UnderscoreEscapingWithoutSuffixes", "gen_ai_server_time_to_first_token"),
        ("NoUTF8EscapingWithSuffixes", "gen_ai.server.time_to_first_token_seconds"),
        ("NoTranslation", "gen_ai.server.time_to_first_token"),
    ],
)
def test_each_strategy_of_prometheus_has_its_names(strategy: str, name: str) -> None:
    form = catalogue.read("otel-genai").at()[TTFT]
    assert relabel.translated(form, strategy) == name


def test_what_does_not_come_by_otlp_keeps_its_name() -> None:
    form = catalogue.read("vllm").at()["vllm:num_requests_running"]
    assert relabel.translated(form, "NoTranslation") == "vllm:num_requests_running"


def test_dotted_metrics_and_labels_are_quoted(fleet: Fleet) -> None:
    fleet.edit("specs/fleet.yaml", "fleet: acme\n", 'fleet: acme\nversions: {prometheus: "3.5"}\n')
    fleet.write("specs/chat.yaml", SERVICE % "NoTranslation")
    said = fleet.run("explain", "llama/HighErrorRate", "--environment", "production").out
    assert '{"gen_ai.server.request.duration_count","error.type"!=""' in said.replace(" ", "")
    assert '"gen_ai.request.model"' in said
    assert "gen_ai_server_request" not in said


def test_dots_need_prometheus_3(fleet: Fleet) -> None:
    fleet.edit("specs/fleet.yaml", "fleet: acme\n", 'fleet: acme\nversions: {prometheus: "2.42"}\n')
    fleet.write("specs/chat.yaml", SERVICE % "NoTranslation")
    said = (
        "NoTranslation keeps dots in names, which Prometheus 2.42 cannot read: write UnderscoreEscapingWithSuffixes "
        "[dotted-names]"
    )
    assert any(line.endswith(said) for line in fleet.run("generate").problems)


def test_an_old_promtool_is_not_asked_about_dots(fleet: Fleet) -> None:
    found = Tools(fleet.root, os.environ).find("promtool")
    if not isinstance(found, Found) or not found.version or found.version >= (3,):
        pytest.skip("there is no promtool here that cannot read names with dots")
    fleet.edit("specs/fleet.yaml", "fleet: acme\n", 'fleet: acme\nversions: {prometheus: "3.5"}\n')
    fleet.write("specs/chat.yaml", SERVICE % "NoTranslation")
    fleet.write("specs/store.yaml", "service: store\nteam: inference\nselector: {job: store}\nuses: [qdrant]\n")
    ran = fleet.run("generate")
    assert [line for line in ran.problems if ": error: " in line] == []
    assert "store.yaml" not in ran.err, "patterns have dots too"
    assert "not verified: Prometheus rules with names that have dots, prometheus/rules/production/llama.yaml" in ran.err
    assert (fleet.root / "generated/prometheus/rules/production/llama.yaml").exists()


def test_a_test_of_a_preset_has_the_fleets_names(fleet: Fleet) -> None:
    fleet.edit("specs/fleet.yaml", "fleet: acme\n", 'fleet: acme\nversions: {prometheus: "3.5"}\n')
    service = (SERVICE % "NoTranslation").partition("signals:")[0].replace("otel-genai", "otel-genai-server")
    fleet.write("specs/chat.yaml", service)
    specs = pipeline.read([fleet.root / "specs"])
    plan, problems = pipeline.planned(specs)
    llama = next(service for service in pipeline.lowered(specs, plan, problems) if service.name == "llama")
    coarse = next(alert for alert in llama.rules[0].alerts if alert.name == "BucketsTooCoarse")
    assert coarse.tests[0].fires == ('{"gen_ai.server.request.duration_bucket",le="7500.0"} 0+5x60',)


VARIED = preset.Preset(
    "vllm",
    Document("x", ""),
    {"signals": {"kv": {"gauge": "new"}, "queue": {"gauge": "q"}}},
    ("vllm",),
    (
        {"until": "0.9", "signals": {"kv": {"gauge": "old"}}},
        {"since": "0.20", "signals": {"reasons": {"gauge": "r"}}},
    ),
)


@pytest.mark.parametrize(
    ("version", "kv", "roles"),
    [
        ((0, 8), "old", {"kv", "queue"}),
        ((0, 9), "new", {"kv", "queue"}),
        ((0, 33), "new", {"kv", "queue", "reasons"}),
        (None, "new", {"kv", "queue", "reasons"}),
    ],
)
def test_a_preset_is_otherwise_in_some_versions(version: tuple[int, ...] | None, kv: str, roles: set[str]) -> None:
    signals = VARIED.at(version).data["signals"]
    assert isinstance(signals, dict)
    assert signals["kv"] == {"gauge": kv}
    assert signals.keys() == roles


def test_the_parts_of_a_histogram_are_counters(fleet: Fleet) -> None:
    text = SERVICE % "UnderscoreEscapingWithSuffixes"
    fleet.write("specs/chat.yaml", text)
    ran = fleet.run("generate")
    assert [line for line in ran.problems if ": error: " in line] == []
    rules = (fleet.root / "generated/prometheus/rules/production/llama.yaml").read_text()
    assert "rate(gen_ai_server_request_duration_seconds_count" in rules


def test_a_histogram_itself_is_no_counter(fleet: Fleet) -> None:
    text = (SERVICE % "UnderscoreEscapingWithSuffixes").replace(
        "total: gen_ai_server_request_duration_seconds_count", "total: gen_ai_server_request_duration_seconds"
    )
    fleet.write("specs/chat.yaml", text)
    assert any("is a histogram: write histogram:" in line for line in fleet.run("generate").problems)
