"""Templates are found in a wheel and in a checkout, and miss no value silently."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import jinja2
import pytest

from llmmon import template

if TYPE_CHECKING:
    from pathlib import Path


def test_a_missing_value_is_an_error() -> None:
    with pytest.raises(jinja2.UndefinedError):
        template.render("alertmanager/llmmon.tmpl.j2", notice="x")


@pytest.mark.parametrize("wheel", [True, False])
def test_a_wheel_brings_its_own_templates(wheel: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folders = [tmp_path / "llmmon" / "templates", tmp_path / "templates"]
    for folder in folders if wheel else folders[1:]:
        folder.mkdir(parents=True)
        (folder / "x.j2").write_text(f"<< name >> {{{{ .Go }}}} <# in #>{folder.parent.name}")
    monkeypatch.setattr(template, "FOLDERS", folders)
    template.environment.cache_clear()
    try:
        assert template.render("x.j2", name="a") == f"a {{{{ .Go }}}} {'llmmon' if wheel else tmp_path.name}"
    finally:
        template.environment.cache_clear()


@pytest.mark.parametrize("text", ["a", 'q"u\\o\te\n', "}} {{ end }}", "*/}}", "ünï \U0001f600", "$x `y`"])
def test_a_literal_of_go_is_what_it_quotes(text: str, tmp_path: Path) -> None:
    comment = template.inside_comment(text)
    (tmp_path / "x.tmpl").write_text(
        f'{{{{/* {comment} */}}}}{{{{ define "x" }}}}{{{{ {template.go(text)} }}}}{{{{ end }}}}'
    )
    command = ["amtool", "template", "render", f"--template.glob={tmp_path / 'x.tmpl'}"]
    try:
        ran = subprocess.run([*command, '--template.text={{ template "x" . }}'], check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip("amtool is not installed")
    assert ran.stdout.decode() == text
