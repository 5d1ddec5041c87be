"""The grok patterns that generated pipelines are built from, written for them.

The names are those that Logstash users know. No pattern holds a named group, a quote of both kinds or a trailing
space, so each can be written into `pattern_definitions` as it is. The quotes are `\\x22`, `\\x27` and `\\x60`.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

# RFC 4291, section 2.2: up to eight groups, `::` for one run of zeros, the last two groups as an IPv4 address.
_OCTET = "(?:25[0-5]|2[0-4][0-9]|[01]?[0-9]{1,2})"
_H = "[0-9A-Fa-f]{1,4}"
_LAST = f"(?:{_H}:{_H}|%{{IPV4}})"
_IPV6 = "|".join(
    [
        f"(?:{_H}:){{6}}{_LAST}",
        f"::(?:{_H}:){{5}}{_LAST}",
        *(f"(?:{_H}(?::{_H}){{0,{n}}})?::(?:{_H}:){{{4 - n}}}{_LAST}" for n in range(5)),
        f"(?:{_H}(?::{_H}){{0,5}})?::{_H}",
        f"(?:{_H}(?::{_H}){{0,6}})?::",
    ]
)

PATTERNS: Mapping[str, str] = MappingProxyType(
    {
        # Numbers
        "INT": r"[+-]?[0-9]+",
        "POSINT": r"\b[1-9][0-9]*\b",
        "NONNEGINT": r"\b[0-9]+\b",
        "BASE10NUM": r"(?<![0-9.+-])[+-]?(?>[0-9]+(?:\.[0-9]+)?|\.[0-9]+)",
        "NUMBER": r"%{BASE10NUM}",
        "BASE16NUM": r"(?<![0-9A-Fa-f])[+-]?(?:0x)?[0-9A-Fa-f]+",
        # 12,345.67: to_f would stop at the comma, so remove the commas before converting.
        "GROUPEDNUM": r"(?<![0-9.,])[+-]?(?>[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?(?![0-9])",
        # Text
        "WORD": r"\b\w+\b",
        "NOTSPACE": r"\S+",
        "SPACE": r"\s*",
        "DATA": r".*?",
        "GREEDYDATA": r".*",
        "QUOTEDSTRING": r"(?<!\\)(?>\x22(?:[^\\\x22]|\\.)*\x22|\x27(?:[^\\\x27]|\\.)*\x27|\x60(?:[^\\\x60]|\\.)*\x60)",
        "QS": r"%{QUOTEDSTRING}",
        "UUID": r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}",
        "USERNAME": r"[a-zA-Z0-9._-]+",
        "USER": r"%{USERNAME}",
        "EMAILADDRESS": r"[a-zA-Z0-9.!#$%&*+/=?^_\x27\x60{|}~-]{1,64}@%{HOSTNAME}",
        # Network
        "IPV4": rf"(?<![0-9]){_OCTET}(?:\.{_OCTET}){{3}}(?![0-9])",
        "IPV6": f"(?<![0-9A-Fa-f:])(?:{_IPV6})(?![0-9A-Fa-f:])",
        "IP": r"(?:%{IPV6}|%{IPV4})",
        "MAC": r"(?:[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){5}|[0-9A-Fa-f]{2}(?:-[0-9A-Fa-f]{2}){5}"
        r"|[0-9A-Fa-f]{4}(?:\.[0-9A-Fa-f]{4}){2})",
        "HOSTNAME": r"\b[0-9A-Za-z][0-9A-Za-z-]{0,62}(?:\.[0-9A-Za-z][0-9A-Za-z-]{0,62})*\.?",
        "IPORHOST": r"(?:%{IP}|%{HOSTNAME})",
        "HOSTPORT": r"%{IPORHOST}:%{POSINT}",
        # Paths and addresses
        "UNIXPATH": r"(?:/[[:alnum:]_%!$@:.,+~-]*)+",
        "WINPATH": r"(?>[A-Za-z]:|\\)(?:\\[^\\?*]*)+",
        "PATH": r"(?:%{UNIXPATH}|%{WINPATH})",
        "URIPROTO": r"[A-Za-z][A-Za-z0-9+.-]+",
        "URIHOST": r"%{IPORHOST}(?::%{POSINT})?",
        "URIPATH": r"(?:/[A-Za-z0-9$.+!*\x27(){},~:;=@#%&_-]*)+",
        "URIQUERY": r"[A-Za-z0-9$.+!*\x27|(){},~@#%&/=:;_?\[\]<>-]*",
        "URIPATHPARAM": r"%{URIPATH}(?:\?%{URIQUERY})?",
        "URI": r"%{URIPROTO}://(?:[^\s:/@?#]+(?::[^\s/@?#]*)?@)?(?:%{URIHOST})?(?:%{URIPATHPARAM})?",
        # Dates and times
        "YEAR": r"(?>[0-9]{4}|[0-9]{2})",
        "MONTHNUM": r"(?:0?[1-9]|1[0-2])",
        "MONTHDAY": r"(?:0[1-9]|[12][0-9]|3[01]|[1-9])",
        "MONTH": r"\b(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sep(?:tember)?"
        r"|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\b",
        "DAY": r"(?:Mon(?:day)?|Tue(?:sday)?|Wed(?:nesday)?|Thu(?:rsday)?|Fri(?:day)?|Sat(?:urday)?|Sun(?:day)?)",
        "HOUR": r"(?:2[0-3]|[01]?[0-9])",
        "MINUTE": r"[0-5][0-9]",
        "SECOND": r"(?:60|[0-5]?[0-9])(?:[:.,][0-9]+)?",
        "TIME": r"(?<![0-9])%{HOUR}:%{MINUTE}(?::%{SECOND})(?![0-9])",
        "ISO8601_TIMEZONE": r"(?:Z|[+-]%{HOUR}:?%{MINUTE})",
        "TIMESTAMP_ISO8601": r"%{YEAR}-%{MONTHNUM}-%{MONTHDAY}[T ]%{HOUR}:?%{MINUTE}(?::?%{SECOND})?"
        r"%{ISO8601_TIMEZONE}?",
        "SYSLOGTIMESTAMP": r"%{MONTH} +%{MONTHDAY} %{TIME}",
        "HTTPDATE": r"%{MONTHDAY}/%{MONTH}/%{YEAR}:%{TIME} %{INT}",
        # Logs
        "LOGLEVEL": r"(?i:trace|debug|notice|info(?:rmation)?|warn(?:ing)?|err(?:or)?|crit(?:ical)?|alert|fatal"
        r"|severe|emerg(?:ency)?)",
    }
)
