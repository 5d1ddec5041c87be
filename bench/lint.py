"""Measures `llmmon lint` against `promtool check rules` on the same files: one with many rules, and many small ones."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from measure import LLMMON, MISSED, by_turns, head, line, one_core

if TYPE_CHECKING:
    from collections.abc import Sequence

    from measure import Cost

# Rules as people write them, and nothing to say about any; NAME is another one each time.
RULES = (
    """\
  - record: job:NAME_requests:rate5m
    expr: sum by (job) (rate(NAME_requests_total{job="NAME", code!~"5.."}[5m]))
""",
    """\
  - alert: NAMEErrors
    expr: |
      sum by (job, instance) (rate(NAME_errors_total{job="NAME", environment="production"}[5m]))
        > 0.05 * sum by (job, instance) (rate(NAME_requests_total{job="NAME", environment="production"}[5m]))
    for: 10m
    labels: {severity: warning, team: platform}
    annotations:
      summary: "{{ $labels.instance }} of {{ $labels.job }} fails {{ $value | humanize }} times a second"
      description: One request in twenty fails, so users see it.
      runbook_url: https://runbooks.example.com/NAME/errors
""",
    """\
  - record: job_le:NAME_latency_seconds_bucket:rate5m
    expr: sum by (job, le) (rate(NAME_latency_seconds_bucket{job="NAME"}[5m]))
""",
    """\
  - alert: NAMESlow
    expr: histogram_quantile(0.95, sum by (le, job) (rate(NAME_latency_seconds_bucket{job="NAME"}[10m]))) > 2.5
    for: 15m
    labels: {severity: warning, team: platform}
    annotations:
      summary: "{{ $labels.job }} answers in {{ $value | humanizeDuration }}"
      description: 5 % of the requests take longer than 2.5 s.
      runbook_url: https://runbooks.example.com/NAME/slow
""",
    """\
  - alert: NAMEQueueGrows
    expr: |
      max by (job, pod) (NAME_queue_length{job="NAME"}) > 100
        and on (job, pod) deriv(NAME_queue_length{job="NAME"}[15m]) > 0
    for: 10m
    labels: {severity: warning, team: platform}
    annotations:
      summary: "{{ $labels.pod }} has {{ $value }} requests in its queue"
      description: More come than go.
      runbook_url: https://runbooks.example.com/NAME/queue
""",
)
PER_GROUP = 20


def rules(count: int, start: int = 0) -> str:
    """A rule file of as many rules."""
    out = ["groups:\n"]
    for number in range(count):
        if number % PER_GROUP == 0:
            out.append(f"- name: group_{start + number}\n  rules:\n")
        out.append(RULES[number % len(RULES)].replace("NAME", f"service{start + number}"))
    return "".join(out)


def lint(promtools: list[str], runs: int, most: int) -> bool:
    """Each size with its goals; all promtools in the same run."""
    good = True
    with tempfile.TemporaryDirectory(prefix="llmmon-bench-") as folder:
        here = Path(folder)
        few, many, crowd = here / "few.yml", here / "many.yml", here / "crowd.yml"
        few.write_text(rules(20))
        many.write_text(rules(10_000))
        theirs, ours = _beside(promtools, few, 15)
        for path, cost in zip(promtools, theirs, strict=True):
            line(f"{path} check rules, 20 rules", cost)
            ratio = ours.cpu / cost.cpu
            good &= line("  llmmon lint", ours, f"{ratio:.2f}x <= 4x, CPU <= 0.12 s", ratio <= 4 and ours.cpu <= 0.12)
        theirs, ours = _beside(promtools, many, runs)
        for path, cost in zip(promtools, theirs, strict=True):
            line(f"{path} check rules, 10,000 rules", cost)
            ratio, memory = ours.cpu / cost.cpu, ours.megabytes / cost.megabytes
            most_of_cpu = 0.65 if " 2." in version(path) else 1.0
            goal = f"{ratio:.2f}x of the CPU <= {most_of_cpu}x, {memory:.2f}x of the memory <= 0.8x"
            good &= line("  llmmon lint", ours, goal, ratio <= most_of_cpu and memory <= 0.8)
        crowd.write_text(rules(most))
        ours, all_of_them = by_turns([[LLMMON, "lint", many], [LLMMON, "lint", crowd]], 3)
        ratio, bound = all_of_them.cpu / ours.cpu, most / 10_000 * 1.1
        good &= line(f"llmmon lint, {most:,} rules", all_of_them, f"{ratio:.1f}x that <= {bound:.0f}x", ratio <= bound)
    return good


def _beside(promtools: Sequence[str], rules: Path, runs: int) -> tuple[list[Cost], Cost]:
    """What each promtool takes, and what we take, for the same file."""
    *theirs, ours = by_turns([*([path, "check", "rules", rules] for path in promtools), [LLMMON, "lint", rules]], runs)
    return theirs, ours


def version(path: str) -> str:
    """`promtool, version 2.42.0 ...`"""
    import subprocess

    return subprocess.run([path, "--version"], capture_output=True, text=True, check=True).stdout


def main() -> int:
    """Print the table; 1 where a goal was missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--promtool", action="append", default=[], help="as well as the one on PATH, or instead")
    parser.add_argument("--runs", type=int, default=5, help="of the larger measurements [default: 5]")
    parser.add_argument("--most", type=int, default=100_000, help="rules of the largest file [default: 100,000]")
    args = parser.parse_args()
    promtools = args.promtool or [path for path in (shutil.which("promtool"),) if path]
    one_core()
    head()
    return 0 if lint(promtools, args.runs, args.most) else MISSED


if __name__ == "__main__":
    sys.exit(main())
