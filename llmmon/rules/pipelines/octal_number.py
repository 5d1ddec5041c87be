"""A number that begins with 0, which Logstash reads as octal.

Bad:

    input { tcp { port => 05000 } }

Good:

    input { tcp { port => 5000 } }

    input { tcp { port => "05000" } }
"""

from __future__ import annotations

from llmmon.documents.pipelines import Pipeline, complained
from llmmon.problem import Level
from llmmon.rule import Rule

RULE = Rule(Pipeline, complained({"octal-number": "L033"}), {"L033": Level.WARNING})
