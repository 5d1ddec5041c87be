"""What single parts of an Alertmanager configuration ask for that no table says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon import gotemplate, lazily
from llmmon.documents.alertmanager import values
from llmmon.documents.alertmanager.parts import Fault, authorized, flag, has, inner

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from llmmon.documents.alertmanager.parts import Map, Version

_RESPONDERS = ("team", "teams", "user", "escalation", "schedule")
_FIXED = ("routing_key", "message_type", "state_message", "entity_display_name", "monitoring_tool")
_RESERVED = frozenset((*_FIXED, "entity_id", "entity_state"))
_TARGETS = ("topic_arn", "target_arn", "phone_number")
_TOKEN = lazily.pattern(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+\Z")
_SLACK_APP = "https://slack.com/api/chat.postMessage"
_THREADS: Version = (0, 31)  # the first version that looks at thread_by_date


def _global(part: Map, version: Version) -> Iterator[Fault]:
    del version
    token = has(part, "slack_app_token") or has(part, "slack_app_token_file")
    url = has(part, "slack_api_url") or has(part, "slack_api_url_file")
    if token and url and part.get("slack_api_url") != (part.get("slack_app_url") or _SLACK_APP):
        message = "slack_app_token and slack_api_url are two ways to send to Slack: remove one"
        yield Fault(
            "exclusive-options", message, ("slack_api_url" if "slack_api_url" in part else "slack_api_url_file",)
        )


def _slack(part: Map, version: Version) -> Iterator[Fault]:
    del version
    if any(has(part, name) for name in ("api_url", "api_url_file")) and any(
        has(part, name) for name in ("app_token", "app_token_file")
    ):
        yield Fault(
            "exclusive-options", "api_url and app_token are two ways to send to Slack: remove one", ("api_url",)
        )
    if flag(part, "update_message") and part.get("api_url") != _SLACK_APP:
        message = f"update_message needs a bot's token: write api_url: {_SLACK_APP}"
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


OF: Mapping[str, Callable[[Map, Version], Iterator[Fault]]] = {
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
