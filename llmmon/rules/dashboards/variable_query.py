"""A variable whose query cannot be asked.

Grafana knows `label_values(METRIC, LABEL)`, `label_values(LABEL)`, `label_names()`, `metrics(REGEX)` and
`query_result(PROMQL)`; anything else is a selector of series. What is none of these is an error, and the list empty.

Bad:

    {templating: {list: [{name: job, type: query, datasource: {type: prometheus}, query: 'label_values(up, )'}]}}

    {templating: {list: [{name: job, type: query, datasource: {type: prometheus}, query: 'label_values(up{, job)'}]}}

Good:

    {templating: {list: [{name: job, type: query, datasource: {type: prometheus}, query: 'label_values(up, job)'}]}}

    {templating: {list: [{name: job, type: query, datasource: {type: prometheus}, query: 'query_result(sum(up))'}]}}
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from llmmon import lazily
from llmmon.documents.dashboards import Dashboard
from llmmon.problem import Level
from llmmon.rule import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.rule import Facts

_EMPTY = lazily.pattern(r"non-empty matcher")  # only Prometheus itself asks for one where labels are listed
_CALL = lazily.pattern(r"\s*(label_values|label_names|metrics|query_result)\s*\(")
_WHOLE = lazily.pattern(
    r"\s*(?:label_values\s*\((?:.*,)?\s*[^,\s()]+\s*\)|label_names\s*\(.*\)|metrics\s*\(.+\)|query_result\s*\(.+\))\s*\Z",
    re.DOTALL,
)
_FORMS = {
    "label_values": "label_values(METRIC, LABEL) or label_values(LABEL)",
    "label_names": "label_names()",
    "metrics": "metrics(REGEX)",
    "query_result": "query_result(PROMQL)",
}


def check(dashboard: Dashboard, facts: Facts) -> Iterator[Finding]:
    del facts
    for variable in dashboard.variables:
        call = _CALL.match(variable.query) if variable.language == "promql" else None
        if call and not _WHOLE.match(variable.query):
            message = f"{variable.query.strip()!r} cannot be asked: write {_FORMS[call[1]]}"
            yield Finding("D016", message, origin=variable.origin.at(*variable.query_keys))
    for query in dashboard.asked:
        error = query.error if query.language == "promql" else None
        if error and not _EMPTY.search(error.message) and (query.begin or not _CALL.match(query.text)):
            yield Finding("D016", f"PromQL does not parse: {error.message}", error.span, origin=query.origin)


RULE = Rule(Dashboard, check, {"D016": Level.ERROR}, peers=("dashboard-linter template-label-promql-rule", "mixtool"))
