"""An elasticsearch output that has a user and no password.

Logstash then sends no credentials at all, and says nothing.

Bad:

    output { elasticsearch { hosts => "https://es:9200" user => "logstash" } }

Good:

    output { elasticsearch { hosts => "https://es:9200" user => "logstash" password => "${ES_PASSWORD}" } }
"""

from __future__ import annotations

from llmmon.documents.pipelines import Pipeline, complained
from llmmon.problem import Level
from llmmon.rule import Rule

RULE = Rule(Pipeline, complained({"user-without-password": "L029"}), {"L029": Level.WARNING})
