"""Which fields and tags the events of a pipeline can have: known only where nothing comes in that brings its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon import lazily
from llmmon.classes import field, mutable
from llmmon.grok.expand import REFERENCE, GrokError, expand
from llmmon.grok.patterns import PATTERNS
from llmmon.logstash.checks.grok import patterns
from llmmon.logstash.escape import VARIABLE
from llmmon.logstash.nodes import Array, Plugin
from llmmon.logstash.values import entries, hash_entries, scalars, text_of, texts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from llmmon.logstash.options import PluginKind

# Inputs that read lines, and the codecs that leave them lines.
_LINES = frozenset(("exec", "file", "generator", "heartbeat", "pipe", "stdin", "syslog", "tcp", "udp", "unix"))
_PLAIN = frozenset(("line", "multiline", "plain"))
_GIVEN = frozenset(
    (
        *("@metadata", "@timestamp", "@version", "agent", "command", "ecs", "event", "facility", "facility_label"),
        *("file", "host", "log", "logsource", "message", "path", "pid", "port", "priority", "process", "program"),
        *("proxy_host", "proxy_port", "sequence", "server", "service", "severity", "severity_label", "sslsubject"),
        *("client", "destination", "network", "observer", "source", "url", "user", "user_agent", "geoip"),
        *("syslog", "tags", "timestamp", "type", "clock", "timestamp8601", "hostname", "ident", "tls"),
    )
)
_QUIET = frozenset(("drop", "prune", "sleep", "throttle", "truncate", "urldecode", "de_dot", "bytes", "cidr"))
_INTO = {  # filters that write into one field, and which one where they do not say
    "date": "@timestamp",
    "fingerprint": "fingerprint",
    "geoip": "geoip",
    "json": None,
    "kv": None,
    "useragent": None,
    "uuid": None,
    "xml": None,
}
_NAME = lazily.pattern(r"[^\[\]]+")
_DISSECT = lazily.pattern(r"%\{([^}]*)\}")
FAILURES = {  # the tags that filters and inputs add without being told
    "bytes": ("_bytes_filter_error",),
    "csv": ("_csvparsefailure",),
    "date": ("_dateparsefailure",),
    "dissect": ("_dissectfailure",),
    "elasticsearch": ("_elasticsearch_lookup_failure",),
    "geoip": ("_geoip_lookup_failure",),
    "grok": ("_grokparsefailure", "_groktimeout"),
    "json": ("_jsonparsefailure",),
    "kv": ("_kv_filter_error", "_kv_filter_timeout"),
    "mutate": ("_mutate_error",),
    "ruby": ("_rubyexception",),
    "split": ("_split_type_failure",),
    "xml": ("_xmlparsefailure",),
}


def root(name: str) -> str:
    """The outermost part of a reference: `a` of `[a][b]`."""
    found = _NAME.search(name)
    return found[0] if found else name


def is_lines(kind: PluginKind, plugin: Plugin) -> bool:
    """Whether an input brings lines of text, and no fields of its own."""
    if kind != "input" or plugin.name not in _LINES:
        return False
    codec = plugin.attribute("codec")
    if codec is None:
        return True
    name = codec.value.name if isinstance(codec.value, Plugin) else "".join(map(text_of, scalars(codec.value)))
    return name in _PLAIN


@mutable
class Produced:
    """The outermost names of all fields that there can be; `open` where there can be others."""

    names: set[str] = field(default_factory=lambda: set(_GIVEN))
    open: bool = False

    def add(self, kind: PluginKind, plugin: Plugin) -> None:
        """What a plugin adds to events."""
        self.write(text_of(entry.key) for entry in hash_entries(plugin, "add_field"))
        for attribute in plugin.attributes:
            if attribute.name == "add_field" and isinstance(attribute.value, Array):  # names and values by turns
                self.write(map(text_of, scalars(attribute.value)[::2]))
        if kind == "input":
            self.open |= not is_lines(kind, plugin)
        elif kind == "filter":
            self.filter(plugin)

    def write(self, names: Iterable[str]) -> None:
        for name in names:
            self.open |= "%{" in name or bool(VARIABLE.search(name))
            self.names.add(root(name))

    def filter(self, plugin: Plugin) -> None:
        match plugin.name:
            case "grok":
                self.grok(plugin)
            case "mutate":
                for attribute in plugin.attributes:
                    if attribute.name in ("replace", "update", "merge", "coerce"):
                        self.write(text_of(entry.key) for entry in entries(attribute.value))
                    elif attribute.name in ("rename", "copy"):
                        values = [one for entry in entries(attribute.value) for one in scalars(entry.value)]
                        self.write(map(text_of, values or scalars(attribute.value)))
            case "dissect":
                for entry in hash_entries(plugin, "mapping"):
                    for value in scalars(entry.value):
                        keys = _DISSECT.findall(text_of(value))
                        self.open |= any("&" in key for key in keys)
                        self.write(key.lstrip("+?").removesuffix("->").split("/")[0] for key in keys if key)
            case "csv" if plugin.attribute("columns"):
                self.write(text_of(value) for _, value in texts(plugin, "columns"))
            case name if name in _INTO:
                target = [text_of(value) for _, value in texts(plugin, "target")]
                default = _INTO[name]
                self.open |= not target and default is None
                self.write(target or ([default] if default else []))
            case name:
                self.open |= name not in _QUIET

    def grok(self, plugin: Plugin) -> None:
        own = {
            text_of(entry.key): text_of(value)
            for entry in hash_entries(plugin, "pattern_definitions")
            for value in scalars(entry.value)
        }
        self.open |= plugin.attribute("patterns_dir") is not None
        for pattern in patterns(plugin):
            text = text_of(pattern)
            used = [found["pattern"] for found in REFERENCE.finditer(text)]
            if VARIABLE.search(text) or not all(name in PATTERNS or name in own for name in used):
                self.open = True  # the patterns that come with Logstash have fields of their own
                continue
            try:
                self.write(capture.field for capture in expand(text, own).captures)
            except GrokError:
                self.open = True
