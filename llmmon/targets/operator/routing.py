"""AlertmanagerConfig: the fleet's receivers, routes, inhibitions and intervals, with secrets as key selectors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmmon import duration
from llmmon.lower.intervals import MIDNIGHT, NAMES
from llmmon.plan.fleet import Secret
from llmmon.routing import GROUP_BY, receivers, routes, walk
from llmmon.targets.operator.objects import of_kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from llmmon.inhibition import Inhibition
    from llmmon.plan import Fleet
    from llmmon.plan.fleet import Interval, Receiver, Span
    from llmmon.plan.operator import Operator
    from llmmon.routing import Matcher, Route

TITLE = '{{ template "llmmon.title" . }}'
TEXT = '{{ template "llmmon.text" . }}'
# By kind of receiver: its key, the field of each option, and what each message says.
FIELDS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "slack": ("slackConfigs", {"channel": "channel", "secret": "apiURL", "username": "username"}),
    "pagerduty": ("pagerdutyConfigs", {"secret": "routingKey", "url": "url"}),
    "email": (
        "emailConfigs",
        {
            "to": "to",
            "from": "from",
            "smarthost": "smarthost",
            "username": "authUsername",
            "secret": "authPassword",
            "require_tls": "requireTLS",
        },
    ),
    "webhook": (
        "webhookConfigs",
        {"url": "url", "secret": "urlSecret", "bearer": "httpConfig.authorization.credentials"},
    ),
    "opsgenie": ("opsgenieConfigs", {"secret": "apiKey", "url": "apiURL"}),
    "teams": ("msteamsv2Configs", {"secret": "webhookURL"}),
}
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
        "details": [
            {"key": "summary", "value": "{{ .CommonAnnotations.summary }}"},
            {"key": "runbook", "value": "{{ .CommonAnnotations.runbook_url }}"},
            {"key": "dashboard", "value": "{{ .CommonAnnotations.dashboard_url }}"},
        ],
    },
    "email": {
        "headers": [{"key": "Subject", "value": TITLE}],
        "html": '{{ template "llmmon.email.html" . }}',
        "text": TEXT,
    },
    "opsgenie": {"message": TITLE, "description": TEXT, "priority": '{{ template "llmmon.opsgenie.priority" . }}'},
    "teams": {"title": TITLE, "text": '{{ template "llmmon.teams.text" . }}'},
}


def alertmanager_config(fleet: Fleet, operator: Operator, rules: Iterable[Inhibition]) -> dict[str, Any]:
    """The object; lowering has refused what it has no words for."""
    tree = routes(fleet)
    intervals = {i.text: i for route in walk(tree) for i in (route.active, route.quiet) if i}
    spec = {
        "route": {"receiver": tree.receiver, "groupBy": list(GROUP_BY), **_timing(tree), **_below(tree)},
        "inhibitRules": [_rule(rule) for rule in rules],
        "muteTimeIntervals": [_interval(interval) for interval in intervals.values()],
        "receivers": [_receiver(fleet, name, ways) for name, ways, _ in receivers(fleet)],
    }
    spec = {key: value for key, value in spec.items() if value}
    return of_kind(operator, "AlertmanagerConfig", fleet.name, {"spec": spec})


def _receiver(fleet: Fleet, name: str, ways: Iterable[Receiver]) -> dict[str, Any]:
    out: dict[str, Any] = {"name": name}
    for way in ways:
        if way.kind in FIELDS:
            out.setdefault(FIELDS[way.kind][0], []).append(_integration(fleet, way))
    return out


def _integration(fleet: Fleet, way: Receiver) -> dict[str, Any]:
    """Each says the fleet's defaults for itself: an AlertmanagerConfig has no `global`."""
    out: dict[str, Any] = {"sendResolved": True}
    for name, value in {**fleet.defaults.get(way.kind, {}), **way.options}.items():
        field = "sendResolved" if name == "resolved" else FIELDS[way.kind][1][name]
        _put(out, field.split("."), {"name": value.name, "key": value.key} if isinstance(value, Secret) else value)
    return {**out, **WORDS.get(way.kind, {})}


def _put(out: dict[str, Any], path: list[str], value: object) -> None:
    for key in path[:-1]:
        out = out.setdefault(key, {})
    out[path[-1]] = value


def _route(route: Route) -> dict[str, Any]:
    return {
        "receiver": route.receiver,
        "matchers": [_matcher(matcher) for matcher in route.matchers],
        **({"continue": True} if route.continues else {}),
        **_timing(route),
        **({"activeTimeIntervals": [route.active.text]} if route.active else {}),
        **({"muteTimeIntervals": [route.quiet.text]} if route.quiet else {}),
        **_below(route),
    }


def _below(route: Route) -> dict[str, Any]:
    return {"routes": [_route(child) for child in route.routes]} if route.routes else {}


def _timing(route: Route) -> dict[str, str]:
    said = {"groupWait": route.wait, "groupInterval": route.group_interval, "repeatInterval": route.repeat}
    return {key: duration.text(value) for key, value in said.items() if value is not None}


def _rule(rule: Inhibition) -> dict[str, Any]:
    return {
        "sourceMatch": [_matcher(matcher) for matcher in rule.source],
        "targetMatch": [_matcher(matcher) for matcher in rule.target],
        "equal": list(rule.equal),
    }


def _matcher(matcher: Matcher) -> dict[str, str]:
    kind, value = matcher.operator_and_value
    return {"name": matcher.label, "matchType": kind, "value": value}


def _interval(interval: Interval) -> dict[str, Any]:
    return {"name": interval.text, "timeIntervals": [_span(span) for span in interval.spans]}


def _span(span: Span) -> dict[str, Any]:
    out: dict[str, Any] = {}
    if span.start or span.end != MIDNIGHT:
        out["times"] = [{"startTime": _clock(span.start), "endTime": _clock(span.end)}]
    if len(span.weekdays) < 7:
        out["weekdays"] = [NAMES[day] for day in span.weekdays]
    return out


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
