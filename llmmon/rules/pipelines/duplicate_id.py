"""Two plugins of one pipeline with the same id.

Logstash does not start: metrics and logs could not tell them apart.

Bad:

    filter { json { source => "message" id => "parse" } mutate { id => "parse" } }

Good:

    filter { json { source => "message" id => "parse" } mutate { id => "clean" } }

    filter { json { source => "message" } mutate { } }
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.documents.pipelines import Joined
from llmmon.logstash.values import text_of, texts
from llmmon.problem import Level
from llmmon.rule import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.problem import Origin
    from llmmon.rule import Facts


def check(whole: Joined, facts: Facts) -> Iterator[Finding]:
    del facts
    first: dict[str, tuple[Origin, object]] = {}
    for _, plugin, part in whole.plugins():
        for _, value in texts(plugin, "id"):
            at = part.origin.at(span=value.span)
            before, where = first.setdefault(text_of(value), (at, part))
            if before is not at and (where is part or whole.complete):
                message = f"two plugins have the id {text_of(value)}, the other at {before}: give this one its own"
                yield Finding("L007", message, origin=at, related=(before,))


RULE = Rule(Joined, check, {"L007": Level.ERROR}, peers=("logstash -t",))
