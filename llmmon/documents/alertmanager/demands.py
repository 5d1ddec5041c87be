"""What a part of an Alertmanager configuration must say, and what it may not say at once."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from llmmon import gotemplate
from llmmon.documents.alertmanager import values

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from llmmon.problem import Keys
    from llmmon.source import Value

    Version = tuple[int, ...]
    Map = Mapping[str, Value]


class Fault(NamedTuple):
    """Something wrong below a structure: under which slug, why, and where."""

    slug: str
    message: str
    keys: Keys = ()


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
_RESPONDERS = ("team", "teams", "user", "escalation", "schedule")
_FIXED = ("routing_key", "message_type", "state_message", "entity_display_name", "monitoring_tool")
_RESERVED = frozenset((*_FIXED, "entity_id", "entity_state"))
_TARGETS = ("topic_arn", "target_arn", "phone_number")
_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+\Z")
_THREADS: Version = (0, 31)  # the first version that looks at thread_by_date


def has(part: Map, field: str, structure: str = "") -> bool:
    """Whether a part says something in a field. To Rocket.Chat an empty token is one."""
    value = part.get(field)
    if field == "chat_id":
        return value not in (None, "", "0")
    if value == "":
        return (structure == "rocketchat" or field.startswith("rocketchat_")) and not field.endswith(_FILE)
    return value is not None and value not in ([], {})


def flag(part: Map, field: str) -> bool:
    """Whether a flag is set."""
    value = part.get(field)
    return isinstance(value, str) and value in values.YES


def inner(part: Map, field: str) -> Map | None:
    """A part of a part; None where there is none."""
    found = part.get(field)
    return found if isinstance(found, dict) else None


def of(structure: str, part: Map, version: Version) -> Iterator[Fault]:
    """What is wrong with one part as a whole; its fields have been looked at, each by itself."""
    for names in _ONE_OF.get(structure, ()):
        if not any(has(part, name, structure) for name in names):
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
    if structure in _MORE:
        yield from _MORE[structure](part, version)


def _said(part: Map, field: str, structure: str) -> bool:
    return flag(part, field) if field in ("html", "monospace") else has(part, field, structure)


def _called(structure: str) -> str:
    names = {"action": "an action of Slack", "slackfield": "a field of Slack", "times": "a range of times"}
    return names.get(structure, f"{'an' if structure[0] in 'aeiou' else 'a'} {structure}")


def _global(part: Map, version: Version) -> Iterator[Fault]:
    del version
    token = has(part, "slack_app_token") or has(part, "slack_app_token_file")
    url = has(part, "slack_api_url") or has(part, "slack_api_url_file")
    if token and url and part.get("slack_api_url") != (part.get("slack_app_url") or SLACK_APP):
        message = "slack_app_token and slack_api_url are two ways to send to Slack: remove one"
        yield Fault(
            "exclusive-options", message, ("slack_api_url" if "slack_api_url" in part else "slack_api_url_file",)
        )


SLACK_APP = "https://slack.com/api/chat.postMessage"


def _slack(part: Map, version: Version) -> Iterator[Fault]:
    del version
    if any(has(part, name) for name in ("api_url", "api_url_file")) and any(
        has(part, name) for name in ("app_token", "app_token_file")
    ):
        yield Fault(
            "exclusive-options", "api_url and app_token are two ways to send to Slack: remove one", ("api_url",)
        )
    if flag(part, "update_message") and part.get("api_url") != SLACK_APP:
        message = f"update_message needs a bot's token: write api_url: {SLACK_APP}"
        yield Fault("bad-option-value", message, ("update_message",))


def _email(part: Map, version: Version) -> Iterator[Fault]:
    first: dict[str, str] = {}
    for name in inner(part, "headers") or {}:
        plain = "-".join(word.capitalize() for word in name.split("-")) if _TOKEN.match(name) else name
        if plain in first:
            message = f"{name} and {first[plain]} are one header, since case does not count: remove one"
            yield Fault("email-header", message, ("headers", name))
        first.setdefault(plain, name)
    threading = inner(part, "threading") or {}
    if flag(threading, "enabled"):
        for name in ("References", "In-Reply-To"):
            if name in first:
                message = f"threading sets {name}: remove the header, or threading"
                yield Fault("email-header", message, ("headers", first[name]))
        if version >= _THREADS and threading.get("thread_by_date") not in ("none", "daily"):
            message = "thread_by_date is none or daily: write thread_by_date: daily"
            yield Fault("bad-option-value", message, ("threading", "thread_by_date"))


def _incidentio(part: Map, version: Version) -> Iterator[Fault]:
    del version
    http = inner(part, "http_config")
    token = has(part, "alert_source_token") or has(part, "alert_source_token_file")
    if http is not None and token and authorized(http):
        yield Fault(
            "exclusive-options", "alert_source_token and http_config.authorization: remove one", ("http_config",)
        )
    if http is not None and not token and not authorized(http):
        yield Fault("required-option", "an incidentio needs a token: write alert_source_token_file: PATH")


def authorized(http: Map) -> bool:
    """Whether a http_config has, or gets, an authorization."""
    return inner(http, "authorization") is not None or has(http, "bearer_token") or has(http, "bearer_token_file")


def _webex(part: Map, version: Version) -> Iterator[Fault]:
    del version
    if not authorized(inner(part, "http_config") or {}):
        message = "a webex needs a token: write http_config: {authorization: {credentials_file: PATH}}"
        yield Fault("required-option", message)


def _victorops(part: Map, version: Version) -> Iterator[Fault]:
    del version
    for name in inner(part, "custom_fields") or {}:
        if name in _RESERVED:
            message = f"{name} is no custom field, since Alertmanager sends one itself: rename it"
            yield Fault("bad-option-value", message, ("custom_fields", name))


def _sns(part: Map, version: Version) -> Iterator[Fault]:
    del version
    said = [name for name in _TARGETS if has(part, name)]
    if len(said) % 2 == 0:
        yield Fault("required-option", f"an sns needs one of {', '.join(_TARGETS)}, and has {len(said)} of them")


def _sigv4(part: Map, version: Version) -> Iterator[Fault]:
    del version
    if has(part, "access_key") != has(part, "secret_key"):
        yield Fault("required-option", "access_key and secret_key belong together: write both, or none")
    if has(part, "external_id") and not has(part, "role_arn"):
        yield Fault("required-option", "external_id needs role_arn: write it", ("external_id",))


def _responder(part: Map, version: Version) -> Iterator[Fault]:
    kind = part.get("type")
    text = kind if isinstance(kind, str) else ""
    if "{{" in text:
        if why := template_fault(text, version):
            yield Fault("bad-option-value", f"type is no template: {why}", ("type",))
    elif text.lower() not in _RESPONDERS:
        message = f"{text!r} is no type of a responder: write one of {', '.join(_RESPONDERS)}"
        yield Fault("bad-option-value", message, ("type",))


def template_fault(text: str, version: Version) -> str:
    """What is wrong with a template that calls only what Go has itself."""
    try:
        gotemplate.parse(text, gotemplate.of_go(), else_with=version >= (0, 28))
    except gotemplate.TemplateError as error:
        return error.message
    return ""


def _kafka(part: Map, version: Version) -> Iterator[Fault]:
    del version
    brokers = part.get("brokers")
    for index, broker in enumerate(brokers if isinstance(brokers, list) else ()):
        if not broker:
            yield Fault("required-option", "this broker is empty: write HOST:PORT", ("brokers", index))


def _webhook_output(part: Map, version: Version) -> Iterator[Fault]:
    del version
    if part.get("url") == values.SECRET:
        yield Fault("bad-url", "this is what Alertmanager shows in place of a URL: write the URL", ("url",))


def _times(part: Map, version: Version) -> Iterator[Fault]:
    del version
    minutes: list[int] = []
    for field in ("start_time", "end_time"):
        text = part.get(field)
        if isinstance(text, str) and text:
            if (found := values.minutes(text)) is None:
                yield Fault("bad-time-range", f"{text!r} is no time of day: write it like 09:00", (field,))
            else:
                minutes.append(found)
    if len(minutes) == 2 and minutes[0] >= minutes[1]:
        message = "the end is not after the start: a range past midnight is two, to 24:00 and from 00:00"
        yield Fault("bad-time-range", message, ("end_time",))


_MORE: dict[str, Callable[[Map, Version], Iterator[Fault]]] = {
    "global": _global,
    "slack": _slack,
    "email": _email,
    "incidentio": _incidentio,
    "webex": _webex,
    "victorops": _victorops,
    "sns": _sns,
    "sigv4": _sigv4,
    "responder": _responder,
    "kafkaoutput": _kafka,
    "webhookoutput": _webhook_output,
    "times": _times,
}
