"""Runs grok patterns with Oniguruma, the family of regular expressions that Logstash uses."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

from llmmon.classes import frozen
from llmmon.grok.expand import Capture, GrokError, MissingEngineError, StricterEngineError, expand

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from onigurumacffi import Pattern

Scalar: TypeAlias = str | int | float
Fields: TypeAlias = dict[str, Scalar | list[Scalar]]

_REPEATED_ANCHOR = "target of repeat operator is invalid"  # as in ^* and (?=a)+
_INT = re.compile(r"\s*([+-]?[0-9]+(?:_[0-9]+)*)")
_FLOAT = re.compile(r"\s*([+-]?[0-9]+(?:_[0-9]+)*(?:\.[0-9]+(?:_[0-9]+)*)?(?:[eE][+-]?[0-9]+)?|[+-]?\.[0-9]+)")


@frozen
class Grok:
    """A compiled grok pattern."""

    pattern: str
    captures: tuple[Capture, ...]
    regex: Pattern

    def match(self, line: str) -> Fields | None:
        """What the grok filter would add to an event without fields, or None when the line does not match.

        A field that is found twice becomes a list, unless its first value is a number: then the grok filter drops the
        later ones. Raises GrokError when matching backtracks without end.
        """
        found = _search(self.regex, line, self.pattern)
        if found is None:
            return None
        fields: Fields = {}
        for field, value in self._values(found):
            before = fields.get(field)
            if before is None:
                fields[field] = value
            elif isinstance(before, list):
                before.append(value)
            elif isinstance(before, str):
                fields[field] = [before, value]
        return fields

    def _values(self, groups: tuple[str | None, ...]) -> Iterator[tuple[str, Scalar]]:
        """The captures that are neither absent nor empty, all groups of one name together, as grok visits them."""
        order: dict[str, list[int]] = {}
        for index, capture in enumerate(self.captures):
            order.setdefault(capture.name, []).append(index)
        for index in (index for same in order.values() for index in same):
            capture, text = self.captures[index], groups[index]
            if text is None:
                continue
            if capture.type:
                yield capture.field, to_i(text) if capture.type == "int" else to_f(text)
            elif text:
                yield capture.field, text


def compile_pattern(pattern: str, definitions: Mapping[str, str] | None = None) -> Grok:
    """Expand and compile a grok pattern; raises GrokError for an unknown name or a bad regular expression."""
    expansion = expand(pattern, definitions)
    return Grok(pattern, expansion.captures, _compile(expansion.regex, pattern))


def compile_regex(source: str) -> None:
    """Raise GrokError when Logstash could not compile this regular expression (of a condition, of gsub)."""
    _compile(source, source)


def match(pattern: str, line: str, definitions: Mapping[str, str] | None = None) -> Fields | None:
    """Match one line; the fields as the grok filter would set them, or None. Raises GrokError."""
    return compile_pattern(pattern, definitions).match(line)


def to_i(text: str) -> int:
    """Ruby's String#to_i: the number that the text begins with, else 0."""
    number = _INT.match(text)
    return int(number[1]) if number else 0


def to_f(text: str) -> float:
    """Ruby's String#to_f: the number that the text begins with, else 0.0."""
    number = _FLOAT.match(text)
    return float(number[1]) if number else 0.0


@lru_cache(maxsize=1024)
def _compile(regex: str, pattern: str) -> Pattern:
    try:
        import onigurumacffi
    except ImportError as error:
        raise MissingEngineError("grok patterns are run with onigurumacffi: install llmmon[logs]") from error
    try:
        return onigurumacffi.compile(regex)
    except (onigurumacffi.OnigError, UnicodeEncodeError) as error:
        kind = StricterEngineError if str(error) == _REPEATED_ANCHOR else GrokError
        raise kind(f"bad regular expression {_short(pattern)}: {error}") from error


def _search(regex: Pattern, line: str, pattern: str) -> tuple[str | None, ...] | None:
    import onigurumacffi

    try:
        found = regex.search(line)
    except onigurumacffi.OnigError as error:
        if "retry-limit" not in str(error) and "stack" not in str(error):
            raise GrokError(f"{_short(pattern)} fails: {error}") from error
        raise GrokError(f"catastrophic backtracking: {_short(pattern)} does not come to an end on this line") from error
    except UnicodeEncodeError as error:
        raise GrokError(f"the line is not Unicode text: {error}") from error
    if found is None:
        return None
    # The public methods do not tell an absent group from an empty one.
    text = line.encode()
    spans = zip(found._begs[1:], found._ends[1:], strict=True)
    return tuple(None if start < 0 else text[start:end].decode() for start, end in spans)


def _short(pattern: str) -> str:
    return pattern if len(pattern) <= 80 else pattern[:79] + "…"
