"""A password, a key or a token in the pipeline itself.

Whoever reads the repository has it. Logstash replaces `${NAME}` by a secret of its keystore or by an environment
variable.

Bad:

    output { elasticsearch { user => "logstash" password => "an example" } }

    output { http { url => "https://ops:example@hooks.example/" http_method => "post" } }

Good:

    output { elasticsearch { user => "logstash" password => "${ES_PASSWORD}" } }

    output { http { url => "https://ops:${HOOK_PASSWORD}@hooks.example/" http_method => "post" } }
"""

from __future__ import annotations

from llmmon.documents.pipelines import Pipeline, complained
from llmmon.problem import Level
from llmmon.rule import Rule

RULE = Rule(Pipeline, complained({"literal-secret": "L021"}), {"L021": Level.WARNING}, advice=frozenset(("L021",)))
