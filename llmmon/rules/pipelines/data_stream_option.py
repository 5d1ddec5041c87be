"""An option of indices in an output that writes to a data stream.

The output refuses to start: a data stream has no index to name, and no policy of its own.

Bad:

    output { elasticsearch { data_stream => true index => "logs-%{+YYYY.MM.dd}" } }

Good:

    output { elasticsearch { data_stream => true data_stream_dataset => "llm" } }

    output { elasticsearch { data_stream => false index => "logs-%{+YYYY.MM.dd}" } }
"""

from __future__ import annotations

from llmmon.documents.pipelines import Pipeline, complained
from llmmon.problem import Level
from llmmon.rule import Rule

RULE = Rule(Pipeline, complained({"data-stream-option": "L030"}), {"L030": Level.ERROR})
