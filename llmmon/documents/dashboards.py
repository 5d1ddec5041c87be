"""What a Grafana dashboard is made of, each part with its place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from llmmon import lazily
from llmmon.classes import field, identity
from llmmon.documents import interpolation
from llmmon.promql import PromqlError
from llmmon.rule import Expression

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from llmmon.problem import Keys, Origin

Language = Literal["promql", "logql"]
_UNITS = {"percentunit": "ratio", "percent": "percent", "bytes": "bytes", "decbytes": "bytes", "s": "seconds"}
_SINGLE = ("stat", "singlestat", "gauge")  # show one value, whatever was asked
# Plugins whose names people give to their data sources.
_TELLING = (
    *("prometheus", "loki", "elasticsearch", "influx", "cloudwatch", "graphite", "postgres", "mysql"),
    *("clickhouse", "opensearch", "stackdriver", "tempo", "victorialogs", "zabbix"),
)
_UNIT_ELSEWHERE = ("graph", "singlestat", "table-old", "piechart")  # of an old axis, or of a share
_UNIT_IN_WORDS = lazily.pattern(
    r"(?<![A-Za-z])(?:[kKmMgGtT]i?[bB]|[kKMGT]?bits?|(?:kilo|mega|giga|tera|[kmgt]ibi)?bytes|m?secs?|(?:milli|micro)?seconds"
    r"|minutes|hours|days|[mµn]s|percent(?:age)?)(?![A-Za-z])|%|[\[(](?:s|m|h|d|b|B)[\])]"
)
_BY_VARIABLE = lazily.pattern(r"\b(\w+)\s{0,9}=~?\s{0,9}[\"'`]\$\$?\{?(\w+)(?::\w+)?\}?[\"'`]")


@identity
class Variable:
    """A variable of a dashboard; `values` are all that it can have, where these are written down."""

    name: str
    kind: str
    query: str
    query_keys: Keys
    multi: bool
    all: bool
    values: tuple[str, ...]
    language: Language | None
    value: Mapping[str, Any]
    origin: Origin


@identity
class Query:
    """PromQL or LogQL on a dashboard, written at `origin`, from the code point `begin` of that text on.

    `language` is None where nobody says it. `single` are variables that have one value here, because something
    repeats over them.
    """

    text: str
    origin: Origin
    language: Language | None
    variables: Mapping[str, Variable]
    names: Collection[str]  # of variables, and of what an import asks for
    readings: interpolation.Readings
    use: Literal["panel", "annotation", "variable"] = "panel"
    target: Mapping[str, Any] = field(default_factory=dict)
    panel: Mapping[str, Any] = field(default_factory=dict)
    single: frozenset[str] = frozenset()
    begin: int = 0
    dialect: bool = False  # asked of VictoriaMetrics, as far as one can see

    @property
    def instant(self) -> bool:
        """Whether it is asked at one time only."""
        return bool(self.target.get("instant")) and not self.target.get("range")

    @property
    def hidden(self) -> bool:
        return bool(self.target.get("hide"))

    @property
    def texts(self) -> tuple[str, ...]:
        """What people read about it: the panel's title and description, its axis and its legend."""
        panel, axis = self.panel, at(self.panel, "fieldConfig", "defaults", "custom", "axisLabel")
        found = (panel.get("title"), panel.get("description"), axis, self.target.get("legendFormat"))
        return tuple(text for text in found if isinstance(text, str) and text)

    @property
    def pinned(self) -> frozenset[str]:
        """The labels to which a variable gives one value."""
        if "$" not in self.text:
            return frozenset()
        return frozenset(label for label, name in _BY_VARIABLE.findall(self.text) if self._has_one(name))

    def _has_one(self, name: str) -> bool:
        variable = self.variables.get(name)
        chosen = variable is not None and variable.kind in ("query", "custom")
        return name in self.single or (variable is not None and chosen and not (variable.multi or variable.all))

    def unknown(self, name: str) -> bool:
        """Whether a name is that of no variable, neither of the dashboard's nor of Grafana's own."""
        return name not in self.names and (not name.startswith("__") or interpolation.is_misspelt(name))

    @property
    def is_incomplete(self) -> bool:
        """Whether it has a variable that nobody fills in."""
        return any(self.unknown(one.name) for one in interpolation.references(self.text))

    @property
    def error(self) -> PromqlError | None:
        """Why it does not parse, at its place in the source; not where a variable is missing, for that is why."""
        error = self.readings.error
        if error is None or self.is_incomplete:
            return None
        return PromqlError(error.message, (error.span[0] + self.begin, error.span[1] + self.begin))

    def expression(self, reading: interpolation.Parsed) -> Expression:
        """What the rules of PromQL look at."""
        unit = None if self.hidden else _UNITS.get(unit_of(self.panel))  # what is hidden is not what is shown
        if unit == "bytes" and words_say_unit(self):
            unit = None
        alone = len(self.panel.get("targets") or ()) == 1 and not self.hidden  # else the title is about all of them
        title = text_of(self.panel.get("title")) if alone else ""
        single = self.instant or self.panel.get("type") in _SINGLE
        beside = tuple(text_of(target.get("expr")) for _, target in maps(self.panel.get("targets")))
        text, kind = reading.written.text, text_of(self.panel.get("type"))
        return Expression(
            *(text, reading.expr, "panel", unit, title, single),
            texts=self.texts,
            dialect=self.dialect,
            beside=beside,
            kind=kind,
            pinned=self.pinned,
            filled=_is_filled(self.panel),
        )


@identity
class Panel:
    """A panel, also one inside a collapsed row, or the row itself."""

    title: str
    kind: str
    queries: tuple[Query, ...]
    targets: tuple[tuple[Keys, Mapping[str, Any]], ...]
    single: frozenset[str]
    level: Keys  # the way to the list that it stands in
    value: Mapping[str, Any]
    origin: Origin


@identity
class Dashboard:
    """A dashboard, written at `origin`."""

    title: str
    uid: str
    variables: tuple[Variable, ...]
    panels: tuple[Panel, ...]
    annotations: tuple[Query, ...]
    asked: tuple[Query, ...]  # by variables
    value: Mapping[str, Any]
    origin: Origin

    @property
    def queries(self) -> Iterator[Query]:
        """Every query of it."""
        for panel in self.panels:
            yield from panel.queries
        yield from self.annotations
        yield from self.asked


def kind_in_name(name: str) -> str:
    """The plugin of a data source, where its name tells it."""
    return next((kind for kind in _TELLING if kind in name.lower()), "")


def maps(found: Any, keys: Keys = ()) -> Iterator[tuple[Keys, dict[str, Any]]]:
    """The maps of a list, each with the way to it."""
    for index, item in enumerate(found if isinstance(found, list) else ()):
        if isinstance(item, dict):
            yield (*keys, index), item


def unit_of(panel: Mapping[str, Any]) -> str:
    """The unit of everything that is asked on a panel; none where some of it has another, or is made something else."""
    calculated = panel.get("transformations") or panel.get("type") in _UNIT_ELSEWHERE
    stacked = at(panel, "fieldConfig", "defaults", "custom", "stacking", "mode") == "percent"
    if calculated or stacked or any("expr" not in target for _, target in maps(panel.get("targets"))):
        return ""
    if any(
        isinstance(prop, dict) and prop.get("id") == "unit"
        for _, override in maps(at(panel, "fieldConfig", "overrides"), ())
        for _, prop in maps(override.get("properties"), ())
    ):
        return ""
    return text_of(at(panel, "fieldConfig", "defaults", "unit"))


def words_say_unit(query: Query) -> bool:
    """Whether the panel says in words in which unit its values are, so that whoever wrote it has thought of it."""
    return any(map(_UNIT_IN_WORDS.search, query.texts))


def _is_filled(panel: Mapping[str, Any]) -> bool:
    """Whether a panel says what it shows where there is no value."""
    defaults = at(panel, "fieldConfig", "defaults")
    if at(defaults, "noValue") or panel.get("nullPointMode") == "null as zero":
        return True
    mapped = (*maps(at(defaults, "mappings")), *maps(panel.get("valueMaps")))
    return any(
        one.get("value") == "null" or "null" in text_of(at(one, "options", "match")) or at(one, "options", "null")
        for _, one in mapped
    )


def at(value: Any, *keys: str | int) -> Any:
    """What is at the end of a way through maps, None where there is none."""
    current: Any = value
    for key in keys:
        current = current.get(key) if isinstance(current, dict) else None
    return current


def text_of(value: Any) -> str:
    """A text, empty where there is none."""
    return value if isinstance(value, str) else ""
