"""From health as it is written to probes with every default taken, and what is wrong with them."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

from llmmon import duration
from llmmon.plan.health import ROLES, Exec, Grpc, Handler, Health, Http, Probe, Role, Tcp
from llmmon.problem import Level, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from llmmon.plan.health import Port
    from llmmon.plan.service import Workload
    from llmmon.problem import Origin
    from llmmon.spec import health as written

_SECOND = timedelta(seconds=1)
_DEFAULTS: Mapping[Role, tuple[timedelta, timedelta, int]] = {  # period, timeout, failures
    "liveness": (10 * _SECOND, 5 * _SECOND, 3),
    "readiness": (5 * _SECOND, 3 * _SECOND, 2),
    "startup": (5 * _SECOND, 3 * _SECOND, 30),
}
_HANDLERS = ("path", "grpc", "tcp", "exec")
_DEPENDENCIES = re.compile(  # words in the paths of endpoints that ask others before they answer
    r"""(?<![a-z0-9])(?:
        cache | databases? | db | deep | dependency | dependencies | deps | detailed | details | elasticsearch
        | external | kafka | mysql | postgres | postgresql | providers? | redis | upstreams?
    )(?![a-z0-9])""",
    re.VERBOSE | re.IGNORECASE,
)
_INFERENCES = frozenset({"/health_generate"})  # SGLang: every GET generates a token


def lower_health(
    spec: written.Health, workload: Workload | None, origin: Origin
) -> tuple[Health | None, list[Problem]]:
    """The health of the service at `origin`; None where an error leaves nothing that could be emitted."""
    here = origin.at("health")
    asked = [*spec.components, *(role for role in ROLES if getattr(spec, role) is not None)]
    if workload is None and (asked or spec.report is None):
        return None, [_without_workload(here)]
    given: dict[Role, written.Probe] = {role: probe for role in ROLES if (probe := getattr(spec, role)) is not None}
    problems = [problem for role in given for problem in _contradictions(role, spec, here.at(role))]
    if spec.components and spec.port is None:
        message = "components need a port: write `port: 8000`, or a container port's name, under `health`"
        problems.append(Problem(here.at("components"), message, "probe-port"))
    if problems:
        return None, problems
    handlers = {role: handler for role, probe in given.items() if (handler := _handler(probe, spec.port))}
    probes = {
        role: _lowered(role, probe, handlers.get(role) or handlers["liveness"], here.at(role))
        for role, probe in given.items()
    }
    if "startup" not in spec.model_fields_set and "liveness" in probes:
        probes["startup"] = _derived(probes["liveness"])
    health = Health(spec.port, probes, {**spec.components, **_reported(spec.report)}, here)
    problems = list(_doubts(health))
    return (None if any(p.level is Level.ERROR for p in problems) else health), problems


def _reported(report: written.Report | None) -> dict[str, str]:
    """The endpoints of a report, which no probe may ask either."""
    own = {name: path for name, path in report.components.items() if path} if report else {}
    return {"report": report.path, **own} if report and report.path else own


def _without_workload(here: Origin) -> Problem:
    return Problem(
        here,
        "health needs a workload, because Kubernetes probes are a part of one: write "
        "`workload: {kind: Deployment, namespace: NAMESPACE, name: NAME}` in this service, or remove `health`",
        "health-without-workload",
    )


def _contradictions(role: Role, spec: written.Health, here: Origin) -> Iterator[Problem]:
    """What the API server refuses, or what says two things at once."""
    probe: written.Probe = getattr(spec, role)
    handlers = [name for name in _HANDLERS if getattr(probe, name) is not None]
    inherits = role == "startup" and spec.liveness is not None
    if len(handlers) > 1:
        message = (
            f"{' and '.join(handlers)} are {len(handlers)} handlers, a probe has exactly one: keep one; "
            f"`{handlers[0]}: false` removes what a preset brings"
        )
        yield Problem(here, message, "probe-handler")
    elif not handlers and not inherits:
        message = f"{role} has no handler: write `path: /health`, `grpc: 50051`, `tcp: 5432` or `exec: [command]`"
        yield Problem(here, message, "probe-handler")
    if probe.path and probe.port is None and spec.port is None:
        yield Problem(here, f"{probe.path} has no port: write `port: 8000` under `health`", "probe-port")
    if probe.port is not None and not probe.path:
        message = "port belongs to an HTTP path: write `path: /health` beside it, or the number behind `grpc` or `tcp`"
        yield Problem(here.at("port"), message, "probe-port")
    if probe.service is not None and probe.grpc is None:
        yield Problem(here.at("service"), "service is what a gRPC probe asks for: write `grpc: 50051`", "probe-handler")
    if role != "readiness" and probe.successes not in (None, 1):
        message = f"{role} is passed by one success, {probe.successes} are refused by Kubernetes: remove `successes`"
        yield Problem(here.at("successes"), message, "probe-successes")
    if role == "readiness" and probe.grace is not None:
        message = "a readiness probe ends nothing, so Kubernetes refuses a time for it: remove `grace`"
        yield Problem(here.at("grace"), message, "probe-grace")
    if role != "startup" and probe.within is not None:
        message = f"within is the time that a start may take: write it under `startup`, not under {role}"
        yield Problem(here.at("within"), message, "probe-within")
    elif probe.within is not None and probe.failures is not None:
        message = "within and failures both say how long a start may take: remove `failures`"
        yield Problem(here.at("failures"), message, "probe-within")


def _lowered(role: Role, probe: written.Probe, handler: Handler, here: Origin) -> Probe:
    period, timeout, failures = _DEFAULTS[role]
    period = probe.period or period
    if probe.within is not None:
        failures = -(-probe.within // period)  # rounded up
    return Probe(
        role=role,
        handler=handler,
        period=period,
        timeout=probe.timeout or min(timeout, max(period - _SECOND, _SECOND)),
        failures=probe.failures or failures,
        successes=probe.successes or 1,
        grace=probe.grace,
        origin=here,
    )


def _handler(probe: written.Probe, port: Port | None) -> Handler | None:
    if probe.path is not None and (own := probe.port or port) is not None:
        return Http(probe.path, own)
    if probe.grpc is not None:
        return Grpc(probe.grpc, probe.service)
    if probe.tcp is not None:
        return Tcp(probe.tcp)
    return Exec(probe.exec) if probe.exec is not None else None


def _derived(liveness: Probe) -> Probe:
    """A startup probe that asks what liveness asks, and gives a slow starter two and a half minutes."""
    period, timeout, failures = _DEFAULTS["startup"]
    return Probe("startup", liveness.handler, period, timeout, failures, 1, None, liveness.origin)


def _doubts(health: Health) -> Iterator[Problem]:
    """What Kubernetes takes and production suffers from."""
    if not health.probes and not health.components:
        message = "health says nothing: write `liveness: /health` and `readiness: /health/ready`"
        yield Problem(health.origin, message, "health-without-probes", Level.WARNING)
    liveness = health.probes["liveness"].handler if "liveness" in health.probes else None
    for probe in health.probes.values():
        if probe.role != "startup" or probe.handler != liveness:  # said once is enough
            yield from _endpoint(probe, health)
        if probe.timeout >= probe.period and probe.timeout > _SECOND:
            message = (
                f"{probe.role} waits {duration.text(probe.timeout)} for an answer and asks every "
                f"{duration.text(probe.period)}: make `timeout` shorter than `period`, or failures are counted late"
            )
            yield Problem(probe.origin, message, "probe-timeout", Level.WARNING)
    yield from _together(health)


def _endpoint(probe: Probe, health: Health) -> Iterator[Problem]:
    if not isinstance(probe.handler, Http):
        return
    path = probe.handler.path
    if path in _INFERENCES and probe.role != "startup":
        message = f"{path} runs an inference at every try, and fails when the queue is long: write `path: /health`"
        yield Problem(probe.origin, message, "probe-runs-inference", Level.WARNING)
    if path not in health.components.values() and not _DEPENDENCIES.search(path):
        return
    match probe.role:
        case "liveness":
            suffers = "an outage of something else restarts every replica, which repairs nothing"
        case "readiness":
            suffers = "an outage of something else takes every replica out of service at once"
        case "startup":
            suffers = "no replica can start while something else is down"
    message = (
        f"{probe.role} on {path} asks a dependency, so {suffers}: write a path that looks at this process only, "
        f"such as /health or /health/ready, and keep {path} under `components`"
    )
    level = Level.ERROR if probe.role == "liveness" else Level.WARNING
    yield Problem(probe.origin, message, f"{probe.role}-on-dependency", level)


def _together(health: Health) -> Iterator[Problem]:
    liveness, readiness = health.probes.get("liveness"), health.probes.get("readiness")
    if liveness and "startup" not in health.probes:
        message = (
            f"liveness without startup restarts a container that needs more than {duration.text(liveness.budget)} to "
            "start, again and again: write `startup: {within: 5m}`, or remove `startup: false`"
        )
        yield Problem(health.origin.at("startup"), message, "liveness-without-startup", Level.WARNING)
    if liveness and readiness and liveness.budget <= readiness.budget:
        message = (
            f"liveness gives up after {duration.text(liveness.budget)}, readiness only after "
            f"{duration.text(readiness.budget)}: a container is restarted before it is taken out of service; "
            "raise `failures` or `period` of liveness"
        )
        yield Problem(liveness.origin, message, "liveness-before-readiness", Level.WARNING)
