"""An alert is muted by what explains it, and by nothing else."""

from __future__ import annotations

import pytest
from alertmanager_examples import ORIGIN, alert, fleet, ladder
from hypothesis import given, settings
from hypothesis import strategies as st

from llmmon.inhibition import GUARD, Inhibition, inhibitions, prove
from llmmon.plan import Facts
from llmmon.routing import Matcher

BURN = [
    alert("SLOErrorBudgetBurn", severity, slo=slo, window=window)
    for slo in ("availability", "ttft")
    for window, severity in (("1h", "critical"), ("6h", "critical"), ("1d", "warning"), ("3d", "warning"))
]


def muted(facts: list[Facts]) -> set[tuple[str, str]]:
    """Pairs of alert ids, as Alertmanager would mute them with equal values of all the labels that they carry."""
    out = set()
    for rule in inhibitions(fleet(), facts):
        for source in facts:
            for target in facts:
                known = (dict.fromkeys(each.carries, "x") | dict(each.labels) for each in (source, target))
                mine, its = known
                admits = all(m.matches(mine) for m in rule.source) and all(m.matches(its) for m in rule.target)
                if admits and all(mine.get(label, "") == its.get(label, "") for label in rule.equal):
                    out.add((f"{mine['service']}/{source.id}", f"{its['service']}/{target.id}"))
    return out


def test_critical_mutes_the_milder_ones_of_the_same_alert_alone() -> None:
    facts = [*ladder("HighLatency", "model"), alert("HighLatency", "info", ["model"]), *ladder("HighErrorRate")]
    assert muted(facts) == {
        ("chat/HighLatency@critical", "chat/HighLatency@warning"),
        ("chat/HighLatency@critical", "chat/HighLatency@info"),
        ("chat/HighLatency@warning", "chat/HighLatency@info"),
        ("chat/HighErrorRate@critical", "chat/HighErrorRate@warning"),
    }
    rules = inhibitions(fleet(), facts)
    assert [rule.equal for rule in rules] == [("environment", "service", "alertname", "model")] * 2


def test_alerts_that_tell_different_labels_have_a_rule_of_their_own() -> None:
    odd = [alert("Odd", "critical", ["model", "tenant"]), alert("Odd", "warning", ["model"])]
    facts = [*ladder("Even", "model", "tenant"), *odd, *ladder("Odd", "tenant", service="llama")]
    even, first, second = inhibitions(fleet(), facts)
    assert even.target[-1] == Matcher("alertname", ("Odd",), negative=True)
    assert even.equal[3:] == ("model", "tenant")
    assert (Matcher("service", ("chat",)) in first.source, first.equal[3:]) == (True, ("model",))
    assert (Matcher("service", ("llama",)) in second.source, second.equal[3:]) == (True, ("tenant",))
    assert list(prove(fleet(), (even, first, second), facts)) == []
    assert len(muted(facts)) == 3


def test_the_fast_window_mutes_the_slower_ones_of_its_slo() -> None:
    window, severity = inhibitions(fleet(), BURN)
    assert list(map(str, window.source[:2])) == ['window="1h"', 'slo!=""']
    assert list(map(str, window.target)) == ['window=~"6h|1d|3d"']
    assert "slo" in window.equal
    assert "slo" in severity.equal
    assert list(prove(fleet(), (window, severity), BURN)) == []


def test_a_budget_that_is_used_up_mutes_that_it_nearly_is_unless_that_is_worse() -> None:
    facts = [
        *(
            alert(f"DailyBudget{kind}", severity, ["app", "budget"], service=service)
            for kind, severity in (
                ("Used", "info"),
                ("Used", "warning"),
                ("Used", "critical"),
                ("Exhausted", "warning"),
            )
            for service in ("chat", "llama")
        ),
        alert("MonthlyBudgetUsed", "warning", ["app", "budget"]),
        alert("MonthlyBudgetExhausted", "info", ["app", "budget"]),
        alert("OwnBudgetUsed", "warning", ["app"]),
        alert("OwnBudgetExhausted", "critical", ["app"]),
    ]
    ours = [rule for rule in inhibitions(fleet(), facts) if "used up" in rule.why]
    assert [rule.equal for rule in ours] == [("environment", "service", "app", "budget")]
    assert Matcher("service", ("chat", "llama")) in ours[0].source
    exhausted = {pair for pair in muted(facts) if "Exhausted" in pair[0]}
    assert exhausted == {
        (f"{service}/DailyBudgetExhausted@warning", f"{service}/DailyBudgetUsed@{severity}")
        for service in ("chat", "llama")
        for severity in ("info", "warning")
    }
    assert list(prove(fleet(), ours, facts)) == []


def test_a_service_that_is_down_mutes_all_else_of_it_and_what_is_mild_of_its_dependants() -> None:
    down = alert("ServiceDown", service="llama")
    facts = [down, *ladder("High"), *ladder("High", service="llama"), alert("ServiceDown", service="chat")]
    pairs = {pair for pair in muted(facts) if pair[0] == "llama/ServiceDown@critical"}
    assert {target for _, target in pairs} == {"llama/High@critical", "llama/High@warning", "chat/High@warning"}


def test_services_that_wait_for_each_other_do_not_mute_each_others_end() -> None:
    of = fleet(services={"chat": ("llama",), "llama": ("chat",)})
    facts = [alert("ServiceDown", "warning", service=name) for name in ("chat", "llama")]
    rules = inhibitions(of, facts)
    assert list(prove(of, rules, facts)) == []
    assert all(str(Matcher("alertname", ("ServiceDown",), negative=True)) in map(str, rule.target) for rule in rules)


def test_each_source_names_where_it_is() -> None:
    facts = [*ladder("High", "model"), alert("ServiceDown"), alert("ServiceDown", service="llama"), *BURN]
    rules = inhibitions(fleet(), facts)
    assert len(rules) == 4
    for rule in rules:
        labels = {matcher.label for matcher in rule.source if matcher in GUARD or not matcher.negative}
        assert {"environment", "service"} <= labels


CRITICAL, WARNING = (Matcher("severity", (value,)) for value in ("critical", "warning"))


@pytest.mark.parametrize(
    ("rule", "facts", "words"),
    [
        (
            Inhibition("r", (CRITICAL,), (WARNING,), ("environment", "service", "model")),
            [alert("A", "critical", ["model"]), alert("B", "warning")],
            "only the first has the label `model`",
        ),
        (
            Inhibition("r", (CRITICAL,), (WARNING,), ("environment",)),
            [alert("A"), alert("A", "warning", service="llama")],
            "of different services",
        ),
        (
            Inhibition("r", (CRITICAL,), (WARNING,), ("service",)),
            [alert("A"), alert("A", "warning", environment="staging")],
            "of different environments",
        ),
        (
            Inhibition("r", (WARNING,), (CRITICAL,), ("environment", "service", "alertname")),
            ladder("A"),
            "nothing may mute a critical alert",
        ),
        (
            Inhibition("r", (Matcher("alertname", ("ServiceDown",)),), (CRITICAL,), ("environment",)),
            [alert("ServiceDown", service="llama"), alert("High")],
            "nothing may mute a critical alert",
        ),
        (
            Inhibition("r", (CRITICAL,), (Matcher("alertname", ("ServiceDown",)),), ("environment", "service")),
            [alert("High"), alert("ServiceDown", "warning")],
            "nothing may mute `ServiceDown`",
        ),
        (
            Inhibition("r", (CRITICAL,), (Matcher("category", ("errors",)),), ("environment", "service")),
            [alert("A")],
            "what mutes is itself among what is muted",
        ),
        (
            Inhibition("r", (Matcher("alertname", ("ServiceDown",)),), (WARNING,), ("environment", "service")),
            [
                Facts("ServiceDown", {"alertname": "ServiceDown"}, frozenset(), ORIGIN),
                Facts("Stray", {"alertname": "Stray", "severity": "warning"}, frozenset(), ORIGIN),
            ],
            "not both have the label `service`",
        ),
    ],
)
def test_the_proof_finds_what_is_wrong(rule: Inhibition, facts: list[Facts], words: str) -> None:
    assert words in "\n".join(problem.message for problem in prove(fleet(), (rule,), facts))


ALERTS = st.builds(
    alert,
    st.sampled_from(["ServiceDown", "High", "Odd"]),
    st.sampled_from(["critical", "warning", "info"]),
    st.lists(st.sampled_from(["model", "tenant", "pod"]), max_size=3),
    service=st.sampled_from(["chat", "llama", "db"]),
    environment=st.sampled_from(["production", "staging"]),
)


@settings(derandomize=True, deadline=None, max_examples=200)
@given(
    st.lists(ALERTS, max_size=14, unique_by=lambda facts: tuple(sorted(facts.labels.items()))),
    st.fixed_dictionaries(
        {name: st.sets(st.sampled_from(["chat", "llama", "db"])).map(tuple) for name in ("chat", "db")}
    ),
)
def test_the_rules_of_any_alerts_hold(facts: list[Facts], needs: dict[str, tuple[str, ...]]) -> None:
    of = fleet(services={**needs, "llama": ("chat",)})
    assert list(prove(of, inhibitions(of, facts), facts)) == []


def test_the_rules_of_many_services_hold() -> None:
    names = [f"service{number}" for number in range(400)]
    facts = [a for name in names for a in (alert("ServiceDown", service=name), *ladder("A", "m", service=name))]
    facts += [a for name in names for number in range(8) for a in ladder(f"B{number}", service=name)]
    of = fleet(services={name: (names[index - 1],) for index, name in enumerate(names)})
    assert list(prove(of, inhibitions(of, facts), facts)) == []
