"""Safe repairs of expressions keep their meaning, and need no second one."""

import pytest
from rule_cases import DOCUMENT, FACTS

from llmmon import lint, promql
from llmmon.classes import replace
from llmmon.problem import Origin, Problem
from llmmon.rule import Expression


def asked(text: str) -> list[Problem]:
    table = lint.chosen(("promql",), lambda _, __: True)
    return list(lint.expression(Expression(text, promql.parse(text), "record"), FACTS, Origin(DOCUMENT), table))


def repaired(text: str) -> str:
    """The text after the first safe repair of each code."""
    fixes = {problem.code: problem.fix for problem in asked(text) if problem.fix and problem.fix.safe}
    edits = [(origin.span, new) for fix in fixes.values() for origin, new in fix.edits]
    for span, new in sorted(edits, key=lambda edit: edit[0] or (0, 0), reverse=True):
        assert span is not None
        text = text[: span[0]] + (new or "") + text[span[1] :]
    return text


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('a{b=~"^c.+$"}', 'a{b=~"c.+"}'),
        ("a{b=~'c'}", "a{b='c'}"),
        ("a{b !~ `^c$` , d='e'}", "a{b!=\"c\" , d='e'}"),
        ('a{b=~"c\\\\.d"}', 'a{b="c.d"}'),
        ("a{b=~`c\\.d`}", "a{b=`c.d`}"),
        ('a{b=~".*"}', "a{}"),
        ('a{b=~".*",c="d"}', 'a{c="d"}'),
        ('a{c="d", b=~".*"}', 'a{c="d"}'),
        ('a{c="d",b=~".*",}', 'a{c="d",}'),
        ('a{b!~".+"}', 'a{b=""}'),
        ('a{b!="",b=~"c.*"}', 'a{b=~"c.*"}'),
        ("sort_desc(sum by (a) (b))", "sum by (a) (b)"),
        ("a or b and c", "a or (b and c)"),
        ("a unless b or c", "(a unless b) or c"),
    ],
)
def test_a_safe_repair_is_exact(before: str, after: str) -> None:
    assert repaired(before) == after
    assert repaired(after) == after


@pytest.mark.parametrize(
    "text",
    [
        'a{b=~".*",}',
        'a{b=~".*", # why\n c="d"}',
        'a{b!~".*"}',
        'a{b="c",b="d"}',
    ],
)
def test_what_is_not_certain_is_left_as_it_is(text: str) -> None:
    assert asked(text)
    assert repaired(text) == text


def test_in_prometheus_2_a_dot_is_no_newline() -> None:
    text = 'a{b!~".+"}'
    table = lint.chosen(("promql",), lambda slug, _: slug == "regex-matcher")
    old = replace(FACTS, version=(2, 53))
    (problem,) = lint.expression(Expression(text, promql.parse(text), "record"), old, Origin(DOCUMENT), table)
    assert problem.fix
    assert not problem.fix.safe
