"""An alert on a target that is down, which is silent when the target is gone.

When the last pod is deleted or the scrape job renamed, `up` has no series for it any more, and a comparison of nothing
is nothing. An alert on the targets of all jobs has no job whose absence it could ask for, and targets that the
Prometheus configuration of the run lists one by one do not go away. Nothing is said
of a job that the run, which scrapes others, does not scrape.

Bad:

    expr: up{job="api"} == 0

Good:

    expr: up == 0

    expr: absent(up{job="api"} == 1)

    expr: up{job="api"} == 0 or absent(up{job="api"})

    expr: min(up{job="api"}) > 0
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from llmmon.problem import Level
from llmmon.promql import Call, Selector, walk
from llmmon.promql.escape import literal
from llmmon.promql.fold import bare
from llmmon.rule import AlertingRule, Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.promql import Expr
    from llmmon.rule import Expression, Facts

_MOST = 1_000  # names that are compared
_NO_JOBS = ("", "prometheus")  # the server scrapes itself for as long as there is one
_DOWN = {("==", 0.0), ("<", 1.0), ("!=", 1.0)}


def check(rule: AlertingRule, facts: Facts) -> Iterator[Finding]:
    if rule.expression is None or facts.watched or watches(rule.expression.expr):
        return
    found = rule.expression.compared
    if found and found[1:] in _DOWN and isinstance(selector := bare(found[0]), Selector) and selector.name == "up":
        job = next((m.value for m in selector.matchers if m.label == "job" and m.op == "="), "")
        if job in _NO_JOBS or "|" in job or job in facts.fixed or _is_missed(job, facts):
            return
        same = ", ".join(f"{m.label}={literal(m.value)}" for m in selector.matchers if m.op == "=")
        message = (
            f"this is silent when the target is gone: add absent(up{{{same}}} == 1), here with or, or as another one"
        )
        yield Finding("A017", message, selector.span, ("expr",))


def watches(expr: Expr) -> bool:
    """Whether an expression fires when `up` has no series any more."""
    return any(selector.name == "up" for selector in _absent(expr))


def misses(written: Expression) -> Iterator[str]:
    """The metrics, and the jobs, whose absence an expression asks for."""
    for selector in _absent(written.expr) if "absent" in written.text else ():
        yield from (matcher.value for matcher in selector.matchers if matcher.label == "job" and matcher.op == "=")
        yield selector.name or ""


def _absent(expr: Expr) -> Iterator[Selector]:
    calls = (node for node in walk(expr) if isinstance(node, Call) and node.func in ("absent", "absent_over_time"))
    return (part for call in calls for part in walk(call) if isinstance(part, Selector))


def _is_missed(job: str, facts: Facts) -> bool:
    """Whether another alert fires when the metrics of this job are gone, which are called after it."""
    begins = job.rpartition("/")[2].replace("-", "_").lower()  # a job of the operator begins with a namespace
    return job in facts.missed or any(name.lower().startswith(begins) for name in itertools.islice(facts.missed, _MOST))


RULE = Rule(AlertingRule, check, {"A017": Level.WARNING}, words=("up",), advice=frozenset(("A017",)))
