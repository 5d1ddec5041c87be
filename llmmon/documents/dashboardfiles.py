"""Finds dashboards in JSON and reads them: panels, variables and queries with their places."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Any

from llmmon import lazily
from llmmon.documents import interpolation
from llmmon.documents.dashboards import Dashboard, Panel, Query, Variable, at, kind_in_name, maps, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from llmmon.documents.dashboards import Language
    from llmmon.problem import Keys, Origin
    from llmmon.promql import Version
    from llmmon.source.values import Value

_MARKS = frozenset(
    ("schemaVersion", "templating", "annotations", "timepicker", "uid", "title", "editable", "graphTooltip")
)
_PROMETHEUS = frozenset(
    (
        "prometheus",
        "grafana-amazonprometheus-datasource",
        "grafana-azureprometheus-datasource",
    )
)
_LOKI = frozenset(("loki",))
_DIALECTS = frozenset(("victoriametrics-datasource", "victoriametrics-metrics-datasource"))  # PromQL and more
_SOURCE = lazily.pattern(r"\$\$?\{?([A-Za-z_]\w*)\}?\Z|\[\[([A-Za-z_]\w*)\]\]\Z")
_LABEL_VALUES = lazily.pattern(r"\s*label_values\s*\((.+),[^,\S]*[^,\s][^,]*\)\s*\Z", re.DOTALL)
_QUERY_RESULT = lazily.pattern(r"\s*query_result\s*\((.+)\)\s*\Z", re.DOTALL)
_OTHER_QUERY = lazily.pattern(
    r"\s*(?:label_values\s*\(\s*[^,\s()]+\s*\)|label_names\s*\(.*\)|metrics\s*\(.*\))\s*\Z", re.DOTALL
)
_METRICSQL = lazily.pattern(
    r"\b(?:WITH\s*\(|keep_metric_names|default\s+\d|rollup\w*\s*\(|range_\w+\s*\(|label_(?:set|del|keep|map|move)\s*\(|"
    r"union\s*\(|(?:top|bottom)k_\w+\s*\(|prometheus_buckets|buckets_limit|increases_over_time|vm(?:agent|alert|auth)?_\w)"
)
_IN_ANY_LANGUAGE = lazily.pattern(r"unclosed|unterminated|unexpected right|unexpected end|unexpected \"[)\]}]\"")
_SQL = lazily.pattern(r"\s*(?:select|with|show|explain|insert)\b", re.IGNORECASE)
_LOGQL = lazily.pattern(
    r"(?:\A|[\s(,])\{[^{}]*\}\s{0,9}\[|\|[=~>]|\|\s*(?:json|logfmt|pattern|regexp|unwrap|line_format|label_format)|!=\s*[`\"][^,}]*\Z"
)
_LONGEST = 100_000  # code points of a query that is read


def found(value: Value, origin: Origin) -> Iterator[tuple[dict[str, Any], Origin]]:
    """The dashboards in a document: bare, as the API gives them, as an object of Kubernetes, or several in a list."""
    match value:
        case list():
            for index, item in enumerate(value):
                if isinstance(item, dict):
                    yield from found(item, origin.at(index))
        case {"apiVersion": str(version), "spec": dict(spec)} if version.startswith("dashboard.grafana.app/"):
            yield from found(spec, origin.at("spec"))
        case {"dashboard": dict(inner)} if not is_dashboard(value):
            yield from found(inner, origin.at("dashboard"))
        case dict() if is_dashboard(value) and (_is_json(origin) or "schemaVersion" in value):
            yield value, origin


def _is_json(origin: Origin) -> bool:
    """YAML with panels may be what a generator makes dashboards of."""
    return bool(origin.keys) or getattr(origin.document, "json", True)


def is_dashboard(value: Any) -> bool:
    """Whether a map is a dashboard with panels or, in old ones, rows."""
    if not isinstance(value, dict) or "services" in value:  # as those of Kibana 3 have
        return False
    return bool({"panels", "rows"} & value.keys()) and len(_MARKS & value.keys()) >= 2


def read(value: dict[str, Any], origin: Origin, version: Version) -> Dashboard:
    """A dashboard; what is not of the right form is left out."""
    return _Reader(value, origin, version).dashboard()


class _Reader:
    def __init__(self, value: dict[str, Any], origin: Origin, version: Version) -> None:
        self.value = value
        self.origin = origin
        self.version = version
        inputs = {
            text_of(item.get("name")): text_of(item.get("pluginId"))
            for _, item in maps(value.get("__inputs"), ())
            if item.get("name")
        }
        self.sources: dict[str, str] = dict(inputs)
        self.variables: dict[str, Variable] = {}
        self.values: dict[str, tuple[str, ...]] = dict.fromkeys(inputs, ())

    def dashboard(self) -> Dashboard:
        written = list(maps(at(self.value, "templating", "list"), ("templating", "list")))
        for _, item in written:
            if item.get("type") == "datasource":
                self.sources[text_of(item.get("name"))] = text_of(item.get("query"))
        variables = [self.variable(keys, item) for keys, item in written]
        for variable in variables:
            known = self.variables.get(variable.name)
            if known is None or not (variable.multi or variable.all):  # of two with one name, the one with one value
                self.variables[variable.name] = variable
            self.values.setdefault(variable.name, variable.values)
        return Dashboard(
            text_of(self.value.get("title")),
            text_of(self.value.get("uid")),
            tuple(variables),
            tuple(self.panels()),
            tuple(self.annotations()),
            tuple(query for variable in variables for query in self.asked(variable)),
            self.value,
            self.origin,
        )

    def variable(self, keys: Keys, item: Mapping[str, Any]) -> Variable:
        query = item.get("query")
        nested = isinstance(query, dict)
        return Variable(
            text_of(item.get("name")),
            text_of(item.get("type")),
            text_of(query.get("query") if isinstance(query, dict) else query),
            ("query", "query") if nested else ("query",),
            item.get("multi") is True,
            item.get("includeAll") is True,
            tuple(_fixed(item)),
            self.language(item.get("datasource")) if item.get("type") == "query" else None,
            item,
            self.origin.at(*keys),
        )

    def asked(self, variable: Variable) -> Iterator[Query]:
        """The PromQL inside `label_values(...)` and its relatives."""
        if variable.kind != "query" or variable.language == "logql" or _SQL.match(variable.query):
            return  # whatever plugin is named, the data source that a variable chooses may be another one
        inside = _LABEL_VALUES.match(variable.query) or _QUERY_RESULT.match(variable.query)
        text, begin = (inside[1], inside.start(1)) if inside else (variable.query, 0)
        if text.strip() and (inside or not _OTHER_QUERY.match(variable.query)):
            target = {"instant": True}
            origin = variable.origin.at(*variable.query_keys)
            yield self.query(text, origin, variable.language, "variable", target=target, begin=begin)

    def panels(self) -> Iterator[Panel]:
        yield from self.inside(self.value.get("panels"), ("panels",), frozenset())
        for keys, row in maps(self.value.get("rows"), ("rows",)):
            yield from self.inside(row.get("panels"), (*keys, "panels"), _repeated(row))

    def inside(self, found: Any, keys: Keys, single: frozenset[str], depth: int = 0) -> Iterator[Panel]:
        around = single
        for here, item in maps(found, keys):
            if item.get("repeatPanelId") is not None:
                continue  # a copy that Grafana made of another, and makes anew
            if item.get("type") == "row":
                around = single | _repeated(item)
            yield self.panel(here, item, around | _repeated(item), keys)
            if depth < 3 and item.get("panels"):
                yield from self.inside(item["panels"], (*here, "panels"), around, depth + 1)

    def panel(self, keys: Keys, item: Mapping[str, Any], single: frozenset[str], level: Keys) -> Panel:
        targets = tuple(maps(item.get("targets"), ("targets",)))
        queries = []
        for way, target in targets:
            source = target.get("datasource") or item.get("datasource")
            if isinstance(target.get("expr"), str) and target["expr"].strip() and not self.foreign(source):
                origin = self.origin.at(*keys, *way, "expr")
                named = {self.language(source), self.language(item.get("datasource"))} - {None}
                language = named.pop() if len(named) == 1 else None
                if language is None and item.get("type") == "logs":
                    language = "logql"
                queries.append(
                    self.query(target["expr"], origin, language, "panel", target=target, panel=item, single=single)
                )
        title, kind = text_of(item.get("title")), text_of(item.get("type"))
        return Panel(title, kind, tuple(queries), targets, single, level, item, self.origin.at(*keys))

    def annotations(self) -> Iterator[Query]:
        for keys, item in maps(at(self.value, "annotations", "list"), ("annotations", "list")):
            target = item.get("target")
            way: Keys = ("target", "expr") if isinstance(target, dict) and target.get("expr") else ("expr",)
            text = at(item, *way)
            if isinstance(text, str) and text.strip() and not self.foreign(item.get("datasource")):
                language = self.language(item.get("datasource"))
                yield self.query(text, self.origin.at(*keys, *way), language, "annotation", target=item)

    def query(self, text: str, origin: Origin, language: Language | None, use: Any, **more: Any) -> Query:
        """A query that is parsed, where it is not in LogQL."""
        readings = interpolation.Readings(())
        short = len(text) <= _LONGEST
        if short and (language == "promql" or (language is None and not (_LOGQL.search(text) or _SQL.match(text)))):
            readings = interpolation.read(text, self.values, self.version)
        if readings.error and (language is None or self.dialect) and not _IN_ANY_LANGUAGE.match(readings.error.message):
            readings = interpolation.Readings(())  # it may be right where it is asked
        names = self.values.keys()
        return Query(text, origin, language, self.variables, names, readings, use, dialect=self.dialect, **more)

    def language(self, source: Any) -> Language | None:
        kind = self.plugin(source)
        return "promql" if kind in _PROMETHEUS else "logql" if kind in _LOKI else None

    @functools.cached_property
    def dialect(self) -> bool:
        """Whether it speaks MetricsQL, or shows a server that does."""
        todo: list[Any] = [self.value]
        while todo:
            match todo.pop():
                case dict(items):
                    if isinstance(kind := items.get("type"), str) and kind in _DIALECTS:
                        return True
                    names = items.get("uid"), items.get("datasource")
                    if any(isinstance(name, str) and "victoria" in name.lower() for name in names):
                        return True
                    if isinstance(text := items.get("expr"), str) and _METRICSQL.search(text):
                        return True
                    todo += items.values()
                case list(items):
                    todo += items
        return False

    def foreign(self, source: Any) -> bool:
        """Whether a data source is certainly of another kind."""
        kind = self.plugin(source)
        return bool(kind) and kind not in _PROMETHEUS | _LOKI | _DIALECTS

    def plugin(self, source: Any) -> str:
        """The plugin behind a data source: a name, a variable, or a map that says it."""
        if isinstance(source, dict):
            kind = text_of(source.get("type"))
            if kind and not kind.startswith("$"):
                return "" if kind in ("datasource", "mixed") else kind
            source = source.get("uid")
        text = text_of(source)
        named = _SOURCE.match(text)
        kind = self.sources.get(named[1] or named[2], "") if named else ""
        return kind or kind_in_name(text)


def _repeated(item: Mapping[str, Any]) -> frozenset[str]:
    name = item.get("repeat")
    return frozenset((name,)) if isinstance(name, str) and name else frozenset()


def _fixed(item: Mapping[str, Any]) -> Iterator[str]:
    """The values of a variable whose values are written down."""
    match item.get("type"):
        case "constant" | "textbox":
            yield text_of(item.get("query"))
        case "custom" | "interval":
            text = text_of(item.get("query"))
            for part in re.split(r"(?<!\\),", text):
                _, colon, value = part.partition(" : ")
                yield (value if colon else part).strip().replace("\\,", ",")
