"""From the services' specs to what the pages of the whole fleet say about each of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon import duration, unit
from llmmon.lower import text
from llmmon.plan import Process, Workload
from llmmon.plan.watched import Baseline, Objective, Watched

if TYPE_CHECKING:
    from llmmon.load import LoadedFleet, LoadedService
    from llmmon.spec.slos import SLO

_POD_LABEL = "app"
_METRICS = "/metrics"


def watched(loaded: LoadedService, fleet: LoadedFleet) -> Watched:
    """A service that need not lower: the whole fleet's pages are written only when all do."""
    spec, load = loaded.spec, workload(loaded)
    label = fleet.spec.prometheus.pod_label if fleet.spec.prometheus else _POD_LABEL
    pods = spec.scrape.pods if spec.scrape and spec.scrape.pods else {label: load.name} if load else {}
    names = dict.fromkeys(("service", *(["objectives"] if spec.slos else []), *spec.dashboards))
    titles = ((text.words(name).capitalize(), name) for name in names)
    return Watched(
        name=loaded.name,
        team=spec.team or "",
        spec=loaded.source.document.owner,
        presets=tuple(preset.name for preset in loaded.source.presets),
        workload=load,
        process=process(loaded),
        pods=",".join(f"{key}={value}" for key, value in sorted(pods.items())) if load else "",
        metrics=_metrics(loaded),
        logs=spec.logs is not None,
        dashboards=tuple((title, text.uid(loaded.name, name)) for title, name in titles),
        objectives=tuple(
            Objective(
                name,
                f"{unit.number(slo.objective * 100)}%",
                _how(slo),
                duration.text(slo.window),
            )
            for name, slo in spec.slos.items()
        ),
        baselines=tuple(
            Baseline(name, item.signal, item.value.text, item.tolerance.text) for name, item in spec.baselines.items()
        ),
    )


def _how(slo: SLO) -> str:
    """What is good, as the spec says it."""
    limits = ((word, limit) for word in ("within", "above", "below") if (limit := getattr(slo, word)))
    said = [f"{word} {limit.text}" for word, limit in limits]
    if slo.parts:
        said.append(f"of {' and '.join(slo.parts)}")
    if slo.slice:
        said.append(f"in slices of {duration.text(slo.slice.width)}")
    if slo.by:
        said.append(f"by {', '.join(slo.by)}")
    return " ".join(said)


def workload(loaded: LoadedService) -> Workload | None:
    """What Kubernetes runs of it."""
    written = loaded.spec.workload
    if written is None:
        return None
    return Workload(written.kind, written.namespace, written.name, written.container or written.name)


def process(loaded: LoadedService) -> Process | None:
    """What runs it without Kubernetes."""
    written = loaded.spec.process
    if written is None:
        return None
    return Process("compose", written.compose) if written.compose else Process("systemd", written.systemd or "")


def _metrics(loaded: LoadedService) -> tuple[int | str, str] | None:
    scrape, health = loaded.spec.scrape, loaded.spec.health
    port = scrape.port if scrape else None
    if port is None and health is not None:
        port = getattr(health, "port", None)
    if port is None or (scrape and scrape.off):
        return None
    return port, (scrape.path if scrape else None) or _METRICS
