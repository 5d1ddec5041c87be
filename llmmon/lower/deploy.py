"""The stack itself: which parts run, as what, and what each is told beside its configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.lower.backups import lower_backups
from llmmon.lower.doors import lower_access
from llmmon.lower.laptop import lower_laptop
from llmmon.lower.unfit import unfit
from llmmon.plan import Secret
from llmmon.plan import deploy as plan
from llmmon.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from llmmon.load import LoadedFleet, LoadedService
    from llmmon.plan import Fleet
    from llmmon.plan.fleet import Version
    from llmmon.plan.tracing import Tracing
    from llmmon.problem import Origin
    from llmmon.spec import deploy as spec

PARTS = ("prometheus", "alertmanager", "grafana", "collector", "jaeger", "logstash")
NAMES = {"collector": "otel-collector"}  # what is not called as its key


def lower_deploy(
    loaded: LoadedFleet, services: Sequence[LoadedService], fleet: Fleet
) -> tuple[plan.Deploy | None, list[Problem]]:
    """The section with every default taken; None where nothing is to be deployed."""
    written, problems = loaded.spec.deploy, list[Problem]()
    if written is None:
        return None, problems
    origin = loaded.origin("deploy")
    if not any(getattr(written, key) for key in PARTS):
        message = f"nothing is deployed: name a part, such as `prometheus: {{}}`; there are {', '.join(PARTS)}"
        return None, [Problem(origin, message, "deploy-nothing")]
    backups, found = lower_backups(written, services, fleet.servers, origin)
    problems += found
    parts = {key: _part(key, written, fleet, origin) for key in PARTS if getattr(written, key)}
    if backups:
        parts["pushgateway"] = _small("pushgateway", written, plan.PUSHGATEWAY, "1Gi", origin.at("backups"))
    if fleet.blackbox and _here(fleet.blackbox.addresses.values(), written.namespace):
        parts["blackbox"] = _small("blackbox-exporter", written, plan.BLACKBOX, None, fleet.blackbox.origin)
    problems += unfit(written, fleet, origin)
    access, found = lower_access(written, fleet, origin.at("access"))
    problems += found
    server = loaded.spec.prometheus
    laptop, found = lower_laptop(written, services, fleet, origin.at("compose"))
    problems += found
    return plan.Deploy(
        fleet=fleet.name,
        namespace=written.namespace,
        label=server.pod_label if server else "app",
        storage_class=written.storage_class,
        isolate=written.isolate,
        ambient=written.mesh == "ambient",
        parts=parts,
        grafana=_grafana(written.grafana) if written.grafana else None,
        lines=_lines(services, fleet) if written.logstash else None,
        access=access,
        backups=backups,
        store=_secret(written.backups.store) if written.backups else None,
        to=written.backups.to if written.backups else "",
        laptop=laptop,
        origin=origin,
    ), problems


def _part(key: str, written: spec.Deploy, fleet: Fleet, origin: Origin) -> plan.Part:
    said = getattr(written, key)
    many = said.replicas
    least, most, busy = (many, many, 0) if isinstance(many, int) else (many.min, many.max, many.cpu)
    filebeat = fleet.logs.filebeat.namespace if fleet.logs and fleet.logs.filebeat else written.namespace
    return plan.Part(
        name=NAMES.get(key, key),
        namespace=(said.namespace or filebeat) if key == "logstash" else written.namespace,
        image=_image(key, fleet.versions, fleet.tracing),
        replicas=least,
        most=most,
        busy=busy,
        cpu=said.cpu,
        memory=said.memory,
        storage=getattr(said, "storage", None),
        origin=origin.at(key),
    )


def _small(name: str, written: spec.Deploy, image: str, storage: str | None, origin: Origin) -> plan.Part:
    """What others need and nobody names: one of it is enough."""
    return plan.Part(name, written.namespace, image, 1, 1, 0, "50m", "64Mi", storage, origin)


def _here(addresses: Iterable[str], namespace: str) -> bool:
    """Whether the blackbox exporter that the fleet names is the one of this namespace."""
    return any(address.rpartition(":")[0].split(".")[:2] == ["blackbox-exporter", namespace] for address in addresses)


def _image(key: str, versions: Mapping[str, Version], tracing: Tracing | None) -> str:
    """Pinned by the version that the fleet names, so that what is generated and what runs are the same."""
    match key:
        case "prometheus" | "alertmanager":
            return f"prom/{key}:v{_three(versions[key])}"
        case "grafana":
            return f"grafana/grafana:{_three(versions[key])}"
        case "logstash":
            return f"docker.elastic.co/logstash/logstash:{_three(versions[key])}"
        case "collector":
            return f"otel/opentelemetry-collector-contrib:{_three(tracing.collector if tracing else ())}"
        case _:
            return f"jaegertracing/jaeger:{_three(tracing.jaeger if tracing else ())}"


def _three(version: Version) -> str:
    return ".".join(map(str, (*version, 0, 0, 0)[:3]))


def _grafana(said: spec.DeployGrafana) -> plan.Grafana:
    database = said.database
    where, _, port = database.host.rpartition(":") if database else ("", "", "")
    return plan.Grafana(
        admin=_secret(said.admin),
        database=plan.Database(
            where or port,
            int(port) if where else 5432,
            database.name,
            database.user,
            _secret(database.password),
            database.tls,
        )
        if database
        else None,
        oauth=plan.OAuth(**{**said.oauth.model_dump(), "secret": _secret(said.oauth.secret)}) if said.oauth else None,
        loki=said.loki.rstrip("/") if said.loki else None,
        reader=(said.elasticsearch.user, _secret(said.elasticsearch.password)) if said.elasticsearch else None,
    )


def _lines(services: Iterable[LoadedService], fleet: Fleet) -> plan.Lines:
    """What the pipelines of all services, and Filebeat's, ask of the pods that run them."""
    logs = [loaded.spec.logs for loaded in services if loaded.spec.logs]
    inputs = [one.input for one in logs]
    ports = {port for one in inputs for port in (one.tcp, one.beats, one.http) if port}
    filebeat = fleet.logs.filebeat if fleet.logs else None
    kafka = {one.tls for one in inputs if one.kafka}
    return plan.Lines(
        ports=tuple(sorted(ports | ({filebeat.port} if filebeat and not filebeat.pipeline else set()))),
        brokers=tuple(sorted({server for one in inputs if one.kafka for server in one.servers})),
        kafka="mutual" if "mutual" in kafka else "server" if "server" in kafka else "off",
        hashes=any("hash" in one.redact.values() for one in logs),
    )


def _secret(reference: str) -> Secret:
    return Secret(*reference.split("/"))
