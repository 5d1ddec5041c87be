"""What the exporter refuses comes home to the check that made it, and what it overlooks is found here."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest
from blackbox_examples import CHAT, FLEET, built, judged, write

from llmmon.problem import Problem, Unverified
from llmmon.tool import Ran, Tools

if TYPE_CHECKING:
    from pathlib import Path

    from llmmon.pipeline import Built

SPEC = """\
outside:
  address: http://chat.example
  checks:
    login: {path: /login, body: Sign in, status: 302}
    port: {tcp: "chat.example:80"}
"""
needs_exporter = pytest.mark.skipif(
    not (shutil.which("prometheus-blackbox-exporter") or shutil.which("blackbox_exporter")),
    reason="the blackbox exporter is not installed",
)


class Saying(Tools):
    """An exporter that says something."""

    def __init__(self, scratch: Path, code: int, err: str) -> None:
        super().__init__(scratch, {**os.environ, "LLMMON_BLACKBOX_EXPORTER": "/bin/true"})
        self.ran = Ran(code, "", err)

    def run(self, *_: object, **__: object) -> Ran:
        return self.ran


class Scratch:
    """The files, which can be damaged before they are judged."""

    def __init__(self, root: Path) -> None:
        write(FLEET, CHAT + SPEC)
        self.root = root / "scratch"
        self.made: Built = built(self.root)
        assert self.made.problems == []

    def damage(self, old: str, new: str) -> None:
        path = self.root / "blackbox/blackbox.yml"
        text = path.read_text()
        assert text.count(old) == 1, text
        path.write_text(text.replace(old, new))

    def said(self, tools: Tools | None = None) -> list[tuple[str, str]]:
        found = judged(self.made, self.root, tools)
        assert all(isinstance(one, Problem) for one in found)
        return [(one.message, str(one.origin)) for one in found if isinstance(one, Problem)]


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scratch:
    monkeypatch.chdir(tmp_path)
    return Scratch(tmp_path)


@needs_exporter
def test_a_whole_file_is_quiet(scratch: Scratch) -> None:
    assert scratch.said() == []


@needs_exporter
@pytest.mark.parametrize(
    ("old", "new", "says", "place"),
    [
        ("      - 302\n", "      - often\n", "cannot unmarshal", "specs/chat.yaml:8:5"),
        (
            "    timeout: 5s\n    http:\n",
            "    timeout: 5s\n    http:\n      colour: red\n",
            "colour",
            "specs/chat.yaml:8:5",
        ),
        ("    timeout: 5s\n    tcp:\n", "    timeout: soon\n    tcp:\n", "cannot unmarshal", "specs/"),
        ("      - Sign in\n", "      - Sign (in\n", "regular expression", "specs/"),
        ("modules:\n", "modules: [\n", "yaml", "specs/"),
        ("    prober: tcp\n", "    prober: tpc\n", "tpc is no prober: write http or tcp", "specs/chat.yaml:9:5"),
        ("  chat_port:\n", "  chat_pot:\n", "there is no module chat_port", "specs/chat.yaml:9:5"),
    ],
)
def test_what_is_broken_is_found(scratch: Scratch, old: str, new: str, says: str, place: str) -> None:
    scratch.damage(old, new)
    found = scratch.said()
    assert found
    assert [message for message, where in found if says in message and where.startswith(place)], found


def test_nothing_that_it_says_is_dropped(scratch: Scratch) -> None:
    tools = Saying(scratch.root, 1, "ts=1 caller=x level=info msg=Starting\npanic: something\nmore\n")
    assert [message.partition(": ")[2] for message, _ in scratch.said(tools)] == ["panic: something", "more"]


def test_a_failure_without_a_word_is_one(scratch: Scratch) -> None:
    assert [message.partition(": ")[2] for message, _ in scratch.said(Saying(scratch.root, 1, ""))] == [
        "failed, and said nothing"
    ]


def test_without_an_exporter_the_report_says_so(scratch: Scratch) -> None:
    nowhere = scratch.root / "nowhere"
    nowhere.mkdir()
    (found,) = judged(scratch.made, scratch.root, Tools(scratch.root, {"PATH": str(nowhere)}))
    assert isinstance(found, Unverified)
    assert "prometheus-blackbox-exporter" in found.why
    assert not found.needed


@needs_exporter
def test_debians_name_of_it_is_found(tmp_path: Path) -> None:
    folder = tmp_path / "bin"
    folder.mkdir()
    binary = shutil.which("prometheus-blackbox-exporter") or shutil.which("blackbox_exporter")
    assert binary
    (folder / "prometheus-blackbox-exporter").symlink_to(binary)
    found = Tools(tmp_path, {"PATH": str(folder)}).find("blackbox_exporter")
    assert getattr(found, "version", None)
