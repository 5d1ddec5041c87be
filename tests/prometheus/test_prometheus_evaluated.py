"""What the rules say when Prometheus evaluates them: promtool plays series through the goldens."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

if TYPE_CHECKING:
    from collections.abc import Mapping

HERE = Path(__file__).parent
PLACE = '{job="chat",env="production"'

NEVER = " ".join(["+Inf"] * 480)

PROMTOOL = shutil.which("promtool") or ""

pytestmark = pytest.mark.skipif(not PROMTOOL, reason="promtool is not on PATH")


def play(
    case: str,
    folder: Path,
    series: dict[str, str],
    *,
    interval: str = "1m",
    step: str | None = None,
    values: Mapping[str, Mapping[str, Mapping[str, float]]] | None = None,
    alerts: dict[str, dict[str, list[dict[str, str]]]] | None = None,
) -> None:
    """Expect `values`: time -> expression -> labels -> value, and `alerts`: time -> name -> labels of each.

    A sample comes every `interval`; rules are evaluated as often, or every `step`.
    """
    asked: list[dict[str, Any]] = [
        {
            "expr": expr,
            "eval_time": time,
            "exp_samples": [{"labels": labels, "value": value} for labels, value in samples.items()],
        }
        for time, queries in (values or {}).items()
        for expr, samples in queries.items()
    ]
    expected = [
        {"eval_time": time, "alertname": name, "exp_alerts": [{"exp_labels": labels} for labels in found]}
        for time, names in (alerts or {}).items()
        for name, found in names.items()
    ]
    rules = _without_texts((HERE / case / "rules.yaml").read_text())
    (folder / "rules.yaml").write_text(yaml.safe_dump(rules))
    test = {
        "interval": interval,
        "input_series": [{"series": name, "values": notation} for name, notation in series.items()],
        "promql_expr_test": asked,
        "alert_rule_test": expected,
    }
    file = folder / "test.yaml"
    order = [group["name"] for group in rules["groups"]]  # else it is another one each time
    head = {"rule_files": ["rules.yaml"], "evaluation_interval": step or interval, "group_eval_order": order}
    file.write_text(yaml.safe_dump({**head, "tests": [test]}))
    ran = subprocess.run([PROMTOOL, "test", "rules", str(file)], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def _without_texts(rules: str) -> Any:
    """Annotations have tests of their own."""
    data = yaml.safe_load(rules)
    for group in data["groups"]:
        for rule in group["rules"]:
            rule.pop("annotations", None)
    return data


def own(case: str, category: str, severity: str, **more: str) -> dict[str, str]:
    """The labels of a firing alert."""
    static = {"service": case.replace("_", "-"), "environment": "production", "team": "inference"}
    return {**static, "category": category, "severity": severity, **more}


def test_two_requests_of_a_quiet_night_weigh_as_two_requests_and_not_as_half_a_day(tmp_path: Path) -> None:
    # 12 h of 100,000 requests a minute, 10 of them bad; then 12 h in which 2 requests come, and 1 of them is bad
    busy, ended = "0+10x720", 7200
    series = {
        f'requests_total{PLACE},ok="true"}}': f"0+99990x720 {99990 * 720}x359 {99990 * 720 + 1}x360",
        f'requests_total{PLACE},ok="false"}}': f"{busy} {ended}x359 {ended + 1}x360",
    }
    ratio = 'service:slo_errors_ratio:rate1d{slo="availability"}'
    mean = 'avg_over_time(service:slo_errors_ratio:rate5m{slo="availability"}[1d])'
    play(
        "objective_of_a_ratio",
        tmp_path,
        series,
        values={"1440m": {f"round(1e5 * sum({ratio}))": {"{}": 10}, f"sum({mean}) > bool 0.002": {"{}": 1}}},
        alerts={"1440m": {"SLOErrorBudgetBurn": []}},
    )


def test_an_outage_burns_the_budget_and_the_alert_says_which_objective_and_window(tmp_path: Path) -> None:
    case = "objective_of_a_ratio"
    burn = own(case, "availability", "critical", slo="availability", revision="a7b2f2c9")
    play(
        case,
        tmp_path,
        {
            f'requests_total{PLACE},ok="true"}}': "0+900x60 54000+0x60",
            f'requests_total{PLACE},ok="false"}}': "0+0x60 0+900x60",
        },
        values={"120m": {'round(sum(service:slo_errors_ratio:rate1h{slo="availability"}), 0.1)': {"{}": 1}}},
        alerts={
            "60m": {"SLOErrorBudgetBurn": []},
            "120m": {"SLOErrorBudgetBurn": [{**burn, "window": "1h"}, {**burn, "window": "6h"}]},
        },
    )


def test_without_a_single_bad_event_the_whole_budget_is_left(tmp_path: Path) -> None:
    play(
        "objective_of_a_ratio",
        tmp_path,
        {f'requests_total{PLACE},ok="true"}}': "0+900x60"},
        values={"60m": {'sum(service:slo_budget_left_ratio:rate30d{slo="availability"})': {"{}": 1}}},
    )


@pytest.mark.parametrize("bound", ["1", "1.0"])
def test_an_objective_finds_its_bucket_as_either_prometheus_writes_it(bound: str, tmp_path: Path) -> None:
    play(
        "objective_of_latency",
        tmp_path,
        {
            f'answer_seconds_bucket{PLACE},le="{bound}"}}': "0+90x30",
            f'answer_seconds_bucket{PLACE},le="2.5"}}': "0+95x30",
            f'answer_seconds_bucket{PLACE},le="+Inf"}}': "0+100x30",
            f"answer_seconds_count{PLACE}}}": "0+100x30",
        },
        values={"30m": {'round(sum(service:slo_errors_ratio:rate30m{slo="latency"}), 0.001)': {"{}": 0.1}}},
    )


@pytest.mark.parametrize("bound", ["1e+06", "1000000", "1000000.0"])
def test_an_objective_finds_a_bucket_that_is_written_with_an_exponent(bound: str, tmp_path: Path) -> None:
    play(
        "objective_of_sizes",
        tmp_path,
        {
            f'payload_bytes_bucket{PLACE},le="{bound}"}}': "0+75x30",
            f'payload_bytes_bucket{PLACE},le="+Inf"}}': "0+100x30",
            f"payload_bytes_count{PLACE}}}": "0+100x30",
        },
        values={"30m": {'round(sum(service:slo_errors_ratio:rate30m{slo="small"}), 0.001)': {"{}": 0.25}}},
    )


def test_two_tenants_give_two_series_under_the_new_name(tmp_path: Path) -> None:
    record = "service_tenant:by_tenant_requests:rate5m"
    static = '{__name__="service_tenant:by_tenant_requests:rate5m",environment="production",service="rate",tenant='
    play(
        "rate",
        tmp_path,
        {
            f'requests_total{PLACE},ok="true",model="a",team="red"}}': "0+60x10",
            f'requests_total{PLACE},ok="true",model="b",team="red"}}': "0+60x10",
            f'requests_total{PLACE},ok="true",model="a",team="blue"}}': "0+180x10",
        },
        values={"10m": {record: {f'{static}"red"}}': 2, f'{static}"blue"}}': 3}}},
    )


def test_two_tenants_give_two_alerts_with_their_labels(tmp_path: Path) -> None:
    slow = own("renamed", "quality", "warning")
    play(
        "renamed",
        tmp_path,
        {
            f'requests_total{PLACE},model="a",team="red"}}': "0+600x30",
            f'requests_total{PLACE},model="a",team="blue"}}': "0+1200x30",
            f'requests_total{PLACE},model="a",team="green"}}': "0+6x30",
        },
        alerts={"30m": {"TenantBusy": [{**slow, "tenant": "red"}, {**slow, "tenant": "blue"}]}},
    )


def test_two_models_at_60_percent_are_120_percent_of_their_application_and_two_replicas_may_say_the_limit(
    tmp_path: Path,
) -> None:
    case = "budget_of_a_metric"
    used = "service_application:budget_used_ratio:increase30d"
    play(
        case,
        tmp_path,
        {
            f'cost_usd_total{PLACE},model="a",application="search"}}': "0+0x60 600x700",
            f'cost_usd_total{PLACE},model="b",application="search"}}': "0+0x60 600x700",
            f'cost_usd_total{PLACE},model="a",application="chat"}}': "0+0x60 100x700",
            f'budget_usd{PLACE},application="search",instance="0"}}': "1000x760",
            f'budget_usd{PLACE},application="search",instance="1"}}': "1000x760",
            f'budget_usd{PLACE},application="chat",instance="0"}}': "1000x760",
        },
        interval="1h",
        values={
            "10d": {
                f'round(sum({used}{{application="search"}}), 0.01)': {"{}": 1.2},
                f'round(sum({used}{{application="chat"}}), 0.01)': {"{}": 0.1},
                f"count({used})": {"{}": 2},
            }
        },
        alerts={
            "10d": {
                "MonthlyBudgetUsed": [
                    own(case, "cost", severity, application="search", budget="monthly")
                    for severity in ("warning", "critical")
                ],
                "MonthlyBudgetExhausted": [own(case, "cost", "critical", application="search", budget="monthly")],
            }
        },
    )


def test_a_budget_knows_how_many_days_are_left_and_what_the_pace_will_come_to(tmp_path: Path) -> None:
    # 1 USD an hour for 20 days: 480 of 1000 are spent, 24 a day, so 21.7 days are left and 30 days come to 720
    play(
        "budget_of_a_metric",
        tmp_path,
        {
            f'cost_usd_total{PLACE},model="a",application="search"}}': "0+1x480",
            f'budget_usd{PLACE},application="search"}}': "1000x480",
        },
        interval="1h",
        values={
            "20d": {
                "round(sum(service_application:budget_left_days:increase1d), 0.1)": {"{}": 21.7},
                "round(sum(service_application:budget_forecast_ratio:increase6d), 0.01)": {"{}": 0.72},
            }
        },
        alerts={"20d": {"MonthlyBudgetForecast": [], "MonthlyBudgetUsed": []}},
    )


def test_nothing_is_left_where_more_than_the_limit_is_spent(tmp_path: Path) -> None:
    play(
        "budget_of_a_metric",
        tmp_path,
        {
            f'cost_usd_total{PLACE},model="a",application="search"}}': "0+10x480",
            f'budget_usd{PLACE},application="search"}}': "1000x480",
        },
        interval="1h",
        values={"20d": {"sum(service_application:budget_left_days:increase1d)": {"{}": 0}}},
    )


def test_a_limit_of_infinity_of_nothing_or_that_is_missing_is_no_budget(tmp_path: Path) -> None:
    cost = f'cost_usd_total{PLACE},model="a",application='
    limit = f"budget_usd{PLACE},application="
    play(
        "budget_of_a_metric",
        tmp_path,
        {f'{cost}"{name}"}}': "0+10x480" for name in ("infinite", "none", "missing", "real")}
        | {f'{limit}"infinite"}}': NEVER, f'{limit}"none"}}': "0x480", f'{limit}"real"}}': "1000x480"},
        interval="1h",
        values={
            "20d": {
                "count by (application) (service_application:budget_used_ratio:increase30d)": {
                    '{application="real"}': 1
                },
                "count by (application) (service_application:budget_left_days:increase1d)": {'{application="real"}': 1},
                'count by (application) (ALERTS{alertname="MonthlyBudgetExhausted"})': {'{application="real"}': 1},
            }
        },
    )


def test_a_budget_of_a_calendar_is_exhausted_at_nothing_left_and_new_after_the_reset(tmp_path: Path) -> None:
    case = "budget_of_a_calendar"
    series: dict[str, str] = {}
    for tenant, left, most in (
        ("spender", "100x60 100-1x99 0x60 100x60", "100x300"),
        ("saver", "100x60 100-0.05x220", "100x300"),
        ("infinite", NEVER, NEVER),
        ("free", "0x300", "0x300"),
    ):
        series[f'left_usd{PLACE},tenant="{tenant}"}}'] = left
        series[f'max_usd{PLACE},tenant="{tenant}"}}'] = most
    # `saver` spends 3 an hour of 100, which is too much for two days and fits into one
    series[f'hours_left{PLACE},tenant="saver"}}'] = "20x300"
    series[f'hours_left{PLACE},tenant="spender"}}'] = "40x300"
    used = "count by (tenant) (service_tenant:budget_used_ratio:calendar)"
    spender = own(case, "cost", "critical", tenant="spender", budget="tenant")
    ahead = own(case, "cost", "warning", tenant="spender", budget="tenant")
    play(
        case,
        tmp_path,
        series,
        interval="3m",
        values={"3h": {used: {'{tenant="spender"}': 1, '{tenant="saver"}': 1}}},
        alerts={
            "3h": {"TenantBudgetForecast": [], "TenantBudgetExhausted": []},
            "7h30m": {"TenantBudgetForecast": [ahead], "TenantBudgetExhausted": []},
            "9h": {"TenantBudgetExhausted": [spender]},
            "12h": {"TenantBudgetExhausted": [], "TenantBudgetUsed": [], "TenantBudgetForecast": []},
        },
    )


def test_each_application_has_its_own_limit_and_all_others_one(tmp_path: Path) -> None:
    spent = {"checkout": 60, "search": 30, "other": 30, "more": 60}  # within the day before
    play(
        "budget_by_value",
        tmp_path,
        {f'cost_usd_total{PLACE},model="a",application="{name}"}}': f"0x24 0 {usd}x30" for name, usd in spent.items()},
        interval="1h",
        values={
            "2d": {
                "round(sum by (application) (service_application:budget_used_ratio:increase1d), 0.01)": {
                    '{application="checkout"}': 0.6,
                    '{application="search"}': 1.5,
                    '{application="other"}': 0.6,
                    '{application="more"}': 1.2,
                }
            }
        },
    )


def test_a_ratio_is_0_before_the_first_bad_event_and_absent_without_events(tmp_path: Path) -> None:
    ratio = "service_model:errors_ratio:rate5m"
    static = '{__name__="service_model:errors_ratio:rate5m",environment="production",service="ratio-bad",model='
    play(
        "ratio_bad",
        tmp_path,
        {
            f'requests_total{PLACE},ok="true",model="good"}}': "0+60x20",
            f'requests_total{PLACE},ok="true",model="idle"}}': "5x20",
            f'requests_total{PLACE},ok="true",model="poor"}}': "0+45x20",
            f'requests_total{PLACE},ok="false",model="poor"}}': "0+15x20",
        },
        values={"20m": {ratio: {f'{static}"good"}}': 0, f'{static}"poor"}}': 0.25}}},
    )


def test_two_counters_count_together_even_where_one_has_no_series_yet(tmp_path: Path) -> None:
    static = '{__name__="service_model:tokens:rate5m",environment="production",service="rate-of-two",model='
    play(
        "rate_of_two",
        tmp_path,
        {
            f'tokens_in_total{PLACE},model="both"}}': "0+60x10",
            f'tokens_out_total{PLACE},model="both"}}': "0+120x10",
            f'tokens_in_total{PLACE},model="one"}}': "0+60x10",
        },
        values={"10m": {"service_model:tokens:rate5m": {f'{static}"both"}}': 3, f'{static}"one"}}': 1}}},
    )


def test_the_fullest_disk_decides_where_several_are_free(tmp_path: Path) -> None:
    play(
        "usage",
        tmp_path,
        {
            f'store_free_bytes{PLACE},instance="0"}}': "90x5",
            f'store_free_bytes{PLACE},instance="1"}}': "10x5",
            f'store_limit_bytes{PLACE},instance="0"}}': "100x5",
            f'store_limit_bytes{PLACE},instance="1"}}': "100x5",
        },
        values={"5m": {"sum(service:left_ratio:max)": {"{}": 0.9}}},
    )


def test_a_model_with_a_threshold_of_its_own_is_judged_by_that_one_only(tmp_path: Path) -> None:
    long = own("where", "saturation", "warning")
    play(
        "where",
        tmp_path,
        {
            f'queue_depth{PLACE},model="large",region="eu"}}': "300x30",
            f'queue_depth{PLACE},model="large",region="us"}}': "600x30",
            f'queue_depth{PLACE},model="medium",region="eu"}}': "101x30",
            f'queue_depth{PLACE},model="small",region="eu"}}': "30x30",
        },
        alerts={
            "30m": {
                "QueueLong": [
                    {**long, "model": "large", "region": "us"},
                    {**long, "model": "medium", "region": "eu"},
                ],
                "QueueLongSomewhere": [
                    {**long, "model": "large", "region": "us"},
                    {**long, "model": "medium", "region": "eu"},
                    {**long, "model": "small", "region": "eu"},
                ],
            }
        },
    )


def test_a_service_is_down_only_when_no_target_answers_and_a_replica_only_while_another_does(tmp_path: Path) -> None:
    down = own("down", "availability", "critical")
    replica = own("down", "availability", "warning", instance="1")
    play(
        "down",
        tmp_path,
        {
            f'up{PLACE},instance="0"}}': "1x20 0x20 _x20",
            f'up{PLACE},instance="1"}}': "1x10 0x30 _x20",
        },
        alerts={
            "9m": {"ServiceDown": [], "ReplicaDown": []},
            "18m": {"ServiceDown": [], "ReplicaDown": [replica]},
            "30m": {"ServiceDown": [down]},
            "55m": {"ServiceDown": [down], "ReplicaDown": []},
        },
    )


def test_a_guard_keeps_three_requests_a_night_quiet(tmp_path: Path) -> None:
    busy = own("guard", "errors", "warning", model="busy")
    play(
        "guard",
        tmp_path,
        {
            f'requests_total{PLACE},ok="false",model="busy"}}': "0+60x30",
            f'requests_total{PLACE},ok="true",model="busy"}}': "0+60x30",
            f'requests_total{PLACE},ok="false",model="idle"}}': "0+1x30",
            f'requests_total{PLACE},ok="true",model="idle"}}': "0+1x30",
        },
        alerts={"30m": {"ErrorsHigh": [busy], "ErrorsHighWhenBusy": []}},
    )


def test_a_flat_series_deviates_by_nothing(tmp_path: Path) -> None:
    play(
        "deviates",
        tmp_path,
        {f"requests_total{PLACE}}}": "0+60x1500"},
        alerts={"1500m": {"TrafficUnusual": [], "TrafficOff": []}},
    )


def test_a_new_series_deviates_from_no_past_and_an_old_one_does(tmp_path: Path) -> None:
    # an hour of little traffic and three of ten times as much; a day and a half later ten times more again
    jump = {f"requests_total{PLACE}}}": "0+6x60 360+60x2100 126360+600x60"}
    silent: dict[str, list[dict[str, str]]] = {"TrafficUnusual": []}
    unusual = own("deviates", "availability", "warning")
    play("deviates", tmp_path, jump, alerts={"80m": silent, "120m": silent, "2195m": {"TrafficUnusual": [unusual]}})


TREND = '{service="trend-versus",environment="production"'
RATIO = f'service_model:trend_latency_versus_ratio:offset7d{TREND},model="a"}}'
QUIET = f"count(service:trend_traffic_versus_ratio:offset1d{TREND}}}) or vector(0)"
UNTIL = '{service="trend-until",environment="production"'


def test_a_trend_says_nothing_without_a_week_of_history_and_without_traffic(tmp_path: Path) -> None:
    series = {  # nothing on the first day, then a week of traffic, then nothing
        f'answer_seconds_bucket{PLACE},model="a",le="{le}"}}': "0x360 0+1000x2880 2880000x360"
        for le in ("0.1", "1", "2.5", "5", "+Inf")
    }
    now = f'count(service_model:latency_seconds:p95_rate5m{TREND},model="a"}})'
    there = f"count({RATIO}) or vector(0)"
    values = {
        "12h": {now: {"{}": 1}, there: {"{}": 0}},  # no number, and no week before it
        "5d": {now: {"{}": 1}, there: {"{}": 0}},
        "180h": {there: {"{}": 0}},  # then there was no number
        "204h": {there: {"{}": 1}, f"round({RATIO}, 0.001)": {f'{TREND},model="a"}}': 1}},
        "226h": {now: {"{}": 1}, there: {"{}": 0}},  # now there is none
    }
    play("trend_versus", tmp_path, series, interval="4m", values=values)


def test_a_trend_against_nothing_is_silent_and_against_something_a_share(tmp_path: Path) -> None:
    requests = f'requests_total{PLACE},model="a"}}'
    series = {requests: "0x1440 0+8x1440 11520+1x400"}  # a day of nothing, a day at 8 a minute, then 1 a minute
    share = f"round(service:trend_traffic_versus_ratio:offset1d{TREND}}}, 0.001)"
    values: dict[str, dict[str, dict[str, float]]] = {
        "20h": {QUIET: {"{}": 0}},
        "40h": {QUIET: {"{}": 0}},
        "50h": {share: {f"{TREND}}}": 0.125}},
    }
    lost = own("trend_versus", "availability", "warning")
    play(
        "trend_versus",
        tmp_path,
        series,
        values=values,
        alerts={"40h": {"TrafficLost": []}, "50h": {"TrafficLost": [lost]}},
    )


def test_growth_of_a_gauge_that_dips_is_its_change_and_no_sum_of_resets(tmp_path: Path) -> None:
    series = {f'store_bytes{PLACE},instance="a"}}': " ".join(["1000 900"] * 60)}
    growth = 'max_over_time(abs(service_instance:trend_store_growth_bytes:delta1d{service="trend-per"})[1d:30m]) < 120'
    play("trend_per", tmp_path, series, interval="30m", values={"59h": {f"count({growth})": {"{}": 1}}})


def test_the_time_until_a_limit_is_what_is_left_over_the_pace(tmp_path: Path) -> None:
    gib = 2**30
    store = f'store_bytes{PLACE},instance="a"}}'
    series = {store: f"{10 * gib}+{gib // 2}x100"}  # 1 GiB a day, seen twice a day
    left = f"round(service_instance:trend_store_left_seconds:deriv6d{UNTIL}}} / 86400)"
    ahead = f"round(service_instance:trend_store_forecast_bytes:predict30d{UNTIL}}} / {gib})"
    labels = f'{UNTIL},instance="a"}}'
    own_labels = own("trend_until", "capacity", "warning", instance="a")
    values = {"10d": {left: {labels: 80}, ahead: {labels: 50}}}
    values |= {"44d": {left: {labels: 46}, ahead: {labels: 84}}}
    silent: dict[str, list[dict[str, str]]] = {"StoreFull": []}
    play("trend_until", tmp_path, series, interval="12h", values=values, alerts={"10d": silent, "44d": silent})
    fuller = {store: f"{80 * gib}+{gib // 2}x100"}
    (tmp_path / "full").mkdir()
    play("trend_until", tmp_path / "full", fuller, interval="12h", alerts={"10d": {"StoreFull": [own_labels]}})


def test_a_series_that_has_just_begun_has_no_trend(tmp_path: Path) -> None:
    gib = 2**30
    store = f'store_bytes{PLACE},instance="a"}}'
    series = {store: f"0+{gib}x200"}  # a restore: 48 GiB in two days
    left = "count(service_instance:trend_store_left_seconds:deriv6d) or vector(0)"
    values = {"2d": {left: {"{}": 0}}, "71h": {left: {"{}": 0}}, "73h": {left: {"{}": 1}}}
    play("trend_until", tmp_path, series, interval="1h", values=values, alerts={"71h": {"StoreFull": []}})
