"""What the folder of a run says that its Prometheus scrapes: jobs, and whether their targets are listed."""

from __future__ import annotations

import functools
import re
from collections.abc import Container, Mapping
from typing import TYPE_CHECKING

from llmmon import lazily, nearby

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

_TEMPLATES = (".yml", ".yaml", ".j2", ".tmpl", ".tpl", ".tftpl", ".erb", ".sh")
_JOB = lazily.pattern(r"""^[ \t-]*job_name:[ \t]*["']?([^"'\s]+)""", re.MULTILINE)
_TARGETS = lazily.pattern(
    r"^[ \t-]*targets:[ \t]*(?:\[([^\]]*)\]|((?:\n[ \t]*-[ \t]+[^\s#]+[ \t]*(?:#.*)?$)*))", re.MULTILINE
)
_OF_LOGS = ("__path__", "/loki/api/v1/push")  # what reads logs has jobs as well
_INFRASTRUCTURE = frozenset(
    (
        *("agent", "alertmanager", "alloy", "blackbox", "cadvisor", "clickhouse", "collector", "docker", "etcd"),
        *("elasticsearch", "federate", "grafana", "jaeger", "kafka", "kube", "kubernetes", "loki", "mimir", "minio"),
        *("mongo", "mongodb", "mysql", "node", "nodes", "otel", "postgres", "postgresql", "prometheus", "promtail"),
        *("pushgateway", "rabbitmq", "redis", "statsd", "tempo", "thanos", "victoriametrics"),
    )
)


class Listed(Container[str]):
    """The jobs whose targets are listed: in the configurations of the run, and in templates, variables and pages below
    these paths, which are looked for when somebody first asks; and those that a run, which scrapes others, does not."""

    def __init__(self, paths: Sequence[Path], said: Iterable[str]) -> None:
        self.paths, self.said = paths, frozenset(said)

    def __contains__(self, job: object) -> bool:
        return job in self.said or self.found.get(str(job), bool(self.found))

    @functools.cached_property
    def found(self) -> Mapping[str, bool]:
        """Whether the targets of each job are listed somewhere."""
        found: dict[str, bool] = {}
        for text in _written(self.paths, (*_TEMPLATES, ".md")):
            for job, listed in _scraped(text):
                found[job] = found.get(job, False) or listed
        return found


class Jobs(Mapping[str, float]):
    """The applications that the texts below these paths scrape, by the names of their jobs, and how many targets each
    lists at most; some that are discovered are without number. They are looked for when somebody first asks."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self.paths = paths

    @functools.cached_property
    def found(self) -> Mapping[str, float]:
        found: dict[str, float] = {}
        for text in _written(self.paths):
            parts = [] if any(word in text for word in _OF_LOGS) else _JOB.split(text)
            for job, about in zip(parts[1::2], parts[2::2], strict=True):
                if not _is_infrastructure(job):
                    found[job] = max(found.get(job, 0), _targets(about))
        return found

    def __getitem__(self, job: str) -> float:
        return self.found[job]

    def __iter__(self) -> Iterator[str]:
        return iter(self.found)

    def __len__(self) -> int:
        return len(self.found)


def _is_infrastructure(job: str) -> bool:
    words = re.split(r"[\W_]+", job.lower())
    return "exporter" in job.lower() or not _INFRASTRUCTURE.isdisjoint(words)


def _targets(about: str) -> float:
    """How many targets what stands behind a job lists in one place, where it lists all."""
    listed = [len(one.replace(",", " ").split()) or more.count("\n") for one, more in _TARGETS.findall(about)]
    every = 0 not in listed and "{{" not in about and "_sd_configs" not in about
    return max(listed) if listed and every else float("inf")


def _written(paths: Sequence[Path], endings: Sequence[str] = _TEMPLATES) -> Iterator[str]:
    """What stands in templates and variables, or in files with other endings, below these paths."""
    return (nearby.start(file) for file in nearby.below(paths) if file.suffix in endings and file.is_file())


def _scraped(text: str) -> Iterator[tuple[str, bool]]:
    """The jobs in a text, and whether each has its own list of targets, and no discovery."""
    parts = _JOB.split(text)
    for job, about in zip(parts[1::2], parts[2::2], strict=True):
        listed = about.replace("file_sd_configs", "static_configs")
        yield job, "static_configs" in listed and "_sd_configs" not in listed
