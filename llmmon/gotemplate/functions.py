"""The functions that a template may call: Go's own, and those that Prometheus and Alertmanager add."""

from __future__ import annotations

from functools import lru_cache

Version = tuple[int, ...]

_GO = frozenset(
    (
        *("and", "call", "eq", "ge", "gt", "html", "index", "js", "le", "len", "lt", "ne", "not", "or"),
        *("print", "printf", "println", "slice", "urlquery"),
    )
)
SPRIG = frozenset(  # what Helm's templates may call as well
    (
        *("abbrev", "add", "coalesce", "contains", "default", "div", "indent", "lower", "markdown", "mul", "nindent"),
        *("quote", "replace", "round", "sub", "substr", "ternary", "toYaml", "trim", "trunc", "truncate", "upper"),
    )
)
PROMETHEUS = frozenset(
    (
        *("args", "externalURL", "first", "graphLink", "humanize", "humanize1024", "humanizeDuration"),
        *("humanizePercentage", "humanizeTimestamp", "label", "match", "parseDuration", "pathPrefix", "query"),
        *("reReplaceAll", "safeHtml", "sortByLabel", "stripDomain", "stripPort", "strvalue", "tableLink", "title"),
        *("toLower", "toTime", "toUpper", "tmpl", "value"),
    )
)
_PROMETHEUS_SINCE: dict[Version, tuple[str, ...]] = {(3, 6): ("now", "toDuration", "urlQueryEscape")}
_ALERTMANAGER = frozenset(("join", "match", "reReplaceAll", "safeHtml", "stringSlice", "title", "toLower", "toUpper"))
_ALERTMANAGER_SINCE: dict[Version, tuple[str, ...]] = {
    (0, 26): ("trimSpace",),
    (0, 28): ("date", "humanizeDuration", "since", "tz"),
    (0, 30): ("safeUrl", "toJson", "urlUnescape"),
    (0, 32): ("append", "dict", "list"),
    (0, 33): ("now",),
    (0, 34): ("base64decode", "base64encode", "mustToDate", "routeLabels", "toDate"),
}


def of_go() -> frozenset[str]:
    """Those that every template may call."""
    return _GO


@lru_cache(maxsize=16)
def of_prometheus(version: Version) -> frozenset[str]:
    """Those that annotations and labels of alerts may call."""
    return _GO | PROMETHEUS - {"tmpl"} | _newer(_PROMETHEUS_SINCE, version)


@lru_cache(maxsize=16)
def of_alertmanager(version: Version) -> frozenset[str]:
    """Those that notifications may call."""
    return _GO | _ALERTMANAGER | _newer(_ALERTMANAGER_SINCE, version)


def newer_alertmanager(name: str) -> Version | None:
    """The first Alertmanager with a function that not all of them have."""
    return next((since for since, names in _ALERTMANAGER_SINCE.items() if name in names), None)


def _newer(since: dict[Version, tuple[str, ...]], version: Version) -> frozenset[str]:
    return frozenset(name for first, names in since.items() if version >= first for name in names)
