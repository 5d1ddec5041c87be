"""An option that Logstash 9 no longer takes.

The options of TLS were renamed in version 8 and removed in version 9, which does not start with the old names. It is a
note where nothing in the folder says which Logstash it is, and quiet where an image or a variable names one before 8.

Bad:

    input { beats { port => 5044 ssl => true } }

Good:

    input { beats { port => 5044 ssl_enabled => true } }

    output { elasticsearch { ssl_certificate_authorities => "/etc/ca.crt" } }
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.classes import replace
from llmmon.documents.pipelines import Pipeline, complained
from llmmon.problem import Level
from llmmon.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.rule import Facts, Finding

_RENAMED_IN = (8, 8)  # until then some plugins have the old names alone
_GONE_IN = (9, 0)
_COMPLAINED = complained({"obsolete-option": "L034"})


def check(pipeline: Pipeline, facts: Facts) -> Iterator[Finding]:
    logstash = facts.pinned.get("logstash")
    if logstash is None or _RENAMED_IN <= logstash < _GONE_IN:
        yield from (replace(found, level=Level.NOTE) for found in _COMPLAINED(pipeline, facts))
    elif logstash >= _GONE_IN:
        yield from _COMPLAINED(pipeline, facts)


RULE = Rule(Pipeline, check, {"L034": Level.WARNING}, peers=("logstash -t",), advice=frozenset(("L034",)))
