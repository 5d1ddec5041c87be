"""What promtool finds comes home to the line of the spec, and nothing that it says is dropped."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import pytest
from server_examples import STATIC, built, judged

from llmmon.problem import Level, Problem, Unverified
from llmmon.tool import Ran, Tools

if TYPE_CHECKING:
    from conftest import Fleet

    from llmmon.pipeline import Built

CONFIG = PurePosixPath("prometheus/prometheus.yml")
SECTION = (
    STATIC
    + "  jobs:\n    node: {targets: 'node:9100', bearer: {secret: node/token}}\n    more: {files: targets/*.yaml}\n"
)
needs_promtool = pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not on PATH")


class Scratch:
    """The small fleet's files, which can be damaged before they are judged."""

    def __init__(self, fleet: Fleet) -> None:
        fleet.write("specs/fleet.yaml", (fleet.root / "specs/fleet.yaml").read_text() + SECTION)
        fleet.edit("specs/chat.yaml", "selector: {job: chat}", 'selector: {job: chat}\nscrape: {targets: "chat:80"}')
        self.root = fleet.root / "scratch"
        self.made: Built = built(self.root)

    def damage(self, old: str, new: str) -> None:
        text = (self.root / CONFIG).read_text()
        assert text.count(old) == 1, text
        (self.root / CONFIG).write_text(text.replace(old, new))

    def said(self, tools: Tools | None = None) -> list[Problem | Unverified]:
        return judged(self.made, self.root, tools)

    def problems(self, tools: Tools | None = None) -> list[tuple[str, str]]:
        found = [one for one in self.said(tools) if isinstance(one, Problem)]
        return [(one.message, str(one.origin)) for one in found]


@pytest.fixture
def scratch(fleet: Fleet) -> Scratch:
    return Scratch(fleet)


class Saying(Tools):
    """A promtool that says something."""

    def __init__(self, scratch: Path, code: int, out: str, err: str = "") -> None:
        super().__init__(scratch, {**os.environ, "LLMMON_PROMTOOL": "/bin/true"})
        self.ran = Ran(code, out, err)

    def run(self, *_: object, **__: object) -> Ran:
        return self.ran


@needs_promtool
def test_a_whole_file_is_quiet_although_its_secrets_are_elsewhere(scratch: Scratch) -> None:
    assert scratch.said() == []


@needs_promtool
def test_what_is_no_yaml_is_a_problem(scratch: Scratch) -> None:
    scratch.damage("scrape_configs:", "scrape_configs: [")
    assert any("yaml: line" in message for message, _ in scratch.problems())


@needs_promtool
@pytest.mark.parametrize("text", ["$1", "${x", "a'b\"c\\", "{{ . }}", "# no", "a\nb", "\u2028", "", "~"])
def test_promtool_takes_any_text_of_a_selector(fleet: Fleet, text: str) -> None:
    fleet.edit("specs/chat.yaml", "{job: chat}", json.dumps({"job": f"chat {text}", "tier": text}))
    fleet.edit("specs/chat.yaml", "metrics:", "scrape: {files: chat.yaml}\nmetrics:")
    fleet.write("specs/fleet.yaml", (fleet.root / "specs/fleet.yaml").read_text() + STATIC)
    made = built(fleet.root / "scratch")
    assert made.problems == []
    assert judged(made, fleet.root / "scratch") == []


@needs_promtool
@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("  - node:9100\n", "  - http://node:9100\n", 10),  # promtool names no job
        ("- job_name: node\n", "- job_name: node\n  colour: red\n", 13),
        ("- job_name: node\n", "- job_name: node\n  scrape_timeout: 1h\n", 13),
        ("- job_name: more\n", "- job_name: node\n", 14),
        ("alertmanagers:\n", "alertmanagers:\n  - colour: red\n", 11),
        ("scrape_interval: 30s", "scrape_interval: often", 10),
    ],
)
def test_what_is_broken_is_found_at_the_line_that_made_it(scratch: Scratch, old: str, new: str, place: int) -> None:
    scratch.damage(old, new)
    found = scratch.problems()
    assert found
    assert all(message.startswith(f"promtool check config on {CONFIG}: ") for message, _ in found)
    assert [where.split(":")[1] for _, where in found] == [str(place)] * len(found)


@needs_promtool
def test_an_unknown_field_is_found_at_its_own_job(scratch: Scratch) -> None:
    scratch.damage("- job_name: chat\n", "- job_name: chat\n  colour: red\n")
    ((message, place),) = scratch.problems()
    assert "field colour not found" in message
    assert place == "specs/chat.yaml:4:1"


@needs_promtool
def test_what_is_wrong_beyond_kubernetes_discovery_is_still_found(scratch: Scratch) -> None:
    """Debian's promtool knows no Kubernetes; it says so, and judges the rest."""
    scratch.damage(
        "- job_name: chat\n",
        "- job_name: pods\n  kubernetes_sd_configs: [{role: pod}]\n"
        "  relabel_configs: [{action: jump}]\n- job_name: chat\n",
    )
    assert any("jump" in message for message, _ in scratch.problems())


def test_a_server_without_rules_is_found_although_promtool_takes_it(scratch: Scratch) -> None:
    scratch.damage("rules/production/*.yaml", "rules/prod/*.yaml")
    found = [message for message, _ in scratch.problems()]
    assert f"{CONFIG}: rules/prod/*.yaml matches no rule file" in found


def test_a_line_that_nobody_understands_is_a_problem_too(scratch: Scratch) -> None:
    found = scratch.problems(Saying(scratch.root, 2, "Checking x\npanic: cheese\n"))
    assert [message for message, _ in found] == [f"promtool check config on {CONFIG}: panic: cheese"]
    found = scratch.problems(Saying(scratch.root, 2, ""))
    assert [message for message, _ in found] == [f"promtool check config on {CONFIG}: failed, and said nothing"]


def test_a_warning_stays_a_warning(scratch: Scratch) -> None:
    (found,) = scratch.said(Saying(scratch.root, 0, "  WARNING: out of cheese\n"))
    assert isinstance(found, Problem)
    assert found.level is Level.WARNING


def test_without_promtool_nothing_is_taken_for_good(scratch: Scratch) -> None:
    (found,) = scratch.said(Tools(scratch.root, {"PATH": "/nowhere"}))
    assert isinstance(found, Unverified)
    assert found.needed
