"""What a fleet that scales with an engine needs and what contradicts it; which rules run where."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from llmmon import pipeline
from llmmon.problem import Level

if TYPE_CHECKING:
    from conftest import Fleet

    from llmmon.plan import Rules, Service
    from llmmon.problem import Problem

SERVER = "prometheus: {external_labels: {cluster: eu-1}}"
WRITES = "prometheus: {remote_write: [{url: 'http://x/write'}]}"
THANOS = "backend: {thanos: {storage: {secret: thanos/objstore.yml}}}"
OWN = "environments: {production: {selector: {}}, staging: {selector: {}}}"
ONE = "environments: {production: {selector: {env: production}}}"
TWO = "environments: {production: {selector: {env: production}}, staging: {selector: {env: staging}}}"
EXPR = """\
  {name}:
    {{expr: '{expr}', category: errors, severity: info, summary: x, test: {{fires: ['chat_queue 9x60']}}}}
"""


def add(fleet: Fleet, *lines: str) -> None:
    text = (fleet.root / "specs/fleet.yaml").read_text()
    fleet.write("specs/fleet.yaml", text + "".join(f"{line}\n" for line in lines))


def lowered() -> tuple[list[Service], list[Problem]]:
    specs = pipeline.read([Path("specs")])
    fleet, problems = pipeline.planned(specs)
    return list(pipeline.lowered(specs, fleet, problems)), problems


def rules() -> Rules:
    services, problems = lowered()
    assert [problem.message for problem in problems if problem.level is Level.ERROR] == []
    return services[0].rules[0]


def whys() -> dict[str, str | None]:
    return {one.rule: one.why for one in rules().placed}


@pytest.mark.parametrize(
    ("lines", "rule", "said"),
    [
        (["backend: thanso"], "spec-value-error", "'thanso' is no backend: did you mean 'thanos'?"),
        (["backend: victoria"], "spec-value-error", "write one of thanos, mimir, prometheus-agent"),
        (["backend: {mimir: 'http://m', thanos: {}}"], "spec-value-error", "names no engine, or several"),
        (["backend: []"], "spec-value-error", "names no engine, or several"),
        (["backend: 3"], "spec-value-error", "names no engine, or several"),
        (["backend: mimir"], "spec-value-error", "mimir needs its address"),
        (["backend: {mimir: }"], "spec-value-error", "mimir needs its address"),
        (["backend: thanos"], "spec-value-error", "thanos needs its object storage"),
        (["backend: {thanos: {shards: 2}}", SERVER], "spec-missing", "the key 'storage' is missing"),
        (["backend: {thanos: {storage: s3cr3t}}"], "spec-value-error", "a secret is never written into a spec"),
        (["backend: {thanos: {storage: {secret: a/b}, shards: 0}}"], "spec-greater-than-equal", "got 0"),
        (["backend: {thanos: {storage: {secret: a/b}, shard: 2}}"], "spec-extra-forbidden", "did you mean 'shards'?"),
        (["backend: {mimir: 'ftp://m'}"], "spec-value-error", "'ftp://m' is no URL"),
        (["backend: {mimir: {url: 'http://m', tenant: 'a|b'}}"], "spec-value-error", "'a|b' is no tenant"),
        (["backend: {mimir: {url: 'http://m', tenant: ..}}"], "spec-value-error", "'..' is no tenant"),
        (["backend: {mimir: {url: 'http://m', tenant: a, tenants: team}}"], "spec-value-error", "two ways to name"),
        (["backend: {mimir: {url: 'http://m', tenants: service}}"], "spec-literal-error", "environment, team"),
        (["backend: {mimir: {url: 'http://m', federated: true}}"], "backend-tenants", "there is one tenant"),
        (["backend: {prometheus-agent: {receiver: here}}"], "spec-literal-error", "'elsewhere'?"),
        (["backend: {prometheus-agent: {wal: {least: 2h, most: 1h}}}", WRITES], "spec-value-error", "exchange them"),
        (["backend: prometheus-agent"], "backend-remote-write", "it must send"),
        (["backend: prometheus-agent", SERVER], "backend-remote-write", "it must send"),
        ([THANOS], "backend-no-server", "write prometheus:"),
        ([THANOS, "prometheus: {}"], "backend-external-labels", "write prometheus: {external_labels"),
    ],
)
def test_a_backend_that_cannot_be_is_refused(fleet: Fleet, lines: list[str], rule: str, said: str) -> None:
    fleet.edit("specs/chat.yaml", "selector: {job: chat}", "selector: {job: chat}\nscrape: {targets: 'chat:80'}")
    add(fleet, *lines)
    _, problems = lowered()
    assert [problem.rule for problem in problems] == [rule], [problem.message for problem in problems]
    assert said in problems[0].message
    assert "s3cr3t" not in problems[0].message


@pytest.mark.parametrize(
    ("server", "rule", "level"),
    [
        ("remote_read: [{url: 'http://x'}]", "backend-remote-read", Level.ERROR),
        ("federate: {targets: ['a:1']}", "backend-federate", Level.ERROR),
        ("replicas: 2", "backend-replicas", Level.ERROR),
        ("external_labels: {replica: a}", "external-label", Level.ERROR),
    ],
)
def test_what_an_agent_cannot_do_is_refused(fleet: Fleet, server: str, rule: str, level: Level) -> None:
    fleet.edit("specs/chat.yaml", "selector: {job: chat}", "selector: {job: chat}\nscrape: {targets: 'chat:80'}")
    add(fleet, "backend: prometheus-agent", f"{WRITES[:-1]}, {server}}}")
    _, problems = lowered()
    assert [(problem.rule, problem.level) for problem in problems] == [(rule, level)]


@pytest.mark.parametrize(
    ("backend", "server", "rule"),
    [
        ("prometheus-agent", "remote_write: [{url: 'http://x', only: recorded}]", "backend-remote-write"),
        ("{mimir: 'http://m'}", "remote_write: [{url: 'http://x', only: recorded}]", "backend-remote-write"),
        ("{mimir: 'http://m'}", "replicas: 2", "backend-replicas"),
        ("{mimir: {url: 'http://m', agent: true}}", "federate: {targets: ['a:1']}", "backend-federate"),
    ],
)
def test_a_server_that_the_engine_does_not_fit_is_refused(fleet: Fleet, backend: str, server: str, rule: str) -> None:
    fleet.edit("specs/chat.yaml", "selector: {job: chat}", "selector: {job: chat}\nscrape: {targets: 'chat:80'}")
    add(fleet, f"backend: {backend}", f"prometheus: {{{server}}}")
    assert [problem.rule for problem in lowered()[1]] == [rule]


@pytest.mark.parametrize(
    ("lines", "rule"),
    [
        ((THANOS, "prometheus: {external_labels: {cluster: a}, retention: {time: 2h}}"), "backend-retention"),
        (
            ("backend: {prometheus-agent: {receiver: elsewhere}}", f"{WRITES[:-1]}, retention: {{time: 2h}}}}"),
            "backend-retention",
        ),
        (("backend: {mimir: 'http://m'}", "operator: {kinds: [PrometheusRule]}"), "backend-operator"),
    ],
)
def test_what_would_be_in_vain_is_a_warning(fleet: Fleet, lines: tuple[str, ...], rule: str) -> None:
    fleet.edit("specs/chat.yaml", "selector: {job: chat}", "selector: {job: chat}\nscrape: {targets: 'chat:80'}")
    add(fleet, *lines)
    assert [(problem.rule, problem.level) for problem in lowered()[1]] == [(rule, Level.WARNING)]


def test_what_looks_back_further_than_prometheus_keeps_moves_and_takes_its_readers_along(fleet: Fleet) -> None:
    add(fleet, THANOS, f"{SERVER[:-1]}, retention: {{time: 1d}}}}")
    found = whys()
    assert found["HighErrorRate@warning"] is None
    long = {name: why for name, why in found.items() if why and why.startswith("looks back")}
    assert long
    assert all(name.endswith(("3d", "30d", "exhausted")) for name in long), long
    burns = {name: why for name, why in found.items() if name.startswith("SLOErrorBudgetBurn") and why}
    assert burns, "the slow burn rate reads what a ruler records"
    assert all(why.endswith("which a ruler records") for why in burns.values())


def test_with_enough_retention_nothing_moves(fleet: Fleet) -> None:
    add(fleet, THANOS, f"{SERVER[:-1]}, retention: {{time: 60d}}}}")
    found = rules()
    assert {one.why for one in found.placed} == {None}
    assert found.central == ()
    assert found.local == found.groups


@pytest.mark.parametrize(
    ("expr", "why"),
    [
        ("sum by (cluster) (chat_queue) > 1", "reads cluster"),
        ('chat_queue{replica="a"} > 1', "reads replica"),
        ("chat_queue > on (cluster) group_left () chat_queue", "reads cluster"),
        ("chat_queue @ 1609746000 > 1", "reads a fixed time"),
        ("max_over_time(chat_queue[16d]) > 1", "looks back 16d"),
        ("max_over_time(chat_queue[14d] offset 1d) > 1", None),
    ],
)
def test_what_only_a_ruler_can_see_moves(fleet: Fleet, expr: str, why: str | None) -> None:
    add(fleet, THANOS, SERVER)
    fleet.write("specs/chat.yaml", (fleet.root / "specs/chat.yaml").read_text() + EXPR.format(name="Odd", expr=expr))
    found = whys()["Odd@info"]
    assert found is None if why is None else found is not None and found.startswith(why)


def test_a_rule_about_another_prometheus_moves(fleet: Fleet) -> None:
    fleet.edit("specs/fleet.yaml", ONE, OWN)
    add(fleet, THANOS, SERVER)
    expr = 'max(chat_queue{environment=~"production|staging"}) > 1'
    fleet.write("specs/chat.yaml", (fleet.root / "specs/chat.yaml").read_text() + EXPR.format(name="Odd", expr=expr))
    assert whys()["Odd@info"] == "reads staging, which another Prometheus watches"


def test_environments_that_share_a_prometheus_are_both_seen_there(fleet: Fleet) -> None:
    fleet.edit("specs/fleet.yaml", ONE, TWO)
    add(fleet, THANOS, SERVER)
    expr = 'chat_queue{env=~"production|staging"} > 1'
    fleet.write("specs/chat.yaml", (fleet.root / "specs/chat.yaml").read_text() + EXPR.format(name="Odd", expr=expr))
    assert whys()["Odd@info"] is None


def test_what_reads_another_tenant_needs_federation(fleet: Fleet) -> None:
    fleet.edit("specs/fleet.yaml", ONE, TWO)
    add(fleet, "backend: {mimir: {url: 'http://m', tenants: environment}}")
    expr = 'chat_queue{env=~"production|staging"} > 1'
    fleet.write("specs/chat.yaml", (fleet.root / "specs/chat.yaml").read_text() + EXPR.format(name="Odd", expr=expr))
    found = [problem for problem in lowered()[1] if problem.level is Level.ERROR]
    assert [problem.rule for problem in found] == ["backend-tenants"] * 2
    assert "Odd@info reads staging, whose series are those of another tenant" in found[0].message


def test_what_reads_another_teams_job_is_a_group_of_its_own(fleet: Fleet) -> None:
    fleet.edit("specs/fleet.yaml", "teams:\n", "teams:\n  search: {}\n")
    fleet.write("specs/index.yaml", "service: index\nteam: search\nselector: {job: index}\n")
    add(fleet, "backend: {mimir: {url: 'http://m', tenants: team, federated: true}}")
    expr = 'sum(up{job=~"index"}) == 0'
    fleet.write("specs/chat.yaml", (fleet.root / "specs/chat.yaml").read_text() + EXPR.format(name="Odd", expr=expr))
    services, problems = lowered()
    assert [problem for problem in problems if problem.level is Level.ERROR] == []
    central = {one.group.name: one.sources for one in services[0].rules[0].central}
    assert central["chat.production.errors"] == ()
    assert central["chat.production.errors.federated"] == ("inference", "search")


def test_an_environment_of_its_own_is_told_by_the_label_of_the_others(fleet: Fleet) -> None:
    fleet.edit("specs/fleet.yaml", ONE, f"{TWO[:-1]}, dev: {{selector: {{}}}}}}")
    add(fleet, "backend: {mimir: 'http://m'}")
    fleet_plan, _ = pipeline.planned(pipeline.read([Path("specs")]))
    assert [(one.selector, one.own) for one in fleet_plan.environments] == [
        ({"env": "production"}, False),
        ({"env": "staging"}, False),
        ({"env": "dev"}, True),
    ]
