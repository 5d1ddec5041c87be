"""The README and the pages in docs/ keep their promises: specs become what they show, links lead somewhere."""

from __future__ import annotations

import json
import re
import textwrap
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from ruamel.yaml import YAML

from llmmon import play, plugins, preset

if TYPE_CHECKING:
    from conftest import Fleet

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
RULES = "generated/prometheus/rules/production/chat.yaml"
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
PAGES = sorted((ROOT / "docs/targets").glob("*.md"))
BLOCK = re.compile(r"^```yaml\n(?P<first>.*)\n(?P<rest>(?:.*\n)*?)```$", re.MULTILINE)
SPEC = re.compile(r"# (specs/(?:fleet|chat)\.yaml)\b")  # the two files of the fleet that examples are put into
LINK = re.compile(r"\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)")


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


def test_a_running_server_becomes_the_spec_that_it_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, own: Fleet
) -> None:
    url = "http://localhost:8000/metrics"
    root = tmp_path / "new"
    root.mkdir()
    monkeypatch.chdir(root)
    server = play.Server(tuple((name, None) for name in preset.load("vllm").catalogues))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    ran = own.run("init", "--from", server.url)
    server.shutdown()
    server.server_close()
    generated, checked = own.run("generate"), own.run("check")
    spec = (root / "specs/vllm.yaml").read_text().replace(server.url, url)
    assert uncounted(spec) == uncounted(block("<!-- from llmmon init -->"))
    said = f"{ran.err}$ llmmon generate && llmmon check\n{generated.err.splitlines()[0]}"
    assert uncounted(said) == uncounted(console(f"llmmon init --from {url}"))
    assert (ran.code, generated.code, generated.out, checked.out) == (0, 0, "", "")


def uncounted(text: str) -> str:
    """A text without its counts, which change with every alert that a preset gains."""
    return re.sub(r"\d+ (signal|alert|dashboard|line|new)", r"N \1", text)


def test_the_mistakes_that_it_shows_are_reported(own: Fleet) -> None:
    own.edit("specs/chat.yaml", "rate: chat_cost_usd_total", "rate: chat_cost_total")
    own.edit("specs/chat.yaml", "signal: queue, above", "signal: queue, abov")
    assert own.run("check").out.rstrip() == console("llmmon check")


def test_the_output_of_make_generate_counts_the_repositorys_files() -> None:
    files = json.loads((ROOT / "generated/manifest.json").read_text())["files"]
    assert f"generated: {len(files)} unchanged" in console("make generate")


def test_every_command_is_in_the_table() -> None:
    from llmmon.cli import app

    names = {command.name or command.callback.__name__ for command in app.registered_commands if command.callback}
    names |= {str(group.name) for group in app.registered_groups if group.name}
    assert names == set(re.findall(r"^\| `llmmon (\w+)", README, re.MULTILINE))


# The pages


@pytest.mark.parametrize("page", DOCUMENTS, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_leads_somewhere(page: Path) -> None:
    for file, heading in LINK.findall(page.read_text(encoding="utf-8")):
        target = page.parent / file if file else page
        assert target.exists(), f"{page.name} links to {file}, which does not exist"
        assert not heading or heading in headings(target), f"{page.name} links to #{heading}, which is no heading"


@pytest.mark.parametrize("target", plugins.targets(), ids=lambda target: target.name)
def test_every_target_has_a_page(target: Any) -> None:
    named = [
        page for page in PAGES if target.name in re.findall(r"\w+", page.read_text("utf-8").split("\n")[0].lower())
    ]
    own = ROOT / f"docs/targets/{target.name}.md"
    assert own in PAGES or named, f"write docs/targets/{target.name}.md, or name it in the heading of another page"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_examples_of_a_page_generate(page: Path, fleet: Fleet) -> None:
    specs = {name: read((fleet.root / name).read_text()) for name in ("specs/fleet.yaml", "specs/chat.yaml")}
    for found in BLOCK.finditer(page.read_text(encoding="utf-8")):
        assert found["first"].startswith("# "), f"say in the first line of the example which file it is: {found[0]}"
        if spec := SPEC.match(found["first"]):
            specs[spec[1]] |= read(
                found["rest"]
            )  # what the page has said so far stays; a key that is said again is new
            fleet.write(spec[1], json.dumps(specs[spec[1]], indent=1))
            ran = fleet.run("generate")
            assert ran.code == 0, f"{found[0]}\n{ran.out}"


def read(text: str) -> Any:
    return YAML(typ="safe", pure=True).load(text)


def headings(page: Path) -> set[str]:
    """The anchors of a page, as GitHub makes them."""
    found = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-") for text in found}
