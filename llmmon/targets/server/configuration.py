"""One server's plan in the words of prometheus.yml."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, assert_never

from llmmon import duration, promql
from llmmon.httpclient import http_client
from llmmon.plan.server import SECRETS, Files, Nodes, Pods, Probed, Static

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from llmmon.plan.server import Cluster, Federation, Job, Remote, Server, Servers
    from llmmon.problem import Keys, Origin

RECORDED = "service[^:]*:.+"  # the names of all our recording rules
ALERTS = "ALERTS(_FOR_STATE)?"  # what Prometheus records of alerts
PORT = r"(\[[^\]]+\]|[^:]+)(?::\d+)?"  # an address, with or without its port


def configuration(servers: Servers, server: Server) -> tuple[dict[str, Any], dict[Keys, Origin]]:
    """The whole file as a value, and which line of the spec made which part of it."""
    jobs = [_job(job) for job in server.jobs]
    origins: dict[Keys, Origin] = {(): servers.origin, ("alerting",): servers.alertmanagers.origin}
    origins |= {("scrape_configs", index): job.origin for index, job in enumerate(server.jobs)}
    if server.federation:
        origins[("scrape_configs", len(jobs))] = server.federation.origin
        jobs.append(_federation(server.federation))
    writes = () if server.receives else (*servers.remote_write, *server.sends)
    reads = () if server.receives or server.agent else servers.remote_read
    for key, remotes in (("remote_write", writes), ("remote_read", reads)):
        origins |= {(key, index): remote.origin for index, remote in enumerate(remotes)}
    out: dict[str, Any] = {
        "global": {
            "scrape_interval": duration.text(servers.interval),
            "scrape_timeout": duration.text(servers.timeout),
            "evaluation_interval": duration.text(servers.interval),
            **({"external_labels": dict(server.external_labels)} if server.external_labels else {}),
        },
        "rule_files": [f"rules/{environment}/*.yaml" for environment in server.environments if server.evaluates],
        "alerting": _alerting(servers) if server.evaluates else {},
        "scrape_configs": jobs,
        "remote_write": [_write(remote) for remote in writes],
        "remote_read": [_read(remote) for remote in reads],
    }
    return {key: value for key, value in out.items() if value}, origins


def _alerting(servers: Servers) -> dict[str, Any]:
    """Replicas say the same of an alert, so that Alertmanager takes it for one."""
    alike = {"alert_relabel_configs": [{"regex": servers.replica, "action": "labeldrop"}]} if servers.replica else {}
    return {**alike, "alertmanagers": [_alertmanagers(servers)]}


def _alertmanagers(servers: Servers) -> dict[str, Any]:
    told = servers.alertmanagers
    return {
        **({"scheme": told.scheme} if told.scheme != "http" else {}),
        **({"path_prefix": told.path_prefix} if told.path_prefix else {}),
        **http_client(told.access, SECRETS),
        "static_configs": [{"targets": list(told.targets)}],
    }


def _job(job: Job) -> dict[str, Any]:
    relabelled = list(_relabelled(job))
    return {
        "job_name": job.name,
        **({"honor_labels": True} if job.honor_labels else {}),
        **({"scrape_interval": duration.text(job.interval)} if job.interval else {}),
        **({"scrape_timeout": duration.text(job.timeout)} if job.timeout else {}),
        **({"metrics_path": job.path} if job.path != "/metrics" else {}),
        **({"scheme": job.scheme} if job.scheme != "http" else {}),
        **http_client(job.access, SECRETS),
        **_discovery(job),
        **({"relabel_configs": relabelled} if relabelled else {}),
    }


def _discovery(job: Job) -> dict[str, Any]:
    match job.discovery:
        case Static(targets):
            labels = {"labels": dict(job.labels)} if job.labels else {}
            return {"static_configs": [{"targets": list(targets), **labels}]}
        case Files(paths):
            return {"file_sd_configs": [{"files": list(paths)}]}
        case Pods(namespace, labels, _, cluster):
            found = {"role": "pod", **_cluster(cluster), "namespaces": {"names": [namespace]}}
            return {"kubernetes_sd_configs": [{**found, **_selectors("pod", labels)}]}
        case Nodes(labels, cluster):
            return {"kubernetes_sd_configs": [{"role": "node", **_cluster(cluster), **_selectors("node", labels)}]}
        case Probed(targets=targets):
            return {
                "static_configs": [
                    {"targets": [one.target], "labels": {"__param_module": one.module, **one.labels, **job.labels}}
                    for one in targets
                ]
            }
        case _:
            assert_never(job.discovery)


def _cluster(cluster: Cluster | None) -> dict[str, Any]:
    return {"api_server": cluster.api, **http_client(cluster.access, SECRETS)} if cluster else {}


def _selectors(role: str, labels: Mapping[str, str]) -> dict[str, Any]:
    text = ",".join(f"{key}={value}" for key, value in labels.items())
    return {"selectors": [{"role": role, "label": text}]} if labels else {}


def _relabelled(job: Job) -> Iterator[dict[str, Any]]:
    match job.discovery:
        case Static():
            return  # its labels stand beside its targets
        case Probed(exporter):
            yield {"source_labels": ["__address__"], "target_label": "__param_target"}
            yield {"source_labels": ["__param_target"], "target_label": "instance"}
            yield {"target_label": "__address__", "replacement": exporter}
            return
        case Pods(port=port):
            yield {"source_labels": ["__meta_kubernetes_pod_phase"], "regex": "Running", "action": "keep"}
            if isinstance(port, int):  # also where the pod does not declare it
                yield {
                    "source_labels": ["__address__"],
                    "regex": PORT,
                    "target_label": "__address__",
                    "replacement": f"$1:{port}",
                }
            elif port:
                yield {
                    "source_labels": ["__meta_kubernetes_pod_container_port_name"],
                    "regex": port,
                    "action": "keep",
                }
            yield {"source_labels": ["__meta_kubernetes_namespace"], "target_label": "namespace"}
            yield {"source_labels": ["__meta_kubernetes_pod_name"], "target_label": "pod"}
        case Nodes():
            yield {"source_labels": ["__meta_kubernetes_node_name"], "target_label": "node"}
        case Files():
            pass
        case _:
            assert_never(job.discovery)
    for label, value in job.labels.items():
        yield {"target_label": label, "replacement": value.replace("$", "$$")}


def _federation(federation: Federation) -> dict[str, Any]:
    """Recorded series only: raw ones of several servers are too many, and their labels collide."""
    return {
        "job_name": "federate",
        "honor_labels": True,
        **({"scrape_interval": duration.text(federation.interval)} if federation.interval else {}),
        "metrics_path": "/federate",
        "params": {"match[]": [f'{{__name__=~"{RECORDED}"}}']},
        **({"scheme": federation.scheme} if federation.scheme != "http" else {}),
        **http_client(federation.access, SECRETS),
        "static_configs": [{"targets": list(federation.targets)}],
    }


def _write(remote: Remote) -> dict[str, Any]:
    kept = {"source_labels": ["__name__"], "regex": f"{RECORDED}|{ALERTS}", "action": "keep"}
    relabelled = [*([kept] if remote.recorded else ()), *map(_dropped, remote.dropped)]
    return {
        "url": remote.url,
        **_named(remote),
        **({"headers": dict([remote.tenant])} if remote.tenant else {}),
        **http_client(remote.access, SECRETS),
        **({"write_relabel_configs": relabelled} if relabelled else {}),
    }


def _dropped(labels: Mapping[str, tuple[str, ...]]) -> dict[str, Any]:
    regex = ";".join(f"({'|'.join(map(promql.regex_literal, values))})" for values in labels.values())
    return {"source_labels": list(labels), "regex": regex, "action": "drop"}


def _read(remote: Remote) -> dict[str, Any]:
    return {
        "url": remote.url,
        **_named(remote),
        **({"read_recent": True} if remote.recent else {}),
        **http_client(remote.access, SECRETS),
    }


def _named(remote: Remote) -> dict[str, str]:
    return {"name": remote.name} if remote.name else {}
