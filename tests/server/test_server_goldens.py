"""Small fleets and the configurations that they become; `LLMMON_REWRITE=1 pytest tests/server` rewrites these."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from server_examples import lowered

from llmmon.targets.server import TARGET

if TYPE_CHECKING:
    from llmmon.target import Artifact

HERE = Path(__file__).parent
CASES = sorted(path.parent.name for path in HERE.glob("*/specs"))


def emitted(case: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[Artifact]:
    shutil.copytree(HERE / case / "specs", folder / "specs")
    monkeypatch.chdir(folder)
    fleet, problems = lowered()
    assert problems == []
    assert TARGET.of_fleet
    return list(TARGET.of_fleet(fleet, ()))


@pytest.mark.parametrize("case", CASES)
def test_a_fleet_becomes_its_servers(case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = {artifact.path.name: artifact.text for artifact in emitted(case, tmp_path, monkeypatch)}
    if os.environ.get("LLMMON_REWRITE"):
        for name, text in made.items():
            (HERE / case / name).write_text(text)
    golden = {path.name: path.read_text() for path in (HERE / case).iterdir() if path.is_file()}
    assert made == golden
