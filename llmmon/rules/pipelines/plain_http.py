"""An output that sends in plain text to another machine.

Bad:

    output { elasticsearch { hosts => ["http://es.example:9200"] } }

    output { http { url => "http://hooks.example/" http_method => "post" } }

Good:

    output { elasticsearch { hosts => ["https://es.example:9200"] } }

    output { elasticsearch { hosts => ["http://localhost:9200"] } }
"""

from __future__ import annotations

from llmmon.documents.pipelines import Pipeline, complained
from llmmon.problem import Level
from llmmon.rule import Rule

RULE = Rule(Pipeline, complained({"plain-http": "L028"}), {"L028": Level.NOTE}, default=False)
