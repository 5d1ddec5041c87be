"""An option that a plugin does not have.

Logstash does not start with it. Where a plugin has more options than we know, only a misspelling is said.

Bad:

    filter { json { sorce => "message" source => "message" } }

Good:

    filter { json { source => "message" } }

    output { kafka { topic_id => "logs" an_option_of_tomorrow => 1 } }
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.documents.pipelines import Pipeline, complained
from llmmon.problem import Level
from llmmon.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.rule import Facts, Finding

_KNOWN_SINCE = (7, 0)  # what plugins took before has partly gone
_COMPLAINED = complained({"unknown-option": "L003"})


def check(pipeline: Pipeline, facts: Facts) -> Iterator[Finding]:
    if facts.pinned.get("logstash", _KNOWN_SINCE) >= _KNOWN_SINCE:
        yield from _COMPLAINED(pipeline, facts)


RULE = Rule(Pipeline, check, {"L003": Level.ERROR}, peers=("logstash -t",))
