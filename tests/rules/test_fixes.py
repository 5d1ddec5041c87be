"""Every fix that a rule gives, on the rule's own cases: comments stay, promtool still takes it, the rule is quiet."""

from __future__ import annotations

import json
import os
import re
import subprocess
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from rule_cases import FACTS, VERSION, _routes, examples, read_dashboards
from test_rules import RULES, _case, cases, page
from typer.testing import CliRunner

from llmmon import cli, lint, plugins
from llmmon.classes import replace
from llmmon.documents import dashboardfiles, envelopes
from llmmon.documents import routes as route_files
from llmmon.documents import rules as rule_files
from llmmon.problem import Origin, Problem
from llmmon.repair import fix
from llmmon.rule import Corpus
from llmmon.source import reading, values
from llmmon.tool import Found, Tools

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from conftest import Fleet

    from llmmon.source.document import Document

NAME = "rules.yaml"
RULE_FILES = ("promql", "alerts", "records", "templates", "groups", "corpus")


@dataclass(frozen=True)
class Example:
    """A whole file around a case of a rule."""

    family: str
    slug: str
    text: str

    about: str = ""

    def find(self, now: Mapping[str, bytes]) -> list[Problem]:
        """What the rule says about the file."""
        rule = plugins.rules(self.family)[self.slug]
        only = lint.Table({rule.on: [(self.slug, rule)]})
        document, _ = reading.decoded(now[NAME], NAME)
        document = replace(document, json=document.text.startswith("{") and self.family == "dashboards")
        origin = Origin(document)
        if self.family == "routes":
            value: Any = values.value(document)[0]
            configuration = route_files.read(value, origin)
            return list(lint.node(configuration, FACTS, origin, only))
        if self.family == "dashboards":
            return list(_of_dashboards(document, only))
        read = rule_files.read(values.value(document, as_go=True)[0], origin, VERSION)
        if self.family == "corpus":
            return list(lint.node(Corpus((read.rules,), _routes(self.about)), FACTS, origin, only))
        return list(lint.rules(read.rules, FACTS, only))

    @property
    def fixable(self) -> bool:
        return any(problem.fix for problem in self.find({NAME: self.text.encode()}))


def _of_dashboards(document: Document, only: lint.Table) -> Iterator[Problem]:
    value, wrong = values.value(document, as_go=True)
    assert wrong == []
    boards = [
        dashboardfiles.read(*found, VERSION)
        for inside in envelopes.unwrap(value, Origin(document))
        for found in envelopes.dashboards(inside.value, inside.origin)
    ]
    for board in boards:
        yield from lint.dashboard(board, FACTS, only, lint.NOTHING)
    yield from lint.node(Corpus((), dashboards=tuple(boards)), FACTS, Origin(document), only)


def files(family: str, case: str) -> Iterator[str]:
    """Files around a case: written in several ways, with comments between the lines."""
    if family == "promql":
        values: list[Any] = [{"alert": "A", "expr": case}, {"record": "job:a:b", "expr": case}]
    elif family in ("alerts", "records", "templates"):
        value = yaml.safe_load(case)
        rules = value if isinstance(value, list) else [value]
        values = [[rule if "record" in rule else {"alert": "A", **rule} for rule in rules]]
    elif family == "dashboards":
        for board in read_dashboards(yaml.safe_load(case)):
            text = board.origin.document.text
            yield text
            yield json.dumps(json.loads(text), indent=2)
            map_ = {"apiVersion": "v1", "kind": "ConfigMap", "data": {"service.json": text}}
            yield yaml.safe_dump(map_, width=1000)
            yield "# 1\n" + yaml.safe_dump(map_, default_style='"', width=1000)
            pretty = {**map_, "data": {"service.json": json.dumps(json.loads(text), indent=2)}}
            yield yaml.safe_dump(pretty, default_style="|")
        return
    else:
        if family != "corpus" or yaml.safe_load(case).keys() == {"groups"}:
            yield case
        return
    for value in values:
        rules = value if isinstance(value, list) else [value]
        for style in ("", "'", '"', "|"):
            lines = yaml.safe_dump(rules, default_style=style, sort_keys=False, width=1000).splitlines()
            body = "\n".join(f"# {number}\n{line}" if _begins(line) else line for number, line in enumerate(lines))
            yield "groups:\n- name: g\n  rules:\n" + textwrap.indent(body, "  ") + "\n# end\n"
        yield json.dumps({"groups": [{"name": "g", "rules": rules}]}, indent=1)


def _begins(line: str) -> bool:
    return line[:2] in ("- ", "  ") and line[2:3].strip(" ") != "" and not line.startswith(("  ? ", "  : "))


def repairable() -> Iterator[Example]:
    """Each case of a rule that has fixes."""
    for family, slug in RULES:
        if family not in (*RULE_FILES, "routes", "dashboards"):
            continue
        given = [_case(case) for case in cases(family, slug)["found"]]
        given += [(text, about) for about, text in examples(page(family, slug), "Bad")]
        for case, about in given:
            for text in files(family, case):
                example = Example(family, slug, text, about)
                if example.fixable:
                    yield example


EXAMPLES = list(repairable())


def mended(example: Example) -> fix.Repaired:
    return fix.rounds(example.find, {NAME: example.text.encode()}, unsafe=True)


def test_some_rules_have_fixes() -> None:
    assert {"template-syntax", "printf-verb"} <= {example.slug for example in EXAMPLES}


@pytest.mark.parametrize("slug", sorted({example.slug for example in EXAMPLES}))
def test_a_rule_is_quiet_about_what_its_fixes_have_repaired(slug: str) -> None:
    for example in EXAMPLES:
        if example.slug == slug:
            done = mended(example)
            said = [problem.message for problem in (*done.problems, *done.refused) if problem.fix]
            assert (said, done.fixed > 0) == ([], True), example.text
            again = fix.rounds(example.find, done.files, unsafe=True)
            assert (again.files, again.fixed) == ({}, 0), example.text


@pytest.mark.parametrize("written", ["- a={b}", '- "a={b}"', "- 'a={b}'", "[ 'a={b}' ]"])
def test_a_repaired_matcher_is_what_the_old_parser_read(written: str) -> None:
    example = Example("routes", "matcher-notation", f"route:\n  routes:\n  - matchers:\n      {written}\n")
    after = yaml.safe_load(mended(example).files[NAME])
    assert after["route"]["routes"][0]["matchers"] == ['a="{b"']


@pytest.mark.parametrize("slug", sorted({example.slug for example in EXAMPLES}))
def test_comments_and_all_lines_that_no_edit_touches_stay(slug: str) -> None:
    for example in EXAMPLES:
        if example.slug == slug:
            after = mended(example).files[NAME].decode()
            comments = [line for line in example.text.splitlines() if line.lstrip().startswith("# ")]
            kept = [line for line in after.splitlines() if line.lstrip().startswith("# ")]
            assert kept == comments, after


def test_promtool_takes_whatever_it_took_before(tmp_path: Path) -> None:
    tools = Tools(tmp_path, os.environ)
    if not isinstance(tools.find("promtool"), Found):
        pytest.skip("promtool is not on PATH")
    mine = [example for example in EXAMPLES if example.family in RULE_FILES]
    for number, example in enumerate(mine):
        (tmp_path / f"{number}-before.yaml").write_text(example.text, encoding="utf-8")
        (tmp_path / f"{number}-after.yaml").write_bytes(mended(example).files[NAME])
    refused = _refused(tools, sorted(path.name for path in tmp_path.glob("*.yaml")))
    worse = [
        example.text
        for number, example in enumerate(mine)
        if f"{number}-after.yaml" in refused and f"{number}-before.yaml" not in refused
    ]
    assert worse == []


def _refused(tools: Tools, paths: list[str]) -> set[str]:
    """The files that promtool refuses; it says why on standard error."""
    ran = tools.run("promtool", ("check", "rules", "--lint=none", *paths))
    passed = {part.split("\n")[0] for part in ran.stdout.split("Checking ")[1:] if "SUCCESS" in part}
    return set(paths) - passed | set(re.findall(r"^(?:\s*FAILED:\n)?\s*(\S+?\.yaml):", ran.stderr, re.MULTILINE))


# The command

BEFORE = """\
groups:
- name: g
  rules:
  - alert: A  # one
    expr: x > 1
    annotations:
      summary: '{{ $lables.job }}'  # two
      description: '{{ printf "%d" $value }}'
"""
AFTER = BEFORE.replace("$lables", "$labels")
SELECTED = ("--select", "templates")


@pytest.fixture
def rules(fleet: Fleet) -> Fleet:
    fleet.write("rules/api.yml", BEFORE)
    return fleet


def now(rules: Fleet) -> str:
    return (rules.root / "rules/api.yml").read_text()


def test_unsafe_fixes_are_written_and_what_is_left_is_said(rules: Fleet) -> None:
    ran = rules.run("lint", "rules", *SELECTED, "--fix")
    assert (ran.code, now(rules)) == (1, BEFORE)
    assert "0 fixed, 1 error" in ran.err
    ran = rules.run("lint", "rules", *SELECTED, "--unsafe-fixes")
    assert (ran.code, ran.out, now(rules)) == (0, "", AFTER.replace("%d", "%.0f"))
    assert "2 fixed, no problems" in ran.err
    assert "0 fixed" in rules.run("lint", "rules", *SELECTED, "--unsafe-fixes").err


def test_without_the_options_it_is_said_what_they_repair(rules: Fleet) -> None:
    assert "; --unsafe-fixes repairs 1\n" in rules.run("lint", "rules", "--select", "T003").err
    rules.write("rules/b.yml", "groups:\n- name: g\n  rules:\n  - {alert: A, expr: x > 1, keep_firing_for: 0m}\n")
    ran = rules.run("lint", "rules", "--select", "T003,redundant-entry")
    assert "; --fix repairs 1, --unsafe-fixes repairs 2\n" in ran.err
    assert rules.run("lint", "rules", "--fix", "--write-baseline", "accepted.json").code == 2


def test_only_what_differs_from_a_revision_is_fixed(rules: Fleet) -> None:
    def git(*arguments: str) -> None:
        command = ("git", "-c", "user.name=a", "-c", "user.email=a@b", *arguments)
        subprocess.run(command, check=True, capture_output=True, cwd=rules.root)

    rules.write("rules/old.yml", BEFORE)
    git("init", "-q")
    git("add", "-A")
    git("commit", "-qm", "a")
    rules.write("rules/api.yml", BEFORE.replace("x > 1", "x > 2"))
    ran = rules.run("lint", "rules", "--select", "T003", "--unsafe-fixes", "--since", "HEAD")
    assert (ran.code, ran.err) == (0, "1 fixed, no problems\n")
    assert "$labels" in now(rules)
    assert (rules.root / "rules/old.yml").read_text() == BEFORE


def test_a_difference_is_shown_and_nothing_is_written(rules: Fleet) -> None:
    ran = rules.run("lint", "rules", "--select", "T003", "--unsafe-fixes", "--diff")
    assert (ran.code, now(rules)) == (1, BEFORE)
    assert ran.out.startswith("--- a/rules/api.yml\n+++ b/rules/api.yml\n@@ ")
    assert "-      summary: '{{ $lables.job }}'  # two\n+      summary: '{{ $labels.job }}'  # two\n" in ran.out
    assert "1 would be fixed" in ran.err
    ran = rules.run("lint", "rules", "--select", "T003", "--diff")
    assert (ran.code, ran.out) == (0, "")


def test_what_is_muted_or_not_selected_or_accepted_is_not_fixed(rules: Fleet) -> None:
    assert rules.run("lint", "rules", "--select", "T011", "--unsafe-fixes").code == 0
    assert "$lables" in now(rules)
    rules.write("rules/api.yml", "# llmmon: ignore-file[template-syntax] known\n" + BEFORE)
    rules.run("lint", "rules", "--select", "T003", "--unsafe-fixes")
    assert "$lables" in now(rules)
    rules.write("rules/api.yml", BEFORE)
    rules.run("lint", "rules", *SELECTED, "--write-baseline", "accepted.json")
    assert "0 fixed" in rules.run("lint", "rules", *SELECTED, "--unsafe-fixes", "--baseline", "accepted.json").err
    assert now(rules) == BEFORE


def test_standard_input_comes_out_repaired() -> None:
    def run(option: str) -> Any:
        return CliRunner().invoke(cli.app, ["lint", "-", "--select", "T003", option], input=BEFORE)

    ran = run("--unsafe-fixes")
    assert (ran.exit_code, ran.stdout) == (0, AFTER)
    ran = run("--fix")
    assert (ran.exit_code, ran.stdout) == (1, BEFORE)
    assert "<stdin>:7:" in ran.stderr
