"""What a part of an Alertmanager configuration must say, and what it may not say at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.documents.alertmanager import peculiar
from llmmon.documents.alertmanager.parts import Fault, flag, has

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.documents.alertmanager.parts import Map, Version

_FILE = "_file"
# Of each line one at least must be said.
_ONE_OF: dict[str, tuple[tuple[str, ...], ...]] = {
    "receiver": (("name",),),
    "interval": (("name",),),
    "discord": (("webhook_url", "webhook_url_file"),),
    "msteams": (("webhook_url", "webhook_url_file"),),
    "msteamsv2": (("webhook_url", "webhook_url_file"),),
    "email": (("to",),),
    "incidentio": (("url", "url_file"),),
    "jira": (("project",), ("issue_type",)),
    "pagerduty": (("routing_key_file", "routing_key", "service_key_file", "service_key"),),
    "pushover": (("user_key_file", "user_key"), ("token_file", "token")),
    "telegram": (("chat_id", "chat_id_file"),),
    "victorops": (("routing_key",),),
    "webex": (("room_id",),),
    "webhook": (("url", "url_file"),),
    "action": (("type",), ("text",), ("url", "name")),
    "confirm": (("text",),),
    "slackfield": (("title",), ("value",)),
    "mattermostfield": (("title",), ("value",)),
    "responder": (("id", "name", "username"),),
    "tracing": (("endpoint",),),
    "fileoutput": (("path",),),
    "webhookoutput": (("url",),),
    "kafkaoutput": (("brokers",), ("topic",)),
    "times": (("start_time",), ("end_time",)),
}
# Of each line one at most may be said.
_ONLY_ONE: dict[str, tuple[tuple[str, ...], ...]] = {
    "global": tuple(
        (name, name + _FILE)
        for name in (
            *("slack_app_token", "slack_api_url", "opsgenie_api_key", "victorops_api_key", "telegram_bot_token"),
            *("smtp_auth_password", "smtp_auth_secret", "rocketchat_token", "rocketchat_token_id"),
            *("wechat_api_secret", "mattermost_webhook_url"),
        )
    ),
    "discord": (("webhook_url", "webhook_url_file"),),
    "mattermost": (("webhook_url", "webhook_url_file"),),
    "msteams": (("webhook_url", "webhook_url_file"),),
    "msteamsv2": (("webhook_url", "webhook_url_file"),),
    "incidentio": (("url", "url_file"), ("alert_source_token", "alert_source_token_file")),
    "opsgenie": (("api_key", "api_key_file"),),
    "pagerduty": (("routing_key", "routing_key_file"), ("service_key", "service_key_file")),
    "pushover": (("user_key", "user_key_file"), ("token", "token_file"), ("html", "monospace")),
    "rocketchat": (("token", "token_file"), ("token_id", "token_id_file")),
    "slack": (("api_url", "api_url_file"), ("app_token", "app_token_file")),
    "telegram": (("bot_token", "bot_token_file"), ("chat_id", "chat_id_file")),
    "victorops": (("api_key", "api_key_file"),),
    "webhook": (("url", "url_file"),),
    "wechat": (("api_secret", "api_secret_file"),),
}
# The only values of a field.
_VALUES: dict[str, dict[str, tuple[str, ...]]] = {
    "telegram": {"parse_mode": ("Markdown", "MarkdownV2", "HTML", "")},
    "wechat": {"message_type": ("text", "markdown", "")},
    "jira": {"api_type": ("auto", "cloud", "datacenter")},
    "tracing": {"client_type": ("http", "grpc"), "compression": ("gzip", "")},
    "kafkaoutput": {
        "format": ("json", "protobuf", ""),
        "acks": ("none", "leader", "all", ""),
        "compression": ("none", "gzip", "snappy", "lz4", "zstd", ""),
    },
}


def of(structure: str, part: Map, version: Version) -> Iterator[Fault]:
    """What is wrong with one part as a whole; its fields have been looked at, each by itself."""
    for names in _ONE_OF.get(structure, ()):
        if not any(has(part, name, structure) or isinstance(part.get(name), dict | list) for name in names):
            yield Fault("required-option", f"{_called(structure)} needs {' or '.join(names)}: write {names[0]}: ...")
    for names in _ONLY_ONE.get(structure, ()):
        if all(_said(part, name, structure) for name in names):
            message = f"{' and '.join(names)} are both set, and one is enough: remove {names[0]}"
            yield Fault("exclusive-options", message, (names[0],))
    for field, known in _VALUES.get(structure, {}).items():
        value = part.get(field, known[0])
        if value is None and structure == "jira":
            value = ""  # which takes its default away
        if isinstance(value, str) and value not in known:
            message = f"{value!r} is no {field}: write one of {', '.join(filter(None, known))}"
            yield Fault("bad-option-value", message, (field,))
    if structure in peculiar.OF:
        yield from peculiar.OF[structure](part, version)


def _said(part: Map, field: str, structure: str) -> bool:
    return flag(part, field) if field in ("html", "monospace") else has(part, field, structure)


def _called(structure: str) -> str:
    names = {"action": "an action of Slack", "slackfield": "a field of Slack", "times": "a range of times"}
    return names.get(structure, f"{'an' if structure[0] in 'aeiou' else 'a'} {structure}")
