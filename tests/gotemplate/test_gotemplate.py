"""Templates are right and wrong as for Go: promtool's word on every one, and on thousands of spoiled ones."""

from __future__ import annotations

import json
import os
import random
import re
from typing import TYPE_CHECKING

import pytest

from llmmon import gotemplate
from llmmon.documents.templates import VARIABLES
from llmmon.gotemplate import TemplateError
from llmmon.tool import Found, Tools

if TYPE_CHECKING:
    from pathlib import Path

GOOD = [
    "no action } at all }}",
    "{{ $labels.x }} {{ $value | humanize }}",
    "{{ if $value }}a{{ else }}b{{ end }}",
    '{{ range $i, $x := query "up" }}{{ $i }} {{ $x | value }}{{ end }}',
    '{{ with query "up" }}{{ . | first | value | humanizePercentage }}{{ end }}',
    '{{ printf "%.2f" $value }}',
    '{{/* c */}}x{{- /* d */ -}} y {{- "a" }}',
    "{{- .Labels.foo -}} y",
    '{{ define "t" }}{{ . }}{{ end }}{{ template "t" $labels }}',
    "{{ $x := 5 }}{{ $x = 6 }}{{ $x }}",
    '{{ (query "up" | first).Labels.job }}',
    '{{ index $labels "a-b" }}',
    '{{ if and (gt $value 5.0) (lt $value 1e3) }}x{{ else if eq $labels.a "b" }}y{{ end }}',
    "{{ $externalLabels.cluster }}{{ $externalURL }}{{ externalURL }}{{ pathPrefix }}",
    "{{ humanizeDuration 0x1p4 }}{{ 0b101 }}{{ 1_000 }}{{ .5 }}{{ 2i }}{{ 0o17 }}",
    r'{{ reReplaceAll "(.*):\\d+" "$1" $labels.instance }}',
    "{{ `raw` | toUpper }}{{ 'a' }}",
    "{{ range .Labels }}{{ break }}{{ continue }}{{ end }}",
    '{{ block "b" . }}{{ . }}{{ end }}',
    '{{ args 1 2.5 "x" .Value }}',
    '{{ $labels.a.b }}{{ .Value.Foo }}{{ "a" | printf "%s" }}',
]
PIECES = [
    *("{{", "}}", "{{-", "-}}", " -}}", "|", "(", ")", "$", ".", "$labels", "$value", '"', "`", "'", " ", "end"),
    *("else", "if", "range", "with", "define", "template", "block", "break", "nil", "true", "5", "1.5", "0x", "foo"),
    *("humanize", "query", ":=", "=", ",", "/*", "*/", "\\", "\n", "é", "%", "-", "_", "$x", ".a", '"t"', "else if"),
    *("{{ end }}", "{{ else }}", "[", "#", ":", "+5", "1_000", "1e", ".5", "{{else with .Value}}"),
]
MUTANTS = 1500


def spoiled(text: str, chance: random.Random) -> str:
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        at, what = chance.randrange(len(text) + 1), chance.random()
        if what < 0.35:
            text = text[:at] + chance.choice(PIECES) + text[at:]
        elif what < 0.7:
            text = text[:at] + text[at + chance.choice((1, 1, 2, 3, 6)) :]
        elif what < 0.85:
            text = text[:at] + chance.choice(PIECES) + text[at + 1 :]
        else:
            other = chance.choice(GOOD)
            text = text[:at] + other[chance.randrange(len(other) + 1) :]
    return text


def test_every_verdict_is_that_of_go(tmp_path: Path) -> None:
    tools = Tools(tmp_path, os.environ)
    found = tools.find("promtool")
    if not isinstance(found, Found):
        pytest.skip("promtool is not on PATH")
    assert found.version
    chance = random.Random(11)
    texts = list(dict.fromkeys([*GOOD, *(spoiled(chance.choice(GOOD), chance) for _ in range(MUTANTS))]))
    rules = [{"alert": f"A{i}", "expr": "up", "annotations": {"a": text}} for i, text in enumerate(texts)]
    (tmp_path / "rules.yml").write_text(json.dumps({"groups": [{"name": "g", "rules": rules}]}))
    ran = tools.run("promtool", ("check", "rules", "--lint=none", "rules.yml"))
    refused = {int(index) for index in re.findall(r'"A(\d+)": annotation "a": ', ran.stderr)}
    assert min(refused) >= len(GOOD)
    assert len(refused) > MUTANTS / 3
    known = gotemplate.of_prometheus(found.version)
    wrong = {}
    for index, text in enumerate(texts):
        said = fault(text, known, else_with=found.version >= (3, 0))
        if (said is not None) != (index in refused):
            wrong[text] = said
    assert wrong == {}


def fault(text: str, known: frozenset[str], else_with: bool = True) -> str | None:
    try:
        gotemplate.parse(text, known, VARIABLES, else_with)
    except TemplateError as error:
        start, end = error.span
        return error.message if 0 <= start <= end <= len(text) + 2 else f"a place that is none: {error.span}"
    return None


@pytest.mark.parametrize(
    ("text", "message", "part"),
    [
        ("a {{ $label.x }}", "there is no variable $label: did you mean $labels?", "$label"),
        ("a {{ foo 1 }}", "there is no function foo: put a text in quotes", "foo"),
        ("a {{ humanise $value }}", "there is no function humanise: did you mean humanize?", "humanise"),
        ("a {{ end }}", "{{ end }} ends nothing here: remove it", "end"),
        ("a {{ if .Value }}", "{{ if }} has no {{ end }}: write it", "if"),
        ("a {{ (5 }}", "a parenthesis is not closed before }}", "{{ (5 "),
        ("a {{ .Value ", "{{ is not closed: write }}", "{{"),
        ('a {{ "b }}', "this text is not closed: write the second quote", '"'),
        ("a {{ {{ }}", "'{' means nothing in an action: remove it, or quote it", "{"),
    ],
)
def test_a_fault_is_named_and_placed(text: str, message: str, part: str) -> None:
    with pytest.raises(TemplateError) as caught:
        gotemplate.parse(text, gotemplate.of_prometheus((3, 5)), VARIABLES)
    assert caught.value.message == message
    start, end = caught.value.span
    assert text[start:end] == part


def test_functions_come_with_their_versions() -> None:
    assert fault("{{ urlQueryEscape $labels.x }}", gotemplate.of_prometheus((3, 5)))
    assert fault("{{ urlQueryEscape $labels.x }}", gotemplate.of_prometheus((3, 6))) is None
    assert fault("{{ else }}", gotemplate.of_prometheus((3, 5)))
    assert fault("{{ with .Value }}{{ else with .Labels }}{{ end }}", gotemplate.of_prometheus((3, 5))) is None
    assert fault(
        "{{ with .Value }}{{ else with .Labels }}{{ end }}", gotemplate.of_prometheus((2, 42)), else_with=False
    )


@pytest.mark.parametrize(
    "text", ["{{ (" * 100_000, "{{ if 1 }}" * 100_000, "{{ " + "(" * 100_000 + "1", "{{" * 100_000]
)
def test_depth_has_a_bound(text: str) -> None:
    assert fault(text, gotemplate.of_prometheus((3, 5)))
