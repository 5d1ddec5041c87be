"""A `label_replace` or `label_join` that does nothing, or something else than it says.

The replacement `$1_total` names a group called `1_total`, which no regex has: the label becomes empty. A group that the
regex does not have is empty as well. A regex that cannot match leaves every series as it is. Of a label that an
aggregation around it drops nothing is said.

Bad:

    label_replace(up, "host", "$1_x", "instance", "(.*):.*")

    label_replace(up, "host", "$2", "instance", "(.*):.*")

    label_replace(sum by (job) (up), "host", "$1", "instance", "(.+):.*")

    label_replace(up, "host", "$1", "instance", "(.*")

Good:

    label_replace(up, "host", "${1}_x", "instance", "(.*):.*")

    label_replace(up, "host", "$1", "instance", "(.*):.*")

    label_replace(sum by (job) (up), "host", "all", "", "")

    label_join(up, "where", "/", "job", "instance")
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from llmmon import lazily
from llmmon.problem import Level
from llmmon.promql import Aggregate, Call, String, result_labels
from llmmon.promql.escape import literal
from llmmon.promql.regex import matches_empty, regex_fault
from llmmon.rule import Edit, Expression, Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.promql import Expr
    from llmmon.rule import Facts

_CHANGING = ("label_replace", "label_join")
_NAMES_ANY = (3, 0)  # the first that takes any text as the name of a label
_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*").fullmatch
_REFERENCE = lazily.pattern(r"\$(?:\$|\{(\w+)\}|(\w+))")
_GROUP = lazily.pattern(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\((?!\?)|\(\?P?<(\w+)>", re.DOTALL)


def check(written: Expression, facts: Facts) -> Iterator[Finding]:
    for call in written.of(Call):
        if call.func in _CHANGING:
            yield from _call(call, written, facts)


def _call(call: Call, written: Expression, facts: Facts) -> Iterator[Finding]:
    texts = [arg.value for arg in call.args[1:] if isinstance(arg, String)]
    if len(texts) != len(call.args) - 1:
        return
    if not texts[0] or (facts.version < _NAMES_ANY and not _LABEL(texts[0])):
        yield Finding("Q054", f"{literal(texts[0])} is no name of a label: write a name", call.args[1].span)
    elif call.func == "label_replace" and len(texts) == 4:
        yield from () if _is_dropped(call, texts[0], written) else _replaced(call, texts, facts)


def _is_dropped(call: Call, label: str, written: Expression) -> bool:
    """Whether an aggregation around it drops the label."""
    around = (node for node in written.of(Aggregate) if node.span[0] < call.span[0] and call.span[1] <= node.span[1])
    groupings = (node.grouping for node in around if node.op not in ("topk", "bottomk"))
    return any(one is None or (label in one.labels) != (one.kind == "by") for one in groupings)


def _replaced(call: Call, texts: list[str], facts: Facts) -> Iterator[Finding]:
    _, replacement, source, regex = texts
    if fault := regex_fault(regex, facts.version >= _NAMES_ANY):
        yield Finding("Q054", f"this is no regex: {fault}", call.args[4].span)
        return
    groups = _groups(regex)
    for found in _REFERENCE.finditer(replacement):
        name = found[1] or found[2]
        if name is None or name in groups or "[[" in replacement:
            continue
        number = re.match(r"[0-9]+", name)
        span = call.args[2].span
        if found[2] and number and number[0] in groups and number[0] != name:
            meant = f"${{{number[0]}}}{name[number.end() :]}"
            whole = replacement[: found.start()] + meant + replacement[found.end() :]
            message = f"${name} is a group of that name, and there is none: write {meant}"
            yield Finding("Q054", message, span, edits=(Edit(literal(whole), span),))
        elif number and number[0] == name:
            advice = _have(groups) if regex else "write $$ for a dollar"
            message = f"{literal(regex)} has no group {name}, so this is empty: {advice}"
            yield Finding("Q054", message, span)
        return
    if source and "$" not in source and not matches_empty(regex) and not _can_have(call.args[0], source, facts):
        message = f"no series has {source} here, so this changes nothing: name a label that is there"
        yield Finding("Q054", message, call.args[3].span)


def _have(groups: frozenset[str]) -> str:
    most = max((int(name) for name in groups if name.isdigit()), default=0)
    return f"the last one is ${most}" if most else "write one in parentheses"


def _can_have(expr: Expr, label: str, facts: Facts) -> bool:
    return label == "__name__" or label in result_labels(expr, lambda selector: facts.series(selector.name).labels)


@lru_cache(maxsize=1024)
def _groups(regex: str) -> frozenset[str]:
    """The numbers and the names of a regex's groups; 0 is the whole."""
    found = [match for match in _GROUP.finditer(regex) if match[0].startswith("(")]
    names = {match[1] for match in found if match[1]}
    return frozenset(names | {str(index) for index in range(len(found) + 1)})


RULE = Rule(Expression, check, {"Q054": Level.WARNING}, words=_CHANGING, advice=frozenset(("Q054",)))
