"""What rule files and configurations are wrapped in: several documents in a file, objects of Kubernetes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from llmmon import lazily
from llmmon.classes import frozen, replace
from llmmon.documents.form import says_something
from llmmon.problem import Fix, Origin, Problem
from llmmon.source import values
from llmmon.source.document import Document, Spot

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.problem import Keys, Span
    from llmmon.source.values import Value

_START = lazily.pattern(r"^---(?=\s|$)", re.MULTILINE)
_TELLING = lazily.pattern(r"^(?:groups|inhibit_rules|receivers|route):", re.MULTILINE)
_NAME = lazily.pattern(r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*\Z")  # RFC 1123
_LONGEST = 253
_LATER = lazily.pattern(r"[{}$%<>]")  # of a name that something fills in before it is one
_FILE = lazily.pattern(r"\.(?:ya?ml|rules)\Z")
_ON_LINE = lazily.pattern(r"\bon line (\d{1,7})(?=; keep one\Z)")
_JSON = ".json"
_OF_DASHBOARDS = frozenset(("panels", "rows", "dashboard", "spec"))
_PANELS = lazily.pattern(r'"(?:panels|rows)"\s*:')


class Inside(NamedTuple):
    """What was found in an envelope: a value with its place, and what is wrong with the text that it was read from."""

    origin: Origin
    value: Value
    problems: list[Problem]


@frozen
class Embedded:
    """A document that is a text inside another one, as in a ConfigMap."""

    inner: Document
    outer: Origin

    @property
    def path(self) -> str:
        return self.outer.document.path

    @property
    def text(self) -> str:
        return self.outer.document.text

    def position(self, keys: Keys, span: Span | None) -> tuple[int, int]:
        return self.at(*self.inner.position(keys, span))

    def at(self, line: int, column: int) -> tuple[int, int]:
        """Where a place of the inner text is in the file."""
        before = self.inner.lines[: line - 1]
        offset = sum(len(text) + 1 for text in before) + column - 1
        return self.outer.document.position(self.outer.keys, (offset, offset))


def documents(document: Document) -> list[Document]:
    """The YAML documents of a file, each at its own lines."""
    text = document.text
    if "---" not in text:
        return [document]
    starts = [found.start() for found in _START.finditer(text)]
    if len(starts) < 2 and not (starts and says_something(text[: starts[0]])):
        return [document]
    if not says_something(text[: starts[0]]):
        starts[0] = 0  # comments and directives belong to the first
    elif starts[0]:
        starts.insert(0, 0)
    parts = [
        Document(document.path, "\n" * text.count("\n", 0, start) + text[start:end], odd=document.odd)
        for start, end in zip(starts, [*starts[1:], len(text)], strict=True)
    ]
    return [part for part in parts if says_something(_START.sub("", part.text))] or [document]


def unwrap(value: Value, origin: Origin) -> Iterator[Inside]:
    """The value itself, or what an object of Kubernetes holds."""
    kind = value.get("kind") if isinstance(value, dict) and "apiVersion" in value else None
    if not isinstance(value, dict) or not isinstance(kind, str):
        yield Inside(origin, value, [])
    elif kind == "PrometheusRule":
        yield Inside(origin.at("spec"), value.get("spec"), list(_envelope(value, origin)))
    elif kind in ("ConfigMap", "Secret"):
        field = "data" if kind == "ConfigMap" else "stringData"
        data = value.get(field)
        for name, text in data.items() if isinstance(data, dict) else ():
            if isinstance(text, str) and _FILE.search(name) and _TELLING.search(text):
                yield _embedded(text, origin.at(field, name))
            elif isinstance(text, str) and name.endswith(_JSON) and _PANELS.search(text):
                yield _embedded(text, origin.at(field, name), json=True)
        yield from _encoded(value, origin) if kind == "Secret" and "data" in value else ()
    elif kind == "AlertmanagerConfig":
        yield Inside(origin, value, [])
    elif kind == "GrafanaDashboard":
        spec = value.get("spec")
        if isinstance(spec, dict) and isinstance(text := spec.get("json"), str) and text.strip():
            yield _embedded(text, origin.at("spec", "json"), json=True)
    elif kind == "Dashboard":
        whole = isinstance(origin.document, Document) and not origin.keys
        yield Inside(origin, values.value(origin.document)[0] if whole else value, [])  # type: ignore[arg-type]
    elif kind.endswith("List"):
        items = value.get("items")
        for index, item in enumerate(items if isinstance(items, list) else ()):
            yield from unwrap(item, origin.at("items", index))


def _envelope(value: dict[str, Value], origin: Origin) -> Iterator[Problem]:
    """What is wrong with a PrometheusRule itself, where it is the operator's of Prometheus."""
    group, _, version = str(value["apiVersion"]).partition("/")
    if group != "monitoring.coreos.com":
        return
    if version != "v1":
        message = f"there is no {group}/{version} of PrometheusRule: write apiVersion: {group}/v1"
        edits = ((origin.at("apiVersion"), f"{group}/v1"),)
        yield Problem(origin.at("apiVersion"), message, "crd-envelope", fix=Fix(edits))
    if "groups" in value:
        yield Problem(origin.at("groups"), "the operator reads no groups here: write them below spec:", "crd-envelope")
    elif not isinstance(value.get("spec"), dict) and "$patch" not in value and "patch" not in origin.document.path:
        yield Problem(origin, "a PrometheusRule has its groups below spec:, and here is none", "crd-envelope")
    metadata = value.get("metadata")
    name = metadata.get("name") if isinstance(metadata, dict) else None
    if isinstance(name, str) and not _LATER.search(name) and (len(name) > _LONGEST or not _NAME.match(name)):
        message = f"{_short(name)} is no name in Kubernetes: use at most {_LONGEST} lower-case letters, digits, - and ."
        yield Problem(origin.at("metadata", "name"), message, "crd-envelope")


def _short(name: str) -> str:
    return repr(name if len(name) <= 40 else f"{name[:40]}...")


def dashboards(value: Value, origin: Origin) -> list[tuple[dict[str, Any], Origin]]:
    """The dashboards in a value; what finds them is loaded where there may be some."""
    first = value[0] if isinstance(value, list) and value else value
    if not isinstance(first, dict) or not _OF_DASHBOARDS & first.keys():
        return []
    from llmmon.documents import dashboardfiles

    return list(dashboardfiles.found(value, origin))


def _encoded(value: dict[str, Value], origin: Origin) -> Iterator[Inside]:
    """What is in base64, which has no lines to point at."""
    from llmmon.documents import encoded

    for document in encoded.held(value, origin):
        if _TELLING.search(document.inner.text):
            found, problems = values.value(document.inner, as_go=True)
            yield Inside(Origin(document), found, [encoded.moved(problem, document) for problem in problems])


def _embedded(text: str, outer: Origin, json: bool = False) -> Inside:
    document = Embedded(Document(outer.document.path, text, json=json), outer)
    value, problems = values.value(document.inner, as_go=True)
    return Inside(Origin(document), value, [_moved(problem, document) for problem in problems])


def _moved(problem: Problem, document: Embedded) -> Problem:
    line, column = document.at(*problem.origin.position())
    message = _ON_LINE.sub(lambda found: f"on line {document.at(int(found[1]), 1)[0]}", problem.message)
    return replace(problem, message=message, origin=Origin(Spot(document.path, document.text, line, column)))
