"""What llmmon generates, running: a service breaks, the right people hear of it, and nobody else does.

Real servers take their time, so no pattern of pytest's finds this file: `make e2e` names it.
"""

from __future__ import annotations

import json
import re
import shutil
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import live
import pytest

from llmmon import pipeline

if TYPE_CHECKING:
    from collections.abc import Iterator

SPECS = Path(__file__).parent / "specs"
SCALED = {"group_wait: 30s": "group_wait: 4s", "group_interval: 5m": "group_interval: 2s"}
RESEND = "--rules.alert.resend-delay=2s"  # of 1m: what is sent before Alertmanager is discovered is lost until then
SOON = 40.0  # seconds within which everything happens
QUIET = 6.0  # longer than a group waits: what stays away until then would have come
SUMMED = "sum+by(component)(probe_success)"
COUNTED = re.compile(r"^  - (?:alert|record): ", re.MULTILINE)

Told = set[tuple[str, str, str]]  # receiver, service/alert, severity


@dataclass
class Exporter:
    """The metrics of the gateway and of its engine, which can break, and the engine's health report."""

    errors: bool = False
    queue: int = 1
    engine: bool = True
    health: dict[str, str] = field(default_factory=lambda: {"storage": "healthy", "cache": "healthy"})
    started: float = field(default_factory=time.monotonic)
    broken_since: float | None = None

    def break_requests(self) -> None:
        self.broken_since = time.monotonic()

    def answer(self, path: str, body: bytes) -> bytes | None:
        del body
        if path == "/engine":
            return b"" if self.engine else None
        if path == "/report":
            checks = {name: {"component": name, "status": status} for name, status in self.health.items()}
            return json.dumps({"status": "degraded", "checks": checks}).encode()
        now = time.monotonic()
        good = 100 * ((self.broken_since or now) - self.started)
        bad = 100 * (now - self.broken_since) if self.broken_since else 0.0
        lines = (
            "# TYPE gateway_requests_total counter",
            f'gateway_requests_total{{ok="true"}} {good:.0f}',
            f'gateway_requests_total{{ok="false"}} {bad:.0f}',
            "# TYPE gateway_queue gauge",
            f"gateway_queue {self.queue}",
        )
        return "".join(f"{line}\n" for line in lines).encode()


class Webhook:
    """Remembers who was told what."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._told: Told = set()

    def answer(self, path: str, body: bytes) -> bytes:
        with self._lock:
            for alert in json.loads(body)["alerts"]:
                if alert["status"] == "firing":
                    labels = alert["labels"]
                    name = f"{labels['service']}/{labels['alertname']}"
                    self._told.add((path[1:], name, labels["severity"]))
        return b""

    @property
    def told(self) -> Told:
        """Everything but the Watchdog, which always is."""
        with self._lock:
            return {one for one in self._told if one[0] != "watchdog"}

    @property
    def watched(self) -> bool:
        with self._lock:
            return any(one[0] == "watchdog" for one in self._told)


@dataclass
class Stack:
    """Everything, running."""

    folder: Path
    prometheus: str
    alertmanager: str
    exporter: Exporter
    webhook: Webhook

    def firing(self) -> set[tuple[str, str]]:
        """What Prometheus says, whoever is told."""
        alerts = live.get(f"{self.prometheus}/api/v1/alerts")["data"]["alerts"]
        return {_name(one["labels"]) for one in alerts if one["state"] == "firing"}

    def muted(self) -> set[tuple[str, str]]:
        """What Alertmanager holds back because of another alert."""
        alerts = live.get(f"{self.alertmanager}/api/v2/alerts")
        return {_name(one["labels"]) for one in alerts if one["status"]["inhibitedBy"]}

    def health(self) -> dict[str, int]:
        """The state of each component, as the blackbox exporter has it."""
        found = live.get(f"{self.prometheus}/api/v1/query?query={SUMMED}")["data"]["result"]
        return {one["metric"]["component"]: int(one["value"][1]) for one in found}

    def up(self) -> set[tuple[str, str]]:
        """Job and environment of the targets that answer."""
        found = live.get(f"{self.prometheus}/api/v1/query?query=up==1")["data"]["result"]
        return {(one["metric"]["job"], one["metric"].get("env", "")) for one in found}


@pytest.fixture
def stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stack]:
    if not (live.PROMETHEUS and live.ALERTMANAGER and live.BLACKBOX):
        pytest.skip("Prometheus, Alertmanager and the blackbox exporter are not installed")
    monkeypatch.chdir(tmp_path)
    exporter, webhook, port, outside = Exporter(), Webhook(), live.free_port(), live.free_port()
    with live.serving(exporter.answer) as metrics, live.serving(webhook.answer) as hook:
        out = compiled(tmp_path, {"WEBHOOK": hook, "EXPORTER": metrics, "ALERTMANAGER": port, "BLACKBOX": outside})
        flags = [line for line in (out / "prometheus/flags.txt").read_text().splitlines() if line.startswith("--")]
        with (
            live.blackbox(out / "blackbox/blackbox.yml", tmp_path / "blackbox", outside),
            live.alertmanager(out / "alertmanager/alertmanager.yml", tmp_path / "alerts", port) as alertmanager,
            live.prometheus(out / "prometheus/prometheus.yml", tmp_path / "samples", *flags, RESEND) as prometheus,
        ):
            yield Stack(out, prometheus, alertmanager, exporter, webhook)


def compiled(folder: Path, ports: dict[str, int]) -> Path:
    """The configuration of these specs, with Alertmanager's waiting times scaled as everything else is."""
    specs, out = folder / "specs", folder / "generated"
    shutil.copytree(SPECS, specs)
    for path in specs.glob("*.yaml"):
        text = path.read_text()
        for word, port in ports.items():
            text = re.sub(rf":{word}\b", f":{port}", text)
        path.write_text(text)
    out.mkdir()
    built = pipeline.build(pipeline.read([Path("specs")]), out)
    assert not built.failed, built.problems
    config = out / "alertmanager/alertmanager.yml"
    text = config.read_text()
    for old, new in SCALED.items():
        assert text.count(f"  {old}\n") == 1
        text = text.replace(old, new)
    config.write_text(text)
    return out


def test_an_incident_reaches_its_team_and_what_follows_from_it_does_not(stack: Stack) -> None:
    every_rule_is_loaded(stack)
    live.wait(lambda: {("gateway", "test"), ("engine", "test")} <= stack.up(), SOON, "both services are scraped")
    live.wait(lambda: stack.webhook.watched, SOON, "the Watchdog says that alerting works")
    assert stack.webhook.told == set(), "nothing is wrong yet"

    # Every request fails: two rungs of one ladder fire, and the lower one is muted by the upper.
    stack.exporter.break_requests()
    high = ("chat-critical", "gateway/HighErrorRate", "critical")
    live.wait(lambda: high in stack.webhook.told, SOON, "the critical alert arrives")
    rungs = {("gateway/HighErrorRate", "critical"), ("gateway/HighErrorRate", "warning")}
    live.wait(lambda: rungs <= stack.firing(), SOON, "both rungs fire")
    live.wait(lambda: ("gateway/HighErrorRate", "warning") in stack.muted(), SOON, "the lower rung is muted")

    # The engine falls, and then the gateway's queue fills: only the engine is news.
    stack.exporter.engine = False
    down = ("chat-critical", "engine/ServiceDown", "critical")
    live.wait(lambda: down in stack.webhook.told, SOON, "the engine's fall arrives")
    stack.exporter.queue = 500
    queue = ("gateway/QueueStuck", "warning")
    live.wait(lambda: queue in stack.firing(), SOON, "the queue's alert fires")
    live.wait(lambda: queue in stack.muted(), SOON, "the queue's alert is muted")
    time.sleep(QUIET)
    assert stack.webhook.told == {high, down}


def test_a_queue_alone_is_news(stack: Stack) -> None:
    """The counterpart: the same alert arrives where nothing mutes it."""
    live.wait(lambda: ("gateway", "test") in stack.up(), SOON, "the gateway is scraped")
    stack.exporter.queue = 500
    queue = ("chat-warning", "gateway/QueueStuck", "warning")
    live.wait(lambda: queue in stack.webhook.told, SOON, "the queue's alert arrives")
    assert stack.webhook.told == {queue}
    assert stack.muted() == set()


def test_a_health_report_reaches_the_team_by_component(stack: Stack) -> None:
    """Asked by a real blackbox exporter: unhealthy mutes degraded of its own component, and of no other."""
    live.wait(lambda: stack.health() == {"storage": 2, "cache": 2}, SOON, "the report is read")
    live.wait(lambda: ("engine", "test") in stack.up(), SOON, "the engine is scraped")
    time.sleep(QUIET)
    assert stack.webhook.told == set(), "nothing is wrong yet"

    stack.exporter.health["storage"] = "unhealthy"
    unhealthy = ("chat-critical", "engine/HealthUnhealthy", "critical")
    degraded = ("engine/HealthDegraded", "warning")
    live.wait(lambda: unhealthy in stack.webhook.told, SOON, "the unhealthy storage arrives")
    live.wait(lambda: degraded in stack.firing(), SOON, "what is unhealthy is degraded as well")
    live.wait(lambda: degraded in stack.muted(), SOON, "which is no news")
    time.sleep(QUIET)
    assert stack.webhook.told == {unhealthy}

    stack.exporter.health["cache"] = "degraded"
    live.wait(lambda: ("chat-warning", *degraded) in stack.webhook.told, SOON, "the degraded cache arrives")
    assert stack.health() == {"storage": 0, "cache": 1}
    assert stack.webhook.told == {unhealthy, ("chat-warning", *degraded)}


def every_rule_is_loaded(stack: Stack) -> None:
    groups = live.get(f"{stack.prometheus}/api/v1/rules")["data"]["groups"]
    written = sum(
        len(COUNTED.findall(path.read_text())) for path in (stack.folder / "prometheus/rules").rglob("*.yaml")
    )
    assert sum(len(group["rules"]) for group in groups) == written > 0


def _name(labels: dict[str, Any]) -> tuple[str, str]:
    return f"{labels['service']}/{labels['alertname']}", labels["severity"]
