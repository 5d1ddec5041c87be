"""Same input, same bytes: under any hash seed, and a second run touches nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

from conftest import CHAT, PROSE

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Fleet

MORE = """\
  QueueLong: {signal: queue, above: {warning: 5, critical: 9}, where: [{model: a, above: {warning: 7}}]}
  Slow: {signal: latency.p95, above: 1s}
budgets:
  spend: {signal: requests, limit: 500, rolling: 1d, by: [model, ok]}
baselines:
  load: {signal: requests, value: 5/s, worse: both}
"""


def test_two_hash_seeds_give_the_same_bytes(fleet: Fleet) -> None:
    fleet.write("specs/chat.yaml", CHAT + MORE)
    for name in ("QueueLong", "Slow"):
        fleet.write(f"specs/runbooks/chat/{name}.md", PROSE)
    for seed in ("1", "2"):
        command = [sys.executable, "-m", "llmmon", "generate", "--quiet", "--out", seed]
        ran = subprocess.run(command, env=os.environ | {"PYTHONHASHSEED": seed}, capture_output=True, text=True)
        assert (ran.returncode, ran.stdout) == (0, "")
    assert fleet.files("1")
    assert fleet.files("1") == fleet.files("2")


def test_a_second_run_touches_no_file(fleet: Fleet) -> None:
    assert fleet.run("generate").code == 0
    before = times(fleet.root / "generated")
    ran = fleet.run("generate")
    assert ran.err.splitlines()[0] == f"generated: {len(before) - 1} unchanged"
    assert times(fleet.root / "generated") == before


def test_the_order_of_files_and_of_inputs_changes_no_byte(fleet: Fleet) -> None:
    fleet.write("specs/a/other.yaml", "service: other\nteam: inference\n")
    fleet.run("generate")
    fleet.run("generate", "specs/chat.yaml", "specs/a", "specs", "--out", "again")
    assert fleet.files("again") == fleet.files("generated")


def times(folder: Path) -> dict[str, int]:
    return {str(path): path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}
