"""`{threshold}` in prose becomes the number that the spec has now, so that no page repeats one that has changed."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING

from llmmon import duration
from llmmon.lower import text as words
from llmmon.lower.commands import owner
from llmmon.lower.pieces import origin, pieces
from llmmon.markdown import text
from llmmon.plan import shapes as sh
from llmmon.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from llmmon.plan import Alert, Fleet, Service
    from llmmon.problem import Positioned

Rules = tuple[tuple[str, "Alert"], ...]  # with the environment of each
Values = dict[str, str]

_PLACEHOLDER = re.compile(r"(?<![\w${])\{((?:[A-Z]\w*\.)?[a-z]\w*(?:\.\w+)?)\}(?!\})")


def fill(markdown: str, values: Mapping[str, str]) -> str:
    """The text with every placeholder that has a value; words get it escaped, code as it is."""
    out, at = [], 0
    for piece in pieces(markdown):
        out.append(markdown[at : piece.start])
        escape = _inside if piece.kind == "words" else str
        out.append(_PLACEHOLDER.sub(_with(values, escape), piece.text))
        at = piece.start + len(piece.text)
    return "".join((*out, markdown[at:]))


def unknown(document: Positioned, values: Mapping[str, str]) -> Iterator[Problem]:
    """The placeholders that have no value on this page."""
    whole = document.text.replace("\r\n", "\n")
    for found in _PLACEHOLDER.finditer(whole):
        if found[1] not in values:
            near = difflib.get_close_matches(found[1], values, 1, 0.6)
            short = [name for name in values if "." not in name]
            hint = f"did you mean {{{near[0]}}}?" if near else f"there are {', '.join(f'{{{name}}}' for name in short)}"
            message = f"this page knows no {{{found[1]}}}: {hint}"
            yield Problem(origin(document, found.start()), message, "prose-placeholder")


def values(fleet: Fleet, service: Service, rules: Rules, named: Mapping[str, Rules]) -> Values:
    """Every placeholder of an alert's page; `Other.threshold` is that of another alert of the service."""
    out = {"service": service.name, "team": service.team, **service.figures}
    if load := service.workload:
        out |= {"namespace": load.namespace, "workload": owner(load), "container": load.container}
    for severity, response in fleet.response.items():
        if response:
            out[f"acknowledge.{severity}"] = duration.words(response.acknowledge)
            out[f"resolve.{severity}"] = duration.words(response.resolve)
    worst = min(rules, key=lambda rule: list(fleet.response).index(rule[1].severity))[1].severity
    for name in ("acknowledge", "resolve"):
        if found := out.get(f"{name}.{worst}"):
            out[name] = found
    for name, others in named.items():
        out |= {f"{name}.{key}": value for key, value in _numbers(others).items()}
    return out | _numbers(rules)


def _numbers(rules: Rules) -> Values:
    out = {}
    for name, read in _NUMBERS.items():
        found = [(environment, alert.severity, value) for environment, alert in rules if (value := read(alert))]
        for severity in dict.fromkeys(item[1] for item in found):
            out[f"{name}.{severity}"] = _said([(item[0], item[2]) for item in found if item[1] == severity])
        if found and len({item[2] for item in found}) == 1:
            out[name] = found[0][2]
        elif found:
            each = {severity: out[f"{name}.{severity}"] for _, severity, _ in found}
            out[name] = ", ".join(f"{value} ({severity})" for severity, value in each.items())
    return out


def _said(found: Sequence[tuple[str, str]]) -> str:
    if len({value for _, value in found}) == 1:
        return found[0][1]
    return ", ".join(f"{value} in {environment}" for environment, value in found)


def _threshold(alert: Alert) -> str:
    match alert.shape.condition if alert.shape else None:
        case sh.Above(threshold=number) | sh.Below(number) | sh.Grows(number, _) | sh.FillsIn(number, _, _):
            return words.number(number, alert.unit)
        case sh.Strays(share, _) | sh.Budget(share=share) | sh.Overruns(share=share):
            return words.number(share, "ratio")
        case sh.Rises(factor, _, _) | sh.Drops(factor, _, _):
            return words.number(abs(factor - 1), "ratio")
        case sh.Deviates(sigma, _, _):
            return words.number(sigma, None)
        case sh.Stale(age):
            return duration.text(age)
    return ""


def _factor(alert: Alert) -> str:
    match alert.shape.condition if alert.shape else None:
        case sh.Rises(factor, _, _) | sh.Drops(factor, _, _) | sh.Burn(factor=factor):
            return words.number(factor, None)
    return ""


def _over(alert: Alert) -> str:
    """The time that a condition looks at or ahead."""
    match alert.shape.condition if alert.shape else None:
        case sh.Grows(_, time) | sh.FillsIn(_, time, _) | sh.Strays(_, time) | sh.Deviates(_, time, _):
            return duration.text(time)
        case sh.Rises(_, time, _) | sh.Drops(_, time, _) | sh.Budget(rolling=time) | sh.Exhausted(window=time):
            return duration.text(time)
    return ""


def _trend(alert: Alert) -> str:
    match alert.shape.condition if alert.shape else None:
        case sh.FillsIn(_, _, time) | sh.Overruns(trend=time):
            return duration.text(time)
        case sh.Budget(forecast=time) if time:
            return duration.text(time)
    return ""


def _hold(alert: Alert) -> str:
    return duration.text(alert.hold)


_NUMBERS: Mapping[str, Callable[[Alert], str]] = {
    "threshold": _threshold,
    "factor": _factor,
    "over": _over,
    "trend": _trend,
    "for": _hold,
}


def _inside(value: str) -> str:
    """Escaped as words that do not begin a line."""
    return text(f"a{value}")[1:]


def _with(values: Mapping[str, str], escape: Callable[[str], str]) -> Callable[[re.Match[str]], str]:
    return lambda found: escape(values[found[1]]) if found[1] in values else found[0]
