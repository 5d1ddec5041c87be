"""Every alert reaches exactly whom the spec promises it to."""

from __future__ import annotations

from datetime import datetime
from itertools import product
from zoneinfo import ZoneInfo

import pytest
from alertmanager_examples import FINOPS, ML, copy, fleet, interval, receiver, team
from hypothesis import given, settings
from hypothesis import strategies as st

from llmmon.plan import Copy
from llmmon.routing import Matcher, deliver, promised, routes, walk

UTC = ZoneInfo("UTC")


@pytest.mark.parametrize(
    ("labels", "receivers"),
    [
        ({"team": "finops", "severity": "critical"}, ("finops-critical",)),
        ({"team": "ml", "severity": "critical"}, ("ml-critical",)),
        ({"team": "ml", "severity": "warning", "category": "cost"}, ("finops-warning", "ml-warning")),
        ({"team": "finops", "severity": "warning", "category": "cost"}, ("finops-warning",)),
        ({"team": "ml", "severity": "info"}, ("catch-all",)),
        ({"team": "ml", "severity": "info", "category": "cost"}, ("finops-info", "catch-all")),
        ({"team": "ml", "severity": "page"}, ("catch-all",)),
        ({"team": "nobody", "severity": "critical"}, ("catch-all",)),
        ({}, ("catch-all",)),
        ({"alertname": "Watchdog", "team": "ml", "severity": "critical"}, ("watchdog",)),
    ],
)
def test_who_is_told(labels: dict[str, str], receivers: tuple[str, ...]) -> None:
    assert promised(fleet(), labels) == receivers
    assert tuple(delivery.receiver for delivery in deliver(routes(fleet()), labels)) == receivers


WHEN = st.dictionaries(
    st.sampled_from(["severity", "category", "team", "environment"]),
    st.sampled_from(["critical", "warning", "cost", "ml", "finops", "production"]),
    min_size=1,
    max_size=3,
)


@settings(derandomize=True, deadline=None, max_examples=80)
@given(st.lists(st.builds(Copy, WHEN, st.sampled_from(["finops", "ml"]), st.just(FINOPS.origin)), max_size=4))
def test_overlapping_copies_arrive_once(copies: list[Copy]) -> None:
    of = fleet(copies=tuple(copies))
    tree = routes(of)
    for severity, category, name, environment in product(
        ("critical", "warning", "info"), ("cost", "errors"), ("ml", "finops", "x"), ("production", "staging")
    ):
        labels = {"severity": severity, "category": category, "team": name, "environment": environment}
        assert tuple(delivery.receiver for delivery in deliver(tree, labels)) == promised(of, labels)


def test_severities_are_written_as_the_fleet_says() -> None:
    of = fleet(severities={"critical": "page", "warning": "ticket", "info": "ticket"})
    assert promised(of, {"team": "ml", "severity": "page"}) == ("ml-critical",)
    assert promised(of, {"team": "finops", "severity": "ticket"}) == ("finops-warning",)
    labels = {"team": "finops", "severity": "ticket"}
    assert [delivery.receiver for delivery in deliver(routes(of), labels)] == ["finops-warning"]


def test_critical_repeats_hourly_and_info_daily() -> None:
    hours = {route.receiver: route.repeat.total_seconds() / 3600 for route in walk(routes(fleet())) if route.repeat}
    assert hours == {"catch-all": 4, "watchdog": 5 / 60, "finops-critical": 1, "finops-info": 24, "ml-critical": 1}


@pytest.mark.parametrize(
    ("at", "receivers"),
    [
        (datetime(2026, 3, 2, 10, tzinfo=UTC), {"day": False, "night": True}),
        (datetime(2026, 3, 2, 23, tzinfo=UTC), {"day": True, "night": False}),
    ],
)
def test_active_notifies_only_then_and_quiet_mutes_then(at: datetime, receivers: dict[str, bool]) -> None:
    ways = (receiver(slack="#x"),)
    day = team("day", info=ways, active={"info": interval("08:00-20:00 UTC")})
    night = team("night", info=ways, quiet={"info": interval("08:00-20:00 UTC")})
    tree = routes(fleet(teams={"day": day, "night": night}, copies=()))
    for name, muted in receivers.items():
        (delivery,) = deliver(tree, {"team": name, "severity": "info"}, at)
        assert delivery.muted is muted


def test_a_copy_keeps_the_hours_of_the_team_that_gets_it() -> None:
    sunday = datetime(2026, 3, 1, 12, tzinfo=UTC)
    first, last = deliver(routes(fleet()), {"team": "ml", "severity": "info", "category": "cost"}, sunday)
    assert (first.receiver, first.muted, last.receiver, last.muted) == ("finops-info", True, "catch-all", False)


@pytest.mark.parametrize(
    ("matcher", "text"),
    [
        (Matcher("a", ("b",)), 'a="b"'),
        (Matcher("a", ("",), negative=True), 'a!=""'),
        (Matcher("a", ("b", "c.d")), 'a=~"b|c\\\\.d"'),
        (Matcher("a", ("b", "c"), negative=True), 'a!~"b|c"'),
        (Matcher("a", ('q"u\\o\nte',)), 'a="q\\"u\\\\o\\nte"'),
    ],
)
def test_a_matcher_is_escaped(matcher: Matcher, text: str) -> None:
    assert str(matcher) == text


def test_a_severity_named_in_a_copy_is_no_second_matcher() -> None:
    of = fleet(copies=(copy("finops", severity="critical"),), teams={"finops": FINOPS, "ml": ML})
    (route,) = (route for route in walk(routes(of)) if route.continues)
    assert [str(matcher) for matcher in route.matchers] == ['severity="critical"', 'team="ml"']
