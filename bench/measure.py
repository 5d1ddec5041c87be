"""What a command costs: the time and the memory of one child process, the median of several runs."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ROOT = Path(__file__).resolve().parent.parent
LLMMON = Path(sys.executable).with_name("llmmon")
NO_TOOLS = {**os.environ, "PATH": "/nonexistent"}
NO_TOOLS.pop("PYTHONDONTWRITEBYTECODE", None)  # what is installed is compiled once, not at every start
MISSED = 1


@dataclass(frozen=True, slots=True)
class Cost:
    """What a command took: medians, and the peak of its memory."""

    cpu: float
    wall: float
    megabytes: float


def measure(
    command: Sequence[str | Path], runs: int, cwd: Path = ROOT, before: Callable[[], object] = lambda: None
) -> Cost:
    """Medians over several runs of a command that must succeed; without promtool, amtool and logstash on PATH."""
    costs = []
    for _ in range(runs):
        before()
        costs.append(_run(command, cwd))
    return _median(costs)


def by_turns(commands: Sequence[Sequence[str | Path]], runs: int) -> list[Cost]:
    """Medians of several commands that take turns, so that a machine whose pace changes is the same one for all."""
    costs: list[list[Cost]] = [[] for _ in commands]
    for _ in range(runs):
        for command, some in zip(commands, costs, strict=True):
            some.append(_run(command, ROOT))
    return [_median(some) for some in costs]


def _run(command: Sequence[str | Path], cwd: Path) -> Cost:
    began = time.perf_counter()
    with subprocess.Popen(command, cwd=cwd, env=NO_TOOLS, stdout=subprocess.DEVNULL) as process:
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(map(str, command[:3]))} ... ended with {process.returncode}")
    return Cost(used.ru_utime + used.ru_stime, time.perf_counter() - began, used.ru_maxrss / 1024)


def _median(costs: Sequence[Cost]) -> Cost:
    return Cost(
        statistics.median(cost.cpu for cost in costs),
        statistics.median(cost.wall for cost in costs),
        max(cost.megabytes for cost in costs),
    )


def head() -> None:
    """Whose time it is, and the columns: a Python built without profiles (pyenv, unless told) takes a fifth more."""
    print(f"Python {sys.version.split()[0]}, {os.path.realpath(sys.executable)}")
    print(f"{'':<58}{'CPU s':>8}{'wall s':>8}{'peak MB':>9}  goal")


def line(what: str, cost: Cost, goal: str = "", good: bool | None = None) -> bool:
    """One line of the table; hands the verdict back."""
    verdict = "" if good is None else "  met" if good else "  MISSED"
    print(f"{what:<58}{cost.cpu:>8.2f}{cost.wall:>8.2f}{cost.megabytes:>9.0f}  {goal}{verdict}".rstrip(), flush=True)
    return good is not False


def one_core() -> None:
    """All children share one core, where the system can pin them: it is Go's garbage collector that gains most."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
