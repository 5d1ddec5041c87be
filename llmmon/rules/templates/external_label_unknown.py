"""An external label in a text that the server does not have.

`$externalLabels` holds what `external_labels` of prometheus.yml says. A label that is not among them is an empty text:
"HighLatency in cluster " is what somebody reads.

Bad:

    expr: up == 0
    annotations: {summary: "{{ $labels.instance }} of {{ $externalLabels.region }} is down"}

    expr: up == 0
    labels: {region: "{{ .ExternalLabels.region }}"}

Good:

    expr: up == 0
    annotations: {summary: "{{ $labels.instance }} of {{ $externalLabels.cluster }} is down"}

    expr: up == 0
    labels: {region: "{{ .ExternalLabels.cluster }}"}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.documents import templates
from llmmon.gotemplate import Template, commands
from llmmon.lazily import get_close_matches
from llmmon.problem import Level
from llmmon.rule import AlertingRule, Edit, Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.gotemplate import Operand
    from llmmon.rule import Facts


def check(rule: AlertingRule, facts: Facts) -> Iterator[Finding]:
    known = facts.external_labels or {}
    for written in templates.of(rule, facts):
        if not isinstance(written.found, Template) or "xternalLabels" not in written.text:
            continue
        for operand in (one for command in commands(written.found) for one in command):
            name = _read(operand)
            if name and name not in known:
                near = next(iter(get_close_matches(name, known, 1)), None)
                hint = f"did you mean {near}?" if near else f"there are {', '.join(sorted(known)) or 'none'}"
                span = operand.span[1] - len(name), operand.span[1]
                edits = (Edit(near, span, written.keys),) if near else ()
                yield Finding(
                    "T006", f"the server has no external label {name}: {hint}", span, written.keys, edits=edits
                )


def _read(operand: Operand) -> str | None:
    """The label that is read in `$externalLabels.x` or `.ExternalLabels.x`."""
    if operand.kind == "variable" and operand.text == "$externalLabels" and len(operand.fields) == 1:
        return operand.fields[0]
    if operand.kind == "field" and len(operand.fields) == 2 and operand.fields[0] == "ExternalLabels":
        return operand.fields[1]
    return None


RULE = Rule(
    AlertingRule,
    check,
    {"T006": Level.WARNING},
    needs=frozenset(("external_labels",)),
    peers=("pint alerts/external_labels",),
)
