"""The parts that behaviour tests are made of: notation, label values, histograms, the model of an alert."""

from __future__ import annotations

import os
import re
import shutil
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmmon.plan import shapes as sh
from llmmon.promql import Matcher, Selector
from llmmon.prove import Rulebook, prove
from llmmon.targets.behaviour import choose, model, notation, play, scenario
from llmmon.targets.behaviour.histogram import quantile, shares
from llmmon.targets.behaviour.inverse import cells_of
from llmmon.targets.behaviour.own import length
from llmmon.targets.behaviour.series import Maker, cells, decoys, samples
from llmmon.targets.behaviour.track import Clock, Stretch
from llmmon.tool import Tools

if TYPE_CHECKING:
    from pathlib import Path

MINUTE = timedelta(minutes=1)
CLOCK = Clock(MINUTE, MINUTE)
ERRORS = Selector("requests_total", (Matcher("status", "=~", "5.."), Matcher("job", "=", "chat")))
ALL = Selector("requests_total", (Matcher("job", "=", "chat"),))
ERROR_RATIO = sh.Ratio((ERRORS,), (ALL,), "bad", 5 * MINUTE, Decimal(1))


def F(value: object) -> Fraction:  # noqa: N802 - it stands for the type
    return Fraction(str(value))


def test_a_counter_goes_on_from_stretch_to_stretch() -> None:
    assert notation.counter([(F(60), 3), (F(5), 2)]) == "190+60x3 375+5x1"  # no reckoning goes below zero


def test_equal_neighbours_are_one_run() -> None:
    assert notation.counter([(F(60), 3), (F(60), 2)]) == "300+60x5"
    assert notation.gauge([(F(1), 3), (F(1), 2)]) == "1+0x5"


def test_a_series_that_ends_goes_stale() -> None:
    assert notation.gauge([(F(1), 2), (None, 3), (F(1), 1)]) == "1+0x2 stale _x2 1"


def test_a_time_moves_with_the_clock_while_its_age_stays() -> None:
    assert notation.timestamp([(F(100), 2), (F(1000), 2)], F(60)) == "-100+60x2 -820+60x1"


@given(st.lists(st.tuples(st.fractions(0, 10**7).map(notation.grained), st.integers(1, 20)), min_size=1, max_size=5))
def test_no_rounding_error_looks_like_a_counter_reset(steps: list[tuple[Fraction, int]]) -> None:
    exact, added = F(0), 0.0
    for increase, count in steps:
        for _ in range(count):
            exact += increase
            added += float(increase)
            assert Fraction(added) == exact
    assert length(notation.counter(steps)) == 1 + sum(count for _, count in steps)


@given(st.floats(0.02, 9.9), st.sampled_from([0.5, 0.9, 0.95, 0.99]))
def test_buckets_give_back_the_quantile_that_they_were_made_for(value: float, q: float) -> None:
    bounds = [F(x) for x in (0.01, 0.1, 1, 10)]
    made = [float(x) for x in shares(F(value), F(q), bounds)]
    assert made == sorted(made)
    found = quantile(q, made, 1.0, [float(b) for b in bounds])
    assert found == pytest.approx(value, rel=0.15 if any(abs(value / float(b) - 1) < 0.1 for b in bounds) else 1e-9)


@pytest.mark.parametrize(
    "pattern",
    ["5..", "a|b", "chat-.*", "(?:set|get)_x", r"\d+\.\d", "[45]xx", "[a-z]+-[0-9]{3}", "0[.]1", "1([.]0)?", "x?y"],
)
def test_a_value_is_found_for_a_regex(pattern: str) -> None:
    matcher = Matcher("l", "=~", pattern)
    for value in choose.values("l", [matcher], None):
        assert re.fullmatch(pattern, value)


def test_a_closed_set_decides_which_values_there_are() -> None:
    both = [Matcher("l", "!=", "get"), Matcher("l", "=~", ".*e.*")]
    assert choose.values("l", both, {"get", "set", "list", "delete"}) == ["delete", "set"]
    with pytest.raises(choose.Unsatisfiable, match="no value was found for l='put'"):
        choose.values("l", [Matcher("l", "=", "put")], {"get"})


@pytest.mark.parametrize("matcher", [("=", "a"), ("!=", "a"), ("=~", "a|b"), ("!~", "tmpfs|overlay")])
def test_a_stranger_breaks_exactly_one_matcher(matcher: tuple[str, str]) -> None:
    target = Matcher("l", matcher[0], matcher[1])  # type: ignore[arg-type]
    value = choose.violating([target], target)
    assert value is not None
    assert not choose.matches(target.op, target.value, value)


def test_a_share_of_one_metric_has_events_inside_and_outside_the_part() -> None:
    ratio = sh.Ratio((ERRORS,), (ALL,), "bad", 5 * MINUTE, Decimal(1))
    found = cells(ratio, CLOCK)
    played = [samples(cell, (Stretch(2, F("0.25")),), CLOCK, single=False) for cell in found]
    assert {row.text: row.values for row in Maker({}, found, set()).rows({}, played)} == {
        'requests_total{instance="i1",job="chat",status="500"}': "37500+18750x2",
        'requests_total{instance="i2",job="chat",status="500"}': "12500+6250x2",
        'requests_total{instance="i1",job="chat",status="other"}': "112500+56250x2",
        'requests_total{instance="i2",job="chat",status="other"}': "37500+18750x2",
    }


def _plot(part: Selector, total: Selector, threshold: str = "0.05", hold: int = 5) -> play.Plot:
    ratio = sh.Ratio((part,), (total,), "bad", 5 * MINUTE, Decimal(1))
    above = sh.Above(Decimal(threshold))
    single = (False, False)
    return play.Plot(ratio, above, None, hold * MINUTE, 0 * MINUTE, None, ((above, False, None),), single, ())


def test_alerts_that_differ_in_names_only_share_a_play() -> None:
    one = play.play(_plot(ERRORS, ALL))
    errors = Selector("calls_total", (Matcher("ok", "=", "false"), Matcher("app", "=", "search")))
    everything = Selector("calls_total", (Matcher("app", "=", "search"),))
    assert play.play(_plot(errors, everything)) is one
    assert play.play(_plot(errors, everything, hold=6)) is not one
    assert play.play(_plot(errors, everything, threshold="0.06")) is not one


def test_what_two_selectors_have_in_common_is_no_mere_name() -> None:
    one = play.play(_plot(ERRORS, ALL))
    others = Selector("calls_total", ALL.matchers)
    assert play.play(_plot(ERRORS, others)).busy != one.busy  # the part is not inside the total
    with pytest.raises(choose.Unsatisfiable, match="the part is the total"):
        play.play(_plot(ERRORS, Selector(ERRORS.name, ERRORS.matchers[::-1])))


def test_plays_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(play, "_KEPT", 2)
    monkeypatch.setattr(play, "_PLAYS", {})
    first = [play.play(_plot(ERRORS, ALL, hold=hold)) for hold in (1, 2, 3)]
    assert len(play._PLAYS) == 2
    assert play.play(_plot(ERRORS, ALL, hold=3)) is first[2]
    assert play.play(_plot(ERRORS, ALL, hold=1)) == first[0]


def test_strangers_differ_in_what_all_selectors_ask_for() -> None:
    ratio = sh.Ratio((ERRORS,), (ALL,), "bad", 5 * MINUTE, Decimal(1))
    assert list(decoys(cells(ratio, CLOCK), ())) == [("job", "other")]


def test_arithmetic_on_gauges_is_turned_around() -> None:
    found = {c.selector.name: c.level(Stretch(1, F(5))) for c in cells_of("max(wanted) - max(there)", F(60))}
    assert found == {"wanted": 15, "there": 10}
    with pytest.raises(choose.Unsatisfiable, match="no sum, difference"):
        cells_of("predict_linear(x[1h], 60)", F(60))


def test_what_a_filter_lets_through_is_the_same() -> None:
    found = {
        c.selector.name: c.level(Stretch(1, F(5))) for c in cells_of("min(left < +Inf) / max(0 < most < +Inf)", F(60))
    }
    assert found == {"left": 5000, "most": 1000}
    with pytest.raises(choose.Unsatisfiable, match="no sum, difference"):
        cells_of("max(left > most)", F(60))


def test_the_for_clause_starts_at_the_first_true_evaluation() -> None:
    holds: model.Truth = [False, True, True, True, False, False, False]
    assert model.states(holds, 2 * MINUTE, MINUTE, CLOCK) == ["", "pending", "pending", "firing", "firing", "", ""]


def test_what_is_too_close_to_say_is_not_asserted() -> None:
    assert model.above(1.0001, 1.0) is None
    assert model.above(1.0, 1.0) is False
    assert model.states([False, None, True], timedelta(0), timedelta(0), CLOCK) == ["", None, "firing"]


def test_a_threshold_above_every_bucket_cannot_fire() -> None:
    measure = sh.Quantile(Selector("s_bucket"), Decimal("0.9"), 5 * MINUTE, (Decimal(1), Decimal(5)))
    case = scenario.Case(measure, sh.Above(Decimal(5)), MINUTE, timedelta(0), CLOCK)
    with pytest.raises(scenario.CannotFire, match="5 is not below the highest finite bucket, 5"):
        scenario.scenario(case)


@pytest.mark.parametrize(
    ("condition", "minutes"),
    [
        (sh.Above(Decimal(1)), 1),
        (sh.Rises(Decimal(2), timedelta(days=1)), 5),
        (sh.Rises(Decimal(2), timedelta(days=7)), 30),
        (sh.Burn(Decimal(6), timedelta(hours=6), timedelta(minutes=30), Decimal("0.001"), ERROR_RATIO), 5),
        (sh.Exhausted(Decimal("0.001"), timedelta(days=30), ERROR_RATIO), 120),
        (sh.Budget(Decimal(1), timedelta(days=30), Decimal(500)), 720),
    ],
)
def test_long_windows_are_tested_in_long_steps(condition: sh.Condition, minutes: int) -> None:
    measure = sh.Rate((ALL,), "rate", 5 * MINUTE)
    assert scenario.clock(measure, condition, 5 * MINUTE).step == minutes * MINUTE


RULES = [
    {"name": "g", "rules": [{"record": "a", "expr": "x"}, {"record": "b", "expr": "y"}, {"record": "c", "expr": "a"}]},
    {"name": "h", "rules": [{"alert": "A", "expr": 'c{slo="1"} > 1', "for": "1m"}, {"alert": "B", "expr": "b > 1"}]},
]


def test_a_test_gets_the_rules_that_it_needs_and_no_others() -> None:
    needed = Rulebook(RULES).needed([("ALERTS", {"alertname": "A"})])["groups"]
    assert [[rule.get("record") or rule["alert"] for rule in group["rules"]] for group in needed] == [["a", "c"], ["A"]]


def test_a_failure_names_its_file_and_its_group_and_is_remembered(tmp_path: Path) -> None:
    (tmp_path / "rules.yml").write_text("groups: [{name: g, rules: [{alert: A, expr: up == 0}]}]")
    group = (
        "{{name: {}, interval: 1m, input_series: [{{series: up, values: '0x5'}}], promql_expr_test: "
        "[{{expr: 'count(ALERTS{{alertname=\"A\"}})', eval_time: 2m, exp_samples: [{{labels: '{{}}', value: {}}}]}}]}}"
    )
    groups = ", ".join([group.format("right", 1), group.format("wrong", 2), group.format("right too", 1)])
    test = tmp_path / "test.yml"
    test.write_text(f"rule_files: [rules.yml]\nevaluation_interval: 1m\ntests: [{groups}]")
    tools = Tools(tmp_path / "scratch", os.environ)
    first = list(prove([test], tools, cache=tmp_path / "cache"))
    assert [(v.file, v.group, v.failure is None, v.cached) for v in first] == [
        (test, "right", True, False),
        (test, "wrong", False, False),
        (test, "right too", True, False),
    ]
    assert "exp: {} 2E+00" in (first[1].failure or "")
    again = list(prove([test], tools, cache=tmp_path / "cache"))
    assert [(v.group, v.failure, v.cached) for v in again] == [(v.group, v.failure, True) for v in first]


def test_what_promtool_had_no_time_for_is_asked_again_and_never_remembered(tmp_path: Path) -> None:
    (tmp_path / "rules.yml").write_text("groups: [{name: g, rules: [{alert: A, expr: up == 0}]}]")
    test = tmp_path / "test.yml"
    group = "{name: held up, interval: 1m, input_series: [{series: up, values: '1x5'}]}"
    test.write_text(f"rule_files: [rules.yml]\nevaluation_interval: 1m\ntests: [{group}]")
    held_up = (  # as promtool says it where the machine stopped it for a minute
        'printf "Unit Testing:  0.json\\n"\n'
        'printf "  FAILED:\\n    rule: A, time: 62h0m0s, err: query timed out in query execution\\n" >&2\n'
        "exit 1\n"
    )
    real = os.environ.get("LLMMON_PROMTOOL") or shutil.which("promtool")
    script = tmp_path / "promtool"
    for name, asked_again in (("once", f'exec "{real}" "$@"\n'), ("twice", held_up)):
        cache, mark = tmp_path / f"cache-{name}", tmp_path / f"mark-{name}"
        first = f'[ -e "{mark}" ] && {{\n{asked_again}}}\ntouch "{mark}"\n{held_up}'
        script.write_text(f'#!/bin/sh\nif [ "$1" = test ]; then\n{first}fi\nexec "{real}" "$@"\n')
        script.chmod(0o755)
        tools = Tools(tmp_path / f"scratch-{name}", {**os.environ, "LLMMON_PROMTOOL": str(script)})
        (verdict,) = prove([test], tools, cache=cache)
        assert (verdict.failure is None) == (name == "once")
        assert cache.exists() == (name == "once")
