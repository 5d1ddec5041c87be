"""What a notification's template may read: fields of what Alertmanager gives it, and what becomes of the dot."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from llmmon.gotemplate import Pipeline
from llmmon.gotemplate.nodes import Control

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from llmmon.gotemplate import Operand, Template
    from llmmon.gotemplate.nodes import Node
    from llmmon.problem import Span

_MAP = {"SortedPairs": "pairs", "Remove": "map", "Names": "?", "Values": "?"}
METHODS = frozenset(_MAP)  # of a set of labels, or of annotations, where a name of one could stand
# What there is in each kind of value; "?" is of a kind that nothing is said about.
_FIELDS: Mapping[str, Mapping[str, str]] = {
    "data": {
        **dict.fromkeys(("Receiver", "Status", "ExternalURL"), "text"),
        **dict.fromkeys(("GroupLabels", "CommonLabels", "CommonAnnotations"), "map"),
        "Alerts": "alerts",
    },
    "alerts": dict.fromkeys(("Firing", "Resolved"), "list"),
    "alert": {
        **dict.fromkeys(("Status", "GeneratorURL", "Fingerprint"), "text"),
        **dict.fromkeys(("Labels", "Annotations"), "map"),
        **dict.fromkeys(("StartsAt", "EndsAt"), "?"),
    },
    "pairs": {"Names": "?", "Values": "?"},
    "pair": {"Name": "text", "Value": "text"},
    "list": {},
    "text": {},
}
_CALLED = {"data": "the notification", "alert": "an alert", "alerts": "the list of alerts", "list": "a list of alerts"}
_REASON = (0, 32)
_ROUTE_LABELS = (0, 34)
_ITEMS = {"alerts": "alert", "list": "alert", "pairs": "pair"}


class Read(NamedTuple):
    """A field that is read: of what kind of value, and whether that has it; `way` is all that was read before it."""

    kind: str
    field: str
    way: tuple[str, ...]
    span: Span
    known: tuple[str, ...] | None  # what there is instead; None where the field exists

    @property
    def called(self) -> str:
        return _CALLED.get(self.kind, "a text" if self.kind == "text" else "this")


def reads(template: Template, version: tuple[int, ...], dot: str = "data") -> Iterator[Read]:
    """Every field that the body of a template reads, as far as it is known of what."""
    yield from _Walk(version).nodes(template.body, dot, {"$": dot})


class _Walk:
    def __init__(self, version: tuple[int, ...]) -> None:
        self.version = version

    def nodes(self, nodes: tuple[Node, ...], dot: str, variables: dict[str, str]) -> Iterator[Read]:
        known = dict(variables)
        for node in nodes:
            if isinstance(node, Pipeline):
                yield from self.pipeline(node, dot, known)
                kind = self.kind(node, dot, known)
                known.update(dict.fromkeys(node.declares, "?" if node.assigns else kind))
            elif isinstance(node, Control) and node.pipeline:
                yield from self.pipeline(node.pipeline, dot, known)
                yield from self.control(node, self.kind(node.pipeline, dot, known), dot, known)

    def control(self, node: Control, kind: str, dot: str, variables: dict[str, str]) -> Iterator[Read]:
        inner, declared = dict(variables), node.pipeline.declares if node.pipeline else ()
        inside = dot
        if node.kind == "range":
            inside = _ITEMS.get(kind, "?")
            inner.update(dict.fromkeys(declared, "?"))
            inner.update(dict.fromkeys(declared[-1:], inside))
        elif node.kind == "with":
            inside = kind
            inner.update(dict.fromkeys(declared, kind))
        else:
            inner.update(dict.fromkeys(declared, kind))
        yield from self.nodes(node.body, inside, inner)
        yield from self.nodes(node.otherwise, dot, inner if node.kind != "range" else dict(variables))

    def pipeline(self, pipeline: Pipeline, dot: str, variables: dict[str, str]) -> Iterator[Read]:
        for command in pipeline.commands:
            for operand in command:
                if operand.inner:
                    yield from self.pipeline(operand.inner, dot, variables)
                yield from self.operand(operand, dot, variables)

    def operand(self, operand: Operand, dot: str, variables: dict[str, str]) -> Iterator[Read]:
        kind = self.start(operand, dot, variables)
        for index, name in enumerate(operand.fields):
            fields = self.fields(kind)
            if fields is None:
                return
            found = kind == "map" or name in fields
            yield Read(kind, name, operand.fields[:index], operand.span, None if found else tuple(fields))
            if not found:
                return
            kind = fields.get(name, "text")

    def kind(self, pipeline: Pipeline, dot: str, variables: dict[str, str]) -> str:
        if len(pipeline.commands) != 1 or len(pipeline.commands[0]) != 1:
            return "?"
        operand = pipeline.commands[0][0]
        kind = self.start(operand, dot, variables)
        for name in operand.fields:
            fields = self.fields(kind)
            kind = "?" if fields is None else fields.get(name, "text" if kind == "map" else "?")
        return kind

    def start(self, operand: Operand, dot: str, variables: dict[str, str]) -> str:
        if operand.kind in (".", "field"):
            return dot
        if operand.kind == "variable":
            return variables.get(operand.text, "?")
        return self.kind(operand.inner, dot, variables) if operand.inner else "?"

    def fields(self, kind: str) -> Mapping[str, str] | None:
        if kind == "map":
            return _MAP
        if kind == "data" and self.version >= _REASON:
            newer = {"RouteLabels": "map"} if self.version >= _ROUTE_LABELS else {}
            return {**_FIELDS["data"], "NotificationReason": "text", **newer}
        return _FIELDS.get(kind)
