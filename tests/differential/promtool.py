"""What a promtool says of expressions, templates and rule files: one run for many of them."""

from __future__ import annotations

import json
import re
import subprocess
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from llmmon.promql import Version

_OF_EXPRESSION = re.compile(
    r'group "g", rule (\d+), "\w+": (?:could not parse expression: )?(?:(\d+):(\d+): parse error: )?(.*)$', re.MULTILINE
)
_OF_TEMPLATE = re.compile(r'"A(\d+)": annotation "a": ')
_READ = re.compile(r"SUCCESS: (\d+) rules? found")
_AT_ONCE = 200  # files of one run


class Promtool:
    """One promtool, in its version."""

    def __init__(self, path: str) -> None:
        self.path = path
        said = subprocess.run([path, "--version"], capture_output=True, text=True, check=True).stdout
        major, minor = re.findall(r"version (\d+)\.(\d+)", said)[0]
        self.version: Version = (int(major), int(minor))

    def expressions(self, texts: Sequence[str], folder: Path) -> list[tuple[int, int, str] | None]:
        """None where an expression is accepted, else line, column and message."""
        ran = self._rules([{"record": "a", "expr": text} for text in texts], folder)
        verdicts: list[tuple[int, int, str] | None] = [None] * len(texts)
        for index, line, column, message in _OF_EXPRESSION.findall(ran.stderr):
            verdicts[int(index) - 1] = (int(line or 0), int(column or 0), message)
        assert any(verdicts) or ran.returncode == 0, ran.stderr
        return verdicts

    def templates(self, texts: Sequence[str], folder: Path) -> set[int]:
        """The indices of the templates that are refused."""
        rules = [{"alert": f"A{i}", "expr": "up", "annotations": {"a": text}} for i, text in enumerate(texts)]
        return {int(index) for index in _OF_TEMPLATE.findall(self._rules(rules, folder).stderr)}

    def files(self, texts: Sequence[str], folder: Path) -> list[int | None]:
        """How many rules it reads in each file; None where it refuses the file."""
        out: list[int | None] = []
        for start in range(0, len(texts), _AT_ONCE):
            out += self._files(texts[start : start + _AT_ONCE], folder)
        return out

    def _files(self, texts: Sequence[str], folder: Path) -> Iterator[int | None]:
        names = [f"{index}.yml" for index in range(len(texts))]
        for name, text in zip(names, texts, strict=True):
            (folder / name).write_text(text, encoding="utf-8", newline="")
        ran = self._run([*names], folder)
        said = re.split(r"Checking (\S+)\n", ran.stdout + ran.stderr)
        read = {name: _READ.search(text) for name, text in zip(said[1::2], said[2::2], strict=True)}
        # What is refused is said on standard error, in the order of the files.
        refused = set(re.findall(r"^(?:\s*FAILED:\n)?\s*(\S+?\.yml):", ran.stderr, re.MULTILINE))
        return (int(found[1]) if (found := read.get(name)) and name not in refused else None for name in names)

    def _rules(self, rules: list[dict[str, Any]], folder: Path) -> subprocess.CompletedProcess[str]:
        file = folder / "rules.json"  # JSON is YAML
        file.write_text(json.dumps({"groups": [{"name": "g", "rules": rules}]}, ensure_ascii=False), "utf-8")
        return self._run([file.name], folder)

    def _run(self, names: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
        command = [self.path, "check", "rules", "--lint=none", *names]
        return subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)
