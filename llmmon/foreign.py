"""Lints files that need no spec: finds them, finds out what each is, and shows all of them to the rules."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from llmmon import lint, source, surroundings
from llmmon.documents import dashboards, envelopes
from llmmon.documents import routes as route_files
from llmmon.documents import rules as rule_files
from llmmon.problem import Level, Origin, Problem
from llmmon.promql import Binary
from llmmon.promql.fold import bare, constant
from llmmon.rule import UNKNOWN, Corpus, Facts, Series
from llmmon.rules.alerts.up_without_absent import watches

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from llmmon.documents.dashboards import Dashboard
    from llmmon.promql import Version
    from llmmon.rule import Generated, RecordingRule, Rule, Rules
    from llmmon.source import Document, Value

STDIN = Path("-")
JSON = ".json"
ENDINGS = (".yaml", ".yml", ".rules", JSON)
_LIKELY = re.compile(r"^(?:groups|inhibit_rules|receivers|route|kind: PrometheusRule)\b", re.MULTILINE)
_LIKELY_JSON = re.compile(r'"(?:panels|rows)\\?"\s*:|"(?:groups|kind|receivers)"\s*:')
_DASHBOARD = re.compile(r'"schemaVersion"\s*:')
_STARTS_JSON = re.compile(r'\s*\{\s*"')
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
) -> Linted:
    """What is wrong with the rule files, Alertmanager configurations and dashboards below these paths; `-` is standard
    input.

    A file in a folder that is of no kind we know is left alone, and so is one that a pattern excludes; one that was
    named is said to be unknown. `wanted` rules are asked; `around` is what is known of the servers.
    """
    files, problems = _read(paths, excluded, stdin)
    around = replace(around or Facts(), version=version)
    known = [file.document for file in files]
    beside = tuple(surroundings.generated(known)), tuple(surroundings.runbooks(paths))
    problems += _problems(files, around, schema, dialect, wanted, *beside)
    return Linted(problems, [file.document for file in files])


def _problems(
    files: Sequence[_File],
    around: Facts,
    schema: Callable[[str], Series] | None,
    dialect: str | None,
    wanted: Callable[[str, Rule[Any]], bool],
    generated: tuple[Generated, ...],
    runbooks: tuple[tuple[str, Origin], ...],
) -> Iterator[Problem]:
    read, configurations = [], []
    boards: list[Dashboard] = []
    unknown: dict[str, Document] = {}
    known: set[str] = set()
    for file in files:
        if file.named:
            unknown.setdefault(file.document.path, file.document)
        for inside in envelopes.unwrap(file.value, Origin(file.document)):
            yield from inside.problems
            if found := [dashboards.read(*board, around.version) for board in dashboards.found(*inside[1::-1])]:
                boards += found
                known.add(file.document.path)
                continue
            if inside.problems or rule_files.is_rules(inside.value):
                known.add(file.document.path)
            if rule_files.is_rules(inside.value):
                if file.several and not inside.origin.keys:
                    message = "Prometheus reads the first document of a file alone: write these groups there"
                    yield Problem(inside.origin, message, "multi-document", Level.WARNING)
                rules_read = rule_files.read(inside.value, inside.origin, around.version, dialect)
                yield from rules_read.problems
                read.append(rules_read.rules)
            elif route_files.is_configuration(inside.value) and not inside.origin.keys:
                known.add(file.document.path)
                typed, _ = source.value(file.document)
                configurations.append(route_files.read(typed, inside.origin))  # type: ignore[arg-type]
    for path in unknown.keys() - known:
        message = (
            "this is no file that is linted: name a Prometheus rule file, an Alertmanager configuration or a dashboard"
        )
        yield Problem(Origin(unknown[path]), message, "unknown-file-kind", Level.WARNING)
    facts = corpus(read, around, schema)
    table = lint.chosen(lint.RULES, wanted)
    for rules in read:
        yield from lint.rules(rules, facts, table)
    table = lint.chosen(lint.ROUTES, wanted)
    for configuration in configurations:
        yield from lint.node(configuration, facts, configuration.origin, table)
    table, of_queries = lint.chosen(lint.DASHBOARDS, wanted), lint.chosen(lint.QUERIES, lint.of_queries(wanted))
    for dashboard in boards:
        yield from lint.dashboard(dashboard, facts, table, of_queries)
    everything = Corpus(tuple(read), tuple(configurations), tuple(boards), generated, runbooks)
    if files:
        table = lint.chosen((*lint.CORPUS, *lint.DASHBOARDS), wanted)
        yield from lint.node(everything, facts, Origin(files[0].document), table)


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


def _read(paths: Sequence[Path], excluded: Sequence[str], stdin: str) -> tuple[list[_File], list[Problem]]:
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
        if Path(document.path).suffix == JSON or (path == STDIN and _STARTS_JSON.match(document.text)):
            file, wrong = _json(document, named)
            problems += wrong
            files += file
            continue
        for index, part in enumerate(envelopes.documents(document)):
            value, wrong = source.value(part, as_go=True)
            if named or _LIKELY.search(part.text):  # what else stands in a folder is not ours to judge
                problems += wrong
            if value is not None or (named and not wrong):
                files.append(_File(part, value, named, index > 0))
    return files, problems


def _json(document: Document, named: bool) -> tuple[list[_File], list[Problem]]:
    """A JSON file. What is no dashboard is read as YAML, of which JSON is a part."""
    if not named and not _LIKELY_JSON.search(document.text):
        return [], []
    part = source.Document(document.path, document.text, json=True)
    value, wrong = source.value(part)
    if value is not None and not _holds_dashboards(value):
        go, faults = source.value(document, as_go=True)
        if not faults:
            part, value = document, go
    if not (named or _DASHBOARD.search(document.text) or _holds_rules(value)):
        wrong = []
    return ([_File(part, value, named)] if value is not None else []), wrong


def _holds_dashboards(value: Value) -> bool:
    return next(dashboards.found(value, Origin(source.Document("", ""))), None) is not None


def _holds_rules(value: Value) -> bool:
    return rule_files.is_rules(value) or (isinstance(value, dict) and value.get("kind") == "PrometheusRule")


def _found(paths: Sequence[Path], excluded: Sequence[str]) -> Iterator[tuple[Path, bool]]:
    for path in paths:
        if path.is_dir():
            inside = sorted(item for item in path.rglob("*") if item.suffix in ENDINGS and item.is_file())
            yield from ((item, False) for item in inside if not any(item.match(pattern) for pattern in excluded))
        else:
            yield path, True
