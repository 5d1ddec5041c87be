"""Trends and baselines: what is recorded, watched and shown, and what is refused."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lower_examples import FLEET, chat

from llmmon.problem import Level

SIGNALS = """\
signals:
  requests: {rate: requests_total, by: [model]}
  errors: {ratio: {bad: 'requests_total{ok="false"}', total: requests_total}}
  answers: {ratio: {good: 'requests_total{ok="true"}', total: requests_total}}
  latency: {histogram: seconds}
  waiting: {gauge: queue}
  store: {gauge: store_bytes, by: [instance]}
  disk: {usage: {used: store_bytes, limit: store_limit_bytes}}
  earlier: {expr: max(queue offset 1d)}
"""
HERE = 'service="chat",environment="production"'
SERVER = "prometheus: {retention: {time: 10d}}\n"


@pytest.mark.parametrize(
    ("written", "name", "compared"),
    [
        ("{of: latency.p95, versus: 1w, rises: 20%}", "TRises", "service:trend_t_versus_ratio:offset7d{%s} > 1.2"),
        ("{of: answers, versus: 1d, drops: 20%}", "TDrops", "service:trend_t_versus_ratio:offset1d{%s} < 0.8"),
        (
            "{of: store, per: 1d, grows: 1GiB}",
            "TGrows",
            "service_instance:trend_t_growth_bytes:delta1d{%s} > 1073741824",
        ),
        (
            "{of: disk, until: 100%, within: 7d}",
            "TFillsUp",
            "service:trend_t_forecast_ratio:predict7d{%s} > 1 and service:trend_t_left_seconds:deriv1d{%s} >= 0",
        ),
    ],
)
def test_a_bound_becomes_an_alert_on_what_is_recorded(written: str, name: str, compared: str) -> None:
    found = chat(f"{SIGNALS}trends: {{t: {written}}}")
    assert found.expr() == compared.replace("%s", HERE)
    alert = found.alert()
    assert (alert.name, alert.severity, str(alert.hold)) == (name, "info", "1:00:00")


def test_without_a_bound_there_is_no_alert_and_the_series_is_recorded_all_the_same() -> None:
    found = chat(f"{SIGNALS}trends: {{a: {{of: requests, versus: 1w}}, b: {{of: store, until: 1GiB}}}}")
    assert found.alerts() == {}
    names = {rule.name for rule in found.rules().recordings}
    assert {"service_model:trend_a_versus_ratio:offset7d", "service_instance:trend_b_left_seconds:deriv1d"} <= names


def test_a_trend_never_takes_a_range_or_an_offset_of_raw_series() -> None:
    found = chat(
        f"{SIGNALS}trends: {{a: {{of: requests, versus: 1w}}, b: {{of: store, until: 1GiB}}, "
        "c: {of: waiting, per: 1d}}"
    )
    texts = [text for name, text in found.recorded().items() if ":trend_" in name]
    assert len(texts) == 3
    assert not [text for text in texts if "_total" in text or "store_bytes{" in text or "queue{" in text]


def test_an_alert_says_its_own_name_severity_category_and_time() -> None:
    more = "alert: Regression, severity: warning, category: quality, for: 2h, guard: {signal: requests, above: 1/s}"
    found = chat(f"{SIGNALS}trends: {{t: {{of: latency.p95, versus: 1w, rises: 20%, {more}}}}}")
    alert = found.alert()
    assert (alert.id, alert.labels["category"], str(alert.hold)) == ("Regression@warning", "quality", "2:00:00")
    assert found.expr().endswith(f"and on () service:requests:rate5m{{{HERE}}} > 1")


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("{of: latency.p59, versus: 1w}", "is not one value: write latency.p50"),
        ("{of: latenzy, versus: 1w}", "unknown signal 'latenzy': did you mean 'latency'?"),
        ("{of: latency.p95}", "exactly one of versus, per, until: nothing is here"),
        ("{of: store, versus: 1w, until: 1GiB}", "exactly one of versus, per, until: versus and until is here"),
        ("{of: store, versus: 1w, grows: 1GiB}", "grows: belongs to per, and this trend has versus"),
        ("{of: store, until: 1GiB, rises: 20%}", "rises: belongs to versus, and this trend has until"),
        ("{of: store, versus: 1w, rises: 20%, drops: 20%}", "two alerts: make a trend for each"),
        (
            "{of: store, until: 1GiB, severity: warning}",
            "severity: is of an alert, and this trend has none: write within",
        ),
        ("{of: store, versus: 1w, for: 1h}", "for: is of an alert, and this trend has none: write rises or drops"),
        ("{of: latency.p95, versus: 1w, rises: 0%}", "'0%' is no rise"),
        ("{of: latency.p95, versus: 1w, rises: 3}", "'3' is no rise: write a share"),
        ("{of: latency.p95, versus: 1w, drops: 100%}", "'100%' is no drop"),
        ("{of: store, per: 1d, grows: -1GiB}", "'-1GiB' is no growth"),
        ("{of: store, per: 1d, grows: 10}", "10 has no unit: store is in bytes, so write it like 90GiB"),
        ("{of: store, until: 100, within: 1d}", "100 has no unit: store is in bytes, so write it like 90GiB"),
        ("{of: store, until: 80%, within: 1d}", "'80%' cannot be compared with store, which is in bytes"),
        ("{of: disk, until: 1GiB}", "'1GiB' cannot be compared with disk, which is in ratio"),
        ("{of: earlier, versus: 1w}", "earlier compares with the past already"),
        ("{of: store, by: [model], versus: 1w}", "has no label 'model'"),
    ],
)
def test_a_trend_that_means_nothing_is_refused(written: str, said: str) -> None:
    found = chat(f"{SIGNALS}trends: {{t: {written}}}")
    assert found.service is None
    assert any(said in message for message in found.messages), found.messages


def test_the_trend_of_a_trend_is_refused() -> None:
    found = chat(f"{SIGNALS}trends: {{a: {{of: latency.p95, versus: 1w}}, b: {{of: trend_a.versus, versus: 1w}}}}")
    assert found.found == ["trend-of-a-trend"]


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ("trends: {t: {of: latency.p95, versus: 11d}}", ["beyond-retention"]),
        ("trends: {t: {of: latency.p95, versus: 10d}}", []),
        ("trends: {t: {of: store, until: 1GiB, over: 12d}}", ["beyond-retention"]),
        ("trends: {t: {of: store, per: 30d}}", ["beyond-retention"]),
        ("alerts: {A: {signal: latency.p95, rises: {by: 20%, versus: 30d}, category: latency}}", ["beyond-retention"]),
        ("alerts: {A: {signal: latency.p95, deviates: {by: 20%, over: 1d}, category: latency}}", []),
    ],
)
def test_what_prometheus_has_forgotten_is_a_warning(more: str, told: list[str]) -> None:
    found = chat(SIGNALS + more, FLEET + SERVER)
    assert [problem.rule for problem in found.problems] == told
    assert all(problem.level is Level.WARNING for problem in found.problems)
    assert found.service is not None


def test_without_a_server_of_ours_nobody_knows_what_is_kept() -> None:
    assert chat(f"{SIGNALS}trends: {{t: {{of: latency.p95, versus: 400d}}}}").problems == []


@pytest.mark.parametrize(
    ("written", "alerts"),
    [
        ("{signal: errors, value: 1%}", ["BAboveBaseline@info"]),
        ("{signal: answers, value: 85%}", ["BBelowBaseline@info"]),
        ("{signal: latency.p95, value: 45ms}", ["BAboveBaseline@info"]),
        ("{signal: disk, value: 40%}", ["BAboveBaseline@info"]),
        ("{signal: requests, value: 1000/s, worse: below}", ["BBelowBaseline@info"]),
        ("{signal: requests, value: 1000/s, worse: both}", ["BAboveBaseline@info", "BBelowBaseline@info"]),
        ("{signal: waiting, value: 10, worse: above}", ["BAboveBaseline@info"]),
    ],
)
def test_a_baseline_is_told_on_the_side_that_is_worse(written: str, alerts: list[str]) -> None:
    assert list(chat(f"{SIGNALS}baselines: {{b: {written}}}").alerts()) == alerts


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("{signal: answers, value: 85%, worse: above}", "of answers more is better: write worse: below"),
        ("{signal: answers, value: 85%, worse: both}", "of answers more is better: write worse: below"),
        ("{signal: errors, value: 1%, worse: below}", "of errors less is better: write worse: above"),
        ("{signal: latency.p95, value: 45ms, worse: below}", "of latency.p95 less is better: write worse: above"),
        ("{signal: requests, value: 1000/s}", "is more or less of requests worse?"),
        ("{signal: waiting, value: 10}", "is more or less of waiting worse?"),
        ("{signal: latency.p95, value: 45}", "45 has no unit: latency.p95 is in seconds, so write it like 45ms"),
        ("{signal: answers, value: 85}", "85 has no unit: answers is in ratio, so write it like 85%"),
        ("{signal: latency.p95, value: 45%}", "'45%' cannot be compared with latency.p95"),
        ("{signal: errors, value: 1%, tolerance: 0%}", "'0%' tolerates nothing"),
        ("{signal: errors, value: 1%, tolerance: 0}", "'0' tolerates nothing"),
        ("{signal: errors, value: 1%, tolerance: 20}", "'20' is more than 10 times the baseline: did you mean 20%?"),
        ("{signal: errors, value: 1%, tolerance: 1001%}", "'1001%' is more than 10 times the baseline: write 1000%"),
        ("{signal: errors, value: 1%, tolerance: 5ms}", "'5ms' is no tolerance"),
        ("{signal: answers, value: 85%, tolerance: 100%}", "100% below a baseline is less than nothing"),
        ("{signal: requests, value: 5/s, worse: both, tolerance: 200%}", "200% below a baseline is less than nothing"),
    ],
)
def test_a_baseline_in_the_wrong_direction_is_refused(written: str, said: str) -> None:
    found = chat(f"{SIGNALS}baselines: {{b: {written}}}")
    assert found.service is None
    assert any(said in message for message in found.messages), found.messages


@settings(derandomize=True, deadline=None, max_examples=40)
@given(st.integers(1, 999), st.sampled_from(["requests", "answers", "errors"]))
def test_no_baseline_is_ever_on_the_good_side_of_its_value(percent: int, signal: str) -> None:
    value, worse = {"requests": ("10/s", ", worse: above"), "answers": ("50%", ""), "errors": ("50%", "")}[signal]
    tolerance = f"tolerance: {percent / 10:g}%"
    found = chat(f"{SIGNALS}baselines: {{b: {{signal: {signal}, value: {value}{worse}, {tolerance}}}}}")
    text = found.expr()
    limit, base = float(text.rpartition(" ")[2]), 10 if signal == "requests" else 0.5
    assert limit < base if " < " in text else limit > base
    assert (" < " in text) == (signal == "answers")
