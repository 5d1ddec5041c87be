"""Objectives as OpenSLO: documents of its shape, which are read again to the same objectives."""

from __future__ import annotations

import copy
import io
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openslo_shape import rules, shape
from typer.testing import CliRunner

from llmmon.cli import app
from llmmon.interchange import exported, imported
from llmmon.problem import Level
from llmmon.shape import faults

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

FLEET = """\
fleet: acme
environments: {production: {selector: {env: production}}}
teams: {inference: {}}
catch_all: [{slack: "#all"}]
receivers: {slack: {secret: slack/url}}
"""
SPEC = """\
service: chat
team: inference
description: Answers of models.
selector: {job: chat}
metrics:
  requests_total: {type: counter, unit: requests, labels: [code, model, team], help: Requests.}
  retries_total: {type: counter, unit: requests, labels: [model], help: Retries.}
  seconds: {type: histogram, unit: seconds, labels: [model], buckets: [500ms, 1s, 2.5s, 10s], help: Time.}
  first_seconds: {type: histogram, unit: seconds, labels: [model], native: true, help: Time until the first token.}
  queue: {type: gauge, labels: [model], help: Waiting.}
  share: {type: gauge, unit: ratio, labels: [model], help: Share.}
signals:
  errors: {ratio: {bad: 'requests_total{code=~"5.."}', total: requests_total}, help: Requests that fail.}
  answers: {ratio: {good: ['requests_total{code="200"}', retries_total], total: [requests_total, retries_total]}}
  latency: {histogram: seconds}
  first: {histogram: first_seconds}
  queue: {gauge: queue}
  share: {gauge: share, how: avg}
  failed: {rate: 'requests_total{code="500"}'}
  all: {rate: requests_total}
  used: {expr: 'sum(rate(seconds_sum{model="a"}[5m])) / 60', unit: ratio}
"""
KINDS = {
    "a bad ratio": "{signal: errors, objective: 99.9%}",
    "a good ratio of sums": "{signal: answers, objective: 99.5%, window: 28d}",
    "by a renamed label": "{signal: errors, objective: 99%, by: {tenant: team, model: model}}",
    "latency": "{signal: latency, within: 2.5s, objective: 95%, window: 7d}",
    "latency that is snapped": "{signal: latency, within: 2s, snap: up, objective: 95%}",
    "a native histogram": "{signal: first, within: 800ms, objective: 90%}",
    "two rates": "{bad: failed, total: all, objective: 99.99%}",
    "a raw share": "{signal: share, raw: good, objective: 80%}",
    "a raw expression": "{signal: used, raw: bad, objective: 80%}",
    "a condition": "{signal: queue, below: 100, objective: 99%}",
    "slices": "{signal: errors, objective: 99%, slice: {width: 5m, target: 99.5%}}",
    "slices of latency": "{signal: latency, within: 1s, objective: 99%, slice: 10m}",
}


def export(folder: Path, slos: str) -> tuple[list[dict[str, Any]], list[str]]:
    """The documents of a spec with these objectives, and what is told of them."""
    (folder / "specs").mkdir(exist_ok=True)
    (folder / "specs/fleet.yaml").write_text(FLEET)
    (folder / "specs/chat.yaml").write_text(f"{SPEC}slos:\n{slos}")
    made = exported.run([folder / "specs"])
    return list(yaml.safe_load_all(made.text)), [problem.message for problem in made.problems]


def again(folder: Path, documents: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The documents of the spec that these become."""
    (folder / "slos.yaml").write_text(yaml.safe_dump_all(documents, sort_keys=False))
    made = imported.run("openslo", [folder / "slos.yaml"], io.BytesIO(), None, ("inference",), "all")
    assert [problem.message for problem in made.problems if problem.level is not Level.NOTE] == []
    (folder / "second").mkdir(exist_ok=True)
    (folder / "second/fleet.yaml").write_text(FLEET)
    (folder / "second/chat.yaml").write_text(made.text)
    return list(yaml.safe_load_all(exported.run([folder / "second"]).text))


def told(documents: Sequence[dict[str, Any]]) -> dict[tuple[str, str], Any]:
    """What counts of the documents: texts for people may differ."""
    kept = copy.deepcopy(list(documents))
    for document in kept:
        document["spec"].pop("description", None)
    return {(one["kind"], one["metadata"]["name"]): one["spec"] for one in kept if one["kind"] != "Service"}


def check(documents: Sequence[dict[str, Any]]) -> list[str]:
    """What is wrong with documents of OpenSLO."""
    wrong = [message for one in documents for _, message in faults(one, shape(one["kind"]))]
    return [*wrong, *(message for one in documents for message in rules(one))]


@pytest.mark.parametrize("name", KINDS)
def test_an_objective_of_each_kind_is_written_and_read_again(name: str, tmp_path: Path) -> None:
    documents, lost = export(tmp_path, f"  one: {KINDS[name]}\n")
    assert lost == []
    assert [one["kind"] for one in documents] == ["Service", "SLI", "SLO"]
    assert check(documents) == []
    assert told(again(tmp_path, documents)) == told(documents)


def test_a_composite_names_the_indicators_of_its_parts(tmp_path: Path) -> None:
    parts = "  a_: {signal: errors, objective: 99%}\n  b: {signal: latency, within: 1s, objective: 95%}\n"
    documents, _ = export(tmp_path, f"{parts}  whole: {{parts: {{a_: 2, b: 1}}, objective: 98%}}\n")
    whole = next(one for one in documents if one["metadata"]["name"] == "chat-whole")
    assert [(item["indicatorRef"], item["compositeWeight"]) for item in whole["spec"]["objectives"]] == [
        ("chat-a", 2),
        ("chat-b", 1),
    ]
    assert check(documents) == []
    assert told(again(tmp_path, documents)) == told(documents)


def test_queries_are_those_of_the_service_in_any_environment(tmp_path: Path) -> None:
    documents, _ = export(tmp_path, f"  one: {KINDS['latency']}\n")
    ratio = documents[1]["spec"]["ratioMetric"]
    assert {key: ratio[key]["metricSource"]["spec"]["query"] for key in ("good", "total")} == {
        "good": 'sum(rate(seconds_bucket{job="chat",le=~"2[.]5"}[5m]))',
        "total": 'sum(rate(seconds_count{job="chat"}[5m]))',
    }


def test_what_openslo_cannot_say_is_told(tmp_path: Path) -> None:
    _, lost = export(
        tmp_path, "  one: {signal: errors, objective: 99%, revision: 2, guard: {signal: all, above: 0.1/s}}\n"
    )
    assert lost == ["OpenSLO has no guard on traffic: it is left out", "OpenSLO has no revision: it is left out"]


SHARES = st.integers(min_value=5_000_000, max_value=9_999_999).map(lambda n: Decimal(n) / 100_000)
WINDOWS = st.sampled_from(("7d", "14d", "28d", "30d", "45d"))
OBJECTIVES = st.lists(
    st.tuples(
        SHARES,
        WINDOWS,
        st.sampled_from(
            (
                "signal: errors",
                "signal: answers",
                "signal: errors, by: [model]",
                "signal: latency, within: 500ms",
                "signal: latency, within: 10s, by: [model]",
                "bad: failed, total: all",
                "signal: errors, slice: 5m",
            )
        ),
    ),
    min_size=1,
    max_size=4,
)


@given(OBJECTIVES)
@settings(max_examples=20, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_objectives_are_read_again_to_the_same(tmp_path: Path, objectives: list[tuple[Decimal, str, str]]) -> None:
    lines = [
        f"  o{index}: {{objective: {share}%, window: {window}, {rest}}}\n"
        for index, (share, window, rest) in enumerate(objectives)
    ]
    documents, _ = export(tmp_path, "".join(lines))
    assert check(documents) == []
    targets = [one["spec"]["objectives"][0]["target"] for one in documents if one["kind"] == "SLO"]
    assert [Decimal(str(target)) * 100 for target in targets] == [share for share, _, _ in objectives]
    assert told(again(tmp_path, documents)) == told(documents)


BROKEN = [
    ("a target of one", lambda slo: slo["spec"]["objectives"][0].update(target=1.0), "target is from 0"),
    ("no window", lambda slo: slo["spec"].pop("timeWindow"), "timeWindow"),
    ("a window of two units", lambda slo: slo["spec"]["timeWindow"][0].update(duration="1d12h"), "duration"),
    ("an odd method", lambda slo: slo["spec"].update(budgetingMethod="Guess"), "method"),
    ("a name in capitals", lambda slo: slo["metadata"].update(name="Chat"), "DNS label"),
    ("a key that nobody knows", lambda slo: slo["spec"].update(goal=1), "goal"),
    ("two indicators", lambda slo: slo["spec"]["objectives"][0].update(indicatorRef="x"), "in a composite"),
]


@pytest.mark.parametrize(("change", "said"), [case[1:] for case in BROKEN], ids=[case[0] for case in BROKEN])
def test_a_document_that_is_no_openslo_is_noticed(change: Any, said: str, tmp_path: Path) -> None:
    documents, _ = export(tmp_path, f"  one: {KINDS['a bad ratio']}\n")
    change(documents[2])
    assert any(said in message for message in check(documents)), check(documents)


def test_specs_with_errors_and_without_objectives_are_not_written(tmp_path: Path) -> None:
    (tmp_path / "fleet.yaml").write_text(FLEET)
    (tmp_path / "chat.yaml").write_text(f"{SPEC}slos: {{one: {{signal: nothing, objective: 99%}}}}\n")
    ran = CliRunner().invoke(app, ["export", "openslo", str(tmp_path)])
    assert ran.exit_code == 1
    assert "unknown signal 'nothing'" in ran.stderr
    assert ran.stdout == ""
    (tmp_path / "chat.yaml").write_text(SPEC)
    ran = CliRunner().invoke(app, ["export", "openslo", str(tmp_path)])
    assert (ran.exit_code, ran.stdout) == (1, "")
    assert "no objective" in ran.stderr
