"""Alertmanager configurations that are linted alone, as whole files."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conftest import Fleet

HEAD = "route: {receiver: a}\nreceivers: [{name: a, webhook_configs: [{url: 'http://hooks.example/a'}]}]\n"


def test_of_a_machine_that_is_down_nothing_else_is_told(fleet: Fleet) -> None:
    rule = (
        "inhibit_rules:\n- source_matchers: [alertname=Down]\n  target_matchers: ['alertname=~.*']\n  equal: [SAME]\n"
    )
    for label in ("instance", "node", "cluster"):
        fleet.write("alertmanager.yml", HEAD + rule.replace("SAME", label))
        assert fleet.run("lint", "alertmanager.yml").problems == []
    fleet.write("alertmanager.yml", HEAD + rule.replace("SAME", "job"))
    (problem,) = fleet.run("lint", "alertmanager.yml").problems
    assert "mutes every alert of the same job" in problem
