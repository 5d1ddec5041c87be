"""A template of a notification that parses, and fails when somebody is to be told.

Alertmanager fills a template when the alert comes. What a function gets then, which template it calls with what, how
many alerts there are: all of that is seen only at that moment, and a template that fails is a notification that is not
sent. Here each text of a receiver is executed, with the templates that it calls, on alerts that fire and alerts that
are resolved, one and several, with labels and without.

Bad:

    receivers: [{name: a, slack_configs: [{title: "{{ .CommonLabels | toUpper }}"}]}]

    receivers: [{name: a, slack_configs: [{title: "{{ (index .Alerts 1).Labels.job }}"}]}]

    receivers: [{name: a, slack_configs: [{title: '{{ .CommonLabels.Values "," }}'}]}]

    receivers: [{name: a, slack_configs: [{text: '{{ range .Alerts }}{{ template "__subject" . }}, {{ end }}'}]}]

    receivers: [{name: a, pagerduty_configs: [{description: "{{ (index .Alerts.Firing 0).Annotations.summary }}"}]}]

Good:

    receivers: [{name: a, slack_configs: [{title: "{{ .CommonLabels.severity | toUpper }}"}]}]

    receivers: [{name: a, slack_configs: [{title: "{{ (index .Alerts 0).Labels.job }}"}]}]

    receivers: [{name: a, slack_configs: [{title: '{{ .CommonLabels.Values | join "," }}'}]}]

    receivers: [{name: a, slack_configs: [{text: '{{ range .Alerts }}{{ template "__subject" $ }}, {{ end }}'}]}]

    receivers: [{name: a, slack_configs: [{title: "{{ (index .Alerts.Firing 0).Annotations.summary }}"}]}]
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.documents.notification_results import FIRES, told
from llmmon.documents.notified import reads
from llmmon.documents.routes import Configuration
from llmmon.problem import Level
from llmmon.rule import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.documents.notification_results import Told
    from llmmon.gotemplate.result import Failure
    from llmmon.rule import Facts


def check(configuration: Configuration, facts: Facts) -> Iterator[Finding]:
    said: set[tuple[object, ...]] = set()
    for one in told(configuration, facts):
        about, failure = next(((about, result.failure) for about, result in one.results if result.failure), ("", None))
        if failure is None or _is_known(one, failure, facts):
            continue
        origin = one.at(failure.span, failure.template)
        place = origin.document.path, origin.position(), failure.message
        if place not in said:
            said.add(place)
            message = f"this template fails when {about}: {failure.message}"
            yield Finding("C060", message, origin=origin, level=None if about in FIRES else Level.WARNING)


def _is_known(one: Told, failure: Failure, facts: Facts) -> bool:
    """Whether a field that does not exist is said to be none already."""
    return not failure.template and any(
        read.known is not None and read.span == failure.span for read in reads(one.template, facts.alertmanager)
    )


RULE = Rule(Configuration, check, {"C060": Level.ERROR}, peers=("amlint template-unknown-field",))
