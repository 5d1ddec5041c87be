"""Values of mutate and dissect that Logstash takes, and the filter then cannot work with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.logstash.checks.fields import valid_reference
from llmmon.logstash.checks.regex import regex
from llmmon.logstash.escape import VARIABLE
from llmmon.logstash.nodes import Array, Attribute, Complaint, Plugin
from llmmon.logstash.values import hash_entries, scalars, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

CONVERSIONS = {
    ("mutate", "convert"): ("integer", "integer_eu", "float", "float_eu", "string", "boolean"),
    ("dissect", "convert_datatype"): ("int", "float"),
}
_INTENDED = {
    "int": "integer",
    "integer": "int",
    "bool": "boolean",
    "str": "string",
    "double": "float",
    "number": "float",
}


def mutate(plugin: Plugin) -> Iterator[Complaint]:
    """What is wrong with the values of a mutate filter."""
    yield from convert(plugin)
    for attribute in plugin.attributes:
        if attribute.name == "gsub":
            yield from _gsub(attribute)
    for entry in hash_entries(plugin, "rename"):
        if isinstance(entry.value, Array):
            yield Complaint("rename takes a name, not a list of names", entry.value.span, "bad-rename")


def _gsub(attribute: Attribute) -> Iterator[Complaint]:
    values = scalars(attribute.value)
    if len(values) % 3:
        yield Complaint(
            f"gsub takes threes of field, regular expression and replacement: here are {len(values)} strings",
            attribute.value.span,
            "bad-gsub",
        )
        return
    for field, pattern in zip(values[::3], values[1::3], strict=True):
        if not valid_reference(text_of(field)) and "%{" not in text_of(field):
            yield Complaint(
                f"{text_of(field)} is not the name of a field: write [a][b]", field.span, "bad-field-reference"
            )
        if "%{" not in text_of(pattern):
            yield from regex(text_of(pattern), pattern.span)


def convert(plugin: Plugin) -> Iterator[Complaint]:
    """What is wrong with the types that mutate and dissect are to convert to."""
    for (name, option), known in CONVERSIONS.items():
        if plugin.name != name:
            continue
        for entry in hash_entries(plugin, option):
            for value in scalars(entry.value):
                kind = text_of(value)
                if kind not in known and not VARIABLE.search(kind):
                    meant = _INTENDED.get(kind)
                    advice = f"write {meant}" if meant in known else f"one of {', '.join(known)}"
                    yield Complaint(f"{name} cannot convert to {kind}: {advice}", value.span, "unknown-type")
