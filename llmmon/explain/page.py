"""The page about an alert: what all its rules share, then a section for each environment and severity."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from llmmon import duration, promql
from llmmon.explain.muting import muting
from llmmon.explain.told import clock, told
from llmmon.explain.watched import panels, reads
from llmmon.plan.fleet import SEVERITIES
from llmmon.report import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from llmmon.explain.known import Known
    from llmmon.explain.muting import Muting
    from llmmon.plan import Alert, Facts, Rules, Service
    from llmmon.plan.fleet import Severity

_WIDTH = 120  # columns of an expression and of words
_ONE_LINE = 10_000  # of an expression where a section has many rules, as it has those of objectives
_MANY = 3  # rules
_TITLE = 12  # columns of a heading


def about(known: Known, alerts: Mapping[str, Sequence[Alert]], environments: Sequence[str], at: datetime) -> list[str]:
    """Everything about the rules of one alert."""
    service = _service(known)
    every = [alert for many in alerts.values() for alert in many]
    lines = [f"{service.name}/{every[0].name}", "", *_head(known, service, every, at)]
    muted = muting(known)
    for rules in service.rules:
        if rules.environment not in environments:
            continue
        many = alerts.get(rules.environment, ())
        said: set[str] = set()
        for severity in SEVERITIES:
            if some := [alert for alert in many if alert.severity == severity]:
                lines += ["", f"{rules.environment}, {severity}"]
                lines += _section(known, muted, rules, some, said, at)
        if not many:
            lines += ["", f"{rules.environment}: no such rule; it is off there, or demoted away"]
    return [shown(line.rstrip()) for line in lines]


def listing(known: Known, environments: Sequence[str]) -> list[str]:
    """The alerts of a service, with severity and summary; one that other environments demote says so."""
    service = _service(known)
    rows: dict[tuple[str, str], dict[Severity, str]] = {}
    for rules in service.rules:
        for alert in rules.alerts if rules.environment in environments else ():
            row = rows.setdefault((alert.name, alert.annotations["summary"]), {})
            row.setdefault(alert.severity, rules.environment)
    order = sorted(rows.items(), key=lambda row: (row[0][0], SEVERITIES.index(next(iter(row[1])))))
    table = [(name, _severities(found), summary) for (name, summary), found in order]
    table += [
        (reference.partition("/")[2], "off", why)
        for reference, (why, _) in sorted(known.off.items())
        if reference.startswith(f"{service.name}/")
    ]
    widths = [max((len(row[column]) for row in table), default=0) for column in (0, 1)]
    lines = [f"{name:<{widths[0]}}  {severity:<{widths[1]}}  {summary}" for name, severity, summary in table]
    return [shown(line) for line in lines or [f"{service.name} has no alerts"]]


def off(known: Known, reference: str) -> list[str]:
    """An alert that no environment has, and why."""
    why, origin = known.off[reference]
    return [shown(line) for line in (reference, *_field("defined", [str(origin)]), *_field("off", [why]))]


def _head(known: Known, service: Service, alerts: Sequence[Alert], at: datetime) -> Iterator[str]:
    first = alerts[0]
    yield from _field("defined", dict.fromkeys(line for alert in alerts for line in _defined(alert)))
    prose = service.prose.get(first.name)
    page = f"generated/runbooks/{service.name}/{first.name}.md"
    written = [f"with the words of {prose.path}"] if prose else []
    yield from _field("runbook", [first.annotations["runbook_url"], page, *written])
    boards = panels(service, alerts)
    lines = [
        line
        for title, uid, titles in boards
        for line in (*_wrapped(f"{title} / {', '.join(titles)}"), f"  {known.fleet.dashboards.replace('{uid}', uid)}")
    ]
    yield from _field("panels", lines or ["no panel shows what it watches"])
    yield from _field("moment", [clock(at)])


def _defined(alert: Alert) -> Iterator[str]:
    yield f"{alert.origin} {'.'.join(map(str, alert.origin.keys))}".rstrip()
    if alert.origin.via:
        yield f"  by the preset, {alert.origin.via} {'.'.join(map(str, alert.origin.via.keys))}"


def _section(
    known: Known, muted: Muting, rules: Rules, alerts: Sequence[Alert], said: set[str], at: datetime
) -> Iterator[str]:
    """Of rules that have environment and severity in common; `said` are the series that were shown already."""

    def facts(of: Callable[[Facts], Iterable[str]]) -> Callable[[Alert], Iterable[str]]:
        return lambda alert: of(known.fact(alert))

    yield from _field("summary", _long(_merged(alerts, lambda alert: [alert.annotations["summary"]])))
    yield from _field("expression", _merged(alerts, lambda alert: _expression(alert.expr, alerts)))
    yield from _field("reads", _recorded(rules, alerts, said))
    yield from _field("for", _merged(alerts, lambda alert: [_held(alert)]))
    yield from _field("labels", _wrapped(_labels(alerts)))
    yield from _field("carries", _merged(alerts, lambda alert: [", ".join(sorted(alert.carries)) or "no series label"]))
    yield from _field("told", _merged(alerts, facts(lambda fact: told(known.fleet, fact.labels, at))))
    yield from _field("muted by", _long(_by_line(alerts, facts(muted.muted_by)) or ["nothing"]))
    yield from _field("mutes", _long(_by_line(alerts, facts(muted.mutes)) or ["nothing"]))


def _held(alert: Alert) -> str:
    held = duration.text(alert.hold) if alert.hold else "0s, so it fires at once"
    return f"{held}; keeps firing for {duration.text(alert.keep)}" if alert.keep else held


def _labels(alerts: Iterable[Alert]) -> str:
    """`severity=critical slo=availability|latency`."""
    values: dict[str, dict[str, None]] = {}
    for alert in alerts:
        for name, value in alert.labels.items():
            values.setdefault(name, {})[value] = None
    return " ".join(f"{name}={'|'.join(found)}" for name, found in values.items())


def _recorded(rules: Rules, alerts: Sequence[Alert], said: set[str]) -> Iterator[str]:
    for name, expr in reads(rules, alerts):
        if name in said:
            yield f"{name} (see above)"
            continue
        said.add(name)
        yield name
        yield from (f"  {line}" for line in _expression(expr, alerts))


def _expression(expr: promql.Expr, alerts: Sequence[Alert]) -> list[str]:
    return promql.pretty(expr, _WIDTH if len(alerts) < _MANY else _ONE_LINE).split("\n")


def _merged(alerts: Sequence[Alert], of: Callable[[Alert], Iterable[str]]) -> list[str]:
    """What is the same of all these rules once; what differs below the variants that say it."""
    said: dict[tuple[str, ...], list[str]] = {}
    for alert in alerts:
        said.setdefault(tuple(of(alert)), []).append(_variant(alert))
    if len(said) == 1:
        return list(next(iter(said)))
    out = []
    for lines, variants in said.items():
        names = f"{', '.join(variants)}:"
        out += [f"{names} {lines[0]}"] if len(lines) == 1 else [names, *(f"  {line}" for line in lines)]
    return out


def _by_line(alerts: Sequence[Alert], of: Callable[[Alert], Iterable[str]]) -> list[str]:
    """Each line once, after the variants that say it where not all of them do."""
    said: dict[str, list[str]] = {}
    for alert in alerts:
        for line in of(alert):
            said.setdefault(line, []).append(_variant(alert))
    return [
        line if len(variants) == len(alerts) else f"{', '.join(variants)}: {line}" for line, variants in said.items()
    ]


def _variant(alert: Alert) -> str:
    return alert.id.partition("@")[2]


def _field(title: str, lines: Iterable[str]) -> list[str]:
    heads = [title]
    return [f"  {heads.pop() if heads else '':<{_TITLE}}{line}" for line in lines]


def _long(lines: Iterable[str]) -> list[str]:
    return [part for line in lines for part in _wrapped(line)]


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, subsequent_indent="  ", break_on_hyphens=False, break_long_words=False)


def _severities(found: Mapping[Severity, str]) -> str:
    first, *rest = found
    return f"{first} ({', '.join(f'{severity} in {found[severity]}' for severity in rest)})" if rest else first


def _service(known: Known) -> Service:
    assert known.service is not None
    return known.service
