"""The proof of the pages finds each way in which one can be broken."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import pytest
from runbook_examples import SPEC, alert, fleet

from llmmon.plan import Facts
from llmmon.problem import Origin, Problem
from llmmon.target import Written
from llmmon.targets.runbooks.proof import verify
from llmmon.tool import Tools

if TYPE_CHECKING:
    from collections.abc import Mapping

PAGE = "# A\n\n## What it means\n\nSee [the list](../README.md#service-chat).\n"
INDEX = "# Alerts\n\n## Service chat\n\n| Alert |\n| --- |\n| [A](chat/A.md) |\n"
SOUND = {"README.md": INDEX, "chat/A.md": PAGE}


def said(folder: Path, pages: Mapping[str, str], path: str | None = None) -> list[str]:
    written = []
    for name, text in pages.items():
        file = folder / "runbooks" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        written.append(Written(PurePosixPath("runbooks", name), {(): Origin(SPEC)}, "specs/chat.yaml"))
    fact = Facts("A@critical", {"alertname": "A", **alert("A").labels}, frozenset(), Origin(SPEC, ("alerts", "A")))
    tools = Tools(folder, os.environ if path is None else {"PATH": path})
    found = verify(fleet(), [fact], folder, written, tools)
    return [f"{item.rule}: {item.message}" if isinstance(item, Problem) else item.what for item in found]


def test_what_is_sound_is_quiet(tmp_path: Path) -> None:
    sound = (
        PAGE + "\n- `a ](x)` and [web](https://x.example/(a)) and \\](no)\n\n1. Do\n\n   ```bash\n   echo 'a'\n   ```\n"
    )
    assert said(tmp_path, {**SOUND, "chat/A.md": sound}) == []


@pytest.mark.parametrize(
    ("pages", "says"),
    [
        ({"README.md": "# Alerts\n"}, "runbook-page: A has no page runbooks/chat/A.md, where its runbook_url leads"),
        ({**SOUND, "chat/B.md": "# B\n"}, "runbook-page: no alert leads to the page runbooks/chat/B.md"),
        (
            {**SOUND, "chat/A.md": "[B](B.md)\n"},
            "runbook-link: runbooks/chat/A.md links to B.md, which is not there",
        ),
        (
            {**SOUND, "chat/A.md": "[B](../README.md#service-chats)\n"},
            "runbook-link: runbooks/chat/A.md links to ../README.md#service-chats, and README.md has no such heading",
        ),
        (
            {**SOUND, "chat/A.md": "[B](#what)\n"},
            "runbook-link: runbooks/chat/A.md links to #what, and A.md has no such heading",
        ),
        (
            {**SOUND, "chat/A.md": "| a | b |\n| --- | --- |\n| 1 |\n"},
            "runbook-link: runbooks/chat/A.md line 3: the table has 2 columns, and this row 1",
        ),
    ],
)
def test_a_broken_page_is_found(tmp_path: Path, pages: dict[str, str], says: str) -> None:
    assert says in said(tmp_path, pages)


@pytest.mark.parametrize("broken", ["echo 'a", "if true; then", "echo )", "for x in; do", 'echo "$(ls"', "a | | b"])
def test_a_command_that_does_not_parse_is_found_at_its_page(tmp_path: Path, broken: str) -> None:
    page = f"{PAGE}\n```bash\n{broken}\n```\n\n```bash\necho 'a b'\n```\n"
    [found] = said(tmp_path, {**SOUND, "chat/A.md": page})
    assert found.startswith("runbook-command: runbooks/chat/A.md bash: ")


def test_two_commands_that_heal_each_other_are_found_both(tmp_path: Path) -> None:
    page = f"{PAGE}\n```bash\necho 'a\n```\n\n```bash\necho b'\n```\n\n```bash\n(\n```\n\n```bash\n)\n```\n"
    assert len(said(tmp_path, {**SOUND, "chat/A.md": page})) == 4


def test_without_a_shell_commands_are_unverified(tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()
    found = said(tmp_path, {**SOUND, "chat/A.md": f"{PAGE}\n```bash\nls\n```\n"}, str(tmp_path / "none"))
    assert found == ["Commands of runbooks"]
