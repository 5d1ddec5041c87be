"""What Alertmanager adds to templates: its functions, and the templates that it defines itself."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus

from llmmon import lazily
from llmmon.gotemplate import prometheus
from llmmon.gotemplate.builtins import ANY, Broken, Function, same
from llmmon.gotemplate.functions import of_alertmanager
from llmmon.gotemplate.notification import KV, Duration, Time, join, said
from llmmon.gotemplate.values import Anys, Items, Moment, Standin, Struct, Unsure, Url

if TYPE_CHECKING:
    from llmmon.gotemplate.functions import Version

_ESCAPE = lazily.pattern(r"%(?![0-9a-fA-F]{2})")
_PLAIN = lazily.pattern(r"[a-z0-9 ]*\Z")
_LISTS = frozenset(("__text_alert_list", "__text_alert_list_markdown", "pagerduty.default.instances"))
_WHOLE = ("__alertmanagerURL", "__subject")
_LENIENT = ("URL", "color", "priority", "source", "titlelink", "url")  # print only what is there
_EMPTY = (
    *("__alertmanager", "__description", "mattermost.default.username", "pagerduty.default.client"),
    *("rocketchat.default.alias", "rocketchat.default.emoji", "rocketchat.default.iconurl", "rocketchat.default.text"),
    *("slack.default.callbackid", "slack.default.footer", "slack.default.iconemoji", "slack.default.iconurl"),
    *("slack.default.pretext", "slack.default.text", "slack.default.username", "discord.default.content"),
    *("victorops.default.monitoring_tool", "wechat.default.agent_id", "wechat.default.to_party"),
    *("wechat.default.to_tag", "wechat.default.to_user"),
)


def _title(text: str) -> str:
    return same(text.title(), text) if _PLAIN.match(text) else Standin(text)


def _unescaped(text: str) -> str:
    if isinstance(text, Standin):
        return text
    if _ESCAPE.search(text):
        raise Broken("a % in it is followed by no two hexadecimal digits")
    return unquote_plus(text)


def _zoned(name: str, time: Moment) -> Moment:
    from llmmon.documents.alertmanager import values

    if not isinstance(name, Standin) and name not in ("", "Local") and values.zone(name):
        raise Broken(f"there is no time zone {name!r}")
    return time


def _match(pattern: str, text: str) -> bool:
    found: bool = prometheus.functions(lambda _: _unknown())["match"].call(pattern, text)
    if isinstance(text, Standin):
        raise Unsure
    return found


def _duration(value: Any) -> Any:
    if isinstance(value, Duration):
        return Standin("1h 0m 0s")
    return prometheus.functions(lambda _: _unknown())["humanizeDuration"].call(value)


def _unknown() -> Any:
    raise Unsure


def _dict(*given: Any) -> Anys:
    if len(given) % 2:
        raise Broken("it takes names and values in turn, and here the last value is missing")
    if any(not isinstance(name, str) for name in given[::2]):
        raise Broken("its names are texts")
    return Anys(zip(given[::2], given[1::2], strict=True))


def _text(how: Any) -> Function:
    return Function(("string",), how)


_OWN = {
    "title": _text(_title),
    "trimSpace": _text(lambda text: same(text.strip(), text)),
    "match": Function(("string", "string"), _match),
    "join": Function(("string", "[]string"), join),
    "safeUrl": _text(Url),
    "urlUnescape": _text(_unescaped),
    "stringSlice": Function((), lambda *texts: Items("[]string", texts), "string"),
    "date": Function(("string", "time.Time"), lambda _, time: said(time)),
    "tz": Function(("string", "time.Time"), _zoned),
    "now": Function((), Time),
    "since": Function(("time.Time",), lambda _: Duration()),
    "humanizeDuration": Function((ANY,), _duration),
    "toDate": Function(("string", "string"), lambda _layout, _text: Time()),
    "mustToDate": Function(("string", "string"), lambda _layout, _text: Time()),
    "toJson": Function((ANY,), lambda _: Standin("{}")),
    "base64encode": _text(Standin),
    "base64decode": _text(Standin),
    "routeLabels": _text(Standin),
    "list": Function((), lambda *given: Items("[]interface {}", given), ANY),
    "append": Function(("[]interface {}",), lambda all_, *more: Items("[]interface {}", [*(all_ or ()), *more]), ANY),
    "dict": Function((), _dict, ANY),
}


@lru_cache(maxsize=8)
def functions(version: Version) -> dict[str, Function]:
    """All that this version has."""
    known = {**prometheus.functions(lambda _: _unknown()), **_OWN}
    return {name: known[name] for name in of_alertmanager(version)}


def built_in(name: str, dot: Any) -> str | None:
    """What the templates that Alertmanager defines make of a dot: some text, or nothing that anybody means to show."""
    if name in _EMPTY:
        return Standin("Alertmanager")
    if name in _LISTS:
        if dot is None:
            return None
        if not isinstance(dot, Items) or dot.type not in ("template.Alerts", "[]template.Alert"):
            raise Broken("it goes over a list of alerts: give it .Alerts.Firing")
    elif (".default." in name or name in _WHOLE) and not (isinstance(dot, Struct) and dot.type == "template.Data"):
        if name.endswith(_LENIENT) and (dot is None or isinstance(dot, KV)):
            return None
        raise Broken("it reads the whole notification: give it $, or the dot outside of range and with")
    return Standin("text")


def perhaps_built_in(name: str, dot: Any) -> str | None:
    """The same where there are files that nobody has seen: they may define it as well, in another way."""
    del name, dot
    return Standin("text")
