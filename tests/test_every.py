"""`every:` in a system: what its services have in common, by the preset that they use."""

from __future__ import annotations

from pathlib import Path

import pytest

from llmmon import load
from llmmon.problem import Level
from llmmon.source import values
from llmmon.source.document import Document

HEAD = """\
system: shop
team: inference
every:
  http:
    alerts:
      HighErrorRate: {signal: errors, above: 5%, for: 5m}
      HighLatency: {signal: latency.p95, above: 500ms}
    health: {port: 8080, liveness: /health}
  service:
    signals: {all: {gauge: up, how: sum}}
services:
"""
WEB = "  web: {selector: {job: web}, uses: [http]}\n"
PLAIN = "  worker: {selector: {job: worker}}\n"


def loaded(text: str) -> tuple[dict[str, load.LoadedService], list[str]]:
    """Services by name, and `line: message`."""
    document = Document("specs/shop.yaml", text)
    data, problems = values.parse(document)
    assert data is not None, problems
    services, found = load.services(data, document)
    return {item.name: item for item in services}, [f"{p.origin.position()[0]}: {p.message}" for p in found]


def test_a_service_gets_what_goes_with_the_presets_that_it_uses() -> None:
    services, problems = loaded(HEAD + WEB + PLAIN)
    assert problems == []
    assert {"HighErrorRate", "HighLatency"} <= services["web"].spec.alerts.keys()
    assert services["web"].spec.health is not None
    assert services["worker"].spec.health is None
    assert "HighErrorRate" not in services["worker"].spec.alerts
    assert {"all"} <= services["web"].spec.signals.keys() & services["worker"].spec.signals.keys()


def test_a_services_own_keys_come_over_it_and_false_removes() -> None:
    own = "  web: {selector: {job: web}, uses: [http], alerts: {HighLatency: {above: 5s}, HighErrorRate: false}}\n"
    services, problems = loaded(HEAD + own)
    assert problems == []
    alerts = services["web"].spec.alerts
    assert alerts["HighLatency"].above
    assert alerts["HighLatency"].above[""].text == "5s"
    assert alerts["HighLatency"].signal == "latency.p95"
    assert "HighErrorRate" not in alerts


def test_it_changes_a_presets_alert() -> None:
    services, problems = loaded(
        HEAD.replace("signals: {all: {gauge: up, how: sum}}", "alerts: {ServiceDown: {for: 3m}}") + WEB
    )
    assert problems == []
    alert = services["web"].spec.alerts["ServiceDown"]
    assert alert.hold
    assert (alert.down, str(alert.hold[""])) == ("all", "0:03:00")


def test_a_key_points_at_the_line_that_wrote_it() -> None:
    services, _ = loaded(HEAD + WEB)
    assert str(services["web"].origin("alerts", "HighLatency")) == "specs/shop.yaml:7:7"
    assert str(services["web"].origin("uses")) == "specs/shop.yaml:12:31"


def test_what_is_wrong_there_is_said_once_and_at_its_place() -> None:
    broken = HEAD.replace("above: 5%, for: 5m", "above: 5 parrots")
    _, problems = loaded(broken + WEB + WEB.replace("web", "web2"))
    assert [line for line in problems if "parrots" in line] == problems
    assert len(problems) == 1
    assert problems[0].startswith("6: ")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("  http:\n", "  htp:\n", "3: no service here uses 'htp'"),
        ("  service:\n", "  process:\n", "no service here uses 'process'"),
        ("    health:", "    uses: [process]\n    health:", "uses: is of one service"),
        ("    health:", "    selector: {job: x}\n    health:", "selector: is of one service"),
    ],
)
def test_what_reaches_no_service_is_told(old: str, new: str, said: str) -> None:
    _, problems = loaded(HEAD.replace(old, new, 1) + WEB)
    assert any(said.removeprefix("3: ") in line for line in problems), problems


@pytest.mark.parametrize("written", ["every: 5\n", "every: [http]\n", "every: {http: 5}\n", "every: {http: [a]}\n"])
def test_what_is_no_map_is_told(written: str) -> None:
    _, problems = loaded(f"system: shop\nteam: inference\n{written}services:\n{WEB}")
    assert any("is no map: write" in line for line in problems), problems


def test_nothing_at_all_is_nothing_wrong() -> None:
    services, problems = loaded(f"system: shop\nteam: inference\nevery:\nservices:\n{WEB}")
    assert (list(services), problems) == (["web"], [])


def test_an_unused_part_is_only_a_warning() -> None:
    document = Document("specs/shop.yaml", HEAD.replace("  http:", "  htp:") + WEB)
    data, _ = values.parse(document)
    assert data is not None
    _, found = load.services(data, document)
    assert [(problem.rule, problem.level) for problem in found] == [("unused-every", Level.WARNING)]


def test_the_repositorys_systems_use_it() -> None:
    for name in ("llm-governance", "llm-optimizer"):
        text = Path(f"specs/{name}.yaml").read_text()
        assert text.count("HighMemory: {signal: memory") == 1
