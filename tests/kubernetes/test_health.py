"""Health in a spec: what may be written, what it becomes, and what is wrong with it."""

from __future__ import annotations

from datetime import timedelta

import jsonschema
import pytest
import yaml
from health_examples import DEPLOYMENT, GOOD, complaints, lowered, plan, written
from pydantic import ValidationError

from llmmon.plan.health import Exec, Grpc, Http, Tcp
from llmmon.spec.health import Health

SECOND = timedelta(seconds=1)


def test_a_path_is_enough_for_a_probe_and_the_rest_has_defaults() -> None:
    probes = plan(GOOD).probes
    assert list(probes) == ["liveness", "readiness", "startup"]
    assert [(p.period // SECOND, p.timeout // SECOND, p.failures, p.successes) for p in probes.values()] == [
        (10, 5, 3, 1),
        (5, 3, 2, 1),
        (5, 3, 30, 1),
    ]
    assert probes["startup"].handler == probes["liveness"].handler == Http("/health/liveliness", 4000)
    assert probes["startup"].budget == 150 * SECOND


def test_within_becomes_a_number_of_failures_rounded_up() -> None:
    for within, period, failures in (("5m", "5s", 60), ("11s", "5s", 3), ("1s", "5s", 1)):
        probe = plan(f"{{port: 1, liveness: /h, startup: {{within: {within}, period: {period}}}}}").probes["startup"]
        assert probe.failures == failures
        assert probe.handler == Http("/h", 1)


def test_the_default_timeout_stays_below_a_short_period() -> None:
    assert plan("{port: 1, readiness: {path: /r, period: 2s}}").probes["readiness"].timeout == SECOND


@pytest.mark.parametrize(
    ("probe", "handler"),
    [
        ("{path: /ready, port: http}", Http("/ready", "http")),
        ("{path: '/ready?full=no'}", Http("/ready?full=no", 8000)),
        ("{grpc: 50051, service: chat}", Grpc(50051, "chat")),
        ("{grpc: 50051}", Grpc(50051, None)),
        ("{tcp: 5432}", Tcp(5432)),
        ("{tcp: pg-main}", Tcp("pg-main")),
        ("{exec: [redis-cli, ping]}", Exec(("redis-cli", "ping"))),
    ],
)
def test_every_handler_is_lowered(probe: str, handler: object) -> None:
    assert plan(f"{{port: 8000, readiness: {probe}}}").probes["readiness"].handler == handler


def test_false_is_no_probe() -> None:
    health, problems = lowered("{port: 1, liveness: /h, readiness: false, startup: false}")
    assert health is not None
    assert list(health.probes) == ["liveness"]
    assert [p.rule for p in problems] == ["liveness-without-startup"]


def test_components_are_kept_and_asked_by_no_probe() -> None:
    health = plan("{port: 1, readiness: /r, components: {database: /health/database}}")
    assert health.components == {"database": "/health/database"}
    assert list(health.probes) == ["readiness"]


@pytest.mark.parametrize(
    "health",
    [
        GOOD,
        "{port: 8000, liveness: /health, readiness: /v1/models}",
        "{port: 8000, liveness: /v2/health/live, readiness: /v2/health/ready}",
        "{port: 8000, liveness: /debug/health, readiness: /adbc, components: {database: /health/database}}",
        "{liveness: {tcp: 5432}, readiness: {exec: [pg_isready]}}",
        "{port: 1, liveness: {path: /h, successes: 1, grace: 5s}, readiness: {path: /r, successes: 2}}",
        "{port: 1, liveness: /h, startup: {path: /health_generate, within: 10m}}",
        "{port: 1, readiness: {path: /r, period: 1s, timeout: 1s}}",
    ],
)
def test_sound_health_is_quiet(health: str) -> None:
    assert complaints(health) == []


@pytest.mark.parametrize(
    ("health", "expected"),
    [
        ("{port: 1, liveness: {path: /h, tcp: 2}}", [("error", "probe-handler", 3, 19)]),
        ("{port: 1, liveness: {period: 9s}}", [("error", "probe-handler", 3, 19)]),
        ("{port: 1, startup: {within: 9s}}", [("error", "probe-handler", 3, 19)]),
        ("{liveness: /h}", [("error", "probe-port", 3, 10)]),
        ("{components: {a: /a}}", [("error", "probe-port", 3, 10)]),
        ("{liveness: {tcp: 1, port: 2}}", [("error", "probe-port", 3, 29)]),
        ("{liveness: {tcp: 1, service: a}}", [("error", "probe-handler", 3, 29)]),
        ("{liveness: {tcp: 1, successes: 2}}", [("error", "probe-successes", 3, 29)]),
        ("{readiness: {tcp: 1, grace: 2s}}", [("error", "probe-grace", 3, 30)]),
        ("{readiness: {tcp: 1, within: 2s}}", [("error", "probe-within", 3, 30)]),
        ("{startup: {tcp: 1, within: 2s, failures: 3}}", [("error", "probe-within", 3, 40)]),
    ],
)
def test_what_the_api_server_refuses_is_an_error_where_it_is_written(
    health: str, expected: list[tuple[str, str, int, int]]
) -> None:
    assert complaints(health) == expected
    assert lowered(health)[0] is None


@pytest.mark.parametrize(
    ("health", "expected"),
    [
        ("{port: 1, readiness: /health/detailed}", [("warning", "readiness-on-dependency", 3, 19)]),
        ("{port: 1, readiness: /live, components: {x: /live}}", [("warning", "readiness-on-dependency", 3, 19)]),
        ("{port: 1, startup: /health/db}", [("warning", "startup-on-dependency", 3, 19)]),
        ("{port: 1, liveness: /health_generate}", [("warning", "probe-runs-inference", 3, 19)]),
        ("{port: 1, readiness: {path: /r, timeout: 5s}}", [("warning", "probe-timeout", 3, 19)]),
        ("{port: 1, liveness: /h, startup: false}", [("warning", "liveness-without-startup", 3, 33)]),
        (
            "{port: 1, liveness: {path: /h, failures: 1}, readiness: /r}",
            [("warning", "liveness-before-readiness", 3, 19)],
        ),
        ("{port: 1}", [("warning", "health-without-probes", 3, 1)]),
    ],
)
def test_what_production_may_suffer_from_is_a_warning(health: str, expected: list[tuple[str, str, int, int]]) -> None:
    assert complaints(health) == expected
    assert lowered(health)[0] is not None


def test_liveness_on_a_dependency_is_an_error_and_is_said_once() -> None:
    assert complaints("{port: 1, liveness: /health/providers}") == [("error", "liveness-on-dependency", 3, 19)]
    assert lowered("{port: 1, liveness: /health/providers}")[0] is None


def test_health_without_a_workload_is_an_error() -> None:
    health, problems = lowered(GOOD, None)
    assert health is None
    assert [(p.rule, *p.origin.position()) for p in problems] == [("health-without-workload", 3, 1)]


@pytest.mark.parametrize(
    ("health", "where", "says"),
    [
        ("{port: 0}", ("port",), "write 1-65535"),
        ("{port: 65536}", ("port",), "write 1-65535"),
        ("{port: true}", ("port",), "true is no port"),
        ("{port: '4000'}", ("port",), "without quotes, 4000"),
        ("{port: a-name-too-long-}", ("port",), "at most 15"),
        ("{port: '1-2'}", ("port",), "at least one letter"),
        ("{port: a--b}", ("port",), "single -"),
        ("{liveness: health}", ("liveness", "path"), "write it like /health/ready"),
        ("{liveness: 'http://localhost/health'}", ("liveness", "path"), "write only its path"),
        ("{liveness: }", ("liveness",), "null is no probe"),
        ("{liveness: [/health]}", ("liveness",), "is no probe"),
        ("{liveness: {pth: /health}}", ("liveness", "pth"), "not permitted"),
        ("{liveness: {path: /h, periodSeconds: 5}}", ("liveness",), "write `period: 10s`"),
        ("{liveness: {path: /h, initialDelaySeconds: 30}}", ("liveness",), "within: 5m"),
        ("{liveness: {grpc: health}}", ("liveness", "grpc"), "only numbers"),
        ("{liveness: {exec: pg_isready}}", ("liveness", "exec"), "list of words"),
        ("{liveness: {exec: []}}", ("liveness", "exec"), "list of words"),
        ("{liveness: {path: /h, period: 5}}", ("liveness", "period"), "no unit"),
        ("{liveness: {path: /h, period: 0s}}", ("liveness", "period"), "longer than 0s"),
        ("{liveness: {path: /h, period: 1500ms}}", ("liveness", "period"), "whole seconds"),
        ("{liveness: {path: /h, period: 40000d}}", ("liveness", "period"), "more than Kubernetes can count"),
        ("{liveness: {path: /h, failures: 0}}", ("liveness", "failures"), "greater than or equal to 1"),
        ("{liveness: {path: /h, failures: '3'}}", ("liveness", "failures"), "valid integer"),
        ("{components: {Data Base: /d}}", ("components", "Data Base", "[key]"), "DNS label"),
    ],
)
def test_a_mistake_is_reported_once_and_where_it_is(health: str, where: tuple[str, ...], says: str) -> None:
    with pytest.raises(ValidationError) as caught:
        written(health)
    [error] = caught.value.errors()
    assert error["loc"] == where
    assert says in error["msg"]


def test_the_json_schema_takes_what_the_model_takes() -> None:
    validator = jsonschema.Draft202012Validator(Health.model_json_schema())
    for good in (GOOD, "{liveness: {tcp: pg}, startup: false}", "{readiness: {exec: [a], period: 5s}}"):
        assert validator.is_valid(yaml.safe_load(good)), good
    for bad in (
        "{liveness: health}",
        "{liveness: true}",
        "{port: 0}",
        "{liveness: {pth: /h}}",
        "{liveness: {exec: []}}",
    ):
        assert not validator.is_valid(yaml.safe_load(bad)), bad


def test_the_workload_is_not_asked_for_its_ports() -> None:
    assert lowered("{port: metrics, liveness: /h}", DEPLOYMENT)[1] == []
