"""One series, or one alert, for each user.

A label such as a user, an address or a request has as many values as the world has; what is grouped by it grows
without end, and a person's name ends up in every notification. Of an alert whose text names the label nothing is said:
somebody wants it. The `user` of Cortex, Loki, Mimir and Tempo is a tenant, and the `uri` by which a server counts its
requests is mostly that of a route.

Bad:

    sum by (user_id) (rate(app_requests_total[5m]))

Good:

    sum by (model) (rate(app_requests_total[5m]))

    topk(10, sum by (user_id) (rate(app_requests_total[5m])))

    count(count by (user_id) (app_requests_total))

    sum by (user) (rate(cortex_discarded_samples_total[5m]))
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon import lazily
from llmmon.problem import Level
from llmmon.promql import Aggregate, Call, children
from llmmon.promql.fold import bare, selectors
from llmmon.rule import UNBOUNDED, Expression, Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.promql import Expr
    from llmmon.rule import Facts

_FEWER = ("topk", "bottomk", "limitk")
_OF_CLIENTS = lazily.pattern(r"client|request|login|auth|denied|blocked|attack|visit|hits|session")
_OF_TENANTS = ("cortex_", "loki_", "mimir_", "tempo_")


def check(written: Expression, facts: Facts) -> Iterator[Finding]:
    del facts
    if written.purpose in ("alert", "record"):
        for node in _outermost(written.expr):
            for index, label in enumerate(node.grouping.labels if node.grouping else ()):
                if label in UNBOUNDED and node.grouping and node.grouping.kind == "by":
                    if label in written.shown or _is_bounded(label, node):
                        continue
                    each = "a series" if written.purpose == "record" else "an alert"
                    message = f"{label!r} has no end of values, and each makes {each} of its own: leave it out"
                    yield Finding("M013", message, node.grouping.label_spans[index])


def _is_bounded(label: str, node: Aggregate) -> bool:
    """Whether it is a tenant, or the pattern of a route, as servers count their requests by."""
    names = [selector.name or "" for selector in selectors(node)]
    if label == "user":
        return all(name.startswith(_OF_TENANTS) for name in names)
    if label in ("ip", "ip_address"):  # of a server, unless clients are counted
        return not any(_OF_CLIENTS.search(name) for name in names)
    return label == "uri" and all("_request" in name for name in names)


def _outermost(expr: Expr) -> Iterator[Aggregate]:
    """The aggregations whose labels reach the result, save those of which only the highest few do."""
    todo = [bare(expr)]
    while todo:
        node = bare(todo.pop())
        if isinstance(node, Aggregate):
            if node.op not in _FEWER:
                yield node
        elif not isinstance(node, Call) or node.func not in ("scalar", "absent"):
            todo.extend(children(node))


RULE = Rule(Expression, check, {"M013": Level.WARNING}, words=tuple(sorted(UNBOUNDED)), advice=frozenset(("M013",)))
