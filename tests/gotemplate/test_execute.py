"""Templates are executed as Prometheus does: the same texts, and a failure where it has one."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from llmmon import gotemplate
from llmmon.documents.templates import VARIABLES
from llmmon.gotemplate import prometheus
from llmmon.gotemplate.execute import execute
from llmmon.gotemplate.values import Strings, Struct, Unsure, Vector, float_text
from llmmon.tool import Found, Tools

if TYPE_CHECKING:
    from llmmon.gotemplate.result import Result

BATTERY = Path(__file__).with_name("battery.txt").read_text(encoding="utf-8").splitlines()
LABELS = {"__name__": "x", "a": "b", "instance": "h:1"}
VALUES = (0.0, 1.5, 1e9)


def ours(text: str, value: float, labels: Strings | None = None) -> Result:
    """What a template makes of a sample of x, which is all that there is."""

    def query(text: str) -> Vector:
        if text not in ("x", "y_missing"):
            raise Unsure
        return Vector([prometheus.sample(Strings(LABELS), value)] if text == "x" else [])

    given: Any = Strings(LABELS) if labels is None else labels
    fields = {"Labels": given, "ExternalLabels": Strings({}), "ExternalURL": "", "Value": value}
    variables = dict(zip(VARIABLES, (fields["Labels"], fields["ExternalLabels"], "", value), strict=True))
    template = gotemplate.parse(text, gotemplate.of_prometheus((2, 42)), VARIABLES)
    return execute(template, prometheus.functions(query), Struct("data", fields), variables)


def test_every_text_is_promtools(tmp_path: Path) -> None:
    tools = Tools(tmp_path, os.environ)
    if not isinstance(tools.find("promtool"), Found):
        pytest.skip("promtool is not on PATH")
    rules = [{"alert": f"A{n}", "expr": "x", "annotations": {"a": text}} for n, text in enumerate(BATTERY)]
    (tmp_path / "rules.yaml").write_text(yaml.safe_dump({"groups": [{"name": "g", "rules": rules}]}), encoding="utf-8")
    asked = [{"eval_time": "2m", "alertname": rule["alert"], "exp_alerts": []} for rule in rules]
    for value in VALUES:
        series = [{"series": 'x{a="b",instance="h:1"}', "values": f"{value:f}x5"}]
        tests = [{"interval": "1m", "input_series": series, "alert_rule_test": asked}]
        file = {"rule_files": ["rules.yaml"], "evaluation_interval": "1m", "tests": tests}
        (tmp_path / "test.yaml").write_text(yaml.safe_dump(file), encoding="utf-8")
        ran = tools.run("promtool", ("test", "rules", "test.yaml"))
        theirs = _annotations(ran.stdout + ran.stderr)
        assert len(theirs) == len(BATTERY)
        found = [ours(text, value) for text in BATTERY]
        wrong = [
            (text, result, theirs[number])
            for number, (text, result) in enumerate(zip(BATTERY, found, strict=True))
            if result.certain and (result.failure is not None) != theirs[number].startswith("<error expanding template")
        ]
        assert wrong == []
        texts = [
            (text, result.text, theirs[number])
            for number, (text, result) in enumerate(zip(BATTERY, found, strict=True))
            if result.certain and result.exact and not result.failure and result.text != theirs[number]
        ]
        assert texts == []
        assert sum(not result.certain for result in found) < 10
        assert sum(result.failure is not None for result in found) > 40


def _annotations(said: str) -> dict[int, str]:
    pattern = r'got:\[\s*(?:0:\s*)?Labels:\{.*?alertname="A(\d+)".*?\}\s*Annotations:\{a=("(?:[^"\\]|\\.)*")\}'
    return {int(n): json.loads(text.replace("\\x", "\\u00")) for n, text in re.findall(pattern, said, re.DOTALL)}


FAILURES = [
    ("{{ if gt $value 5 }}x{{ end }}", "gt fails: a number with a fraction cannot be compared with a whole number"),
    ("{{ $value | toUpper }}", "toUpper wants a text, and this is a number with a fraction"),
    ("{{ toUpper }}", "toUpper takes 1 value, and gets 0"),
    ("{{ .Valeu }}", "there is no .Valeu: did you mean .Value?"),
    ("{{ $value.x }}", "a number with a fraction has no .x"),
    ('{{ query "x" | value }}', "value wants one sample of a query, and this is the result of a query"),
    ("{{ index $labels 0 }}", "index fails: the keys of a map are texts, and this is a whole number"),
    ('{{ range "abc" }}{{ end }}', "range goes over maps and lists, and this is a text"),
    ('{{ template "t" }}', "there is no template 't'"),
    ('{{ parseDuration "abc" }}', "parseDuration fails: 'abc' is no duration: write it like 5m"),
    ('{{ reReplaceAll "(" "" "x" }}', "reReplaceAll fails: '(' is no regular expression"),
    ('{{ $labels.a "x" }}', ".a is no function, and takes nothing"),
    ('{{ len 5 }}', "len fails: a whole number has no length"),
    ("{{ (args 1).x.y }}", ".x is nothing, and has no .y"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "message"), FAILURES)
def test_a_failure_says_what_to_write_and_where(text: str, message: str) -> None:
    failure = ours(text, 1.5).failure
    assert failure
    assert message in failure.message
    assert 0 < failure.span[0] < failure.span[1] <= len(text)


UNSURE = [
    "{{ humanize $labels.other }}",
    '{{ index (query "x") 3 | value }}',
    '{{ query "y_missing" | first | value }}',
    "{{ $labels.other | parseDuration }}",
    "{{ range 3 }}x{{ end }}",
    '{{ query "z" }}',
    '{{ define "t" }}{{ template "t" }}{{ end }}{{ template "t" }}',
    '{{ printf "%999999999d" 5 }}',
    '{{ printf "%[1]d" 5 }}',
    "{{ " + "(" * 150 + "$value" + ")" * 150 + " | toUpper }}",
    "{{ (toTime $value).Nothing }}",
]


@pytest.mark.parametrize("text", UNSURE)
def test_what_depends_on_what_nobody_knows_is_no_failure(text: str) -> None:
    result = ours(text, 1.5, Strings({}, open_=True))
    assert result.failure is None or "toUpper" in text


def test_a_template_that_goes_on_for_ever_ends() -> None:
    loop = '{{ define "t" }}{{ template "t" }}{{ template "t" }}{{ end }}{{ template "t" }}'
    assert not ours(loop, 1.5).certain
    text = '{{ $x := "aaaaaaaaaa" }}' + '{{ $x = printf "%s%s" $x $x }}' * 40 + "{{ $x }}"
    assert not ours(text, 1.5).certain
    for pattern in ("(a+)+$", "(a|a)*$", "a?" * 40 + "a" * 40):
        assert not ours(f'{{{{ match "{pattern}" "{"a" * 60}b" }}}}', 1.5).certain


def test_a_key_that_a_map_has_not_is_remembered() -> None:
    reads = ours('{{ $labels.c }}{{ .Labels.a }}{{ index .Labels "d" }}{{ query "x" | first | label "e" }}', 1.5).reads
    assert [read.key for read in reads] == ["c", "d", "e"]
    assert ours("{{ $labels.c }}", 1.5, Strings({}, open_=True, absent=frozenset("d"))).reads == []
    assert ours("{{ $labels.d }}", 1.5, Strings({}, open_=True, absent=frozenset("d"))).reads[0].key == "d"


def test_verbs_that_do_not_fit_are_remembered() -> None:
    found = ours('{{ printf "%d of %s" $value $labels.a }}{{ $value | printf "%s" }}{{ printf "%s %s" "x" }}', 1.5)
    assert [(wrong.verb.verb, wrong.value) for wrong in found.misfits] == [("d", 1.5), ("s", 1.5), ("s", None)]


@pytest.mark.parametrize(
    ("value", "text"),
    [(1e6, "1e+06"), (123456.0, "123456"), (0.0001, "0.0001"), (0.00001, "1e-05"), (-1.5, "-1.5"), (-0.0, "-0"),
     (1234567.0, "1.234567e+06"), (0.1 + 0.2, "0.30000000000000004"), (5e-324, "5e-324"), (100.0, "100")],
)  # fmt: skip
def test_a_number_is_printed_as_go_prints_it(value: float, text: str) -> None:
    assert float_text(value) == text
