"""The blackbox exporter: what it asks of each service in each environment, and which answers are well."""

from __future__ import annotations

import difflib
import hashlib
import re
from itertools import combinations
from typing import TYPE_CHECKING

from llmmon import duration
from llmmon.lower.access import lower_access
from llmmon.lower.jsonbody import holds
from llmmon.plan import outside as plan
from llmmon.plan.server import Access
from llmmon.problem import Level, Problem
from llmmon.spec.outside import Check, Outside

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import timedelta

    from llmmon.load import LoadedFleet, LoadedService
    from llmmon.plan import Environment, Fleet
    from llmmon.plan.outside import Asked, Blackbox, Kind, Module
    from llmmon.problem import Origin
    from llmmon.spec.health import Report

READINESS = "readiness"
# A report about something that is not well often has one of these; the words in it count, not the status.
REPORTED = (200, 207, 429, 500, 503)
LONGEST = 40  # characters of a component in a name
_BROKEN = {("health",), ("outside",), ("workload",)}


def lower_blackbox(
    loaded: LoadedFleet, services: Sequence[LoadedService], fleet: Fleet
) -> tuple[Blackbox | None, list[Problem]]:
    """The exporter and all that it asks; None where the fleet has none, of which services that need one are told."""
    written, problems = loaded.spec.blackbox, list[Problem]()
    services = [one for one in sorted(services, key=lambda one: one.name) if not one.broken & _BROKEN]
    if written is None:
        if ("blackbox",) not in loaded.broken:
            problems += (problem for one in services for problem in _without_exporter(one))
        return None, problems
    origin = loaded.origin("blackbox")
    known = [environment.name for environment in fleet.environments]
    problems += _unknown(written.address, known, origin.at("address"))
    problems += _not_asked(written.address, known, origin.at("address"))
    interval = written.interval or fleet.scrape_interval
    if written.timeout > interval:
        said, usual = duration.text(written.timeout), duration.text(interval)
        message = f"asking every {usual} cannot wait {said} for an answer: write a shorter timeout"
        problems.append(Problem(origin.at("timeout"), message, "timeout-beyond-interval"))
    addresses = {name: found for name in known if (found := written.address.get(name) or written.address.get(""))}
    asked = {}
    for one in services:
        asker = _Asker(one, known, written.timeout, problems)
        if questions := tuple(asker.all()):
            asked[one.name] = questions
    blackbox = plan.Blackbox(addresses, interval, origin, asked)
    if loaded.spec.prometheus:
        problems += _confused(blackbox, fleet.environments)
    return blackbox, problems


def _without_exporter(one: LoadedService) -> Iterator[Problem]:
    needs = [("health", "report")] if one.spec.health and one.spec.health.report else []
    needs += [("outside", "checks")] if one.spec.outside and one.spec.outside.checks else []
    for keys in needs:
        message = "nothing asks from outside: write `blackbox: {address: host:9115}` in the fleet, or remove this"
        yield Problem(one.origin(*keys), message, "no-blackbox")


def _unknown(said: Mapping[str, object], known: Sequence[str], origin: Origin) -> Iterator[Problem]:
    for name in said:
        if name and name not in known:
            near = difflib.get_close_matches(name, known, 1)
            hint = f"did you mean {near[0]!r}?" if near else f"the fleet has {', '.join(known)}"
            yield Problem(origin.at(name), f"unknown environment {name!r}: {hint}", "unknown-environment")


def _not_asked(said: Mapping[str, object], known: Sequence[str], origin: Origin) -> Iterator[Problem]:
    """Environments that a map leaves out, where the rules expect an answer."""
    for name in known if said and "" not in said else ():
        if name not in said:
            yield Problem(origin, f"nothing asks this in {name}: add it", "not-asked", Level.WARNING)


def _confused(blackbox: Blackbox, environments: Sequence[Environment]) -> Iterator[Problem]:
    """Environments of one Prometheus that would ask one and the same service, and call it theirs."""
    shared = [one.name for one in environments if one.selector and one.name in blackbox.addresses]
    said = set()
    for asked in (one for many in blackbox.asked.values() for one in many):
        for one, other in combinations([name for name in shared if name in asked.targets], 2):
            same = asked.targets[one] == asked.targets[other] and blackbox.addresses[one] == blackbox.addresses[other]
            if same and (one, other) not in said:
                said.add((one, other))
                message = f"{one} and {other} share a Prometheus, and {blackbox.addresses[one]} would ask "
                message += f"{asked.targets[one]} for both: write address: {{{one}: host:9115, {other}: host:9115}}, "
                message += "the exporter of each cluster, or in the service outside: {address: {...}}"
                yield Problem(blackbox.origin.at("address"), message, "whose-targets", related=(asked.origin,))


class _Asker:
    """What is asked of one service."""

    def __init__(self, one: LoadedService, known: Sequence[str], timeout: timedelta, problems: list[Problem]) -> None:
        self.one = one
        self.known = known
        self.timeout = timeout
        self.problems = problems
        self.outside = one.spec.outside or Outside()
        self.nowhere = False

    def all(self) -> Iterator[Asked]:
        """Checks, or readiness where there are none; then the report's components."""
        place = self.one.origin("outside")
        self.problems += _unknown(self.outside.address, self.known, place.at("address"))
        self.problems += _not_asked(self.outside.address, self.known, place.at("address"))
        for name, check in self.outside.checks.items():
            yield from self._check(name, check, place.at("checks", name))
        if not self.outside.checks:
            yield from self._readiness()
        if self.one.spec.health and self.one.spec.health.report:
            yield from self._report(self.one.spec.health.report, self.one.origin("health", "report"))

    def _check(self, name: str, check: Check, origin: Origin) -> Iterator[Asked]:
        targets = self._targets(check, origin)
        encrypted = bool(targets) and all(target.startswith("https://") for target in targets.values())
        if check.tcp:
            encrypted = check.tls is not None
        elif check.tls and targets and not encrypted:
            message = "tls is for https:// only: write the URL so, or leave tls: out"
            self.problems.append(Problem(origin.at("tls"), message, "tls-without-https"))
        json = tuple(holds((key,), texts) for key, texts in check.holds.items())
        module = plan.Module(
            name=f"{self.one.name}_{name}",
            prober="tcp" if check.tcp else "http",
            timeout=check.timeout or self.timeout,
            access=lower_access(check),
            encrypted=encrypted,
            method=check.method,
            status=check.status,
            body=(*check.body, *json),
            without=check.without,
            headers=check.headers,
            redirects=check.redirects,
            origin=origin,
        )
        if targets:
            yield plan.Asked(module, {plan.CHECK: name}, targets, origin)

    def _targets(self, check: Check, origin: Origin) -> dict[str, str]:
        """By environment."""
        if check.path is not None:
            return {name: f"{base}{check.path}" for name, base in self._addresses(origin.at("path")).items()}
        key, said = ("url", check.url) if check.url else ("tcp", check.tcp)
        self.problems += _unknown(said, self.known, origin.at(key))
        out = {}
        for name in self.known:
            found = said.get(name, said.get(""))
            if isinstance(found, int):
                found = self._host(found, origin.at(key))
            if found:
                out[name] = found
        self.problems += _not_asked(said, self.known, origin.at(key))
        return out

    def _host(self, port: int, origin: Origin) -> str | None:
        if load := self.one.spec.workload:
            return f"{load.name}.{load.namespace}.svc:{port}"
        self._lost(origin, "write the address as host:port, or its workload")
        return None

    def _addresses(self, origin: Origin) -> dict[str, str]:
        """Where the service is from outside, by environment."""
        said = self.outside.address
        found = {name: base for name in self.known if (base := said.get(name) or said.get(""))}
        if said:
            return {name: base.rstrip("/") for name, base in found.items()}
        load, health = self.one.spec.workload, self.one.spec.health
        if load and health and isinstance(health.port, int):
            return dict.fromkeys(self.known, f"http://{load.name}.{load.namespace}.svc:{health.port}")
        self._lost(origin, "write outside: {address: http://host:port}, or a workload and the number of health's port")
        return {}

    def _lost(self, origin: Origin, advice: str) -> None:
        if not self.nowhere:
            message = f"nobody knows where {self.one.name} is from outside: {advice}"
            self.problems.append(Problem(origin, message, "no-address"))
        self.nowhere = True

    def _readiness(self) -> Iterator[Asked]:
        """What Kubernetes asks, from outside, where its port is a number."""
        health, load = self.one.spec.health, self.one.spec.workload
        probe = health.readiness if health else None
        if not health or not probe or not load:
            return
        origin = self.one.origin("health", READINESS)
        host = f"{load.name}.{load.namespace}.svc"
        port = probe.port or health.port
        if probe.path and self.outside.address and not probe.port:
            targets = {name: f"{base}{probe.path}" for name, base in self._addresses(origin).items()}
        elif probe.path and isinstance(port, int):
            targets = dict.fromkeys(self.known, f"http://{host}:{port}{probe.path}")
        elif isinstance(probe.tcp, int):
            targets = dict.fromkeys(self.known, f"{host}:{probe.tcp}")
        else:
            return
        kind: Kind = "tcp" if probe.tcp else "http"
        module = self._plain(kind, kind, (), (), origin)
        yield plan.Asked(module, {plan.CHECK: READINESS}, targets, origin)

    def _report(self, report: Report, origin: Origin) -> Iterator[Asked]:
        """Each component twice: whether it is healthy, and whether it is degraded at least. The sum is its state."""
        addresses = self._addresses(origin)
        states = {"healthy": report.healthy, "degraded": (*report.healthy, *report.degraded)}
        for component, own in report.components.items():
            keys = ("status",) if own else (report.checks, component, "status")
            targets = {name: f"{base}{own or report.path}" for name, base in addresses.items()}
            for state, words in states.items():
                name = f"{self.one.name}_health_{_slug(component)}_{state}"
                module = self._plain(name, "http", REPORTED, (holds(keys, words),), origin)
                labels = {plan.COMPONENT: component, plan.AT_LEAST: state}
                if targets:
                    yield plan.Asked(module, labels, targets, origin)

    def _plain(self, name: str, kind: Kind, status: tuple[int, ...], body: tuple[str, ...], origin: Origin) -> Module:
        return plan.Module(
            name=name,
            prober=kind,
            timeout=self.timeout,
            access=Access(),
            encrypted=False,
            method="GET",
            status=status,
            body=body,
            without=(),
            headers={},
            redirects=True,
            origin=origin,
        )


def _slug(text: str) -> str:
    """A component as a part of a module's name; one that is not plain and short is told apart by its hash."""
    plain = re.sub(r"[^a-z0-9]+", "-", text.lower())[:LONGEST].strip("-")
    return plain if plain == text else f"{plain}-{hashlib.sha256(text.encode()).hexdigest()[:8]}".lstrip("-")
