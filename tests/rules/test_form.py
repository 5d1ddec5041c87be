"""What is wrong with the form of a rule file: each kind of fault under its own slug, with a repair where it is sure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from rule_file_cases import ALERT, RECORD

from llmmon import foreign
from llmmon.problem import Level
from llmmon.structure import KINDS

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Fleet

    from llmmon.problem import Problem

OBJECT = "apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nmetadata: {name: a}\nspec:\n  groups: []\n"
HELM = (
    "groups:\n- name: g\n  rules:\n  {{- range .Values.alerts }}\n  - alert: {{ .name }}\n    expr: up\n  {{- end }}\n"
)

FAULTS = {  # slug: text, words, what the repair puts there (None: it goes)
    "group-name": ("groups: [{rules: []}]\n", "a group needs a name", ()),
    "group-name-twice": ("groups: [{name: g}, {name: g}]\n", "there is another group 'g'", ()),
    "braces-in-record-name": (RECORD.replace("a:b", "'a{b=\"c\"}'"), "labels of the result belong below labels:", ()),
    "bad-record-name": (RECORD.replace("a:b", "a-b"), "'a-b' is no name of a metric", ()),
    "bad-label-name": (f"{ALERT}    labels: {{__name__: x}}\n", "no rule sets it", (None,)),
    "bad-annotation-name": (f"{ALERT}    annotations: {{a-b: x}}\n", "write a_b", ()),
    "not-of-recordings": (f"{RECORD}    for: 5m\n", "a recording rule has none", (None,)),
    "no-duration": (f"{ALERT}    for: 5 min\n", "'5 min' is no duration: write 5m", ("5m",)),
    "dialect-field": ("groups: [{name: g, source_tenants: [a]}]\n", "is a field of Mimir", (None,)),
    "empty-entry": ("groups:\n", "there is no group here", ()),
    "implicit-type": (f"{ALERT}    labels: {{a: 1.50}}\n", 'write "1.50"', ('"1.50"',)),
    "field-too-new": (f"{ALERT}    keep_firing_for: 5m\n", "Prometheus 2.41 does not know keep_firing_for", ()),
    "template-residue": (ALERT.replace("up == 0", "sum(up) > {{ .Values.limit }}"), "nobody has rendered", ()),
}


def said(path: Path, text: str, name: str = "rules.yml") -> list[Problem]:
    """The problems of form of one file."""
    (path / name).write_bytes(text.encode())
    problems = foreign.lint_paths([path / name], (2, 41), dialect="prometheus").problems
    return [problem for problem in problems if problem.rule in KINDS]


@pytest.mark.parametrize("slug", FAULTS)
def test_each_kind_of_fault_has_its_slug(tmp_path: Path, slug: str) -> None:
    text, words, edits = FAULTS[slug]
    (problem,) = said(tmp_path, text)
    assert (problem.rule, problem.level, words in problem.message) == (slug, KINDS[slug].level, True), problem.message
    assert tuple(edit for _, edit in problem.fix.edits) == edits if problem.fix else edits == ()


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("1h 30m", "write 1h30m"),
        ("5M", "write 5m"),
        ("500 milliseconds", "write 500ms"),
        ("2 Hours", "write 2h"),
        ("300", "write it with its unit, 300s or 300m"),
        ("1.5h", "write it like 5m"),
        ("soon", "write it like 5m"),
        ("5m1h", "write it like 5m"),
    ],
)
def test_a_duration_that_is_none_says_which_was_meant(tmp_path: Path, text: str, hint: str) -> None:
    (problem,) = said(tmp_path, f"{ALERT}    for: {text}\n")
    assert problem.message == f"{text!r} is no duration: {hint}"


@pytest.mark.parametrize("value", ["1", "0x1F", "true", "yes", "-1.5"])
def test_a_number_for_a_text_is_refused_by_kubernetes_alone(tmp_path: Path, value: str) -> None:
    rule = f"  - alert: A\n    expr: up == 0\n    labels: {{a: {value}}}\n"
    (plain,) = said(tmp_path, f"groups:\n- name: g\n  rules:\n{rule}")
    inside = "".join(f"  {line}\n" for line in f"groups:\n- name: g\n  rules:\n{rule}".splitlines())
    (strict,) = said(tmp_path, OBJECT.replace("  groups: []\n", inside))
    assert [(p.rule, p.level) for p in (plain, strict)] == [
        ("implicit-type", Level.NOTE),
        ("implicit-type", Level.ERROR),
    ]
    assert strict.origin.position() == (10, 16)


@pytest.mark.parametrize("value", ["2020-01-01", "12:30", "a", '"1"', "1.2.3", "5m", "!!str 1", "y"])
def test_a_text_is_one_to_everybody(tmp_path: Path, value: str) -> None:
    assert said(tmp_path, f"{ALERT}    labels: {{a: {value}}}\n") == []


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("coreos.com/v1", "coreos.com/v1beta1", "write apiVersion: monitoring.coreos.com/v1"),
        ("spec:\n  groups", "groups", "write them below spec:"),
        ("spec:\n  groups: []\n", "", "and here is none"),
        ("name: a", "name: A_b", "'A_b' is no name in Kubernetes"),
        ("name: a", f"name: {'a' * 254}", "use at most 253"),
    ],
)
def test_an_object_that_holds_no_rules_is_said(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert said(tmp_path, OBJECT) == []
    (problem,) = said(tmp_path, OBJECT.replace(old, new))
    assert problem.rule == "crd-envelope"
    assert message in problem.message


@pytest.mark.parametrize(
    ("old", "new"), [("name: a", 'name: "{{ .Release.Name }}-rules"'), ("monitoring.coreos.com/v1", "example.com/v7")]
)
def test_an_object_that_is_not_finished_or_of_somebody_else_is_left_alone(tmp_path: Path, old: str, new: str) -> None:
    assert said(tmp_path, OBJECT.replace(old, new)) == []


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n", "\n\n"])
def test_a_file_with_nothing_in_it_is_said(tmp_path: Path, text: str) -> None:
    (problem,) = said(tmp_path, text)
    assert problem.rule == "empty-entry"


def test_expressions_that_are_not_finished_are_said_once_for_a_file_of_a_folder(fleet: Fleet) -> None:
    rules = "groups:\n- name: g\n  rules:\n" + "".join(
        f"  - {{alert: {name}, expr: 'sum(up) > {{{{ .Values.limit }}}}'}}\n" for name in "AB"
    )
    fleet.write("rules/a.yaml", rules)
    fleet.write("rules/a.tpl.yaml", rules)
    (said,) = fleet.run("lint", "rules", "--select", "template-residue").problems
    assert said.startswith("rules/a.yaml:4:33: note: ")
    assert len(fleet.run("lint", "rules/a.yaml", "--select", "template-residue").problems) == 2


def test_a_template_is_one_problem_where_it_was_named_and_none_where_nothing_says_rules(fleet: Fleet) -> None:
    fleet.write("chart/rules.yaml", HELM)
    fleet.write("chart/values.yaml", "{{- if .Values.x }}\nkind: Service\n{{- end }}\n")
    (named,) = fleet.run("lint", "chart/rules.yaml").problems
    assert named.startswith("chart/rules.yaml:4:3: error: '{{- range .Values.alerts }}' is of a template")
    (found,) = fleet.run("lint", "chart").problems
    assert found.startswith("chart/rules.yaml:4:3: note: ")
    (other,) = fleet.run("lint", "chart/values.yaml").problems
    assert other.startswith("chart/values.yaml:1:1: error: '{{- if .Values.x }}' is of a template")


def test_templates_in_a_folder_are_said_once_for_each_chart(fleet: Fleet) -> None:
    fleet.write("charts/a/Chart.yaml", "name: a\n")
    for path in (
        "charts/a/rules/one.yaml",
        "charts/a/rules/more/two.yaml",
        "charts/a/templates/three.yaml",
        "charts/c/x.tmpl.yaml",
        "charts/b/x.yaml",
        "charts/c/x.yaml",
    ):
        fleet.write(path, HELM)
    fleet.write("charts/b/y.yaml", f"{HELM}---\n{HELM}")
    of_a, of_b, of_c = fleet.run("lint", "charts").problems
    assert of_a.startswith("charts/a/rules/more/two.yaml:4:3: note: ")
    assert "helm template, or the like, makes of it; so is 1 more file in charts/a [" in of_a
    assert "; so is 1 more file in charts/b [" in of_b
    assert "more file" not in of_c
    assert len(fleet.run("lint", "charts/a/rules/one.yaml", "charts/a/templates/three.yaml").problems) == 2


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("{% if x %}\n" + ALERT + "{% endif %}\n", 1),
        (ALERT + "%{ for key in keys ~}\n    labels: {a: b}\n%{ endfor ~}\n", 6),
        (ALERT.replace("alert: A", "alert: {{ name }}"), 4),
        (f"{ALERT}    labels:\n      {{{{- toYaml .Values.labels | nindent 6 }}}}\n", 7),
        (f"{ALERT}    for: {{{{ .Values.for }}}}\n", 6),
    ],
)
def test_what_nobody_rendered_is_said_where_it_stands(tmp_path: Path, text: str, line: int) -> None:
    (problem,) = said(tmp_path, text)
    assert (problem.rule, problem.origin.position()[0]) == ("template-residue", line)


BOARD = '{"title": "A", "schemaVersion": 39, "panels": []}\n'


@pytest.mark.parametrize(
    ("text", "line"),
    [("{% raw %}\n" + BOARD + "{% endraw %}\n", 1), (BOARD.replace('"A"', "{{ .Values.title | quote }}"), 1)],
)
def test_a_dashboard_that_nobody_rendered_is_a_template(tmp_path: Path, text: str, line: int) -> None:
    (problem,) = said(tmp_path, text, "board.json")
    assert (problem.rule, problem.origin.position()[0]) == ("template-residue", line)


@pytest.mark.parametrize(
    "text",
    [
        "devices: devices.yaml\ngroups: groups.yaml\n",
        "groups: [infrastructure, homelab]\nbadges: {stars: true}\n",
        "groups: <%= p('prometheus.custom_rules', []).to_json %>\n",
    ],
)
def test_what_only_looks_like_rules_is_left_alone(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.yaml").write_text(text)
    assert foreign.lint_paths([tmp_path]).problems == []


def test_an_anchor_may_be_defined_again(tmp_path: Path) -> None:
    text = ALERT.replace("up == 0", "&a up == 0") + "  - {alert: B, expr: *a}\n  - {alert: C, expr: &a up == }\n"
    problems = said(tmp_path, text + "  - {alert: D, expr: *a}\n")
    assert [problem.origin.position()[0] for problem in problems] == [text.count("\n")] * 2
    assert [problem.rule for problem in problems] == ["promql-syntax"] * 2


@pytest.mark.parametrize(
    ("data", "count"),
    [
        (ALERT.replace("alert: A", "alert: é").encode("latin-1"), 1),
        ("services:\n  café: {}\n".encode("latin-1"), 0),
        (b"\0GITCRYPT\0\xff\ngroups: [", 0),
    ],
)
def test_of_what_is_not_utf_8_only_what_may_be_ours_is_said(tmp_path: Path, data: bytes, count: int) -> None:
    (tmp_path / "a.yaml").write_bytes(data)
    assert [one.rule for one in foreign.lint_paths([tmp_path]).problems] == ["not-utf8"] * count
    assert [one.rule for one in foreign.lint_paths([tmp_path / "a.yaml"]).problems] == ["not-utf8"]


def test_what_says_that_it_is_utf_16_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(ALERT.replace("up == 0", "up ==").encode("utf-16"))
    (tmp_path / "b.yaml").write_bytes("services: {}\n".encode("utf-16"))
    found = foreign.lint_paths([tmp_path], wanted=lambda *_: False).problems
    assert sorted(one.rule for one in found) == ["line-ends", "promql-syntax"]


def test_an_anchor_that_is_there_twice_is_of_what_it_marks_last(tmp_path: Path) -> None:
    rules = "  - {record: 'a:b:c', expr: &x sum(a)}\n  - {record: 'a:b:d', expr: &x sum(b) +}\n"
    (tmp_path / "a.yml").write_text(f"groups:\n- name: a\n  rules:\n{rules}")
    assert [one.rule for one in foreign.lint_paths([tmp_path]).problems] == ["promql-syntax"]


def test_groups_of_something_else_are_no_template_of_rules(tmp_path: Path) -> None:
    text = "{{ if .OpenshiftVersion }}\ngroups: []\nkind: SecurityContextConstraints\n{{ end }}\n"
    (tmp_path / "a.yaml").write_text(text)
    assert foreign.lint_paths([tmp_path]).problems == []


def test_the_values_of_a_chart_are_not_ours_to_judge(tmp_path: Path) -> None:
    (tmp_path / "values.yaml").write_text("route: {host: a}\nstorage:\n  size: 1\n  size: 2\n")
    assert foreign.lint_paths([tmp_path]).problems == []


def test_numbers_in_place_of_texts_are_noted_once_for_a_file(tmp_path: Path) -> None:
    text = ALERT + "    labels: {level: 1, paging: true}\n"
    (tmp_path / "a.yml").write_text(text)
    (problem,) = foreign.lint_paths([tmp_path], wanted=lambda *_: False).problems
    assert problem.message.endswith('write "1"; so is 1 more in this file')
    assert problem.fix
    assert [new for _, new in problem.fix.edits] == ['"1"', '"true"']


def test_inside_an_object_nobody_has_rendered_a_template(tmp_path: Path) -> None:
    text = "apiVersion: v1\nkind: ConfigMap\ndata:\n  a.yml: |\n    groups:\n    {% for a in b %}\n    - name: a\n"
    (tmp_path / "a.yaml").write_text(text)
    (problem,) = foreign.lint_paths([tmp_path]).problems
    assert (problem.rule, problem.origin.position()[0]) == ("template-residue", 6)


@pytest.mark.parametrize(
    "text", ["groups: <%= p('rules', []).to_json %>\n", "receivers:\n- name: a\n__AUTHORIZATION__\n"]
)
def test_what_a_script_fills_in_is_no_fault(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.yml").write_text(text)
    assert [one.rule for one in foreign.lint_paths([tmp_path]).problems if one.rule != "template-residue"] == []


def test_a_second_document_is_said_where_it_is_of_no_namespace(tmp_path: Path) -> None:
    both = f"{RECORD}---\n{ALERT}"
    (tmp_path / "rules.yml").write_text(both)
    (problem,) = foreign.lint_paths([tmp_path], wanted=lambda *_: False).problems
    assert (problem.rule, problem.origin.position()[0]) == ("multi-document", RECORD.count("\n") + 2)
    (tmp_path / "rules.yml").unlink()
    (tmp_path / "vmalert.yml").write_text(both)  # which reads them all
    assert foreign.lint_paths([tmp_path], wanted=lambda *_: False).problems == []
    (tmp_path / "rules.yml").write_text(both.replace("groups:", "namespace: a\ngroups:"))
    assert foreign.lint_paths([tmp_path], wanted=lambda *_: False).problems == []


@pytest.mark.parametrize("expr", ["<promql_expression>", "sum(<metric>) > <your limit>", "<a-b> / <c>"])
def test_an_expression_of_placeholders_is_a_template(tmp_path: Path, expr: str) -> None:
    (problem,) = said(tmp_path, ALERT.replace("up == 0", expr))
    assert (problem.rule, problem.level) == ("template-residue", Level.ERROR)
    assert problem.message.startswith(f"{expr[expr.index('<') : expr.index('>') + 1]!r} is a place to fill in")
    (found,) = foreign.lint_paths([tmp_path], wanted=lambda *_: False).problems
    assert (found.rule, found.level, found.origin.position()) == (
        "template-residue",
        Level.NOTE,
        problem.origin.position(),
    )


@pytest.mark.parametrize("expr", ["up < > 5", "a < b >", "<= 5 >", "sum(x <y> z", "'<a>' <"])
def test_comparisons_that_do_not_parse_are_no_placeholders(tmp_path: Path, expr: str) -> None:
    (problem,) = said(tmp_path, ALERT.replace("up == 0", f'"{expr}"'))
    assert problem.rule == "promql-syntax"


def test_the_templates_of_annotations_are_no_residue(tmp_path: Path) -> None:
    texts = f"{ALERT}    annotations:\n      a: |\n        {{{{ $value }}}}\n      b: it is {{{{ $value }}}}\n"
    assert said(tmp_path, texts) == []
    (wrong,) = said(tmp_path, f"{texts}      c: d: e\n")
    assert wrong.rule == "yaml-syntax"


def test_bytes_that_nobody_sees_are_a_note(tmp_path: Path) -> None:
    (both,) = said(tmp_path, "\ufeff" + ALERT.replace("\n", "\r\n"))
    assert (both.rule, both.level) == ("line-ends", Level.NOTE)
    assert "a byte order mark and carriage returns" in both.message
    assert said(tmp_path, ALERT.replace("\n", "\r\n")) == []


def test_a_file_named_json_is_json(tmp_path: Path) -> None:
    good = '{"groups": [{"name": "g", "rules": [{"alert": "A", "expr": "up == 0"}]}]}'
    assert said(tmp_path, good, "rules.json") == []
    (comma,) = said(tmp_path, good.replace("]}]}", "],}]}"), "rules.json")
    assert (comma.rule, comma.level) == ("json-syntax", Level.WARNING)
    (twice,) = said(tmp_path, good.replace('"name": "g"', '"name": "g", "name": "h"'), "rules.json")
    assert twice.rule == "duplicate-key"


@pytest.mark.parametrize(
    ("slug", "name", "text"),
    [
        ("multi-document", "a.yml", f"{ALERT}---\n{RECORD}"),
        ("line-ends", "a.yml", f"\ufeff{ALERT}"),
        ("unknown-file-kind", "a.yml", "a: b\n"),
        ("json-syntax", "a.json", '{"panels": [}'),
        ("pipeline-syntax", "a.conf", "input { stdin { }"),
        ("page-syntax", "a.prom", "# TYPE a gauge\na 1\nb\n"),
        ("crd-envelope", "a.yml", OBJECT.replace("spec:\n  groups: []\n", "")),
        ("not-a-list", "a.yml", "groups: {name: g}\n"),
        ("bad-timing", "a.yml", "route: {receiver: a, group_wait: x}\nreceivers: [{name: a}]\n"),
    ],
)
def test_the_level_of_a_fault_is_the_one_that_is_listed(tmp_path: Path, slug: str, name: str, text: str) -> None:
    (tmp_path / name).write_bytes(text.encode())
    found = {problem.rule: problem.level for problem in foreign.lint_paths([tmp_path / name]).problems}
    assert found[slug] is KINDS[slug].level


@pytest.mark.parametrize(
    "text",
    [
        ALERT.replace("up == 0", "up == <%= p('limit') %>"),
        ALERT.replace("up == 0", "up == ${limit}") + "    for: ${hold}\n",
        ALERT.replace("up == 0", "up == [[ .Limit ]]") + "    for: '[[ .Hold ]]'\n",
        f"{ALERT}    annotations: {{a: '{{{{ .Values.a }}}}'}}\n",
        f"{ALERT}    annotations: {{a: '{{{{`{{{{`}}}} $labels.pod }}}}'}}\n",
        f"{ALERT}    annotations: {{a: '{{% raw %}}{{{{ $labels.pod }}}}{{% endraw %}}'}}\n",
        f"<% if x %>\n{ALERT}<% end %>\n",
    ],
)
def test_a_template_of_any_engine_is_a_note_in_a_folder(tmp_path: Path, text: str) -> None:
    (tmp_path / "rules.yml").write_text(text)
    (found,) = foreign.lint_paths([tmp_path], wanted=lambda *_: False).problems
    assert (found.rule, found.level) == ("template-residue", Level.NOTE)


def test_a_duration_that_is_still_to_be_rendered_is_one(tmp_path: Path) -> None:
    (tmp_path / "rules.yml").write_text(f"{ALERT}    for: <%= p('hold') %>\n")
    assert foreign.lint_paths([tmp_path], wanted=lambda *_: False).problems == []
    (named,) = foreign.lint_paths([tmp_path / "rules.yml"], wanted=lambda *_: False).problems
    assert named.rule == "no-duration"


def test_the_values_of_a_chart_and_comments_are_no_template(tmp_path: Path) -> None:
    (tmp_path / "values.yaml").write_text(f"{ALERT}    annotations: {{a: '{{{{ .Values.a }}}}'}}\n")
    (tmp_path / "rules.yml").write_text(f"# {{{{ .Values.a }}}}\n{ALERT}")
    assert foreign.lint_paths([tmp_path], wanted=lambda *_: False).problems == []


def test_what_a_test_waits_for_is_a_part_of_an_object(tmp_path: Path) -> None:
    (tmp_path / "01-assert.yaml").write_text("groups:\n- name: a\n")
    (tmp_path / "rules.yaml").write_text("groups:\n- name: a\n")
    found = foreign.lint_paths([tmp_path]).problems
    (empty,) = (problem for problem in found if problem.rule == "empty-group")
    assert empty.origin.document.path.endswith("/rules.yaml")


@pytest.mark.parametrize("path", ["tests/unit/a.yml", "e2e/a.yml", "examples/bad-rules.yml", "ci/02-assert.yaml"])
def test_what_only_a_test_reads_is_left_alone(tmp_path: Path, path: str) -> None:
    text = "groups: [{name: a, rules: [{alert: A, expr: up ==}]}]\n"
    (tmp_path / path).parent.mkdir(parents=True)
    (tmp_path / path).write_text(text)
    (tmp_path / "rules.yml").write_text(text)
    assert {one.origin.document.path for one in foreign.lint_paths([tmp_path]).problems} == {f"{tmp_path}/rules.yml"}
    assert foreign.lint_paths([tmp_path / path]).problems
    assert len(foreign.lint_paths([tmp_path, tmp_path / path]).problems) > 1


def test_rules_without_a_group_are_an_error_to_who_names_the_file(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text("- {alert: A, expr: up == 0, for: 5m}\n")
    for path, level in ((tmp_path, Level.WARNING), (tmp_path / "a.yml", Level.ERROR)):
        found = foreign.lint_paths([path]).problems
        assert [one.level for one in found if one.rule == "rules-without-group"] == [level]


@pytest.mark.parametrize(
    "text",
    [
        "- {account: A, warn: 300, alert: True}\n- {account: B, warn: 360, alert: False}\n",
        "providers: {telegram: {token: a}}\nreceivers: [{name: a, provider: telegram}]\n",
    ],
)
def test_lists_of_something_else_are_no_rules_and_no_receivers(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.yml").write_text(text)
    assert foreign.lint_paths([tmp_path]).problems == []


def test_a_text_that_a_chart_left_behind_makes_no_template_of_a_file_of_rules(tmp_path: Path) -> None:
    text = 'annotations: {summary: \'{{ "{{" }} $labels.a {{ "}}" }} is down\''
    rules = ALERT.rstrip("\n") + "\n    " + text
    (tmp_path / "a.yaml").write_text(rules + "}\n", encoding="utf-8")
    assert "template-residue" in {one.rule for one in foreign.lint_paths([tmp_path]).problems}
    (tmp_path / "a.yaml").write_text(rules + ", b: '{{ $labels.a }}'}\n", encoding="utf-8")
    assert "template-residue" not in {one.rule for one in foreign.lint_paths([tmp_path]).problems}


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("Makefile", "deploy:\n\tgomplate -f ops/rules.yaml -o /etc/rules.yaml\n", False),
        ("ops/render.sh", "envsubst < rules.yaml\n", False),
        ("README.md", "`ops/rules.yaml` is rendered by the pipeline.\n", False),
        ("tasks/main.yml", "- ansible.builtin.template:\n    src: ops/rules.yaml\n    dest: /etc/rules.yaml\n", False),
        ("README.md", "`ops/rules.yaml` has the rules.\n", True),
        ("Makefile", "deploy:\n\tgomplate -f ops/other.yaml\n", True),
    ],
)
def test_what_the_folder_renders_is_no_residue(fleet: Fleet, name: str, text: str, said: bool) -> None:
    folder = f"{len(name)}-{len(text)}"  # what is around a file is looked at once
    fleet.write(f"{folder}/ops/rules.yaml", HELM)
    fleet.write(f"{folder}/{name}", text)
    assert bool(fleet.run("lint", folder).problems) is said


def test_what_a_chart_reads_as_a_file_is_rendered(fleet: Fleet) -> None:
    for name in ("read", "left"):
        fleet.write(f"{name}/Chart.yaml", f"name: {name}\n")
        fleet.write(f"{name}/config/rules.yaml", HELM)
        read = 'data:\n{{ tpl ($.Files.Get "config/rules.yaml") $ }}\n' if name == "read" else "data: {}\n"
        fleet.write(f"{name}/templates/rules.yaml", read)
    assert [line.split("/")[0] for line in fleet.run("lint", ".", "--select", "template-residue").problems] == ["left"]


def test_a_dashboard_with_a_quote_inside_of_an_action_is_a_template_in_a_chart(fleet: Fleet) -> None:
    text = '{"schemaVersion": 39, "panels": [\n{"targets": [{"expr": "up"}], "title": "{{ include "a.b" . }}"}\n]}\n'
    for path in ("helm/a.json", "charts/b/boards/a.json", "c/a.json"):
        fleet.write(path, text)
    fleet.write("charts/b/Chart.yaml", "name: b\n")
    select = ("--select", "json-syntax,template-residue", "--fail-on", "note")
    said = [problem.split(": ")[1] for problem in fleet.run("lint", ".", *select).problems]
    assert said == ["error", "note", "note"]
