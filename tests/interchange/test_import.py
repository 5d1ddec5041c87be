"""Specs from files of other tools; `LLMMON_REWRITE=1 pytest tests/interchange` writes the expected ones again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from golden import same
from typer.testing import CliRunner

from llmmon.cli import app

HERE = Path(__file__).parent
CASES = sorted(path.parent.name for path in HERE.glob("*/in.yaml"))
FLEET = """\
fleet: acme
environments:
  production: {selector: {env: production}}
teams:
  inference: {critical: [{slack: "#inference"}]}
  search: {critical: [{slack: "#search"}]}
catch_all: [{slack: "#all"}]
watchdog: [{webhook: "https://dead-mans-switch.example/ping"}]
receivers: {slack: {secret: slack/url}}
"""


@pytest.mark.parametrize("case", CASES)
def test_a_file_becomes_a_spec_and_what_is_lost_is_told(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(HERE / case)
    ran = run("import", case.partition("_")[0], "in.yaml", "--fail-on", "error")
    assert ran.exit_code == 0, ran.output
    same(HERE / case / "made", {"spec.yaml": ran.stdout.encode(), "said.txt": ran.stderr.encode()})


@pytest.mark.parametrize("case", CASES)
def test_what_is_imported_passes_check_as_it_stands(case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "specs").mkdir()
    (tmp_path / "specs/fleet.yaml").write_text(FLEET)
    (tmp_path / "in.yaml").write_text((HERE / case / "in.yaml").read_text())
    monkeypatch.chdir(tmp_path)
    tool = case.partition("_")[0]
    assert run("import", tool, "in.yaml", "--out", "specs/imported.yaml").exit_code == 0
    for command in ("generate", "check"):
        ran = run(command)
        assert ran.exit_code == 0, ran.output
        told = [line for line in ran.output.splitlines() if line.startswith("specs/") and ": note: " not in line]
        assert [line for line in told if "has no behaviour test" not in line] == []


def run(*arguments: str) -> Any:
    """The command line, in this process."""
    return CliRunner().invoke(app, list(arguments))
