"""A real agent sends to a real Prometheus that receives: the rules of the fleet fire there, and only there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import live
import pytest
from server_examples import built, judged

from llmmon.tool import Tools

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Fleet

BACKEND = """
scrape_interval: 1s
backend: prometheus-agent
prometheus:
  external_labels: {{cluster: eu-1}}
  retention: {{time: 30d}}
  remote_write: [{{url: "http://127.0.0.1:{receiver}/api/v1/write"}}]
"""
SCRAPE = "selector: {job: chat}\nscrape: {targets: '127.0.0.1:PORT'}"
ALERT = "alerts:\n  QueueStuck: {signal: queue, above: 200, for: 0s}"
SOON = 40.0
needs_prometheus = pytest.mark.skipif(live.PROMETHEUS is None, reason="Prometheus is not installed")


def answer(path: str, body: bytes) -> bytes:
    del path, body
    return b'# TYPE chat_queue gauge\nchat_queue{model="a"} 500\n'


@needs_prometheus
def test_what_an_agent_sends_fires_where_it_is_received(fleet: Fleet, tmp_path: Path) -> None:
    port = live.free_port()
    with live.serving(answer) as exporter:
        folder = compiled(fleet, tmp_path, port, exporter)
        receives = flags(folder, "receiver.flags.txt")
        with (
            live.prometheus(folder / "receiver.yml", tmp_path / "samples", *receives, port=port),
            live.prometheus(folder / "prometheus.yml", tmp_path / "wal", *flags(folder, "flags.txt")) as agent,
        ):
            receiver = f"http://127.0.0.1:{port}"
            mode = live.get(f"{agent}/api/v1/status/flags")["data"]["enable-feature"]
            live.wait(lambda: "QueueStuck" in firing(receiver), SOON, "the alert fires at the receiver")
            labels = firing(receiver)["QueueStuck"]
            up = live.get(f"{receiver}/api/v1/query?query=up{{job='chat'}}")["data"]["result"]
    assert mode == "agent"
    assert (labels["service"], labels["environment"], labels["model"]) == ("chat", "production", "a")
    assert [(one["metric"]["env"], one["metric"]["cluster"]) for one in up] == [("production", "eu-1")]


def compiled(fleet: Fleet, scratch: Path, receiver: int, exporter: int) -> Path:
    """The configurations of both, which promtool has found right."""
    text = (fleet.root / "specs/fleet.yaml").read_text()
    fleet.write("specs/fleet.yaml", text + BACKEND.format(receiver=receiver))
    fleet.edit("specs/chat.yaml", "selector: {job: chat}", SCRAPE.replace("PORT", str(exporter)))
    fleet.edit("specs/chat.yaml", "alerts:", ALERT)
    made = built(scratch / "scratch")
    assert not made.failed, made.problems
    assert judged(made, scratch / "scratch", Tools(scratch / "scratch", {"PATH": "/usr/bin"})) == []
    return scratch / "scratch/prometheus"


def flags(folder: Path, name: str) -> list[str]:
    return [line for line in (folder / name).read_text().splitlines() if line.startswith("--")]


def firing(url: str) -> dict[str, Any]:
    alerts = live.get(f"{url}/api/v1/alerts")["data"]["alerts"]
    return {one["labels"]["alertname"]: one["labels"] for one in alerts if one["state"] == "firing"}
