"""A rule that is there twice, or two alerts that nobody can tell apart.

Two recording rules with one name and the same labels write the same series twice. Two alerts with one name and the
same labels are one alert to whoever gets it, and one of them is found when somebody looks it up.

Bad:

    groups:
      - name: a
        rules:
          - record: job:requests:rate5m
            expr: sum by (job) (rate(requests_total[5m]))
      - name: b
        rules:
          - record: job:requests:rate5m
            expr: sum(rate(requests_total[5m])) by (job)

    groups:
      - name: a
        rules:
          - alert: HighLatency
            expr: job:latency_seconds:p95 > 0.1
          - alert: HighLatency
            expr: job:latency_seconds:p95 > 0.5

Good:

    groups:
      - name: a
        rules:
          - alert: HighLatency
            expr: job:latency_seconds:p95 > 0.1
            labels: {severity: warning}
          - alert: HighLatency
            expr: job:latency_seconds:p95 > 0.2
            labels: {severity: critical}

    groups:
      - name: a
        rules:
          - alert: HighLatency
            expr: job:latency_seconds:p95{job="a"} > 0.1
          - alert: HighLatency
            expr: job:latency_seconds:p95{job="b"} > 0.2
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from llmmon import lazily
from llmmon.dependencies import placed
from llmmon.problem import Level
from llmmon.promql import to_text
from llmmon.promql.fold import condition, selectors
from llmmon.promql.language import can_match
from llmmon.rule import AlertingRule, Corpus, Edit, Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.dependencies import Placed
    from llmmon.problem import Origin
    from llmmon.promql.language import Condition
    from llmmon.rule import Facts

_STAGE = lazily.pattern(r"(?<![a-z])(?:dev|prod|production|qa|stage|staging|test)(?![a-z])")
_MOST = 20  # rules of one name and the same labels that are compared with each other


def check(corpus: Corpus, facts: Facts) -> Iterator[Finding]:
    del facts
    named: dict[tuple[bool, str], list[Placed]] = {}
    for one in placed(corpus):
        if one.rule.expression and "labels" not in one.rule.unread:
            named.setdefault((isinstance(one.rule, AlertingRule), one.rule.name), []).append(one)
    found = [finding for several in named.values() if len(several) > 1 for finding in _of_one_name(several)]
    copies = _copies(corpus, found)
    yield from (finding for finding in found if copies.isdisjoint(_paths(finding)) and not _are_choices(finding))


def _copies(corpus: Corpus, found: list[Finding]) -> set[str]:
    """The files that mostly repeat others: whoever wants one of these does not load the others."""
    repeated = Counter(path for finding in found for path in (_paths(finding) if len(_paths(finding)) > 1 else ()))
    size = Counter(_path(one.rule.origin) for one in placed(corpus)) if repeated else {}
    return {path for path, count in repeated.items() if 2 * count >= size[path]}


def _are_choices(finding: Finding) -> bool:
    """Whether the rules are in files of which one is loaded: for several exporters, or for several stages."""
    paths = _paths(finding)
    if len(paths) > 1 and len({_STAGE.sub("", path) for path in paths}) == 1:
        return True
    return len(paths) > 1 and all("exporter" in path.rpartition("/")[2] for path in paths)


def _paths(finding: Finding) -> set[str]:
    return {_path(finding.origin), _path(finding.related[0])}


def _path(origin: Origin | None) -> str:
    return origin.document.path if origin else ""


def _of_one_name(several: list[Placed]) -> Iterator[Finding]:
    same: dict[object, list[Placed]] = {}
    for one in several:
        labels = sorted(one.group.labels_of(one.rule).items())
        same.setdefault((_folder(one), *labels), []).append(one)
    for alike in same.values():
        first: dict[str, Placed] = {}
        for one in alike[:_MOST] if len(alike) > 1 else ():
            assert one.rule.expression
            twin = first.setdefault(to_text(one.rule.expression.expr), one)
            if twin is not one:
                yield _twin(one, twin)
            elif other := next((other for other in first.values() if other is not one and _overlap(other, one)), None):
                yield _namesake(one, other)


def _twin(one: Placed, twin: Placed) -> Finding:
    what = f"{one.rule.name} is there already, with the same labels and the same expression: "
    at, related = one.rule.origin, (twin.rule.origin,)
    if _path(at) != _path(related[0]):
        return Finding("R019", f"{what}load one of the files, or remove one", origin=at, related=related)
    return Finding("R019", f"{what}remove one", origin=at, related=related, edits=(Edit(None),))


def _namesake(one: Placed, other: Placed) -> Finding:
    message = f"there is another {one.rule.name} with the same labels: rename one, or tell them apart by severity"
    return Finding("R020", message, origin=one.rule.origin, related=(other.rule.origin,))


def _overlap(other: Placed, one: Placed) -> bool:
    """Whether both alerts look at one series: not where each selects what the other does not."""
    if not isinstance(one.rule, AlertingRule) or _path(one.rule.origin) != _path(other.rule.origin):
        return False
    read = [list(selectors(each.rule.expression.expr)) for each in (one, other) if each.rule.expression]
    if [len(found) for found in read] != [1, 1] or read[0][0].name != read[1][0].name:
        return False
    compared = {_operator(each) for each in (one, other)}
    if len(compared) > 1:
        return False  # two sides of one trouble, such as too old and never there
    asked: dict[str, list[Condition]] = {}
    for matcher in (matcher for (selector,) in read for matcher in selector.matchers):
        asked.setdefault(matcher.label, []).append((matcher.op, matcher.value))
    return all(can_match(tuple(conditions)) is not False for conditions in asked.values())


def _operator(one: Placed) -> str | None:
    found = condition(one.rule.expression.expr) if one.rule.expression else None
    return found[1] if found else None


def _folder(one: Placed) -> str:
    """Files in different folders are often for different servers."""
    return _path(one.rule.origin).rpartition("/")[0]


RULE = Rule(
    Corpus,
    check,
    {"R019": Level.WARNING, "R020": Level.NOTE},
    peers=("pint rule/duplicate",),
    advice=frozenset(("R020",)),
)
