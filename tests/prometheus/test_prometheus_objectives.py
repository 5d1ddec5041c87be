"""Objectives on promtool: what is counted, traps of real series, and the share that is true over a whole window."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from test_prometheus_evaluated import PLACE, PROMTOOL, own, play

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(not PROMTOOL, reason="promtool is not on PATH")

RATIO, SHARE, CONDITION = "objective_of_a_ratio", "objective_of_a_share", "objective_of_a_condition"
NOTHING = " ".join(["NaN"] * 10)
GOOD, BAD = (f'requests_total{PLACE},ok="{ok}"}}' for ok in ("true", "false"))


def errors(window: str, slo: str = "availability") -> str:
    """The recorded share of bad over a window."""
    return f'sum(service:slo_errors_ratio:rate{window}{{slo="{slo}"}})'


def rounded(expr: str, to: float = 0.001) -> str:
    return f"round({expr}, {to})"


def stairs(parts: list[tuple[int, int]], times: int = 1) -> str:
    """A counter that rises by so much in each of so many samples, over and over."""
    out, value = ["0"], 0
    for each, samples in parts * times:
        out.append(f"{value + each}+{each}x{samples - 1}")
        value += each * samples
    return " ".join(out)


def test_a_busy_day_and_a_quiet_night_give_the_true_share_of_thirty_days(tmp_path: Path) -> None:
    # twelve hours of 6,000 requests in two minutes, 1 of them bad; then twelve hours of 2, and 1 of them is bad
    share = 2 / 6002
    ratio, left = errors("30d"), 'sum(service:slo_budget_left_ratio:rate30d{slo="availability"})'
    mean = 'sum(avg_over_time(service:slo_errors_ratio:rate5m{slo="availability"}[30d]))'
    play(
        RATIO,
        tmp_path,
        {BAD: stairs([(1, 720)], 31), GOOD: stairs([(5999, 360), (1, 360)], 31)},
        interval="2m",
        step="1h",
        values={
            "31d": {
                f"abs({ratio} / {share} - 1) < bool 0.01": {"{}": 1},
                f"abs({left} - {1 - share / 0.001}) < bool 0.01": {"{}": 1},
                f"{mean} > bool 0.24": {"{}": 1},  # what a mean of shares says: 750 times too much
            }
        },
    )


def test_a_gap_in_traffic_is_no_number_nowhere(tmp_path: Path) -> None:
    each = 'label_replace({__name__=~"service:slo_.*"}, "name", "$1", "__name__", "(.*)")'
    not_a_number = f"{each} != {each}"
    play(
        RATIO,
        tmp_path,
        {BAD: stairs([(1, 60), (0, 120), (1, 60)]), GOOD: stairs([(99, 60), (0, 120), (99, 60)])},
        values={
            "150m": {
                f"count({not_a_number})": {},
                errors("5m"): {},  # nothing is known, and nothing is claimed
                rounded(errors("6h")): {"{}": 0.01},
                rounded('sum(service:slo_budget_left_ratio:rate30d{slo="availability"})'): {"{}": -9},
            },
            "240m": {rounded(errors("5m")): {"{}": 0.01}, f"count({not_a_number})": {}},
        },
    )


def test_a_gap_in_the_scrapes_is_no_error(tmp_path: Path) -> None:
    play(
        RATIO,
        tmp_path,
        {BAD: "0+0x60 _x30 0+0x60", GOOD: "0+100x60 _x30 9000+100x60"},
        values={"100m": {errors("1h"): {"{}": 0}, errors("6h"): {"{}": 0}}},
        alerts={"75m": {"SLOErrorBudgetBurn": []}, "100m": {"SLOErrorBudgetBurn": []}},
    )


def test_a_restart_sets_both_counters_to_zero_and_is_no_error(tmp_path: Path) -> None:
    play(
        RATIO,
        tmp_path,
        {BAD: "100+1x30 0+1x30", GOOD: "9900+99x30 0+99x30"},
        values={"40m": {rounded(errors("1h")): {"{}": 0.01}, rounded(errors("30m")): {"{}": 0.01}}},
    )


def test_the_first_error_of_all_counts_from_its_first_rise(tmp_path: Path) -> None:
    play(
        RATIO,
        tmp_path,
        {BAD: "_x30 0+50x30", GOOD: "0+50x60"},
        values={"29m": {errors("5m"): {"{}": 0}}, "60m": {rounded(errors("5m")): {"{}": 0.5}}},
    )


def test_another_revision_of_the_indicator_is_another_budget(tmp_path: Path) -> None:
    old = '{service="objective-of-a-ratio",environment="production",slo="availability",revision="01d"}'
    play(
        RATIO,
        tmp_path,
        {
            f"service:slo_bad:rate5m{old}": "100x60",
            f"service:slo_total:rate5m{old}": "100x60",
            GOOD: "0+100x120",
        },
        values={
            "120m": {
                "count(count by (revision) (last_over_time(service:slo_bad:rate5m[2h])))": {"{}": 2},
                errors("6h"): {"{}": 0},
                'sum(service:slo_budget_left_ratio:rate30d{slo="availability"})': {"{}": 1},
            }
        },
        alerts={"120m": {"SLOErrorBudgetBurn": []}},
    )


def test_a_share_that_is_not_a_number_is_not_counted(tmp_path: Path) -> None:
    play(
        SHARE,
        tmp_path,
        {f'error_share{PLACE},model="a"}}': f"0.25x29 {NOTHING} {NOTHING} {NOTHING} 0.75x29"},
        values={
            "45m": {"count(service:slo_bad:time)": {}, rounded(errors("1h")): {"{}": 0.25}},
            "89m": {rounded(errors("30m")): {"{}": 0.75}, "sum(service:slo_total:time)": {"{}": 1}},
        },
    )


def test_a_share_above_one_is_all_of_it(tmp_path: Path) -> None:
    play(
        SHARE,
        tmp_path,
        {f'error_share{PLACE},model="a"}}': "7x30"},
        values={"30m": {"sum(service:slo_bad:time)": {"{}": 1}, errors("30m"): {"{}": 1}}},
    )


def test_time_without_a_value_is_neither_good_nor_bad(tmp_path: Path) -> None:
    health = f'health{PLACE},component="a"}}'
    play(
        CONDITION,
        tmp_path,
        {health: f"1x29 0x9 stale _x19 {NOTHING} 1x49"},
        values={
            "38m": {"sum(service:slo_bad:time)": {"{}": 1}},
            "50m": {'count(service:slo_bad:time{slo="health"})': {}},
            "65m": {'count(service:slo_bad:time{slo="health"})': {}},
            "119m": {
                'sum(sum_over_time(service:slo_bad:time{slo="health"}[2h]))': {"{}": 10},
                'sum(sum_over_time(service:slo_total:time{slo="health"}[2h]))': {"{}": 90},
            },
        },
    )


def test_of_two_models_the_one_that_fails_is_told_and_the_idle_one_is_not(tmp_path: Path) -> None:
    case = "objective_grouped"

    def series(model: str, ok: str) -> str:
        return f'requests_total{PLACE},ok="{ok}",model="{model}",team="red"}}'

    fast = own(case, "availability", "critical", slo="availability", revision="330d1301", model="poor", tenant="red")
    play(
        case,
        tmp_path,
        {
            series("good", "true"): "0+600x120",
            series("poor", "true"): "0+600x60 36000+0x60",
            series("poor", "false"): "0+0x60 0+600x60",
            series("idle", "true"): "0+0x120",
            series("idle", "false"): "0+1x120",
        },
        values={
            "120m": {
                "count(service_model_tenant:slo_errors_ratio:rate1h)": {"{}": 3},
                'round(service_model_tenant:slo_errors_ratio:rate1h{model="poor"}, 0.1) > bool 0.9': {
                    '{environment="production",model="poor",revision="330d1301",service="objective-grouped",'
                    'slo="availability",tenant="red"}': 1
                },
                'sum(service_model_tenant:slo_errors_ratio:rate1h{model="good"})': {"{}": 0},
            }
        },
        alerts={"120m": {"SLOErrorBudgetBurn": [{**fast, "window": "1h"}, {**fast, "window": "6h"}]}},
    )


def test_parts_weigh_by_their_events_and_by_their_weight(tmp_path: Path) -> None:
    # 100 requests a minute, 10 of them bad, at weight 3; 200 answers a minute, 100 of them slow, at weight 1
    play(
        "objective_of_parts",
        tmp_path,
        {
            GOOD: "0+90x60",
            BAD: "0+10x60",
            f'answer_seconds_bucket{PLACE},le="1"}}': "0+100x60",
            f"answer_seconds_count{PLACE}}}": "0+200x60",
        },
        values={"60m": {rounded(errors("1h", "experience")): {"{}": (3 * 10 + 100) / (3 * 100 + 200)}}},
    )


def test_a_part_without_traffic_takes_nothing_from_the_others(tmp_path: Path) -> None:
    play(
        "objective_of_parts",
        tmp_path,
        {GOOD: "0+90x60", BAD: "0+10x60"},
        values={"60m": {rounded(errors("1h", "experience")): {"{}": 0.1}}},
    )


def test_a_slice_is_bad_as_a_whole_and_one_without_events_is_none(tmp_path: Path) -> None:
    # an hour in which 20 % fail for half of the time, then an hour without traffic
    play(
        "objective_in_slices",
        tmp_path,
        {GOOD: stairs([(100, 30), (80, 30), (0, 60)]), BAD: stairs([(0, 30), (20, 30), (0, 60)])},
        values={
            "29m": {'sum(service:slo_bad:slice10m{slo="availability"})': {"{}": 0}},
            "50m": {'sum(service:slo_bad:slice10m{slo="availability"})': {"{}": 1}},
            "100m": {'count(service:slo_bad:slice10m{slo="availability"})': {}},
        },
    )


def test_a_budget_that_is_used_up_is_told_once_it_has_been_measured_for_long(tmp_path: Path) -> None:
    told = own(RATIO, "availability", "warning", slo="availability", window="30d", revision="a7b2f2c9")
    play(
        RATIO,
        tmp_path,
        {GOOD: "0+98x3000", BAD: "0+2x3000"},
        interval="2m",
        step="30m",
        values={"2d": {rounded('sum(service:slo_budget_left_ratio:rate30d{slo="availability"})'): {"{}": -19}}},
        alerts={"2d": {"SLOErrorBudgetExhausted": []}, "4d": {"SLOErrorBudgetExhausted": [told]}},
    )
