"""Values become YAML and JSON text: the one place that dumps."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from decimal import Decimal
from json.encoder import encode_basestring
from typing import TYPE_CHECKING, Any

from llmmon.unit import number

if TYPE_CHECKING:
    from collections.abc import Iterable

    from yaml.events import Event

_WIDTH = 2**31 - 1  # a long expression stays on its line
_AMBIGUOUS = re.compile(
    r"""
    [-+]?[0-9.][0-9_,.:]*(?:e[-+]?[0-9_]*)?            # 08 1_000 .5 1e3 12:30 1.2.3
    | [-+]?0[xob][0-9a-f_.]*(?:p[-+]?[0-9]*)?          # 0x1 0o17 0b1
    | [0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[t\s].*)?       # 2024-01-01, with or without a time
    | [-+]?\.?(?:inf|nan)
    | y | n | yes | no | on | off | true | false | null | ~ | = | << |
    """,
    re.VERBOSE | re.IGNORECASE,
)
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_STOOD_IN = re.compile(r"[\ue000-\uf8ff\U00010000-\U0010ffff]")
_STAND_INS = range(0xE000, 0xF900)


def yaml_text(value: Any, comment: str) -> str:
    """One YAML document under its comment.

    Maps with str keys, lists, str, int, bool, None, finite float and Decimal; anything else is a TypeError, infinity
    and NaN a ValueError. Order is kept, nothing is anchored, and no reader of YAML 1.1 or 1.2 takes a string for
    something else. Lone surrogates, which no UTF-8 file can hold, become U+FFFD.
    """
    return yaml_documents((value,), comment)


def yaml_documents(values: Iterable[Any], comment: str) -> str:
    """Several YAML documents in one file, `---` between them, under one comment; values as in `yaml_text`."""
    return _comment(comment) + "---\n".join(map(_document, values))


def json_text(value: Any) -> str:
    """Indented JSON with a newline at its end; order is kept, infinity and NaN are a ValueError."""
    return _encodable(_json(value, "\n")) + "\n"


def _comment(text: str) -> str:
    lines = ("".join(char if char.isprintable() else " " for char in line) for line in text.splitlines())
    return "".join(f"# {line}".rstrip() + "\n" for line in lines)


def _document(value: Any) -> str:
    import yaml

    events = _Events()
    events.add(value)
    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    text = str(yaml.emit(events.document(), Dumper=dumper, width=_WIDTH, allow_unicode=True))
    return text.translate(events.originals) if events.originals else text


def _encodable(text: str) -> str:
    if text.isascii() or not _SURROGATE.search(text):
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _json(value: Any, end: str) -> str:
    """What json.dumps gives with indent=2, in less than half the time; `end` ends a line and indents the next."""
    kind = type(value)
    if kind is bool:
        return "true" if value else "false"
    if kind is int:
        return repr(value)
    if isinstance(value, str):
        return encode_basestring(value)
    inner = f"{end}  "
    if isinstance(value, dict) and value:
        items = [f"{encode_basestring(key)}: {_json(item, inner)}" for key, item in value.items()]
        return f"{{{inner}{f',{inner}'.join(items)}{end}}}"
    if isinstance(value, list | tuple) and value:
        return f"[{inner}{f',{inner}'.join([_json(item, inner) for item in value])}{end}]"
    return json.dumps(value, allow_nan=False, default=_json_number)


def _json_number(value: object) -> int | float:
    if not isinstance(value, Decimal):
        raise TypeError(f"{type(value).__name__} cannot be dumped")
    return int(value) if value.is_finite() and value == value.to_integral_value() else float(value)


class _Events:
    """What libyaml's emitter is fed: one event object per distinct string, which is six times as fast as a dumper.

    libyaml takes characters beyond U+FFFF for unprintable, so private-use characters stand in for them meanwhile.
    """

    def __init__(self) -> None:
        from yaml import events

        self._kinds = events
        self._all: list[Event] = []
        self._keys: dict[str, Event] = {}
        self._values: dict[str, Event] = {}
        self._stand_ins: dict[int, str] = {}
        self.originals: dict[int, str] = {}
        self._map = events.MappingStartEvent(None, None, True, flow_style=False)
        self._map_end = events.MappingEndEvent()
        self._list = events.SequenceStartEvent(None, None, True, flow_style=False)
        self._list_end = events.SequenceEndEvent()

    def document(self) -> list[Event]:
        """The events of a stream that holds what was added."""
        start = [self._kinds.StreamStartEvent(), self._kinds.DocumentStartEvent(explicit=False)]
        return [*start, *self._all, self._kinds.DocumentEndEvent(explicit=False), self._kinds.StreamEndEvent()]

    def add(self, value: Any) -> None:
        """The events of a value and of everything inside it."""
        if isinstance(value, str):
            self._all.append(self._values.get(value) or self._text(value, self._values))
        elif isinstance(value, Mapping):
            self._all.append(self._map)
            for key, inner in value.items():
                self._all.append(self._keys.get(key) or self._text(key, self._keys))
                self.add(inner)
            self._all.append(self._map_end)
        elif isinstance(value, list | tuple):
            self._all.append(self._list)
            for inner in value:
                self.add(inner)
            self._all.append(self._list_end)
        else:
            self._all.append(self._scalar(_plain(value), None))

    def _text(self, value: str, known: dict[str, Event]) -> Event:
        if not isinstance(value, str):
            raise TypeError(f"the key {value!r} is not a string")
        text = _encodable(str.__str__(value))
        style = _style(text)
        if style == "|" and known is self._keys:
            style = '"'
        if not text.isascii():
            text = _STOOD_IN.sub(self._stand_in, text)
        event = known[value] = self._scalar(text, style)
        return event

    def _scalar(self, text: str, style: str | None) -> Event:
        return self._kinds.ScalarEvent(None, None, (True, True), text, style=style)

    def _stand_in(self, match: re.Match[str]) -> str:
        char = match[0]
        if ord(char) not in self._stand_ins:
            private = ord(char) in _STAND_INS
            if len(self.originals) == len(_STAND_INS) or not (private or char.isprintable()):
                return char
            code = _STAND_INS[len(self.originals)]
            self._stand_ins[ord(char)] = chr(code)
            self.originals[code] = char
        return self._stand_ins[ord(char)]


def _style(text: str) -> str | None:
    """None lets libyaml choose between plain and single quotes."""
    lines = text.split("\n")
    if len(lines) == 1:
        return None if text.isprintable() and not _AMBIGUOUS.fullmatch(text) else '"'
    tidy = not text[0].isspace() and not text.endswith("\n\n")
    return "|" if tidy and all(line.isprintable() and line[-1:] != " " for line in lines) else '"'


def _plain(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float() | Decimal() if not math.isfinite(value):
            raise ValueError(f"{value} is not a number that a file can hold")
        case float() if "e" not in repr(value):
            return repr(value)
        case float() | Decimal():
            text = number(Decimal(repr(value)) if isinstance(value, float) else value)
            return text if "." in text else text.replace("e", ".0e")  # YAML 1.1 wants a point before an exponent
    raise TypeError(f"{type(value).__name__} cannot be dumped")
