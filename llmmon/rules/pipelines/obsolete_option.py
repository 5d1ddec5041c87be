"""An option that Logstash 9 no longer takes.

The options of TLS were renamed in version 8 and removed in version 9, which does not start with the old names.

Bad:

    input { beats { port => 5044 ssl => true } }

Good:

    input { beats { port => 5044 ssl_enabled => true } }

    output { elasticsearch { ssl_certificate_authorities => "/etc/ca.crt" } }
"""

from __future__ import annotations

from llmmon.documents.pipelines import Pipeline, complained
from llmmon.problem import Level
from llmmon.rule import Rule

RULE = Rule(Pipeline, complained({"obsolete-option": "L034"}), {"L034": Level.WARNING}, peers=("logstash -t",))
