"""A regex that reads a part of a label's value: the part should be a label of its own.

`job=~"api_.+_production"` asks for the environment, which somebody wrote into the name of the job. Nothing can be
grouped by it, and a typing error in the regex is found by nobody. Set the label where the target is scraped.

Bad:

    up{job=~"api_.+_production"}

    up{job=~".*production.*"}

Good:

    up{job=~"api_.+"}

    up{job=~"api|worker"}

    up{job="api",env="production"}
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from llmmon.problem import Level
from llmmon.promql import Selector
from llmmon.promql.escape import literal
from llmmon.promql.pattern import Chars, Repeat, Sequence, tree, word
from llmmon.rule import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.rule import Facts


def check(selector: Selector, facts: Facts) -> Iterator[Finding]:
    del facts
    for matcher in selector.matchers:
        if matcher.op in ("=~", "!~") and matcher.label != "__name__" and _reads_a_part(matcher.value):
            message = (
                f"{literal(matcher.value)} reads a part of {matcher.label}: write that part into a label of its own"
            )
            yield Finding("Q009", message, matcher.span)


@lru_cache(maxsize=4096)
def _reads_a_part(pattern: str) -> bool:
    """Text between wildcards, or a wildcard between texts."""
    node = tree(pattern)
    if not isinstance(node, Sequence):
        return False
    kinds = ""
    for item in node.items:
        if isinstance(item, Repeat):
            kinds += "*" if item.most is None and isinstance(item.item, Chars) and len(item.item.ranges) == 1 else "?"
        elif isinstance(item, Chars):
            char = word(item)
            kinds += "." if char is None else "" if char.isdigit() else "a"
    short = "".join(kind for index, kind in enumerate(kinds) if kind != kinds[index - 1] or not index)
    return "a*a" in short or "*a*" in short


RULE = Rule(Selector, check, {"Q009": Level.NOTE}, peers=("pint promql/regexp",), default=False)
