"""What a Prometheus configuration says of the targets of its jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from llmmon.source.values import Value

_LISTED = "static_configs"
_FILES = "file_sd_configs"
_FOUND = "_sd_configs"


def fixed(configuration: dict[str, Value]) -> set[str]:
    """The jobs whose targets are listed, there or in files, and none of them discovered."""
    jobs = configuration.get("scrape_configs")
    return {
        str(job.get("job_name"))
        for job in (jobs if isinstance(jobs, list) else ())
        if isinstance(job, dict)
        and (job.get(_LISTED) or job.get(_FILES))
        and not any(key.endswith(_FOUND) and key != _FILES for key in job)
    }
