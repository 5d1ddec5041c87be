"""What Alertmanager gives to templates: its functions, and the types of a notification with their methods."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import unquote_plus

from llmmon import lazily
from llmmon.gotemplate import prometheus
from llmmon.gotemplate.builtins import ANY, Broken, Function, same
from llmmon.gotemplate.functions import of_alertmanager
from llmmon.gotemplate.values import Anys, Items, Moment, Never, Opaque, Standin, Strings, Struct, Unsure, Url, Word

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from llmmon.gotemplate.functions import Version

STATES = ("firing", "resolved")
_JOIN: Version = (0, 34)  # the first whose lists of texts have a method
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


class KV(Strings):
    """`template.KV`: labels or annotations. Where it is open and has a `word`, that is what every text in it is.

    Where it is `vague`, it may have more than it has here.
    """

    type = "template.KV"
    methods: ClassVar[Mapping[str, Function]]

    def __init__(
        self,
        known: Mapping[str, str],
        open_: bool = False,
        absent: frozenset[str] = frozenset(),
        word: str = "",
        vague: bool = False,
    ) -> None:
        super().__init__(known, open_=open_, absent=absent)
        self.word = word
        self.vague = vague

    def read(self, key: str) -> str:
        found = super().read(key)
        if self.vague and not found:
            return Standin("")
        return Standin(self.word) if self.word and key not in self and found else found

    def names(self) -> list[str]:
        """Its keys as a notification lists them."""
        return sorted(self, key=lambda name: (name != "alertname", name))

    def pairs(self) -> Pairs:
        fields = ({"Name": name, "Value": self[name]} for name in self.names())
        return Pairs((Struct("template.Pair", pair) for pair in fields), self.open or self.vague)

    def without(self, keys: Items) -> KV:
        """`Remove`."""
        gone = frozenset(keys)
        kept = {name: text for name, text in self.items() if name not in gone}
        return KV(kept, self.open, self.absent | gone, self.word, self.vague)


class Texts(Items):
    """A list of texts, which `Names` and `Values` give."""

    methods: ClassVar[Mapping[str, Function]]

    def __init__(self, items: Iterable[str], open_: bool = False) -> None:
        super().__init__("template.Strings", items, open_)


class Pairs(Items):
    """`template.Pairs`."""

    methods: ClassVar[Mapping[str, Function]]

    def __init__(self, items: Iterable[Struct], open_: bool = False) -> None:
        super().__init__("template.Pairs", items, open_)

    def all(self, field: str) -> Texts:
        """One field of each."""
        return Texts((pair.fields[field] for pair in self), self.open)


class Alerts(Items):
    """`template.Alerts`."""

    methods: ClassVar[Mapping[str, Function]]

    def __init__(self, items: Iterable[Struct]) -> None:
        super().__init__("template.Alerts", items)

    def those(self, state: str) -> Items:
        """`Firing` and `Resolved`."""
        return Items("[]template.Alert", (one for one in self if one.fields["Status"] == state))


class Time(Moment):
    """A `time.Time` with those of its methods that templates use."""

    methods: ClassVar[Mapping[str, Function]]


class Duration(Moment):
    """A `time.Duration`."""

    methods: ClassVar[Mapping[str, Function]]


def _join(separator: str, texts: Items | None) -> str:
    texts = texts or Items("[]string")
    text = separator.join(texts)
    return Standin(text) if texts.open else same(text, separator, *texts)


def _said(time: Moment) -> Standin:
    return Standin("2006-01-02") if time.come else Never("0001-01-01")


KV.methods = {
    "SortedPairs": Function((), KV.pairs),
    "Names": Function((), lambda kv: kv.pairs().all("Name")),
    "Values": Function((), lambda kv: kv.pairs().all("Value")),
    "Remove": Function(("[]string",), lambda kv, keys: kv.without(keys or Items("[]string"))),
    "String": Function((), lambda kv: Standin(dict(kv))),
}
Pairs.methods = {
    "Names": Function((), lambda pairs: pairs.all("Name")),
    "Values": Function((), lambda pairs: pairs.all("Value")),
    "String": Function((), lambda pairs: Standin(", ".join(pairs.all("Value")))),
}
Texts.methods = {"Join": Function(("string",), lambda texts, separator: _join(separator, texts))}
Alerts.methods = {
    "Firing": Function((), lambda alerts: alerts.those("firing")),
    "Resolved": Function((), lambda alerts: alerts.those("resolved")),
}
Time.methods = {
    "Format": Function(("string",), lambda time, _: _said(time)),
    "IsZero": Function((), lambda time: not time.come),
    "Local": Function((), lambda time: time),
    "String": Function((), lambda time: _said(time)),
    "UTC": Function((), lambda time: time),
}
Duration.methods = {
    **{name: Function((), lambda _: Opaque("float64")) for name in ("Hours", "Minutes", "Seconds")},
    "String": Function((), lambda _: Standin("1h0m0s")),
}


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
    "join": Function(("string", "[]string"), _join),
    "safeUrl": _text(Url),
    "urlUnescape": _text(_unescaped),
    "stringSlice": Function((), lambda *texts: Items("[]string", texts), "string"),
    "date": Function(("string", "time.Time"), lambda _, time: _said(time)),
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


_OF_EACH = {
    **dict.fromkeys(
        ("EndsAt", "Fingerprint", "GeneratorURL", "StartsAt"), "each alert has its own, so range over .Alerts"
    ),
    **{name: f"write .Common{name}, or range over .Alerts" for name in ("Annotations", "Labels")},
}
_OF_ALL = {
    name: f"the notification has it, so write $.{name} where $ is that"
    for name in ("Alerts", "CommonAnnotations", "CommonLabels", "ExternalURL", "GroupLabels", "Receiver")
}


def alert(status: str, labels: KV, annotations: KV, number: int = 0) -> Struct:
    """One alert of a notification."""
    url = f"http://prometheus.example/graph?g0.expr=up+%3D%3D+{number}&g0.tab=1"
    fields = {
        "Status": Word.of(status, *STATES),
        "Labels": labels,
        "Annotations": annotations,
        "StartsAt": Time(),
        "EndsAt": Time(come=status == "resolved"),
        "GeneratorURL": url,
        "Fingerprint": Standin(f"{number:016x}"),
    }
    return Struct("template.Alert", fields, hints=_OF_ALL)


def data(alerts: Iterable[Struct], version: Version, *maps: KV, url: str = "http://alertmanager.example") -> Struct:
    """What a notification knows: `maps` are what alerts are grouped by, and their common labels and annotations."""
    all_ = Alerts(alerts)
    status = "firing" if any(one.fields["Status"] == "firing" for one in all_) else "resolved"
    fields = {
        "Receiver": Standin("receiver"),
        "Status": Word.of(status, *STATES),
        "Alerts": all_,
        **dict(zip(("GroupLabels", "CommonLabels", "CommonAnnotations"), maps, strict=True)),
        "ExternalURL": url,
    }
    if version >= (0, 32):
        fields["NotificationReason"] = Standin("new alert")
    if version >= _JOIN:
        fields["RouteLabels"] = KV({}, open_=True)
    return Struct("template.Data", fields, pointer=True, hints=_OF_EACH)


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
