"""Objectives, budgets and baselines: what they record, when they tell somebody, and what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from lower_examples import chat

from llmmon.lower.expressions import bound
from llmmon.plan import shapes as sh
from llmmon.promql import to_text

if TYPE_CHECKING:
    from lower_examples import Lowered

    from llmmon.plan import Alert

ERRORS = "signals: {errors: {ratio: {bad: 'requests_total{ok=\"false\"}', total: requests_total}}, l: {histogram: seconds}, part: {ratio: {part: failures_total, total: requests_total}}, q: {gauge: queue}, r: {rate: requests_total}}\n"  # fmt: skip  # noqa: E501
SPEND = (
    "signals: {spend: {rate: cost_usd_total}, tokens: {rate: [tokens_in_total, tokens_out_total]}, q: {gauge: queue}}\n"
)


def burns(found: Lowered) -> list[Alert]:
    """The burn-rate alerts alone."""
    return [alert for alert in found.alerts().values() if alert.name == "SLOErrorBudgetBurn"]


def test_an_objective_makes_one_alert_per_pair_and_records_bad_and_total_apart() -> None:
    found = chat(f"{ERRORS}slos: {{availability: {{signal: errors, objective: 99.9%}}}}")
    assert [(a.labels["window"], a.severity) for a in burns(found)] == [
        ("1h", "critical"),
        ("6h", "critical"),
        ("1d", "warning"),
        ("3d", "warning"),
    ]
    assert {a.labels["slo"] for a in found.alerts().values()} == {"availability"}
    thresholds = [to_text(alert.expr).rpartition(" > ")[2] for alert in burns(found)]
    assert thresholds == ["0.0144", "0.006", "0.003", "0.001"]
    recorded = found.recorded()
    assert {"service:slo_bad:rate5m{availability}", "service:slo_total:rate5m{availability}"} <= recorded.keys()
    long = recorded["service:slo_errors_ratio:rate30d{availability}"]
    assert long.count("sum_over_time(") == 2
    assert "avg_over_time" not in " ".join(recorded.values())


@pytest.mark.parametrize(
    ("window", "factors"),
    [
        ("28d", ["13.44", "5.6", "2.8", "0.93"]),
        ("90d", ["43.2", "18", "9", "3"]),
        ("7d", ["3.36", "1.4"]),
    ],
)
def test_the_burn_rate_follows_the_window_of_the_objective(window: str, factors: list[str]) -> None:
    alerts = burns(chat(f"{ERRORS}slos: {{a: {{signal: errors, objective: 99.9%, window: {window}}}}}"))
    for alert, factor in zip(alerts, factors, strict=True):
        assert f"burns its error budget {factor} times too fast" in alert.annotations["summary"]
        assert alert.shape
        assert isinstance(alert.shape.condition, sh.Burn)


def test_what_panels_show_is_recorded_even_where_no_pair_needs_it() -> None:
    found = chat(f"{ERRORS}slos: {{a: {{signal: errors, objective: 50%}}}}")
    assert [a.labels["window"] for a in burns(found)] == ["3d"]
    assert "service:slo_errors_ratio:rate1h{a}" in found.recorded()
    assert "service:slo_budget_left_ratio:rate30d{a}" in found.recorded()


def test_a_guard_on_an_objective_is_on_each_of_its_alerts() -> None:
    found = chat(f"{ERRORS}slos: {{a: {{signal: errors, objective: 99%, guard: {{signal: r, above: 0.1/s}}}}}}")
    guard = ' and on () service:r_requests:rate5m{service="chat",environment="production"} > 0.1'
    assert all(to_text(alert.expr).endswith(guard) for alert in burns(found))
    assert all(alert.shape and alert.shape.guard for alert in burns(found))


@pytest.mark.parametrize(
    ("slo", "said"),
    [
        ("{signal: l, within: 2s, objective: 95%}", "2s is no bucket boundary of seconds_bucket: write 1s or 2.5s"),
        ("{signal: l, within: 50ms, objective: 95%}", "write 100ms"),
        ("{signal: l, within: 10s, objective: 95%}", "write 5s"),
        ("{signal: l, within: 1MB, objective: 95%}", "is not in seconds"),
        ("{signal: q, within: 1s, objective: 95%}", "within needs a histogram"),
        ("{signal: part, objective: 95%}", "is no ratio of bad or good events"),
        ("{signal: q, objective: 95%}", "is no ratio of bad or good events"),
        ("{signal: errors, objective: 100%}", "leaves no error budget"),
        ("{signal: errors, objective: 0%}", "can never be missed"),
        ("{signal: errors, objective: 0.99}", "is no objective"),
        ("{signal: errors, objective: 99%, window: 30m}", "too short: an objective would be missed before"),
        ("{signal: errors, objective: 99%, per: [model]}", "unknown key 'per'"),
        ("{objective: 99%}", "unknown signal 'a'"),
    ],
)
def test_an_objective_that_nothing_can_measure_is_refused(slo: str, said: str) -> None:
    found = chat(f"{ERRORS}slos: {{a: {slo}}}")
    assert found.service is None
    assert any(said in message for message in found.messages), found.messages


@pytest.mark.parametrize(
    ("value", "pattern"),
    [
        ("1", "1([.]0)?"),
        ("2.5", "2[.]5"),
        ("0.005", "0[.]005"),
        ("10", "10([.]0)?"),
        ("100000", "100000([.]0)?"),
        ("1000000", "1000000([.]0)?|1e[+]06"),
        ("1048576", "1048576([.]0)?|1[.]048576e[+]06"),
        ("0.00005", "0[.]00005|5e-05"),
    ],
)
def test_a_bound_is_found_in_every_way_that_it_is_written(value: str, pattern: str) -> None:
    from decimal import Decimal

    assert bound(Decimal(value)) == pattern


def test_a_budget_of_a_constant_and_of_a_metric_differ_in_the_limit_only() -> None:
    constant = chat(f"{SPEND}budgets: {{day: {{signal: spend, limit: 500 USD, rolling: 1d}}}}").recorded()
    metric = chat(f"{SPEND}budgets: {{day: {{signal: spend, limit: budget_usd, rolling: 1d}}}}").recorded()
    used = "service:budget_used_ratio:increase1d{day}"
    assert constant.pop(used).endswith(" / 500")
    assert metric.pop(used).endswith(' / on () max(0 < budget_usd{job="chat",env="production"} < Inf)')
    assert constant == metric


def test_a_budget_warns_at_80_percent_tells_that_it_is_exhausted_and_forecasts_when_asked() -> None:
    found = chat(f"{SPEND}budgets: {{day: {{signal: spend, limit: 500 USD, rolling: 1d, forecast: true}}}}")
    assert {key: to_text(alert.expr).partition("} ")[2] for key, alert in found.alerts().items()} == {
        "DayBudgetUsed@warning": "> 0.8",
        "DayBudgetExhausted@critical": ">= 1",
        "DayBudgetForecast@warning": "> 1",
    }
    assert found.recorded()["service:budget_forecast_ratio:increase4h{day}"].startswith("6 * ")


def test_days_left_are_of_budgets_that_last_longer_than_a_day() -> None:
    for rolling, there in (("1d", False), ("7d", True)):
        found = chat(f"{SPEND}budgets: {{b: {{signal: spend, limit: 500 USD, rolling: {rolling}}}}}")
        assert ("service:budget_left_days:increase1d{b}" in found.recorded()) is there


def test_a_budget_may_be_of_tokens() -> None:
    found = chat(f"{SPEND}budgets: {{b: {{signal: tokens, limit: 20_000_000, rolling: 1h, by: [application]}}}}")
    assert "service_application:budget_spent_tokens:increase1h{b}" in found.recorded()


def test_a_demoted_budget_has_one_alert_at_the_lower_threshold() -> None:
    shares = "warning: 80%, critical: 95%, exhausted: off"
    found = chat(f"{SPEND}budgets: {{day: {{signal: spend, limit: 500 USD, rolling: 1d, {shares}}}}}")
    for environment, severity in (("staging", "warning"), ("dev", "info")):
        assert found.alert(environment).severity == severity
        assert found.expr(environment).endswith(" > 0.8")


@pytest.mark.parametrize(
    ("budget", "said"),
    [
        ("{signal: spend, limit: 500 EUR, rolling: 1d}", "is no limit for spend, in USD"),
        ("{signal: spend, limit: queue_limit, rolling: 1d}", "unknown metric 'queue_limit'"),
        ("{signal: spend, limit: cost_usd_total, rolling: 1d}", "a counter only ever rises"),
        ("{signal: spend, limit: budget_usd, rolling: 1d, by: [model]}", "budget_usd has no label 'model'"),
        ("{signal: spend, limit: 500 USD, rolling: 1d, by: [tenant]}", "cost_usd_total has no label 'tenant'"),
        ("{signal: q, limit: 500, rolling: 1d}", "is no rate of a counter"),
        ("{limit: 500, rolling: 1d}", "exactly one of signal (with rolling:), spent, left and used: nothing is here"),
        ("{signal: spend, used: budget_usd}", "left and used: signal and used is here"),
        ("{signal: spend, limit: 500 USD}", "added up over a window: write rolling: 1d"),
        ("{signal: spend, rolling: 1d}", "signal needs a limit"),
        ("{signal: spend, limit: 500 USD, rolling: 1d, resets: month}", "resets: is of a metric that starts anew"),
        ("{spent: budget_usd, limit: 500 USD, rolling: 1d}", "spent has a period of its own: leave it out"),
        ("{used: budget_usd, limit: 500 USD}", "used is a share of its limit already"),
        ("{used: budget_usd}", "this metric is in USD: declare its unit"),
        ("{spent: budget_usd, limit: 500 EUR}", "'500 EUR' is no limit for budget_usd, in USD"),
        ("{spent: cost_usd_total, limit: 500 USD}", "a counter only ever rises"),
        ("{left: budget_usd, limit: 500 USD, by: [model]}", "budget_usd has no label 'model'"),
        ("{left: budget_usd, limit: 500 USD, forecast: true}", "needs to know when the period ends"),
        ("{left: budget_usd, limit: 500 USD, resets: month}", "resets: is of a forecast, and there is none"),
        ("{left: budget_usd, limit: 500 USD, trend: 1d}", "trend: is of a forecast, and there is none"),
        ("{left: budget_usd, limit: 500 USD, resets: year, forecast: true}", "'year' is no period: write day, week"),
        ("{left: budget_usd, limit: 5 USD, resets: day, forecast: true, trend: 2d}", "more than the day says nothing"),
        (
            "{left: budget_usd, limit: 5 USD, resets: {in: queue}, forecast: true}",
            "queue is in requests: the time that",
        ),
        (
            "{left: budget_usd, limit: 5 USD, resets: {at: queue}, forecast: true}",
            "queue is in requests: the time of a",
        ),
        ("{left: budget_usd, limit: 5 USD, resets: {}, forecast: true}", "exactly one of every, in and at"),
        ("{left: budget_usd, limit: 5 USD, resets: {at: when}, forecast: true}", "unknown metric 'when'"),
        ("{signal: spend, limit: {}, rolling: 1d, by: [model]}", "an empty map limits nothing"),
        ("{signal: spend, limit: {a: 5 USD}, rolling: 1d}", "needs the one label in by: 0 are there"),
        ("{signal: spend, limit: {a: 5 EUR}, rolling: 1d, by: [model]}", "'5 EUR' is no limit for spend, in USD"),
        ("{signal: spend, limit: {a: budget_usd}, rolling: 1d, by: [model]}", "'budget_usd' is a metric: a limit per"),
        ("{signal: spend, limit: 5 USD, rolling: 1d, critical: 100%}", "has an alert of its own, exhausted"),
        ("{signal: spend, limit: 5 USD, rolling: 1d, warning: 80}", "is 80 times the limit: did you mean 80%?"),
        ("{signal: spend, limit: 5 USD, rolling: 1d, info: 5s}", "is no share of a limit: write it like 80%"),
        ("{signal: spend, limit: 5 USD, rolling: 1d, exhausted: bad}", "'bad' is not one of critical, warning, info"),
    ],
)
def test_a_budget_that_would_never_fire_is_refused(budget: str, said: str) -> None:
    found = chat(f"{SPEND}budgets: {{b: {budget}}}")
    assert found.service is None
    assert any(said in message for message in found.messages), found.messages


def test_a_calendar_budget_that_mixes_series_is_a_warning() -> None:
    found = chat(f"{SPEND}budgets: {{b: {{left: queue, limit: 500, by: [model]}}}}")
    assert found.found == ["mixed-budgets"]
    assert "queue also has region: of several series the fullest counts" in found.messages[0]
    assert chat(f"{SPEND}budgets: {{b: {{left: 'queue{{region=\"eu\"}}', limit: 500, by: [model]}}}}").found == []


def test_a_baseline_is_a_note_on_the_side_that_is_worse() -> None:
    found = chat(f"""{ERRORS}baselines:
  traffic: {{signal: r, value: 1000/s, worse: below}}
  p95: {{signal: l.p95, value: 45ms, tolerance: 50%}}
""").alerts()
    assert {key: to_text(alert.expr).partition("} ")[2] for key, alert in found.items()} == {
        "TrafficBelowBaseline@info": "< 800",
        "P95AboveBaseline@info": "> 0.0675",
    }


def test_a_baseline_in_another_unit_is_refused() -> None:
    assert chat(f"{ERRORS}baselines: {{p95: {{signal: l.p95, value: 45MB}}}}").found == ["wrong-unit"]


def test_an_alert_with_a_made_alerts_name_is_refused() -> None:
    found = chat(
        f"{ERRORS}alerts: {{SLOErrorBudgetBurn: {{down: all}}}}\nslos: {{a: {{signal: errors, objective: 99%}}}}"
    )
    assert "duplicate-alert" in found.found


def test_objectives_and_budgets_can_be_watched_like_signals() -> None:
    found = chat(f"""{ERRORS}slos: {{a: {{signal: errors, objective: 99%}}}}
alerts: {{BudgetNearlyGone: {{signal: slo_a.left, below: 10%, category: availability}}}}
""")
    alert = found.alerts()["BudgetNearlyGone@warning"]
    wanted = (
        'service:slo_budget_left_ratio:rate30d{service="chat",environment="production",slo="a",revision="a7b2f2c9"}'
    )
    assert to_text(alert.expr) == f"{wanted} < 0.1"
