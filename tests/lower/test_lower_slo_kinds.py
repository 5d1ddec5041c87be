"""Every kind of objective: what it counts, what it is called, what is refused, and when a new budget begins."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lower_examples import CHAT, FLEET, Lowered, chat

from llmmon import promql
from llmmon.plan import shapes as sh
from llmmon.promql import to_text

SIGNALS = """\
signals:
  errors: {ratio: {bad: 'requests_total{ok="false"}', total: requests_total}, by: [model]}
  answers: {ratio: {good: 'requests_total{ok="true"}', total: requests_total}}
  latency: {histogram: seconds}
  requests: {rate: requests_total, by: [model]}
  failures: {rate: failures_total, by: [model]}
  both: {increase: failures_total}
  queue: {gauge: queue, by: [region]}
  share: {expr: 'max by (model) (queue) / 10', by: [model], unit: ratio}
  wide: {expr: 'max by (region) (queue)', by: [region], unit: ratio}
"""


def kinds(slos: str, more: str = "") -> Lowered:
    return chat(f"{SIGNALS}slos:\n  {slos}\n{more}")


def revision(slo: str, base: str = CHAT) -> str:
    """The revision of the only objective."""
    found = chat(f"{SIGNALS}slos:\n  a: {slo}\n", base=base)
    (one,) = {rule.labels["revision"] for rule in found.rules().recordings if rule.labels.get("slo") == "a"}
    return one


@pytest.mark.parametrize(
    ("slo", "bad"),
    [
        ("{signal: errors, objective: 99%}", "service:slo_bad:rate5m"),
        ("{signal: answers, objective: 99%, by: [model, region]}", "service_model_region:slo_bad:rate5m"),
        ("{signal: latency, within: 2s, snap: up, objective: 95%}", "service:slo_bad:rate5m"),
        ("{bad: failures, total: requests, by: [model], objective: 99%}", "service_model:slo_bad:rate5m"),
        ("{signal: queue, below: 10, by: {area: region}, objective: 99%}", "service_area:slo_bad:time"),
        ("{signal: latency.p95, below: 1s, objective: 99%}", "service:slo_bad:time"),
        ("{signal: share, raw: bad, objective: 99%}", "service_model:slo_bad:time"),
        ("{signal: errors, slice: 10m, objective: 99%}", "service:slo_bad:slice10m"),
    ],
)
def test_every_kind_records_bad_and_total_and_is_told_by_the_same_alerts(slo: str, bad: str) -> None:
    found = kinds(f"a: {slo}")
    recorded = found.recorded()
    assert {f"{bad}{{a}}", f"{bad.replace('bad', 'total')}{{a}}"} <= recorded.keys()
    names = [alert.name for alert in found.alerts().values()]
    assert names == [*["SLOErrorBudgetBurn"] * 4, "SLOErrorBudgetExhausted", "SLOMetricAbsent"]
    kept = set(bad.partition(":")[0].split("_")[1:])
    for alert in list(found.alerts().values())[:-1]:
        assert alert.carries == kept
        assert all(f"$labels.{name}" in alert.annotations["summary"] for name in kept)
    level = bad.partition(":")[0]
    assert f"{level}:slo_budget_left_ratio:rate30d{{a}}" in recorded
    assert recorded["service:slo_objective_ratio:target{a}"].startswith("vector(0.9")


@pytest.mark.parametrize(
    ("written", "bucket"),
    [("700ms, snap: up", "1([.]0)?"), ("700ms, snap: down", "0[.]1"), ("1s, snap: up", "1([.]0)?")],
)
def test_a_limit_between_two_buckets_goes_where_it_is_told(written: str, bucket: str) -> None:
    bad = kinds(f"a: {{signal: latency, within: {written}, objective: 95%}}").recorded()["service:slo_bad:rate5m{a}"]
    assert f'le=~"{bucket}"' in bad


def test_parts_add_up_with_their_weights_even_where_one_has_no_series() -> None:
    slos = """\
fails: {signal: errors, objective: 99%}
  slow: {signal: latency, within: 1s, objective: 95%}
  all: {parts: {fails: 3, slow: 0.5}, objective: 98%}"""
    bad = kinds(slos).recorded()["service:slo_bad:rate5m{all}"]
    fails, slow = (
        f'service:slo_bad:rate5m{{service="chat",environment="production",slo="{n}"' for n in ("fails", "slow")
    )
    assert bad.startswith(f"sum(3 * {fails}")
    assert f" or 0.5 * {slow}" in bad
    assert {alert.labels["slo"] for alert in kinds(slos).alerts().values() if alert.name == "SLOMetricAbsent"} == {
        "fails",
        "slow",
    }


@pytest.mark.parametrize(
    ("slo", "said"),
    [
        ("{objective: 99%, parts: [b, c], within: 1s}", "parts and within are different ways to say what is good"),
        ("{objective: 99%, signal: queue, above: 1, below: 2}", "above and below are different ways"),
        ("{objective: 99%, bad: failures}", "bad: or good: and total: go together"),
        ("{objective: 99%, total: requests}", "bad: or good: and total: go together"),
        ("{objective: 99%, bad: failures, good: requests, total: requests}", "bad and good say the same"),
        ("{objective: 99%, bad: failures, total: requests, signal: errors}", "signal: changes nothing beside total"),
        ("{objective: 99%, signal: errors, snap: up}", "snap: rounds within:"),
        ("{objective: 99%, parts: [b]}", "parts: needs at least two objectives"),
        ("{objective: 99%, parts: [b, b]}", "'b' is named twice"),
        ("{objective: 99%, parts: {b: 0, c: 1}}", "0 is no weight"),
        ("{objective: 99%, signal: errors, revision: 'a b'}", "'a b' is no revision"),
        ("{objective: 99%, signal: errors, absent: maybe}", "'maybe' is no severity"),
        ("{objective: 99%, signal: errors, slice: 5}", "5 has no unit"),
        ("{objective: 99%, signal: errors, slice: 1m}", "1m has fewer than 4 scrapes, which come every 30s: write 2m"),
        ("{objective: 99%, signal: errors, by: [modle]}", "has no label 'modle': did you mean 'model'?"),
        ("{objective: 99%, signal: errors, by: [team]}", "'team' is reserved"),
        (
            "{objective: 99%, signal: errors, by: {revision: model}}",
            "'revision' tells the budgets of an objective apart",
        ),
        ("{objective: 99%, signal: share, raw: bad, by: [region]}", "is an expression of its own, which by: cannot"),
        ("{objective: 99%, signal: queue, raw: bad}", "queue is in requests, and raw: is for a share between 0 and 1"),
        ("{objective: 99%, signal: queue, above: 1s}", "'1s' cannot be compared with queue"),
        ("{objective: 99%, bad: both, total: requests}", "both does not say how many events there are per second"),
        ("{objective: 99%, bad: share, total: wide}", "share and wide keep different labels"),
        ("{objective: 99%, signal: latency, within: 10s, snap: up}", "and there is none above it: write 5s"),
        ("{objective: 99%, signal: latency, within: 50ms, snap: down}", "and there is none below it: write 100ms"),
        ("{objective: 40%, window: 90d, signal: errors}", "an objective of 40% over 90d leaves so much that nothing"),
        ("{objective: 99%, window: 1d, signal: errors}", "1d is too short"),
    ],
)
def test_what_says_nothing_or_two_things_is_refused(slo: str, said: str) -> None:
    found = kinds(f"a: {slo}")
    assert found.service is None
    assert any(said in message for message in found.messages), found.messages


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ("[fails, nothing]", "unknown objective 'nothing'"),
        ("[fails, fail]", "did you mean 'fails'?"),
        ("[fails, whole]", "whole has parts itself"),
        ("[fails, waits]", "fails counts events and waits counts time, which do not add up"),
        ("[fails, each]", "fails and each are grouped differently"),
    ],
)
def test_parts_that_do_not_add_up_are_refused(parts: str, said: str) -> None:
    slos = f"""\
fails: {{signal: errors, objective: 99%}}
  waits: {{signal: queue, below: 10, objective: 99%}}
  each: {{signal: errors, by: [model], objective: 99%}}
  again: {{signal: answers, objective: 99%}}
  whole: {{parts: [fails, again], objective: 99%}}
  a: {{parts: {parts}, objective: 99%}}"""
    assert any(said in message for message in kinds(slos).messages)


def test_a_role_that_nothing_fills_is_said_with_the_presets_that_bring_it() -> None:
    (message,) = kinds("ttft: {within: 1s, objective: 95%}").messages
    assert "nothing fills the role 'ttft', which this objective needs: use a preset that brings it (" in message
    assert "vllm" in message
    assert message.endswith("[unfilled-role]")


def test_scraped_too_seldom_an_objective_has_nothing_to_add_up() -> None:
    found = chat(f"{SIGNALS}slos: {{a: {{signal: errors, objective: 99%}}}}", f"{FLEET}scrape_interval: 2m\n")
    assert any("5m has fewer than 4 scrapes, which come every 2m: write 8m or more" in m for m in found.messages)


@pytest.mark.parametrize(
    ("signal", "found"),
    [
        ("{rate: requests_total, window: 1m}", ["1m has fewer than 4 scrapes"]),
        ("{rate: requests_total, window: 2m}", []),
        ("{usage: {used: busy_seconds_total, limit: 1s}, rated: 90s}", ["1m30s has fewer than 4 scrapes"]),
        ("{expr: 'sum(rate(requests_total[1m]))'}", ["1m has fewer than 4 scrapes"]),
        ("{expr: 'max_over_time(queue[1m])'}", []),
    ],
)
def test_a_window_shorter_than_four_scrapes_is_refused(signal: str, found: list[str]) -> None:
    messages = chat(f"signals: {{x: {signal}}}").messages
    assert [message.partition(": ")[2].partition(",")[0] for message in messages if "scrapes" in message] == found


# Revisions


def test_a_revision_is_the_same_in_every_environment_and_for_years() -> None:
    assert revision("{signal: errors, objective: 99%}") == "a7b2f2c9"
    found = kinds("a: {signal: errors, objective: 99%}")
    for environment in ("production", "staging", "dev"):
        told = {rule.labels.get("revision") for rule in found.rules(environment).recordings if "slo" in rule.labels}
        assert told == {"a7b2f2c9"}


@pytest.mark.parametrize(
    "slo",
    [
        "{signal: errors, objective: 99.9%}",
        "{signal: errors, objective: 99%, window: 7d}",
        "{signal: errors, objective: 99%, guard: {signal: requests, above: 1/s}}",
        "{signal: errors, objective: 99%, absent: false, summary: Other words}",
    ],
)
def test_another_promise_about_the_same_events_keeps_the_budget(slo: str) -> None:
    assert revision(slo) == "a7b2f2c9"


@pytest.mark.parametrize(
    "slo",
    [
        "{signal: answers, objective: 99%}",
        "{signal: errors, objective: 99%, by: [model]}",
        "{signal: errors, objective: 99%, slice: 5m}",
        "{signal: latency, within: 1s, objective: 99%}",
        "{signal: latency, within: 100ms, objective: 99%}",
        "{signal: queue, below: 10, objective: 99%}",
        "{signal: queue, below: 11, objective: 99%}",
        "{signal: queue, above: 10, objective: 99%}",
        "{signal: share, raw: bad, objective: 99%}",
        "{signal: share, raw: good, objective: 99%}",
    ],
)
def test_another_indicator_begins_a_new_budget(slo: str) -> None:
    others = {
        revision(other)
        for other in (
            "{signal: errors, objective: 99%}",
            "{signal: latency, within: 2500ms, objective: 99%}",
            "{signal: queue, below: 12, objective: 99%}",
            "{signal: share, below: 0.5, objective: 99%}",
        )
    }
    assert revision(slo) not in others


def test_another_selector_of_the_service_begins_a_new_budget() -> None:
    other = CHAT.replace("selector: {job: chat}", "selector: {job: other}")
    assert revision("{signal: errors, objective: 99%}", other) != "a7b2f2c9"


def test_a_revision_by_hand_is_kept_and_every_window_selects_it() -> None:
    found = kinds("a: {signal: errors, objective: 99%, revision: 7}")
    for rule in found.rules().recordings:
        for node in promql.walk(rule.expr):
            if isinstance(node, promql.Selector) and (node.name or "").startswith("service:slo_"):
                assert {matcher.label: matcher.value for matcher in node.matchers}["revision"] == "7"
    assert {a.labels["revision"] for a in found.alerts().values() if a.name != "SLOMetricAbsent"} == {"7"}


# What is told


def test_what_is_left_is_one_minus_what_was_burnt() -> None:
    text = kinds("a: {signal: errors, objective: 99.9%}").recorded()["service:slo_budget_left_ratio:rate30d{a}"]
    left, _, budget = text.rpartition(" / ")
    assert left.startswith("1 - service:slo_errors_ratio:rate30d{")
    assert budget == "0.001"


@settings(deadline=None, derandomize=True, max_examples=20)
@given(st.integers(1, 9999))
def test_a_budget_is_written_exactly(hundredths: int) -> None:
    percent = f"{hundredths / 100:.2f}%"
    found = kinds(f"a: {{signal: errors, objective: {percent}, window: 7d}}")
    if found.service is None:
        assert hundredths < 5000  # what leaves so much cannot burn too fast
        return
    budget = found.recorded()["service:slo_budget_left_ratio:rate7d{a}"].rpartition(" / ")[2]
    assert Fraction(budget) == 1 - Fraction(hundredths, 10_000)


def test_a_used_up_budget_is_told_whatever_the_traffic_is_now() -> None:
    guard = "guard: {signal: requests, above: 1/s}"
    found = kinds(f"a: {{signal: errors, objective: 99%, window: 28d, {guard}}}").alerts()[
        "SLOErrorBudgetExhausted@a-exhausted"
    ]
    text = to_text(found.expr)
    assert text.startswith("service:slo_budget_left_ratio:rate28d{")
    assert " <= 0 and present_over_time(service:slo_total:rate5m{" in text
    assert text.endswith("[1h] offset 2d18h)")
    assert (found.severity, found.labels["window"]) == ("warning", "28d")
    assert isinstance(found.shape and found.shape.condition, sh.Exhausted)


@pytest.mark.parametrize(
    ("objective", "window", "hold"),
    [("99.9%", "30d", 3), ("99%", "30d", 11), ("95%", "30d", 46), ("99.9%", "90d", 5), ("99.99%", "30d", 3)],
)
def test_nothing_to_measure_is_told_as_soon_as_a_total_failure_would_be(objective: str, window: str, hold: int) -> None:
    found = kinds(f"a: {{signal: errors, objective: {objective}, window: {window}}}").alerts()[
        "SLOMetricAbsent@a-absent"
    ]
    assert found.hold.total_seconds() == hold * 60
    assert to_text(found.expr) == 'absent(requests_total{job="chat",env="production"})'
    assert (found.severity, found.labels["category"], found.labels["slo"]) == ("warning", "meta", "a")


def test_objectives_of_one_total_are_missed_once_as_severe_and_as_soon_as_any_of_them_wants() -> None:
    slos = """\
slow: {signal: answers, objective: 95%, absent: info}
  fast: {signal: errors, objective: 99.9%, absent: critical}
  not_this: {signal: errors, objective: 99%, absent: false}"""
    (found,) = [a for a in kinds(slos).alerts().values() if a.name == "SLOMetricAbsent"]
    assert (found.severity, found.hold.total_seconds()) == ("critical", 180)
    assert found.annotations["summary"] == "chat: nothing is there of what the objectives slow and fast count"


def test_what_an_alert_of_the_spec_misses_already_is_not_missed_twice() -> None:
    own = "alerts: {RequestsGone: {signal: requests, absent: true, category: meta}}"
    names = [alert.name for alert in kinds("a: {signal: errors, objective: 99%}", own).alerts().values()]
    assert "SLOMetricAbsent" not in names
    assert "RequestsGone" in names


def test_an_expression_is_missing_when_all_that_it_reads_is() -> None:
    found = chat(
        "signals: {s: {expr: 'sum(rate(failures_total[5m])) / sum(rate(requests_total[5m]))', unit: ratio}}\n"
        "slos: {a: {signal: s, raw: bad, objective: 99%}}"
    ).alerts()["SLOMetricAbsent@a-absent"]
    place = '{job="chat",env="production"}'
    assert to_text(found.expr) == f"absent(failures_total{place}) and on () absent(requests_total{place})"


# Native histograms

NATIVE = CHAT.replace("buckets: [100ms, 1s, 2500ms, 5s]", "native: true")


def test_a_native_histogram_needs_no_bucket_for_its_limit() -> None:
    spec = "signals: {l: {histogram: seconds}}\nslos: {a: {signal: l, within: 700ms, objective: 95%}}"
    found = chat(spec, base=NATIVE)
    bad = found.recorded()["service:slo_bad:rate5m{a}"]
    assert "histogram_fraction(-Inf, 0.7, sum(rate(seconds{" in bad
    assert [p.level.name for p in found.problems] == ["NOTE"]
    assert "only with --enable-feature=native-histograms" in found.messages[0]
    quiet = chat(spec, f'{FLEET}versions: {{prometheus: "3.8"}}\n', NATIVE)
    assert quiet.messages == []


def test_a_prometheus_without_native_histograms_is_said_with_the_version_that_has_them() -> None:
    found = chat("signals: {l: {histogram: seconds}}", f'{FLEET}versions: {{prometheus: "2.39"}}\n', NATIVE)
    assert any("which Prometheus has from 2.40 on, and this is for 2.39" in message for message in found.messages)


def test_a_native_histogram_has_no_series_of_buckets() -> None:
    found = chat("signals: {c: {rate: seconds_count}}", base=NATIVE)
    assert any("unknown metric 'seconds_count'" in message for message in found.messages)


# The dashboard


def test_each_objective_has_a_row_and_each_query_asks_for_the_current_revision() -> None:
    found = kinds("a: {signal: errors, objective: 99%, by: [model]}\n  b: {signal: queue, below: 10, objective: 99.5%}")
    assert found.service
    (board,) = [board for board in found.service.dashboards if board.name == "objectives"]
    assert [row.title for row in board.rows] == ["A: 99% over 30d", "B: 99.5% over 30d"]
    for row in board.rows:
        titles = [panel.title for panel in row.panels]
        assert {"Objective", "Budget left", "Bad against the objective", "Burn rates", "Alerts firing"} <= set(titles)
        for panel in row.panels:
            for query in panel.queries:
                assert "revision=" in query.expr or "ALERTS{" in query.expr
                assert 'environment="${environment}"' in query.expr
    left = next(panel for panel in board.rows[0].panels if panel.title == "Budget left")
    assert left.queries[0].legend == "{{model}}"
    assert {name for name, _ in left.alerts} == {"SLOErrorBudgetBurn", "SLOErrorBudgetExhausted", "SLOMetricAbsent"}
    assert all(a.annotations["dashboard_url"].count("chat-objectives") == 1 for a in found.alerts().values())


def test_a_dashboard_of_that_name_in_the_spec_adds_its_panels() -> None:
    own = "dashboards: {objectives: {title: Promises, panels: {More: [{title: Queue, signal: queue}]}}}"
    found = kinds("a: {signal: errors, objective: 99%}", own)
    assert found.service
    (board,) = [board for board in found.service.dashboards if board.name == "objectives"]
    assert (board.title, [row.title for row in board.rows]) == ("Promises", ["A: 99% over 30d", "More"])
