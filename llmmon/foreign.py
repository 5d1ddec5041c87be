"""Lints files that need no spec: finds out what each is, and shows all of them to the rules."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from llmmon import inputs, lint, specfiles, surroundings, texts
from llmmon.documents import dashboards, envelopes, form, held, objects, pipeline_settings
from llmmon.documents import routes as route_files
from llmmon.documents import rules as rule_files
from llmmon.problem import Level, Origin, Problem
from llmmon.recorded import Recorded
from llmmon.rule import Corpus, Facts
from llmmon.rules.alerts.up_without_absent import watches

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from llmmon.documents.dashboards import Dashboard
    from llmmon.documents.envelopes import Inside
    from llmmon.documents.held import Held
    from llmmon.documents.pipeline_settings import Settings
    from llmmon.documents.routes import Configuration
    from llmmon.inputs import File
    from llmmon.problem import Positioned
    from llmmon.promql import Version
    from llmmon.rule import Rule, Rules
    from llmmon.source import Document

DEFAULT_VERSION: Version = (3, 5)


class Linted(NamedTuple):
    """Everything that is wrong, and the documents that were looked at."""

    problems: list[Problem]
    documents: list[Positioned]


def lint_paths(
    paths: Sequence[Path],
    version: Version = DEFAULT_VERSION,
    excluded: Sequence[str] = (),
    stdin: str = "<stdin>",
    dialect: str | None = None,
    wanted: Callable[[str, Rule[Any]], bool] = lambda _, rule: rule.default,
    around: Facts | None = None,
    instead: Mapping[str, bytes] = MappingProxyType({}),
) -> Linted:
    """What is wrong with rule files, Alertmanager configurations and dashboards below these paths; `-` is standard
    input.

    A file in a folder that is of no kind we know is left alone, and so is one that a pattern excludes; one that was
    named is said to be unknown. `wanted` rules are asked; `around` is what is known of the servers and their metrics.
    `instead` of what is on disk, or comes from standard input, the files of these names are looked at so.
    """
    found = inputs.read(paths, excluded, stdin, instead, whole=dialect is None)
    run = _Run(replace(around or Facts(), version=version), dialect)
    for file in found.files:
        run.take(file)
    problems = [*found.problems, *run.problems, *run.unknown()]
    documents = [file.document for file in found.files]
    facts = corpus(run.rules, run.around)
    problems += _each(run, facts, wanted)
    problems += texts.problems(found.plain, run.settings, run.around, wanted)
    problems += held.moved(texts.problems([one.document for one in run.held], (), run.around, wanted), run.held)
    problems += specfiles.problems(run.specs)
    problems += _together(run, documents, paths, facts, wanted)
    return Linted(problems, [*documents, *found.plain])


class _Run:
    """Documents become what rules look at; what is wrong with their form is said on the way."""

    def __init__(self, around: Facts, dialect: str | None) -> None:
        self.around = around
        self.dialect = dialect
        self.rules: list[Rules] = []
        self.configurations: list[Configuration] = []
        self.dashboards: list[Dashboard] = []
        self.settings: list[Settings] = []
        self.held: list[Held] = []
        self.specs: list[Path] = []
        self.objects: list[tuple[Mapping[str, Any], Origin]] = []
        self.problems: list[Problem] = []
        self.named: dict[str, Document] = {}
        self.known: dict[str, Document] = {}

    def take(self, file: File) -> None:
        """All that is in a document."""
        if specfiles.is_spec(file.value):
            self.specs.append(Path(file.document.path))
            return
        if pipeline_settings.is_settings(file.value):
            self.settings.append(pipeline_settings.read(file.value, Origin(file.document)))
            return
        inside = [one for one in held.held(file.value, Origin(file.document)) if texts.is_known(one.document.text)]
        self.held += inside
        if objects.is_object(file.value):
            self.objects += [(file.value, Origin(file.document))] if "{{" not in file.document.text else []
        elif file.named and not inside:
            self.named.setdefault(file.document.path, file.document)
        for part in envelopes.unwrap(file.value, Origin(file.document)):
            self.problems += part.problems
            if part.problems or self.takes(part, file):
                self.known.setdefault(file.document.path, file.document)

    def takes(self, inside: Inside, file: File) -> bool:
        """Whether it is of a kind that we know."""
        whole = not inside.origin.keys  # not inside of something of Kubernetes
        boards = [
            dashboards.read(*board, self.around.version) for board in dashboards.found(inside.value, inside.origin)
        ]
        if boards:
            self.dashboards += boards
        elif rule_files.is_rules(inside.value):
            if file.several and whole:
                message = "Prometheus reads the first document of a file alone: write these groups there"
                self.problems.append(Problem(inside.origin, message, "multi-document", Level.WARNING))
                if self.dialect:
                    return True
            read = rule_files.read(
                inside.value, inside.origin, self.around.version, self.dialect, strict=bool(inside.origin.keys)
            )
            self.problems += read.problems
            self.rules.append(read.rules)
        elif route_files.is_configuration(inside.value) and whole and not file.several:
            document = inside.origin.document
            text = document.inner if isinstance(document, envelopes.Embedded) else file.document
            configuration, wrong = route_files.load(text, inside.origin, self.around.alertmanager)
            self.problems += wrong
            self.configurations += [configuration] if configuration else []
        else:
            return False
        return True

    def unknown(self) -> Iterator[Problem]:
        """What is odd in the text of a file, and files that were named and are of no kind that we know."""
        for document in self.known.values():
            yield from form.oddities(document)
        for path, document in self.named.items():
            if path not in self.known:
                message = "this is no file that is linted: name rules, an Alertmanager configuration or a dashboard"
                said = Problem(Origin(document), message, "unknown-file-kind", Level.WARNING)
                yield said if form.says_something(document.text) else form.nothing(document)


def _each(run: _Run, facts: Facts, wanted: Callable[[str, Rule[Any]], bool]) -> Iterator[Problem]:
    """What is wrong with each file."""
    table = lint.chosen(lint.RULES, wanted) if run.rules else {}
    for rules in run.rules:
        yield from lint.rules(rules, facts, table)
    table = lint.chosen(lint.ROUTES, wanted) if run.configurations else {}
    for configuration in run.configurations:
        yield from lint.node(configuration, facts, configuration.origin, table)
    if run.objects:
        yield from lint.objects(objects.read(run.objects), facts, lint.chosen(lint.OBJECTS, wanted))
    if run.dashboards:
        table, of_queries = lint.chosen(lint.DASHBOARDS, wanted), lint.chosen(lint.QUERIES, lint.of_queries(wanted))
        for dashboard in run.dashboards:
            yield from lint.dashboard(dashboard, facts, table, of_queries)


def _together(
    run: _Run,
    documents: Sequence[Document],
    paths: Sequence[Path],
    facts: Facts,
    wanted: Callable[[str, Rule[Any]], bool],
) -> Iterator[Problem]:
    """What is wrong between the files."""
    if documents:
        everything = Corpus(
            tuple(run.rules),
            tuple(run.configurations),
            tuple(run.dashboards),
            tuple(surroundings.generated(documents)),
            tuple(surroundings.runbooks(paths)),
        )
        families = (*lint.CORPUS, *lint.DASHBOARDS) if run.dashboards else lint.CORPUS
        yield from lint.node(everything, facts, Origin(documents[0]), lint.chosen(families, wanted))


def corpus(read: Iterable[Rules], around: Facts) -> Facts:
    """What all files of a run know together, and what is known around them."""
    read = list(read)
    expressions = (rule.expression.expr for rules in read for rule in rules.alerts if rule.expression)
    recorded = Recorded((rule for rules in read for rule in rules.recordings), around.schema)
    return replace(
        around,
        schema=recorded.series,
        recorded=frozenset(recorded.rules),
        watched=any(watches(expr) for expr in expressions),
    )
