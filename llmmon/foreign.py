"""Lints files that need no spec: finds out what each is, and shows all of them to the rules."""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from llmmon import inputs, lint, pinned, scraping, spared
from llmmon.classes import replace
from llmmon.documents import form
from llmmon.inputs_by_kind import InputsByKind
from llmmon.problem import Origin, Problem
from llmmon.recorded import Recorded
from llmmon.rule import Corpus, Facts
from llmmon.rules.alerts.up_without_absent import misses, watches

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from llmmon.documents.dashboards import Dashboard
    from llmmon.documents.plain import Plain
    from llmmon.problem import Positioned
    from llmmon.promql import Version
    from llmmon.rule import RecordingRule, Rule, Rules
    from llmmon.source.document import Document

DEFAULT_VERSION: Version = (3, 5)
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
    run = InputsByKind(
        replace(around or Facts(), version=version), dialect, frozenset(Path(document.path).name for document in seen)
    )
    for file in found.files:
        run.take(file)
    problems = [*found.problems, *run.problems, *run.unknown()]
    documents = [file.document for file in found.files]
    facts, recorded = corpus(run.rules, run.around)
    folder = any(path.is_dir() for path in paths)
    facts = replace(
        facts,
        sources=frozenset(run.sources),
        loaded=frozenset(run.loaded),
        fixed=scraping.Listed(paths, run.fixed),
        jobs=scraping.Jobs(paths) if folder else None,
        varied=len({alert.labels.get("severity") for rules in run.rules for alert in rules.alerts}) > 1,
        whole=facts.whole and not found.problems,
        pinned=pinned.Pinned(paths, run.running, run.around.pinned),
    )
    if any(rules.recordings for rules in run.rules):
        from llmmon.apart import Choosing, ToldApart

        facts = replace(
            facts,
            told_apart=ToldApart(run.rules, run.dashboards),
            choosing=Choosing(run.rules, run.dashboards),
        )
    if configurations := [*run.configurations, *run.partial]:
        from llmmon import audience

        facts = replace(facts, routed=audience.reads_severity(configurations))
    if run.configurations and facts.whole:
        from llmmon import carried

        facts = replace(facts, alerts=carried.every(run.rules, facts) or None)
    said = [*_each(run, facts, recorded, wanted), *_together(run, documents, paths, facts, wanted)]
    if run.dashboards:
        from llmmon.documents import published

        said = [*published.said(said, run.dashboards, run.named)]
    problems += form.readable(said, run.problems)
    problems += _texts(run, found.plain, replace(run.around, pinned=facts.pinned), wanted)
    problems = spared.of_their_time(spared.fixtures(problems, found.fixtures, run.tests), facts.pinned)
    named = {path.as_posix() for path in paths}
    problems = list(spared.of_others(problems, [*documents, *found.plain], named))
    if run.indirect:
        from llmmon.documents import encoded, operator

        problems = [encoded.said(operator.said(problem)) for problem in problems]
    return Linted(problems, [*documents, *found.plain])


def _texts(
    run: InputsByKind, plain: Sequence[Plain], around: Facts, wanted: Callable[[str, Rule[Any]], bool]
) -> Iterator[Problem]:
    """What is wrong with pipelines, pages of metrics, and specs."""
    if plain or run.settings or run.held:
        from llmmon import texts
        from llmmon.documents import held

        yield from texts.problems(plain, run.settings, around, wanted)
        inside = [one.document for one in run.held]
        yield from held.moved(texts.problems(inside, (), around, wanted), run.held)
    if run.specs:
        from llmmon import specfiles

        yield from specfiles.problems(run.specs)


def _each(
    run: InputsByKind, facts: Facts, recorded: Recorded, wanted: Callable[[str, Rule[Any]], bool]
) -> Iterator[Problem]:
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

        found = objects.read(run.objects)
        ours = tuple(one for one in found.containers if one.origin.document.path not in run.released)
        yield from lint.objects(replace(found, containers=ours), facts, lint.chosen(lint.OBJECTS, wanted))
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
    run: InputsByKind,
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
            tuple(_own_first(run.dashboards)),
            tuple(surroundings.generated(documents)),
            tuple(surroundings.runbooks(paths)),
        )
        families = (*lint.CORPUS, *lint.DASHBOARDS) if run.dashboards else lint.CORPUS
        yield from lint.node(everything, facts, Origin(documents[0]), lint.chosen(families, wanted))


def _own_first(dashboards: Sequence[Dashboard]) -> Sequence[Dashboard]:
    """What is said once of all dashboards is said where somebody can mend it."""
    if not dashboards:
        return dashboards
    from llmmon.documents import published

    return sorted(dashboards, key=published.is_published)


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
