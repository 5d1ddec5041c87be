"""A recorded series with the name of one that is scraped.

Both are then in the database under one name. Whoever sums them counts everything twice.

Bad:

    groups:
      - name: api
        rules:
          - record: requests_total
            expr: sum by (job) (requests_total)

Good:

    groups:
      - name: api
        rules:
          - record: job:requests:sum
            expr: sum by (job) (requests_total)

    groups:
      - name: api
        rules:
          - record: job:errors:smooth
            expr: 0.9 * job:errors:smooth + 0.1 * job:errors:rate5m or job:errors:rate5m
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.dependencies import dependencies
from llmmon.problem import Level
from llmmon.rule import Corpus, Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.rule import Facts


def check(corpus: Corpus, facts: Facts) -> Iterator[Finding]:
    known = dependencies(corpus)
    itself = {
        one.rule.name
        for one, read in known.readers
        if any(node.name == one.rule.name and not node.offset for node in read)
    }
    for name, recorders in known.recorders.items():
        if name in facts.declared or (":" not in name and name in itself and len(recorders) == 1):
            message = f"{name} is also scraped, and who sums them counts twice: record it as level:{name}:operation"
            yield Finding("R022", message, origin=recorders[0].rule.origin.at("record"))


RULE = Rule(Corpus, check, {"R022": Level.WARNING})
