"""The texts in a plugin's options, whatever form they were written in."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from llmmon.logstash.nodes import Array, Attribute, Bareword, Entry, Hash, Number, Plugin, String, Value

if TYPE_CHECKING:
    from collections.abc import Iterator

Text: TypeAlias = String | Bareword | Number


def text_of(value: Text) -> str:
    """What a string, a word or a number says."""
    return value.source if isinstance(value, Number) else value.text


def texts(plugin: Plugin, name: str) -> Iterator[tuple[Attribute, Text]]:
    """What an option says: its value, or each element of its list."""
    for attribute in plugin.attributes:
        if attribute.name == name:
            for value in scalars(attribute.value):
                yield attribute, value


def scalars(value: Value) -> list[Text]:
    """The value itself, or the elements of a list."""
    values = value.values if isinstance(value, Array) else (value,)
    return [value for value in values if isinstance(value, String | Bareword | Number)]


def hash_entries(plugin: Plugin, name: str) -> Iterator[Entry]:
    """The entries of an option that is a hash."""
    for attribute in plugin.attributes:
        if attribute.name == name:
            yield from entries(attribute.value)


def entries(value: Value) -> tuple[Entry, ...]:
    """The entries of a hash; none of anything else."""
    return value.entries if isinstance(value, Hash) else ()
