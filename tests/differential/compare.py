"""Where we and a promtool disagree, in words; empty where we agree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon import foreign, gotemplate
from llmmon.documents.templates import VARIABLES
from llmmon.gotemplate import TemplateError
from llmmon.problem import Level
from llmmon.promql import PromqlError, Version, parse
from llmmon.selection import Selection, Settings

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from differential.promtool import Promtool

_PROFILE = Selection(Settings(profile="promtool"))


def expressions(texts: Sequence[str], promtool: Promtool, folder: Path) -> list[str]:
    """Expressions that only one of us accepts."""
    out = []
    for text, theirs in zip(texts, promtool.expressions(texts, folder), strict=True):
        ours = _expression(text, promtool.version)
        if (ours is None) != (theirs is None):
            out.append(_said(text, promtool, theirs and theirs[2], ours))
    return out


def templates(texts: Sequence[str], promtool: Promtool, folder: Path) -> list[str]:
    """Templates that only one of us accepts."""
    refused = promtool.templates(texts, folder)
    known = gotemplate.of_prometheus(promtool.version)
    out = []
    for index, text in enumerate(texts):
        ours = _template(text, known, promtool.version >= (3, 0))
        if (ours is not None) != (index in refused):
            out.append(_said(text, promtool, "no template" if index in refused else None, ours))
    return out


def files(texts: Sequence[str], promtool: Promtool, folder: Path) -> list[str]:
    """Rule files that only one of us accepts.

    Where the first document of a file ends early, promtool says that all is well with the no rules that it has read.
    Then we may complain of the rest.
    """
    out = []
    path = folder / "ours.yml"
    for text, rules in zip(texts, promtool.files(texts, folder), strict=True):
        path.write_text(text, encoding="utf-8", newline="")
        ours = refusals(path, promtool.version)
        if bool(ours) == (rules is not None) and not (ours and rules == 0):
            said = "no rule file" if rules is None else f"accepted, {rules} rules"
            out.append(_said(text, promtool, said, ours[0] if ours else None))
    return out


def refusals(path: Path, version: tuple[int, ...]) -> list[str]:
    """What we say that promtool refuses in a rule file."""
    found = foreign.lint_paths([path], version, dialect="prometheus", wanted=_PROFILE.asks).problems
    said = (p for p in _PROFILE.chosen(found) if p.level is Level.ERROR or p.rule == "unknown-file-kind")
    return [problem.message for problem in said]


def _expression(text: str, version: Version) -> str | None:
    try:
        parse(text, version)
    except PromqlError as error:
        return error.message
    return None


def _template(text: str, known: frozenset[str], else_with: bool) -> str | None:
    try:
        gotemplate.parse(text, known, VARIABLES, else_with)
    except TemplateError as error:
        return error.message
    return None


def _said(text: str, promtool: Promtool, theirs: str | None, ours: str | None) -> str:
    version = ".".join(map(str, promtool.version))
    return f"{text!r}\n    promtool {version}: {theirs or 'accepted'}\n    llmmon: {ours or 'accepted'}"
