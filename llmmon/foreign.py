"""Lints files that need no spec: finds them, finds out what each is, and shows all of them to the rules."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from llmmon import lint, source
from llmmon.documents import envelopes
from llmmon.documents import routes as route_files
from llmmon.documents import rules as rule_files
from llmmon.problem import Level, Origin, Problem
from llmmon.promql import Binary
from llmmon.promql.fold import bare, constant
from llmmon.rule import UNKNOWN, Corpus, Facts, Series
from llmmon.rules.alerts.up_without_absent import watches

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from llmmon.promql import Version
    from llmmon.rule import RecordingRule, Rule, Rules
    from llmmon.source import Document, Value

STDIN = Path("-")
ENDINGS = (".yaml", ".yml", ".rules")
LIKELY = re.compile(r"^(?:groups|inhibit_rules|receivers|route|kind: PrometheusRule)\b", re.MULTILINE)
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
    schema: Callable[[str], Series] | None = None,
    excluded: Sequence[str] = (),
    stdin: str = "<stdin>",
    dialect: str | None = None,
    wanted: Callable[[str, Rule[Any]], bool] = lambda _, rule: rule.default,
    around: Facts | None = None,
    instead: Mapping[str, bytes] = MappingProxyType({}),
) -> Linted:
    """What is wrong with the rule files and the Alertmanager configurations below these paths; `-` is standard input.

    A file in a folder that is of no kind we know is left alone, and so is one that a pattern excludes; one that was
    named is said to be unknown. `wanted` rules are asked; `around` is what is known of the servers. `instead` of what
    is on disk, or comes from standard input, the files of these names are looked at so.
    """
    files, problems = _read(paths, excluded, stdin, instead)
    around = replace(around or Facts(), version=version)
    problems += _problems(files, around, schema, dialect, wanted)
    return Linted(problems, [file.document for file in files])


def _problems(
    files: Sequence[_File],
    around: Facts,
    schema: Callable[[str], Series] | None,
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
                found = rule_files.read(inside.value, inside.origin, around.version, dialect)
                yield from found.problems
                read.append(found.rules)
            elif route_files.is_configuration(inside.value) and not inside.origin.keys:
                known.add(file.document.path)
                typed, _ = source.value(file.document)
                configurations.append(route_files.read(typed, inside.origin))  # type: ignore[arg-type]
    for path in unknown.keys() - known:
        message = "this is no file that is linted: name a Prometheus rule file or an Alertmanager configuration"
        yield Problem(Origin(unknown[path]), message, "unknown-file-kind", Level.WARNING)
    facts = corpus(read, around, schema)
    table = lint.chosen(lint.RULES, wanted)
    for rules in read:
        yield from lint.rules(rules, facts, table)
    table = lint.chosen(lint.ROUTES, wanted)
    for configuration in configurations:
        yield from lint.node(configuration, facts, configuration.origin, table)
    everything = Corpus(tuple(read), tuple(configurations))
    if files:
        yield from lint.node(everything, facts, Origin(files[0].document), lint.chosen(lint.CORPUS, wanted))


def corpus(read: Sequence[Rules], around: Facts, schema: Callable[[str], Series] | None = None) -> Facts:
    """What all files of a run know together, and what is known around them."""
    recordings = {rule.name: rule for rules in read for rule in rules.recordings}
    expressions = [rule.expression.expr for rules in read for rule in rules.alerts if rule.expression]

    def series(name: str) -> Series:
        known = schema(name) if schema else UNKNOWN
        if name in recordings:
            return Series(known.type, known.labels, known.unit, _is_quotient(recordings[name]))
        return known

    return replace(
        around,
        schema=series,
        recorded=frozenset(recordings),
        watched=any(watches(expr) for expr in expressions),
    )


def _is_quotient(rule: RecordingRule) -> bool:
    """Whether a rule records one vector over another."""
    node = bare(rule.expression.expr) if rule.expression else None
    return isinstance(node, Binary) and node.op == "/" and constant(node.rhs) is None


def _read(
    paths: Sequence[Path], excluded: Sequence[str], stdin: str, instead: Mapping[str, bytes]
) -> tuple[list[_File], list[Problem]]:
    files: list[_File] = []
    problems: list[Problem] = []
    for path, named in found(paths, excluded):
        shown = stdin if path == STDIN else path.as_posix()
        if shown in instead:
            document, wrong = source.decoded(instead[shown], shown)
        elif path == STDIN:
            document, wrong = source.decoded(sys.stdin.buffer.read(), shown)
        else:
            document, wrong = source.read(path, shown)
        if wrong:
            problems += wrong
            continue
        for index, part in enumerate(envelopes.documents(document)):
            value, wrong = source.value(part, as_go=True)
            if named or LIKELY.search(part.text):  # what else stands in a folder is not ours to judge
                problems += wrong
            if value is not None or (named and not wrong):
                files.append(_File(part, value, named, index > 0))
    return files, problems


def found(paths: Sequence[Path], excluded: Sequence[str]) -> Iterator[tuple[Path, bool]]:
    """The files below these paths, and whether each was named itself."""
    for path in paths:
        if path.is_dir():
            inside = sorted(item for item in path.rglob("*") if item.suffix in ENDINGS and item.is_file())
            yield from ((item, False) for item in inside if not any(item.match(pattern) for pattern in excluded))
        else:
            yield path, True
