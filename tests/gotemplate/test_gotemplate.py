"""Templates are right and wrong as for Go: promtool's word on every one, and on thousands of spoiled ones."""

from __future__ import annotations

import random
import shutil
from typing import TYPE_CHECKING

import pytest
from differential import compare, mutants
from differential.promtool import Promtool
from template_examples import GOOD

from llmmon import gotemplate
from llmmon.documents.templates import VARIABLES
from llmmon.gotemplate import TemplateError

if TYPE_CHECKING:
    from pathlib import Path

MUTANTS = 1500


def test_every_verdict_is_that_of_go(tmp_path: Path) -> None:
    found = shutil.which("promtool")
    if found is None:
        pytest.skip("promtool is not on PATH")
    texts = mutants.templates(GOOD, MUTANTS, random.Random(11))
    promtool = Promtool(found)
    refused = promtool.templates(texts, tmp_path)
    assert min(refused) >= len(GOOD)
    assert len(refused) > MUTANTS / 3
    assert compare.templates(texts, promtool, tmp_path) == []


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
        ("a {{ $.5 }}", "'.5' cannot stand behind a value: leave a space, or remove it", ".5"),
        ("a {{ $labels.5x }}", "this is no number: leave a space behind it", ".5x"),
        ("a {{ 1e31_000 }}", "1e31_000 is no number", "1e31_000"),
        ("a {{ $label.x }}", "there is no variable $label: did you mean $labels?", "$label"),
        (
            "a {{ default 2 3 }}",
            "there is no function default: it is Sprig's, and neither Prometheus nor Alertmanager has it",
            "default",
        ),
        (
            "a {{ mul 2 3 }}",
            "there is no function mul: a template does not compute, so do that in an expression",
            "mul",
        ),
        ("a {{ foo 1 }}", "there is no function foo: write .Labels.foo for a label, or put a text in quotes", "foo"),
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
