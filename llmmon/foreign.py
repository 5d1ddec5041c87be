"""Lints files that need no spec: finds them, finds out what each is, and shows all of them to the rules."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from llmmon import lint, source
from llmmon.documents import envelopes, form, residue
from llmmon.documents import routes as route_files
from llmmon.documents import rules as rule_files
from llmmon.problem import Level, Origin, Problem
from llmmon.recorded import Recorded
from llmmon.rule import Corpus, Facts
from llmmon.rules.alerts.up_without_absent import watches

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from llmmon.promql import Version
    from llmmon.rule import Rule, Rules
    from llmmon.source import Document, Value

STDIN = Path("-")
ENDINGS = (".yaml", ".yml", ".rules")
_LIKELY = re.compile(r"^(?:groups|inhibit_rules|receivers|route|kind: PrometheusRule)\b", re.MULTILINE)
DEFAULT_VERSION: Version = (3, 5)


@dataclass(frozen=True, slots=True)
class _File:
    """A file that was read."""

    document: Document
    value: Value
    named: bool  # on the command line, not found in a folder
    several: bool = False  # there are other documents in the same file before this one


class Linted(NamedTuple):
    """Everything that is wrong, and the documents that were looked at."""

    problems: list[Problem]
    documents: list[Document]


def lint_paths(
    paths: Sequence[Path],
    version: Version = DEFAULT_VERSION,
    excluded: Sequence[str] = (),
    stdin: str = "<stdin>",
    dialect: str | None = None,
    wanted: Callable[[str, Rule[Any]], bool] = lambda _, rule: rule.default,
    around: Facts | None = None,
) -> Linted:
    """What is wrong with the rule files and the Alertmanager configurations below these paths; `-` is standard input.

    A file in a folder that is of no kind we know is left alone, and so is one that a pattern excludes; one that was
    named is said to be unknown. `wanted` rules are asked; `around` is what is known of the servers
    and of their metrics.
    """
    files, problems = _read(paths, excluded, stdin, whole=dialect is None)
    around = replace(around or Facts(), version=version)
    problems += _problems(files, around, dialect, wanted)
    return Linted(problems, [file.document for file in files])


def _problems(
    files: Sequence[_File],
    around: Facts,
    dialect: str | None,
    wanted: Callable[[str, Rule[Any]], bool],
) -> Iterator[Problem]:
    read, configurations = [], []
    unknown: dict[str, Document] = {}
    known: set[str] = set()
    for file in files:
        if file.named:
            unknown.setdefault(file.document.path, file.document)
        for inside in envelopes.unwrap(file.value, Origin(file.document)):
            yield from inside.problems
            if inside.problems or rule_files.is_rules(inside.value):
                known.add(file.document.path)
            if rule_files.is_rules(inside.value):
                if file.several and not inside.origin.keys:
                    message = "Prometheus reads the first document of a file alone: write these groups there"
                    yield Problem(inside.origin, message, "multi-document", Level.WARNING)
                    if dialect:
                        continue
                found = rule_files.read(
                    inside.value, inside.origin, around.version, dialect, strict=bool(inside.origin.keys)
                )
                yield from found.problems
                read.append(found.rules)
            elif route_files.is_configuration(inside.value) and not inside.origin.keys and not file.several:
                known.add(file.document.path)
                document = inside.origin.document
                text = document.inner if isinstance(document, envelopes.Embedded) else file.document
                configuration, wrong = route_files.load(text, inside.origin, around.alertmanager)
                yield from wrong
                configurations += [configuration] if configuration else []
    for document in {file.document.path: file.document for file in files if file.document.path in known}.values():
        yield from form.oddities(document)
    for path in unknown.keys() - known:
        if not form.says_something(unknown[path].text):
            yield form.nothing(unknown[path])
            continue
        message = "this is no file that is linted: name a Prometheus rule file or an Alertmanager configuration"
        yield Problem(Origin(unknown[path]), message, "unknown-file-kind", Level.WARNING)
    facts = corpus(read, around)
    table = lint.chosen(lint.RULES, wanted)
    for rules in read:
        yield from lint.rules(rules, facts, table)
    table = lint.chosen(lint.ROUTES, wanted)
    for configuration in configurations:
        yield from lint.node(configuration, facts, configuration.origin, table)
    everything = Corpus(tuple(read), tuple(configurations))
    if files:
        yield from lint.node(everything, facts, Origin(files[0].document), lint.chosen(lint.CORPUS, wanted))


def corpus(read: Sequence[Rules], around: Facts) -> Facts:
    """What all files of a run know together, and what is known around them."""
    expressions = [rule.expression.expr for rules in read for rule in rules.alerts if rule.expression]
    recorded = Recorded((rule for rules in read for rule in rules.recordings), around.schema)
    return replace(
        around,
        schema=recorded.series,
        recorded=frozenset(recorded.rules),
        watched=any(watches(expr) for expr in expressions),
    )


def _read(paths: Sequence[Path], excluded: Sequence[str], stdin: str, whole: bool) -> tuple[list[_File], list[Problem]]:
    """The documents of all files; of what is not `whole`, the first says whether its file is right."""
    files: list[_File] = []
    problems: list[Problem] = []
    for path, named in _found(paths, excluded):
        if path == STDIN:
            document, wrong = source.decoded(sys.stdin.buffer.read(), stdin)
        else:
            document, wrong = source.read(path, path.as_posix())
        if wrong:
            problems += wrong
            continue
        for index, part in enumerate(envelopes.documents(document)):
            value, wrong = source.value(part, as_go=True)
            if wrong and (unrendered := residue.of_template(part, wrong, named)):
                value, wrong = None, [unrendered]
            # What else stands in a folder is not ours to judge.
            if (whole or not index) and (named or _LIKELY.search(part.text)):
                problems += wrong
            if value is not None or (named and not wrong):
                files.append(_File(part, value, named, index > 0))
    return files, problems


def _found(paths: Sequence[Path], excluded: Sequence[str]) -> Iterator[tuple[Path, bool]]:
    for path in paths:
        if path.is_dir():
            inside = sorted(item for item in path.rglob("*") if item.suffix in ENDINGS and item.is_file())
            yield from ((item, False) for item in inside if not any(item.match(pattern) for pattern in excluded))
        else:
            yield path, True
