"""Problems are shown where they are, once, in order, and without a byte that a terminal would obey."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from dataclasses import dataclass

import pytest

from llmmon import report
from llmmon.classes import replace
from llmmon.problem import Fix, Keys, Level, Origin, Problem, Span
from llmmon.source.document import Document

SPEC = """\
service: chat
alerts:
  Slow:
    expr: 'rate(requests[5m]) > 1'
  "Wide 漢字 name": {for: 5m}
  Block:
    expr: |
      up ==
      sum(漢字) and down
"""
AT = Origin(Document("specs/chat.yaml", SPEC))


@dataclass(frozen=True)
class Spot:
    """A place in text of any kind."""

    path: str
    text: str
    at: tuple[int, int] = (1, 1)

    def position(self, keys: Keys, span: Span | None) -> tuple[int, int]:  # noqa: ARG002 - the protocol's arguments
        return self.at[0], self.at[1] + (span[0] if span else 0)


def spot(text: str, column: int = 1, path: str = "a.conf", span: Span | None = None, message: str = "wrong") -> Problem:
    return Problem(Origin(Spot(path, text, (1, column)), (), span), message, "rule")


def caret(problem: Problem) -> tuple[str, str]:
    """The source line and the caret line."""
    _, source, carets = report.render([problem], "text").splitlines()
    return source, carets


def test_a_problem_is_a_line_the_source_and_a_caret_under_the_key() -> None:
    assert report.render([Problem(AT.at("alerts", "Slow"), "never fires", "dead-alert")], "text") == (
        "specs/chat.yaml:3:3: error: never fires [dead-alert]\n    Slow:\n    ^^^^\n"
    )


def test_a_span_is_underlined_inside_quotes_and_blocks() -> None:
    quoted = Problem(AT.at("alerts", "Slow", "expr", span=(5, 13)), "no such metric", "r")
    assert caret(quoted) == ("      expr: 'rate(requests[5m]) > 1'", " " * 18 + "^" * 8)
    wide = Problem(AT.at("alerts", "Block", "expr", span=(18, 22)), "m", "r")
    assert caret(wide) == ("        sum(漢字) and down", " " * 22 + "^" * 4)
    over_two_lines = Problem(AT.at("alerts", "Block", "expr", span=(3, 9)), "m", "r")
    assert caret(over_two_lines) == ("        up ==", " " * 11 + "^^")


def test_a_quoted_key_is_underlined_whole_in_display_columns() -> None:
    assert caret(Problem(AT.at("alerts", "Wide 漢字 name"), "m", "r"))[1] == "    " + "^" * 16


def test_tabs_combining_and_control_characters_keep_the_caret_in_place() -> None:
    assert caret(spot("\tfilter { mutate", 2)) == ("      filter { mutate", "      ^^^^^^")
    assert caret(spot("e\u0301 word", 4)) == ("  e\u0301 word", "    ^^^^")
    assert caret(spot("\x1b[31m word", 7)) == ("  \\x1b[31m word", " " * 11 + "^^^^")
    assert caret(spot("a\u202eb x", 5)) == ("  a\\u202eb x", " " * 11 + "^")


@pytest.mark.parametrize("before", [0, 30, 118, 119, 120, 500, 100_000])
def test_a_long_line_is_cropped_around_the_caret(before: int) -> None:
    source, carets = caret(spot("x" * before + " TARGET " + "y" * 1_000, before + 2))
    assert len(source) <= 2 + 120 + 2
    assert source[carets.index("^") : carets.rindex("^") + 1] == "TARGET"


def test_a_caret_stays_inside_what_is_shown() -> None:
    source, carets = caret(spot("x" * 1_000, span=(0, 1_000)))
    assert len(carets) <= len(source)
    assert caret(spot("short", 90)) == ("  short", "       ^")
    assert caret(spot("y" * 300, 301))[1].endswith("^")


def test_a_problem_without_source_is_its_line_alone() -> None:
    assert report.render([spot("")], "text") == "a.conf:1:1: error: wrong [rule]\n"
    assert (
        report.render([Problem(Origin(Spot("a", "one", (7, 1))), "m", "r", Level.NOTE)], "text")
        == "a:7:1: note: m [r]\n"
    )
    assert report.render([], "text") == ""


@pytest.mark.parametrize("rule", ["plain-secret", "secret-in-pipeline"])
def test_the_line_of_a_secret_is_not_shown(rule: str) -> None:
    document = Document("alertmanager.yml", "global: {smtp_auth_password: hunter2}\n")
    problem = Problem(Origin(document, ("global", "smtp_auth_password")), "a secret in plain text", rule)
    assert "hunter2" not in report.render([problem], "text")
    assert "hunter2" in report.render([replace(problem, rule="other")], "text")


def test_where_it_comes_from_and_what_is_related_follow() -> None:
    origin = Origin(AT.document, ("alerts", "Slow"), via=AT.at("service"))
    text = report.render([Problem(origin, "m", "r", related=(AT.at("alerts", "Block"),))], "text")
    assert text.splitlines()[3:] == ["  see specs/chat.yaml:1:1", "  see specs/chat.yaml:6:3"]


def test_problems_are_sorted_by_place_and_shown_once() -> None:
    late, early = Problem(AT.at("alerts", "Block"), "late", "r"), Problem(AT.at("service"), "early", "r", Level.NOTE)
    other = spot("x", path="a.conf")
    text = report.render(iter([late, early, other, late, spot("x", path="a.conf")]), "text")
    assert [line.split()[2] for line in text.splitlines() if "[r" in line] == ["wrong", "early", "late"]
    assert report.summary([late, early, late, other]) == "2 errors, 1 note"
    assert report.summary([Problem(AT, "m", "r", Level.WARNING)]) == "1 warning"
    assert report.summary([]) == "no problems"


def test_nothing_that_a_user_wrote_reaches_the_terminal_raw() -> None:
    nasty = "a\x1b[2J\x9b\r\nb\u202e\ud800\x07"
    problem = Problem(Origin(Spot(nasty, nasty)), nasty, nasty, related=(Origin(Spot(nasty, "")),))
    text = report.render([problem], "text")
    assert text.replace("\n", "").isprintable()
    assert text.startswith("a\\x1b[2J\\x9b b\\u202e\\ud800\\x07:1:1: error: a\\x1b[2J\\x9b b")
    github = report.render([problem], "github")
    assert github.count("\n") == 1
    assert github.strip().isprintable()
    for machine in (report.render([problem], "json"), report.render([problem], "sarif")):
        json.loads(machine.encode())


def test_colour_is_only_there_when_it_is_asked_for() -> None:
    problem = Problem(AT.at("service"), "m", "r", Level.WARNING)
    assert "\x1b" not in report.render([problem], "text")
    assert "\x1b[33mwarning:\x1b[0m" in report.render([problem], "text", color=True)
    assert "\x1b" not in report.render([problem], "json", color=True)


def test_a_terminal_gets_colour_unless_it_says_no() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    assert report.wants_color(Terminal(), {"TERM": "xterm"})
    assert report.wants_color(Terminal(), {"NO_COLOR": ""})
    assert not report.wants_color(Terminal(), {"NO_COLOR": "1"})
    assert not report.wants_color(Terminal(), {"TERM": "dumb"})
    assert not report.wants_color(io.StringIO(), {})


def test_json_is_a_list_of_objects() -> None:
    fix = Fix(((AT.at("service"), "system"),), safe=True)
    problem = Problem(AT.at("service"), "é", "r", Level.NOTE, fix, (AT.at("alerts"),))
    assert json.loads(report.render([problem], "json")) == [
        {
            "file": "specs/chat.yaml",
            "line": 1,
            "column": 1,
            "end_column": 8,
            "level": "note",
            "rule": "r",
            "code": "",
            "advice": False,
            "message": "é",
            "related": [{"file": "specs/chat.yaml", "line": 2, "column": 1}],
            "fix": {
                "safe": True,
                "edits": [
                    {
                        "file": "specs/chat.yaml",
                        "line": 1,
                        "column": 10,
                        "end_line": 1,
                        "end_column": 14,
                        "text": "system",
                    }
                ],
            },
        }
    ]
    assert report.render([], "json") == "[]\n"


@pytest.mark.parametrize(
    ("problem", "code"),
    [(Problem(AT, "m", "averaged", code="Q001"), "Q001"), (Problem(AT, "m", "yaml-syntax"), "Y002")],
)
def test_json_names_the_code_by_which_it_is_chosen(problem: Problem, code: str) -> None:
    assert json.loads(report.render([problem], "json"))[0]["code"] == code


def test_github_annotations_are_escaped() -> None:
    problem = spot("100", path="a,b:c%.yaml", message="100% wrong:\nsee, there")
    assert report.render([problem], "github") == (
        "::error file=a%2Cb%3Ac%25.yaml,line=1,col=1,endColumn=4,title=rule::100%25 wrong: see, there\n"
    )
    assert report.render([Problem(AT, "m", "r", Level.NOTE)], "github").startswith("::notice ")


def test_sarif_names_its_rules_and_places() -> None:
    problems = [
        Problem(AT.at("service"), "m", "b-rule", related=(AT.at("alerts"),)),
        spot("x", path="/tmp x/#a.conf"),  # noqa: S108 - only printed
    ]
    log = json.loads(report.render(problems, "sarif"))
    run = log["runs"][0]
    assert (log["version"], run["columnKind"]) == ("2.1.0", "unicodeCodePoints")
    assert run["tool"]["driver"] == {"name": "llmmon", "rules": [{"id": "b-rule"}, {"id": "rule"}]}
    first, second = run["results"]
    assert first["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "file:///tmp%20x/%23a.conf"
    assert (second["ruleId"], second["ruleIndex"], second["level"]) == ("b-rule", 0, "error")
    assert second["locations"][0]["physicalLocation"]["region"] == {"startLine": 1, "startColumn": 1, "endColumn": 8}
    assert second["relatedLocations"][0]["physicalLocation"]["region"]["startLine"] == 2
    assert json.loads(report.render([], "sarif"))["runs"][0]["results"] == []


def test_sarif_says_how_to_repair() -> None:
    document = Document("specs/a b.yaml", "# é\nservice: chat\nfor: 0m\n")
    fix = Fix(((Origin(document, ("service",), (1, 3)), "é"), (Origin(document, ("for",)), None)))
    log = json.loads(report.render([Problem(Origin(document, ("service",)), "m", "r", fix=fix)], "sarif"))
    assert log["runs"][0]["results"][0]["fixes"] == [
        {
            "artifactChanges": [
                {
                    "artifactLocation": {"uri": "specs/a%20b.yaml"},
                    "replacements": [
                        {
                            "deletedRegion": {"startLine": 2, "startColumn": 11, "endLine": 2, "endColumn": 13},
                            "insertedContent": {"text": "é"},
                        },
                        {
                            "deletedRegion": {"startLine": 3, "startColumn": 1, "endLine": 4, "endColumn": 1},
                            "insertedContent": {"text": ""},
                        },
                    ],
                }
            ]
        }
    ]


def test_importing_it_is_cheap() -> None:
    code = "import sys, llmmon.report; print([m for m in ('yaml', 'pydantic', 'rich', 'json') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
