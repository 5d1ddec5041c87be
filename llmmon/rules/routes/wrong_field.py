"""A field that this way of telling somebody does not have, or a URL that is none.

Bad:

    receivers: [{name: a, email_configs: [{to: a@b.example, subject: Alert}]}]

    receivers: [{name: a, slack_configs: [{api_url: YOUR_SLACK_WEBHOOK, channel: "#a"}]}]

Good:

    receivers: [{name: a, email_configs: [{to: a@b.example, headers: {Subject: Alert}}]}]

    receivers: [{name: a, slack_configs: [{api_url_file: /etc/slack, channel: "#a"}]}]

    receivers: [{name: a, webhook_configs: [{url: "http://hooks.example/x"}]}]

    receivers: [{name: a, teams_configs: [{anything: b}]}]
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from llmmon.documents.routes import Configuration
from llmmon.problem import Level
from llmmon.rule import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.rule import Facts

_URL = re.compile(r"https?://|\{\{|<secret>")
_URLS = ("api_url", "url", "webhook_url")
_MEANT = {
    "email": {"subject": "headers: {Subject: ...}", "body": "html: or text:", "password": "auth_password_file:"},
    "slack": {"webhook_url": "api_url_file:", "message": "text:", "colour": "color:", "attachments": "fields:"},
    "pagerduty": {"api_key": "routing_key_file:", "integration_key": "routing_key_file:", "key": "routing_key_file:"},
    "webhook": {"api_url": "url:", "webhook_url": "url:", "headers": "http_config: {http_headers: ...}"},
}


def check(configuration: Configuration, facts: Facts) -> Iterator[Finding]:
    del facts
    for way in configuration.integrations:
        kind = way.kind.removesuffix("_configs")
        for field, value in way.value.items():
            if field in _MEANT.get(kind, {}):
                message = f"{kind} has no field {field}: write {_MEANT[kind][field]}"
                yield Finding("C005", message, origin=way.origin.at(field))
            elif field in _URLS and isinstance(value, str) and not _URL.match(value):
                message = (
                    f"{field} of {way.receiver} is no URL, so Alertmanager does not start: write {field}_file: PATH"
                )
                yield Finding("C006", message, origin=way.origin.at(field))


RULE = Rule(Configuration, check, {"C005": Level.ERROR, "C006": Level.ERROR}, peers=("amtool",))
