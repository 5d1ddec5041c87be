"""Grok patterns that stop a pipeline, or do not say what they seem to say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.grok.engine import compile_pattern
from llmmon.grok.expand import REFERENCE, GrokError, MissingEngineError, StricterEngineError, UnknownPatternError
from llmmon.grok.patterns import PATTERNS
from llmmon.grok.shipped import SHIPPED
from llmmon.logstash.escape import VARIABLE
from llmmon.logstash.nodes import Array, Complaint, Plugin, String
from llmmon.logstash.values import entries, hash_entries, scalars, text_of

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator

    from llmmon.logstash.values import Text


# Who writes one of these means a number; with any other word the value stays the text that was meant.
_NUMBERS = frozenset(
    ("int", "float", "integer", "number", "long", "short", "double", "decimal", "numeric", "num", "bigint")
)


def grok(plugin: Plugin) -> Iterator[Complaint]:
    """What is wrong with a grok filter's patterns."""
    definitions = dict.fromkeys(SHIPPED - PATTERNS.keys(), ".*?")
    for entry in hash_entries(plugin, "pattern_definitions"):
        for value in scalars(entry.value):
            definitions[text_of(entry.key)] = text_of(value)
    own_patterns = plugin.attribute("patterns_dir") is not None
    for pattern in patterns(plugin):
        yield from _pattern(pattern, definitions, own_patterns)


def patterns(plugin: Plugin) -> Iterator[Text]:
    """What a grok filter matches with."""
    for attribute in plugin.attributes:
        if attribute.name != "match":
            continue
        if isinstance(attribute.value, Array):  # the older form: field, pattern, field, pattern
            yield from scalars(attribute.value)[1::2]
        for entry in entries(attribute.value):
            yield from scalars(entry.value)


def _pattern(pattern: Text, definitions: dict[str, str], own_patterns: bool) -> Iterator[Complaint]:
    text = text_of(pattern)
    if VARIABLE.search(text):
        return
    for reference in REFERENCE.finditer(text):
        kind = (reference["field"] or "").partition(":")[2]
        span = _inside(pattern, reference)
        if kind.lower() in _NUMBERS and kind not in ("int", "float"):
            yield Complaint(
                f"grok knows no type {kind}, the value stays text: write int or float", span, "unknown-grok-type"
            )
        if reference["rest"].strip():
            yield Complaint(
                f"grok ignores {reference['rest']!r} in {reference[0]}: a field name has letters, digits, @ _ . - [ ]",
                span,
                "ignored-text",
            )
    try:
        compile_pattern(text, definitions)
    except (MissingEngineError, StricterEngineError):
        return
    except UnknownPatternError as error:
        if not own_patterns:
            code = "unknown-pattern" if error.meant else "pattern-elsewhere"
            yield Complaint(str(error), _place(pattern, error.name), code)
    except GrokError as error:
        yield Complaint(str(error), pattern.span, "bad-regex")


def _place(pattern: Text, name: str) -> tuple[int, int]:
    """Where the pattern refers to that name; the whole pattern when a definition does."""
    for reference in REFERENCE.finditer(text_of(pattern)):
        if reference["pattern"] == name:
            return _inside(pattern, reference)
    return pattern.span


def _inside(pattern: Text, found: re.Match[str]) -> tuple[int, int]:
    start = pattern.span[0] + isinstance(pattern, String)  # behind the quote
    return start + found.start(), start + found.end()
