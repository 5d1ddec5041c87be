"""Problems become text with the source line and a caret, JSON, GitHub annotations or SARIF."""

from __future__ import annotations

import os
from bisect import bisect_left, bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING, Any, Literal, TextIO
from unicodedata import combining, east_asian_width

from llmmon import lazily
from llmmon.classes import frozen
from llmmon.problem import Level

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from llmmon.problem import Origin, Problem
    from llmmon.repair.changes import Change
    from llmmon.source.document import Document

Format = Literal["text", "json", "github", "sarif", "checkstyle", "junit"]

_SECRETS = frozenset(("plain-secret", "secret-in-pipeline", "secret-value"))  # are about lines that logs must not have
_WIDTH = 120  # columns of a source line that are shown
_BEFORE = 40  # columns that stay before the caret where a line is cropped
_LONGEST = 2_000  # characters of a line around the caret that are looked at
_TAB = 4
_COLOURS = {Level.ERROR: "31", Level.WARNING: "33", Level.NOTE: "36"}
_BOLD, _DIM = "1", "2"
_GITHUB = {Level.ERROR: "error", Level.WARNING: "warning", Level.NOTE: "notice"}
_TOKEN = lazily.pattern(r""""(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|(?:[^\s:,#\[\]{}"']|:(?=\S))+""")
_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def render(problems: Iterable[Problem], format: Format, color: bool = False) -> str:  # noqa: A002 - the option's name
    """All problems by file, line and column, each once; text without problems is empty. Colour is for text alone."""
    placed = _placed(problems)
    match format:
        case "text":
            return "".join(_text(item, color) for item in placed)
        case "json":
            return _json([_object(item) for item in placed])
        case "github":
            return "".join(_annotation(item) for item in placed)
        case "sarif":
            return _json(_sarif(placed))
        case "checkstyle" | "junit":
            from llmmon import report_xml

            return report_xml.checkstyle(placed) if format == "checkstyle" else report_xml.junit(placed)


def summary(problems: Iterable[Problem]) -> str:
    """`2 errors, 1 warning`, counted as they are rendered."""
    levels = [item.problem.level for item in _placed(problems)]
    counts = [(levels.count(level), str(level)) for level in sorted(Level, reverse=True)]
    return ", ".join(f"{count} {name}{'s' * (count > 1)}" for count, name in counts if count) or "no problems"


def wants_color(stream: TextIO, environ: Mapping[str, str] = os.environ) -> bool:
    """Whether to colour what goes to this stream: a terminal that can, and no NO_COLOR (no-color.org)."""
    return not environ.get("NO_COLOR") and environ.get("TERM") != "dumb" and stream.isatty()


def shown(text: str) -> str:
    """User text on one line, with nothing in it that a terminal would obey: `\\x1b` for an escape."""
    return "".join(char if char.isprintable() else _escape(char) for char in " ".join(text.splitlines()))


@frozen
class Placed:
    """A problem and where it is, resolved once; `end` is the column behind it, `source` its line."""

    problem: Problem
    path: str
    line: int
    column: int
    end: int
    source: str


def _placed(problems: Iterable[Problem]) -> list[Placed]:
    problems = list(problems)
    documents = {id(problem.origin.document): problem.origin.document for problem in problems}
    lines = {key: document.text.split("\n") for key, document in documents.items()}
    found: dict[tuple[str, int, int, int, str, str], Placed] = {}
    for problem in problems:
        origin = problem.origin
        line, column = origin.position()
        text = lines[id(origin.document)]
        source = text[line - 1].rstrip("\r") if 0 < line <= len(text) else ""
        end = _end(origin, line, column, source)
        place = Placed(problem, origin.document.path, line, column, end, "" if problem.rule in _SECRETS else source)
        found.setdefault(_order(place), place)
    return [found[key] for key in sorted(found)]


def _order(place: Placed) -> tuple[str, int, int, int, str, str]:
    problem = place.problem
    return place.path, place.line, place.column, -problem.level, problem.rule, problem.message


def _end(origin: Origin, line: int, column: int, source: str) -> int:
    """The column behind a span, or behind the key or the word that stands at the column."""
    if origin.span:
        end = origin.span[1]
        last, behind = origin.document.position(origin.keys, (end, end))
        return max(behind if last == line else len(source) + 1, column + 1)
    token = _TOKEN.match(source, column - 1)
    return token.end() + 1 if token else column + 1


def _text(place: Placed, color: bool) -> str:
    problem = place.problem
    tint = _COLOURS[problem.level] if color else ""
    head = _paint(f"{shown(place.path)}:{place.line}:{place.column}:", _BOLD if color else "")
    rule = _paint(f"[{shown(problem.rule)}]", _DIM if color else "")
    lines = [f"{head} {_paint(f'{problem.level}:', tint)} {shown(problem.message)} {rule}"]
    if place.source.strip():
        source, before, width = _window(place.source, place.column - 1, place.end - 1)
        lines += [f"  {source}", "  " + " " * before + _paint("^" * width, tint)]
    lines += [f"  see {shown(str(origin))}" for origin in _related(problem)]
    return "\n".join(lines) + "\n"


def _window(source: str, start: int, end: int) -> tuple[str, int, int]:
    """The part of a line to show, the columns before the caret and the caret's width."""
    begin = max(0, start - _LONGEST // 2) if len(source) > _LONGEST else 0
    more = len(source) - begin > _LONGEST
    source, start, end = source[begin : begin + _LONGEST], start - begin, end - begin
    cells = [_cell(char) for char in source]
    edges = list(accumulate((_columns(cell) for cell in cells), initial=0))
    start = min(start, len(cells))
    end = max(start, min(end, len(cells)))
    first = 0 if edges[end] <= _WIDTH else bisect_left(edges, max(0, min(edges[start] - _BEFORE, edges[-1] - _WIDTH)))
    last = bisect_right(edges, edges[first] + _WIDTH) - 1
    left, right = "…" * (begin + first > 0), "…" * (more or last < len(cells))
    caret = max(1, edges[min(end, last)] - edges[start])
    return left + "".join(cells[first:last]) + right, len(left) + edges[start] - edges[first], caret


def _cell(char: str) -> str:
    if char.isprintable():
        return char
    return " " * _TAB if char == "\t" else _escape(char)


def _columns(cell: str) -> int:
    if cell.isascii():
        return len(cell)
    return 0 if combining(cell) else 2 if east_asian_width(cell) in "WF" else 1


def _escape(char: str) -> str:
    return char.encode("unicode_escape").decode()


def _paint(text: str, codes: str) -> str:
    return f"\x1b[{codes}m{text}\x1b[0m" if codes else text


def _related(problem: Problem) -> Iterator[Origin]:
    """Where the origin comes from, then what else is worth a look."""
    via = problem.origin.via
    while via:
        yield via
        via = via.via
    yield from problem.related


def _object(place: Placed) -> dict[str, Any]:
    from llmmon.structure import KINDS, is_advice

    problem = place.problem
    fix = problem.fix
    return {
        "file": place.path,
        "line": place.line,
        "column": place.column,
        "end_column": place.end,
        "level": str(problem.level),
        "rule": problem.rule,
        "code": problem.code or (KINDS[problem.rule].code if problem.rule in KINDS else ""),
        "advice": is_advice(problem),
        "message": problem.message,
        "related": [_point(origin) for origin in _related(problem)],
        "fix": fix and {"safe": fix.safe, "edits": [_replacement(*one) for one in _changes(problem)]},
    }


def _changes(problem: Problem) -> list[tuple[Document, Change]]:
    from llmmon.repair import edits

    return (edits.changes(problem.fix) if problem.fix else None) or []


def _replacement(document: Document, change: Change) -> dict[str, Any]:
    return {"file": document.path, **_range(document, change), "text": change.text}


def _range(document: Document, change: Change) -> dict[str, int]:
    (line, column), (end_line, end_column) = (_line_column(document, at) for at in (change.start, change.end))
    return {"line": line, "column": column, "end_line": end_line, "end_column": end_column}


def _line_column(document: Document, offset: int) -> tuple[int, int]:
    text = document.text
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def _point(origin: Origin) -> dict[str, Any]:
    line, column = origin.position()
    return {"file": origin.document.path, "line": line, "column": column}


def _annotation(place: Placed) -> str:
    """GitHub's workflow command `error`, `warning` or `notice`."""
    problem = place.problem
    where = {"file": place.path, "line": place.line, "col": place.column, "endColumn": place.end, "title": problem.rule}
    properties = ",".join(f"{key}={_property(str(value))}" for key, value in where.items())
    return f"::{_GITHUB[problem.level]} {properties}::{shown(problem.message).replace('%', '%25')}\n"


def _property(text: str) -> str:
    return shown(text).replace("%", "%25").replace(":", "%3A").replace(",", "%2C")


def _sarif(places: list[Placed]) -> dict[str, Any]:
    rules = sorted({place.problem.rule for place in places})
    driver = {"name": "llmmon", "rules": [{"id": rule} for rule in rules]}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(place, rules.index(place.problem.rule)) for place in places],
    }
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def _result(place: Placed, index: int) -> dict[str, Any]:
    problem = place.problem
    region = {"startLine": place.line, "startColumn": place.column, "endColumn": place.end}
    related = [_location(origin.document.path, _region(origin)) for origin in _related(problem)]
    return {
        "ruleId": problem.rule,
        "ruleIndex": index,
        "level": str(problem.level),
        "message": {"text": problem.message},
        "locations": [_location(place.path, region)],
        **({"relatedLocations": related} if related else {}),
        **({"fixes": [_sarif_fix(changes)]} if (changes := _changes(problem)) else {}),
    }


def _sarif_fix(changes: list[tuple[Document, Change]]) -> dict[str, Any]:
    replacements: dict[str, list[dict[str, Any]]] = {}
    for document, change in changes:
        place = _range(document, change)
        names = {"line": "startLine", "column": "startColumn", "end_line": "endLine", "end_column": "endColumn"}
        region = {names[key]: value for key, value in place.items()}
        one = {"deletedRegion": region, "insertedContent": {"text": change.text}}
        replacements.setdefault(document.path, []).append(one)
    return {
        "artifactChanges": [
            {"artifactLocation": {"uri": _uri(path)}, "replacements": mine} for path, mine in replacements.items()
        ]
    }


def _region(origin: Origin) -> dict[str, int]:
    line, column = origin.position()
    return {"startLine": line, "startColumn": column}


def _location(path: str, region: dict[str, int]) -> dict[str, Any]:
    return {"physicalLocation": {"artifactLocation": {"uri": _uri(path)}, "region": region}}


def _uri(path: str) -> str:
    from urllib.parse import quote

    return ("file://" if path.startswith("/") else "") + quote(path, errors="replace")


def _json(value: Any) -> str:
    from llmmon.dump import json_text

    return json_text(value)
