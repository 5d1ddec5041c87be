"""What Loki's ruler reads: goldens, and broken copies that are told."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from llmmon.targets.loki import faults, logql_faults

if TYPE_CHECKING:
    from conftest import Fleet

GOLDEN = Path(__file__).parent / "golden"
STACK = """\
elasticsearch: {hosts: ["https://elasticsearch:9200"]}
logs: {delete: 30d, loki: true}
"""
LOGS = r"""workload: {namespace: llm, name: chat}
logs:
  input: {tcp: 5000}
  level: severity
  extract:
    cost_amount: {pattern: 'cost \$%{NUMBER:cost_amount}', sample: cost $1.20, gives: 1.2}
  analysis:
    queries:
      cost-by-model: {by: model, sum: cost_amount}
      tokens-by-model: {help: Tokens., by: model, sum: usage.tokens}
      errors-by-type: {within: 4h, where: {level: error}, by: exception.class}
      errors: {within: 1h, where: {level: error}}
    alerts:
      ManyErrorLogs: {where: {level: error}, above: 50, for: 5m, by: model}
      Aborted: {where: {user: a}, severity: critical, category: availability, summary: It aborted}
"""


def written(fleet: Fleet, stack: str = STACK, logs: str = LOGS) -> Fleet:
    """The small fleet with a log stack, and its service with logs."""
    fleet.edit(
        "specs/fleet.yaml",
        "{env: production}}}",
        "{env: production}}, staging: {selector: {env: staging}, demote: {critical: warning, warning: 'off'}}}",
    )
    for name, text in (("specs/fleet.yaml", stack), ("specs/chat.yaml", logs)):
        fleet.write(name, (fleet.root / name).read_text() + text)
    return fleet


def made(fleet: Fleet) -> dict[str, str]:
    """The texts, by path below the target's folder."""
    ran = fleet.run("generate")
    assert ran.code == 0, ran.out
    return {path: text.decode() for path, text in fleet.files("generated/loki").items()}


def test_goldens(fleet: Fleet) -> None:
    files = {p.relative_to(GOLDEN).as_posix(): p.read_text() for p in GOLDEN.rglob("*") if p.is_file()}
    assert made(written(fleet)) == files


def test_without_the_word_there_is_nothing(fleet: Fleet) -> None:
    assert made(written(fleet, STACK.replace("loki: true", "loki: false"))) == {}


def test_it_needs_no_elasticsearch_but_a_pipeline_does(fleet: Fleet) -> None:
    ran = written(fleet, "logs: {delete: 30d, loki: true}\n").run("generate")
    assert [line for line in ran.problems if "error" in line] == [
        line for line in ran.problems if "logs have nowhere to go" in line
    ]


def test_an_environment_demotes_and_drops(fleet: Fleet) -> None:
    [group] = yaml.safe_load(made(written(fleet))["rules/staging/chat.yaml"])["groups"]
    assert [(rule["alert"], rule["labels"]["severity"]) for rule in group["rules"]] == [("Aborted", "warning")]


def test_a_field_that_logstash_makes_is_in_no_query(fleet: Fleet) -> None:
    assert "cost_amount" not in made(written(fleet))["queries/chat.logql"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("where: {level: error}, above", "where: {cost_amount: 1}, above", "cost_amount is made by Logstash"),
        ("where: {level: error}, above: 50, for: 5m, by: model", "above: 50", "counts every line"),
        ("ManyErrorLogs:", "HighErrorRate:", "HighErrorRate is an alert on metrics already"),
        ("by: model}\n      Aborted", "by: service}\n      Aborted", "service is a label of every alert"),
        ("workload: {namespace: llm, name: chat}\n", "", "nothing says which lines are the service's"),
        ("ManyErrorLogs:", "many:", "is no alert name"),
        ("above: 50", "above: -1", "greater than or equal to 0"),
    ],
)
def test_a_mistake_is_told_at_its_line(fleet: Fleet, old: str, new: str, said: str) -> None:
    ran = written(fleet, logs=LOGS.replace(old, new)).run("generate")
    assert ran.code == 1
    assert any(said in line and line.startswith("specs/chat.yaml:") for line in ran.problems), ran.out


@pytest.mark.parametrize("text", ['a"b', "a\\", '"} | x', "`", "a\nb", "\u2028é🎉", "{{x}}", "}"])
def test_hostile_values_stay_inside_their_quotes(fleet: Fleet, text: str) -> None:
    logs = LOGS.replace("{user: a}", f"{{user: {json.dumps(text, ensure_ascii=False)}}}")
    logs = logs.replace("    alerts:\n", f"    streams: {{app: {json.dumps(text, ensure_ascii=False)}}}\n    alerts:\n")
    [group] = yaml.safe_load(made(written(fleet, logs=logs))["rules/production/chat.yaml"])["groups"]
    expr = group["rules"][1]["expr"]
    assert not list(logql_faults(expr))
    quoted = expr.partition("| user=")[2].removesuffix(" [5m])) > 0")
    assert json.loads(quoted) == text


@pytest.mark.parametrize(
    ("expr", "said"),
    [
        ("sum(count_over_time({} | json [5m])) > 1", "no label with a value"),
        ('sum(count_over_time({app=""} | json [5m])) > 1', "no label with a value"),
        ('sum(count_over_time({app=~".*"} | json [5m])) > 1', "no label with a value"),
        ('sum(count_over_time({app="a"} | json [5m]) > 1', "'(' is never closed"),
        ('sum(count_over_time({app="a"} | json [5m]))) > 1', "')' closes nothing"),
        ('sum(count_over_time({app="a} | json [5m])) > 1', "is no LogQL"),
        ('{app="a"} | json', "without a window"),
    ],
)
def test_broken_logql_is_told(expr: str, said: str) -> None:
    assert any(said in fault for fault in logql_faults(expr))


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("alert", "", "needs an alert's name"),
        ("for", "5 minutes", "is no duration"),
        ("labels", {"a-b": "x"}, "'a-b' is no label name"),
        ("expr", "up", "without a window"),
    ],
)
def test_a_broken_rule_is_told(key: str, value: Any, said: str) -> None:
    body = yaml.safe_load((GOLDEN / "rules/production/chat.yaml").read_text())
    assert not list(faults(body))
    broken = deepcopy(body)
    broken["groups"][0]["rules"][0][key] = value
    assert any(said in fault and keys == ("chat.production.logs", 0) for keys, fault in faults(broken))


def test_a_group_that_stands_twice_is_told() -> None:
    body = yaml.safe_load((GOLDEN / "rules/production/chat.yaml").read_text())
    assert ((), "the group 'chat.production.logs' stands twice") in list(faults({"groups": body["groups"] * 2}))
