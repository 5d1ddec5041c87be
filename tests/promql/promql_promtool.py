"""Asks the real promtool what it thinks of many expressions at once."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from llmmon.promql import Version

COMPLAINT = re.compile(
    r'group "g", rule (\d+), "\w+": (?:could not parse expression: )?(?:(\d+):(\d+): parse error: )?(.*)$', re.MULTILINE
)


class Promtool:
    """`verdicts` are one per expression: None if accepted, else promtool's line, column and message."""

    def __init__(self, path: str) -> None:
        self.path = path
        said = subprocess.run([path, "--version"], capture_output=True, text=True, check=True).stdout
        major, minor = re.findall(r"version (\d+)\.(\d+)", said)[0]
        self.version: Version = (int(major), int(minor))

    def verdicts(self, expressions: list[str], folder: Path) -> list[tuple[int, int, str] | None]:
        rules = [{"record": "a", "expr": expression} for expression in expressions]
        file = folder / "rules.json"  # JSON is YAML
        file.write_text(json.dumps({"groups": [{"name": "g", "rules": rules}]}, ensure_ascii=False), "utf-8")
        run = subprocess.run(
            [self.path, "check", "rules", "--lint=none", str(file)], capture_output=True, text=True, check=False
        )
        verdicts: list[tuple[int, int, str] | None] = [None] * len(expressions)
        for index, line, column, message in COMPLAINT.findall(run.stderr):
            verdicts[int(index) - 1] = (int(line or 0), int(column or 0), message)
        if not any(verdicts):
            assert run.returncode == 0, run.stderr
        return verdicts


def find_promtool() -> Promtool:
    path = shutil.which("promtool")
    if path is None:
        pytest.skip("promtool is not on PATH")
    return Promtool(path)
