"""Logstash pipelines: what a file says, and which files of a folder are one pipeline."""

from __future__ import annotations

import re
from itertools import chain, islice
from pathlib import PurePath
from typing import TYPE_CHECKING, NamedTuple

from llmmon import lazily
from llmmon.classes import frozen
from llmmon.documents.plain import Plain
from llmmon.logstash import check
from llmmon.logstash.compile import compile_problems
from llmmon.logstash.nodes import Config, plugins
from llmmon.logstash.recover import parse_all
from llmmon.problem import Level, Origin, Problem
from llmmon.rule import Finding

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

    from llmmon.logstash.nodes import Complaint, Plugin
    from llmmon.logstash.options import PluginKind
    from llmmon.problem import Span
    from llmmon.rule import Facts

MAX_SIZE = 1_000_000  # characters; the largest public pipelines have some hundred thousand
_MOST = 1000  # complaints of one file
_TEMPLATE = lazily.pattern(r"\{\{.*?\}\}|\{%.*?%\}|<%.*?%>", re.DOTALL)
_VARIABLE = lazily.pattern(r"\$(?:[A-Za-z_]\w*|\{\w+\})|@\w+@|__[A-Z]\w*__")  # where none can stand
_COMPILER = frozenset(
    (
        *("misplaced-plugin", "bare-regex", "function-call", "bad-match", "bad-number", "duplicate-key", "two-codecs"),
        *("unmergeable", "mixed-operators", "literal-operand", "list-comparison", "regex-comparison"),
    )
)
_ENDS = frozenset(("input", "output"))
_ABSENT = frozenset(("missing-option", "no-input", "no-output", "user-without-password"))  # or it was not read


@frozen
class Pipeline:
    """One file; of a `broken` one some parts could not be read."""

    config: Config
    origin: Origin
    broken: bool
    complaints: Mapping[str, tuple[Complaint, ...]]

    def kinds(self) -> frozenset[str]:
        """Which sections hold anything."""
        return frozenset(section.kind for section in self.config.sections if section.body)


@frozen
class Joined:
    """The files that Logstash reads as one pipeline; `alone` where no other file can belong to it."""

    parts: tuple[Pipeline, ...]
    alone: bool

    @property
    def complete(self) -> bool:
        """Whether it has both ends, and everything between them was read."""
        kinds = {kind for part in self.parts for kind in part.kinds()}
        return self.alone and kinds >= _ENDS and not any(part.broken for part in self.parts)

    def plugins(self) -> Iterator[tuple[PluginKind, Plugin, Pipeline]]:
        """Every plugin in the order of the files."""
        for part in self.parts:
            for kind, plugin in plugins(part.config):
                yield kind, plugin, part


@frozen
class Neighbours:
    """All files with pipelines of a run: one pipeline may send to another."""

    parts: tuple[Pipeline, ...]


class Read(NamedTuple):
    """What a file holds, and what is wrong with its form."""

    pipeline: Pipeline | None
    problems: list[Problem]


def read(document: Plain) -> Read:
    """A file, and all mistakes that its parser and its compiler would stop at."""
    if len(document.text) > MAX_SIZE:
        message = f"larger than {MAX_SIZE:,} characters, which is more than is read: split it"
        return Read(None, [Problem(Origin(document), message, "pipeline-syntax", Level.WARNING)])
    config, errors = parse_all(document.text)
    if errors and _TEMPLATE.search(document.text):
        return Read(None, [])  # something else makes a pipeline of it first
    if errors and (variable := _VARIABLE.match(document.text, errors[0].offset)):
        message = f"{variable[0]} is of a template that nobody has filled in yet: lint what comes of it"
        return Read(None, [Problem(Origin(document, span=variable.span()), message, "template-residue", Level.NOTE)])
    complaints: dict[str, list[Complaint]] = {}
    for complaint in islice(chain(compile_problems(config), check.problems(config)), _MOST) if config else ():
        if not errors or complaint.code not in _ABSENT:
            complaints.setdefault(complaint.code, []).append(complaint)
    found = [(error.message, (error.offset, error.offset + 1)) for error in errors]
    found += [(one.message, one.span) for name in _COMPILER & complaints.keys() for one in complaints[name]]
    origin = Origin(_masked(document, [one.span for one in complaints.get("literal-secret", ())]))
    problems = [Problem(origin.at(span=span), message, "pipeline-syntax") for message, span in found]
    said = {name: tuple(items) for name, items in complaints.items()}
    return Read(Pipeline(config, origin, bool(errors), said) if config else None, problems)


def _masked(document: Plain, secrets: Iterable[Span]) -> Plain:
    """The document as it may be shown: a report repeats the lines that it speaks of."""
    pieces: list[str] = []
    at = 0
    for start, end in sorted(secrets):
        if start >= at:
            pieces += [document.text[at:start], "*" * (end - start)]
            at = end
    return Plain(document.path, "".join((*pieces, document.text[at:])))


def joined(pipelines: Iterable[Pipeline], alone: bool = True) -> Iterator[Joined]:
    """The pipelines that these files are: a file with input and output is one, the others of a folder may be another.

    `alone` says that the folders hold no other pipelines.
    """
    folders: dict[PurePath, list[Pipeline]] = {}
    for pipeline in pipelines:
        folders.setdefault(PurePath(pipeline.origin.document.path).parent, []).append(pipeline)
    for inside in folders.values():
        whole = [one for one in inside if one.kinds() >= _ENDS]
        rest = [one for one in inside if not one.kinds() >= _ENDS]
        yield from (Joined((one,), alone and not rest) for one in whole)
        if rest:
            yield Joined(tuple(rest), alone and not whole)


def complained(
    codes: Mapping[str, str], doubts: Collection[str] = ()
) -> Callable[[Pipeline, Facts], Iterator[Finding]]:
    """The check of a rule that says what ours of Logstash complain of under these names, each with the rule's code.

    Of these names the `doubts` are warnings.
    """

    def findings(pipeline: Pipeline, facts: Facts) -> Iterator[Finding]:
        del facts
        for name, code in codes.items():
            for complaint in pipeline.complaints.get(name, ()):
                level = Level.WARNING if name in doubts else None
                yield Finding(code, complaint.message, complaint.span, level=level)

    return findings
