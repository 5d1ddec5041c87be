"""`llmmon init` on a terminal: what it asks, and that a wrong answer is asked for again."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from typing import TYPE_CHECKING

import yaml

from llmmon import play

if TYPE_CHECKING:
    from pathlib import Path

PAGE = play.page([("vllm", (0, 19)), ("fastapi", None)])


def on_a_terminal(root: Path, answers: list[str], *args: str) -> tuple[int, str]:
    """Runs it with a pseudo-terminal; each answer is given when something is asked."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "llmmon", "init", *args]
    process = subprocess.Popen(command, cwd=root, stdin=theirs, stdout=theirs, stderr=theirs, close_fds=True)
    os.close(theirs)
    left, shown, seen = list(answers), "", 0
    while True:
        try:
            shown += os.read(ours, 4096).decode()
        except OSError:  # nobody writes any more
            break
        if left and shown[seen:].endswith(": "):
            seen = len(shown)
            os.write(ours, f"{left.pop(0)}\n".encode())
    os.close(ours)
    assert not left, f"never asked for: {left}\n{shown}"
    return process.wait(), shown.replace("\r", "")


def spec(root: Path, name: str) -> dict[str, object]:
    found: dict[str, object] = yaml.safe_load((root / f"specs/{name}.yaml").read_text())
    return found


def test_a_page_a_name_a_team_and_a_place(tmp_path: Path) -> None:
    (tmp_path / "vllm.txt").write_text(PAGE)
    code, shown = on_a_terminal(tmp_path, ["vllm.txt", "chat", "inference", "llm", "chat-server"])
    assert code == 0, shown
    found = spec(tmp_path, "chat")
    assert (found["team"], found["uses"]) == ("inference", {"vllm": "0.19"})
    assert found["workload"] == {"namespace": "llm", "name": "chat-server"}
    assert "specs/chat.yaml: new: " in shown


def test_defaults_are_enough(tmp_path: Path) -> None:
    code, shown = on_a_terminal(tmp_path, ["", "vllm@0.19, litellm", "", "", ""])
    assert code == 0, shown
    assert list(spec(tmp_path, "vllm-litellm")["services"]) == ["vllm", "litellm"]  # type: ignore[call-overload]
    assert spec(tmp_path, "fleet")["teams"].keys() == {"platform"}  # type: ignore[attr-defined]


def test_wrong_answers_are_asked_for_again(tmp_path: Path) -> None:
    (tmp_path / "html").write_text("<html>")
    answers = ["html", "", "vlm", "vllm", "My Chat", "chat", "A", "a", "x y", ""]
    code, shown = on_a_terminal(tmp_path, answers)
    assert code == 0, shown
    for said in (
        "it is HTML, not metrics: the path is most often /metrics",
        "unknown preset 'vlm': did you mean 'vllm'?",
        "this 'My Chat' is no name, which has a-z, 0-9 and -, at most 63: write my-chat",
        "this 'A' is no name",
        "this 'x y' is no name",
    ):
        assert said in shown
    assert spec(tmp_path, "chat")["team"] == "a"


def test_what_options_say_is_not_asked(tmp_path: Path) -> None:
    code, shown = on_a_terminal(
        tmp_path, ["", "vllm"], "--service", "chat", "--team", "a", "--namespace", "llm", "--workload", "w"
    )
    assert code == 0, shown
    assert spec(tmp_path, "chat")["workload"] == {"namespace": "llm", "name": "w"}


def test_a_preset_that_watches_kubernetes_wants_a_namespace(tmp_path: Path) -> None:
    code, shown = on_a_terminal(tmp_path, ["", "kubernetes", "chat", "", "", "llm", ""])
    assert code == 0, shown
    assert "this '' is no name" in shown
    assert spec(tmp_path, "chat")["uses"] == {"kubernetes": True}


def test_whoever_leaves_has_changed_nothing(tmp_path: Path) -> None:
    code, shown = on_a_terminal(tmp_path, ["", "vllm\n\x04"])
    assert code == 1
    assert "Aborted" in shown
    assert "Traceback" not in shown
    assert not (tmp_path / "specs").exists()
