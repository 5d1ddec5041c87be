"""What `llmmon init` asks on a terminal; a wrong answer is said to be wrong, and asked for again."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import typer

from llmmon.classes import replace
from llmmon.draft import files, mistakes, wishes
from llmmon.draft.fitting import wants_workload

if TYPE_CHECKING:
    from collections.abc import Callable

    from llmmon.draft.drafts import Draft
    from llmmon.draft.mistakes import Wishes

_LATER = "..."  # the namespace, which is asked for when it is known what needs one


def ask(given: Wishes) -> tuple[Wishes, list[Draft]]:
    """Answers to what the options leave open, and what was found at the place that was named."""
    wanted, found = _source(given)
    several = len(found) > 1
    folder = files.look(wishes.folder(wanted))
    if wanted.service is None:
        what = "What is it called, all of it" if several else "What is it called"
        usual = wishes.name(wanted, found)
        said = _answer(what, usual, _mistake)
        wanted = replace(wanted, service=said if said != usual else None)
    if wanted.team is None and len(folder.teams) != 1:
        known = f" ({', '.join(folder.teams)})" if folder.teams else ""
        team = _answer(
            f"Which team answers{known}",
            "" if folder.teams else wishes.TEAM,
            lambda text: _mistake(text) or next(mistakes.of_team(text, folder), None),
        )
        wanted = replace(wanted, team=team)
    if wanted.namespace is None:
        needed = any(wants_workload(used.name) for draft in found for used in draft.uses)
        none = "" if needed else " (none: not on Kubernetes)"
        space = _answer(f"Kubernetes namespace{none}", "", _mistake if needed else _optional)
        wanted = replace(wanted, namespace=space or None)
    if wanted.namespace and wanted.workload is None and not several:
        name = _answer("Its Deployment", wanted.service or wishes.name(wanted, found), _mistake)
        wanted = replace(wanted, workload=name)
    return wanted, found


def _source(given: Wishes) -> tuple[Wishes, list[Draft]]:
    """A page that can be read, or presets that exist."""
    while True:
        where = _answer("Its /metrics page, a URL or a file (none: name what it is)", "", lambda _: None)
        wanted = replace(given, where=where or None)
        if not where:
            said = _answer("What is it, such as vllm@0.19 or litellm", "", _no_presets)
            wanted = replace(given, presets=tuple(_split(said)))
        found, unreadable = wishes.find(wanted)
        if not unreadable:
            return wanted, found
        _say(unreadable)


def _answer(question: str, default: str, wrong: Callable[[str], str | None]) -> str:
    while True:
        said = str(typer.prompt(question, default, show_default=bool(default))).strip()
        message = wrong(said)
        if message is None:
            return said
        _say([message])


def _no_presets(text: str) -> str | None:
    if not _split(text):
        return "name at least one; `llmmon catalogue list` shows what there is"
    return next((message for name in _split(text) if (message := mistakes.of_preset(name, _LATER))), None)


def _mistake(text: str) -> str | None:
    return mistakes.of_name("this", text)


def _optional(text: str) -> str | None:
    return _mistake(text) if text else None


def _split(text: str) -> list[str]:
    return re.findall(r"[^\s,]+", text)


def _say(messages: list[str]) -> None:
    for message in messages:
        typer.echo(message, err=True)
