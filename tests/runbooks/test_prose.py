"""Prose for runbooks: its parts, and what is said of headings that are none."""

from __future__ import annotations

import pytest

from llmmon.lower.prose import about, parts
from llmmon.source.document import Document


def page(text: str) -> Document:
    return Document("specs/runbooks/chat/HighLatency.md", text)


def said(text: str) -> list[tuple[str, str, str]]:
    return [(str(p.origin).rpartition(".md:")[2], str(p.level), p.message) for p in parts(page(text))[1]]


def test_any_subset_in_any_order_is_taken_apart() -> None:
    text = "# HighLatency\n\n## When to escalate\nAt noon.\n\n## what it means?\n\nSlow *answers*.\n\n### Who\n\nAll.\n"
    found, problems = parts(page(text))
    assert problems == []
    assert list(found.items()) == [
        ("What it means", "Slow *answers*.\n\n### Who\n\nAll."),
        ("When to escalate", "At noon."),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n \n",
        "# HighLatency\n",
        "## How to resolve\n\n```bash\n## restart it\nkubectl get pods\n```\n",
        "## How to resolve\n\n~~~~\n```\n## no heading\n~~~\n~~~~\n",
        "## How to resolve\n\n<!--\n## later\n-->\n\nDo it.\n",
        "## How to resolve ##\r\nDo it.\r\n",
        "## How to resolve\n\n    ## indented code\n#hashtag and ##two\n",
        "## How to resolve\n\n```a`b\ntext\n",
    ],
)
def test_sound_prose_is_quiet(text: str) -> None:
    assert said(text) == []


def test_headings_inside_code_are_code() -> None:
    found, _ = parts(page("## How to resolve\n\n```bash\n## restart it\n```\n\nDone.\n"))
    assert found == {"How to resolve": "```bash\n## restart it\n```\n\nDone."}


def test_a_part_without_words_is_left_out() -> None:
    assert parts(page("## What it means\n\n \n## Why it fires\nLoad.\n"))[0] == {"Why it fires": "Load."}


def test_indented_code_at_the_beginning_of_a_part_stays_code() -> None:
    assert parts(page("## How to resolve\n\n    kubectl get pods\n"))[0] == {"How to resolve": "    kubectl get pods"}


def test_an_unknown_heading_is_an_error_with_a_suggestion() -> None:
    [(line, level, message)] = said("## What it means\nSlow.\n## How to investgate\nLook.\n")
    assert (line, level) == ("3:1", "error")
    assert message == (
        "unknown heading 'How to investgate': did you mean `## How to investigate`? A page has `## What it means`, "
        "`## Why it fires`, `## How to investigate`, `## How to resolve`, `## When to escalate`"
    )
    [(_, _, message)] = said("## Links\n")
    assert "did you mean" not in message


def test_words_above_the_first_heading_are_a_warning_once() -> None:
    assert said("# Title\n\nSlow.\n\nVery.\n\n## What it means\nSlow.\n") == [
        ("3:1", "warning", "no heading stands above this, so no page shows it: write `## What it means` before it")
    ]


def test_a_heading_that_is_there_twice_is_an_error_and_loses_nothing() -> None:
    text = "## Why it fires\nLoad.\n## Why it fires\nQueue.\n"
    assert said(text) == [("3:1", "error", "`## Why it fires` is here twice: join the two")]
    assert parts(page(text))[0] == {"Why it fires": "Load.\nQueue."}


@pytest.mark.parametrize(("opening", "closing"), [("```bash", "```"), ("~~~~", "~~~~"), ("<!-- todo", "-->")])
def test_what_never_ends_is_an_error_and_is_ended(opening: str, closing: str) -> None:
    text = f"## Why it fires\n{opening}\nx\n"
    assert said(text) == [("2:1", "error", f"this never ends: write {closing} after it")]
    assert parts(page(text))[0]["Why it fires"].endswith(f"x\n\n{closing}")


def test_prose_for_an_alert_that_does_not_exist_is_a_warning() -> None:
    [problem] = about({"HighLatncy": page("## What it means\nSlow.\n")}, ["HighLatency", "HighErrorRate"])
    assert (str(problem.level), problem.message) == (
        "warning",
        "the service has no alert HighLatncy (did you mean HighLatency?): rename the file, or remove it",
    )
