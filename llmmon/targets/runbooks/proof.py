"""Proves the pages: every alert has one and every page an alert, links and anchors lead somewhere, commands parse."""

from __future__ import annotations

import re
import shlex
from pathlib import PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import unquote

from llmmon.lower.pieces import pieces
from llmmon.problem import Problem, Unverified
from llmmon.rulefile import WATCHDOG
from llmmon.tool import Missing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from llmmon.plan import Facts, Fleet
    from llmmon.target import Written
    from llmmon.tool import Tools

FOLDER = PurePosixPath("runbooks")
CATALOGUE = FOLDER / "README.md"
CHECKLISTS = FOLDER / "checklists.md"
TROUBLESHOOTING = FOLDER / "troubleshooting.md"

_LINK = re.compile(r"(?<!\\)\]\(([^()\s]+)\)")
_HEADING = re.compile(r"^ {0,3}#{1,6}[ \t]+(.*?)[ \t]*$", re.MULTILINE)
_WEB = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_CELL = re.compile(r"(?<!\\)\|")
_SHELL = ("bash", "sh")


def path_of(service: str, alert: str) -> PurePosixPath:
    """Where the page of an alert is."""
    return FOLDER / service / f"{alert}.md"


def verify(
    fleet: Fleet, facts: Iterable[Facts], scratch: Path, written: Sequence[Written], tools: Tools
) -> Iterator[Problem | Unverified]:
    """Every mistake of every page."""
    texts = {item.path: (scratch / item.path).read_text(encoding="utf-8") for item in written}
    pages = {item.path: item for item in written}
    yield from _pages(facts, pages, path_of(fleet.name, WATCHDOG))
    anchors = {path: set(_anchors(text)) for path, text in texts.items()}
    for path, text in texts.items():
        yield from _links(pages[path], text, anchors)
        yield from _tables(pages[path], text)
    yield from _commands(pages, texts, tools)


def _pages(
    facts: Iterable[Facts], pages: Mapping[PurePosixPath, Written], watchdog: PurePosixPath
) -> Iterator[Problem]:
    wanted: dict[PurePosixPath, Facts] = {}
    for fact in facts:
        wanted.setdefault(path_of(fact.labels["service"], fact.labels["alertname"]), fact)
    for path, fact in wanted.items():
        if path not in pages:
            message = f"{fact.labels['alertname']} has no page {path}, where its runbook_url leads"
            yield Problem(fact.origin, message, "runbook-page")
    for path, item in pages.items():
        if path not in (*wanted, watchdog) and len(path.parts) == 3:
            yield Problem(item.origins[()], f"no alert leads to the page {path}", "runbook-page")


def _links(item: Written, text: str, anchors: Mapping[PurePosixPath, set[str]]) -> Iterator[Problem]:
    words = "".join(piece.text if piece.kind == "words" else "" for piece in pieces(text))
    for address in dict.fromkeys(_LINK.findall(words)):
        if _WEB.match(address):
            continue
        file, _, anchor = unquote(address).partition("#")
        target = _resolved(item.path, file)
        if target not in anchors:
            yield _problem(item, f"links to {address}, which is not there")
        elif anchor and anchor not in anchors[target]:
            yield _problem(item, f"links to {address}, and {target.name} has no such heading")


def _resolved(path: PurePosixPath, file: str) -> PurePosixPath:
    parts = list(path.parts[:-1]) if file else list(path.parts)
    for part in PurePosixPath(file).parts if file else ():
        parts = parts[:-1] if part == ".." else [*parts, part]
    return PurePosixPath(*parts)


def _anchors(text: str) -> Iterator[str]:
    """What a heading is called in links, as Git hosts make it."""
    words = "".join(piece.text if piece.kind != "block" else "" for piece in pieces(text))
    seen: dict[str, int] = {}
    for heading in _HEADING.findall(words):
        slug = re.sub(r"[^\w\- ]", "", heading.lower().replace("\\", "")).replace(" ", "-")
        count = seen.get(slug, 0)
        seen[slug] = count + 1
        yield f"{slug}-{count}" if count else slug


def _tables(item: Written, text: str) -> Iterator[Problem]:
    columns = 0
    for number, line in enumerate(text.split("\n"), start=1):
        cells = len(_CELL.findall(line)) if line.startswith("| ") else 0
        if cells and columns and cells != columns:
            yield _problem(item, f"line {number}: the table has {columns - 1} columns, and this row {cells - 1}")
        columns = (columns or cells) if cells else 0


def _commands(
    pages: Mapping[PurePosixPath, Written], texts: Mapping[PurePosixPath, str], tools: Tools
) -> Iterator[Problem | Unverified]:
    """All blocks by one shell, each in brackets of its own; one by one only where that one complains."""
    blocks: dict[str, PurePosixPath] = {}
    for path, text in texts.items():
        for piece in pieces(text):
            if piece.language in _SHELL:
                blocks.setdefault(_dedented(piece.text), path)
    if not blocks:
        return
    found = tools.find("bash")
    if isinstance(found, Missing):
        yield Unverified("Commands of runbooks", found.hint)
        return
    if all(map(_closed, blocks)) and not _said("".join(f"(\n{block}\n)\n" for block in blocks), tools):
        return
    for block, path in blocks.items():
        if said := _said(block, tools):
            yield _problem(pages[path], f"bash: {said}", "runbook-command")


def _said(script: str, tools: Tools) -> str:
    """What bash says of a script that it reads and does not run."""
    ran = tools.run("bash", ["--norc", "-n"], input=script)
    lines = ran.stderr.strip().splitlines()
    return " ".join(lines) or ("" if ran.code == 0 else "it failed and said nothing")


def _closed(block: str) -> bool:
    """Whether each quote has its other end: two blocks that lack one would heal each other."""
    try:
        shlex.split(block, comments=True)
    except ValueError:
        return False
    return True


def _dedented(body: str) -> str:
    indent = len(body) - len(body.lstrip(" "))
    return "\n".join(line.removeprefix(" " * indent) for line in body.split("\n"))


def _problem(item: Written, message: str, rule: str = "runbook-link") -> Problem:
    return Problem(item.origins[()], f"{item.path} {message}", rule)
