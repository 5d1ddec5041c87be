"""An option that Logstash 9 no longer takes.

The options of TLS were renamed in version 8 and removed in version 9, which does not start with the old names.

Bad:

    input { beats { port => 5044 ssl => true } }

Good:

    input { beats { port => 5044 ssl_enabled => true } }

    output { elasticsearch { ssl_certificate_authorities => "/etc/ca.crt" } }
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.documents.pipelines import Pipeline
from llmmon.problem import Level
from llmmon.rule import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.rule import Facts


def check(pipeline: Pipeline, facts: Facts) -> Iterator[Finding]:
    del facts
    yield from pipeline.findings({"obsolete-option": "L034"})


RULE = Rule(Pipeline, check, {"L034": Level.WARNING}, peers=("logstash -t",))
