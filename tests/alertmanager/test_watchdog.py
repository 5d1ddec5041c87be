"""The dead-man switch, as a whole: a rule on every server, a route of its own, nothing that mutes it, and a warning."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from llmmon import pipeline, routing
from llmmon.inhibition import inhibitions
from llmmon.rulefile import watchdog_labels

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conftest import Fleet

    from llmmon.inhibition import Inhibition

WATCHDOG = 'watchdog: [{webhook: "http://switch.example/ping"}]\n'
SERVER = "prometheus: {alertmanagers: 'alertmanager:9093'}\n"
OWN = "environments: {production: {selector: {}}, staging: {selector: {}}}"
SHARED = "environments: {production: {selector: {env: production}}, staging: {selector: {env: staging}}}"
ONE = "environments: {production: {selector: {env: production}}}"


@pytest.fixture
def watched(fleet: Fleet) -> Fleet:
    """The small fleet with a switch, and with a server for each environment."""
    text = (fleet.root / "specs/fleet.yaml").read_text().replace(ONE, OWN)
    fleet.write("specs/fleet.yaml", text + WATCHDOG + SERVER)
    fleet.edit("specs/chat.yaml", "selector: {job: chat}", "selector: {job: chat}\nscrape: {off: elsewhere}")
    return fleet


def built(fleet: Fleet) -> pipeline.Built:
    scratch = fleet.root / "scratch"
    scratch.mkdir()
    made = pipeline.build(pipeline.read([Path("specs")]), scratch, verify=False)
    assert not made.failed, made.problems
    return made


@pytest.mark.parametrize(
    ("environments", "servers"),
    [
        (OWN, {"prometheus.production.yml": ["production"], "prometheus.staging.yml": ["staging"]}),
        (SHARED, {"prometheus.yml": ["production", "staging"]}),
    ],
)
def test_every_server_evaluates_the_watchdog_of_each_of_its_environments(
    watched: Fleet, environments: str, servers: dict[str, list[str]]
) -> None:
    watched.edit("specs/fleet.yaml", OWN, environments)
    built(watched)
    folder = watched.root / "scratch/prometheus"
    found = {}
    for path in folder.glob("prometheus*.yml"):
        patterns = yaml.safe_load(path.read_text())["rule_files"]
        files = [yaml.safe_load(file.read_text()) for pattern in patterns for file in folder.glob(pattern)]
        rules = [rule for file in files for group in file["groups"] for rule in group["rules"]]
        mine = [rule for rule in rules if rule.get("alert") == "Watchdog"]
        assert {rule["expr"] for rule in mine} == {"vector(1)"}
        found[path.name] = sorted(rule["labels"]["environment"] for rule in mine)
    assert found == servers


def test_its_route_comes_first_repeats_soon_and_is_never_muted(watched: Fleet) -> None:
    fleet = built(watched).fleet
    first = routing.routes(fleet).routes[0]
    assert (first.receiver, first.continues, first.active, first.quiet) == ("watchdog", False, None, None)
    assert (first.wait, first.group_interval) == (timedelta(0), timedelta(minutes=1))
    assert first.repeat is not None
    assert first.repeat <= timedelta(minutes=5)
    for environment in fleet.environments:
        labels = {"alertname": "Watchdog", **watchdog_labels(fleet, environment.name)}
        assert [one.receiver for one in routing.deliver(routing.routes(fleet), labels)] == ["watchdog"]
    written = yaml.safe_load((watched.root / "scratch/alertmanager/alertmanager.yml").read_text())
    assert "environment" in written["route"]["group_by"], "one environment's silence must not hide behind another's"
    assert "group_by" not in written["route"]["routes"][0]


@pytest.mark.parametrize("name", ["chat", "acme"])
def test_no_alert_mutes_it_not_even_of_a_service_that_is_called_like_the_fleet(watched: Fleet, name: str) -> None:
    watched.edit("specs/chat.yaml", "service: chat", f"service: {name}\ndepends_on: [engine]")
    engine = "service: engine\nteam: inference\nselector: {job: e}\nscrape: {off: elsewhere}\n"
    watched.write("specs/engine.yaml", engine)
    made = built(watched)
    rules = inhibitions(made.fleet, made.facts)
    assert len(rules) > 1
    labels = {"alertname": "Watchdog", **watchdog_labels(made.fleet, "production")}
    muting = [(rule.why, fact.id) for rule in rules for fact in made.facts if _mutes(rule, fact.labels, labels)]
    assert muting == []


def _mutes(rule: Inhibition, source: Mapping[str, str], target: Mapping[str, str]) -> bool:
    """As Alertmanager decides it."""
    return (
        all(matcher.matches(source) for matcher in rule.source)
        and all(matcher.matches(target) for matcher in rule.target)
        and all(source.get(label, "") == target.get(label, "") for label in rule.equal)
    )


def test_check_warns_where_nobody_would_notice(fleet: Fleet) -> None:
    said = "specs/fleet.yaml:1:1: warning: nobody would notice that alerting has stopped"
    fleet.run("generate")
    assert said in fleet.run("check").out
    fleet.write("specs/fleet.yaml", (fleet.root / "specs/fleet.yaml").read_text() + WATCHDOG)
    assert "no-watchdog" not in fleet.run("check").out


def test_a_users_own_file_may_have_a_switch_of_its_own(fleet: Fleet) -> None:
    own = "alertmanager: {base: alertmanager.base.yml}\n"
    fleet.write("specs/fleet.yaml", (fleet.root / "specs/fleet.yaml").read_text() + own)
    fleet.write("specs/alertmanager.base.yml", "route: {receiver: mine}\nreceivers: [{name: mine}]\n")
    assert list(pipeline.unwatched(pipeline.read([Path("specs")]))) == []
