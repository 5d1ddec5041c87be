"""Which data sources a dashboard asks."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from llmmon.documents.dashboards import at, kind_in_name, maps, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from llmmon.documents.dashboards import Dashboard
    from llmmon.problem import Origin

_OWN = ("grafana", "default", "__expr__", "-100")
_NAMES = ("prometheus", "loki", "tempo", "alertmanager")  # as those call it who install it together with Grafana
# Of a data source of one of these names, the uid that Grafana makes up where nobody gives it one.
_MADE = (f"P{sha256(name.encode()).hexdigest()[:16].upper()}" for one in _NAMES for name in (one, one.title()))
_USUAL = frozenset((*_OWN, *_NAMES, *_MADE))
_ASKING = ("query", "adhoc", "groupby")  # the other kinds of variables ask nothing, whatever they name
_NO_KINDS = ("datasource", "grafana", "mixed")


def sources(dashboard: Dashboard) -> Iterator[tuple[str, str, Origin]]:
    """The plugin, where it is said, and the uid or the name of all that is asked, in the order of the file."""
    for panel in dashboard.panels:
        if panel.targets and panel.kind != "row":  # a list of alerts asks nothing, and neither does a row
            own = panel.value.get("datasource")
            if own is not None:
                yield from _one(own, panel.origin.at("datasource"))
            if own is None or _named(own) == "-- Mixed --":  # else Grafana asks what the panel says
                for keys, target in panel.targets:
                    yield from _one(target.get("datasource"), panel.origin.at(*keys, "datasource"))
    for variable in dashboard.variables:
        if variable.kind in _ASKING:
            yield from _one(variable.value.get("datasource"), variable.origin.at("datasource"))
    for keys, annotation in maps(at(dashboard.value, "annotations", "list"), ("annotations", "list")):
        yield from _one(annotation.get("datasource"), dashboard.origin.at(*keys, "datasource"))


def is_one(name: str) -> bool:
    """Whether it is one data source, not a variable and none of Grafana's own."""
    return bool(name) and name not in _USUAL and not name.startswith(("$", "--", "[[")) and "${" not in name


def _one(source: Any, origin: Origin) -> Iterator[tuple[str, str, Origin]]:
    kind = text_of(source.get("type")) if isinstance(source, dict) else ""
    name = _named(source)
    if name and kind not in _NO_KINDS:
        yield kind or kind_in_name(name), name, origin


def _named(source: Any) -> str:
    return text_of(source.get("uid") if isinstance(source, dict) else source)
