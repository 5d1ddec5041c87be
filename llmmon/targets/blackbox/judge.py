"""What the blackbox exporter says of its configuration; every complaint comes home to the check that made it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from llmmon.problem import Problem, Unverified
from llmmon.tool import Missing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from llmmon.plan import Facts, Fleet
    from llmmon.problem import Origin
    from llmmon.target import Written
    from llmmon.tool import Ran, Tools

_CHATTER = re.compile(r"ts=\S+ .*\blevel=info\b")
_ERROR = re.compile(r'\berr="((?:[^"\\]|\\.)*)"')
_LINE = re.compile(r"\bline (\d+): ")
_MODULE = re.compile(r"  (?P<quote>[\"']?)(?P<name>[^\s:\"']+)(?P=quote):\s*\Z")
_PROBER = re.compile(r"    prober: (?P<prober>.*)\Z")
PROBERS = ("http", "tcp")


def verify(
    fleet: Fleet, facts: Iterable[Facts], scratch: Path, written: Sequence[Written], tools: Tools
) -> Iterator[Problem | Unverified]:
    """`blackbox_exporter --config.check`, and what it does not see: a prober that does not exist, a missing module."""
    del facts
    for file in written:
        text = (scratch / file.path).read_text("utf-8")
        yield from _unseen(fleet, text, file)
        found = tools.find("blackbox_exporter")
        if isinstance(found, Missing):
            yield Unverified("blackbox exporter configuration", found.hint, needed=False)
            continue
        ran = tools.run("blackbox_exporter", ("--config.check", "--config.file", file.path))
        if ran.code or ran.timed_out:
            yield from _complaints(ran, text, file)


def _unseen(fleet: Fleet, text: str, file: Written) -> Iterator[Problem]:
    lines = text.splitlines()
    for number, line in enumerate(lines):
        prober = _PROBER.match(line)
        if prober and prober["prober"] not in PROBERS:
            message = f"{file.path}: {prober['prober']} is no prober: write {' or '.join(PROBERS)}"
            yield Problem(_origin(text, number + 1, file), message, "blackbox-refused")
    there = {found["name"] for line in lines if (found := _MODULE.match(line))}
    for module in fleet.blackbox.modules if fleet.blackbox else ():
        if module.name not in there:
            message = f"{file.path}: there is no module {module.name}, which Prometheus asks for"
            yield Problem(module.origin, message, "blackbox-refused")


def _complaints(ran: Ran, text: str, file: Written) -> Iterator[Problem]:
    """Every line that says something; none is dropped."""
    said = False
    for line in (*ran.stdout.splitlines(), *ran.stderr.splitlines()):
        if line.strip() and not _CHATTER.match(line):
            said = True
            found = _ERROR.search(line)
            words = re.sub(r'\\(["\\])', r"\1", found[1]).replace("\\n", " ") if found else line
            place = _LINE.search(words)
            origin = _origin(text, int(place[1]), file) if place else file.origins[()]
            yield Problem(origin, f"blackbox_exporter on {file.path}: {words}", "blackbox-exporter")
    if not said:
        message = f"blackbox_exporter on {file.path}: failed, and said nothing"
        yield Problem(file.origins[()], message, "blackbox-exporter")


def _origin(text: str, line: int, file: Written) -> Origin:
    """Of the module that a line, counted from 1, is in."""
    above = [found["name"] for one in text.splitlines()[:line] if (found := _MODULE.match(one))]
    return file.origins.get(("modules", *above[-1:]), file.origins[()])
