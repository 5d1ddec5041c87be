"""The OpenTelemetry Collector: takes traces in, samples them at their end where the spec says so, sends them on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmmon import duration
from llmmon.collector.components import SINCE
from llmmon.collector.texts import escape
from llmmon.plan.tracing import COLLECTOR_TLS, GRPC_PORT, HEALTH_PORT, HTTP_PORT, METRICS_PORT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from llmmon.plan.tracing import Rate, Tracing
    from llmmon.problem import Keys, Origin

ANYWHERE = "0.0.0.0"  # noqa: S104 - a pod's address is not known before it runs
# Of the container's limit: Go frees memory late, and a full queue must still fit (memorylimiterprocessor's README).
MEMORY_LIMITER = {"check_interval": "1s", "limit_percentage": 80, "spike_limit_percentage": 20}
BATCH = {"send_batch_size": 8192, "send_batch_max_size": 8192, "timeout": "1s"}
TELEMETRY = {
    "metrics": {
        "readers": [{"pull": {"exporter": {"prometheus": {"host": ANYWHERE, "port": METRICS_PORT}}}}],
    },
}


def collector(tracing: Tracing) -> dict[str, Any]:
    """`otel/collector.yaml`. With a second tier it only sends each trace to one of the samplers, whole."""
    if tracing.samplers:
        return _configuration(tracing, {}, _balancer(tracing, tracing.samplers))
    return sampler(tracing)


def sampler(tracing: Tracing) -> dict[str, Any]:
    """The collector that decides: `otel/sampler.yaml` with a second tier, else `otel/collector.yaml` itself."""
    sampling = {"tail_sampling": tail_sampling(tracing)} if tracing.at == "tail" else {}
    return _configuration(tracing, {**sampling, "batch": BATCH}, _exporter(tracing))


def origins(tracing: Tracing) -> dict[Keys, Origin]:
    """Which line of the spec made which part."""
    at = tracing.origin.at
    return {
        ("receivers",): at("tls"),
        ("processors", "tail_sampling"): at("at"),
        ("exporters",): at("samplers" if tracing.samplers else "endpoint"),
    }


def receiver(tls: Mapping[str, str]) -> dict[str, Any]:
    """OTLP over gRPC and HTTP."""
    said = {"tls": dict(tls)} if tls else {}
    return {
        "protocols": {
            "grpc": {"endpoint": f"{ANYWHERE}:{GRPC_PORT}", **said},
            "http": {"endpoint": f"{ANYWHERE}:{HTTP_PORT}", **said},
        }
    }


def server_tls(tracing: Tracing, folder: str) -> dict[str, str]:
    """What a receiver shows, and with `mutual` what it asks for."""
    if tracing.tls == "off":
        return {}
    asked = {"client_ca_file": f"{folder}/ca.crt"} if tracing.tls == "mutual" else {}
    return {"cert_file": f"{folder}/tls.crt", "key_file": f"{folder}/tls.key", **asked}


def tail_sampling(tracing: Tracing) -> dict[str, Any]:
    """One policy is enough to keep a trace: errors and slow ones first, then a share by service.

    A trace of several services has the chance of each of them; that of the fleet is for traces of no other.
    """
    policies: list[dict[str, Any]] = []
    if tracing.errors:
        policies.append({"name": "errors", "type": "status_code", "status_code": {"status_codes": ["ERROR"]}})
    if tracing.slower_than:
        threshold = duration.milliseconds(tracing.slower_than)
        policies.append({"name": "slow", "type": "latency", "latency": {"threshold_ms": threshold}})
    own = {name: sampling.rate for name, sampling in sorted(tracing.sampled.items()) if sampling.rate}
    policies += [_of_service(f"service {name}", [name], rate) for name, rate in own.items()]
    if own:
        policies.append(_of_service("other services", list(own), tracing.default, invert=True))
    else:
        policies.append({"name": "all services", **_share(tracing.default)})
    return {"decision_wait": go_duration(tracing.wait), "policies": policies}


def _of_service(policy: str, names: list[str], rate: Rate, *, invert: bool = False) -> dict[str, Any]:
    values = [escape(name) for name in names]
    service = {"key": "service.name", "values": values, **({"invert_match": True} if invert else {})}
    match = {"name": "service", "type": "string_attribute", "string_attribute": service}
    both = [match, {"name": "share", **_share(rate)}]
    return {"name": escape(policy), "type": "and", "and": {"and_sub_policy": both}}


def _share(rate: Rate) -> dict[str, Any]:
    return {"type": "probabilistic", "probabilistic": {"sampling_percentage": rate.param * 100}}


def go_duration(value: Any) -> str:
    """As Go reads it, which knows no days."""
    milliseconds = duration.milliseconds(value)
    for unit, size in (("h", 3_600_000), ("m", 60_000), ("s", 1000)):
        if milliseconds % size == 0:
            return f"{milliseconds // size}{unit}"
    return f"{milliseconds}ms"


def _configuration(tracing: Tracing, processors: dict[str, Any], exporters: dict[str, Any]) -> dict[str, Any]:
    processors = {"memory_limiter": MEMORY_LIMITER, **processors}
    return {
        "receivers": {"otlp": receiver(server_tls(tracing, COLLECTOR_TLS))},
        "processors": processors,
        "exporters": exporters,
        "extensions": {"health_check": {"endpoint": f"{ANYWHERE}:{HEALTH_PORT}"}},
        "service": {
            "extensions": ["health_check"],
            "pipelines": {
                "traces": {"receivers": ["otlp"], "processors": list(processors), "exporters": list(exporters)},
            },
            "telemetry": TELEMETRY,
        },
    }


def _exporter(tracing: Tracing) -> dict[str, Any]:
    kind = f"otlp_{tracing.protocol}"
    since, before = SINCE["exporters", kind]
    scheme = "" if tracing.protocol == "grpc" else "http://" if tracing.tls == "off" else "https://"
    settings = {"endpoint": scheme + tracing.endpoint, "tls": _client_tls(tracing)}
    return {kind if tracing.collector >= since else before: settings}


def _balancer(tracing: Tracing, host: str) -> dict[str, Any]:
    return {
        "loadbalancing": {
            "routing_key": "traceID",
            "protocol": {"otlp": {"tls": _client_tls(tracing)}},
            "resolver": {"dns": {"hostname": host, "port": str(GRPC_PORT)}},
        }
    }


def _client_tls(tracing: Tracing) -> dict[str, Any]:
    if tracing.tls == "off":
        return {"insecure": True}
    own = {"cert_file": f"{COLLECTOR_TLS}/tls.crt", "key_file": f"{COLLECTOR_TLS}/tls.key"}
    return {"ca_file": f"{COLLECTOR_TLS}/ca.crt", **(own if tracing.tls == "mutual" else {})}
