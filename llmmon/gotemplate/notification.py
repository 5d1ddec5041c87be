"""A notification as Alertmanager's templates see it: its types, and their methods."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from llmmon.gotemplate.builtins import Function, same
from llmmon.gotemplate.values import Items, Moment, Never, Opaque, Standin, Strings, Struct, Word

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from llmmon.gotemplate.functions import Version

STATES = ("firing", "resolved")
_REASON: Version = (0, 32)
_ROUTE_LABELS: Version = (0, 34)


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


def join(separator: str, texts: Items | None) -> str:
    """Texts with a separator between them."""
    texts = texts or Items("[]string")
    text = separator.join(texts)
    return Standin(text) if texts.open else same(text, separator, *texts)


def said(time: Moment) -> Standin:
    """A time in some format."""
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
Texts.methods = {"Join": Function(("string",), lambda texts, separator: join(separator, texts))}
Alerts.methods = {
    "Firing": Function((), lambda alerts: alerts.those("firing")),
    "Resolved": Function((), lambda alerts: alerts.those("resolved")),
}
Time.methods = {
    "Format": Function(("string",), lambda time, _: said(time)),
    "IsZero": Function((), lambda time: not time.come),
    "Local": Function((), lambda time: time),
    "String": Function((), lambda time: said(time)),
    "UTC": Function((), lambda time: time),
}
Duration.methods = {
    **{name: Function((), lambda _: Opaque("float64")) for name in ("Hours", "Minutes", "Seconds")},
    "String": Function((), lambda _: Standin("1h0m0s")),
}


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
    if version >= _REASON:
        fields["NotificationReason"] = Standin("new alert")
    if version >= _ROUTE_LABELS:
        fields["RouteLabels"] = KV({}, open_=True)
    return Struct("template.Data", fields, pointer=True, hints=_OF_EACH)
