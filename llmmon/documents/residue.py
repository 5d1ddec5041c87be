"""Files that some template engine has still to render: `{{ ... }}` of Helm and Jinja where YAML has no text, `<% %>`
of ERB, `${...}` and `%{...}` of Terraform and the shell, `[[ ... ]]` of operators."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from llmmon import lazily
from llmmon.classes import replace
from llmmon.problem import Level, Origin, Problem
from llmmon.source.document import Spot

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llmmon.source.document import Document

_BEGINNINGS = ("{{", "{%", "<%", "%{")
_RESIDUE = lazily.pattern(  # not $name, which is often of a dashboard and a mistake here
    r"\{\{.*?\}\}|\{%.*?%\}|<%.*?%>|\$\{[^}]*\}|\[\[.*?\]\]|\$[A-Z][A-Z0-9_]+\b|@@?\w+@@?|%\(\w+\)[sd]"
    r"|\b__[A-Z][A-Z0-9_]*__\b",
    re.DOTALL,
)
_MARK = lazily.pattern(r"\s*__[A-Z][A-Z0-9_]*__\s*")
_FORMS = frozenset(("yaml-syntax", "odd-key"))
_BEGINS = lazily.pattern(r"(?!.*\$(?:value|labels|externalLabels)\b)\s*(?:- )*(?:[\w.-]+:\s+)?(?:\{\{|\{%|<%|%\{)")
_ALWAYS = lazily.pattern(
    r"^\s*<%|^(?:\{\{|\{%|%\{)|^[^'\"#\n]*\{\{-? *(?:\.Values|\.Release|\.Chart|include|template|toYaml)\b",
    re.MULTILINE,
)
_OF_CHART = lazily.pattern(
    r"\{\{-? *(?:\(? *(?:index +)?\$?(?:root)?\.(?:Values|Release|Chart)\b|(?:include|tpl|toYaml)\b|['\"`]\{\{)"
    r"|\{%-? *\w"
)
_BARE = lazily.pattern(  # which no chart could render
    r"(?<!`)(?<!\{[\"'])(?<!\{ [\"'])(?<!- [\"'])\{\{-? *(?:if +)?\$(?:labels|value)\b"
)
_PLACEHOLDER = lazily.pattern(r"(?:^|[(,{=<>!+*/%^-]|\b(?:and|or|unless)\b)\s*(<[A-Za-z_][\w .-]{0,60}>)")
_TEMPLATES = frozenset(("gotmpl", "j2", "jinja", "jinja2", "template", "tmpl", "tpl"))  # in a name, between its dots
_BEFORE = 3  # lines; where libyaml gives up is behind what it could not read


def of_template(document: Document, problems: Sequence[Problem], named: bool) -> Problem | None:
    """The one thing to say of a file that is not YAML or JSON because nobody has rendered it; None of another one."""
    if not any(begin in document.text for begin in _BEGINNINGS):
        return _of_mark(document, problems, named) if "__" in document.text else None
    lines = document.text.split("\n")
    for problem in problems:
        if problem.rule == "json-syntax":
            return _of_json(document, problem, named)
        if problem.rule in _FORMS:
            end = min(problem.origin.position()[0], len(lines))
            near = (number for number in range(max(end - _BEFORE, 0) + 1, end + 1) if _BEGINS.match(lines[number - 1]))
            if line := next(near, None):
                return _said(document, line, lines[line - 1], named)
            if is_template(document.path) and (line := _action(lines, end)):
                return _said(document, line, lines[line - 1], named)
            if found := _ALWAYS.search(document.text):
                line = document.text.count("\n", 0, found.start()) + 1
                return _said(document, line, lines[line - 1], named)
    return None


def _action(lines: Sequence[str], end: int) -> int | None:
    """The line of an action near where a file ends to be YAML."""
    near = range(max(end - _BEFORE, 0) + 1, end + 1)
    return next((number for number in near if "{{" in lines[number - 1] or "{%" in lines[number - 1]), None)


def _of_mark(document: Document, problems: Sequence[Problem], named: bool) -> Problem | None:
    """What is said of a line that a script replaces, such as `__AUTHORIZATION__`."""
    lines = document.text.split("\n")
    for problem in (problem for problem in problems if problem.rule in _FORMS):
        end = min(problem.origin.position()[0], len(lines))
        for number in range(max(end - _BEFORE, 0) + 1, end + 1):
            if _MARK.fullmatch(lines[number - 1]):
                return _said(document, number, lines[number - 1], named)
    return None


def _of_json(document: Document, problem: Problem, named: bool) -> Problem | None:
    """What is said of JSON where it ends to be such because a template begins, or, in a chart, has a quote inside."""
    line, column = problem.origin.position()
    text = document.text.split("\n")[line - 1]
    begun = any(begin in text[max(column - 2, 0) : column + 1] for begin in _BEGINNINGS)
    inside = text.rfind("{{", 0, column) > text.rfind("}}", 0, column) and _is_in_chart(Path(document.path).parent)
    return _said(document, line, text, named) if begun or inside else None


def of_chart(document: Document) -> Problem | None:
    """The one thing to say of a file that is YAML, and a template of Helm or Jinja all the same."""
    name = document.path.rpartition("/")[2]
    if name.startswith("values") or not ("{{" in document.text or "{%" in document.text):
        return None  # the values of a chart are no template, whatever stands in them
    texts = ((found, document.text.rfind("\n", 0, found.start()) + 1) for found in _OF_CHART.finditer(document.text))
    found = next((found for found, start in texts if "#" not in document.text[start : found.start()]), None)
    if found is None or (found[0][-1] == "{" and _BARE.search(document.text)):
        return None
    line = document.text.count("\n", 0, found.start()) + 1
    return _said(document, line, document.text.split("\n")[line - 1], named=False)


def is_template(path: str) -> bool:
    """Whether a path says that nobody expects its file to be rendered."""
    *folders, name = path.split("/")
    return "templates" in folders or not _TEMPLATES.isdisjoint(name.lower().split("."))


def once_per_chart(problems: Sequence[Problem]) -> list[Problem]:
    """Of the templates that a folder had, and that nothing there renders, the first of each chart, with how many more
    files there are."""
    if not any(map(_is_found, problems)):
        return list(problems)
    from llmmon import rendering

    files: dict[Path, dict[str, Problem]] = {}
    for problem in problems:
        if _is_found(problem) and not rendering.is_rendered(path := problem.origin.document.path):
            files.setdefault(_chart(Path(path).parent), {}).setdefault(path, problem)
    said = [problem for problem in problems if not _is_found(problem)]
    for chart, those in files.items():
        first, more = next(iter(those.values())), len(those) - 1
        others = f"; so {'are' if more > 1 else 'is'} {more} more file{'s' * (more > 1)} in {chart}"
        said.append(replace(first, message=first.message + others) if more else first)
    return said


def _is_found(problem: Problem) -> bool:
    return problem.rule == "template-residue" and problem.level is Level.NOTE


def _chart(folder: Path) -> Path:
    """The chart that a folder is of; a folder that is of none stands for itself."""
    return next((one for one in (folder, *folder.parents) if (one / "Chart.yaml").is_file()), folder)


def _is_in_chart(folder: Path) -> bool:
    return "helm" in folder.parts or (_chart(folder) / "Chart.yaml").is_file()


def in_value(text: str) -> bool:
    """Whether something is to be rendered in a text that is no template itself."""
    return _RESIDUE.search(text) is not None


def in_expression(text: str) -> tuple[int, int] | None:
    """Where a PromQL expression, already without its strings, has what only a template has."""
    found = _RESIDUE.search(text)
    return found.span() if found else None


def placeholder(text: str) -> tuple[int, int] | None:
    """Where a PromQL expression that does not parse, without its strings, has a `<word>` where an operand belongs."""
    found = _PLACEHOLDER.search(text)
    return found.span(1) if found else None


def _said(document: Document, line: int, text: str, named: bool) -> Problem:
    column = next(text.index(begin) for begin in (*_BEGINNINGS, "__") if begin in text) + 1
    what = text[column - 1 :].strip()
    shown = what if len(what) <= 40 else f"{what[:40]}..."
    message = f"{shown!r} is of a template that nobody has rendered: lint what helm template, or the like, makes of it"
    level = Level.ERROR if named else Level.NOTE
    return Problem(Origin(Spot(document.path, document.text, line, column)), message, "template-residue", level)
