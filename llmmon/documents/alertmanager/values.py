"""Whether a text is what a field of Alertmanager holds: a URL, an address, a duration, a range of days."""

from __future__ import annotations

import re
import zoneinfo
from functools import cache
from typing import TYPE_CHECKING, Final

from llmmon import duration, lazily

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

SECRET = "<secret>"  # what Alertmanager shows in place of a secret  # noqa: S105
FLAGS: Final = frozenset(
    word
    for text in ("y", "yes", "true", "on", "n", "no", "false", "off")
    for word in (text, text.capitalize(), text.upper())
)
YES: Final = frozenset(word for word in FLAGS if word.lower() in ("y", "yes", "true", "on"))
_WHOLE = lazily.pattern(r"[-+]?(?:0|[1-9][0-9_]*|0[xX][0-9a-fA-F_]+|0[oO]?[0-7_]+|0b[01_]+)\Z")
_NUMBER = lazily.pattern(r"[-+]?(?:\.[0-9]+|[0-9][0-9_]*(?:\.[0-9_]*)?)(?:[eE][-+]?[0-9]+)?\Z|[-+]?\.(?:inf|Inf|INF)\Z")
_GO_TIME = lazily.pattern(r"[-+]?(?:0|(?:(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:ns|us|µs|μs|ms|s|m|h))+)\Z")
_SCHEME = lazily.pattern(r"([a-zA-Z][a-zA-Z0-9+.-]*):")
_USER = lazily.pattern(r"[A-Za-z0-9\-._:~!$&'()*+,;=%@]*\Z")
_HOST = lazily.pattern(r"[^\x00-\x7f]|[A-Za-z0-9!$&'()*+,;=:\[\]<>\"\-_.~]|%25|%[89a-fA-F][0-9a-fA-F]")
_PERCENT = lazily.pattern(r"%(?![0-9a-fA-F]{2})")
_CONTROL = lazily.pattern(r"[\x00-\x1f\x7f]")
_PORT = lazily.pattern(r":[0-9]*\Z")
_CLOCK = lazily.pattern(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]\Z|24:00\Z")
_INTEGER = lazily.pattern(r"[-+]?[0-9]+\Z")
_DAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
_MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november"),
    "december",
)
_TLS: Final = ("TLS10", "TLS11", "TLS12", "TLS13")


def any_url(text: str) -> str:
    """What Go says of a text as a URL of any kind; empty where it is one."""
    if _CONTROL.search(text):
        return "a URL holds no control characters"
    rest, _, fragment = text.partition("#")
    if rest.startswith(":"):
        return "the scheme is missing: write https://"
    found = _SCHEME.match(rest)
    rest = rest[found.end() :] if found else rest
    rest = rest.partition("?")[0]
    if not found and not rest.startswith("/") and ":" in rest.partition("/")[0]:
        return "the scheme is missing: write https://"
    if rest.startswith("//") and (found or not rest.startswith("///")):
        authority, slash, path = rest[2:].partition("/")
        if why := _authority(authority):
            return why
        rest = slash + path
    elif found and not rest.startswith("/"):
        return ""  # such as mailto:somebody
    return "a % in a URL is written %25" if _PERCENT.search(rest) or _PERCENT.search(fragment) else ""


def url(text: str) -> str:
    """What is wrong with a text as a URL to send to."""
    if why := any_url(text):
        return why
    found = _SCHEME.match(text)
    if not found or found[1].lower() not in ("http", "https"):
        return "write one that begins with https:// or http://"
    authority = re.split(r"[/?#]", text[found.end() + 2 :], maxsplit=1)[0] if text[found.end() :][:2] == "//" else ""
    return "" if authority.rpartition("@")[2] else "it has no host"


def _authority(text: str) -> str:
    user, at, host = text.rpartition("@")
    if at and (not _USER.match(user) or _PERCENT.search(user)):
        return "a user or password holds characters that a URL does not: write them with %"
    port = host[host.rfind("]") + 1 :] if host.startswith("[") else host[host.rfind(":") :] if ":" in host else ""
    if host.startswith("[") and "]" not in host:
        return "the ] of the address is missing"
    if port and not _PORT.match(port):
        return "the port is no number"
    return "a host holds no such characters" if _HOST.sub("", host) else ""


def host_port(text: str) -> str:
    """What is wrong with a text as an address with a port."""
    if not text:
        return ""
    host, colon, port = text.rpartition(":")
    bracketed = host.startswith("[") and host.endswith("]") and "[" not in host[1:] and "]" not in host[:-1]
    plain = not re.search(r"[\[\]:]", host)
    return "" if colon and port and not re.search(r"[\[\]]", port) and (bracketed or plain) else "it is no HOST:PORT"


def flag(text: str) -> str:
    """What is wrong with a plain text as a flag."""
    return "" if text in FLAGS else "it is neither true nor false"


def whole(text: str) -> str:
    """What is wrong with a plain text as a whole number."""
    return "" if (_WHOLE.match(text) or _NUMBER.match(text)) and not _is_large(text) else "it is no whole number"


def natural(text: str) -> str:
    """What is wrong with a plain text as a number that is not negative."""
    return whole(text) or ("it is negative" if text.startswith("-") and text.strip("-0_") else "")


def number(text: str) -> str:
    """What is wrong with a plain text as a number."""
    return "" if _NUMBER.match(text) or _WHOLE.match(text) else "it is no number"


def time(text: str) -> str:
    """What is wrong with a text as a duration of Prometheus."""
    return "" if text == "0" or duration.parse(text) is not None else "it is no duration: write it like 5m"


def go_time(text: str) -> str:
    """What is wrong with a text as a duration of Go."""
    return "" if _GO_TIME.match(text) else "it is no duration: write it like 30s"


def zone(text: str) -> str:
    """What is wrong with a text as the name of a time zone; nothing where this machine knows none."""
    known = _zones()
    if not known or text in ("", "UTC", "Local") or text in known:
        return ""
    return "there is no such time zone: write one like Europe/Berlin"


def tls_version(text: str) -> str:
    """What is wrong with a text as a version of TLS."""
    return "" if text in _TLS else f"there is no such version: write one of {', '.join(_TLS)}"


def minutes(text: str) -> int | None:
    """A time of day in minutes; None where it is none."""
    if not _CLOCK.match(text):
        return None
    return int(text[:2]) * 60 + int(text[3:])


def weekdays(text: str) -> str:
    """What is wrong with a text as a range of days of the week."""
    found = _range(text, lambda part: _DAYS.index(part) if part in _DAYS else None)
    if found is None:
        return "it is no day of the week: write it like monday or monday:friday"
    return "a week begins on Sunday, and a range may not go past its end: write two" if found[0] > found[1] else ""


def days(text: str) -> str:
    """What is wrong with a text as a range of days of a month, of which -1 is the last."""
    found = day_range(text)
    if found is None:
        return "it is no day of the month: write it like 1:5 or -3:-1"
    first, last = found
    if first < 0 < last:
        return "a range that begins with a negative day ends with one"
    least = [day + 28 if day < 0 else day for day in found]
    return f"day {last} is always before day {first}" if least[0] > least[1] else ""


def months(text: str) -> str:
    """What is wrong with a text as a range of months."""
    found = month_range(text)
    if found is None:
        return "it is no month: write it like january:march or 1:3"
    return "the range ends before it begins: write two" if found[0] > found[1] else ""


def day_range(text: str) -> tuple[int, int] | None:
    """The first and the last day of a range, counted from the end where they are negative; None where it is none."""
    found = _range(text, _integer)
    return found if found and all(day and -31 <= day <= 31 for day in found) else None


def month_range(text: str) -> tuple[int, int] | None:
    """The first and the last month of a range; None where it is none."""
    return _range(text, lambda part: _MONTHS.index(part) + 1 if part in _MONTHS else _integer(part))


def years(text: str) -> str:
    """What is wrong with a text as a range of years."""
    found = _range(text, _integer)
    if found is None:
        return "it is no year: write it like 2026 or 2026:2028"
    return "the range ends before it begins" if found[0] > found[1] else ""


# Of what kind a field is, and what says whether a text is one; those below the line are read from plain text alone.
OF_KIND: Mapping[str, Callable[[str], str]] = {
    "url": url,
    "secreturl": lambda text: "" if text == SECRET else url(text),
    "anyurl": any_url,
    "hostport": host_port,
    "time": time,
    "godur": go_time,
    "zone": zone,
    "tlsversion": tls_version,
    "weekday": weekdays,
    "day": days,
    "month": months,
    "year": years,
}
OF_PLAIN: Mapping[str, Callable[[str], str]] = {"flag": flag, "whole": whole, "natural": natural, "number": number}


def _range(text: str, member: Callable[[str], int | None]) -> tuple[int, int] | None:
    parts = text.lower().split(":")
    found = [number for part in parts if (number := member(part)) is not None]
    return (found[0], found[-1]) if len(parts) <= 2 and len(found) == len(parts) else None


def _integer(text: str) -> int | None:
    return int(text) if _INTEGER.match(text) and len(text) < 19 else None


def _is_large(text: str) -> bool:
    return len(text.lstrip("+-0")) > 18 and not re.search(r"[.xXbBoOeE]", text)


@cache
def _zones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())
