"""From traces as they are written to a plan with every default taken, and what is wrong with them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from llmmon import duration
from llmmon.classes import replace
from llmmon.plan.tracing import Rate, Sampling, Storage, Tracing
from llmmon.problem import Level, Problem
from llmmon.spec.tracing import URL

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from llmmon.load import LoadedFleet, LoadedService
    from llmmon.plan.fleet import Fleet, Secret
    from llmmon.problem import Origin
    from llmmon.spec import tracing as written
    from llmmon.unit import Quantity

OLDEST_COLLECTOR = (0, 123)  # the first whose own metrics are surely configured by `readers`
OLDEST_JAEGER = (2, 10)  # the first whose Elasticsearch settings are all as they are today
_DAY = timedelta(days=1)
_PORTS = {"grpc": 4317, "http": 4318}


def lower_tracing(spec: written.Tracing | None, loaded: LoadedFleet, problems: list[Problem]) -> Tracing | None:
    """The fleet's tracing; None where nothing is written."""
    if spec is None:
        return None
    origin = loaded.origin("tracing")
    storage = _storage(spec.storage, loaded, origin.at("storage"), problems)
    problems += _version_problems(spec, origin)
    problems += _sampling_problems(spec, origin)
    problems += _tail_problems(spec, origin) if spec.at == "tail" else _head_problems(spec, origin)
    if spec.retention % _DAY:
        days = duration.text(max(_DAY, spec.retention // _DAY * _DAY))
        message = f"indices are made and removed by the day: write retention: {days}"
        problems.append(Problem(origin.at("retention"), message, "tracing-retention"))
    services = {
        name: Sampling(name, _rate(share, origin.at("services", name)), {}, origin.at("services", name))
        for name, share in spec.services.items()
    }
    return Tracing(
        collector=_numbers(spec.collector),
        jaeger=_numbers(spec.jaeger),
        default=_rate(spec.sampling, origin.at("sampling")),
        services=services,
        at=spec.at,
        adaptive=spec.adaptive,
        errors=spec.keep.errors if spec.keep else True,
        slower_than=spec.keep.slower_than if spec.keep else None,
        wait=spec.wait,
        replicas=spec.replicas,
        samplers=spec.samplers,
        endpoint=spec.endpoint or f"jaeger-collector:{_PORTS[spec.protocol]}",
        protocol=spec.protocol,
        tls=spec.tls,
        retention=spec.retention,
        storage=storage,
        origin=origin,
        sampled=services,
    )


def lower_sampling(
    spec: written.Sampling | None, service: str, fleet: Fleet, origin: Origin
) -> tuple[Sampling | None, list[Problem]]:
    """What is kept of the service at `origin`; None where it says nothing, or nothing that could be emitted."""
    if spec is None:
        return None, []
    here, tracing = origin.at("tracing"), fleet.tracing
    problems = [Problem(where, message, rule) for where, message, rule in _refused(spec, service, tracing, here)]
    return (None if problems else _sampling(spec, service, here)), problems


def with_services(tracing: Tracing | None, services: Iterable[LoadedService]) -> Tracing | None:
    """The fleet's tracing with what each service says of its own."""
    if tracing is None:
        return None
    own = [
        _sampling(loaded.spec.tracing, loaded.name, loaded.origin("tracing"))
        for loaded in services
        if loaded.spec.tracing
    ]
    return replace(tracing, sampled={**tracing.services, **{one.name: one for one in own}})


def _sampling(spec: written.Sampling, service: str, here: Origin) -> Sampling:
    return Sampling(
        name=spec.name or service,
        rate=_rate(spec.sampling, here.at("sampling")) if spec.sampling else None,
        operations={name: _rate(share, here.at("operations", name)) for name, share in spec.operations.items()},
        origin=here,
    )


def _rate(written: Quantity, origin: Origin) -> Rate:
    return Rate("probabilistic" if written.dimension == "ratio" else "ratelimiting", written.value, origin)


def _refused(
    spec: written.Sampling, service: str, tracing: Tracing | None, here: Origin
) -> Iterator[tuple[Origin, str, str]]:
    if tracing is None:
        yield here, "the fleet has no tracing: write `tracing: {}` into fleet.yaml first", "no-tracing"
        return
    name = spec.name or service
    if name in tracing.services:
        message = f"the fleet's tracing names {name!r} under services as well: keep one of them"
        yield here, message, "sampled-twice"
    elif name in tracing.sampled and str(tracing.sampled[name].origin) != str(here):
        message = f"{tracing.sampled[name].origin} says what is kept of {name!r} as well: keep one of them"
        yield here, message, "sampled-twice"
    if tracing.adaptive:
        yield here, _ADAPTIVE.format(name=name), "adaptive-and-fixed"
    whole = _rate(spec.sampling, here) if spec.sampling else tracing.default
    if spec.operations and whole.kind != "probabilistic":
        message = "beside a rate Jaeger keeps 0.1% of every other operation: write a share, sampling: 10%"
        yield here.at("operations"), message, "sampled-operation"
    for operation, share in spec.operations.items():
        if tracing.at == "tail":
            message = "only SDKs sample by operation: remove it, or write `at: head` in the fleet's tracing"
            yield here.at("operations", operation), message, "sampled-operation"
        elif share.dimension != "ratio":
            message = f"{share.text}: Jaeger limits the rate of whole services only: write a share such as 1%"
            yield here.at("operations", operation), message, "sampled-operation"
    if tracing.at == "tail" and spec.sampling and spec.sampling.dimension != "ratio":
        yield here.at("sampling"), _PER_SECOND.format(text=spec.sampling.text), "sampled-per-second"


_ADAPTIVE = (
    "adaptive sampling sets every share itself and knows none of {name!r}: remove it, or remove `adaptive: true`"
)
_PER_SECOND = "{text}: tail sampling counts spans, not traces: write a share such as 1%, or `at: head`"


def _sampling_problems(spec: written.Tracing, origin: Origin) -> Iterator[Problem]:
    if not spec.adaptive:
        return
    for name in spec.services:
        message = _ADAPTIVE.format(name=name)
        yield Problem(origin.at("services", name), message, "adaptive-and-fixed")
    if spec.sampling.dimension != "ratio":
        message = f"adaptive sampling starts from a share, not from {spec.sampling.text}: write one such as 1%"
        yield Problem(origin.at("sampling"), message, "adaptive-and-fixed")
    if spec.at == "tail":
        message = "adaptive sampling is what SDKs do, tail sampling sees what they let pass: keep one of them"
        yield Problem(origin.at("adaptive"), message, "adaptive-and-fixed")


def _head_problems(spec: written.Tracing, origin: Origin) -> Iterator[Problem]:
    if spec.keep:
        message = "when a trace starts nobody knows how it ends: write `at: tail`, or remove keep"
        yield Problem(origin.at("keep"), message, "keep-at-head")
    if spec.samplers:
        message = "samplers is where tail sampling happens: write `at: tail`, or remove it"
        yield Problem(origin.at("samplers"), message, "samplers-at-head")


def _tail_problems(spec: written.Tracing, origin: Origin) -> Iterator[Problem]:
    places = [(origin.at("sampling"), spec.sampling)]
    places += [(origin.at("services", name), share) for name, share in spec.services.items()]
    for where, share in places:
        if share.dimension != "ratio":
            yield Problem(where, _PER_SECOND.format(text=share.text), "sampled-per-second")
    if spec.replicas > 1 and not spec.samplers:
        message = (
            f"each of {spec.replicas} collectors would see a part of a trace and decide on that: write samplers: HOST, "
            "the headless service of a second tier, to which the first sends each trace whole"
        )
        yield Problem(origin.at("replicas"), message, "tail-sampling-replicas")
    if spec.replicas == 1 and spec.samplers:
        message = "one collector needs no second tier: remove samplers, or write how many replicas there are"
        yield Problem(origin.at("samplers"), message, "tail-sampling-replicas")


def _version_problems(spec: written.Tracing, origin: Origin) -> Iterator[Problem]:
    jaeger, collector = _numbers(spec.jaeger), _numbers(spec.collector)
    if jaeger < (2,):
        message = (
            f"Jaeger {spec.jaeger} and the operator behind `kind: Jaeger` are past their end (2025-12-31): "
            'Jaeger 2 is a collector, write jaeger: "2.20"'
        )
        yield Problem(origin.at("jaeger"), message, "jaeger-1")
    elif jaeger < OLDEST_JAEGER:
        yield _too_old("jaeger", OLDEST_JAEGER, origin)
    if collector < OLDEST_COLLECTOR:
        yield _too_old("collector", OLDEST_COLLECTOR, origin)


def _too_old(what: str, oldest: tuple[int, ...], origin: Origin) -> Problem:
    text = ".".join(map(str, oldest))
    return Problem(origin.at(what), f'llmmon writes for {text} and newer: write {what}: "{text}"', "tracing-too-old")


def _storage(spec: written.Storage, loaded: LoadedFleet, origin: Origin, problems: list[Problem]) -> Storage:
    shared = loaded.spec.elasticsearch
    hosts = spec.hosts or (shared.hosts if shared else ())
    where = origin.at("hosts") if spec.hosts else loaded.origin("elasticsearch", "hosts")
    if not hosts:
        message = "Jaeger keeps spans in Elasticsearch: write storage: {hosts: ['https://HOST:9200']}"
        problems.append(Problem(origin, message, "no-elasticsearch"))
    schemes = {host.partition("://")[0] for host in hosts}
    if not all(URL.match(host) for host in hosts):
        message = "Jaeger wants whole URLs without a password: write storage: {hosts: ['https://HOST:9200']}"
        problems.append(Problem(where, message, "tracing-hosts"))
    elif len(schemes) > 1:
        message = "some hosts are http and some https: write one of them for all"
        problems.append(Problem(where, message, "tracing-hosts"))
    password = _secret(spec.password["secret"], origin.at("password"), problems) if spec.password else None
    if password and "http" in schemes:
        message = f"the password of {spec.user!r} crosses the network in plain text: write https://"
        problems.append(Problem(where, message, "plain-http", Level.WARNING))
    return Storage(hosts, spec.user, password, spec.ca, spec.prefix, origin)


def _secret(reference: str, origin: Origin, problems: list[Problem]) -> Secret | None:
    from llmmon.lower.fleet import secret  # which imports this module

    return secret(reference, origin, problems)


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split("."))
