"""The page of the alert that always fires: what to do when it does not arrive."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon import routing, rulefile
from llmmon.markdown import block, code, comment, table, text
from llmmon.targets.runbooks.checklists import query
from llmmon.template import render

if TYPE_CHECKING:
    from llmmon.plan import Fleet

_FIRES = 'ALERTS{alertname="Watchdog"}'
_KNOWN = "prometheus_notifications_alertmanagers_discovered"
_FAILED = "sum by (integration) (rate(alertmanager_notifications_failed_total[5m]))"
_INDENT = "   "  # of what belongs to a numbered line


def watchdog(fleet: Fleet) -> str:
    """Its Markdown."""
    return render(
        "runbooks/watchdog.md.j2",
        notice=comment(f"generated from {fleet.origin.document.path} by llmmon; edits are lost"),
        title=rulefile.WATCHDOG,
        service=text(fleet.name),
        told=routing.watched(fleet) and bool(fleet.watchdog),
        fires=query(fleet, _FIRES, _INDENT),
        known=query(fleet, _KNOWN, _INDENT),
        failed=query(fleet, _FAILED, _INDENT),
        expression=block(rulefile.EXPRESSION, "promql"),
        labels=_labels(fleet),
    )


def _labels(fleet: Fleet) -> str:
    values: dict[str, dict[str, None]] = {}
    for environment in fleet.environments:
        for name, value in rulefile.watchdog_labels(fleet, environment.name).items():
            values.setdefault(name, {})[value] = None
    return table(("Label", "Value"), [(code(name), ", ".join(map(code, values[name]))) for name in sorted(values)])
