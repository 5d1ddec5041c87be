"""Dashboard variables: the datasource, the environment, and the labels that the plan lets people choose."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmmon.targets.grafana.parts import DATASOURCE, Variable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from llmmon.plan import Variable as Planned

ALL = {"text": ["All"], "value": ["$__all"]}
EVERYTHING = ".*"  # series without the label belong to All as well
EDITOR = "PrometheusVariableQueryEditor-VariableQuery"
QUERY_TYPES = {"label_names(": 0, "label_values(": 1, "metrics(": 2, "query_result(": 3}
CLASSIC_QUERY = 5
ON_LOAD, ON_TIME_RANGE = 1, 2


def variables(planned: Sequence[Planned]) -> Iterator[Variable]:
    """The datasource first: every panel and every other variable asks it."""
    yield Variable(
        name="datasource",
        label="Data source",
        type="datasource",
        query="prometheus",
        refresh=ON_LOAD,
        extra={"current": {"text": "default", "value": "default"}, "regex": ""},
    )
    for variable in planned:
        yield _fixed(variable) if variable.query is None else _asked(variable, variable.query)


def _fixed(variable: Planned) -> Variable:
    options = [
        {"selected": index == 0 and not variable.multi, "text": text, "value": value}
        for index, (text, value) in enumerate(variable.options)
    ]
    first = variable.options[0] if variable.options else ("", "")
    return Variable(
        name=variable.name,
        label=variable.label,
        type="custom",
        query=", ".join(f"{_listed(text)} : {_listed(value)}" for text, value in variable.options),
        options=options,
        extra=_selection(variable, {"text": first[0], "value": first[1]}),
    )


def _asked(variable: Planned, query: str) -> Variable:
    kind = next((number for word, number in QUERY_TYPES.items() if query.startswith(word)), CLASSIC_QUERY)
    return Variable(
        name=variable.name,
        label=variable.label,
        type="query",
        dataSource=DATASOURCE,
        query={"qryType": kind, "query": query, "refId": EDITOR},
        refresh=ON_TIME_RANGE,
        extra=_selection(variable, None) | {"definition": query, "regex": ""},
    )


def _selection(variable: Planned, first: dict[str, str] | None) -> dict[str, Any]:
    """All, said explicitly, where several may be chosen; else the first. Unknown values are left to Grafana."""
    if variable.multi:
        return {"allValue": EVERYTHING, "current": ALL, "includeAll": True, "multi": True}
    return {"current": first}


def _listed(text: str) -> str:
    """An option inside Grafana's comma-separated list."""
    return text.replace(",", "\\,")
