"""A fleet's receivers, routes, inhibitions and intervals in the words of alertmanager.yml."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from llmmon import duration
from llmmon.lower.intervals import MIDNIGHT, NAMES
from llmmon.lower.receivers import JIRA_PASSWORD, KINDS, secret_file
from llmmon.plan.fleet import Secret
from llmmon.routing import GROUP_BY, receivers, routes, walk

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from llmmon.inhibition import Inhibition
    from llmmon.lower.receivers import Path, Value
    from llmmon.plan.fleet import Fleet, Interval, Receiver, Span
    from llmmon.problem import Keys, Origin
    from llmmon.routing import Matcher, Route

TEMPLATES = "templates/llmmon.tmpl"  # seen from the file
TITLE = '{{ template "llmmon.title" . }}'
TEXT = '{{ template "llmmon.text" . }}'
WORDS: Mapping[str, Mapping[str, Any]] = {
    "slack": {
        "title": TITLE,
        "fallback": TITLE,
        "color": '{{ template "llmmon.slack.color" . }}',
        "text": '{{ template "llmmon.slack.text" . }}',
    },
    "pagerduty": {
        "description": TITLE,
        "severity": '{{ template "llmmon.pagerduty.severity" . }}',
        "class": "{{ .CommonLabels.alertname }}",
        "component": "{{ .CommonLabels.service }}",
        "group": "{{ .CommonLabels.environment }}",
        "details": {
            "summary": "{{ .CommonAnnotations.summary }}",
            "runbook": "{{ .CommonAnnotations.runbook_url }}",
            "dashboard": "{{ .CommonAnnotations.dashboard_url }}",
        },
    },
    "email": {"headers": {"Subject": TITLE}, "html": '{{ template "llmmon.email.html" . }}', "text": TEXT},
    "opsgenie": {"message": TITLE, "description": TEXT, "priority": '{{ template "llmmon.opsgenie.priority" . }}'},
    "jira": {"summary": TITLE, "description": TEXT},
    "teams": {"title": TITLE, "text": '{{ template "llmmon.teams.text" . }}'},
}


def configuration(fleet: Fleet, rules: Iterable[Inhibition]) -> tuple[dict[str, Any], dict[Keys, Origin]]:
    """The whole file as a value, and which line of the spec made which part of it."""
    tree = routes(fleet)
    intervals = {i.text: i for route in walk(tree) for i in (route.active, route.quiet) if i}
    told = list(receivers(fleet))
    out: dict[str, Any] = {
        "global": _global(fleet),
        "templates": [TEMPLATES],
        "route": {"receiver": tree.receiver, "group_by": list(GROUP_BY), **_timing(tree), **_below(tree)},
        "inhibit_rules": [_rule(rule) for rule in rules],
        "time_intervals": [_interval(interval) for interval in intervals.values()],
        "receivers": [_receiver(fleet, name, ways) for name, ways, _ in told],
    }
    origins: dict[Keys, Origin] = {(): fleet.origin}
    origins.update((("receivers", index), origin) for index, (_, _, origin) in enumerate(told))
    origins.update((("time_intervals", index), i.origin) for index, i in enumerate(intervals.values()))
    _origins(tree, ("route",), origins)
    return {key: value for key, value in out.items() if value}, origins


def secrets(fleet: Fleet) -> tuple[Secret, ...]:
    """Every secret that the file names, each once, in order; those of the user's own file he knows himself."""
    teams = (way for team in fleet.teams.values() for ways in team.receivers.values() for way in ways)
    everyone = [way.options for way in (*fleet.catch_all, *fleet.watchdog, *teams)]
    said = (value for options in (*everyone, *fleet.defaults.values()) for value in options.values())
    return tuple(sorted({value for value in said if isinstance(value, Secret)}, key=lambda one: (one.name, one.key)))


def _global(fleet: Fleet) -> dict[str, Value]:
    """What receivers share. With a file of the user's own `global:` is his, so each of our receivers says it."""
    if fleet.base is not None:
        return {}
    options = (
        (KINDS[kind].option(name), value) for kind, said in fleet.defaults.items() for name, value in said.items()
    )
    return {option.default: _plain(value) for option, value in options if option and option.default}


def _receiver(fleet: Fleet, name: str, ways: Iterable[Receiver]) -> dict[str, Any]:
    out: dict[str, Any] = {"name": name}
    for way in ways:
        out.setdefault(KINDS[way.kind].config, []).append(_integration(fleet, way))
    return out


def _integration(fleet: Fleet, way: Receiver) -> dict[str, Any]:
    kind = KINDS[way.kind]
    out: dict[str, Any] = {"send_resolved": True}
    shared = {
        name: value
        for name, value in fleet.defaults.get(way.kind, {}).items()
        if fleet.base is not None or not ((option := kind.option(name)) and option.default)
    }
    said = {**shared, **way.options}
    for name, value in said.items():
        if option := kind.option(name):
            password = way.kind == "jira" and name == "secret" and "user" in said
            _put(out, JIRA_PASSWORD if password else option.field, _plain(value))
    return {**out, **WORDS.get(way.kind, {})}


def _put(out: dict[str, Any], path: Path, value: object) -> None:
    for key in path[:-1]:
        out = out.setdefault(key, {})
    out[path[-1]] = value


def _plain(value: Value) -> str | bool:
    return secret_file(value) if isinstance(value, Secret) else value


def _route(route: Route) -> dict[str, Any]:
    return {
        "receiver": route.receiver,
        "matchers": _matchers(route.matchers),
        **({"continue": True} if route.continues else {}),
        **_timing(route),
        **({"active_time_intervals": [route.active.text]} if route.active else {}),
        **({"mute_time_intervals": [route.quiet.text]} if route.quiet else {}),
        **_below(route),
    }


def _below(route: Route) -> dict[str, Any]:
    return {"routes": [_route(child) for child in route.routes]} if route.routes else {}


def _timing(route: Route) -> dict[str, str]:
    said = {"group_wait": route.wait, "group_interval": route.group_interval, "repeat_interval": route.repeat}
    return {key: duration.text(value) for key, value in said.items() if value is not None}


def _rule(rule: Inhibition) -> dict[str, Any]:
    return {
        "source_matchers": _matchers(rule.source),
        "target_matchers": _matchers(rule.target),
        "equal": list(rule.equal),
    }


def _matchers(matchers: Iterable[Matcher]) -> list[str]:
    return [str(matcher) for matcher in matchers]


def _interval(interval: Interval) -> dict[str, Any]:
    return {"name": interval.text, "time_intervals": [_span(span, interval.location) for span in interval.spans]}


def _span(span: Span, location: str) -> dict[str, Any]:
    out: dict[str, Any] = {}
    if span.start or span.end != MIDNIGHT:
        out["times"] = [{"start_time": _clock(span.start), "end_time": _clock(span.end)}]
    if len(span.weekdays) < 7:
        out["weekdays"] = _weekdays(span.weekdays)
    return {**out, "location": location}


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _weekdays(days: Iterable[int]) -> list[str]:
    """Runs of days; Alertmanager's week begins on Sunday, and a run may not go past its end."""
    week = sorted((day + 1) % 7 for day in days)
    runs = [[day for _, day in run] for _, run in groupby(enumerate(week), lambda item: item[1] - item[0])]
    names = [[NAMES[(day - 1) % 7] for day in run] for run in runs]
    return [run[0] if len(run) == 1 else f"{run[0]}:{run[-1]}" for run in names]


def _origins(route: Route, keys: Keys, out: dict[Keys, Origin]) -> None:
    for index, child in enumerate(route.routes):
        here = (*keys, "routes", index)
        out[here] = child.origin
        _origins(child, here, out)
