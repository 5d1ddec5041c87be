"""A regular expression that Oniguruma cannot compile: in grok, in gsub, or in a condition.

`logstash -t` compiles none of them. The pipeline dies when it starts.

Bad:

    filter { mutate { gsub => ["message", "(", ""] } }

    filter { if [path] =~ /[a/ { drop { } } }

Good:

    filter { mutate { gsub => ["message", "\\(", ""] } }

    filter { if [path] =~ /[a]/ { drop { } } }
"""

from __future__ import annotations

from llmmon.documents.pipelines import Pipeline, complained
from llmmon.problem import Level
from llmmon.rule import Rule

RULE = Rule(Pipeline, complained({"bad-regex": "L009"}), {"L009": Level.ERROR})
