"""Alerts: thresholds, holds, texts and severities in each environment, and what is refused."""

from __future__ import annotations

from datetime import timedelta

import pytest
from lower_examples import CHAT, FLEET, chat

from llmmon.promql import to_text

QUEUE = "signals: {queue: {gauge: queue, by: [model, region]}, all: {gauge: queue}, r: {rate: requests_total}}\n"
MINUTE = timedelta(minutes=1)


def ladder(demote: str, above: str = "{critical: 10, warning: 5}") -> list[tuple[str, str]]:
    """Severity and threshold of every rung in staging."""
    fleet = FLEET.replace("demote: {critical: warning}", f"demote: {demote}")
    alerts = chat(f"{QUEUE}alerts: {{A: {{signal: all, above: {above}, category: quality}}}}", fleet).alerts("staging")
    return [(alert.severity, to_text(alert.expr).rpartition(" > ")[2]) for alert in alerts.values()]


@pytest.mark.parametrize(
    ("demote", "rungs"),
    [
        ("{}", [("critical", "10"), ("warning", "5")]),
        ("{critical: warning}", [("warning", "5")]),
        ("{critical: info, warning: info}", [("info", "5")]),
        ("{critical: warning, warning: info}", [("warning", "10"), ("info", "5")]),
        ("{critical: warning, warning: off}", [("warning", "10")]),
        ("{warning: off}", [("critical", "10")]),
        ("{critical: off, warning: off, info: off}", []),
    ],
)
@pytest.mark.parametrize("order", ["{critical: 10, warning: 5}", "{warning: 5, critical: 10}"])
def test_rungs_that_meet_on_one_severity_become_the_lowest(
    demote: str, rungs: list[tuple[str, str]], order: str
) -> None:
    assert sorted(ladder(demote, order)) == sorted(rungs)


def test_a_demoted_rung_keeps_the_hold_of_what_it_was() -> None:
    found = chat(f"{QUEUE}alerts: {{A: {{signal: all, above: 5, severity: critical, category: quality}}}}")
    assert found.alert("staging").severity == "warning"
    assert found.alert("staging").hold == found.alert("production").hold == 5 * MINUTE


@pytest.mark.parametrize(
    ("patch", "threshold", "hold"),
    [
        ("{above: 20}", "20", 10),
        ("{above: {warning: 20}}", "20", 10),
        ("{for: 1h}", "5", 60),
        ("{for: {warning: 1h}}", "5", 60),
        ("{above: 20, for: 0s}", "20", 0),
    ],
)
def test_an_environment_patches_what_it_names_and_nothing_else(patch: str, threshold: str, hold: int) -> None:
    found = chat(f"{QUEUE}alerts: {{A: {{signal: all, above: 5, category: quality, in: {{staging: {patch}}}}}}}")
    assert found.expr("staging").endswith(f" > {threshold}")
    assert found.alert("staging").hold == hold * MINUTE
    assert found.expr("production").endswith(" > 5")
    assert found.alert("production").hold == 10 * MINUTE


def test_one_hold_in_an_environment_is_for_every_rung() -> None:
    found = chat(
        f"{QUEUE}alerts: {{A: {{signal: all, above: {{critical: 9, info: 5}}, for: {{critical: 1m, info: 2m}}, "
        "category: quality, in: {production: {for: 7m}}}}"
    )
    assert [alert.hold for alert in found.alerts().values()] == [7 * MINUTE, 7 * MINUTE]


def test_an_alert_that_is_off_somewhere_is_there_elsewhere() -> None:
    found = chat(f"{QUEUE}alerts: {{A: {{signal: all, above: 5, category: quality, in: {{staging: off}}}}}}")
    assert found.alerts("staging") == {}
    assert list(found.alerts("production")) == ["A@warning"]


@pytest.mark.parametrize(
    ("alert", "said"),
    [
        ("{signal: all, above: 5, category: quality, in: {stage: off}}", "unknown environment 'stage'"),
        ("{signal: all, above: 5, category: quality, in: {staging: {below: 3}}}", "below: 3"),
        ("{signal: all, above: {critical: 9, warning: 5}, category: quality, in: {staging: {above: 7}}}", "above: 7"),
        ("{signal: queue, above: 5, category: quality, where: [{model: a, below: 3}]}", "below: 3"),
        ("{signal: queue, above: 5, category: quality, where: [{modell: a, above: 3}]}", "did you mean 'model'?"),
        ("{signal: all, above: 5, category: quality, where: [{model: a, above: 3}]}", "no label 'model'"),
        ("{signal: all, rises: {by: 20%, versus: 7d}, category: quality, where: [{model: a, above: 3}]}", "where:"),
        (
            "{signal: queue, above: 5ms, category: quality}",
            "cannot be compared with queue, which is in requests: write it like 500",
        ),
        ("{signal: all, above: 5}", "needs a category"),
        ("{signal: al, above: 5, category: quality}", "did you mean 'all'?"),
        ("{signal: all, category: quality}", "needs a condition"),
        ("{signal: all, above: 5, below: 3, category: quality}", "2 conditions"),
        ("{above: 5, category: quality}", "needs a signal"),
        ("{signal: all, absent: false, category: quality}", "absent: false"),
        ("{signal: all, stale: 5m, category: quality}", "only the age of something can be stale"),
        ("{signal: r, rises: {times: 0.5, versus: 1d}, category: quality}", "that is no rise"),
        ("{signal: r, rises: {by: -5%, versus: 1d}, category: quality}", "that is no rise"),
        ("{signal: r, drops: {times: 3, versus: 1d}, category: quality}", "that is no drop"),
        ("{signal: r, drops: {by: 120%, versus: 1d}, category: quality}", "that is no drop"),
        ("{signal: r, drops: {by: 20%, times: 2, versus: 1d}}", "exactly one of by"),
        ("{signal: all, above: 5, category: quality, guard: {signal: r, above: 5ms}}", "cannot be compared with r"),
        ("{down: all, guard: {signal: r, above: 5}}", "guard: changes nothing"),
        ("{expr: queue > 5, category: quality, summary: s}", "needs a test"),
        ("{expr: queue > 5, category: quality, test: {fires: a}}", "needs a summary"),
        ("{expr: queue > 5, summary: s, test: {fires: a}}", "needs a category"),
        ("{expr: queue > 5, by: [model], category: quality, summary: s, test: {fires: a}}", "by: changes nothing"),
        ("{expr: kueue > 5, category: quality, summary: s, test: {fires: a}}", "unknown metric 'kueue'"),
        ("{expr: requests_total > 5, category: quality, summary: s, test: {fires: a}}", "the label 'team'"),
    ],
)
def test_what_would_be_lost_or_dead_is_refused(alert: str, said: str) -> None:
    found = chat(f"{QUEUE}alerts: {{A: {alert}}}")
    assert found.service is None
    assert any(said in message for message in found.messages), found.messages


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("[{model: a, above: 9}, {model: b, above: 8}]", []),
        ("[{model: a, region: eu, above: 9}, {model: a, region: us, above: 8}]", []),
        ("[{model: a, above: 9}, {region: eu, above: 8}]", ["overlapping-where"]),
        ("[{model: a, above: 9}, {model: a, region: eu, above: 8}]", ["overlapping-where"]),
        ("[{model: a, above: 9}, {model: a, above: 8}]", ["overlapping-where"]),
        ("[{model: a, region: eu, above: 9}, {region: us, above: 8}]", []),
    ],
)
def test_no_series_has_two_thresholds(where: str, found: list[str]) -> None:
    assert chat(f"{QUEUE}alerts: {{A: {{signal: queue, above: 5, category: quality, where: {where}}}}}").found == found


def test_the_watchdog_is_the_fleets_own() -> None:
    assert chat(f"{QUEUE}alerts: {{Watchdog: {{down: all}}}}").found == ["reserved-alert"]


def test_a_threshold_of_its_own_follows_the_alerts_grouping_and_not_the_signals() -> None:
    alert = "{signal: all, by: [model], above: 5, where: [{model: a, above: 9}], category: quality}"
    found = chat(f"{QUEUE}alerts: {{A: {alert}}}")
    series = 'service_model:all_requests:max{service="chat",environment="production",model'
    assert found.expr() == f'{series}!="a"}} > 5 or {series}="a"}} > 9'


def test_a_threshold_of_its_own_on_a_budget_stays_with_that_budget() -> None:
    found = chat("""
        signals: {spend: {rate: cost_usd_total}}
        budgets: {day: {signal: spend, limit: 500 USD, rolling: 1d, by: [application], warning: null, exhausted: off}}
        alerts: {A: {signal: budget_day.used, above: 50%, where: [{application: x, above: 70%}], category: cost}}
    """)
    assert found.expr().count('budget="day"') == 2


def test_an_expression_keeps_its_grouping() -> None:
    more = """
        signals: {e: {expr: sum by (model) (queue), by: [model]}}
        alerts: {A: {signal: e, by: [], above: 5, category: quality}}
    """
    assert chat(more).found == ["fixed-grouping"]


@pytest.mark.parametrize(
    ("signal", "watched"),
    [
        ("{gauge: queue}", 'queue{job="chat",env="production"}'),
        (
            "{ratio: {bad: 'requests_total{ok=\"false\"}', total: requests_total}}",
            'requests_total{job="chat",env="production"}',
        ),
        ("{expr: sum(queue)}", 'sum(queue{job="chat",env="production"})'),
        ("{mean: wait_seconds}", 'wait_seconds_sum{job="chat",env="production"}'),
    ],
)
def test_what_is_missing_is_the_signal_itself_and_of_a_ratio_the_whole(signal: str, watched: str) -> None:
    found = chat(f"signals: {{x: {signal}}}\nalerts: {{A: {{signal: x, absent: true, category: meta}}}}")
    assert found.expr() == f"absent({watched})"


def test_static_and_carried_labels_are_told_apart() -> None:
    alert = chat(f"{QUEUE}alerts: {{A: {{signal: queue, above: 5, category: quality}}}}").alert()
    assert alert.carries == {"model", "region"}
    assert alert.labels == {
        "severity": "warning",
        "category": "quality",
        "service": "chat",
        "team": "inference",
        "environment": "production",
    }
    assert chat("alerts: {Down: {down: all}}").alert().carries == frozenset()
    assert chat("alerts: {Down: {down: some}}").alert().carries == {"instance"}


def test_the_label_of_a_severity_is_what_the_fleet_writes() -> None:
    fleet = FLEET + "severities: {warning: ticket}\n"
    alert = chat(f"{QUEUE}alerts: {{A: {{signal: all, above: 5, category: quality}}}}", fleet).alert()
    assert (alert.severity, alert.labels["severity"]) == ("warning", "ticket")


def test_a_workload_brings_its_namespace() -> None:
    base = CHAT.replace("uses:", "workload: {namespace: llm, name: chat}\nuses:")
    alert = chat("alerts: {Down: {down: all}}", base=base).alert()
    assert alert.labels["namespace"] == "llm"


def test_rates_near_a_threshold_keep_firing_and_gauges_and_notes_do_not() -> None:
    found = chat(f"""{QUEUE}alerts:
  Rate: {{signal: r, above: 5/s, category: quality}}
  Note: {{signal: r, above: 4/s, severity: info, category: quality}}
  Gauge: {{signal: all, above: 5, category: quality}}
  Said: {{signal: r, above: 3/s, keep_for: 1m, category: quality}}
""").alerts()
    assert [alert.keep // MINUTE for alert in found.values()] == [5, 0, 0, 1]


def test_texts_name_the_service_the_threshold_and_the_labels_and_a_users_words_win() -> None:
    found = chat(f"""{QUEUE}alerts:
  Made: {{signal: queue, above: 5, category: quality}}
  Own: {{signal: queue, above: 6, category: quality, summary: 'Look at {{{{ $labels.model }}}}', description: Now.}}
""").alerts()
    made, own = found["Made@warning"].annotations, found["Own@warning"].annotations
    assert made["summary"] == (
        "Queue of chat is above 5 requests (model {{ $labels.model }}, region {{ $labels.region }})"
    )
    assert made["description"] == "Queue. Now {{ $value | humanize }} requests."
    assert (own["summary"], own["description"]) == ("Look at {{ $labels.model }}", "Now.")
    assert made["runbook_url"] == "https://runbooks.example/chat/Made"
    assert made["dashboard_url"] == "https://grafana.example/d/chat-service?var-environment=production"


def test_words_of_a_signal_cannot_be_a_template() -> None:
    found = chat("""
        signals: {q: {gauge: queue, help: "All {{ of it }}."}}
        alerts: {A: {signal: q, above: 5, category: quality}}
    """)
    assert found.alert().annotations["description"].startswith('All {{ "{{" }} of it }}.')


def test_an_alert_that_is_off_is_not_there_in_any_environment() -> None:
    found = chat(
        "alerts: {ServiceDown: {off: the batch job comes and goes}}", base=CHAT.replace("uses: {service: false}\n", "")
    )
    assert [list(found.alerts(name)) for name in ("production", "staging", "dev")] == [
        ["ReplicaDown@warning"],
        ["ReplicaDown@warning"],
        ["ReplicaDown@info"],
    ]


def test_more_than_20_alerts_of_a_category_make_a_second_group() -> None:
    alerts = "\n".join(f"  A{n}: {{signal: all, above: {n}, category: quality}}" for n in range(45))
    groups = chat(f"{QUEUE}alerts:\n{alerts}\n").rules().groups
    assert [(g.name, len(g.rules)) for g in groups if "recording" not in g.name] == [
        ("chat.production.quality", 20),
        ("chat.production.quality-2", 20),
        ("chat.production.quality-3", 5),
    ]
