"""Text becomes plain values: of a spec, or as Go reads what is not ours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.problem import Origin, Problem
from llmmon.source import block
from llmmon.source.document import Spot

if TYPE_CHECKING:
    from llmmon.source.document import Document

Value = None | bool | int | float | str | list["Value"] | dict[str, "Value"]
_FIRST = "write `service: NAME` first, or `fleet: NAME` in fleet.yaml"


def parse(document: Document) -> tuple[dict[str, Value] | None, list[Problem]]:
    """The mapping that a spec holds, scalars as in YAML 1.2; None and its problems where there is none."""
    if not document.text.strip():
        return None, [_on_top(document, f"the file is empty: {_FIRST}", "empty-file")]
    found, problems = value(document)
    if isinstance(found, dict) or problems:
        return (found if isinstance(found, dict) else None), problems
    if found is None:
        return None, [_on_top(document, f"the file holds only comments: {_FIRST}", "empty-file")]
    kind = "list" if isinstance(found, list) else "scalar"
    message = f"the file is a {kind}, a spec is a map of keys: {_FIRST}"
    return None, [Problem(Origin(document), message, "not-a-map")]


def value(document: Document, as_go: bool = False, plain: bool = False) -> tuple[Value, list[Problem]]:
    """Whatever a document holds, scalars as in YAML 1.2; None where it holds nothing, or cannot be read.

    `as_go` reads as Go's library does into fields of text: every scalar but null is its text, and `<<` merges; with
    `plain`, texts without quotes are `Plain`.
    """
    if document.json:
        return _json_value(document)
    if as_go and not plain and (found := block.read(document.text)) is not None:
        return found, []
    return by_libyaml(document, as_go, plain)


def by_libyaml(document: Document, as_go: bool = False, plain: bool = False) -> tuple[Value, list[Problem]]:
    """What `value` gives of a YAML text, whatever it is written like."""
    from llmmon.source import composer  # brings PyYAML, without which most rule files are read
    from llmmon.source.goreader import GoReader, PlainReader
    from llmmon.source.reader import Reader

    try:
        root = composer.compose(document.text)
    except composer.UNREADABLE as error:
        from llmmon.source import faults

        return None, [faults.unreadable(document, error)]
    if root is None:
        return None, []
    reader = PlainReader(document) if plain else GoReader(document) if as_go else Reader(document)
    found = reader.value(root)
    return (None if reader.fatal else found), reader.problems


def _on_top(document: Document, message: str, rule: str) -> Problem:
    return Problem(Origin(Spot(document.path, document.text, 1, 1)), message, rule)


def _json_value(document: Document) -> tuple[Value, list[Problem]]:
    from llmmon.source import composer, faults, jsontext

    with composer.uncollected():
        found = jsontext.read(document.text, composer.MAX_DEPTH)
    return found.value, [faults.at_index(document, *fault) for fault in found.faults]
