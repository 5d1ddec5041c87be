"""A plugin that nobody publishes, with a name close to one that is published.

Logstash does not start with a plugin that it does not have. A name that is close to none is taken for a plugin of your
own, and left alone.

Bad:

    filter { mutat { } }

Good:

    filter { mutate { lowercase => ["level"] } }

    filter { our_own_things { } }
"""

from __future__ import annotations

from llmmon.documents.pipelines import Pipeline, complained
from llmmon.problem import Level
from llmmon.rule import Rule

RULE = Rule(Pipeline, complained({"unknown-plugin": "L002"}), {"L002": Level.WARNING}, peers=("logstash -t",))
