"""Signals: what is refused, what is read into the spec, and the names of what is recorded."""

from __future__ import annotations

import pytest
from lower_examples import CHAT, chat

from llmmon.plan import ByLabel
from llmmon.plan import shapes as sh
from llmmon.promql import to_text

REAL = '{job="chat",env="production"}'


@pytest.mark.parametrize(
    ("signal", "unit"),
    [
        ("{rate: requests_total}", "requests/s"),
        ("{increase: requests_total}", "requests"),
        ("{rate: requests_total, unit: answers/s}", "answers/s"),
        ("{ratio: {bad: failures_total, total: requests_total}}", "ratio"),
        ("{ratio: {part: cost_usd_total, total: tokens_in_total}}", "USD"),
        ("{ratio: {part: tokens_in_total, total: tokens_out_total}}", "ratio"),
        ("{ratio: {part: tokens_in_total, total: tokens_out_total}, per: 1000}", "tokens"),
        ("{mean: wait_seconds}", "seconds"),
        ("{gauge: store_bytes}", "bytes"),
        ("{usage: {used: store_bytes, limit: store_limit_bytes}}", "ratio"),
        ("{age: backup_timestamp_seconds}", "seconds"),
        ("{expr: sum(queue)}", None),
    ],
)
def test_the_unit_of_a_signal_follows_from_its_metric(signal: str, unit: str | None) -> None:
    assert chat(f"signals: {{x: {signal}}}").rules().signals.keys() <= {"x"}
    found = chat(f"signals: {{x: {signal}}}\nalerts: {{A: {{signal: x, above: 1, category: quality}}}}").rules()
    assert found.signals["x"].unit == unit


def test_a_histogram_is_one_signal_per_quantile_and_their_mean() -> None:
    found = chat("""
        signals: {l: {histogram: seconds, quantiles: [0.5, 0.999]}}
        alerts:
          A: {signal: l.p50, above: 1s, category: latency}
          B: {signal: l.p99_9, above: 1s, category: latency}
          C: {signal: l.mean, above: 1s, category: latency}
    """).rules()
    assert {type(found.signals[role].measure) for role in ("l.p50", "l.p99_9")} == {sh.Quantile}
    assert isinstance(found.signals["l.mean"].measure, sh.Mean)


@pytest.mark.parametrize(
    ("signal", "rule", "said"),
    [
        ("{rate: queue}", "wrong-metric-type", "the rate of a gauge means nothing"),
        ("{gauge: requests_total}", "wrong-metric-type", "a counter only ever rises"),
        ("{gauge: seconds}", "wrong-metric-type", "write histogram: seconds"),
        ("{histogram: wait_seconds}", "wrong-metric-type", "this needs a histogram"),
        ("{rate: request_total}", "unknown-metric", "did you mean 'requests_total'?"),
        ("{rate: 'requests_total{okay=\"true\"}'}", "unknown-label", "did you mean 'ok'?"),
        ("{rate: 'requests_total{ok=\"yes\"}'}", "unknown-label-value", "is never 'yes'"),
        ("{rate: requests_total, by: [modell]}", "unknown-label", "did you mean 'model'?"),
        ("{rate: 'sum(requests_total)'}", "no-selector", "is no selector"),
        ("{rate: 'requests_total[5m]'}", "no-selector", "is no selector"),
        ("{rate: requests_total offset 1h}", "no-selector", "leave offset and @ out"),
        ("{rate: '{job=\"chat\"}'}", "no-selector", "is no selector"),
        ("{expr: 'sum(queue'}", "promql-syntax", "PromQL does not parse"),
        ("{expr: sum(queue), by: [model]}", "unknown-label", "does not keep the label 'model'"),
        ("{expr: sum by (model) (queue), by: {m: model}}", "unknown-label", "rename 'model' inside it"),
        ("{usage: {used: store_bytes, limit: 5s}}", "wrong-unit", "is no limit for store_bytes"),
        ("{usage: {used: busy_seconds_total, limit: 4}}", "wrong-metric-type", "a counter only ever rises"),
    ],
)
def test_a_signal_that_would_be_dead_is_refused(signal: str, rule: str, said: str) -> None:
    found = chat(f"signals: {{x: {signal}}}")
    assert found.service is None
    assert rule in found.found
    assert any(said in message for message in found.messages)


@pytest.mark.parametrize("name", ["team", "service", "environment", "severity", "namespace", "slo", "window", "le"])
def test_a_reserved_label_is_refused_and_the_message_says_how_to_rename_it(name: str) -> None:
    base = CHAT.replace("labels: [model], help: Failures.", f"labels: [model, {name}], help: Failures.")
    found = chat(f"signals: {{x: {{rate: failures_total, by: [{name}]}}}}", base=base)
    assert any(f"by: {{series_{name}: {name}}}" in message for message in found.messages)


def test_a_renamed_label_is_kept_under_its_new_name() -> None:
    found = chat("signals: {x: {rate: requests_total, by: {tenant: team}}}")
    (name,) = found.recorded()
    assert name == "service_tenant:x_requests:rate5m"
    (rule,) = found.rules().recordings
    assert rule.signal
    assert rule.signal.by == (ByLabel("tenant", "team"),)


def test_the_unit_is_in_the_name_once_only() -> None:
    found = chat("""
        signals:
          tokens_in: {rate: tokens_in_total}
          spend: {rate: cost_usd_total}
          wait: {mean: wait_seconds, unit: "Seconds (s)"}
    """)
    assert set(found.recorded()) == {
        "service:tokens_in:rate5m",
        "service:spend_usd:rate5m",
        "service:wait_seconds_s:mean_rate5m",
    }


def test_two_signals_that_would_share_a_series_are_refused() -> None:
    found = chat("signals: {spend: {rate: cost_usd_total}, spend_usd: {rate: tokens_in_total, unit: USD}}")
    assert found.found == ["duplicate-recording"]
    assert "service:spend_usd:rate5m" in found.messages[0]


def test_a_signal_is_recorded_once_per_grouping_and_only_where_something_uses_it() -> None:
    found = chat("""
        signals: {r: {rate: requests_total}, q: {gauge: queue}}
        alerts:
          A: {signal: r, above: 1/s, category: quality}
          B: {signal: r, below: 1/s, category: quality}
          C: {signal: r, by: [model], above: 1/s, category: quality}
          D: {signal: q, above: 1, category: quality}
    """)
    assert found.recorded() == {
        "service:r_requests:rate5m": f"sum(rate(requests_total{REAL}[5m]))",
        "service_model:r_requests:rate5m": f"sum by (model) (rate(requests_total{REAL}[5m]))",
    }


def test_the_highest_usage_is_that_with_the_least_left() -> None:
    expression = "signals: {{u: {{usage: {{free: store_free_bytes, limit: store_limit_bytes}}, how: {how}}}}}"
    wanted = {"max": ("min", "max"), "min": ("max", "max"), "sum": ("sum", "sum"), "avg": ("avg", "max")}
    for how, (free, limit) in wanted.items():
        (text,) = chat(expression.format(how=how)).recorded().values()
        assert text == f"1 - {free}(store_free_bytes{REAL}) / {limit}(store_limit_bytes{REAL})"


def test_a_group_of_quantiles_stays_within_20_rules() -> None:
    quantiles = ", ".join(f"0.{n:02}" for n in range(1, 17))
    found = chat(f"signals: {{l: {{histogram: seconds, quantiles: [{quantiles}]}}}}")
    assert [len(group.rules) for group in found.rules().groups] == [17]
    assert not chat(f"signals: {{l: {{histogram: seconds, quantiles: [{quantiles}, 0.99]}}}}").service


def test_rules_of_one_signal_stay_together_when_groups_fill_up() -> None:
    signals = "\n".join(f"  l{n}: {{histogram: seconds, by: [model], quantiles: [0.5, 0.95, 0.99]}}" for n in range(12))
    groups = chat(f"signals:\n{signals}\n").rules().groups
    assert [len(group.rules) for group in groups] == [20, 20, 8]
    assert [group.name.rpartition(".")[2] for group in groups] == ["recording", "recording-2", "recording-3"]
    for group in groups:
        own = {rule.name for rule in group.rules}
        assert all(name in own for rule in group.rules for name in own if f"{name}{{" in to_text(rule.expr))
        assert sum(name.endswith("bucket:rate5m") for name in own) * 4 == len(own)
