"""Which versions a folder says that it runs, and what is therefore not said of its files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Fleet

SHARE = """groups:
- name: a
  rules:
  - alert: FewAnswers
    expr: answered_ratio < 0.5
    for: 5m
    labels: {severity: warning}
    annotations:
      summary: Few answers
      description: Only {{ $value }}% are answered; see https://runbooks.example/FewAnswers
"""
SMOOTHED = (
    "groups: [{name: a, rules: [{record: 'job:x:smooth', expr: 'sum by (job) (holt_winters(x[5m], 0.5, 0.5))'}]}]\n"
)
OPERATED = """apiVersion: monitoring.coreos.com/v1
kind: Prometheus
metadata: {name: main}
spec: {version: v2.9.2}
"""
DEPLOYED = """apiVersion: apps/v1
kind: Deployment
metadata: {name: prometheus}
spec: {template: {spec: {containers: [{name: a, image: "quay.io/prometheus/prometheus:v2.9.2"}]}}}
"""
COMPOSE = "services: {prometheus: {image: prom/prometheus:v2.9.2}}\n"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("main.yaml", OPERATED),
        ("main.yaml", DEPLOYED),
        ("docker-compose.yml", COMPOSE),
        ("Dockerfile", "ENV KUBE_PROMETHEUS_VERSION=1.8"),
    ],
)
def test_what_the_prometheus_of_a_folder_has_is_advised(fleet: Fleet, name: str, text: str) -> None:
    fleet.write("monitoring/rules.yml", SHARE)
    fleet.write(f"monitoring/{name}", text)
    (problem,) = fleet.run("lint", "monitoring").problems
    assert ("humanizePercentage" in problem) is (name == "Dockerfile")
    assert ("multiply it by 100" in problem) is (name != "Dockerfile")


def test_functions_that_the_prometheus_of_a_folder_still_has_are_no_mistake(fleet: Fleet) -> None:
    fleet.write("monitoring/rules.yml", SMOOTHED)
    (problem,) = fleet.run("lint", "monitoring").problems
    assert "it went with Prometheus 3.0" in problem
    fleet.write("monitoring/docker-compose.yml", COMPOSE)
    assert fleet.run("lint", "monitoring").problems == []


def test_an_object_of_the_operator_says_which_alertmanager_runs(fleet: Fleet) -> None:
    text = (
        "route: {receiver: a, routes: [{match: {team: x}, receiver: a}]}\n"
        "receivers: [{name: a, webhook_configs: [{url: 'http://hooks.example/a'}]}]\n"
    )
    fleet.write("monitoring/alertmanager.yml", text)
    assert "matchers" in fleet.run("lint", "monitoring").problems[0]
    fleet.write(
        "monitoring/main.yaml", OPERATED.replace("kind: Prometheus", "kind: Alertmanager").replace("2.9", "0.20")
    )
    assert not any("deprecated" in problem for problem in fleet.run("lint", "monitoring").problems)
