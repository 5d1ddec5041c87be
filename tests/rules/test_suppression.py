"""Comments that mute: how far each reaches, what is said of those that mute nothing, and those of others."""

from __future__ import annotations

from datetime import date

import pytest

from llmmon import suppression
from llmmon.problem import Level, Origin, Problem
from llmmon.source.document import Document, Spot
from llmmon.structure import KINDS

TODAY = date(2027, 1, 31)
KNOWN = {"one": ("pint promql/one", "amlint first"), "two": (), "three": ("pint promql/one", "pint promql/three")}
FILE = """\
groups:
  - name: api
    rules:
      {before}
      - alert: A{behind}
        {inside}
        expr: up == 0
        labels:
          severity: page
      - alert: B
        expr: up == 1
"""
A, EXPR, LABELS, SEVERITY, B = 5, 7, 8, 9, 10


def left(
    before: str = "# .",
    behind: str = "",
    inside: str = "# .",
    lines: tuple[int, ...] = (),
    level: Level = Level.ERROR,
) -> list[str]:
    """What is said where each line has a problem of each rule."""
    document = Document("rules.yml", FILE.format(before=before, behind=behind, inside=inside))
    keys = {A: (0,), EXPR: (0, "expr"), LABELS: (0, "labels"), SEVERITY: (0, "labels", "severity"), B: (1,)}
    problems = [
        Problem(Origin(document, ("groups", 0, "rules", *keys[line])), "wrong", rule, level)
        for line in lines or keys
        for rule in ("one", "two")
    ]
    found = suppression.apply(problems, [document], lambda: KNOWN, TODAY)
    return [f"{item.origin.position()[0]} {item.rule}" for item in found]


ALL = [f"{line} {rule}" for line in (A, EXPR, LABELS, SEVERITY, B) for rule in ("one", "two")]


def without(*muted: str) -> list[str]:
    return [item for item in ALL if item not in muted]


def test_without_a_comment_everything_is_said() -> None:
    assert left() == ALL


@pytest.mark.parametrize(
    ("where", "comment", "lines"),
    [
        ("behind", "# llmmon: ignore[one] known", (A,)),
        ("before", "# llmmon: ignore[one] known", (A, EXPR, LABELS, SEVERITY)),
        ("inside", "#llmmon:ignore[one]", (EXPR,)),
        ("inside", "# llmmon: ignore-file[one] old", (A, EXPR, LABELS, SEVERITY, B)),
        ("inside", "# llmmon: ignore[one] until 2027-02-01 known", (EXPR,)),
        ("before", "# pint disable promql/one", (A, EXPR, LABELS, SEVERITY)),
        ("inside", "# pint disable promql/one", (A, EXPR, LABELS, SEVERITY)),
        ("inside", "# pint disable promql/one(prometheus)", (A, EXPR, LABELS, SEVERITY)),
        ("before", "# pint file/disable promql/one", (A, EXPR, LABELS, SEVERITY, B)),
        ("behind", "  # amlint: disable=first", (A,)),
        ("before", "#amlint : disable=other, first", (A, EXPR, LABELS, SEVERITY)),
        ("inside", "# amlint: disable-file=first", (A, EXPR, LABELS, SEVERITY, B)),
        ("before", "# pint snooze 2027-02-01 promql/one", (A, EXPR, LABELS, SEVERITY)),
        ("before", "# pint snooze 2027-02-01T10:00:00Z promql/one", (A, EXPR, LABELS, SEVERITY)),
    ],
)
def test_a_comment_mutes_its_rule_as_far_as_it_reaches(where: str, comment: str, lines: tuple[int, ...]) -> None:
    mark = f" {comment}" if where == "behind" else comment
    assert left(**{where: mark}) == without(*(f"{line} one" for line in lines))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("where", "comment", "lines"),
    [
        ("behind", " # pint ignore/line", (A,)),
        ("before", "# pint ignore/next-line", (A,)),
        ("inside", "# pint ignore/file", (A, EXPR, LABELS, SEVERITY, B)),
        ("inside", "# llmmon: ignore[*]", (EXPR,)),
        ("inside", "# llmmon: ignore[one, two]", (EXPR,)),
    ],
)
def test_some_comments_are_about_more_than_one_rule(where: str, comment: str, lines: tuple[int, ...]) -> None:
    muted = [f"{line} {rule}" for line in lines for rule in ("one", "two")]
    assert left(**{where: comment}) == without(*muted)  # type: ignore[arg-type]


def test_what_stands_between_begin_and_end_of_pints_is_muted() -> None:
    said = left(before="# pint ignore/begin", inside="# pint ignore/end")
    assert said == without(f"{A} one", f"{A} two")


@pytest.mark.parametrize(
    "comment",
    [
        "# pint snooze 2027-01-31 promql/one",
        "# pint disable promql/other",
        "# a llmmon",
        "# amlint: disable=one",
        "# amlint",
    ],
)
def test_what_has_ended_or_is_about_something_else_mutes_nothing(comment: str) -> None:
    assert left(before=comment) == ALL


@pytest.mark.parametrize(
    ("comment", "rule", "message"),
    [
        ("# llmmon: ignore[thre] x", "malformed-suppression", "there is no rule 'thre': did you mean 'three'?"),
        ("# llmmon: ignore", "malformed-suppression", "'ignore' mutes nothing: write `# llmmon: ignore[RULE] reason`"),
        ("# llmmon: ignore[]", "malformed-suppression", "no rule is named"),
        ("# llmmon: ignore[one] until soon", "malformed-suppression", "'soon' is no day: write it like 2027-03-01"),
        ("# llmmon: ignore[one] until 2027-01-31", "expired-suppression", "this comment ended on 2027-01-31"),
        ("# llmmon: ignore[three] x", "unused-suppression", "nothing here for three to say any more"),
    ],
)
def test_a_comment_that_mutes_nothing_is_said(comment: str, rule: str, message: str) -> None:
    document = Document("rules.yml", FILE.format(before="# .", behind="", inside=comment))
    (found,) = suppression.apply([], [document], lambda: KNOWN, TODAY)
    assert (found.rule, found.level, found.origin.position()) == (rule, KINDS[rule].level, (6, 9))
    assert message in found.message


def test_a_rule_that_did_not_run_does_not_make_its_comments_unused() -> None:
    document = Document("rules.yml", FILE.format(before="# llmmon: ignore[one]", behind="", inside=""))
    assert (
        list(suppression.apply([], [document], lambda: KNOWN, TODAY, suppression.Asked(lambda rule: rule != "one")))
        == []
    )
    assert len(list(suppression.apply([], [document], lambda: KNOWN, TODAY))) == 1


def test_a_comment_may_mute_what_is_said_of_comments() -> None:
    text = FILE.format(before="# llmmon: ignore[unused-suppression]", behind="  # llmmon: ignore[thre]", inside="")
    known = {**KNOWN, "malformed-suppression": (), "unused-suppression": ()}
    found = list(suppression.apply([], [Document("rules.yml", text)], lambda: known, TODAY))
    assert [problem.rule for problem in found] == ["malformed-suppression", "unused-suppression"]


def asked(text: str, **what: object) -> list[str]:
    """What is said of a file that one rule complains about, in its second line."""
    document = Document("rules.yml", text)
    problem = Problem(Origin(Spot("rules.yml", text, 2, 1)), "wrong", "one")
    found = suppression.apply([problem], [document], lambda: KNOWN, TODAY, suppression.Asked(**what))  # type: ignore[arg-type]
    return [item.rule for item in found]


REASON = "suppression-without-reason"


@pytest.mark.parametrize(
    ("comment", "tastes", "found"),
    [
        ("# llmmon: ignore[one] the exporter is wrong", (REASON, "file-skipped"), []),
        ("# llmmon: ignore[one]", (REASON,), [REASON]),
        ("# llmmon: ignore[one] until 2027-03-01", (REASON,), [REASON]),
        ("# llmmon: ignore[one] until 2027-03-01 a reason", (REASON,), []),
        ("# llmmon: ignore[one]", (), []),
        ("# llmmon: ignore-file[*] generated", ("file-skipped",), ["file-skipped"]),
        ("# pint ignore/file", ("file-skipped",), ["file-skipped"]),
        ("# llmmon: ignore-file[one] generated", ("file-skipped",), []),
        ("# llmmon: ignore-file[*] generated", (), []),
    ],
)
def test_what_a_house_may_ask_of_comments(comment: str, tastes: tuple[str, ...], found: list[str]) -> None:
    assert [rule for rule in asked(f"{comment}\nx: 1\n", tastes=tastes) if rule != "one"] == found


@pytest.mark.parametrize(
    "comment", ["# llmmon: ignore[one] why", "# llmmon: ignore-file[one] why", "# llmmon: ignore[one,two] why"]
)
def test_no_comment_mutes_a_rule_that_is_locked(comment: str) -> None:
    found = asked(f"{comment}\nx: 1\n", locked={"one"}, ran=lambda rule: rule == "one")
    assert found == ["one", "locked-rule"]


def test_a_comment_about_everything_leaves_out_what_is_locked() -> None:
    assert asked("# llmmon: ignore-file[*] why\nx: 1\n", locked={"one"}) == ["one", "unused-suppression"]
    assert asked("# llmmon: ignore-file[*] why\nx: 1\n", locked={"two"}) == []


@pytest.mark.parametrize(
    ("before", "behind", "lines"),
    [
        ("# `severity: page` is intentional: it is a drill", "", (A, EXPR, LABELS, SEVERITY)),
        ("# .", "# on purpose", (A,)),
        ("# NOT a secret: a token of a test", "", (A, EXPR, LABELS, SEVERITY)),
    ],
)
def test_who_says_why_something_is_meant_is_not_asked_again(before: str, behind: str, lines: tuple[int, ...]) -> None:
    said = [f"{line} {rule}" for line in lines for rule in ("one", "two")]
    behind = f"  {behind}" if behind else ""
    assert left(before, behind, level=Level.WARNING) == without(*said)
    assert left(before, behind) == ALL  # an error is one, whatever somebody says


def test_a_comment_on_the_whole_file_is_about_what_it_quotes() -> None:
    text = (
        "# `for: 0s` is intentional: the test lasts a minute.\n"
        + FILE.format(before="# .", behind="", inside="for: 0s")
        + "\n".join(f"      # {number}\n      - alert: C\n        expr: x" for number in range(40))
    )
    document = Document("rules.yml", text)
    problems = [
        Problem(Origin(document, ("groups", 0, "rules", 0, key)), "wrong", "one", Level.WARNING)
        for key in ("for", "expr")
    ]
    (one,) = suppression.apply(problems, [document], lambda: KNOWN, TODAY)
    assert one.origin.keys[-1] == "expr"
