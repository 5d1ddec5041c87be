"""YAML text becomes a tree of nodes, as deep as libyaml and we bear it."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from llmmon import lazily

with lazily.patterns():
    import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_DEPTH = 150
_SAFE_DEPTH = 10_000  # libyaml's composer recurses in C and, before 0.2.6, ends the process at about 30,000
_LIBYAML_TOO_DEEP = "exceeded maximum nesting depth"  # from 0.2.6 on it stops at 1,000 by itself
_ANCHOR_AGAIN = "second occurrence"  # what libyaml refuses, and neither YAML nor Go
_LARGEST = 200_000  # characters, of what PyYAML composes by itself
Mark = Any  # libyaml's marks and PyYAML's own have the same fields and no common type
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_STOPS_BY_ITSELF = yaml.__with_libyaml__ and yaml._yaml.get_version() >= (0, 2, 6)


def compose(text: str) -> yaml.Node | None:
    """The nodes of a YAML text; raises `TooDeep`, or what libyaml does."""
    try:
        with uncollected():
            if not _STOPS_BY_ITSELF and _may_be_too_deep(text) and (mark := _first_too_deep(text)):
                raise TooDeep(mark)
            return _composed(text)
    except yaml.MarkedYAMLError as error:
        if error.problem == _LIBYAML_TOO_DEEP:
            raise TooDeep(_first_too_deep(text)) from None
        if error.problem == _ANCHOR_AGAIN and len(text) <= _LARGEST and not _first_too_deep(text):
            return yaml.compose(text, Loader=_Again)
        raise


class _Again(yaml.SafeLoader):
    """As Go reads: an anchor that is there already is of what it marks last."""

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        if not self.check_event(yaml.AliasEvent):
            self.anchors.pop(self.peek_event().anchor, None)  # type: ignore[no-untyped-call]
        node: yaml.Node | None = super().compose_node(parent, index)
        return node


def _composed(text: str) -> yaml.Node | None:
    if not yaml.__with_libyaml__:
        return yaml.compose(text, Loader=LOADER)
    from llmmon.source import libyaml

    return libyaml.compose(text)


@contextmanager
def uncollected() -> Iterator[None]:
    """A cyclic collection while thousands of nodes are made costs three times the parse."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


class TooDeep(Exception):  # noqa: N818 - never leaves this folder
    def __init__(self, mark: Mark) -> None:
        self.mark = mark


UNREADABLE = (TooDeep, yaml.MarkedYAMLError, yaml.reader.ReaderError)


def _may_be_too_deep(text: str) -> bool:
    """Whether the composer could end the process; what is only odd is refused by the reader."""
    if text.count("[") + text.count("{") + text.count("- ") + text.count("? ") >= _SAFE_DEPTH:
        return True
    return any(len(line) - len(line.lstrip(" ")) >= _SAFE_DEPTH for line in text.split("\n"))


def _first_too_deep(text: str) -> Mark | None:
    depth = 0
    try:
        for event in yaml.parse(text, Loader=LOADER):
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
                if depth > MAX_DEPTH:
                    return event.start_mark
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
    except yaml.MarkedYAMLError as error:  # it reads ahead in a line
        return error.problem_mark
    return None
