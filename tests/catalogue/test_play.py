"""`llmmon play`: histograms hang together, counters grow, an incident shows, and promtool takes the page."""

from __future__ import annotations

import shutil
import subprocess
import threading
import urllib.request
from decimal import Decimal

import pytest
from typer.testing import CliRunner

from llmmon import catalogue, play
from llmmon.cli import app


def samples(text: str) -> dict[str, float]:
    """Every series with its value."""
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines}


@pytest.mark.parametrize("name", catalogue.names())
@pytest.mark.parametrize("scenario", list(play.Scenario))
def test_histograms_hang_together(name: str, scenario: play.Scenario) -> None:
    found = samples(play.page([(name, None)], scenario, at=100, opt_in=True))
    for key, metric in catalogue.load(name).items():
        if metric.type != "histogram":
            continue
        counts = [series for series in found if series.partition("{")[0] == f"{key}_count"]
        assert counts
        for series in counts:
            labels = series.partition("{")[2].rstrip("}")
            start = f"{key}_bucket{{{labels},le=" if labels else f"{key}_bucket{{le="
            buckets = [value for other, value in found.items() if other.startswith(start)]
            assert len(buckets) == len(metric.buckets) + 1
            assert buckets == sorted(buckets)
            assert buckets[-1] == found[series] > 0
            assert found[series.replace(f"{key}_count", f"{key}_sum", 1)] > 0


def test_counters_grow() -> None:
    early, late = (samples(play.page([("vllm", None)], at=at)) for at in (60, 90))
    counters = [series for series in early if series.startswith("vllm:generation_tokens_total")]
    assert counters
    assert all(late[series] > early[series] > 0 for series in counters)


def test_an_incident_shows_where_it_should() -> None:
    well, ill = (samples(play.page([("litellm", None)], scenario)) for scenario in play.Scenario)
    failed = [series for series in well if series.startswith("litellm_proxy_failed_requests_metric_total")]
    assert failed
    assert all(well[series] == 0 < ill[series] for series in failed)
    key = "litellm_request_total_latency_metric"
    mean = [sum(v for s, v in found.items() if s.startswith(f"{key}_sum")) for found in (well, ill)]
    assert mean[1] > 4 * mean[0]


def test_what_needs_a_flag_is_left_out_unless_asked_for() -> None:
    assert "vllm:corrupted_requests_total" not in play.page([("vllm", None)])
    assert "vllm:corrupted_requests_total" in play.page([("vllm", None)], opt_in=True)


def test_two_pages_of_one_moment_are_the_same() -> None:
    assert play.page([("vllm", None)]) == play.page([("vllm", None)])


@pytest.mark.skipif(not shutil.which("promtool"), reason="promtool is not on PATH")
@pytest.mark.parametrize("name", catalogue.names())
def test_promtool_reads_the_page(name: str) -> None:
    text = play.page([(name, None)], opt_in=True)
    ran = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True, check=False)  # noqa: S607
    assert ran.returncode in (0, 3), ran.stderr  # 3: names that its style guide does not like, which are the servers'
    assert "error while linting" not in ran.stderr


@pytest.mark.skipif(not shutil.which("promtool"), reason="promtool is not on PATH")
def test_promtool_refuses_a_page_that_is_broken() -> None:
    text = play.page([("vllm", None)]).replace("le=", "le", 1)
    ran = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True, check=False)  # noqa: S607
    assert ran.returncode not in (0, 3)


def test_it_is_served() -> None:
    with play.Server((("vllm", (0, 12)),)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with urllib.request.urlopen(server.url) as answer:  # noqa: S310 - our own server
            text = answer.read().decode()
            assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
        server.scenario = play.Scenario.incident
        with urllib.request.urlopen(server.url) as answer:  # noqa: S310 - our own server
            worse = answer.read().decode()
        server.shutdown()
    assert "# TYPE vllm:num_requests_running gauge" in text
    waiting = [
        min(v for s, v in samples(t).items() if s.startswith("vllm:num_requests_waiting")) for t in (text, worse)
    ]
    assert waiting[1] > waiting[0]


def test_boundaries_are_written_as_the_client_of_python_does() -> None:
    assert 'le="1.0"' in play.page([("litellm", None)])
    assert catalogue.load("litellm")["litellm_request_total_latency_metric"].buckets[7] == Decimal(1)


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("--preset", "vlm"), "Error: unknown preset 'vlm': did you mean 'vllm'?\n"),
        (("--preset", "vllm", "--version", "x"), "Error: 'x' is no version: write one such as 0.19\n"),
    ],
)
def test_what_cannot_be_played(args: tuple[str, ...], said: str) -> None:
    ran = CliRunner().invoke(app, ["play", "--once", *args])
    assert (ran.exit_code, ran.stderr) == (2, said)


def test_a_page_on_standard_output() -> None:
    ran = CliRunner().invoke(app, ["play", "--preset", "vllm", "--preset", "process", "--version", "0.9", "--once"])
    assert ran.exit_code == 0
    assert "vllm:gpu_cache_usage_perc" in ran.stdout
    assert "process_cpu_seconds_total" in ran.stdout
