"""The README keeps its promises: its specs become what it shows."""

from __future__ import annotations

import json
import re
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Fleet

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
RULES = "generated/prometheus/rules/production/chat.yaml"


@pytest.fixture
def own(fleet: Fleet) -> Fleet:
    """The folder of somebody who has copied the two specs out of the README."""
    for name in ("specs/fleet.yaml", "specs/chat.yaml"):
        fleet.write(name, block(f"<!-- {name} -->"))
    (fleet.root / "specs/runbooks/chat/HighErrorRate.md").unlink()
    return fleet


def block(marker: str) -> str:
    """The code block behind a marker."""
    found = re.search(re.escape(marker) + r"\n```\w+\n(.*?)\n```", README, re.DOTALL)
    assert found, marker
    return found[1] + "\n"


def console(command: str) -> str:
    """What the README shows below a command."""
    found = re.search(rf"^( *)\$ {re.escape(command)}\n(.*?)\n *```", README, re.DOTALL | re.MULTILINE)
    assert found, command
    return textwrap.dedent(found[2])


def test_the_two_specs_generate_what_it_says(own: Fleet) -> None:
    ran = own.run("generate")
    asked = [re.findall(r"(\w+) tells somebody, and its runbook does not say enough", line) for line in ran.problems]
    assert (ran.code, asked) == (0, [["QueueStuck"], ["TokensStopped"]])
    assert ran.err.splitlines()[0] == console("llmmon generate")


def test_the_alert_that_it_shows_is_generated(own: Fleet) -> None:
    own.run("generate")
    rules = (own.root / RULES).read_text()
    assert textwrap.indent(block(f"<!-- from {RULES} -->"), "  ") in rules


def test_the_counts_are_true(own: Fleet) -> None:
    own.run("generate")
    rules = (own.root / RULES).read_text()
    lines = sum(len(block(f"<!-- specs/{name}.yaml -->").splitlines()) for name in ("fleet", "chat"))
    pages = len(list((own.root / "generated/runbooks/chat").iterdir()))
    counts = (lines, rules.count("- record:"), rules.count("- alert:"), pages)
    found = re.search(r"Those (\d+) lines became (\d+) recording rules, (\d+) alerts.*?(\d+) runbook pages", README)
    assert found
    assert tuple(map(int, found.groups())) == counts


def test_the_mistakes_that_it_shows_are_reported(own: Fleet) -> None:
    own.edit("specs/chat.yaml", "rate: chat_cost_usd_total", "rate: chat_cost_total")
    own.edit("specs/chat.yaml", "signal: queue, above", "signal: queue, abov")
    assert own.run("check").out.rstrip() == console("llmmon check")


def test_the_output_of_make_generate_counts_the_repositorys_files() -> None:
    files = json.loads((ROOT / "generated/manifest.json").read_text())["files"]
    assert f"generated: {len(files)} unchanged" in console("make generate")


def test_every_command_is_in_the_table() -> None:
    from llmmon.cli import app

    names = {command.callback.__name__ for command in app.registered_commands if command.callback}
    assert names == set(re.findall(r"^\| `llmmon (\w+)", README, re.MULTILINE))


def test_every_file_that_it_links_to_exists() -> None:
    for target in re.findall(r"\]\((?!http)([^)#]+)", README):
        assert (ROOT / target).exists(), target
