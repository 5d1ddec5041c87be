"""A grouping by labels that no alert has, or a title that needs a grouping which is not there.

`.GroupLabels` holds the labels of `group_by` and nothing else: a title made of one that is not grouped by is empty.
Grouping by a label that nothing sets does nothing.

Bad:

    route: {receiver: a}
    receivers: [{name: a, slack_configs: [{channel: "#a", title: "Alert: {{ .GroupLabels.alertname }}"}]}]

    route: {receiver: a, group_by: [alertname, cluster]}
    receivers: [{name: a}]

Good:

    route: {receiver: a, group_by: [alertname]}
    receivers: [{name: a, slack_configs: [{channel: "#a", title: "Alert: {{ .GroupLabels.alertname }}"}]}]

    route: {receiver: a, group_by: ["..."]}
    receivers: [{name: a, slack_configs: [{channel: "#a", title: "Alert: {{ .GroupLabels.alertname }}"}]}]

    route: {receiver: a, group_by: [alertname, service]}
    receivers: [{name: a, slack_configs: [{channel: "#a", title: "{{ .CommonLabels.job }}"}]}]
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from llmmon import lazily
from llmmon.documents.notified import METHODS
from llmmon.documents.routes import Configuration, texts
from llmmon.problem import Level
from llmmon.rule import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.rule import Facts

_GROUP_LABEL = lazily.pattern(r"\.GroupLabels\.(\w+)")


def check(configuration: Configuration, facts: Facts) -> Iterator[Finding]:
    yield from _titles(configuration)
    for route in configuration.routes if facts.alerts is not None else ():
        names = route.value.get("group_by")
        for index, name in enumerate(names if isinstance(names, list) else ()):
            if name != "..." and not any(str(name) in alert for alert in facts.alerts or ()):
                message = f"no alert has the label {name!r}, so grouping by it does nothing: leave it out"
                yield Finding("N008", message, origin=route.origin.at("group_by", index))


def _titles(configuration: Configuration) -> Iterator[Finding]:
    for way in configuration.integrations:
        groupings = [
            route.inherited("group_by") or ()
            for route in configuration.routes
            if str(route.inherited("receiver")) == way.receiver
        ]
        for text, origin in texts(way.value, way.origin):
            for found in _GROUP_LABEL.finditer(text):
                if (
                    found[1] not in METHODS
                    and not _is_asked(found[1], text)
                    and any("..." not in labels and found[1] not in labels for labels in groupings)
                ):
                    message = f"{found[0]} is empty, because {found[1]} is not grouped by: write group_by: [{found[1]}]"
                    yield Finding("N016", message, origin=origin)


def _is_asked(name: str, text: str) -> bool:
    """Whether a text looks first whether the label is there."""
    return re.search(rf"(?:if|or|with)\s+\.GroupLabels\.{name}\b", text) is not None


RULE = Rule(Configuration, check, {"N008": Level.WARNING, "N016": Level.WARNING}, advice=frozenset(("N008", "N016")))
