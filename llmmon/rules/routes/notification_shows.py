"""A notification that shows what nobody meant to show.

A template that is called without a dot prints `<no value>`, an alert that still fires ended in the year one, a verb of
`printf` that is for something else prints `%!d(string=...)`, and a status that is compared with a word that it never
is hides what stands in that branch. Text in which a template is only defined is empty.

Bad:

    receivers: [{name: a, slack_configs: [{title: '{{ define "x" }}{{ .Status }}{{ end }}{{ template "x" }}'}]}]

    receivers: [{name: a, slack_configs: [{text: "{{ range .Alerts }}ended {{ .EndsAt }}, {{ end }}"}]}]

    receivers: [{name: a, slack_configs: [{title: '{{ printf "%d" .CommonLabels.replicas }}'}]}]

    receivers: [{name: a, slack_configs: [{color: '{{ if eq .Status "critical" }}danger{{ else }}good{{ end }}'}]}]

    receivers: [{name: a, slack_configs: [{title: '{{ define "title" }}{{ .Status }}{{ end }}'}]}]

    receivers: [{name: a, telegram_configs: [{message: "{{ range .Alerts.Firing }}{{ .Labels.job }}, {{ end }}"}]}]

Good:

    receivers: [{name: a, slack_configs: [{title: '{{ define "x" }}{{ .Status }}{{ end }}{{ template "x" . }}'}]}]

    receivers: [{name: a, slack_configs: [{text: "{{ range .Alerts.Resolved }}ended {{ .EndsAt }}, {{ end }}"}]}]

    receivers: [{name: a, slack_configs: [{title: '{{ printf "%s" .CommonLabels.replicas }}'}]}]

    receivers: [{name: a, slack_configs: [{color: '{{ if eq .Status "firing" }}danger{{ else }}good{{ end }}'}]}]

    receivers: [{name: a, slack_configs: [{title: "{{ .CommonAnnotations.summary }}"}]}]

    receivers: [{name: a, telegram_configs: [{message: "{{ range .Alerts }}{{ .Labels.job }}, {{ end }}"}]}]
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.documents.notification_results import FIRES, RESOLVED, told
from llmmon.documents.routes import Configuration
from llmmon.gotemplate.nodes import Text
from llmmon.problem import Level
from llmmon.rule import Edit, Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.documents.notification_results import Told
    from llmmon.gotemplate.result import Odd
    from llmmon.problem import Span
    from llmmon.rule import Facts

_NEEDED = {"sns_configs": "message", "telegram_configs": "message", "webex_configs": "message"}  # never empty


def check(configuration: Configuration, facts: Facts) -> Iterator[Finding]:
    said: set[tuple[object, ...]] = set()
    for one in told(configuration, facts):
        for message, span, template, edit in _wrong(one):
            origin = one.at(span, template)
            place = origin.document.path, origin.position(), message
            if place not in said:
                said.add(place)
                edits = (Edit(edit, origin.span),) if edit and origin.span else ()
                yield Finding("C061", message, origin=origin, edits=edits)
        yield from _empty(one)


def _wrong(one: Told) -> Iterator[tuple[str, Span, str, str]]:
    """What is odd in a text, the same thing once for each sample; and what to write there instead."""
    for _, result in one.results:
        for odd in result.odd:
            if odd.what != "nothing" or not one.html:
                yield _words(odd), odd.span, odd.template, f'"{odd.called}" .' if odd.called else ""
        for wrong in result.misfits:
            yield wrong.says, (wrong.command[0].span[0], wrong.command[-1].span[1]), wrong.template, ""


def _words(odd: Odd) -> str:
    if odd.choices:
        return f"the status is {' or '.join(odd.choices)}, and never {odd.what!r}: compare it with one of them"
    if odd.what == "never":
        return "an alert that fires has not ended, and this shows the year one: put it into {{ if not .EndsAt.IsZero }}"
    if odd.called:
        return f'this template gets nothing, and shows <no value>: write {{{{ template "{odd.called}" . }}}}'
    return "there is nothing here, and <no value> is shown: give it a value, or write {{ with }} around it"


def _empty(one: Told) -> Iterator[Finding]:
    body = [node for node in one.template.body if not isinstance(node, Text) or node.text.strip()]
    if one.template.defined and not body:
        name = next(iter(one.template.defined))
        message = f'a template is only defined here, and the text is empty: add {{{{ template "{name}" . }}}}'
        yield Finding("C061", message, origin=one.origin)
    elif _NEEDED.get(one.way.kind) == one.field and one.origin.keys[-1] == one.field:
        ended = [_is_empty(one, about) for about, _ in one.results if about == RESOLVED]
        if ended and all(ended) and not any(_is_empty(one, about) for about in FIRES):
            message = (
                "when an alert is resolved this text is empty, and refused: "
                "write for .Alerts.Resolved as well, or send_resolved: false"
            )
            yield Finding("C061", message, origin=one.origin)


def _is_empty(one: Told, about: str) -> bool:
    """Whether nothing is left of a text, whatever the labels are."""
    results = [result for when, result in one.results if when == about]
    return all(result.certain and result.exact and not result.failure and not result.text.strip() for result in results)


RULE = Rule(Configuration, check, {"C061": Level.WARNING}, advice=frozenset(("C061",)))
