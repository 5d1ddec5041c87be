"""The shapes of the objects that we write: every field of theirs, as the CRDs of the operators declare it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmmon.shape import (
    ANY,
    FLAG,
    FULL,
    LABELS,
    NAME,
    PATH,
    PORT,
    PORT_NAME,
    QUANTITY,
    SECRET_KEY,
    SUBDOMAIN,
    Each,
    Whole,
    text,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

SERIES_LABEL = text(r"[a-zA-Z_][a-zA-Z0-9_]*", "label name of Prometheus")
METRIC = text(r"[a-zA-Z_:][a-zA-Z0-9_:]*", "metric name")
# The operators' own pattern, without what it takes by accident: the empty string.
DURATION = text(
    r"0|(?=.)(?:\d+y)?(?:\d+w)?(?:\d+d)?(?:\d+h)?(?:\d+m(?!s))?(?:\d+s)?(?:\d+ms)?", "duration such as 30s or 1h30m"
)
SIZE = text(r"0|(?:\d*\.)?\d+(?:[KMGTEP]i?)?B", "size such as 50GB")
VERSION = text(r"v?\d+\.\d+\.\d+", "version of three numbers")
SCHEME = text(r"https?", "scheme: http or https")
ADDRESS = text(r"[^\s:/]+(?::\d{1,5})?", "address such as blackbox-exporter:9115")
URL = text(r"https?://[^\s]+", "URL")
PROBED = text(r"https?://[^\s]+|[^\s/]+:\d{1,5}", "URL or address with a port")
HOST = text(r"[^\s:]+:\d{1,5}", "address such as smtp.example.com:587")
CLOCK = text(r"(?:[01]\d|2[0-3]):[0-5]\d|24:00", "time of day")
WEEKDAY = text(r"(?:sun|mon|tues|wednes|thurs|fri|satur)day", "weekday")
MATCH = text(r"=|!=|=~|!~", "match type: =, !=, =~ or !~")

REPLICAS = Whole(1, 2**31 - 1)
SELECTOR = {"matchLabels": LABELS}
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
            **dict.fromkeys(("username", "title", "fallback", "color", "text"), FULL),
        }
    ],
    "pagerdutyConfigs": [
        {
            "sendResolved": FLAG,
            "routingKey": SECRET,
            "url": URL,
            **dict.fromkeys(("description", "severity", "class", "component", "group"), FULL),
            "details": PAIRS,
        }
    ],
    "emailConfigs": [
        {
            "sendResolved": FLAG,
            "to!": FULL,
            "from": FULL,
            "smarthost": HOST,
            "authUsername": FULL,
            "authPassword": SECRET,
            "requireTLS": FLAG,
            "headers": PAIRS,
            "html": ANY,
            "text": FULL,
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
            **dict.fromkeys(("message", "description", "priority"), FULL),
        }
    ],
    "msteamsv2Configs": [{"sendResolved": FLAG, "webhookURL!": SECRET, "title": FULL, "text": FULL}],
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
METADATA = {"name!": SUBDOMAIN, "namespace!": NAME, "labels": LABELS}


def of_object(kind: str) -> dict[str, Any]:
    """The shape of a whole object."""
    body = CORE[kind] if kind in CORE else {"spec!": SPECS[kind]}
    return {"apiVersion!": FULL, "kind!": FULL, "metadata!": METADATA, **body}
