"""What promtool finds comes home to the line of the spec, and nothing that it says is dropped."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import pytest

from llmmon import pipeline
from llmmon.problem import Problem, Unverified
from llmmon.targets.prometheus import TARGET
from llmmon.tool import Ran, Tools

if TYPE_CHECKING:
    from conftest import Fleet

    from llmmon.target import Written

RULES = PurePosixPath("prometheus/rules/production/chat.yaml")


@dataclass
class Scratch:
    """A run of the small fleet whose rule files can be damaged before they are judged."""

    root: Path
    built: pipeline.Built

    @property
    def written(self) -> list[Written]:
        return [item for item in self.built.written if item.path.parts[:2] == ("prometheus", "rules")]

    def damage(self, old: str, new: str, path: PurePosixPath = RULES) -> None:
        text = (self.root / path).read_text()
        assert old in text
        (self.root / path).write_text(text.replace(old, new, 1))

    def judge(self, tools: Tools | None = None) -> list[Problem | Unverified]:
        assert TARGET.verify
        tools = tools or Tools(self.root, os.environ)
        return list(TARGET.verify(self.built.fleet, (), self.root, self.written, tools))

    def problems(self, tools: Tools | None = None) -> list[Problem]:
        found = self.judge(tools)
        assert all(isinstance(item, Problem) for item in found)
        return [item for item in found if isinstance(item, Problem)]


@pytest.fixture
def scratch(fleet: Fleet) -> Scratch:
    root = fleet.root / "scratch"
    root.mkdir()
    return Scratch(root, pipeline.build(pipeline.read([Path("specs")]), root, verify=False))


class Saying(Tools):
    """A promtool that ends with 1 and says something."""

    said = ""

    def run(self, *_: object, **__: object) -> Ran:
        return Ran(1, "", self.said)


needs_promtool = pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not on PATH")


@needs_promtool
def test_whole_files_are_quiet(scratch: Scratch) -> None:
    assert scratch.judge() == []


@needs_promtool
def test_a_broken_expression_is_found_at_the_line_that_made_it(scratch: Scratch) -> None:
    scratch.damage("service:errors_ratio:rate5m{", "service:errors_ratio:rate5m{{")
    problems = scratch.problems()
    assert problems
    assert all(problem.message.startswith("promtool: ") for problem in problems)
    assert {str(problem.origin) for problem in problems} == {"specs/chat.yaml:16:3"}


@needs_promtool
def test_a_broken_recording_rule_is_found_at_its_signal(scratch: Scratch) -> None:
    scratch.damage("sum by (model) (rate(chat_requests_total", "sum by (model) (rate((chat_requests_total")
    assert {str(problem.origin) for problem in scratch.problems()} == {"specs/chat.yaml:9:3"}


@needs_promtool
def test_what_is_no_yaml_is_found_at_the_service(scratch: Scratch) -> None:
    scratch.damage("groups:", "groups: [")
    assert {problem.origin.document.path for problem in scratch.problems()} == {"specs/chat.yaml"}


@needs_promtool
def test_a_duplicate_is_found_although_promtool_names_no_rule(scratch: Scratch) -> None:
    text = (scratch.root / RULES).read_text()
    start = text.index("  - record:")
    rule = text[start : text.index("  - record:", start + 1)]
    (scratch.root / RULES).write_text(text.replace(rule, rule + rule, 1))
    problems = scratch.problems()
    assert any("duplicate" in problem.message for problem in problems)
    assert {problem.origin.document.path for problem in problems} == {"specs/chat.yaml"}


@needs_promtool
def test_a_complaint_about_one_file_is_not_told_of_another(scratch: Scratch) -> None:
    watchdog = PurePosixPath("prometheus/rules/production/watchdog.yaml")
    scratch.damage("vector(1)", "vector(", watchdog)
    assert {problem.origin.document.path for problem in scratch.problems()} == {"specs/fleet.yaml"}


def test_a_line_that_nobody_understands_is_a_problem_too(scratch: Scratch) -> None:
    tools = Saying(scratch.root, {**os.environ, "LLMMON_PROMTOOL": "/bin/true"})
    tools.said = "panic: runtime error\nChecking prometheus/rules/production/chat.yaml\nout of cheese"
    messages = [problem.message for problem in scratch.problems(tools)]
    assert messages == ["promtool: panic: runtime error", "promtool: out of cheese"]


def test_a_promtool_that_fails_without_a_word_is_a_problem(scratch: Scratch) -> None:
    tools = Saying(scratch.root, {**os.environ, "LLMMON_PROMTOOL": "/bin/true"})
    assert [problem.message for problem in scratch.problems(tools)] == ["promtool failed and said nothing"]


def test_a_rule_number_beyond_the_file_falls_back_to_its_group(scratch: Scratch) -> None:
    tools = Saying(scratch.root, {**os.environ, "LLMMON_PROMTOOL": "/bin/true"})
    tools.said = f'{RULES}: 1:1: group "chat.production.recording", rule 99, "x": bad'
    (problem,) = scratch.problems(tools)
    assert problem.origin.document.path == "specs/chat.yaml"


def test_without_promtool_the_rules_are_unverified_and_not_taken_for_good(scratch: Scratch) -> None:
    (found,) = scratch.judge(Tools(scratch.root, {"PATH": "/nowhere"}))
    assert isinstance(found, Unverified)
    assert found.needed


def test_a_service_without_rules_has_no_file(fleet: Fleet) -> None:
    fleet.write("specs/chat.yaml", "service: chat\nteam: inference\nselector: {job: chat}\nuses: {service: false}\n")
    (fleet.root / "specs/runbooks/chat/HighErrorRate.md").unlink()
    root = fleet.root / "scratch"
    root.mkdir()
    built = pipeline.build(pipeline.read([Path("specs")]), root)
    assert [str(problem.origin) for problem in built.problems if problem.rule != "prose-alert"] == []
    assert RULES not in {item.path for item in built.written}


def test_every_environment_has_a_watchdog_with_the_labels_that_routes_need(scratch: Scratch) -> None:
    text = (scratch.root / "prometheus/rules/production/watchdog.yaml").read_text()
    for line in ("alert: Watchdog", "expr: vector(1)", "environment: production", "service: acme", "category: meta"):
        assert line in text
