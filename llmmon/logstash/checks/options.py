"""Plugins that nobody knows, and options that a plugin does not have, no longer has, or cannot be without."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from llmmon.lazily import get_close_matches
from llmmon.logstash.compile import NEWEST
from llmmon.logstash.escape import VARIABLE
from llmmon.logstash.more_options import MORE
from llmmon.logstash.nodes import Complaint, Plugin
from llmmon.logstash.options import COMMON, NAMES, PLUGINS
from llmmon.logstash.values import scalars, text_of, texts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from llmmon.logstash.nodes import Attribute, Span
    from llmmon.logstash.options import PluginKind

# Options that are gone from every version of today, or never were, and what to write instead.
_RENAMED: Mapping[tuple[PluginKind, str], Mapping[str, str]] = {
    ("filter", "date"): {"timestamp": "match => [FIELD, FORMAT]"},
    ("filter", "geoip"): {"field": "source"},
    ("filter", "grok"): {"pattern": 'match => { "message" => PATTERN }'},
    ("filter", "http"): {"request": "what it holds, such as url and verb, in the filter itself"},
    ("filter", "kv"): {"trim": "trim_value", "trimkey": "trim_key"},
}
# What made a filter or an output conditional before there was `if`: without it, it takes every event.
_CONDITIONS: Mapping[str, str] = {
    "type": 'if [type] == "..." { ... }',
    "tags": 'if "..." in [tags] { ... }',
    "exclude_tags": 'if "..." not in [tags] { ... }',
}
_FORMATS = ("json", "json_event")  # that an input had to say before there were codecs
_SHORT = 7
_NEAR = (0.75, 0.82)  # of a short name, and of a longer one, which may have a word in common with another
_LONGEST = 60  # no name of a plugin or an option has as many characters

_VALUES = {  # of options that took true and false by their old names
    "ssl_client_authentication": "none, optional or required",
    "ssl_verification_mode": "full, certificate or none",
}


def options(kind: PluginKind, plugin: Plugin, version: tuple[int, int]) -> Iterator[Complaint]:
    """What is wrong with the name of a plugin, or with the names of its options."""
    for _, value in texts(plugin, "codec") if kind in ("input", "output") else ():
        yield from _name("codec", text_of(value), value.span)
    table = PLUGINS.get((kind, plugin.name)) or MORE.get((kind, plugin.name))
    if not table:
        yield from _name(kind, plugin.name, plugin.name_span)
        return
    known = table.known | COMMON[kind]
    for attribute in plugin.attributes:
        name = attribute.name
        if name in table.obsolete:
            if version >= NEWEST:
                instead = table.obsolete[name]
                values = f", and {_VALUES[instead]} for its value" if instead in _VALUES else ""
                yield Complaint(
                    f"Logstash 9 does not start with the option {name} of {plugin.name}: "
                    f"write {instead}, its name since version 8{values}",
                    attribute.name_span,
                    "obsolete-option",
                )
        elif renamed := _instead(kind, plugin.name, attribute, known, table.complete):
            yield Complaint(
                f"{plugin.name} has no option {name}: write {renamed}", attribute.name_span, "unknown-option"
            )
        elif name not in known and ((meant := _meant(name, known, table.complete)) or table.complete):
            yield Complaint(
                f"{plugin.name} has no option {name}: {meant or 'remove it'}", attribute.name_span, "unknown-option"
            )
    for name in sorted(table.required - {attribute.name for attribute in plugin.attributes}):
        yield Complaint(f"{plugin.name} needs the option {name}", plugin.name_span, "missing-option")


def _instead(kind: PluginKind, plugin: str, attribute: Attribute, known: frozenset[str], complete: bool) -> str:
    """What to write for an option that is gone, where that is known."""
    name = attribute.name
    if name in known:
        return ""
    if complete and kind != "input" and name in _CONDITIONS:
        return f"{_CONDITIONS[name]} around it"
    if kind == "input" and name == "format" and any(text_of(one) in _FORMATS for one in scalars(attribute.value)):
        return "codec => json"
    return _RENAMED.get((kind, plugin), {}).get(name, "")


def _name(kind: PluginKind, name: str, span: Span) -> Iterator[Complaint]:
    if name not in NAMES[kind] and not VARIABLE.search(name):
        meant = _meant(name.strip("\"'"), NAMES[kind])
        advice = meant or "install it, or correct the name"
        code = "unknown-plugin" if meant else "unpublished-plugin"
        yield Complaint(f"unknown {kind} plugin {name}: {advice}", span, code)


@lru_cache(4096)
def _meant(name: str, known: frozenset[str], complete: bool = True) -> str:
    close = (
        ()
        if len(name) > _LONGEST
        else get_close_matches(name, sorted(known), 1, _NEAR[len(name) > _SHORT] if complete else 0.85)
    )
    return f"did you mean {close[0]}?" if close else ""
