"""Which dashboards and rules are copies of what others publish, as on grafana.com, or what a mixin is compiled to."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from llmmon import lazily
from llmmon.documents.dashboards import text_of
from llmmon.problem import Level

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from llmmon.documents.dashboards import Dashboard
    from llmmon.problem import Positioned, Problem

_UIDS = frozenset(("rYdddlPWk", "xtkCtBkiz", "Kn5xm-gZk", "pMEd7m0Mz", "jwPKIsniz", "MsjffzSZz", "4dMaCsRZz"))
_TITLES = lazily.pattern(
    r"(?:Alertmanager|Cortex|etcd|Loki|Kubernetes|Mimir|Node Exporter|Prometheus|Thanos|Tempo) / |Node Exporter Full\b"
    r"|VictoriaMetrics - "
    r"|1 Node Exporter|Docker and system monitoring|Cadvisor exporter|Kafka Exporter Overview|NGINX exporter"
    r"|MySQL Overview\Z|RabbitMQ-Overview|Redis Dashboard for Prometheus|JVM \(Micrometer\)|Prometheus 2\.0 Overview",
    re.IGNORECASE,
)
_TAG = lazily.pattern(r"(?:\A|[-_ ])(?:generated|mixin)\Z", re.IGNORECASE)
_GENERATED = lazily.pattern(r"\bmixin\b|\b(?:generated|compiled) (?:automatically|by|from|with)\b", re.IGNORECASE)
_REVISION = lazily.pattern(r"_rev\d+\.json\Z")  # as a download from grafana.com is called
_MIXINS = (
    "kubernetes-monitoring/kubernetes-mixin",
    "https://runbooks.prometheus-operator.dev/",
    "app.kubernetes.io/part-of: kube-prometheus",
)


def is_of_mixin(document: Positioned) -> bool:
    """Whether the rules of a file are what one of the usual mixins is compiled to."""
    return any(mark in document.text for mark in _MIXINS)


def is_published(dashboard: Dashboard) -> bool:
    """Whether others write it, so that who has a copy changes nothing in it."""
    value = dashboard.value
    number, tags = value.get("gnetId"), value.get("tags")
    return (
        (isinstance(number, int) and number > 0)
        or dashboard.uid in _UIDS
        or _TITLES.match(dashboard.title) is not None
        or any(map(_TAG.search, map(str, tags if isinstance(tags, list) else ())))
        or _GENERATED.search(text_of(value.get("description"))) is not None
        or _REVISION.search(dashboard.origin.document.path) is not None
    )


def said(problems: Iterable[Problem], dashboards: Iterable[Dashboard], named: Collection[str]) -> Iterator[Problem]:
    """What is said, without the notes of copies that were found in a folder; and each of their warnings once."""
    documents = (one.origin.document for one in dashboards if is_published(one))
    copies = {id(document) for document in documents if document.path not in named}
    warned: set[str] = set()
    for problem in problems:
        if problem.level is Level.ERROR or id(problem.origin.document) not in copies:
            yield problem
        elif problem.level is Level.WARNING and problem.code not in warned:
            warned.add(problem.code)
            yield problem
