"""ServiceMonitor, PodMonitor and Probe: what the operator's Prometheus scrapes of a service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmmon import duration, promql
from llmmon.plan.outside import job
from llmmon.targets.operator.objects import of_kind, relabelings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from llmmon.plan import Environment, Fleet, Rules, Service, Workload
    from llmmon.plan.operator import Operator, Scrape

# Discovery says these of each target; a constant in their place would make one target of all.
DISCOVERED = frozenset({"container", "endpoint", "instance", "namespace", "node", "pod", "service"})


def monitors(operator: Operator, service: Service, rules: Rules) -> Iterator[tuple[str, dict[str, Any]]]:
    """Kind and object, of those kinds that are asked for and that the service has a place for."""
    workload, name = service.workload, f"{service.name}.{rules.environment}"
    if workload is None:
        return
    scrape = operator.of(service.name)
    if "ServiceMonitor" in operator.kinds:
        key = "port" if isinstance(scrape.port, str) else "targetPort"
        spec = {**_found(service, scrape, workload), "endpoints": [_endpoint(key, scrape, rules)]}
        yield "ServiceMonitor", of_kind(operator, "ServiceMonitor", name, {"spec": spec})
    if "PodMonitor" in operator.kinds:
        key = "port" if isinstance(scrape.port, str) else "portNumber"
        spec = {**_found(service, scrape, workload), "podMetricsEndpoints": [_endpoint(key, scrape, rules)]}
        yield "PodMonitor", of_kind(operator, "PodMonitor", name, {"spec": spec})


def probes(fleet: Fleet, operator: Operator, service: str, environment: Environment) -> Iterator[dict[str, Any]]:
    """One Probe for each question, with the labels that a plain Prometheus would give to its answer."""
    blackbox = fleet.blackbox
    address = blackbox.addresses.get(environment.name) if blackbox else None
    if blackbox is None or address is None or "Probe" not in operator.kinds:
        return
    for one in blackbox.asked.get(service, ()):
        if target := one.targets.get(environment.name):
            spec = {
                "jobName": job(service),
                "prober": {"url": address},
                "module": one.module.name,
                "interval": duration.text(blackbox.interval),
                "targets": {"staticConfig": {"static": [target], "labels": {**one.labels, **environment.selector}}},
            }
            name = f"{service}.{environment.name}.{one.module.name.removeprefix(f'{service}_').replace('_', '.')}"
            yield of_kind(operator, "Probe", name, {"spec": spec})


def selected(rules: Rules) -> dict[str, str]:
    """The labels by which the rules pick this service's targets, read off what they ask of `up`."""
    for alert in rules.alerts:
        for node in promql.walk(alert.expr):
            if isinstance(node, promql.Selector) and node.name == "up":
                return {matcher.label: matcher.value for matcher in node.matchers if matcher.op == "="}
    return {}


def _found(service: Service, scrape: Scrape, workload: Workload) -> dict[str, Any]:
    names = {"{workload}": workload.name, "{service}": service.name}
    return {
        "selector": {"matchLabels": {label: _filled(value, names) for label, value in scrape.selector.items()}},
        "namespaceSelector": {"matchNames": [workload.namespace]},
    }


def _filled(text: str, names: Mapping[str, str]) -> str:
    for placeholder, name in names.items():
        text = text.replace(placeholder, name)
    return text


def _endpoint(key: str, scrape: Scrape, rules: Rules) -> dict[str, Any]:
    wanted = {label: value for label, value in selected(rules).items() if label not in DISCOVERED}
    return {
        key: scrape.port,
        "path": scrape.path,
        "scheme": scrape.scheme,
        "interval": duration.text(scrape.interval),
        **({"scrapeTimeout": duration.text(scrape.timeout)} if scrape.timeout else {}),
        **(
            {"authorization": {"credentials": {"name": scrape.bearer.name, "key": scrape.bearer.key}}}
            if scrape.bearer
            else {}
        ),
        **({"relabelings": relabelings(wanted)} if wanted else {}),
    }
