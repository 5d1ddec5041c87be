"""A plugin without an option that it cannot be without.

Logstash does not start.

Bad:

    input { beats { } }

Good:

    input { beats { port => 5044 } }

    filter { json { source => "message" } }
"""

from __future__ import annotations

from llmmon.documents.pipelines import Pipeline, complained
from llmmon.problem import Level
from llmmon.rule import Rule

RULE = Rule(Pipeline, complained({"missing-option": "L005"}), {"L005": Level.ERROR}, peers=("logstash -t",))
