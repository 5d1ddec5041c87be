"""Shows every node to every rule that asked for its type; what they find becomes problems with a place."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Any

from llmmon import lazily, plugins
from llmmon.classes import replace
from llmmon.documents import templates
from llmmon.problem import Fix, Level, Problem
from llmmon.promql import Call, Expr
from llmmon.rule import AlertingRule, Expression, RecordingRule

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence

    from llmmon.documents.dashboards import Dashboard, Query
    from llmmon.documents.interpolation import Interpolated
    from llmmon.documents.objects import Objects
    from llmmon.problem import Keys, Origin
    from llmmon.rule import Facts, Finding, Need, Rule, Rules

_EACH = lazily.pattern(r"\b(?:by|each|every|per)\b", re.IGNORECASE)  # of many series
_MOST = 2_000  # choices of rules that are kept
_BATCH = 100  # rules
_PARTS = frozenset(Expr.__args__)
RULES = ("promql", "alerts", "records", "groups", "templates")
OBJECTS = ("kubernetes",)
ROUTES = ("routes",)
UNITTESTS = ("unittests",)
CORPUS = ("corpus",)
DASHBOARDS = ("dashboards",)
QUERIES = ("promql", "panels")


class Table(dict[type, list[tuple[str, "Rule[Any]"]]]):
    """Rules with their slugs, by the type of node that they look at.

    Most rules have nothing to say of most expressions, which their words and names show without asking them. Which
    those are is found once for all expressions in which the same words stand.
    """

    def __init__(self, known: Mapping[type, list[tuple[str, Rule[Any]]]]) -> None:
        super().__init__(known)
        every = [rule for rules in known.values() for _, rule in rules]
        self.words = tuple(sorted({word for rule in every for word in rule.words}))
        self.needs = tuple(sorted({need for rule in every for need in rule.needs}))
        self.narrowed: dict[tuple[str, ...] | None, Table] = {}
        self.met: dict[tuple[Need, ...], Table] = {}

    def about(self, text: str) -> Table:
        """The rules that may have something to say of an expression, or of a rule that has it."""
        key = tuple([word for word in self.words if word in text]) if text else None
        found = self.narrowed.get(key)
        if found is None:
            if len(self.narrowed) > _MOST:
                self.narrowed.clear()
            found = self.narrowed[key] = self.only(
                lambda rule: key is None or not rule.words or not set(key).isdisjoint(rule.words)
            )
        return found

    def able(self, facts: Facts) -> Table:
        """The rules whose needs are met."""
        met = tuple([need for need in self.needs if facts.has(need)])
        found = self.met.get(met)
        if found is None:
            found = self.met[met] = self.only(lambda rule: rule.needs.issubset(met))
        return found

    def only(self, wanted: Callable[[Rule[Any]], bool]) -> Table:
        """Those of the rules that are wanted."""
        able = {kind: [(slug, rule) for slug, rule in rules if wanted(rule)] for kind, rules in self.items()}
        return Table({kind: rules for kind, rules in able.items() if rules})


NOTHING = Table({})


@functools.cache
def table(*families: str) -> Table:
    """The rules of these families that speak unasked, by the type of node that they look at."""
    return chosen(families, lambda _, rule: rule.default)


def chosen(families: Iterable[str], wanted: Callable[[str, Rule[Any]], bool]) -> Table:
    """The rules of these families that are wanted, by the type of node that they look at."""
    out: dict[type, list[tuple[str, Rule[Any]]]] = {}
    for family in families:
        for slug, rule in plugins.rules(family).items():
            if wanted(slug, rule):
                out.setdefault(rule.on, []).append((slug, rule))
    return Table(out)


def node(what: object, facts: Facts, origin: Origin, known: Table) -> Iterator[Problem]:
    """What the rules say about one node that was written at `origin`."""
    for slug, rule in known.get(type(what), ()):
        if not rule.needs or all(facts.has(need) for need in rule.needs):
            for found in rule.check(what, facts):
                yield _problem(found, slug, rule, origin)


def expression(written: Expression, facts: Facts, origin: Origin, known: Table) -> Iterator[Problem]:
    """What is wrong with a PromQL expression that was written at `origin`, as a whole and in each of its parts."""
    for _, problem in _expressions([(0, written, origin)], (), facts, known.about(written.text)):
        yield problem


def _expressions(
    written: Iterable[tuple[int, Expression, Origin]], keys: Keys, facts: Facts, asked: Table
) -> Iterator[tuple[int, Problem]]:
    """What is wrong with expressions in which the same words stand, each with its number; `keys` lead to them."""
    for slug, rule in asked.get(Expression, ()):
        for number, one, origin in written:
            for found in rule.check(one, facts):
                yield number, _problem(found, slug, rule, origin.at(*keys))
    for kind, able in asked.items():
        if kind in _PARTS:
            parts = [(number, part, origin) for number, one, origin in written for part in one.kinds.get(kind, ())]
            for slug, rule in able if parts else ():
                for number, part, origin in parts:
                    if not rule.names or (part.func if kind is Call else part.op) in rule.names:
                        for found in rule.check(part, facts):
                            yield number, _problem(found, slug, rule, origin.at(*keys))


def rules(what: Rules, facts: Facts, known: Table) -> Iterator[Problem]:
    """What is wrong with rules that belong together, with each of them, and with their expressions."""
    known = known.able(facts)
    each: tuple[AlertingRule | RecordingRule, ...] = (*what.alerts, *what.recordings)
    for start in range(0, len(each), _BATCH):
        found = _batch(each[start : start + _BATCH], facts, known)
        yield from (problem for _, problem in sorted(found, key=lambda one: one[0]))
    for group in what.groups:
        yield from node(group, facts, group.origin, known)
    if each:
        yield from node(what, facts, each[0].origin, known)


def _batch(rules: Sequence[AlertingRule | RecordingRule], facts: Facts, known: Table) -> Iterator[tuple[int, Problem]]:
    """What is wrong with each of some rules, with its number.

    One lint rule looks at all of them before the next one does: so its code stays in the processor's cache, and the
    batch as well, which is why it is small. The other way round takes half as long again.
    """
    alike: dict[int, tuple[Table, list[tuple[int, AlertingRule | RecordingRule]]]] = {}
    for number, rule in enumerate(rules):
        asked = known.about(rule.expression.text if rule.expression else "")
        alike.setdefault(id(asked), (asked, []))[1].append((number, rule))
    for asked, some in alike.values():
        alerts = [(number, rule) for number, rule in some if isinstance(rule, AlertingRule)]
        busy = [(number, rule) for number, rule in alerts if templates.do_more(rule, facts)]
        for kind in (AlertingRule, RecordingRule):
            of_kind = [(number, rule) for number, rule in some if type(rule) is kind]
            for slug, one in asked.get(kind, ()):
                for number, rule in busy if one.executed else of_kind:
                    for found in one.check(rule, facts):
                        yield number, _problem(found, slug, one, rule.origin)
        written = [(number, one.expression, one.origin) for number, one in some if one.expression]
        yield from _expressions(written, ("expr",), facts, asked)


def dashboard(what: Dashboard, facts: Facts, known: Table, of_queries: Table) -> Iterator[Problem]:
    """What is wrong with a dashboard, with each of its parts, and with its queries."""
    yield from node(what, facts, what.origin, known)
    for variable in what.variables:
        yield from node(variable, facts, variable.origin, known)
    for panel in what.panels:
        yield from node(panel, facts, panel.origin, known)
    said: list[Problem] = []
    for query in what.queries:
        said += node(query, facts, query.origin, known)
        if query.use == "panel":
            said += _query(query, facts, of_queries)
    yield from once(said, "on this dashboard")


def once(said: Sequence[Problem], where: str, codes: Container[str] | None = None) -> Iterator[Problem]:
    """What is said of files; a note, or what can be repaired, once for all of one file, with the repairs of all."""
    alike: dict[tuple[str, str, str], list[Problem]] = {}
    for one in said:
        if _is_small(one, codes):
            alike.setdefault(_what(one), []).append(one)
    for problem in said:
        if not _is_small(problem, codes):
            yield problem
        elif same := alike.pop(_what(problem), None):
            yield _together(same, where) if len(same) > 1 else problem


def _what(problem: Problem) -> tuple[str, str, str]:
    return problem.origin.document.path, problem.code, problem.message


def _is_small(problem: Problem, codes: Container[str] | None) -> bool:
    asked = codes is None or problem.code in codes
    return asked and (problem.level is Level.NOTE or (problem.level is Level.WARNING and problem.fix is not None))


def _together(same: Sequence[Problem], where: str) -> Problem:
    """Problems that say the same of one file."""
    often = f"{len(same) - 1} times" if len(same) > 2 else "once"
    fixes = [problem.fix for problem in same if problem.fix]
    fix = Fix(tuple(edit for one in fixes for edit in one.edits), all(one.safe for one in fixes)) if fixes else None
    return replace(same[0], message=f"{same[0].message} (and {often} more {where})", fix=fix)


def of_queries(wanted: Callable[[str, Rule[Any]], bool]) -> Callable[[str, Rule[Any]], bool]:
    """The rules that are asked about queries of dashboards: what nobody records is said of a dashboard as a whole."""
    return lambda slug, rule: slug != "unknown-recording" and wanted(slug, rule)


def _query(query: Query, facts: Facts, known: Table) -> Iterator[Problem]:
    """What the rules say about a query whichever values its variables have, at its place in the source."""
    said = [
        [
            _home(problem, query, reading.written)
            for problem in expression(query.expression(reading), facts, query.origin, known)
        ]
        for reading in query.readings.parsed
    ]
    if said:
        certain = {(problem.code, problem.message, problem.origin.span) for problem in said[-1]}
        for problem in said[0]:
            if (problem.code, problem.message, problem.origin.span) in certain and not _is_meant(problem, query):
                yield problem


def _is_meant(problem: Problem, query: Query) -> bool:
    """Whether the panel names each of many series, or it is a detail of what does not work anyway."""
    if problem.level is Level.NOTE and query.is_incomplete:
        return True
    title, legend = str(query.panel.get("title")), str(query.target.get("legendFormat"))
    return problem.code == "Q062" and ("{{" in legend or _EACH.search(title) is not None)


def _home(problem: Problem, query: Query, written: Interpolated) -> Problem:
    def home(origin: Origin) -> Origin:
        if not origin.span or origin.keys != query.origin.keys:
            return origin
        start, end = written.home(origin.span)
        return replace(origin, span=(start + query.begin, end + query.begin))

    fix = problem.fix and replace(problem.fix, edits=tuple((home(at), text) for at, text in problem.fix.edits))
    return replace(problem, origin=home(problem.origin), fix=fix)


def objects(what: Objects, facts: Facts, known: Table) -> Iterator[Problem]:
    """What is wrong with each container, and with all objects of Kubernetes together."""
    for container in what.containers:
        yield from node(container, facts, container.origin, known)
    for monitor in what.monitors[:1]:  # what looks at all of them looks at monitors
        yield from node(what, facts, monitor.origin, known)


def _problem(found: Finding, slug: str, rule: Rule[Any], origin: Origin) -> Problem:
    at = found.origin or origin
    if found.keys or (found.span and not at.via):  # the text of a preset is not in the spec: no span
        at = at.at(*found.keys, span=None if at.via else found.span)
    fix = None
    if found.edits and not origin.via:
        base = found.origin or origin
        fix = Fix(tuple((base.at(*edit.keys, span=edit.span), edit.text) for edit in found.edits), found.safe)
    level = rule.codes[found.code] if found.level is None else found.level
    return Problem(
        at, found.message, slug, level, fix, found.related, found.code, found.advice or found.code in rule.advice
    )
