"""Lints files that need no spec: finds out what each is, and shows all of them to the rules."""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from llmmon import inputs, lint
from llmmon.classes import replace
from llmmon.documents import envelopes, form, kinds, residue
from llmmon.documents import rules as rule_files
from llmmon.problem import Level, Origin, Problem
from llmmon.recorded import Recorded
from llmmon.rule import Corpus, Facts
from llmmon.rules.alerts.no_runbook import links
from llmmon.rules.alerts.up_without_absent import misses, watches

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from llmmon.documents.dashboards import Dashboard
    from llmmon.documents.envelopes import Inside
    from llmmon.documents.held import Held
    from llmmon.documents.pipeline_settings import Settings
    from llmmon.documents.plain import Plain
    from llmmon.documents.routes import Configuration
    from llmmon.inputs import File
    from llmmon.problem import Positioned
    from llmmon.promql import Version
    from llmmon.rule import RecordingRule, Rule, Rules, UnitTests
    from llmmon.source.document import Document
    from llmmon.source.values import Value

DEFAULT_VERSION: Version = (3, 5)
FEW = 8  # files with alerts, of which nobody can tell how a house writes them
MANY = 3_000  # rules; with fewer a second process costs more time than it saves


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
    seen = (*(file.document for file in found.files), *(problem.origin.document for problem in found.problems))
    run = _Run(
        replace(around or Facts(), version=version), dialect, frozenset(Path(document.path).name for document in seen)
    )
    for file in found.files:
        run.take(file)
    problems = [*found.problems, *run.problems, *run.unknown()]
    documents = [file.document for file in found.files]
    facts, recorded = corpus(run.rules, run.around)
    facts = replace(
        facts, sources=frozenset(run.sources), fixed=frozenset(run.fixed), whole=facts.whole and not found.problems
    )
    if run.configurations and facts.whole:
        from llmmon import carried

        facts = replace(facts, alerts=carried.every(run.rules, facts) or None)
    said = [*_each(run, facts, recorded, wanted), *_together(run, documents, paths, facts, wanted)]
    problems += form.readable(said, run.problems)
    problems += _texts(run, found.plain, paths, wanted)
    if run.indirect:
        from llmmon.documents import encoded, operator

        problems = [encoded.said(operator.said(problem)) for problem in problems]
    return Linted(problems, [*documents, *found.plain])


def _texts(
    run: _Run, plain: Sequence[Plain], paths: Sequence[Path], wanted: Callable[[str, Rule[Any]], bool]
) -> Iterator[Problem]:
    """What is wrong with pipelines, pages of metrics, and specs."""
    if plain or run.settings or run.held:
        from llmmon import surroundings, texts
        from llmmon.documents import held

        around = replace(run.around, logstash=surroundings.logstash(paths))
        yield from texts.problems(plain, run.settings, around, wanted)
        inside = [one.document for one in run.held]
        yield from held.moved(texts.problems(inside, (), around, wanted), run.held)
    if run.specs:
        from llmmon import specfiles

        yield from specfiles.problems(run.specs)


class _Run:
    """Documents become what rules look at; what is wrong with their form is said on the way."""

    def __init__(self, around: Facts, dialect: str | None, names: frozenset[str]) -> None:
        self.around = around
        self.names = names  # of all files of the run
        self.dialect = dialect
        self.rules: list[Rules] = []
        self.configurations: list[Configuration] = []
        self.partial: list[Configuration] = []  # what the operator makes of objects, each a part of a whole
        self.indirect = False  # some of them are written in another form
        self.dashboards: list[Dashboard] = []
        self.tests: list[UnitTests] = []
        self.settings: list[Settings] = []
        self.held: list[Held] = []
        self.specs: list[Path] = []
        self.sources: set[str] = set()
        self.fixed: set[str] = set()
        self.objects: list[tuple[Mapping[str, Any], Origin]] = []
        self.problems: list[Problem] = []
        self.named: dict[str, Document] = {}
        self.known: dict[str, Document] = {}

    def take(self, file: File) -> None:
        """All that is in a document."""
        if not (isinstance(file.value, dict) and "groups" in file.value) and self.takes_other(file):
            return
        if file.named:
            self.named.setdefault(file.document.path, file.document)
        for part in envelopes.unwrap(file.value, Origin(file.document)):
            self.problems += _rendered(file, part.problems)
            if part.problems or self.takes(part, file):
                self.known.setdefault(file.document.path, file.document)

    def takes_other(self, file: File) -> bool:
        """Whether it is a spec or a list of pipelines; objects of Kubernetes may hold rules as well."""
        from llmmon import specfiles, texts
        from llmmon.documents import datasources, held, objects, pipeline_settings, scraped

        self.sources |= datasources.provisioned(file.document.text)
        value, origin = file.value, Origin(file.document)
        if isinstance(value, dict) and "scrape_configs" in value:
            self.fixed |= scraped.fixed(value)
        if specfiles.is_spec(value):
            self.specs.append(Path(file.document.path))
            return True
        if pipeline_settings.is_settings(value):
            self.settings.append(pipeline_settings.read(value, origin))
            return True
        inside = [one for one in held.held(value, origin) if texts.is_known(one.document.text)]
        self.held += inside
        if objects.is_object(value):
            self.objects += [(value, origin)] if "{{" not in file.document.text else []
        if inside or objects.is_object(value):
            self.known.setdefault(file.document.path, file.document)
        return False

    def takes(self, inside: Inside, file: File) -> bool:
        """Whether it is of a kind that we know."""
        whole = not inside.origin.keys  # not inside of something of Kubernetes
        bare = inside.origin.document is file.document
        if boards := envelopes.dashboards(inside.value, inside.origin):
            from llmmon.documents import dashboardfiles

            self.dashboards += (dashboardfiles.read(board, origin, self.around.version) for board, origin in boards)
        elif rule_files.is_rules(inside.value, file.named):
            if (
                file.several
                and whole
                and bare
                and not (self.dialect in (None, "mimir") and _has_namespace(inside.value))
            ):
                message = "Prometheus reads the first document of a file alone: write these groups there"
                self.problems.append(Problem(inside.origin, message, "multi-document", Level.WARNING))
                if self.dialect:
                    return True
            read = rule_files.read(
                inside.value,
                inside.origin,
                self.around.version,
                self.dialect,
                strict=bool(inside.origin.keys),
                features=self.around.features,
                named=file.named,
            )
            self.problems += read.problems
            self.rules.append(read.rules)
        elif kinds.is_partial(inside.value):
            self.takes_partial(inside)
        elif kinds.may_be_tests(inside.value) and self.takes_tests(inside, file):
            pass
        elif kinds.may_be_configuration(inside.value) and whole and not (file.several and bare):
            return self.takes_configuration(inside, file)
        else:
            return False
        return True

    def takes_partial(self, inside: Inside) -> None:
        """An AlertmanagerConfig."""
        from llmmon.documents import operator

        configuration, wrong = operator.read(inside.origin, self.around.alertmanager)
        self.problems += wrong
        self.partial.append(configuration)
        self.indirect = True

    def takes_tests(self, inside: Inside, file: File) -> bool:
        """Whether it is a file of promtool's unit tests."""
        from llmmon.documents import unittests

        if not isinstance(inside.value, dict) or not unittests.is_tests(inside.value):
            return False
        tests, wrong = unittests.read(inside.value, inside.origin, unittests.loader(file.document.path, self.names))
        self.problems += wrong
        self.tests.append(tests)
        return True

    def takes_configuration(self, inside: Inside, file: File) -> bool:
        """Whether it is one of Alertmanager's."""
        from llmmon.documents import routes

        if not routes.is_configuration(inside.value):
            return False
        document = inside.origin.document
        text = getattr(document, "inner", file.document)  # of a text inside of something else
        self.indirect |= not isinstance(document, envelopes.Embedded) and document is not file.document
        configuration, wrong = routes.load(text, inside.origin, self.around.alertmanager)
        self.problems += wrong
        self.configurations += [configuration] if configuration else []
        return True

    def unknown(self) -> Iterator[Problem]:
        """What is odd in the text of a file, and files that were named and are of no kind that we know."""
        for document in self.known.values():
            yield from form.oddities(document)
        for path, document in self.named.items():
            if path not in self.known:
                message = "this is no file that is linted: name rules, routes, a dashboard, a pipeline or metrics"
                said = Problem(Origin(document), message, "unknown-file-kind", Level.WARNING)
                yield said if form.says_something(document.text) else form.nothing(document)


def _rendered(file: File, wrong: list[Problem]) -> list[Problem]:
    """What is wrong inside an object, unless nobody has rendered what stands there."""
    unrendered = residue.of_template(file.document, wrong, file.named) if wrong else None
    return [unrendered] if unrendered else wrong


def _has_namespace(value: Value) -> bool:
    """Whether a document is of those that the tools of Mimir, Cortex and Loki load, each into a namespace."""
    return isinstance(value, dict) and isinstance(value.get("namespace"), str)


def _each(run: _Run, facts: Facts, recorded: Recorded, wanted: Callable[[str, Rule[Any]], bool]) -> Iterator[Problem]:
    """What is wrong with each file."""
    if run.rules:
        yield from _rules(run.rules, facts, recorded, lint.chosen(lint.RULES, wanted))
    table = lint.chosen(lint.ROUTES, wanted) if run.configurations else lint.NOTHING
    for configuration in run.configurations:
        yield from lint.node(configuration, facts, configuration.origin, table)
    alone = replace(facts, alerts=None)  # which alerts come there, and from where, is decided elsewhere
    table = lint.chosen(lint.ROUTES, wanted) if run.partial else lint.NOTHING
    for configuration in run.partial:
        yield from lint.node(configuration, alone, configuration.origin, table)
    table = lint.chosen(lint.UNITTESTS, wanted) if run.tests else lint.NOTHING
    for tests in run.tests:
        yield from lint.node(tests, facts, tests.origin, table)
    if run.objects:
        from llmmon.documents import objects

        yield from lint.objects(objects.read(run.objects), facts, lint.chosen(lint.OBJECTS, wanted))
    if run.dashboards:
        table, of_queries = lint.chosen(lint.DASHBOARDS, wanted), lint.chosen(lint.QUERIES, lint.of_queries(wanted))
        shown = replace(facts, schema=recorded.inside(()))
        for dashboard in run.dashboards:
            yield from lint.dashboard(dashboard, shown, table, of_queries)


def _rules(read: Sequence[Rules], facts: Facts, recorded: Recorded, table: lint.Table) -> Iterable[Problem]:
    """What is wrong with each rule file; many rules are looked at on two cores."""

    def work(some: Iterable[Rules]) -> list[Problem]:
        out: list[Problem] = []
        for rules in some:
            paths = {group.origin.document.path for group in rules.groups}
            out += lint.rules(rules, replace(facts, schema=recorded.inside(paths)), table)
        return out

    if len(read) > 1 and sum(map(_size, read)) > MANY:
        from llmmon import parallel

        if parallel.cores() > 1:
            first, second = parallel.halves(read, _size)
            documents = [group.origin.document for rules in read for group in rules.groups[:1]]
            return parallel.both(lambda: work(first), lambda: work(second), documents)
    return work(read)


def _size(rules: Rules) -> int:
    return len(rules.alerts) + len(rules.recordings)


def _together(
    run: _Run,
    documents: Sequence[Document],
    paths: Sequence[Path],
    facts: Facts,
    wanted: Callable[[str, Rule[Any]], bool],
) -> Iterator[Problem]:
    """What is wrong between the files."""
    if documents:
        from llmmon import surroundings

        everything = Corpus(
            tuple(run.rules),
            tuple(run.configurations),
            tuple(run.dashboards),
            tuple(surroundings.generated(documents)),
            tuple(surroundings.runbooks(paths)),
        )
        families = (*lint.CORPUS, *lint.DASHBOARDS) if run.dashboards else lint.CORPUS
        yield from lint.node(everything, facts, Origin(documents[0]), lint.chosen(families, wanted))


def corpus(read: Sequence[Rules], around: Facts) -> tuple[Facts, Recorded]:
    """What all files of a run know together, and what is known around them."""
    alerts = [alert for rules in read for alert in rules.alerts]
    groups = (group for rules in read for group in rules.groups if "partial_response_strategy" in group.value)
    of_thanos = frozenset(group.origin.document.path for group in groups)
    recorded = Recorded(_recordings(read), around.schema, of_thanos)
    facts = replace(
        around,
        schema=recorded.series,
        recorded=frozenset(recorded.rules),
        linked=sum(bool(rules.alerts) for rules in read) < FEW or any(map(links, alerts)),
        watched=any(watches(alert.expression.expr) if alert.expression else "expr" in alert.unread for alert in alerts),
        missed=frozenset(name for alert in alerts if alert.expression for name in misses(alert.expression)),
        whole=all(rules.whole for rules in read),
    )
    return facts, recorded


def _recordings(read: Iterable[Rules]) -> Iterator[RecordingRule]:
    """All recording rules, with the labels that their groups give them."""
    for rules in read:
        given = {id(rule): group.labels_of(rule) for group in rules.groups if group.labels for rule in group.rules}
        for rule in rules.recordings:
            yield replace(rule, labels=given[id(rule)]) if id(rule) in given else rule
