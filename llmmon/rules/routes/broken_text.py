"""A text in a message that does not arrive as it was meant.

Text that was saved in one encoding and read in another shows four odd letters for an emoji. `{{ range }}` puts one
alert right behind the other, unless there is a separator. A fixed colour is red also when all is well again; that is
a note as long as `send_resolved`, which is off for Slack, does not tell of it.

Bad:

    receivers: [{name: a, slack_configs: [{channel: "#a", title: "ðŸš¨ CRITICAL"}]}]

    receivers: [{name: a, slack_configs: [{text: "{{ range .Alerts }}{{ .Annotations.summary }}{{ end }}"}]}]

    receivers: [{name: a, slack_configs: [{channel: "#a", color: danger, send_resolved: true}]}]

Good:

    receivers: [{name: a, slack_configs: [{channel: "#a", title: "🚨 CRITICAL, größer, été"}]}]

    receivers: [{name: a, slack_configs: [{text: "{{ range .Alerts }}{{ .Annotations.summary }}, {{ end }}"}]}]

    receivers:
      - name: a
        slack_configs:
          - color: '{{ if eq .Status "firing" }}danger{{ else }}good{{ end }}'
            send_resolved: true

    receivers: [{name: a, slack_configs: [{channel: "#a", color: danger, send_resolved: false}]}]
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from llmmon import lazily
from llmmon.documents.routes import Configuration, texts
from llmmon.problem import Level
from llmmon.rule import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.rule import Facts

_FOREIGN = lazily.pattern(r"[^\x00-\x7f]{2,}")
_RANGE = lazily.pattern(r"\{\{-?\s*range\b[^}]*\}\}(.*?)\{\{-?\s*end\s*-?\}\}", re.DOTALL)
_LONGEST = 20_000  # what is longer would take the square of its length
_ACTION = lazily.pattern(r"\{\{.*?\}\}")


def check(configuration: Configuration, facts: Facts) -> Iterator[Finding]:
    del facts
    for text, origin in texts(configuration.value, configuration.origin):
        if any(_is_mojibake(found[0]) for found in _FOREIGN.finditer(text)):
            yield Finding("C057", "this text was read in a wrong encoding: write it again, in UTF-8", origin=origin)
        if len(text) < _LONGEST and any(not _ACTION.sub("", found[1]) for found in _RANGE.finditer(text)):
            message = "one alert stands right behind the other: put a line break or a comma before {{ end }}"
            yield Finding("C058", message, origin=origin)
    for way in configuration.integrations:
        color = way.value.get("color")
        fixed = isinstance(color, str) and color and "{{" not in color
        sent = way.value.get("send_resolved")
        if way.kind == "slack_configs" and fixed and sent is not False:
            told = "" if sent else ", where send_resolved tells of that"
            message = (
                f"the colour {color} stays when the alert is resolved{told}: "
                f'write {{{{ if eq .Status "firing" }}}}{color}{{{{ else }}}}good{{{{ end }}}}'
            )
            level = None if sent else Level.NOTE
            yield Finding("C059", message, origin=way.origin.at("color"), level=level)


def _is_mojibake(text: str) -> bool:
    """Whether its letters are the bytes of another text in UTF-8."""
    try:
        return len(text.encode("cp1252").decode("utf-8")) < len(text)
    except UnicodeError:
        return False


RULE = Rule(
    Configuration,
    check,
    {"C057": Level.WARNING, "C058": Level.WARNING, "C059": Level.WARNING},
    peers=("amlint bad-template", "amlint stripped-brace"),
    advice=frozenset(("C058", "C059")),
)
