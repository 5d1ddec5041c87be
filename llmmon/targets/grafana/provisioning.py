"""Tells Grafana at its start where the dashboards lie, whom to ask, and how a number, a line and a trace are one story.

Where the servers are, Grafana's own environment says: `$NAME` is expanded here, and `$$` is one dollar.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from llmmon import duration
from llmmon.plan.logstack import APP
from llmmon.targets.grafana.engine import engine

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from llmmon.plan import Fleet

FOLDER = "/var/lib/grafana/dashboards"  # where `dashboards/` is mounted; its folders become Grafana's
TRACE = "trace_id"  # the field of a line, and the label of an exemplar, that names the trace
LOKI, ELASTICSEARCH, JAEGER = "loki", "elasticsearch", "jaeger"
AROUND = {"spanStartTimeShift": "-5m", "spanEndTimeShift": "5m"}  # lines of a span come a little before and after


def providers() -> dict[str, Any]:
    """One file provider; what it brings cannot be edited in the browser."""
    return {
        "apiVersion": 1,
        "providers": [
            {
                "name": "llmmon",
                "type": "file",
                "allowUiUpdates": False,
                "disableDeletion": False,
                "updateIntervalSeconds": 30,
                "options": {"path": FOLDER, "foldersFromFilesStructure": True},
            }
        ],
    }


def datasources(fleet: Fleet) -> dict[str, Any]:
    """The shared Prometheus, one more for each environment that has its own, or the engine that holds all of them;
    and where the fleet's lines and traces are."""
    metrics = [*engine(fleet)] or [*_metrics(fleet)]
    return {"apiVersion": 1, "datasources": [*_traced(fleet, metrics), *_lines(fleet), *_traces(fleet)]}


def _metrics(fleet: Fleet) -> Iterator[dict[str, Any]]:
    own = [e.name for e in fleet.environments if e.own]
    shared = len(own) < len(fleet.environments) or len(own) < 2
    suffixes = ([""] if shared else []) + (own if len(fleet.environments) > 1 else [])
    for index, suffix in enumerate(suffixes):
        yield {
            "name": f"Prometheus {suffix}".rstrip(),
            "uid": f"prometheus-{suffix}".rstrip("-"),
            "type": "prometheus",
            "access": "proxy",
            "url": prometheus_url(suffix),
            "isDefault": index == 0,
            "editable": False,
            "jsonData": {
                "httpMethod": "POST",
                "prometheusType": "Prometheus",
                "timeInterval": duration.text(fleet.scrape_interval),
            },
        }


def _traced(fleet: Fleet, metrics: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """From an exemplar to its trace."""
    exemplars = {"exemplarTraceIdDestinations": [{"name": TRACE, "datasourceUid": JAEGER}]} if fleet.tracing else {}
    for found in metrics:
        yield {**found, "jsonData": {**found["jsonData"], **exemplars}}


def prometheus_url(environment: str) -> str:
    """The variable that says where the shared Prometheus is, or that of an environment with its own."""
    return "_".join(filter(None, ("$PROMETHEUS_URL", re.sub(r"\W", "_", environment).upper())))


def _lines(fleet: Fleet) -> Iterator[dict[str, Any]]:
    """Elasticsearch holds what Logstash wrote, Loki what the containers wrote."""
    if fleet.logs is None:
        return
    if fleet.elasticsearch:
        authority = "ca" in fleet.elasticsearch
        yield {
            **_datasource("Elasticsearch", ELASTICSEARCH),
            "basicAuth": True,
            "basicAuthUser": "$ELASTICSEARCH_USER",
            "jsonData": {
                "index": f"{APP}-*",
                "timeField": "@timestamp",
                "logMessageField": "message",
                "logLevelField": "level",
                **({"dataLinks": [{"field": TRACE, "url": "$${__value.raw}", **_trace()}]} if fleet.tracing else {}),
                **({"tlsAuthWithCACert": True} if authority else {}),
            },
            "secureJsonData": {
                "basicAuthPassword": "$ELASTICSEARCH_PASSWORD",
                **({"tlsCACert": "$ELASTICSEARCH_CA"} if authority else {}),
            },
        }
    if fleet.logs.loki:
        field = {"name": TRACE, "matcherRegex": f'"{TRACE}":\\s*"(\\w+)"', "url": "$${__value.raw}", **_trace()}
        yield {
            **_datasource("Loki", LOKI),
            "jsonData": {"maxLines": 1000, **({"derivedFields": [field]} if fleet.tracing else {})},
        }


def _traces(fleet: Fleet) -> Iterator[dict[str, Any]]:
    """From a span to its lines, which one of the two stores has."""
    if fleet.tracing is None:
        return
    lines = [found["uid"] for found in _lines(fleet)]
    found = {"tracesToLogsV2": {"datasourceUid": lines[-1], "filterByTraceID": True, **AROUND}} if lines else {}
    yield {**_datasource("Jaeger", JAEGER), "jsonData": {"nodeGraph": {"enabled": True}, **found}}


def _datasource(name: str, kind: str) -> dict[str, Any]:
    return {
        "name": name,
        "uid": kind,
        "type": kind,
        "access": "proxy",
        "url": f"${kind.upper()}_URL",
        "isDefault": False,
        "editable": False,
    }


def _trace() -> dict[str, str]:
    return {"datasourceUid": JAEGER, "urlDisplayLabel": "Trace"}
