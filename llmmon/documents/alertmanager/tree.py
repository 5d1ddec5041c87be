"""What ties the parts of an Alertmanager configuration together: routes, names, and what `global:` says for all."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from llmmon import duration, lazily
from llmmon.documents.alertmanager import fields
from llmmon.documents.alertmanager.matchers import UTF8, Wrong, read
from llmmon.documents.alertmanager.parts import Fault, authorized, flag, has, inner

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from llmmon.documents.alertmanager.parts import Map, Version
    from llmmon.problem import Keys

_LABEL = lazily.pattern(r"[a-zA-Z_][a-zA-Z0-9_]*\Z")
_SLACK_APPS: Version = (0, 30)
_EQUAL_UTF8: Version = (0, 28)
# Of each integration: what it says itself, and what `global:` says for all of its kind.
_SHARED: Mapping[str, tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]] = {
    "email": ((("smarthost",), ("smtp_smarthost",)), (("from",), ("smtp_from",))),
    "jira": ((("api_url",), ("jira_api_url",)),),
    "mattermost": ((("webhook_url_file", "webhook_url"), ("mattermost_webhook_url_file", "mattermost_webhook_url")),),
    "opsgenie": ((("api_key_file", "api_key"), ("opsgenie_api_key_file", "opsgenie_api_key")),),
    "rocketchat": (
        (("token_id_file", "token_id"), ("rocketchat_token_id_file", "rocketchat_token_id")),
        (("token_file", "token"), ("rocketchat_token_file", "rocketchat_token")),
    ),
    "telegram": ((("bot_token_file", "bot_token"), ("telegram_bot_token_file", "telegram_bot_token")),),
    "victorops": ((("api_key_file", "api_key"), ("victorops_api_key_file", "victorops_api_key")),),
    "wechat": (
        (("api_secret_file", "api_secret"), ("wechat_api_secret_file", "wechat_api_secret")),
        (("corp_id",), ("wechat_api_corp_id",)),
    ),
}
_INTEGRATIONS = frozenset(
    (
        *("discord", "email", "incidentio", "jira", "mattermost", "msteams", "msteamsv2", "opsgenie", "pagerduty"),
        *("pushover", "rocketchat", "slack", "sns", "telegram", "victorops", "webex", "webhook", "wechat"),
    )
)
NEVER_EMPTY = _INTEGRATIONS | {"responder", "route"}
_MATCHES = ("match", "match_re", "matchers")
_TIMES = ("mute_time_intervals", "active_time_intervals")


def of(whole: Map, version: Version) -> Iterator[Fault]:
    """What is wrong between the parts; what is no part at all has been said already."""
    shared = inner(whole, "global") or {}
    receivers: dict[str, Keys] = {}
    for keys, receiver in _maps(whole, "receivers"):
        yield from _named(receiver, keys, receivers, "receiver", "duplicate-receiver")
        yield from _receiver(receiver, keys, shared, version)
    intervals: dict[str, Keys] = {}
    for field in ("mute_time_intervals", "time_intervals"):
        for keys, interval in _maps(whole, field):
            yield from _named(interval, keys, intervals, "time interval", "duplicate-interval")
    for keys, rule in _maps(whole, "inhibit_rules"):
        yield from _labels(rule, "equal", keys, version >= _EQUAL_UTF8)
    for index, text in enumerate(_list(whole.get("templates"))):
        if isinstance(text, str) and _bad_glob(text):
            message = f"{text!r} is no pattern of files: close the ["
            yield Fault("bad-template-path", message, ("templates", index))
    root = whole.get("route")
    if not isinstance(root, dict):
        if root is None:
            message = "it has no route:, without which Alertmanager does not start: add route: {receiver: NAME}"
            yield Fault("no-route", message)
        return
    yield from _root(root)
    yield from _routes(root, ("route",), set(receivers), set(intervals), version)


def _named(part: Map, keys: Keys, names: dict[str, Keys], what: str, slug: str) -> Iterator[Fault]:
    name = part.get("name")
    if isinstance(name, str) and name:
        if name in names:
            yield Fault(slug, f"there is another {what} {name!r}: rename one", (*keys, "name"))
        names.setdefault(name, keys)


def _receiver(receiver: Map, keys: Keys, shared: Map, version: Version) -> Iterator[Fault]:
    labels = inner(receiver, "labels") or {}
    if "name" in labels and labels["name"] != receiver.get("name"):
        message = f"the label name of a receiver is its name: write {receiver.get('name')}, or leave it out"
        yield Fault("bad-option-value", message, (*keys, "labels", "name"))
    for field, ways in receiver.items():
        kind = field.removesuffix("_configs")
        for at, way in _maps(receiver, field) if field.endswith("_configs") and isinstance(ways, list) else ():
            here = (*keys, *at)
            if kind == "slack":
                yield from _slack(way, shared, here, version)
            for own, general in _SHARED.get(kind, ()):
                if not any(has(way, name, kind) for name in own) and not any(has(shared, name) for name in general):
                    yield Fault("no-default", _lacks(kind, own, general, version), here)


def _lacks(kind: str, own: tuple[str, ...], general: tuple[str, ...], version: Version) -> str:
    """What to write where nobody says it, in words that this version knows."""
    here, everywhere = (
        next((name for name in names if name in known and known[name].since <= version), "")
        for names, known in ((own, fields.of(kind)), (general, fields.of("global")))
    )
    advice = ", or ".join(filter(None, (here and f"{here}: ...", everywhere and f"global: {everywhere}")))
    return f"neither this {kind} nor global says it: write {advice}"


def _slack(way: Map, shared: Map, here: Keys, version: Version) -> Iterator[Fault]:
    urls = has(way, "api_url") or has(way, "api_url_file")
    general = has(shared, "slack_api_url") or has(shared, "slack_api_url_file")
    http = inner(way, "http_config")
    bearer = http is not None and authorized(http)
    token = has(way, "app_token") or has(way, "app_token_file")
    if version >= _SLACK_APPS and not token and not bearer and not has(way, "api_url"):
        token = has(shared, "slack_app_token") or has(shared, "slack_app_token_file")
    if not urls and not general and not (token and version >= _SLACK_APPS):
        message = "neither this slack nor global says where to send: write api_url_file: PATH, or global: slack_api_url"
        yield Fault("no-default", message, here)
    if (
        token
        and version >= _SLACK_APPS
        and authorized(http if http is not None else inner(shared, "http_config") or {})
    ):
        message = "a token of a Slack app is the authorization: remove that of http_config"
        yield Fault("exclusive-options", message, here)


def _root(root: Map) -> Iterator[Fault]:
    if not root.get("receiver"):
        yield Fault("root-route", "the root route needs a receiver: write receiver: NAME", ("route",))
    for field in _MATCHES:
        if _matches(root.get(field)):
            message = "the root route takes every alert: move this to a route below routes:"
            yield Fault("root-route", message, ("route", field))
    for field in _TIMES:
        if _list(root.get(field)):
            message = f"the root route has no {field}: move them to a route below routes:"
            yield Fault("root-route", message, ("route", field))
    if flag(root, "continue"):
        yield Fault(
            "root-route", "the root route has no sibling to continue to: remove continue", ("route", "continue")
        )


def _matches(value: Any) -> bool:
    """Whether there is a matcher; an empty line is none."""
    if not isinstance(value, list):
        return bool(value)
    for text in value:
        try:
            if isinstance(text, str) and read(text, UTF8).matchers:
                return True
        except Wrong:
            return False  # which has been said
    return False


def _routes(route: Map, keys: Keys, receivers: set[str], intervals: set[str], version: Version) -> Iterator[Fault]:
    name = route.get("receiver")
    if isinstance(name, str) and name and name not in receivers:
        known = ", ".join(sorted(receivers))
        hint = f"define it, or name one of {known}" if known else "define it under receivers:"
        yield Fault("undefined-receiver", f"undefined receiver {name!r}: {hint}", (*keys, "receiver"))
    for field in _TIMES:
        for index, text in enumerate(_list(route.get(field))):
            if (isinstance(text, str) or text is None) and (text or "") not in intervals:
                message = f"undefined time interval {text or ''!r}: define it under time_intervals:"
                yield Fault("undefined-interval", message, (*keys, field, index))
    for field in ("group_interval", "repeat_interval"):
        text = route.get(field)
        if isinstance(text, str) and (text == "0" or duration.parse(text) == timedelta(0)):
            yield Fault("zero-interval", f"{field} cannot be zero: write it like 5m", (*keys, field))
    yield from _group_by(route, keys, version)
    if isinstance(labels := route.get("labels"), dict) and "" in labels:
        yield Fault("bad-label", "a label has a name: write one", (*keys, "labels", ""))
    for at, child in _maps(route, "routes"):
        yield from _routes(child, (*keys, *at), receivers, intervals, version)


def _group_by(route: Map, keys: Keys, version: Version) -> Iterator[Fault]:
    yield from _labels(route, "group_by", keys, version >= UTF8)
    names = _list(route.get("group_by"))
    if "..." in names and any(name != "..." for name in names):
        message = '"..." groups by every label: remove the others, or it'
        yield Fault("bad-group-by", message, (*keys, "group_by", names.index("...")))
    for index, name in enumerate(names):
        if name != "..." and name in names[:index]:
            yield Fault("bad-group-by", f"{name!r} is here twice: remove one", (*keys, "group_by", index))


def _labels(part: Map, field: str, keys: Keys, utf8: bool) -> Iterator[Fault]:
    for index, name in enumerate(_list(part.get(field))):
        if (name is None and not utf8 and field == "equal") or (name == "..." and field == "group_by"):
            continue
        text = name or ""
        if isinstance(text, str) and not (text if utf8 else _LABEL.match(text)):
            slug = "bad-group-by" if field == "group_by" else "bad-label"
            message = f"{text!r} is no name of a label: use letters, digits and _"
            yield Fault(slug, message, (*keys, field, index))


def _bad_glob(text: str) -> bool:
    """Whether Go refuses a pattern: a class that does not end, is empty or has half a range, or a last backslash."""
    return (
        re.fullmatch(r"(?:[^\[\\]|\\.|\[\^?(?:(?:[^\]\\\-]|\\.)(?:-(?:[^\]\\\-]|\\.))?)+\])*", text, re.DOTALL) is None
    )


def _maps(part: Map, field: str) -> Iterator[tuple[Keys, dict[str, Any]]]:
    for index, item in enumerate(_list(part.get(field))):
        if isinstance(item, dict):
            yield (field, index), item


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
