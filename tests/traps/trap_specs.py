# ruff: noqa: E501 - a metric is one line
"""A tracker of costs as its document describes it, and what is said about it once a trap is written into it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from conftest import FLEET

from llmmon import pipeline
from llmmon.problem import Rejected

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from llmmon.problem import Problem

SPEC = """\
service: tracker
team: inference
selector: {job: tracker}
workload: {namespace: llm, name: tracker}
uses: [http, process, node]
metrics:
  llm_cost_tracker_total_cost_usd: {type: counter, misnamed: true, unit: USD, labels: [application, model], help: Cost.}
  llm_cost_tracker_hourly_cost_rate: {type: gauge, unit: USD, labels: [application, model], help: Cost.}
  llm_cost_tracker_monthly_budget_limit: {type: gauge, unit: USD, labels: [application], help: Limit.}
  llm_cost_tracker_daily_budget_limit: {type: gauge, unit: USD, labels: [application], help: Limit.}
  llm_cost_tracker_requests_total: {type: counter, unit: requests, labels: [model, status, user], help: Requests.}
  llm_cost_tracker_errors_total: {type: counter, unit: requests, labels: [type], help: Errors.}
  llm_cost_tracker_prompt_tokens_total: {type: counter, unit: tokens, labels: [application, model], help: Tokens.}
  llm_cost_tracker_completion_tokens_total: {type: counter, unit: tokens, labels: [application, model], help: Tokens.}
  llm_cost_tracker_request_duration_seconds: {type: histogram, unit: seconds, labels: [model], buckets: [100ms, 1s], help: Time.}
  llm_cost_tracker_memory_usage_bytes: {type: gauge, unit: bytes, labels: [component], help: Memory.}
  llm_cost_tracker_memory_limit_bytes: {type: gauge, unit: bytes, help: Memory.}
  llm_cost_tracker_cpu_usage_ratio: {type: gauge, unit: ratio, labels: [operation], help: CPU.}
  llm_cost_tracker_database_size_bytes: {type: gauge, unit: bytes, help: Size.}
  llm_cost_tracker_health_checks_total: {type: counter, unit: checks, labels: {status: [success, failure]}, help: Checks.}
  llm_cost_tracker_health_check_success_ratio: {type: gauge, unit: ratio, help: Checks.}
  cache_hits_total: {type: counter, unit: lookups, help: Hits.}
  cache_misses_total: {type: counter, unit: lookups, help: Misses.}
  rbac_permission_denials_total: {type: counter, unit: checks, help: Denials.}
  audit_events_total: {type: counter, unit: events, labels: [type], help: Events.}
  storage_size_bytes: {type: gauge, unit: bytes, help: Size.}
signals:
  failed: {ratio: {bad: llm_cost_tracker_errors_total, total: llm_cost_tracker_requests_total}}
  time: {histogram: llm_cost_tracker_request_duration_seconds}
  cache: {ratio: {good: cache_hits_total, total: [cache_hits_total, cache_misses_total]}}
  busy: {gauge: llm_cost_tracker_cpu_usage_ratio}
alerts:
  ManyFailures: {signal: failed, above: 5%}
"""
TEST = "test: {fires: ['x 1x30']}"


def alert(expr: str, more: str = "for: 10m") -> str:
    """The spec with an alert on an expression."""
    body = f"    category: cost\n    summary: Trouble.\n    {TEST}\n    {more}\n"
    return f"{SPEC}  Trap:\n{body}    expr: |\n{indented(expr)}"


def panel(expr: str, more: str = "unit: requests/s", title: str = "Trap") -> str:
    """The spec with a panel on an expression."""
    head = f"dashboards:\n  traps:\n    panels:\n      - title: {title}\n        {more}\n"
    return f"{SPEC}{head}        expr: |\n{indented(expr)}"


def indented(text: str) -> str:
    """A block of YAML, deep enough for any place."""
    return "".join(f"            {line}\n" for line in text.strip().splitlines())


def build(root: Path, spec: str = SPEC, fleet: str = FLEET, base: str | None = None) -> tuple[Path, list[Problem]]:
    """The scratch folder with everything that follows from a spec, and what is wrong; no tool is asked."""
    specs, scratch = root / "specs", root / "scratch"
    specs.mkdir(exist_ok=True)
    scratch.mkdir()
    (specs / "tracker.yaml").write_text(spec)
    if base is not None:
        (specs / "own.base.yml").write_text(base)
        fleet += "alertmanager: {base: own.base.yml}\n"
    (specs / "fleet.yaml").write_text(fleet)
    try:
        built = pipeline.build(pipeline.read([specs]), scratch, verify=False)
    except Rejected as rejected:
        return scratch, list(rejected.problems)
    return scratch, built.problems


def found(problems: Sequence[Problem], rule: str, words: str, text: str, line: str) -> bool:
    """Whether a rule says these words at the line that begins with this text (or at one of those that do)."""
    wanted = [i for i, row in enumerate(text.splitlines(), 1) if re.sub(r"^[\s-]+", "", row).startswith(line)]
    assert wanted, f"no line begins with {line!r}"
    return any(p.rule == rule and words in p.message and p.origin.position()[0] in wanted for p in problems)
