"""Turns a grok pattern into one regular expression, as Logstash's grok does."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING

from llmmon.classes import frozen
from llmmon.grok.patterns import PATTERNS

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_REFERENCES = 10_000  # jls-grok gives up after as many
MAX_LENGTH = 1_000_000
_NEAR = 0.75

# %{NAME}, %{NAME:field}, %{NAME:field:type}, %{NAME=definition}; grok ignores what else stands before the brace.
REFERENCE = re.compile(
    r"%\{(?P<name>(?P<pattern>[A-z0-9]++)(?::(?P<field>[@\[\]A-z0-9_:.-]++))?)"
    r"(?:=(?P<definition>(?:[^{}\\]|\\.|\{(?:[^{}\\]|\\.)*+\})++))?(?P<rest>[^}]*+)\}",
    re.DOTALL,
)
_OUTSIDE = re.compile(
    r"\(\?(?:<(?P<angle>[^>=!][^>]*)>|'(?P<tick>[^']+)')"
    r"|\\(?P<call>[kg])(?:<(?P<called>[^>]+)>|'(?P<quoted>[^']+)')"
    r"|\\(?P<escaped>.)|(?P<opened>\[\^?\]?)|\(\?\#(?:\\.|[^)\\])*\)|[^\\\[(]++|.",
    re.DOTALL,
)
_INSIDE = re.compile(r"\\(?P<escaped>.)|\[:\^?[a-z]+:\]|(?P<opened>\[\^?\]?)|(?P<closed>\])|[^\\\[\]]++|.", re.DOTALL)
# In Ruby the classes are ASCII, in Oniguruma Unicode; \b is Unicode in both.
_ASCII = {
    "w": "[a-zA-Z0-9_]",
    "W": "[^a-zA-Z0-9_]",
    "d": "[0-9]",
    "D": "[^0-9]",
    "s": r"[ \t\r\n\f\v]",
    "S": r"[^ \t\r\n\f\v]",
}


class GrokError(ValueError):
    """A pattern that cannot work: an unknown name, a bad regular expression, catastrophic backtracking."""


class UnknownPatternError(GrokError):
    """Nobody defined the pattern `name`."""

    def __init__(self, name: str, meant: str | None) -> None:
        advice = f"did you mean {meant}?" if meant else "define it in pattern_definitions"
        super().__init__(f"unknown grok pattern {name}: {advice}")
        self.name = name
        self.meant = meant


class StricterEngineError(GrokError):
    """Oniguruma refuses the pattern, and Joni, which Logstash runs, compiles it, such as `^*`."""


class MissingEngineError(GrokError):
    """onigurumacffi, the optional part that runs regular expressions, is not installed."""


@frozen
class Capture:
    """One named group, in the order of the regular expression. `type` is `int`, `float` or None (text)."""

    field: str
    type: str | None
    name: str  # as grok names the group: NUMBER:cost:float


@frozen
class Expansion:
    """`regex` is in Oniguruma's syntax, its groups named g0, g1, ...; `captures` has one element per named group."""

    regex: str
    captures: tuple[Capture, ...]


def expand(pattern: str, definitions: Mapping[str, str] | None = None) -> Expansion:
    """Replace all `%{...}` of a grok pattern; `definitions` are added to ours and win over them.

    Raises GrokError for an unknown pattern name and for a definition that refers to itself.
    """
    known = {**PATTERNS, **(definitions or {})}
    return _translate(_Expander(known).expand(pattern, ()))


def needed(pattern: str, definitions: Mapping[str, str] | None = None) -> dict[str, str]:
    """The definitions that a pattern rests on, directly or not, by name: what `pattern_definitions` has to hold."""
    known = {**PATTERNS, **(definitions or {})}
    found: dict[str, str] = {}
    waiting = [pattern]
    while waiting:
        for reference in REFERENCE.finditer(waiting.pop()):
            name = reference["pattern"]
            if reference["definition"] is None and name not in found:
                found[name] = _definition(name, known)
                waiting.append(found[name])
    return dict(sorted(found.items()))


class _Expander:
    def __init__(self, known: dict[str, str]) -> None:
        self.known = known
        self.references = 0
        self.length = 0

    def expand(self, pattern: str, parents: tuple[str, ...]) -> str:
        return REFERENCE.sub(lambda reference: self.replace(reference, parents), pattern)

    def replace(self, reference: re.Match[str], parents: tuple[str, ...]) -> str:
        name, field = reference["pattern"], reference["field"]
        if reference["definition"] is not None:
            self.known[name] = reference["definition"]
        if name in parents:
            raise GrokError(f"the grok pattern {name} refers to itself: {' -> '.join((*parents, name))}")
        definition = _definition(name, self.known)
        self.references += 1
        self.length += len(definition)
        if self.references > MAX_REFERENCES or self.length > MAX_LENGTH:
            raise GrokError(f"the grok pattern {(*parents, name)[0]} expands without end: make its definitions smaller")
        inner = self.expand(definition, (*parents, name))
        return f"(?:{inner})" if field is None else f"(?<{reference['name']}>{inner})"


def _definition(name: str, known: Mapping[str, str]) -> str:
    if name in known:
        return known[name]
    close = get_close_matches(name, known, 1, _NEAR) or get_close_matches(name.upper(), known, 1, _NEAR)
    raise UnknownPatternError(name, close[0] if close else None)


def _translate(regex: str) -> Expansion:
    """Rename the groups, whose names Oniguruma would refuse, and keep `\\w \\d \\s` to ASCII."""
    captures: list[Capture] = []
    groups: dict[str, str] = {}
    pieces: list[str] = []
    at = depth = 0  # depth: of character classes
    while at < len(regex):
        piece = (_INSIDE if depth else _OUTSIDE).match(regex, at)
        assert piece  # both end in a dot
        at = piece.end()
        found = piece.groupdict()
        text = _ASCII.get(found["escaped"] or "", piece[0])
        depth += bool(found["opened"]) - bool(found.get("closed"))
        if name := found.get("angle") or found.get("tick"):
            # Only the first group of one name is converted: jls-grok loses the type on the way.
            captures.append(_capture(name, typed=name not in groups))
            text = f"(?<{groups.setdefault(name, f'g{len(groups)}')}>"
        elif (called := found.get("called") or found.get("quoted")) in groups:
            text = f"\\{found['call']}<{groups[called]}>"
        pieces.append(text)
    return Expansion(f"(?m:{''.join(pieces)})", tuple(captures))


def _capture(name: str, typed: bool) -> Capture:
    pattern, _, rest = name.partition(":")
    field, _, kind = rest.partition(":")
    kind = kind.partition(":")[0]
    return Capture(field or pattern, kind if typed and kind in ("int", "float") else None, name)
