"""A name that Logstash cannot read as one of a field.

`[a][b` and `a[b]` are no references: the filter fails for each event, which gets a tag and stays as it was.

Bad:

    filter { mutate { remove_field => ["a[b]"] } }

Good:

    filter { mutate { remove_field => ["[a][b]"] } }

    filter { mutate { remove_field => ["%{[a]}"] } }
"""

from __future__ import annotations

from llmmon.documents.pipelines import Pipeline, complained
from llmmon.problem import Level
from llmmon.rule import Rule

RULE = Rule(Pipeline, complained({"bad-field-reference": "L027"}), {"L027": Level.ERROR})
