"""Problems as XML: Checkstyle's form, and JUnit's, which CI systems show as failed tests."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING
from xml.sax.saxutils import quoteattr

from llmmon.problem import Level

if TYPE_CHECKING:
    from collections.abc import Iterable

    from llmmon.report import Placed

_HEAD = '<?xml version="1.0" encoding="utf-8"?>\n'
_SEVERITY = {Level.ERROR: "error", Level.WARNING: "warning", Level.NOTE: "info"}


def checkstyle(places: Iterable[Placed]) -> str:
    """`<file>` elements with one `<error>` for each problem."""
    files = []
    for path, found in groupby(places, lambda place: place.path):
        errors = [
            f"  <error line={_number(place.line)} column={_number(place.column)} "
            f'severity="{_SEVERITY[place.problem.level]}" message={_text(place.problem.message)} '
            f"source={_text(f'llmmon.{place.problem.rule}')}/>\n"
            for place in found
        ]
        files.append(f" <file name={_text(path)}>\n{''.join(errors)} </file>\n")
    return f'{_HEAD}<checkstyle version="4.3">\n{"".join(files)}</checkstyle>\n'


def junit(places: Iterable[Placed]) -> str:
    """One test case for each problem, all of them failed; one that passed where there is none."""
    cases = [
        f"  <testcase classname={_text(place.path)} name={_text(_name(place))}>\n"
        f"   <failure type={_text(str(place.problem.level))} message={_text(place.problem.message)}/>\n"
        "  </testcase>\n"
        for place in places
    ]
    inside = "".join(cases) or '  <testcase classname="llmmon" name="no problems"/>\n'
    count = f'tests="{max(len(cases), 1)}" failures="{len(cases)}"'
    return f'{_HEAD}<testsuites>\n <testsuite name="llmmon" {count}>\n{inside} </testsuite>\n</testsuites>\n'


def _name(place: Placed) -> str:
    return f"{place.problem.rule} at {place.line}:{place.column}"


def _number(value: int) -> str:
    return f'"{value}"'


def _text(value: str) -> str:
    """An attribute; what XML cannot hold at all is written as its escape."""
    return quoteattr("".join(char if _allowed(char) else char.encode("unicode_escape").decode() for char in value))


def _allowed(char: str) -> bool:
    return char in "\t\n\r" or (" " <= char <= "\ud7ff") or ("\ue000" <= char <= "\ufffd") or char > "\uffff"
