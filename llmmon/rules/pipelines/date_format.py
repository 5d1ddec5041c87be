"""A format of `date` that Joda cannot read, or that means something else than it looks.

A letter that is none of Joda's stops the pipeline. `DD` is the day of the year and `mm` are minutes, so that
`yyyy-mm-DD` parses to another day, or to none; `hh` goes to 12, and without `a` nothing after noon is read.

Bad:

    filter { date { match => ["time", "yyyy-MM-ddTHH:mm:ss"] } }

    filter { date { match => ["time", "yyyy-mm-dd HH:mm:ss"] } }

    filter { date { match => ["time", "yyyy-MM-dd hh:mm:ss"] } }

Good:

    filter { date { match => ["time", "yyyy-MM-dd'T'HH:mm:ss.SSSZ", "ISO8601", "UNIX_MS"] } }

    filter { date { match => ["time", "MMM dd, yyyy hh:mm:ss a"] } }

    filter { date { match => ["time", "${FORMAT}"] } }
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon import lazily
from llmmon.documents.pipelines import Pipeline
from llmmon.logstash.escape import VARIABLE
from llmmon.logstash.nodes import Array, plugins
from llmmon.logstash.values import scalars, text_of
from llmmon.problem import Level
from llmmon.rule import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.rule import Facts

_NAMED = frozenset(("ISO8601", "UNIX", "UNIX_MS", "TAI64N"))
_JODA = frozenset("GCYxwyeEDMdaKhHkmsSzZ")  # org.joda.time.format.DateTimeFormat
_QUOTED = lazily.pattern(r"'[^']*'")
_LETTERS = lazily.pattern(r"([A-Za-z])\1*")


def check(pipeline: Pipeline, facts: Facts) -> Iterator[Finding]:
    del facts
    for kind, plugin in plugins(pipeline.config):
        match = plugin.attribute("match") if kind == "filter" and plugin.name == "date" else None
        if not match or not isinstance(match.value, Array):
            continue
        formats = scalars(match.value)[1:]
        if not formats and len(match.value.values) == 1:
            message = 'match takes the field and at least one format: write ["time", "ISO8601"]'
            yield Finding("L015", message, match.value.span)
        for written in formats:
            text = text_of(written)
            if text not in _NAMED and not VARIABLE.search(text) and (wrong := _wrong(text)):
                yield Finding(*wrong, written.span)


def _wrong(text: str) -> tuple[str, str] | None:
    """The code, and the words."""
    if text.count("'") % 2:
        return "L036", f"{text} has a quote that is not closed, so the rest is a text: close it, as in 'T'"
    letters = [found[0] for found in _LETTERS.finditer(_QUOTED.sub(" ", text))]
    kinds = {run[0] for run in letters}
    if odd := sorted(kinds - _JODA):
        hint = f"write '{odd[0]}' where the letter itself is meant" if odd[0] != "u" else "write e"
        return "L015", f"{odd[0]!r} of {text} is no letter of Joda's formats: {hint}"
    if {"m", "d"} <= kinds and {"y", "Y"} & kinds and "M" not in kinds:
        return "L036", f"mm of {text} are minutes, and there is no month: write MM"
    if "D" in kinds and "M" in kinds:
        return "L036", f"{'D' * _longest(letters, 'D')} of {text} is the day of the year: write dd"
    if "h" in kinds and not {"a", "H"} & kinds:
        return "L036", f"hh of {text} goes to 12, and nothing says which half of the day: write HH"
    return None


def _longest(letters: list[str], letter: str) -> int:
    return max(len(run) for run in letters if run[0] == letter)


RULE = Rule(
    Pipeline, check, {"L015": Level.ERROR, "L036": Level.WARNING}, peers=("logstash -t",), advice=frozenset(("L036",))
)
