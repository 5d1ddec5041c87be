"""An environment variable without a default, where it is no secret.

Logstash does not start where a variable is not set. `${NAME:default}` starts anyway.

Bad:

    input { beats { port => "${BEATS_PORT}" } }

Good:

    input { beats { port => "${BEATS_PORT:5044}" } }

    output { elasticsearch { password => "${ES_PASSWORD}" } }
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from llmmon import lazily
from llmmon.documents.pipelines import Pipeline
from llmmon.logstash.nodes import String, walk
from llmmon.problem import Level
from llmmon.rule import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.rule import Facts

_BARE = lazily.pattern(r"\$\{([A-Za-z_.][A-Za-z0-9_.]*)\}")
_SECRET = lazily.pattern(r"pass|secret|token|key|credential|auth|jaas|user", re.IGNORECASE)


def check(pipeline: Pipeline, facts: Facts) -> Iterator[Finding]:
    del facts
    for node in walk(pipeline.config):
        if not isinstance(node, String):
            continue
        for found in _BARE.finditer(node.text):
            if not _SECRET.search(found[1]):
                start = node.span[0] + 1
                message = f"without {found[1]} in its environment no Logstash starts: write ${{{found[1]}:default}}"
                yield Finding("L022", message, (start + found.start(), start + found.end()))


RULE = Rule(Pipeline, check, {"L022": Level.NOTE}, default=False)
