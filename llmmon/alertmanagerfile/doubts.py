"""What is wrong with the user's own Alertmanager file, at its line: the lint rules, with every alert of the fleet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon import lint
from llmmon.documents import routes
from llmmon.problem import Origin
from llmmon.rule import Facts
from llmmon.source.document import Document

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from llmmon.plan import Facts as Alert
    from llmmon.plan import Fleet
    from llmmon.problem import Problem

_OURS = ("category", "severity")
# External labels that somebody else's Prometheus may well set.
_OUTSIDE = frozenset(("cluster", "datacenter", "prometheus", "prometheus_replica", "region", "replica", "zone"))


def base_problems(fleet: Fleet, alerts: Iterable[Alert]) -> Iterator[Problem]:
    """Quiet where there is no file. A file that does not read is the joining's business."""
    if fleet.base is None or fleet.base_origin is None:
        return
    document = Document(fleet.base_origin.document.path, fleet.base)
    version = fleet.versions["alertmanager"]
    configuration, problems = routes.load(document, Origin(document), version)
    if configuration is None:
        return
    yield from problems
    known = Facts(
        alerts=tuple(_labels(fleet, alert) for alert in alerts) or None, all_alerts=True, alertmanager=version
    )
    yield from lint.node(configuration, known, configuration.origin, lint.table(*lint.ROUTES))


def _labels(fleet: Fleet, alert: Alert) -> Mapping[str, frozenset[str] | None]:
    """The labels of an alert as Alertmanager sees them: those of its Prometheus included.

    Others may send alerts to the same Alertmanager, so only of what is our own idea every value is known.
    """
    servers = fleet.servers.servers if fleet.servers else None
    outside = _OUTSIDE if servers is None else {name for server in servers for name in server.external_labels}
    return {
        **dict.fromkeys(alert.carries | outside),
        **{name: frozenset((value,)) if name in _OURS else None for name, value in alert.labels.items()},
    }
