"""A password or a key in the file itself.

Whoever reads the repository, or the configuration page of Alertmanager's neighbours, can send mail as you. Every such
field has a twin that names a file.

Bad:

    receivers: [{name: a, email_configs: [{to: a@b.example, auth_password: password}]}]

    receivers: [{name: a, pagerduty_configs: [{service_key: YOUR_PAGERDUTY_KEY}]}]

Good:

    receivers: [{name: a, email_configs: [{to: a@b.example, auth_password_file: /etc/alertmanager/smtp}]}]

    receivers: [{name: a, pagerduty_configs: [{routing_key_file: /etc/alertmanager/pagerduty}]}]

    receivers: [{name: a, webhook_configs: [{url: "http://hooks.example/alerts"}]}]
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.documents.routes import Configuration
from llmmon.problem import Level
from llmmon.rule import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.problem import Origin
    from llmmon.rule import Facts

_SECRETS = frozenset(
    (
        "api_key",
        "auth_password",
        "auth_secret",
        "bot_token",
        "password",
        "routing_key",
        "token",
        "user_key",
    )
)
_GLOBAL = ("opsgenie_api_key", "smtp_auth_password", "smtp_auth_secret", "victorops_api_key", "wechat_api_secret")


def check(configuration: Configuration, facts: Facts) -> Iterator[Finding]:
    del facts
    for way in configuration.integrations:
        if way.value.get("service_key") or way.value.get("service_key_file"):
            key = "service_key" if "service_key" in way.value else "service_key_file"
            message = (
                f"{key} is PagerDuty's old Events API v1: make an Events API v2 integration, and routing_key_file: PATH"
            )
            yield Finding("C056", message, origin=way.origin.at(key))
        for field in sorted(_SECRETS & way.value.keys()):
            if way.value[field]:
                yield _plain(field, way.origin.at(field))
    said = configuration.value.get("global")
    shared = said if isinstance(said, dict) else {}
    for field in _GLOBAL:
        if shared.get(field):
            yield _plain(field, configuration.origin.at("global", field))


def _plain(field: str, origin: Origin) -> Finding:
    return Finding("C043", f"{field} is a secret in plain text: write {field}_file: PATH", origin=origin)


RULE = Rule(Configuration, check, {"C043": Level.WARNING, "C056": Level.WARNING}, peers=("amlint plaintext-secret",))
