"""Names of fields that Logstash cannot read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon import lazily
from llmmon.logstash.nodes import Complaint, Plugin
from llmmon.logstash.values import entries, scalars, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.logstash.options import PluginKind
    from llmmon.logstash.values import Text

# Options whose values, keys or elements name fields.
_FIELD_VALUES = {"source", "target", "remove_field", "lowercase", "uppercase", "capitalize", "strip", "overwrite"}
_FIELD_KEYS = {"add_field", "convert", "copy", "rename", "replace", "update", "join", "merge", "split", "coerce"}
_REFERENCE = lazily.pattern(r"(?:\[[^\[\]]+\])+|[^\[\]]+")


def valid_reference(text: str) -> bool:
    """Whether Logstash can read this as the name of a field: `a`, `[a]`, `[a][b]`, and also `[[a][b]]`."""
    while text.startswith("[[") and text.endswith("]]"):
        text = text[1:-1]
    return bool(_REFERENCE.fullmatch(text))


def fields(kind: PluginKind, plugin: Plugin) -> Iterator[Complaint]:
    """The names in the options of a filter that are no names of fields."""
    if kind != "filter":
        return
    for attribute in plugin.attributes:
        names: list[Text] = []
        if attribute.name in _FIELD_VALUES:
            names += scalars(attribute.value)
        if attribute.name in _FIELD_KEYS or (plugin.name, attribute.name) == ("grok", "match"):
            names += [entry.key for entry in entries(attribute.value)]
        if attribute.name in ("rename", "copy"):
            names += [value for entry in entries(attribute.value) for value in scalars(entry.value)]
        for name in names:
            if "%{" not in text_of(name) and text_of(name) and not valid_reference(text_of(name)):
                yield Complaint(
                    f"{text_of(name)} is not the name of a field: write [a][b]", name.span, "bad-field-reference"
                )
