"""CPU seconds as a percentage, of one core.

The rate of CPU seconds is a number of cores. Times 100 it is the percentage of one core, and 400 % on four of them;
what matters is the share of what the process may use. In Grafana's JSON, and in a record, it is taken as meant.

Bad:

    rate(process_cpu_seconds_total[5m]) * 100

    sum(rate(container_cpu_usage_seconds_total{pod="a"}[5m])) * 100

Good:

    rate(process_cpu_seconds_total[5m])

    100 * sum(rate(container_cpu_usage_seconds_total[5m])) / sum(kube_pod_container_resource_limits{resource="cpu"})

    100 * (1 - avg(rate(node_cpu_seconds_total{mode="idle"}[5m])))
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.problem import Level
from llmmon.promql import Aggregate, Binary, Call, Range
from llmmon.promql.fold import RATES, bare, constant
from llmmon.rule import Expression, Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.promql import Expr, Selector
    from llmmon.rule import Facts

_CPU = ("process_cpu_seconds_total", "container_cpu_usage_seconds_total")


def check(written: Expression, facts: Facts) -> Iterator[Finding]:
    del facts
    if written.purpose == "record" or written.beside is not None:
        return  # many tools show it so, and whoever reads a record may divide it
    node = bare(written.expr)
    if isinstance(node, Binary) and node.op in ("<", ">", "<=", ">="):
        node = bare(node.lhs)
    if not isinstance(node, Binary) or node.op != "*":
        return
    for side, factor in ((node.lhs, node.rhs), (node.rhs, node.lhs)):
        if constant(factor) == 100 and (selector := _rated(side)) and selector.name in _CPU:
            message = "this is a percentage of one core: divide by the limit, or show cores without the 100"
            yield Finding("Q065", message, node.span)


def _rated(expr: Expr) -> Selector | None:
    node = bare(expr)
    while isinstance(node, Aggregate):
        node = bare(node.expr)
    if isinstance(node, Call) and node.func in RATES and isinstance(node.args[0], Range):
        return node.args[0].selector
    return None


RULE = Rule(Expression, check, {"Q065": Level.WARNING}, words=_CPU, advice=frozenset(("Q065",)))
