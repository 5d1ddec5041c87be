"""The series of a metric: which label values there are, and which of them tell of trouble."""

from __future__ import annotations

import itertools
import re
import zlib
from typing import TYPE_CHECKING

from llmmon import catalogue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.plan import Metric

MOST = 24  # series per metric
_TROUBLE = re.compile(
    r"(?i)(?:^|[^a-z0-9])(?:5[0-9][0-9]|5xx|429)(?:$|[^a-z0-9])"
    r"|error|fail|abort|timeout|reject|corrupt|preempt|cooled|evict|exception|drop|retract|overload|unhealthy|oom|xid|_other"
)
_PLAYED = {  # values of open labels that a reader expects to see
    "model_name": ("llama-3-70b", "llama-3-8b"),
    "model": ("gpt-4o", "gpt-4o-mini"),
    "requested_model": ("gpt-4o", "gpt-4o-mini"),
    "status_code": ("200", "429", "500"),
    "exception_status": ("429", "500"),
    "exception_class": ("InternalServerError", "RouterRateLimitError"),
    "method": ("POST",),
    "handler": ("/v1/chat/completions",),
    "route": ("/v1/chat/completions",),
    "path": ("/v1/chat/completions",),
    "engine": ("0",),
    "gpu": ("0", "1"),
    "position": ("0", "1"),
    "type": ("search", "write"),
    "version": ("1",),
}


def series(metric: Metric) -> Iterator[dict[str, str]]:
    """Label sets: each closed value, and one or a few made-up ones of open labels."""
    labels = catalogue.exposed(metric)
    choices = [sorted(values) if values else _PLAYED.get(label, (label,)) for label, values in labels.items()]
    for values in itertools.islice(itertools.product(*choices), MOST):
        yield dict(zip(labels, values, strict=True))


def is_trouble(metric: Metric, labels: dict[str, str]) -> bool:
    """Whether a series counts what goes wrong, by its name or by a label's value."""
    return bool(_TROUBLE.search(metric.name)) or tells_of_trouble(metric, labels)


def tells_of_trouble(metric: Metric, labels: dict[str, str]) -> bool:
    """Whether a label's value says that it went wrong."""
    closed = (value for label, value in labels.items() if metric.labels.get(label) or label in _PLAYED)
    return any(map(_TROUBLE.search, closed))


def share(name: str, labels: dict[str, str]) -> float:
    """A number between 0.5 and 1 that is always the same for a series, so that no two are alike."""
    return 0.5 + (zlib.crc32(f"{name}{sorted(labels.items())}".encode()) % 1000) / 2000
