"""Every kind of question as a module; `LLMMON_REWRITE=1 pytest tests/blackbox` writes this again."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from blackbox_examples import built, jobs, judged, modules

if TYPE_CHECKING:
    import pytest

HERE = Path(__file__).parent / "everything"


def test_every_kind_of_question_becomes_a_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(HERE / "specs", tmp_path / "specs")
    monkeypatch.chdir(tmp_path)
    made = built(tmp_path / "scratch")
    assert [problem.message for problem in made.problems] == ["nothing asks this in production: add it"]
    text = (tmp_path / "scratch/blackbox/blackbox.yml").read_text()
    if os.environ.get("LLMMON_REWRITE"):
        (HERE / "blackbox.yml").write_text(text)
    assert text == (HERE / "blackbox.yml").read_text()
    assert [str(one) for one in judged(made, tmp_path / "scratch")] == []


def test_every_module_is_asked_for_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(HERE / "specs", tmp_path / "specs")
    monkeypatch.chdir(tmp_path)
    built(tmp_path / "scratch")
    probed = {name: job for name, job in jobs(tmp_path / "scratch").items() if job.get("metrics_path") == "/probe"}
    assert list(probed) == [
        f"{service}-probe/{environment}"
        for service in ("chat", "engine", "store")
        for environment in ("production", "staging")
    ]
    asked = {group["labels"]["__param_module"] for job in probed.values() for group in job["static_configs"]}
    assert asked == modules(tmp_path / "scratch").keys()
    assert all(job["scrape_interval"] == "1m" for job in probed.values())
    exporters = {name.split("/")[1]: job["relabel_configs"][-1]["replacement"] for name, job in probed.items()}
    assert exporters == {"production": "blackbox:9115", "staging": "blackbox.staging:9115"}
