"""A type that mutate, dissect or grok cannot convert to.

Each has words of its own: `integer` in mutate is `int` in dissect and grok. With a wrong one mutate and dissect kill
the pipeline when it starts, and grok leaves a text where a number was meant.

Bad:

    filter { mutate { convert => { "tokens" => "int" } } }

    filter { grok { match => { "message" => "%{NUMBER:cost:integer}" } } }

Good:

    filter { mutate { convert => { "tokens" => "integer" } } }

    filter { grok { match => { "message" => "%{NUMBER:cost:float}" } } }

    filter { dissect { mapping => { "message" => "%{a} %{b}" } convert_datatype => { "a" => "int" } } }
"""

from __future__ import annotations

from llmmon.documents.pipelines import Pipeline, complained
from llmmon.problem import Level
from llmmon.rule import Rule

RULE = Rule(Pipeline, complained({"unknown-type": "L014"}), {"L014": Level.ERROR})
