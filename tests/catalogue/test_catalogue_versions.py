# ruff: noqa: E501 - messages are pinned whole, one to a line
"""Versions and names: what exists in which version, what is said of the rest, and what a relabelling fleet has."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from llmmon import catalogue
from llmmon.catalogue import version as versions

if TYPE_CHECKING:
    from conftest import Fleet

SERVICE = """\
service: llama
team: inference
selector: {job: vllm}
uses: %s
signals:
  kv: {gauge: '%s'}
"""


def ask(fleet: Fleet, uses: str, metric: str) -> list[str]:
    """What is said of a service with one signal."""
    fleet.write("specs/chat.yaml", SERVICE % (uses, metric))
    return [line for line in fleet.run("generate", "--diff").problems if line.startswith("specs/chat.yaml:")]


@pytest.mark.parametrize(
    ("text", "parsed"),
    [("0.19", (0, 19)), ("v1.106.2", (1, 106, 2)), ("0.8.5.post1", (0, 8, 5)), ("2.6.7-rc1", (2, 6, 7))],
)
def test_versions_are_numbers(text: str, parsed: versions.Version) -> None:
    assert versions.parse(text) == parsed


@pytest.mark.parametrize("text", ["", "latest", "1.x", "1..2", "-1", "1." + "1" * 30])
def test_what_is_no_version(text: str) -> None:
    assert versions.parse(text) is None


def test_a_version_said_in_part_is_its_newest() -> None:
    assert versions.reaches((0, 10), (0, 10, 2))
    assert not versions.reaches((0, 10, 1), (0, 10, 2))
    assert versions.within((0, 11), (0, 9), (0, 12))
    assert not versions.within((0, 12, 0), (0, 9), (0, 12))


@pytest.mark.parametrize(
    ("version", "there", "gone"),
    [
        ("0.8", "vllm:gpu_cache_usage_perc", "vllm:kv_cache_usage_perc"),
        ("0.10.2", "vllm:gpu_cache_usage_perc", "vllm:request_time_per_output_token_seconds"),
        ("0.12", "vllm:inter_token_latency_seconds", "vllm:time_per_output_token_seconds"),
        ("0.33", "vllm:admission_rejections_total", "vllm:prompt_tokens_recomputed_total"),
    ],
)
def test_a_version_has_its_own_metrics(version: str, there: str, gone: str) -> None:
    metrics = catalogue.load("vllm", versions.parse(version))
    assert there in metrics
    assert gone not in metrics
    assert gone in catalogue.read("vllm").absent(versions.parse(version))


def test_a_metric_takes_the_form_of_its_version() -> None:
    name = "litellm_request_total_latency_metric"
    old, new = (catalogue.load("litellm", versions.parse(text))[name].buckets for text in ("1.82", "1.85"))
    assert len(old) > len(new)
    reasons = catalogue.load("vllm", (0, 12))["vllm:request_success_total"].labels["finished_reason"]
    assert reasons == frozenset({"stop", "length", "abort"})


@pytest.mark.parametrize(
    ("version", "said"),
    [
        ((0, 40), "newer than what the catalogue knows (0.8 to 0.33): its metrics are taken to be those of 0.33"),
        ((0, 7, 3), "older than what the catalogue knows (0.8 to 0.33): its metrics are taken to be those of 0.8"),
        ((0, 33, 1), ""),
        ((0, 8), ""),
    ],
)
def test_an_unknown_version_is_taken_for_a_neighbour(version: versions.Version, said: str) -> None:
    assert catalogue.read("vllm").assumed(version).endswith(said)
    assert bool(catalogue.read("vllm").assumed(version)) == bool(said)


def test_a_catalogue_can_be_used_without_a_preset(fleet: Fleet) -> None:
    assert ask(fleet, "[litellm]", "litellm_deployment_state") == []


@pytest.mark.parametrize(
    ("uses", "metric", "said"),
    [
        (
            '{vllm: "0.19"}',
            "vllm:gpu_cache_usage_perc",
            "unknown metric 'vllm:gpu_cache_usage_perc': vLLM 0.19 does not have it any more: it went in 0.11, write vllm:kv_cache_usage_perc",
        ),
        (
            '{vllm: {version: "0.8"}}',
            "vllm:kv_cache_usage_perc",
            "unknown metric 'vllm:kv_cache_usage_perc': vLLM 0.8 does not have it yet: it came in 0.9, write vllm:gpu_cache_usage_perc",
        ),
        (
            '{vllm: "0.12"}',
            "vllm:time_per_output_token_seconds_sum",
            "unknown metric 'vllm:time_per_output_token_seconds_sum': vLLM 0.12 does not have it any more: it went in 0.12, write vllm:inter_token_latency_seconds",
        ),
        (
            '{vllm: "0.33"}',
            "vllm:prompt_tokens_recomputed_total",
            "unknown metric 'vllm:prompt_tokens_recomputed_total': vLLM 0.33 does not have it any more: it went in 0.20, and nothing replaced it",
        ),
        (
            "[vllm]",
            "vllm:kv_cache_usage_percent",
            "unknown metric 'vllm:kv_cache_usage_percent': did you mean 'vllm:kv_cache_usage_perc'?",
        ),
    ],
)
def test_a_metric_of_another_version_is_an_error_that_says_what_to_write(
    fleet: Fleet, uses: str, metric: str, said: str
) -> None:
    assert ask(fleet, uses, metric) == [f"specs/chat.yaml:6:16: error: {said} [unknown-metric]"]


@pytest.mark.parametrize(
    ("uses", "said"),
    [
        (
            '{vllm: "0.50"}',
            "note: vLLM 0.50 is newer than what the catalogue knows (0.8 to 0.33): its metrics are taken to be those of 0.33 [unknown-version]",
        ),
        (
            '{vllm: true, process: "2"}',
            "note: the metrics of Prometheus client libraries, process collector are the same in all versions: write true [unknown-version]",
        ),
        (
            "{vllm: 0.20}",
            'error: 0.2 is a number, and 0.10 would be 0.1: put the version in quotes, such as "0.2" [spec-value-error]',
        ),
        ("{vllm: latest}", 'error: \'latest\' is no version: write one such as "0.19" or "1.106.2" [spec-value-error]'),
        (
            "{vllm: {prefix: kserve-}}",
            "error: prefix 'kserve-' begins no metric name: use letters, digits, _ and : [spec-value-error]",
        ),
        (
            "{vllm: {rename: {'vllm:*': vllm_}}}",
            "error: rename vllm:*: vllm_: a * stands at the end of both, or of neither [spec-value-error]",
        ),
        (
            "{vllm: {rename: {'vllm:*': 'v llm*'}}}",
            "error: 'v llm*' is no metric name: write old: new, or vllm:*: vllm_* [spec-value-error]",
        ),
        (
            "{vllm: {versoin: '0.19'}}",
            "error: unknown key 'versoin': did you mean 'version'? [spec-extra-forbidden]",
        ),
        (
            "{vllm: [1]}",
            'error: [1] is no version of vllm: write vllm: true, vllm: "1.2", vllm: metrics or vllm: {...} [spec-value-error]',
        ),
    ],
)
def test_what_is_said_of_uses(fleet: Fleet, uses: str, said: str) -> None:
    found = ask(fleet, uses, "vllm:kv_cache_usage_perc")
    assert [line.split(": ", 1)[1] for line in found] == [said]
    assert found[0].startswith("specs/chat.yaml:4:")


RELABELLED = [
    ("{vllm: {prefix: kserve_}}", "kserve_vllm:kv_cache_usage_perc"),
    ("{vllm: {rename: {'vllm:*': 'vllm_*'}, prefix: ray_}}", "ray_vllm_kv_cache_usage_perc"),
    ("{vllm: {rename: {'vllm:kv_cache_usage_perc': kv_share}}}", "kv_share"),
]


@pytest.mark.parametrize(("uses", "name"), RELABELLED)
@pytest.mark.parametrize("written", ["catalogue's", "fleet's"])
def test_a_relabelled_metric_is_known_by_both_names_and_written_by_the_fleets(
    fleet: Fleet, uses: str, name: str, written: str
) -> None:
    metric = "vllm:kv_cache_usage_perc" if written == "catalogue's" else name
    text = SERVICE % (uses, metric)
    alert = "alerts: {KVFull: {signal: kv, above: 95%, for: 5m, severity: warning, category: saturation}}\n"
    fleet.write("specs/chat.yaml", text + alert)
    ran = fleet.run("generate")
    assert [line for line in ran.problems if ": error: " in line] == []
    rules = (fleet.root / "generated/prometheus/rules/production/llama.yaml").read_text()
    assert name in rules
    assert name == metric or metric not in rules.replace(name, "")


def test_the_series_of_a_test_get_the_fleets_names_too(fleet: Fleet) -> None:
    text = SERVICE % ("{vllm: {prefix: kserve_}}", "vllm:kv_cache_usage_perc")
    alert = """\
alerts:
  Waiting:
    expr: sum(vllm:num_requests_waiting) > 5
    for: 1m
    severity: warning
    category: saturation
    summary: Many wait.
    test: {fires: ['vllm:num_requests_waiting{job="vllm",env="production"} 9x10']}
"""
    fleet.write("specs/chat.yaml", text + alert)
    ran = fleet.run("generate")
    assert [line for line in ran.problems if ": error: " in line] == []
    tests = (fleet.root / "generated/prometheus/tests/production/llama.yaml").read_text()
    assert "kserve_vllm:num_requests_waiting" in tests
    assert " vllm:num_requests_waiting" not in tests
