"""Tells Grafana at its start where the dashboards lie and which Prometheus to ask."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from llmmon import duration

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.plan import Fleet

FOLDER = "/var/lib/grafana/dashboards"  # where `dashboards/` is mounted; its folders become Grafana's


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
    """The shared Prometheus, and one more for each environment that has its own; where they are, the server knows."""
    return {"apiVersion": 1, "datasources": list(_datasources(fleet))}


def _datasources(fleet: Fleet) -> Iterator[dict[str, Any]]:
    own = [e.name for e in fleet.environments if not e.selector]
    shared = len(own) < len(fleet.environments) or len(own) < 2
    suffixes = ([""] if shared else []) + (own if len(fleet.environments) > 1 else [])
    for index, suffix in enumerate(suffixes):
        yield {
            "name": f"Prometheus {suffix}".rstrip(),
            "uid": f"prometheus-{suffix}".rstrip("-"),
            "type": "prometheus",
            "access": "proxy",
            "url": "_".join(filter(None, ("$PROMETHEUS_URL", re.sub(r"\W", "_", suffix).upper()))),
            "isDefault": index == 0,
            "editable": False,
            "jsonData": {
                "httpMethod": "POST",
                "prometheusType": "Prometheus",
                "timeInterval": duration.text(fleet.scrape_interval),
            },
        }
