"""Comments that say a problem is known: `# llmmon: ignore[rule] reason`, and those of pint and amlint.

Behind something on its line, a comment is about that line; alone on a line, about what begins below it, whole: a rule
with all its keys, a group, or a single key. `ignore-file` is about the file. With `until 2027-03-01` it ends that day.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from llmmon import blocks, lazily
from llmmon.classes import field, frozen, mutable
from llmmon.lazily import get_close_matches
from llmmon.on_purpose import Meant
from llmmon.problem import Level, Origin, Problem
from llmmon.source.document import Spot

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from llmmon.problem import Positioned

_OURS = lazily.pattern(r"(?:^|(?<=\s))#\s*llmmon:\s*(.*?)\s*$")
_PINTS = lazily.pattern(r"(?:^|(?<=\s))# pint (\S+)\s*(.*?)\s*$")
_AMLINTS = lazily.pattern(
    r"(?:^|(?<=\s))#\s*amlint\s*:\s*(?P<what>disable|disable-file)\s*=\s*(?P<names>[\w-]+(?:\s*,\s*[\w-]+)*)"
)
_FORM = lazily.pattern(
    r"ignore(?P<file>-file)?\s*\[(?P<rules>[^\]]*)\](?:\s+until\s+(?P<until>\S+))?(?:\s+(?P<reason>.*))?\Z"
)
_MARKS = ("llmmon:", "# pint ", "amlint")
_ALL = "*"
_NEVER = frozenset(("file-skipped", "locked-rule", "suppression-without-reason"))  # are muted: comments are the fault
_FORMS = "write `# llmmon: ignore[RULE] reason`, or ignore-file[RULE], or ignore[RULE] until 2027-03-01 reason"


@frozen
class Asked:
    """Which rules ran, which of them no comment mutes, and what is said of comments that is a matter of taste."""

    ran: Callable[[str], bool] = lambda _: True
    locked: Collection[str] = ()
    tastes: Collection[str] = ()


@mutable
class Suppression:
    """One comment: the lines and the rules that it is about, and which of these it has muted."""

    place: Origin
    first: int
    last: int
    rules: tuple[str, ...]
    ours: bool = True
    used: set[str] = field(default_factory=set)

    def mutes(self, rule: str, line: int) -> bool:
        """Whether it is about this rule on this line; it is then used."""
        if not self.first <= line <= self.last:
            return False
        named = rule if rule in self.rules else _ALL if _ALL in self.rules else None
        if named:
            self.used.add(named)
        return named is not None


def apply(
    problems: Iterable[Problem],
    documents: Iterable[Positioned],
    known: Callable[[], Mapping[str, Sequence[str]]],
    today: date,
    asked: Asked | None = None,
) -> Iterator[Problem]:
    """The problems that no comment mutes, and what is wrong with the comments.

    `known` gives all rules, each with the names that other linters have for it; a comment about a rule that did not
    run says nothing, so it is not called unused.
    """
    asked = asked or Asked()
    comments: dict[str, list[Suppression]] = {}
    answers: dict[str, Meant] = {}
    found: list[Problem] = []
    for document in documents:
        if any(mark in document.text for mark in _MARKS):
            read, wrong = _read(document, known(), today, asked)
            comments.setdefault(document.path, []).extend(read)
            found += wrong
        if said := Meant(document.text):
            answers[document.path] = said
    for problem in (*problems, *found):
        free = problem.rule in _NEVER or problem.rule in asked.locked
        mine = None if free else comments.get(problem.origin.document.path)
        line = problem.origin.position()[0] if mine else 0
        muting = [one.mutes(problem.rule, line) for one in mine] if mine else ()  # all of them: each is in use
        meant = None if free else answers.get(problem.origin.document.path)
        if not any(muting) and not (meant and meant.answers(problem)):
            yield problem
    for one in (one for read in comments.values() for one in read if one.ours):
        unused = [rule for rule in one.rules if rule not in one.used and (rule == _ALL or asked.ran(rule))]
        if unused:
            message = f"nothing here for {', '.join(unused)} to say any more: remove it from the comment"
            yield Problem(one.place, message, "unused-suppression", Level.WARNING)


def _read(
    document: Positioned, known: Mapping[str, Sequence[str]], today: date, asked: Asked
) -> tuple[list[Suppression], list[Problem]]:
    lines = document.text.split("\n")
    reader = _Reader(document, lines, known, today, asked)
    for number, line in enumerate(lines, 1):
        if "llmmon:" in line and (found := _OURS.search(line)):
            reader.ours(number, found)
        elif "# pint " in line and (found := _PINTS.search(line)):
            reader.pints(number, found)
        elif "amlint" in line and (found := _AMLINTS.search(line)):
            reader.amlints(number, found)
    return reader.read, reader.problems


class _Reader:
    def __init__(
        self,
        document: Positioned,
        lines: Sequence[str],
        known: Mapping[str, Sequence[str]],
        today: date,
        asked: Asked,
    ) -> None:
        self.document = document
        self.lines = lines
        self.known = known
        self.today = today
        self.asked = asked
        self.read: list[Suppression] = []
        self.problems: list[Problem] = []
        self.begun: int | None = None  # the line of pint's ignore/begin

    def ours(self, number: int, found: re.Match[str]) -> None:
        place = self.place(number, found.start() + 1)
        form = _FORM.match(found[1])
        if form is None:
            self.problems.append(Problem(place, f"{found[1]!r} mutes nothing: {_FORMS}", "malformed-suppression"))
            return
        rules = self.rules(form["rules"], place)
        if form["until"] is not None and not self.lasts(form["until"], place):
            return
        if rules and not form["reason"]:
            message = "this comment does not say why it mutes something: write the reason behind the bracket"
            self.taste(Problem(place, message, "suppression-without-reason", Level.WARNING))
        if form["file"] and _ALL in rules:
            self.skipped(place)
        if rules:
            first, last = (1, len(self.lines)) if form["file"] else self.extent(number, found.start())
            self.read.append(Suppression(place, first, last, rules))

    def rules(self, text: str, place: Origin) -> tuple[str, ...]:
        named = [part.strip() for part in text.split(",") if part.strip()]
        if not named:
            self.problems.append(Problem(place, f"no rule is named: {_FORMS}", "malformed-suppression"))
        for name in named:
            if name != _ALL and name not in self.known:
                near = get_close_matches(name, self.known, 1)
                hint = f"did you mean {near[0]!r}?" if near else "`llmmon rules` lists them"
                message = f"there is no rule {name!r}: {hint}"
                self.problems.append(Problem(place, message, "malformed-suppression"))
            elif name in self.asked.locked:
                message = f"{name} is locked, and no comment mutes it: mend what it says, and remove it here"
                self.problems.append(Problem(place, message, "locked-rule"))
        return tuple(name for name in named if name == _ALL or (name in self.known and name not in self.asked.locked))

    def skipped(self, place: Origin) -> None:
        message = "every rule is muted in this file: name those that are meant"
        self.taste(Problem(place, message, "file-skipped", Level.NOTE))

    def taste(self, problem: Problem) -> None:
        if problem.rule in self.asked.tastes:
            self.problems.append(problem)

    def lasts(self, text: str, place: Origin) -> bool:
        try:
            end = date.fromisoformat(text)
        except ValueError:
            message = f"{text!r} is no day: write it like 2027-03-01"
            self.problems.append(Problem(place, message, "malformed-suppression"))
            return False
        if self.today < end:
            return True
        message = f"this comment ended on {end}: mend what it mutes, or give it another day"
        self.problems.append(Problem(place, message, "expired-suppression", Level.WARNING))
        return False

    def extent(self, number: int, column: int) -> tuple[int, int]:
        """The lines that a comment is about."""
        if self.lines[number - 1][:column].strip():
            return number, number
        return number, blocks.end(self.lines, blocks.below(self.lines, number))

    def pints(self, number: int, found: re.Match[str]) -> None:
        """Pint's comments about lines and checks; what its checks are called is in the rules' own list of peers."""
        place, everything = self.place(number, found.start() + 1), (1, len(self.lines))
        lines: tuple[int, int] | None = None
        rules: tuple[str, ...] = (_ALL,)
        match found[1]:
            case "ignore/file":
                lines = everything
                self.skipped(place)
            case "ignore/line":
                lines = number, number
            case "ignore/next-line":
                lines = number, number + 1
            case "ignore/begin":
                self.begun = number
            case "ignore/end" if self.begun is not None:
                lines, self.begun = (self.begun, number), None
            case "disable" | "file/disable":
                lines = everything if found[1] == "file/disable" else blocks.item(self.lines, number)
                rules = self.peers(found[2])
            case "snooze" | "file/snooze":
                until, _, check = found[2].partition(" ")
                if self.snoozed(until):
                    lines = everything if found[1] == "file/snooze" else blocks.item(self.lines, number)
                    rules = self.peers(check)
        if lines and rules:
            self.read.append(Suppression(place, *lines, rules, ours=False))

    def amlints(self, number: int, found: re.Match[str]) -> None:
        """Amlint's comments name what it finds; on a line of their own they are about what begins below."""
        names = (f"amlint {name.strip()}" for name in found["names"].split(","))
        rules = tuple(rule for name in names for rule, peers in self.known.items() if name in peers)
        whole = found["what"] == "disable-file"
        lines = (1, len(self.lines)) if whole else self.extent(number, found.start())
        if rules:
            place = self.place(number, found.start() + 1)
            self.read.append(Suppression(place, *lines, rules, ours=False))

    def snoozed(self, until: str) -> bool:
        try:
            return self.today < date.fromisoformat(until[:10])
        except ValueError:
            return False

    def peers(self, check: str) -> tuple[str, ...]:
        """Our rules for one of pint's checks; what stands in brackets behind it narrows it more than we can tell."""
        name = f"pint {check.partition('(')[0].strip()}"
        return tuple(rule for rule, peers in self.known.items() if name in peers)

    def place(self, line: int, column: int) -> Origin:
        return Origin(Spot(self.document.path, self.document.text, line, column))
