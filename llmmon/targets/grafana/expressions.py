"""PromQL as a dashboard holds it: Grafana's variables are put in before anybody can parse it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

BUILT_IN = {
    "__auto_interval": "5m",
    "__dashboard": "x",
    "__from": "0",
    "__interval": "5m",
    "__interval_ms": "300000",
    "__name": "x",
    "__org": "1",
    "__range": "5m",
    "__range_ms": "300000",
    "__range_s": "300",
    "__rate_interval": "5m",
    "__rate_interval_ms": "300000",
    "__timeFilter": "x",
    "__to": "0",
    "__user": "x",
}
ANY_VALUE = "x"  # of a variable whose values the datasource knows
_STRING = r'"(?:[^"\\]|\\.)*"|' + r"'(?:[^'\\]|\\.)*'|`[^`]*`"
_VARIABLE = re.compile(r"\$([A-Za-z_]\w*)|\$\{([A-Za-z_]\w*)(?:\.[^:}]+)?(?::[^}]+)?\}|\[\[([A-Za-z_]\w*)(?::\w+)?\]\]")
_PIECES = re.compile(rf"({_STRING})|{_VARIABLE.pattern}", re.DOTALL)


def known_values(templating: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """A value for each variable of a dashboard's JSON: the first of a fixed list, else any."""
    values = {}
    for variable in templating:
        options = variable.get("options") or [{"value": ANY_VALUE}]
        values[variable["name"]] = str(options[0]["value"])
    return values


def substituted(expr: str, values: Mapping[str, str]) -> str:
    """The expression with a value in place of every variable; in a string the value cannot end the string."""
    known = {**BUILT_IN, **values}

    def replace(match: re.Match[str]) -> str:
        if match[1]:
            return _VARIABLE.sub(lambda inner: ANY_VALUE if _name(inner) in known else inner[0], match[1])
        return known.get(match[2] or match[3] or match[4], match[0])

    return _PIECES.sub(replace, expr)


def unknown_variables(expr: str, values: Mapping[str, str]) -> Iterator[str]:
    """Names after a `$` that Grafana would leave in the expression, each once; `$1` of label_replace is none."""
    for name in dict.fromkeys(_name(match) for match in _VARIABLE.finditer(expr)):
        if name not in values and name not in BUILT_IN:
            yield name


def _name(match: re.Match[str]) -> str:
    return match[1] or match[2] or match[3]
