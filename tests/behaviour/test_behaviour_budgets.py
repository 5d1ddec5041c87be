"""Budgets of every kind: each is proved by promtool, and what breaks it is noticed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
import yaml

from llmmon import pipeline
from llmmon.prove import prove
from llmmon.tool import Tools

if TYPE_CHECKING:
    from pathlib import Path

FLEET = """\
fleet: acme
environments: {production: {selector: {env: production}}}
teams: {one: {critical: [{slack: "#one"}]}}
catch_all: [{slack: "#all"}]
receivers: {slack: {secret: slack/url}}
"""
SPEC = """\
service: chat
team: one
selector: {job: chat}
metrics:
  cost_usd_total: {type: counter, unit: USD, labels: [model, app], help: Cost.}
  tokens_total: {type: counter, unit: tokens, labels: [model, team], help: Tokens.}
  left_usd: {type: gauge, unit: USD, labels: [team, alias], help: Left.}
  max_usd: {type: gauge, unit: USD, labels: [team, alias], help: Most.}
  rest_usd: {type: gauge, unit: USD, labels: [alias], help: Left.}
  spent_usd: {type: gauge, unit: USD, labels: [app], help: Spent.}
  used_percent: {type: gauge, unit: percent, labels: [app], help: Used.}
  used_ratio: {type: gauge, unit: ratio, help: Used.}
  limit_usd: {type: gauge, unit: USD, labels: [app], help: Limit.}
  hours_left: {type: gauge, unit: hours, misnamed: true, labels: [team, alias], help: Left.}
  reset_seconds: {type: gauge, unit: seconds, labels: [app], help: Reset.}
signals:
  spend: {rate: cost_usd_total}
  tokens: {rate: tokens_total}
  cost: {increase: cost_usd_total, window: 1h, by: [app]}
budgets:
"""
EACH = ("Used@warning", "Exhausted@critical")
ALL = (*EACH, "Forecast@warning")
BUDGETS = {
    "a constant": ("{signal: spend, limit: 500 USD, rolling: 1d}", EACH),
    "a forecast over weeks": ("{signal: spend, limit: 500 USD, rolling: 30d, forecast: true, trend: 6d}", ALL),
    "a metric": ("{signal: spend, limit: limit_usd, rolling: 1d, by: [app], forecast: true}", ALL),
    "tokens of a renamed label": (
        "{signal: tokens, limit: 1000000, rolling: 1h, by: {tenant: team}, info: 50%, critical: 95%}",
        ("Used@info", "Used@warning", "Used@critical", "Exhausted@critical"),
    ),
    "two limits and the rest": (
        "{signal: spend, limit: {one: 100 USD, two: 30 USD, '*': 50 USD}, rolling: 1d, by: [app], forecast: true}",
        ALL,
    ),
    "two limits and no rest": (
        "{signal: spend, limit: {one: 100 USD, 'a.b|c': 30 USD}, rolling: 30d, by: {app_name: app}, forecast: true}",
        ALL,
    ),
    "one limit and no rest": ("{signal: spend, limit: {one: 100 USD}, rolling: 1d, by: [app]}", EACH),
    "left of a metric, hours until it starts anew": (
        "{left: left_usd, limit: max_usd, by: {tenant: team, alias: alias}, resets: {in: hours_left}, forecast: true}",
        ALL,
    ),
    "left of a constant": ("{left: rest_usd, limit: 100 USD, by: [alias], exhausted: warning}", ("Exhausted@warning",)),
    "spent, and the time of the reset": (
        "{spent: spent_usd, limit: limit_usd, by: [app], resets: {at: reset_seconds}, forecast: true, trend: 2h}",
        ALL,
    ),
    "spent, with a limit for each": (
        "{spent: spent_usd, limit: {one: 100 USD, two: 30 USD, '*': 50 USD}, by: [app], resets: day, forecast: 90%}",
        (*EACH, "Forecast@info"),
    ),
    "left, with a limit for each and no rest": (
        "{left: spent_usd, limit: {one: 100 USD, two: 30 USD}, by: [app], resets: week, forecast: true}",
        ALL,
    ),
    "used in percent": ("{used: used_percent, by: [app], resets: month, forecast: true}", ALL),
    "used as a ratio": ("{used: used_ratio, exhausted: off}", EACH[:1]),
}


@pytest.mark.parametrize("name", BUDGETS)
def test_a_budget_is_proved(name: str, tmp_path: Path) -> None:
    written, wanted = BUDGETS[name]
    failed, found = _proved(f"{SPEC}  one: {written}\n", tmp_path)
    assert not failed
    assert {f"OneBudget{alert}" for alert in wanted} <= set(found)


BROKEN = {
    "a limit that is reached is no longer exhausted": ("left of a constant", ">= 1", "> 1", "Exhausted@warning"),
    "the limit of another application": ("two limits and the rest", "/ 30", "/ 50", "Used@warning"),
    "a limit for who has none": ("two limits and the rest", "/ 50", "/ 500", "Exhausted@critical"),
    "what is left counts as what is used": ("left of a constant", "1 - ", "", "Used@warning"),
    "a day that does not end": ("spent, with a limit for each", "- time() % 86400", "* 30", "Forecast@info"),
    "hours as seconds": ("left of a metric, hours until it starts anew", "* 3600", "* 1", "Forecast@warning"),
    "a forecast that does not look ahead": ("used in percent", "0 ) * (", "0 ) * 0 * (", "Forecast@warning"),
    "a percentage as a ratio": ("used in percent", "/ 100", "/ 1", "Used@warning"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_budget_that_is_wrong_is_noticed(name: str, tmp_path: Path) -> None:
    case, old, new, noticed = BROKEN[name]
    _generate(f"{SPEC}  one: {BUDGETS[case][0]}\n", tmp_path)
    rules = tmp_path / "out/prometheus/rules/production/chat.yaml"
    data = yaml.safe_load(rules.read_text())
    changed = 0
    for rule in (rule for group in data["groups"] for rule in group["rules"]):
        if "budget" in rule.get("record", rule.get("alert", "")).lower():
            flat = " ".join(rule["expr"].split())
            changed += old in flat
            rule["expr"] = flat.replace(old, new)
    assert changed
    rules.write_text(yaml.safe_dump(data))
    failed, _ = _verdicts(tmp_path)
    assert f"OneBudget{noticed}" in failed


def _proved(spec: str, tmp_path: Path) -> tuple[dict[str, str], list[str]]:
    built = _generate(spec, tmp_path)
    problems = [problem.message for problem in built.problems if problem.rule != "runbook-parts"]
    assert not problems, problems
    return _verdicts(tmp_path)


def _generate(spec: str, tmp_path: Path) -> pipeline.Built:
    (tmp_path / "specs").mkdir()
    (tmp_path / "specs/fleet.yaml").write_text(FLEET)
    (tmp_path / "specs/chat.yaml").write_text(spec)
    out = tmp_path / "out"
    out.mkdir()
    return pipeline.build(pipeline.read([tmp_path / "specs"]), out, verify=False)


def _verdicts(tmp_path: Path) -> tuple[dict[str, str], list[str]]:
    files = sorted((tmp_path / "out").glob("prometheus/tests/*/*.yaml"))
    verdicts = list(prove(files, Tools(tmp_path / "scratch", os.environ)))
    return {v.group: v.failure for v in verdicts if v.failure}, [v.group for v in verdicts]
