"""Traces are kept as the spec says, each share applies once, secrets stay outside, and mistakes come home."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from tracing_examples import artifacts, loaded, lowered, matches, plan, read, value, verified

from llmmon.classes import replace
from llmmon.load import services
from llmmon.lower.tracing import lower_sampling, with_services
from llmmon.plan.tracing import Rate, Sampling
from llmmon.source import values
from llmmon.source.document import Document
from llmmon.targets.tracing.proof import strategy_faults

if TYPE_CHECKING:
    from pathlib import Path

    from llmmon.plan import Fleet
    from llmmon.problem import Problem

HEAD = "tracing: {sampling: 1%, services: {ml-service: 10%}, storage: {user: jaeger, password: {secret: es/password}}}"
TAIL = "tracing: {at: tail, sampling: 1%, services: {ml-service: 10%}, keep: {slower_than: 2s}}"
TIERS = "tracing: {at: tail, replicas: 3, samplers: otel-sampler.monitoring}"
HOSTILE = "q\"u'o\\te\n${env:PATH} $x {{ end }} ünï # : - *"
SERVICE = "service: chat\nteam: ml\n"


def with_service(text: str, fleet: Fleet | None = None) -> tuple[Fleet, Sampling | None, list[Problem]]:
    """A fleet with one service, and what is wrong with the service's sampling."""
    document = Document("specs/chat.yaml", SERVICE + text)
    data, found = values.parse(document)
    assert found == []
    assert data is not None
    [one], problems = services(data, document)
    assert problems == []
    around = fleet or plan()
    around = replace(around, tracing=with_services(around.tracing, [one]))
    return around, *lower_sampling(one.spec.tracing, one.name, around, one.origin())


@pytest.mark.parametrize(
    ("name", "text", "path"),
    [
        ("collector.yaml", HEAD, "otel/collector.yaml"),
        ("jaeger.yaml", HEAD, "jaeger/config.yaml"),
        ("sampling.json", HEAD, "jaeger/sampling.json"),
        ("index-cleaner.yaml", HEAD, "jaeger/index-cleaner.yaml"),
        ("tail.yaml", TAIL, "otel/collector.yaml"),
        ("balancer.yaml", TIERS, "otel/collector.yaml"),
    ],
)
def test_an_artifact_is_as_it_was(name: str, text: str, path: str) -> None:
    assert matches(name, artifacts(plan(text))[path].text)


@pytest.mark.parametrize(
    "text",
    [
        "tracing: {}",
        HEAD,
        TAIL,
        TIERS,
        "tracing: {adaptive: true, sampling: 5%}",
        'tracing: {collector: "0.140", tls: mutual, protocol: http}',
        "tracing: {tls: false, sampling: 20/s, storage: {hosts: ['http://es:9200'], prefix: prod}}",
    ],
)
def test_our_own_artifacts_pass_our_own_validator(text: str, tmp_path: Path) -> None:
    assert verified(plan(text), tmp_path) == []


def test_without_tracing_nothing_is_made(tmp_path: Path) -> None:
    fleet = plan("")
    assert artifacts(fleet) == {}
    assert verified(fleet, tmp_path) == []


def test_a_share_applies_once() -> None:
    head, tail = plan(HEAD), plan(TAIL)
    assert "tail_sampling" not in value(head, "otel/collector.yaml")["processors"]
    assert value(tail, "jaeger/sampling.json") == {"default_strategy": {"type": "probabilistic", "param": 1}}


def test_a_trace_is_decided_on_where_all_of_it_is() -> None:
    fleet = plan(TIERS)
    front, back = value(fleet, "otel/collector.yaml"), value(fleet, "otel/sampler.yaml")
    assert list(front["processors"]) == ["memory_limiter"]
    assert front["exporters"]["loadbalancing"]["routing_key"] == "traceID"
    assert list(back["processors"]) == ["memory_limiter", "tail_sampling", "batch"]


def test_exporters_have_the_name_of_their_version() -> None:
    old, new = plan('tracing: {collector: "0.143"}'), plan('tracing: {collector: "0.144"}')
    assert list(value(old, "otel/collector.yaml")["exporters"]) == ["otlp"]
    assert list(value(new, "otel/collector.yaml")["exporters"]) == ["otlp_grpc"]


def test_the_password_is_a_reference_everywhere() -> None:
    fleet = plan(HEAD)
    backend = value(fleet, "jaeger/config.yaml")["extensions"]["jaeger_storage"]["backends"]["spans"]["elasticsearch"]
    assert backend["auth"]["basic"] == {"username": "jaeger", "password": "${env:ES_PASSWORD}"}
    job = value(fleet, "jaeger/index-cleaner.yaml")["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    assert job["containers"][0]["env"][1]["valueFrom"] == {"secretKeyRef": {"name": "es", "key": "password"}}


def test_what_is_kept_can_be_found() -> None:
    fleet = plan("tracing: {retention: 14d}")
    backend = value(fleet, "jaeger/config.yaml")["extensions"]["jaeger_storage"]["backends"]["spans"]["elasticsearch"]
    job = value(fleet, "jaeger/index-cleaner.yaml")["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    assert backend["max_span_age"] == "336h"
    assert job["containers"][0]["args"][0] == "14"


def test_a_service_says_its_own_share() -> None:
    fleet, _, problems = with_service("tracing: 10%")
    assert problems == []
    [own] = value(fleet, "jaeger/sampling.json")["service_strategies"]
    assert own == {"service": "chat", "type": "probabilistic", "param": 0.1}


def test_a_service_says_more_in_a_map() -> None:
    fleet, _, problems = with_service("tracing: {name: 'Chat API', operations: {'GET /health': 0%}}")
    assert problems == []
    [own] = value(fleet, "jaeger/sampling.json")["service_strategies"]
    health = {"operation": "GET /health", "type": "probabilistic", "param": 0}
    assert own == {"service": "Chat API", "type": "probabilistic", "param": 0.01, "operation_strategies": [health]}


def test_hostile_names_stay_text(tmp_path: Path) -> None:
    fleet = plan(TAIL)
    assert fleet.tracing
    rate = Rate("probabilistic", Decimal("0.5"), fleet.tracing.origin)
    own = Sampling(HOSTILE, rate, {HOSTILE: rate}, fleet.tracing.origin)
    storage = replace(plan(HEAD).tracing.storage, user=HOSTILE)  # type: ignore[union-attr]
    hostile = replace(fleet.tracing, sampled={HOSTILE: own}, storage=storage)
    fleet = replace(fleet, tracing=hostile)
    assert verified(fleet, tmp_path) == []
    policies = value(fleet, "otel/collector.yaml")["processors"]["tail_sampling"]["policies"]
    said = policies[2]["and"]["and_sub_policy"][0]["string_attribute"]["values"]
    assert said == [HOSTILE.replace("$", "$$")]  # the collector makes one of two
    head = replace(fleet, tracing=replace(hostile, at="head"))
    assert verified(head, tmp_path) == []
    assert value(head, "jaeger/sampling.json")["service_strategies"][0]["service"] == HOSTILE


@pytest.mark.parametrize(
    ("text", "rule", "line"),
    [
        ('tracing:\n  jaeger: "1.60"', "jaeger-1", 7),
        ('tracing:\n  jaeger: "2.0"', "tracing-too-old", 7),
        ('tracing:\n  collector: "0.99"', "tracing-too-old", 7),
        ("tracing:\n  retention: 36h", "tracing-retention", 7),
        ("tracing:\n  keep: {errors: true}", "keep-at-head", 7),
        ("tracing:\n  samplers: otel", "samplers-at-head", 7),
        ("tracing:\n  at: tail\n  replicas: 2", "tail-sampling-replicas", 8),
        ("tracing:\n  at: tail\n  samplers: otel", "tail-sampling-replicas", 8),
        ("tracing:\n  at: tail\n  sampling: 5/s", "sampled-per-second", 8),
        ("tracing:\n  adaptive: true\n  services: {ml: 10%}", "adaptive-and-fixed", 8),
        ("tracing:\n  adaptive: true\n  sampling: 5/s", "adaptive-and-fixed", 8),
        ("tracing:\n  adaptive: true\n  at: tail", "adaptive-and-fixed", 7),
        ("tracing:\n  storage: {user: a, password: {secret: hunter2}}", "secret-value", 7),
        ("tracing:\n  storage: {hosts: ['https://a', 'http://b']}", "tracing-hosts", 7),
        ("tracing:\n  storage:\n    hosts: ['http://a']\n    user: a\n    password: {secret: a/b}", "plain-http", 8),
    ],
)
def test_what_cannot_work_is_said_where_it_stands(text: str, rule: str, line: int) -> None:
    _, problems = lowered(text)
    assert [(problem.rule, problem.origin.position()[0]) for problem in problems] == [(rule, line)]
    assert "hunter2" not in problems[0].message


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("tracing: {sampling: 10}", "says not how much"),
        ("tracing: {sampling: 101%}", "from 0% to 100%"),
        ("tracing: {sampling: 0.5/s}", "whole number"),
        ("tracing: {jaeger: 2.20}", "in quotes"),
        ("tracing: {endpoint: jaeger}", "host:port"),
        ("tracing: {replicas: 0}", "greater than or equal to 1"),
        ("tracing: {storage: {user: a}}", "belong together"),
        ("tracing: {storage: {user: a, password: hunter2}}", "never written into a spec"),
        ("tracing: {storage: {hosts: ['https://a:b@es:9200']}}", "is no URL"),
        ("tracing: {storage: {ca: '/a b'}}", "absolute path"),
    ],
)
def test_a_wrong_word_is_named(text: str, said: str) -> None:
    _, problems = read(text)
    assert [said in problem.message for problem in problems] == [True]
    assert "hunter2" not in problems[0].message


def test_jaeger_needs_elasticsearch() -> None:
    around = "fleet: a\nenvironments: {p: {selector: {}}}\nteams: {ml: {}}\ncatch_all: [{webhook: 'http://a/b'}]\n"
    assert [problem.rule for problem in lowered("tracing: {}", around)[1]] == ["no-elasticsearch"]
    assert loaded("tracing: {}", around).spec.tracing


@pytest.mark.parametrize(
    ("fleet", "text", "rule"),
    [
        ("", "tracing: 10%", "no-tracing"),
        ("tracing: {services: {chat: 1%}}", "tracing: 10%", "sampled-twice"),
        ("tracing: {adaptive: true}", "tracing: 10%", "adaptive-and-fixed"),
        ("tracing: {at: tail}", "tracing: {operations: {GET: 1%}}", "sampled-operation"),
        ("tracing: {at: tail}", "tracing: 5/s", "sampled-per-second"),
        ("tracing: {}", "tracing: {operations: {GET: 1/s}}", "sampled-operation"),
        ("tracing: {sampling: 5/s}", "tracing: {operations: {GET: 1%}}", "sampled-operation"),
    ],
)
def test_a_service_that_cannot_be_sampled_so_is_told(fleet: str, text: str, rule: str) -> None:
    _, sampling, problems = with_service(text, plan(fleet))
    assert sampling is None
    assert [problem.rule for problem in problems] == [rule]


@pytest.mark.parametrize(
    ("strategies", "keys"),
    [
        ({}, ()),
        ({"default_strategy": {"type": "adaptive", "param": 1}}, ("default_strategy", "type")),
        ({"default_strategy": {"type": "probabilistic", "param": 10}}, ("default_strategy", "param")),
        ({"default_strategy": {"type": "probabilistic"}}, ("default_strategy", "param")),
        ({"default_strategy": {"type": "ratelimiting", "param": 0.5}}, ("default_strategy", "param")),
        (
            {
                "default_strategy": {"type": "probabilistic", "param": 1},
                "service_strategies": [{"type": "probabilistic", "param": 1}],
            },
            ("service_strategies", 0),
        ),
    ],
)
def test_broken_strategies_are_refused(strategies: dict[str, Any], keys: tuple[str | int, ...]) -> None:
    assert [found[0] for found in strategy_faults(strategies)] == [keys]
