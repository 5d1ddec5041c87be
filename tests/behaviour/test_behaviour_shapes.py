"""Shapes that the repository's own specs do not have, each proved by promtool."""

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
  requests_total: {type: counter, unit: requests, labels: {ok: ["true", "false"], model: [], team: []}, help: Requests.}
  cost_usd_total: {type: counter, unit: USD, labels: [model, team], help: Cost.}
  seconds: {type: histogram, unit: seconds, labels: [model], buckets: [100ms, 1s, 5s], help: Time.}
  waiting: {type: gauge, unit: requests, labels: [model], help: Waiting.}
  temperature: {type: gauge, labels: [rack], help: Degrees.}
  pool_used: {type: gauge, unit: bytes, labels: [pool], help: Used.}
  pool_size: {type: gauge, unit: bytes, labels: [pool], help: Size.}
signals:
  requests: {rate: requests_total, by: {tenant: team}}
  errors: {ratio: {bad: 'requests_total{ok="false"}', total: requests_total}, by: [model]}
  latency: {histogram: seconds, by: [model]}
  waiting: {gauge: waiting, how: sum, by: [model]}
  coldest: {gauge: temperature, how: min, by: [rack]}
  mean_wait: {gauge: waiting, how: avg, over: 10m}
  spend: {rate: cost_usd_total, unit: USD}
  pool: {usage: {used: pool_used, limit: pool_size}, how: sum, by: [pool]}
  left: {expr: sum(pool_size) - sum(pool_used), unit: bytes}
budgets:
  daily: {signal: spend, limit: 500 USD, rolling: 1d, by: {tenant: team}}
alerts:
"""
ALERTS = {
    "a renamed label": "{signal: requests, above: 100/s, for: 5m}",
    "another threshold for one model": (
        "{signal: latency.p95, above: 1s, for: 5m, where: [{model: big, above: 3s}], category: latency}"
    ),
    "another threshold for a pair of labels": (
        "{signal: errors, by: {model: model, tenant: team}, above: 5%, for: 5m, "
        "where: [{model: big, tenant: x, above: 20%}]}"
    ),
    "an absent signal": "{signal: requests, by: [], absent: true, for: 5m}",
    "a drop below the mean": "{signal: requests, by: [], drops: {by: 60%, versus: 1h, mean: true}, for: 5m}",
    "a rise above last week": "{signal: requests, by: [], rises: {times: 3, versus: 7d}, for: 5m}",
    "a rise above the mean": "{signal: waiting, rises: {by: 50%, versus: 1d, mean: true}, for: 5m, category: capacity}",
    "a deviation in sigmas": "{signal: requests, deviates: {sigma: 3, over: 1d}, for: 5m}",
    "a deviation with a floor": "{signal: waiting, deviates: {sigma: 2, over: 6h, floor: 40%}, category: capacity}",
    "a deviation by a share": "{signal: requests, by: [], deviates: {by: 25%, over: 7d}, for: 5m}",
    "a deviation of what is negative": "{signal: coldest, deviates: {sigma: 3, over: 1d}, category: capacity}",
    "a rise of a share": "{signal: errors, by: [], rises: {times: 3, versus: 1h}, for: 5m}",
    "a negative threshold": "{signal: coldest, below: -10, for: 5m, category: capacity}",
    "a guard on another metric": (
        "{signal: waiting, above: 50, for: 5m, guard: {signal: spend, above: 0.5}, category: cost}"
    ),
    "a smoothed gauge": "{signal: mean_wait, above: 50, for: 5m, category: capacity}",
    "the sum of a usage": "{signal: pool, above: 80%, for: 5m}",
    "a mean": "{signal: latency.mean, above: 1s, for: 5m, category: latency}",
    "a busy guard": "{signal: errors, above: 5%, for: 5m, guard: {signal: requests, above: 90000/s}}",
    "no hold": "{signal: waiting, above: 0, for: 0s, category: capacity}",
    "arithmetic": "{signal: left, below: 1GiB, for: 5m, category: capacity}",
    "a tiny share": "{signal: errors, by: [], above: 0.001%, for: 5m}",
    "nearly one": ("{signal: errors, by: [], above: 99%, for: 5m}"),
}


@pytest.mark.parametrize("name", ALERTS)
def test_a_shape_is_proved(name: str, tmp_path: Path) -> None:
    failed, found = _proved(SPEC + f"  Alert: {ALERTS[name]}\n", tmp_path)
    assert not failed
    assert any(group.startswith("Alert@") for group in found)


TRENDS = {
    "a rise against last week": "{of: latency.p95, versus: 1w, rises: 20%}",
    "a drop against yesterday": "{of: requests, by: [], versus: 1d, drops: 80%}",
    "a share that drops": "{of: errors, by: [], versus: 1w, drops: 20%}",
    "a rise with a guard": "{of: errors, by: [], versus: 1w, rises: 20%, guard: {signal: requests, above: 0.1/s}}",
    "growth": "{of: waiting, by: [], per: 1d, grows: 100}",
    "growth of a share": "{of: pool, per: 6h, grows: 5%}",
    "a limit": "{of: waiting, until: 1000, over: 6d, within: 30d}",
    "a limit that is another metric": "{of: pool, until: 100%, within: 7d}",
    "a limit within hours": "{of: mean_wait, until: 500, over: 2h, within: 6h, for: 5m}",
    "a limit of an odd trend": "{of: mean_wait, until: 500, over: 51h, within: 6d}",
}


@pytest.mark.parametrize("name", TRENDS)
def test_a_trend_is_proved(name: str, tmp_path: Path) -> None:
    given = TRENDS[name].removesuffix("}") + ", alert: Alert, category: capacity}"
    failed, found = _proved(SPEC.replace("alerts:\n", f"trends:\n  trend: {given}\n"), tmp_path)
    assert not failed
    assert any(group.startswith("Alert@") for group in found)


BASELINES = {
    "above": ("{signal: latency.p95, value: 500ms, tolerance: 30%}", "SpeedAboveBaseline@info"),
    "below": ("{signal: requests, value: 1000/s, worse: below}", "SpeedBelowBaseline@info"),
    "both": ("{signal: waiting, value: 40, worse: both, tolerance: 50%}", "SpeedBelowBaseline@info"),
}


@pytest.mark.parametrize("name", BASELINES)
def test_a_baseline_is_proved(name: str, tmp_path: Path) -> None:
    written, wanted = BASELINES[name]
    failed, found = _proved(SPEC.replace("alerts:\n", f"baselines:\n  speed: {written}\n"), tmp_path)
    assert not failed
    assert wanted in found


def test_a_budget_with_a_constant_limit_is_proved(tmp_path: Path) -> None:
    failed, found = _proved(SPEC.replace("alerts:\n", ""), tmp_path)
    assert not failed
    assert {"DailyBudgetUsed@warning", "DailyBudgetExhausted@critical"} <= set(found)


FREE = """\
  Alert:
    expr: sum by (model) (waiting) > 100
    for: 5m
    category: capacity
    summary: Long queue
    test: {fires: ['waiting{model="m{{ 1..2 }}"} 200x20'], silent: ['waiting{model="m"} 200x3 5x20']}
"""


FIRST = SPEC.replace("budgets:", "  failed: {increase: 'requests_total{ok=\"false\"}', by: [model]}\nbudgets:")
FIRST += "  Alert: {signal: failed, above: 0, for: 1m, severity: critical, category: security}\n"


def test_the_first_event_of_a_series_fires_and_its_return_does_not(tmp_path: Path) -> None:
    failed, found = _proved(FIRST, tmp_path)
    assert not failed
    assert {"Alert@critical, first", "Alert@critical, restarted", "Alert@critical, unobserved"} <= set(found)


@pytest.mark.parametrize(
    ("old", "new", "noticed"),
    [
        (" and on (job, instance) up", " or 0 * up", "Alert@critical, unobserved"),
        ("min_over_time", "0 * min_over_time", "Alert@critical, first"),
    ],
)
def test_a_first_event_that_is_counted_wrongly_is_noticed(old: str, new: str, noticed: str, tmp_path: Path) -> None:
    _write(FIRST, tmp_path)
    out = tmp_path / "out"
    out.mkdir()
    pipeline.build(pipeline.read([tmp_path / "specs"]), out, verify=False)
    rules = out / "prometheus/rules/production/chat.yaml"
    data = yaml.safe_load(rules.read_text())
    for group in data["groups"]:
        for rule in group["rules"]:
            if rule.get("record", "").endswith("_first"):
                flat = " ".join(rule["expr"].split())
                assert old in flat
                rule["expr"] = flat.replace(old, new)
    rules.write_text(yaml.safe_dump(data))
    verdicts = prove(sorted(out.glob("prometheus/tests/*/*.yaml")), Tools(tmp_path / "scratch", os.environ))
    assert noticed in {verdict.group for verdict in verdicts if verdict.failure}


def test_series_of_a_test_are_put_into_scope(tmp_path: Path) -> None:
    failed, found = _proved(SPEC + FREE, tmp_path)
    assert not failed
    assert {"Alert@warning, fires", "Alert@warning, silent"} <= set(found)
    text = (tmp_path / "out/prometheus/tests/production/chat.yaml").read_text()
    assert 'waiting{env="production",job="chat",model="m2"}' in text


def test_a_test_that_does_not_fire_fails(tmp_path: Path) -> None:
    failed, _ = _proved(SPEC + FREE.replace("200x20", "90x20"), tmp_path)
    assert [group for group in failed if group.endswith("fires")]


ODD = SPEC.replace("budgets:", "  news: {expr: 'max(waiting) != max(waiting offset 15m)'}\nbudgets:")
ODD += "  Alert: {signal: news, above: 0, category: quality%s}\n"


def test_a_signal_for_which_no_series_can_be_made_is_proved_by_a_test_of_its_own(tmp_path: Path) -> None:
    own = ", test: {fires: ['waiting 1x20 2x12'], silent: ['waiting 1x40']}"
    failed, found = _proved(ODD % own, tmp_path)
    assert not failed
    assert {"Alert@warning, fires", "Alert@warning, silent"} <= set(found)


def test_without_one_it_is_told(tmp_path: Path) -> None:
    _write(ODD % "", tmp_path)
    built = pipeline.build(pipeline.read([tmp_path / "specs"]), tmp_path / "out", verify=False)
    told = [problem.message for problem in built.problems if problem.rule == "no-proof"]
    assert len(told) == 1
    assert "no sum, difference" in told[0]


@pytest.mark.parametrize(
    ("alert", "message"),
    [
        ("{signal: latency.p95, above: 5s, category: latency}", "5 is not below the highest finite bucket, 5"),
        ("{signal: errors, above: 100%}", "1 is not below what the measure can reach, 1"),
        (
            "{expr: max(waiting) > 3, category: cost, summary: s, for: 1h, test: {fires: [waiting 5x9]}}",
            "9 minutes long",
        ),
        ("{expr: max(waiting) > 3, category: cost, summary: s, test: {fires: [waiting]}}", "write a series"),
    ],
)
def test_an_alert_without_a_proof_is_told(alert: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    _write(SPEC + f"  Alert: {alert}\n", tmp_path)
    built = pipeline.build(pipeline.read([tmp_path / "specs"]), tmp_path / "out", verify=False)
    told = [problem.message for problem in built.problems if problem.rule == "no-proof"]
    assert [text for text in told if "Alert has no behaviour test" in text and message in text], built.problems


def _proved(spec: str, tmp_path: Path) -> tuple[dict[str, str], list[str]]:
    _write(spec, tmp_path)
    out = tmp_path / "out"
    out.mkdir()
    built = pipeline.build(pipeline.read([tmp_path / "specs"]), out, verify=False)
    problems = [problem.message for problem in built.problems if problem.rule != "runbook-parts"]
    assert not problems, problems
    files = sorted(out.glob("prometheus/tests/*/*.yaml"))
    verdicts = list(prove(files, Tools(tmp_path / "scratch", os.environ)))
    return {v.group: v.failure for v in verdicts if v.failure}, [v.group for v in verdicts]


def _write(spec: str, tmp_path: Path) -> None:
    (tmp_path / "specs").mkdir()
    (tmp_path / "specs/fleet.yaml").write_text(FLEET)
    (tmp_path / "specs/chat.yaml").write_text(spec)
