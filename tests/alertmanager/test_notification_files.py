"""The files of templates that a configuration names are read with it, and what is wrong is said where it stands."""

from __future__ import annotations

import pathlib
from typing import TYPE_CHECKING

import pytest

from llmmon import foreign
from llmmon.documents import notifications
from llmmon.repair import fix

if TYPE_CHECKING:
    from pathlib import Path

CONFIGURATION = """templates: [PATTERN]
route: {receiver: a}
receivers:
  - name: a
    webhook_configs: [{url: "http://h.example", send_resolved: true}]
    email_configs: [{to: a@b.example, from: c@d.example, smarthost: "m:25", html: '{{ template "ours" . }}'}]
"""


def found(folder: Path, pattern: str, **files: str) -> list[tuple[str, str, int, str]]:
    for name, text in files.items():
        (folder / f"{name}.tmpl").write_text(text)
    (folder / "alertmanager.yml").write_text(CONFIGURATION.replace("PATTERN", pattern))
    problems = foreign.lint_paths([folder]).problems
    mine = [problem for problem in problems if problem.rule == "notification-template"]
    places = [problem.origin.document.path.rpartition("/")[2] for problem in mine]
    return [(p.code, at, p.origin.position()[0], p.message) for p, at in zip(mine, places, strict=True)]


def test_what_is_right_is_quiet(tmp_path: Path) -> None:
    text = '{{ define "ours" }}{{ template "inner" .Alerts }}{{ end }}\n{{ define "inner" }}{{ .X }}{{ end }}'
    assert found(tmp_path, "'*.tmpl'", a=text) == []


def test_a_file_that_does_not_parse(tmp_path: Path) -> None:
    said = found(
        tmp_path, "'*.tmpl'", a='{{ define "ours" }}\n{{ upper .X }}{{ end }}', b='{{ define "ours" }}{{ end }}'
    )
    assert [one[:3] for one in said] == [("C046", "a.tmpl", 2)]


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert found(tmp_path, "templates/*.tmpl") == []  # the folder may be put there by whoever deploys it
    (tmp_path / "templates").mkdir()
    assert [one[:3] for one in found(tmp_path, "templates/*.tmpl")] == [("C045", "alertmanager.yml", 1)]


@pytest.mark.parametrize("pattern", ["/etc/alertmanager/templates/*.nowhere", "/nowhere/x.tmpl"])
def test_what_is_where_alertmanager_runs_is_not_missed(tmp_path: Path, pattern: str) -> None:
    assert found(tmp_path, pattern) == []


def test_a_file_that_lies_beside_the_configuration_is_taken_for_the_one_over_there(tmp_path: Path) -> None:
    said = found(tmp_path, "/etc/alertmanager/*.tmpl", a='{{ define "our" }}x{{ end }}')
    assert [one[:3] for one in said] == [("C047", "alertmanager.yml", 6), ("C049", "a.tmpl", 1)]
    assert "did you mean 'our'?" in said[0][3]


def test_a_folder_of_templates_is_found_beside_a_configuration_that_is_a_template_itself(tmp_path: Path) -> None:
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "ours.tmpl").write_text('{{ define "ours" }}x{{ end }}')
    (tmp_path / "alertmanager.yml.tmpl").write_text("route: {receiver: a}\n")
    assert found(tmp_path, "/etc/alertmanager/templates/*.tmpl") == []


def test_what_another_configuration_uses_is_used(tmp_path: Path) -> None:
    (tmp_path / "other.yml").write_text('title: "{{ template \\"theirs\\" . }}"\n')
    text = '{{ define "ours" }}x{{ end }}{{ define "theirs" }}{{ template "inner" . }}{{ end }}'
    text += '{{ define "inner" }}x{{ end }}{{ define "nobodys" }}x{{ end }}'
    assert [one[3] for one in found(tmp_path, "'*.tmpl'", a=text)] == [
        "no receiver uses the template 'nobodys': remove it, or use it"
    ]


def test_what_the_program_for_dingtalk_reads_is_not_read(tmp_path: Path) -> None:
    assert found(tmp_path, "'*.tmpl'", dingding='{{ define "ding.link" }}{{ .Value | markdown }}{{ end }}') == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{{ .X | toJson }}", "Alertmanager 0.28 has no function toJson: leave it out, or run 0.30 or newer"),
        ('{{ .X | default "y" }}', "there is no function default, which is Sprig's: leave it out"),
    ],
)
def test_a_function_of_somebody_else_says_whose_it_is(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "compose.yml").write_text("services: {a: {image: prom/alertmanager:v0.28.1}}")
    (one,) = found(tmp_path, "'*.tmpl'", a=f'{{{{ define "ours" }}}}{text}{{{{ end }}}}')
    assert one[0] == "C046"
    assert said in one[3]


def test_a_newer_function_may_be_there_where_nobody_says_which_alertmanager_runs(tmp_path: Path) -> None:
    assert found(tmp_path, "'*.tmpl'", a='{{ define "ours" }}{{ .X | toJson }}{{ end }}') == []
    (tmp_path / "compose.yml").write_text("services: {a: {image: prom/alertmanager:v0.31.0}}")
    assert found(tmp_path, "'*.tmpl'", a='{{ define "ours" }}{{ .X | toJson }}{{ end }}') == []


def test_what_an_object_beside_defines_may_be_mounted_there(tmp_path: Path) -> None:
    assert [one[0] for one in found(tmp_path, "'*.tmpl'", a='{{ define "other" }}{{ end }}')] == ["C047", "C049"]
    assert found(tmp_path, "'*.tmpl'", a="") == []
    text = 'kind: ConfigMap\ndata:\n  a.tmpl: |\n    {{ define "ours" }}{{ end }}\n'
    (tmp_path / "objects.yml").write_text(text)
    notifications.beside.cache_clear()
    assert found(tmp_path, "'*.tmpl'", a='{{ define "__other" }}{{ end }}') == []


def test_a_template_that_files_call_and_nobody_defines(tmp_path: Path) -> None:
    said = found(tmp_path, "'*.tmpl'", a='\n{{ define "ours" }}{{ template "gone" . }}{{ end }}')
    assert [one[:3] for one in said] == [("C047", "a.tmpl", 2)]


def test_of_a_folder_or_bytes_that_are_no_text_nothing_is_known(tmp_path: Path) -> None:
    (tmp_path / "a.tmpl").mkdir()
    (tmp_path / "b.tmpl").write_bytes(b"\xff\x00")
    assert found(tmp_path, "'*.tmpl'") == []


def test_what_stands_between_the_templates_of_a_file_is_called_like_the_file(tmp_path: Path) -> None:
    ours = '{{ define "ours" }}{{ template "b.tmpl" .Alerts }}{{ end }}'
    assert found(tmp_path, "'*.tmpl'", a=ours, b="{{ len . }}") == []
    assert [one[:2] for one in found(tmp_path, "'*.tmpl'", a=ours, b='{{ define "__b" }}{{ end }}\n')] == [
        ("C047", "a.tmpl")
    ]


def test_a_template_that_fails_is_found_in_its_file(tmp_path: Path) -> None:
    text = '{{ define "ours" }}{{ template "inner" .Alerts }}{{ end }}\n{{ define "inner" }}{{ .X.Y }}{{ end }}'
    (tmp_path / "a.tmpl").write_text(text)
    (tmp_path / "alertmanager.yml").write_text(CONFIGURATION.replace("PATTERN", "'*.tmpl'"))
    problems = foreign.lint_paths([tmp_path / "alertmanager.yml"]).problems
    said = [problem for problem in problems if problem.rule == "notification-fails"]
    assert [(p.origin.document.path, p.origin.position()) for p in said] == [(str(tmp_path / "a.tmpl"), (2, 24))]
    assert "the list of alerts has no .X" in said[0].message


def test_a_dot_that_is_missing_is_put_where_the_template_is_called(tmp_path: Path) -> None:
    (tmp_path / "a.tmpl").write_text('{{ define "ours" }}{{ .Status }}{{ end }}')
    path = tmp_path / "alertmanager.yml"
    text = """templates: ['*.tmpl']
route: {receiver: a}
receivers:
  - name: a
    slack_configs: [{channel: '#a', api_url_file: /f, title: "{{ template \\"ours\\" }}"}]
"""
    path.write_text(text)
    problems = foreign.lint_paths([path]).problems
    repaired = fix.fixed(problems, lambda name: pathlib.Path(name).read_bytes(), unsafe=True)
    assert repaired.files[str(path)].decode() == text.replace('\\"ours\\" }}', '\\"ours\\" . }}')
