"""The functions that Prometheus adds to templates, of alerts and of consoles: its `template/template.go`."""

from __future__ import annotations

import ipaddress
import math
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus

from llmmon import lazily
from llmmon.gotemplate.builtins import ANY, BUILTINS, Broken, Function, same
from llmmon.gotemplate.values import Anys, Html, Opaque, Standin, Struct, Unsure, Vector, described
from llmmon.promql.regex import regex_fault
from llmmon.promql.tokens import milliseconds

if TYPE_CHECKING:
    from collections.abc import Callable

SAMPLE = "template.sample"
_NUMBER = lazily.pattern(r"[+-]?(?:[0-9][0-9_]*\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?\Z")
_SPECIAL = lazily.pattern(r"(?:nan|[+-]?inf(?:inity)?)\Z", re.IGNORECASE)
_HOST_PORT = lazily.pattern(r"(?:\[([^\[\]]*)\]|([^\[\]:]*)):([^:]*)\Z")
_REFERENCE = lazily.pattern(r"\$(?:\$|\{(\w+)\}|(\w+))", re.ASCII)
_LARGEST = 2.0**63


def number(value: Any) -> float:
    """What the functions that take a number or a text make of it."""
    match value:
        case bool():
            pass
        case float() | int():
            return float(value)
        case Html():
            pass
        case Standin():
            raise Unsure
        case str():
            if _SPECIAL.match(value) or (_NUMBER.match(value) and "_" not in value):
                return float(value)
            if re.match(r"[+-]?0[xX]|.*_", value):
                raise Unsure
            raise Broken(f"{value!r} is no number")
        case Opaque():
            raise Unsure
    raise Broken(f"{described(value)} is not for this: give it a number")


def _scaled(value: float, base: float, units: str, smaller: bool = False) -> tuple[float, str]:
    prefix = ""
    for unit in units:
        if (abs(value) >= 1) if smaller else (abs(value) < base):
            break
        prefix = unit
        value = value * base if smaller else value / base
    return value, prefix


def _short(value: float) -> str:
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return "NaN" if math.isnan(value) else f"{value:.4g}"


def _humanize(given: Any) -> str:
    value = number(given)
    if value == 0 or not math.isfinite(value):
        return _short(value)
    large = abs(value) >= 1
    value, prefix = _scaled(value, 1000, "kMGTPEZY") if large else _scaled(value, 1000, "munpfazy", smaller=True)
    return _short(value) + prefix


def _humanize1024(given: Any) -> str:
    value = number(given)
    if abs(value) <= 1 or not math.isfinite(value):
        return _short(value)
    value, prefix = _scaled(value, 1024, "kMGTPEZY")
    return _short(value) + (prefix and f"{prefix}i")


def _humanize_duration(given: Any) -> str:
    value = number(given)
    if not math.isfinite(value):
        return _short(value)
    if value == 0:
        return "0s"
    if abs(value) < 1:
        value, prefix = _scaled(value, 1000, "munpfazy", smaller=True)
        return f"{_short(value)}{prefix}s"
    if abs(value) >= _LARGEST:
        raise Unsure
    sign, value = ("-", -value) if value < 0 else ("", value)
    minutes, seconds = divmod(int(value), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{sign}{days}d {hours}h {minutes}m {seconds}s"
    if hours:
        return f"{sign}{hours}h {minutes}m {seconds}s"
    return f"{sign}{minutes}m {seconds}s" if minutes else f"{sign}{_short(value)}s"


def _humanize_percentage(given: Any) -> str:
    value = number(given) * 100
    return f"{_short(value)}%"


def _humanize_timestamp(given: Any) -> str:
    value = number(given)
    return Standin("2006-01-02 15:04:05 +0000 UTC") if math.isfinite(value) else _short(value)


def _to_time(given: Any) -> Opaque:
    number(given)
    return Opaque("*time.Time")


def _to_duration(given: Any) -> Opaque:
    number(given)
    return Opaque("*time.Duration")


def _first(vector: Vector) -> Any:
    if not vector:
        raise Unsure
    return vector[0]


def _compiled(pattern: str) -> re.Pattern[str] | None:
    if isinstance(pattern, Standin):
        return None
    if fault := regex_fault(pattern):
        raise Broken(f"{pattern!r} is no regular expression: {fault}")
    try:
        return re.compile(pattern, re.ASCII)
    except (re.error, RecursionError, OverflowError):
        return None


def _match(pattern: str, text: str) -> bool:
    compiled = _compiled(pattern)
    if compiled is None or len(text) > 200 or _slow(pattern):
        raise Unsure
    return compiled.search(text) is not None


def _replace(pattern: str, new: str, text: str) -> str:
    compiled = _compiled(pattern)
    if compiled is None or len(text) > 200 or _slow(pattern):
        return Standin(text)

    def expanded(found: re.Match[str]) -> str:
        def value(name: re.Match[str]) -> str:
            key = name[1] or name[2]
            if key is None:
                return "$"
            group: str | int = int(key) if key.isdigit() else key
            try:
                return found[group] or ""
            except (IndexError, error):
                return ""

        return _REFERENCE.sub(value, new)

    error = re.error
    return same(compiled.sub(expanded, text), pattern, new, text)


def _slow(pattern: str) -> bool:
    """Whether Python might search for ever where RE2 does not."""
    return len(re.findall(r"[*+?}]", pattern)) > 3 or re.search(r"\)[*+?{]", pattern) is not None


def _title(text: str) -> str:
    if not re.match(r"[A-Za-z0-9 _-]*\Z", text):
        return Standin(text)
    return same(re.sub(r"(^|[ -])([a-z])", lambda found: found[1] + found[2].upper(), text), text)


def _host_port(text: str) -> tuple[str, str] | None:
    found = _HOST_PORT.match(text)
    return ((found[1] if found[1] is not None else found[2]), found[3]) if found else None


def _strip_port(text: str) -> str:
    found = _host_port(text)
    return same(found[0] if found else text, text)


def _strip_domain(text: str) -> str:
    host, port = _host_port(text) or (text, "")
    try:
        ipaddress.ip_address(host)
    except ValueError:
        short = host.split(".")[0]
        return same(f"{short}:{port}" if port else short, text)
    return same(text, text)


def _parse_duration(text: str) -> float:
    if isinstance(text, Standin):
        raise Unsure
    found = 0 if text == "0" else milliseconds(text.removeprefix("-"))
    if found is None or not text:
        raise Broken(f"{text!r} is no duration: write it like 5m")
    return -found / 1000 if text.startswith("-") else found / 1000


def _link(tab: int) -> Callable[[str], str]:
    return lambda expr: same(f"/graph?g0.expr={quote_plus(expr, errors='replace')}&g0.tab={tab}", expr)


def _text(how: Callable[[str], str]) -> Function:
    return Function(("string",), lambda text: same(how(text), text))


def _not_known() -> Standin:
    return Standin("http://prometheus")


_FUNCTIONS = {
    **BUILTINS,
    "first": Function(("queryResult",), _first),
    "label": Function(("string", "*sample"), lambda name, sample: sample.fields["Labels"].read(name)),
    "value": Function(("*sample",), lambda sample: sample.fields["Value"]),
    "strvalue": Function(("*sample",), lambda sample: sample.fields["Labels"].get("__value__", "")),
    "args": Function((), lambda *given: Anys({f"arg{index}": one for index, one in enumerate(given)}), ANY),
    "reReplaceAll": Function(("string", "string", "string"), _replace),
    "safeHtml": Function(("string",), Html),
    "match": Function(("string", "string"), _match),
    "title": Function(("string",), _title),
    "toUpper": _text(str.upper),
    "toLower": _text(str.lower),
    "graphLink": Function(("string",), _link(0)),
    "tableLink": Function(("string",), _link(1)),
    "sortByLabel": Function(("string", "queryResult"), lambda _, vector: vector),
    "stripPort": Function(("string",), _strip_port),
    "stripDomain": Function(("string",), _strip_domain),
    "humanize": Function((ANY,), _humanize),
    "humanize1024": Function((ANY,), _humanize1024),
    "humanizeDuration": Function((ANY,), _humanize_duration),
    "humanizePercentage": Function((ANY,), _humanize_percentage),
    "humanizeTimestamp": Function((ANY,), _humanize_timestamp),
    "toTime": Function((ANY,), _to_time),
    "toDuration": Function((ANY,), _to_duration),
    "now": Function((), lambda: 1.7e9),
    "pathPrefix": Function((), lambda: Standin("/")),
    "externalURL": Function((), _not_known),
    "parseDuration": Function(("string",), _parse_duration),
    "urlQueryEscape": _text(lambda text: quote_plus(text, errors="replace")),
}


def functions(query: Callable[[str], Vector]) -> dict[str, Function]:
    """All of them, with Go's own; `query` gives what an expression gives."""
    return {**_FUNCTIONS, "query": Function(("string",), query)}


def sample(labels: Any, value: float) -> Struct:
    """One of what a query gives."""
    return Struct(SAMPLE, {"Labels": labels, "Value": value}, pointer=True)
