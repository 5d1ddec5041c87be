"""A label that a metric does not have, or a value that it never takes.

Where the labels of a metric are declared, a matcher on another one selects nothing, or everything: `modell!="a"` is
true of every series. Where all values of a label are declared, so is it with a value that is not among them.

Bad:

    app_requests_total{modell="gpt"}

    app_jobs{state="runing"}

    app_jobs{state=~"done|ready"}

Good:

    app_requests_total{model="gpt"}

    app_jobs{state=~"run.*"}

    somebody_elses_total{modell="gpt"}

    app_jobs{state!=""}

    app_jobs{region="eu"}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.lazily import get_close_matches
from llmmon.problem import Level
from llmmon.promql import Selector
from llmmon.promql.escape import label, literal
from llmmon.promql.language import admits
from llmmon.rule import Edit, Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.promql import Matcher
    from llmmon.rule import Facts

# What scraping, relabelling and federation put on series of any metric.
_TARGET = frozenset(
    (
        *("__name__", "job", "instance", "cluster", "environment", "env", "region", "zone", "datacenter", "dc"),
        *("namespace", "pod", "container", "node", "service", "endpoint", "prometheus", "replica", "team", "tenant"),
    )
)


def check(selector: Selector, facts: Facts) -> Iterator[Finding]:
    if not selector.matchers or selector.name is None or selector.name in facts.recorded:
        return
    known = facts.series(selector.name)
    if known.labels is None:
        return
    for matcher in selector.matchers:
        if matcher.label in known.labels:
            values = known.values.get(matcher.label)
            if values and "$" not in matcher.value:
                yield from _value(matcher, values)
        elif matcher.label not in _TARGET and matcher.label not in (facts.external_labels or ()):
            yield from _label(matcher, selector.name, known.labels)


def _label(matcher: Matcher, name: str, labels: frozenset[str]) -> Iterator[Finding]:
    if admits((matcher.op, matcher.value), "") is not False and matcher.op in ("=", "=~"):
        return  # asks for those without it
    near = get_close_matches(matcher.label, sorted(labels), 1)
    advice = f"did you mean {near[0]}?" if near else f"it has {', '.join(sorted(labels)) or 'none'}"
    at = (matcher.span[0], matcher.span[0] + len(label(matcher.label)))
    edits = (Edit(label(near[0]), at),) if near else ()
    yield Finding("Q046", f"{name} has no label {matcher.label}: {advice}", at, edits=edits)


def _value(matcher: Matcher, values: frozenset[str]) -> Iterator[Finding]:
    condition = matcher.op, matcher.value
    if admits(condition, "") is not False and matcher.op in ("=", "=~"):
        return
    positive = condition if matcher.op in ("=", "=~") else ("=" if matcher.op == "!=" else "=~", matcher.value)
    if not matcher.value or any(admits(positive, value) is not False for value in values):
        return
    near = get_close_matches(matcher.value, sorted(values), 1)
    advice = f"did you mean {near[0]}?" if near else f"it is one of {', '.join(sorted(values))}"
    edits = (Edit(f"{label(matcher.label)}{matcher.op}{literal(near[0])}", matcher.span),) if near else ()
    yield Finding("Q047", f"{matcher.label} is never {literal(matcher.value)}: {advice}", matcher.span, edits=edits)


RULE = Rule(
    Selector,
    check,
    {"Q046": Level.ERROR, "Q047": Level.ERROR},
    frozenset(("declared",)),
    peers=("pint promql/series", "promruval expressionUsesExistingLabels"),
)
