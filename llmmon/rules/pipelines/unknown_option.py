"""An option that a plugin does not have.

Logstash does not start with it. Where a plugin has more options than we know, only a misspelling is said.

Bad:

    filter { json { sorce => "message" source => "message" } }

Good:

    filter { json { source => "message" } }

    output { kafka { topic_id => "logs" an_option_of_tomorrow => 1 } }
"""

from __future__ import annotations

from llmmon.documents.pipelines import Pipeline, complained
from llmmon.problem import Level
from llmmon.rule import Rule

RULE = Rule(Pipeline, complained({"unknown-option": "L003"}), {"L003": Level.ERROR}, peers=("logstash -t",))
