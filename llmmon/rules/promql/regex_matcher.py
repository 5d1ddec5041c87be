"""A regex where plain equality would do, or none is needed at all.

A regex is always matched against the whole value: `^` and `$` say nothing. One without any operator is a text, and
equality says so, and is faster; but who excludes one without anchors may have meant all that contain it. `=~".*"`
admits every series, also those without the label; `!~".*"` admits none.

Bad:

    app_denials_total{type=~"^quota.*$"}

    app_denials_total{type=~"quota"}

    app_denials_total{type=~".*"}

    app_denials_total{type!~".*"}

Good:

    app_denials_total{type=~"quota.*"}

    app_denials_total{type="quota"}

    app_denials_total{type=~"quota|(?i:rate)"}

    app_denials_total{type=~".+"}
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from llmmon.problem import Level
from llmmon.promql import Selector
from llmmon.promql.edits import without_matcher
from llmmon.promql.escape import label, literal
from llmmon.promql.language import implies
from llmmon.promql.pattern import edges, tree, word
from llmmon.promql.regex import matches_empty
from llmmon.rule import Edit, Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.promql import Matcher
    from llmmon.rule import Facts

_ANCHOR = re.compile(r"[$^]|\\[Az]").search
_OR_NOTHING = re.compile(r"[(|]\^\$[|)]").search  # `error|^$` says nothing on purpose, which `error|` may not
_WHOLE_DOT = (3, 0)  # until then `.` was no newline


def check(selector: Selector, facts: Facts) -> Iterator[Finding]:
    for matcher in selector.matchers:
        if matcher.op in ("=~", "!~"):
            yield from _regex(matcher, selector, facts)


def _regex(matcher: Matcher, selector: Selector, facts: Facts) -> Iterator[Finding]:
    name, op, value = matcher.label, matcher.op, matcher.value
    plain, only, everything = _judged(value)
    if only and (name in ("le", only) or (op == "!~" and plain == value)):
        return  # a boundary is written in more than one way; `$name` or what contains the text may be meant
    if only is not None:
        equal = "=" if op == "=~" else "!="
        message = f"{literal(value)} is no pattern: write {name}{equal}{literal(only)}"
        yield Finding("Q007", message, matcher.span, edits=_edits(matcher, equal, only), safe=True)
    elif everything and op == "=~":
        message = f"{name}=~{literal(value)} admits every series, also those without {name}: leave it out"
        gone = without_matcher(selector, matcher)
        yield Finding(
            "Q008", message, matcher.span, edits=(Edit("", gone),) if gone else (), safe=True, level=Level.NOTE
        )
    elif everything:
        what = f"{name}!~{literal(value)} admits no series at all"
        message = f'{what}: leave this out, or write {name}="" for those without {name}'
        yield Finding("Q008", message, matcher.span)
    elif op == "!~" and plain == ".+":
        message = f'{name}!~{literal(value)} admits the series without {name}: write {name}=""'
        safe = facts.version >= _WHOLE_DOT
        yield Finding("Q008", message, matcher.span, edits=_edits(matcher, "=", ""), safe=safe)
    elif plain != value:
        message = f"a regex is anchored anyway: write {name}{op}{literal(plain)}"
        yield Finding("Q006", message, matcher.span, edits=_edits(matcher, op, plain), safe=True)


@lru_cache(maxsize=4096)
def _judged(value: str) -> tuple[str, str | None, bool]:
    """A regex without the anchors that say nothing, the one text that it matches, and whether it matches all."""
    plain = value
    if _ANCHOR(value) and not _OR_NOTHING(f"({value})"[1 if value == "^$" else 0 :]):
        node = tree(value)
        for edge in sorted(edges(node) if node else (), key=lambda edge: -edge.at):
            plain = plain[: edge.at] + plain[edge.at + edge.length :]
    node = tree(plain)
    everything = plain == ".*" or ("*" in plain and matches_empty(plain) and implies((), ("=~", plain)))
    return plain, word(node) if node else None, everything


def _edits(matcher: Matcher, op: str, value: str) -> tuple[Edit, ...]:
    """The matcher with another operator and another value."""
    start, end = matcher.span
    name = label(matcher.label)
    if end - start == len(name) + len(matcher.value) + 4:  # written without blanks and escapes
        at = start + len(name)
        sign = (Edit(op, (at, at + 2)),) if op != matcher.op else ()
        text = (Edit(value, (at + 3, end - 1)),) if value != matcher.value else ()
        return (*sign, *text)
    return (Edit(f"{name}{op}{literal(value)}", matcher.span),)


RULE = Rule(
    Selector,
    check,
    {"Q006": Level.NOTE, "Q007": Level.NOTE, "Q008": Level.WARNING},
    peers=("pint promql/regexp",),
    words=("~",),
)
