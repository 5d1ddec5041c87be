"""The shapes of the objects that we write: every field of theirs, as the CRDs of the operators declare it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from llmmon.problem import Keys


@dataclass(frozen=True, slots=True)
class Text:
    """A string of this form; `what` names it in a message."""

    form: re.Pattern[str]
    what: str


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number from `least` to `most`."""

    least: int
    most: int


@dataclass(frozen=True, slots=True)
class Each:
    """A map with any keys of this form."""

    key: Text
    value: Text


_LABEL = r"[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?"
_QUALIFIED = r"[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?"


def _text(form: str, what: str) -> Text:
    return Text(re.compile(form, re.DOTALL), what)


ANY = _text(".*", "text")
FULL = _text(".+", "text that is not empty")
NAME = _text(_LABEL, "DNS label of at most 63 characters (RFC 1123)")
SUBDOMAIN = _text(rf"(?=.{{1,253}}\Z){_LABEL}(?:\.{_LABEL})*", "DNS subdomain of at most 253 characters (RFC 1123)")
KEY = _text(rf"(?:(?=[^/]{{1,253}}/){_LABEL}(?:\.{_LABEL})*/)?{_QUALIFIED}", "label key of Kubernetes")
VALUE = _text(rf"(?:{_QUALIFIED})?", "label value of Kubernetes, at most 63 characters")
SERIES_LABEL = _text(r"[a-zA-Z_][a-zA-Z0-9_]*", "label name of Prometheus")
METRIC = _text(r"[a-zA-Z_:][a-zA-Z0-9_:]*", "metric name")
# The operators' own pattern, without what it takes by accident: the empty string.
DURATION = _text(
    r"0|(?=.)(?:\d+y)?(?:\d+w)?(?:\d+d)?(?:\d+h)?(?:\d+m(?!s))?(?:\d+s)?(?:\d+ms)?", "duration such as 30s or 1h30m"
)
SIZE = _text(r"0|(?:\d*\.)?\d+(?:[KMGTEP]i?)?B", "size such as 50GB")
QUANTITY = _text(r"\d+(?:\.\d+)?(?:[KMGTPE]i|[kMGTPE])?", "quantity such as 100Gi")
VERSION = _text(r"v?\d+\.\d+\.\d+", "version of three numbers")
PORT_NAME = _text(r"(?=[0-9-]*[a-z])(?=.{1,15}\Z)[a-z0-9]+(?:-[a-z0-9]+)*", "name of a port")
SCHEME = _text(r"https?", "scheme: http or https")
PATH = _text(r"/[^\s]*", "path")
ADDRESS = _text(r"[^\s:/]+(?::\d{1,5})?", "address such as blackbox-exporter:9115")
URL = _text(r"https?://[^\s]+", "URL")
PROBED = _text(r"https?://[^\s]+|[^\s/]+:\d{1,5}", "URL or address with a port")
HOST = _text(r"[^\s:]+:\d{1,5}", "address such as smtp.example.com:587")
SECRET_KEY = _text(r"[-._A-Za-z0-9]{1,253}", "key of a Secret")
CLOCK = _text(r"(?:[01]\d|2[0-3]):[0-5]\d|24:00", "time of day")
WEEKDAY = _text(r"(?:sun|mon|tues|wednes|thurs|fri|satur)day", "weekday")
MATCH = _text(r"=|!=|=~|!~", "match type: =, !=, =~ or !~")
FLAG = bool

REPLICAS = Whole(1, 2**31 - 1)
PORT = Whole(1, 65_535)
SELECTOR = {"matchLabels": Each(KEY, VALUE)}
SECRET = {"name!": SUBDOMAIN, "key!": SECRET_KEY}
STORAGE = {"volumeClaimTemplate!": {"spec!": {"resources!": {"requests!": {"storage!": QUANTITY}}}}}
ENDPOINT = {
    "port": PORT_NAME,
    "path": PATH,
    "scheme": SCHEME,
    "interval": DURATION,
    "scrapeTimeout": DURATION,
    "authorization": {"credentials!": SECRET},
    "relabelings": [{"targetLabel!": SERIES_LABEL, "replacement!": ANY}],
}
RULES = {
    "groups!": [
        {
            "name!": FULL,
            "interval": DURATION,
            "rules!": [
                {
                    "record": METRIC,
                    "alert": FULL,
                    "expr!": FULL,
                    "for": DURATION,
                    "keep_firing_for": DURATION,
                    "labels": Each(SERIES_LABEL, ANY),
                    "annotations": Each(SERIES_LABEL, ANY),
                }
            ],
        }
    ]
}
MATCHERS = [{"name!": SERIES_LABEL, "matchType!": MATCH, "value!": ANY}]
TIMING = {"groupWait": DURATION, "groupInterval": DURATION, "repeatInterval": DURATION}
ROUTE: dict[str, Any] = {
    "receiver!": FULL,
    "matchers": MATCHERS,
    "groupBy": [SERIES_LABEL],
    "continue": FLAG,
    **TIMING,
    "activeTimeIntervals": [FULL],
    "muteTimeIntervals": [FULL],
}
ROUTE["routes"] = [ROUTE]
PAIRS = [{"key!": FULL, "value!": ANY}]
RECEIVER = {
    "name!": FULL,
    "slackConfigs": [
        {
            "sendResolved": FLAG,
            "apiURL": SECRET,
            "channel": FULL,
            **dict.fromkeys(("username", "title", "fallback", "color", "text"), ANY),
        }
    ],
    "pagerdutyConfigs": [
        {
            "sendResolved": FLAG,
            "routingKey": SECRET,
            "url": URL,
            **dict.fromkeys(("description", "severity", "class", "component", "group"), ANY),
            "details": PAIRS,
        }
    ],
    "emailConfigs": [
        {
            "sendResolved": FLAG,
            "to!": FULL,
            "from": FULL,
            "smarthost": HOST,
            "authUsername": ANY,
            "authPassword": SECRET,
            "requireTLS": FLAG,
            "headers": PAIRS,
            "html": ANY,
            "text": ANY,
        }
    ],
    "webhookConfigs": [
        {
            "sendResolved": FLAG,
            "url": URL,
            "urlSecret": SECRET,
            "httpConfig": {"authorization!": {"credentials!": SECRET}},
        }
    ],
    "opsgenieConfigs": [
        {
            "sendResolved": FLAG,
            "apiKey": SECRET,
            "apiURL": URL,
            **dict.fromkeys(("message", "description", "priority"), ANY),
        }
    ],
    "msteamsv2Configs": [{"sendResolved": FLAG, "webhookURL!": SECRET, "title": ANY, "text": ANY}],
}
SPECS: Mapping[str, Any] = {
    "ServiceMonitor": {
        "selector!": SELECTOR,
        "namespaceSelector": {"matchNames!": [NAME]},
        "endpoints!": [{**ENDPOINT, "targetPort": PORT}],
    },
    "PodMonitor": {
        "selector!": SELECTOR,
        "namespaceSelector": {"matchNames!": [NAME]},
        "podMetricsEndpoints!": [{**ENDPOINT, "portNumber": PORT}],
    },
    "Probe": {
        "jobName": FULL,
        "prober!": {"url!": ADDRESS},
        "module": FULL,
        "interval": DURATION,
        "targets!": {"staticConfig!": {"static!": [PROBED], "labels": Each(SERIES_LABEL, ANY)}},
    },
    "PrometheusRule": RULES,
    "VMRule": RULES,
    "Prometheus": {
        "replicas": REPLICAS,
        "version": VERSION,
        "serviceAccountName": SUBDOMAIN,
        "scrapeInterval": DURATION,
        "evaluationInterval": DURATION,
        "retention": DURATION,
        "retentionSize": SIZE,
        **{f"{kind}Selector!": SELECTOR for kind in ("rule", "serviceMonitor", "podMonitor", "probe")},
        **{f"{kind}NamespaceSelector!": SELECTOR for kind in ("rule", "serviceMonitor", "podMonitor", "probe")},
        "alerting": {"alertmanagers!": [{"name!": SUBDOMAIN, "namespace": NAME, "port!": PORT_NAME}]},
        "storage": STORAGE,
    },
    "Alertmanager": {
        "replicas": REPLICAS,
        "version": VERSION,
        "configSecret": SUBDOMAIN,
        "secrets": [SUBDOMAIN],
        "alertmanagerConfiguration": {"name!": SUBDOMAIN, "templates": [{"configMap!": SECRET}]},
        "storage": STORAGE,
    },
    "AlertmanagerConfig": {
        "route!": ROUTE,
        "inhibitRules": [{"sourceMatch!": MATCHERS, "targetMatch!": MATCHERS, "equal": [SERIES_LABEL]}],
        "muteTimeIntervals": [
            {
                "name!": FULL,
                "timeIntervals": [{"times": [{"startTime!": CLOCK, "endTime!": CLOCK}], "weekdays": [WEEKDAY]}],
            }
        ],
        "receivers!": [RECEIVER],
    },
}
CORE: Mapping[str, Any] = {
    "ConfigMap": {"data!": Each(SECRET_KEY, ANY)},
    "Secret": {"type!": FULL, "stringData!": Each(SECRET_KEY, ANY)},
}
METADATA = {"name!": SUBDOMAIN, "namespace!": NAME, "labels": Each(KEY, VALUE)}


def of_object(kind: str) -> dict[str, Any]:
    """The shape of a whole object."""
    body = CORE[kind] if kind in CORE else {"spec!": SPECS[kind]}
    return {"apiVersion!": FULL, "kind!": FULL, "metadata!": METADATA, **body}


def faults(value: object, shape: Any, keys: Keys = ()) -> Iterator[tuple[Keys, str]]:
    """Where a value is not of a shape, and why. A key with `!` is required, others may be absent; none may be more.

    A list has at least one item: who has none leaves the key out.
    """
    match shape:
        case Text():
            if not isinstance(value, str) or not shape.form.fullmatch(value):
                yield keys, f"{_shown(value)} is no {shape.what}"
        case type():
            if not isinstance(value, shape):
                yield keys, f"{_shown(value)} is neither true nor false"
        case Whole(least, most):
            if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
                yield keys, f"{_shown(value)} is no whole number from {least} to {most}"
        case Each(key, inner):
            for name, item in value.items() if isinstance(value, dict) else ():
                yield from faults(name, key, (*keys, name))
                yield from faults(item, inner, (*keys, name))
            if not isinstance(value, dict):
                yield keys, f"{_shown(value)} is no map"
        case list():
            if not isinstance(value, list) or not value:
                yield keys, f"{_shown(value)} is no list with something in it"
            for index, item in enumerate(value) if isinstance(value, list) else ():
                yield from faults(item, shape[0], (*keys, index))
        case _:
            yield from _map_faults(value, shape, keys)


def _map_faults(value: object, shape: Mapping[str, Any], keys: Keys) -> Iterator[tuple[Keys, str]]:
    if not isinstance(value, dict):
        yield keys, f"{_shown(value)} is no map"
        return
    inside = {name.rstrip("!"): inner for name, inner in shape.items()}
    for name in shape:
        if name.endswith("!") and name[:-1] not in value:
            yield keys, f"{name[:-1]} is missing"
    for name, item in value.items():
        if name in inside:
            yield from faults(item, inside[name], (*keys, name))
        else:
            yield (*keys, name), f"there is no field {_shown(name)}"


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
