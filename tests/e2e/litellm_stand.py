"""A LiteLLM proxy between clients and a provider, watched by a Prometheus: faults are made in it, and healed."""

from __future__ import annotations

import re
import shutil
import time
import urllib.parse
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import live

from llmmon import pipeline

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from traffic import Traffic
    from upstream import Mode, Upstream

HERE = Path(__file__).parent / "litellm"
PROXY = Path(__file__).parents[2] / ".litellm/bin/litellm"
NO_NETWORK = {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_TELEMETRY": "False"}
SCRAPES, CALLS, SPENDS = "sk-scrapes", "sk-calls", "sk-spends"  # the keys of litellm/hooks.py
START = 240.0  # seconds: a proxy imports for ten, and for longer where others work
SOON = 300.0  # seconds within which everything fires or clears: a window of an hour takes three minutes
PAUSE = 0.5
SCALE = 20  # how much shorter rules are
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
DURATION = re.compile(r"(?P<before>\[|for: )(?P<number>\d+)(?P<unit>[smhd])(?=[]\n])")
TOLD_APART_BY = (
    "severity",
    "requested_model",
    "litellm_model_name",
    "model",
    "api_provider",
    "team_alias",
    "api_key_alias",
    "guardrail_name",
    "callback_name",
)


@dataclass(frozen=True)
class Fault:
    """Something goes wrong, and these alerts fire."""

    name: str
    fires: tuple[str, ...]
    modes: Mapping[str, Mode] = field(default_factory=dict)  # of models at the provider
    inside: str = ""  # of the proxy: words that litellm/hooks.py knows


@dataclass
class Incident:
    """A fault while it lasts and until its alerts have cleared: in how many seconds each fired, and cleared."""

    fault: Fault
    began: float
    ended: float | None = None
    fired: dict[str, float] = field(default_factory=dict)
    cleared: dict[str, float] = field(default_factory=dict)

    def sees(self, firing: set[str]) -> None:
        now = time.monotonic()
        for alert in set(self.fault.fires) - self.cleared.keys():
            if alert in firing:
                self.fired.setdefault(alert, now - self.began)
            elif self.ended is not None and alert in self.fired:
                self.cleared[alert] = now - self.ended

    def told(self) -> str:
        lines = (
            f"  {alert:<42} fires within {self.fired[alert]:3.0f} s, clears within {seconds:3.0f} s\n"
            for alert, seconds in sorted(self.cleared.items(), key=lambda pair: self.fired[pair[0]])
        )
        return f"{self.fault.name}:\n{''.join(lines)}"


@dataclass
class Stand:
    """Everything, running."""

    folder: Path
    prometheus: str
    proxy: str
    provider: Upstream
    calls: Traffic
    end_proxy: Callable[[], None]
    replica: bool = True  # whether the second target, which only plays a proxy, answers
    incidents: list[Incident] = field(default_factory=list)

    def now(self) -> set[str]:
        """The alerts that fire, each with what tells it apart from others of its name."""
        alerts = live.get(f"{self.prometheus}/api/v1/alerts")["data"]["alerts"]
        return {named(one["labels"]) for one in alerts if one["state"] == "firing"} - {"Watchdog info"}

    def firing(self) -> set[str]:
        """The same, when none is a surprise."""
        firing = self.now()
        expected = {alert for one in self.incidents for alert in set(one.fault.fires) - one.cleared.keys()}
        assert firing <= expected, f"nobody expects {sorted(firing - expected)}"
        for incident in self.incidents:
            incident.sees(firing)
        return firing

    def value(self, query: str) -> float:
        found = live.get(f"{self.prometheus}/api/v1/query?{urllib.parse.urlencode({'query': query})}")["data"]["result"]
        return float(found[0]["value"][1]) if found else 0.0

    def breaks(self, fault: Fault) -> Incident:
        self.provider.modes.update(fault.modes)
        self._inside(self._words() | set(fault.inside.split()))
        self.incidents.append(Incident(fault, time.monotonic()))
        return self.incidents[-1]

    def heals(self, incident: Incident) -> None:
        for model in incident.fault.modes:
            del self.provider.modes[model]
        self._inside(self._words() - set(incident.fault.inside.split()))
        incident.ended = time.monotonic()

    def fires(self, incident: Incident) -> None:
        """Wait until each of its alerts has fired."""
        self._until(lambda: set(incident.fault.fires) - incident.fired.keys(), "not yet fired")

    def clears(self, incident: Incident, but: Collection[str] = ()) -> None:
        """Wait until its alerts have cleared, but for those of these names."""
        wanted = {alert for alert in incident.fault.fires if alert.split()[0] not in but}
        self._until(lambda: wanted - incident.cleared.keys(), "not yet cleared")

    def _until(self, left: Callable[[], set[str]], what: str) -> None:
        end = time.monotonic() + SOON
        while left():
            firing = self.firing()
            assert time.monotonic() < end, f"{what}: {sorted(left())}; now fire {sorted(firing)}"
            time.sleep(PAUSE)

    def _words(self) -> set[str]:
        return set((self.folder / "faults").read_text().split())

    def _inside(self, words: set[str]) -> None:
        (self.folder / "faults.new").write_text(" ".join(sorted(words)))
        (self.folder / "faults.new").replace(self.folder / "faults")

    def answer_replica(self, path: str, body: bytes) -> bytes | None:
        del path, body
        return b"" if self.replica else None


@contextmanager
def proxied(folder: Path, provider: int) -> Iterator[str]:
    """The URL of a proxy that has read its configuration."""
    port = live.free_port()
    (folder / "faults").write_text("")
    (folder / "config.yaml").write_text((HERE / "config.yaml").read_text().replace("UPSTREAM", str(provider)))
    shutil.copy(HERE / "hooks.py", folder)
    command = [str(PROXY), "--config", str(folder / "config.yaml"), "--host", "127.0.0.1", "--port", str(port)]
    env = {**NO_NETWORK, "FAULTS": str(folder / "faults")}
    address = f"http://127.0.0.1:{port}"
    with live.running(command, address, folder / "proxy", "/health/readiness", env=env, start=START) as url:
        yield url


def compiled(folder: Path, ports: dict[str, int]) -> Path:
    """Prometheus's folder of these specs, with shorter rules, and the key where it can be read."""
    specs, out = folder / "specs", folder / "generated"
    shutil.copytree(HERE / "specs", specs)
    for path in specs.glob("*.yaml"):
        text = path.read_text()
        for word, port in ports.items():
            text = text.replace(f':{word}"', f':{port}"')
        path.write_text(text)
    built = pipeline.build(pipeline.read([specs]), out, verify=False)
    assert not built.failed, built.problems
    for path in out.glob("prometheus/rules/*/*.yaml"):
        path.write_text(shortened(path.read_text()))
    (folder / "key").write_text(SCRAPES)
    config = out / "prometheus/prometheus.yml"
    config.write_text(config.read_text().replace("/etc/prometheus/secrets/litellm/key", str(folder / "key")))
    return out / "prometheus"


def shortened(rules: str) -> str:
    """The same rules with every window and every `for:` a twentieth as long; names still say what they were."""

    def short(found: re.Match[str]) -> str:
        seconds = int(found["number"]) * SECONDS[found["unit"]]
        assert seconds % SCALE == 0, found[0]
        return f"{found['before']}{seconds // SCALE}s"

    return DURATION.sub(short, rules)


def named(labels: dict[str, str]) -> str:
    return " ".join((labels["alertname"], *(labels[label] for label in TOLD_APART_BY if label in labels)))
