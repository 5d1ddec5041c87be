"""PromQL in prose: whether it parses and names what exists, and with a preset's words whose series are meant."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING

from llmmon import catalogue, promql
from llmmon.lower.metrics import Known
from llmmon.lower.names import Names, spanned
from llmmon.lower.pieces import origin, pieces
from llmmon.lower.scope import Scope
from llmmon.promql.labels import result_labels

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from llmmon.lower.pieces import Piece
    from llmmon.plan import Fleet, Metric, Service
    from llmmon.problem import Origin, Positioned, Problem

_SELECTOR = re.compile(r"[A-Za-z_][\w:]*\{\s*[A-Za-z_]\w*\s*(?:=~|!~|!=|=)")
_RECORDED = re.compile(r"(?<![\w:])service(?:_\w+)?:\w+:\w+")
_METRIC = re.compile(r"[a-z_]\w*_(?:total|sum|count|bucket|seconds|bytes|ratio|info)\Z")
_COMMANDS = ("amtool ", "curl ", "docker ", "grep ", "journalctl ", "jq ", "kubectl ", "promtool ", "systemctl ")
_PROMQL = "promql"


def check(documents: Iterable[Positioned], fleet: Fleet, service: Service) -> Iterator[Problem]:
    """What is wrong with the queries of a service's prose: syntax, unknown metrics, labels and values."""
    names = None
    for document in documents:
        for piece in pieces(document.text.replace("\r\n", "\n")):
            if not _is_query(piece):
                continue
            names = names or _names(fleet, service)
            _check(piece, origin(document, piece.start), names)
    yield from names.problems if names else ()


def scoped(markdown: str, fleet: Fleet, service: Service) -> str:
    """The text with the service's selector in every query that is a block of its own."""
    out, at = [], 0
    names, scope = _names(fleet, service, recorded=False), _scope(service)
    for piece in pieces(markdown):
        if piece.language != _PROMQL:
            continue
        expr = scope.rewrite(names.renamed(promql.parse(piece.text, version=names.version)), names)
        indent = " " * (len(piece.text) - len(piece.text.lstrip(" ")))
        lines = promql.pretty(expr).split("\n")
        out += [markdown[at : piece.start], *(f"{indent}{line}\n" for line in lines)]
        at = piece.start + len(piece.text)
        at -= len(piece.text) - len(piece.text.rstrip(" "))  # what stands before the fence
    return "".join((*out, markdown[at:]))


def _is_query(piece: Piece) -> bool:
    if piece.kind == "block":
        return piece.language == _PROMQL
    if piece.kind != "span" or piece.text.startswith(_COMMANDS):
        return False
    return bool(_SELECTOR.search(piece.text) or _RECORDED.search(piece.text) or _METRIC.match(piece.text))


def _check(piece: Piece, at: Origin, names: Names) -> None:
    expr = names.parse(piece.text, at)
    if expr is None:
        return
    for node in promql.walk(expr):
        if isinstance(node, promql.Selector) and node.name and not names.exists(node, at):
            return
    for message, span, *_ in promql.problems(expr, lambda selector: _labels(selector, names)):
        names.add(spanned(at, span), message, "label-flow")


def _labels(selector: promql.Selector, names: Names) -> frozenset[str] | None:
    """Alerts have any labels: those of what they are about."""
    return None if selector.name in ("ALERTS", "ALERTS_FOR_STATE") else names.labels_of(selector)


def _names(fleet: Fleet, service: Service, recorded: bool = True) -> Names:
    """Of this service first; what another one exposes may be asked too, where a catalogue knows it."""
    common = {label for environment in fleet.environments for label in environment.selector} | set(service.selector)
    known = Known({**_everywhere(), **service.metrics}, aliases=dict(service.aliases), labels=dict(service.dotted))
    names = Names(known, common, fleet.versions.get("prometheus", (2, 42)))
    for rules in service.rules if recorded else ():
        for recording in rules.recordings:
            labels = result_labels(recording.expr, names.labels_of).names | recording.labels.keys()
            names.recorded[recording.name] = names.recorded.get(recording.name, frozenset()) | labels
    return names


@functools.cache
def _everywhere() -> dict[str, Metric]:
    return {name: metric for each in catalogue.names() for name, metric in catalogue.load(each).items()}


def _scope(service: Service) -> Scope:
    return Scope(service.name, "", service.selector, {}, service.workload)
