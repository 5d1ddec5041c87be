"""Files that somebody made to break whoever reads them get an answer, and a short one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from llmmon.source import reading

HEAD = "groups:\n- name: a\n  rules:\n  - record: a:b\n    expr: "
BOMB = "x: &a0 [1,1,1,1,1,1,1,1,1]\n" + "".join(f"y{i}: &a{i} [{','.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 12))


def lint(*names: str, cwd: Path) -> tuple[int, str]:
    """A process of its own, with its own stack."""
    ran = subprocess.run(
        [sys.executable, "-m", "llmmon", "lint", *names], cwd=cwd, capture_output=True, text=True, timeout=120
    )
    assert "Traceback" not in ran.stderr
    assert ran.returncode in (0, 1), ran.stderr
    return ran.returncode, ran.stdout


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (f"groups:\n- {BOMB.replace(chr(10), chr(10) + '  ')}", "aliases expand to more than 200,000 nodes"),
        ("groups: " + "[" * 100_000 + "]" * 100_000, "nested deeper than 150 levels"),
        ("groups:\n" + "".join(f"{' ' * depth}a:\n" for depth in range(3_000)), "nested deeper than 150 levels"),
        (f"{HEAD}{'(' * 100_000}1{')' * 100_000}\n", "nested more than 200 levels deep"),
        (f"{HEAD}{'-' * 100_000}1\n", "nested more than 200 levels deep"),
        ("groups:\n- name: \xff", "not UTF-8"),
        ("groups:\n- name: a\0b\n", "the control character U+0000"),
    ],
)
def test_the_answer_is_an_error(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "a.yml").write_bytes(text.encode("latin-1"))
    code, said = lint("a.yml", cwd=tmp_path)
    assert code == 1
    assert message in said
    assert len(said) < 5_000


@pytest.mark.parametrize(
    "text",
    [
        HEAD + "+".join(["a"] * 100_000) + "\n",
        HEAD + """'up{x=~"(a+)+(a+)+(a|a)*(b|b)*$",x=~"((((a*)*)*)*)*b",x=~".*.*.*.*.*.*.*.*x"}'\n""",
        HEAD + f"""'up{{x=~"{"(a|b)?" * 2_000}",x!~"{"(.*a){30}" * 10}"}}'\n""",
        "a: " + "x" * 5_000_000,
        "groups:\n- name: g\n  rules:\n" + "  - {alert: A, expr: up == 0}\n" * 2_000,
    ],
)
def test_the_answer_is_short_and_in_time(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.yml").write_text(text)
    _, said = lint("a.yml", cwd=tmp_path)
    assert all(len(line) < 2_000 for line in said.splitlines())


def test_links_that_lead_nowhere_or_round_about(tmp_path: Path) -> None:
    (tmp_path / "loop.yml").symlink_to("loop.yml")
    (tmp_path / "gone.yml").symlink_to("nowhere")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "up").symlink_to("..")
    (tmp_path / "good.yml").write_text("groups: [{name: a, rules: [{record: 'a:b:c', expr: up}]}]\n")
    assert lint(".", cwd=tmp_path) == (0, "")
    code, said = lint("loop.yml", "gone.yml", cwd=tmp_path)
    assert code == 1
    assert "loop.yml:1:1: error: cannot be read: Too many levels of symbolic links" in said
    assert "gone.yml:1:1: error: cannot be read: No such file or directory" in said


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with names here")
def test_a_pipe_that_nobody_writes_into(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_PATIENCE", 0.1)
    os.mkfifo(tmp_path / "pipe.yml")
    document, problems = reading.read(tmp_path / "pipe.yml", "pipe.yml")
    assert (document.text, problems) == ("", [])


def test_what_a_shell_pipes_is_read() -> None:
    reader, writer = os.pipe()
    os.write(writer, b"groups: []\n")
    os.close(writer)
    document, problems = reading.read(Path(f"/dev/fd/{reader}"), "pipe")
    os.close(reader)
    assert (document.text, problems) == ("groups: []\n", [])
