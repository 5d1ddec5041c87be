"""Connectors join pipelines: what one exports the other receives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmmon.collector.components import CONNECTORS, Complaint, type_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from llmmon.collector.components import Pipelines


def connected(config: Mapping[str, Any], pipelines: Pipelines) -> Iterator[Complaint]:
    """Connectors that nothing leads into, or out of."""
    sides = {"exporters": "receivers", "receivers": "exporters"}
    for name in config.get("connectors") or ():
        for side, other in sides.items():
            there = [pipeline for pipeline, parts in pipelines.items() if name in (parts.get(other) or ())]
            for pipeline, parts in pipelines.items():
                if name not in (parts.get(side) or ()):
                    continue
                pairs = [(pipeline, to) if side == "exporters" else (to, pipeline) for to in there]
                if any(_carries(name, *pair) for pair in pairs):
                    continue
                message = f"the connector {name!r} is among the {side} of {pipeline!r}, and among the {other} of no "
                message += "pipeline" + (" whose signal it knows" if there else "")
                keys = ("service", "pipelines", pipeline, side, list(parts[side]).index(name))
                yield Complaint("half-connected", keys, message)


def _carries(connector: str, start: str, end: str) -> bool:
    known = CONNECTORS.get(type_of(connector))
    if known is None:
        return True
    takes, gives = known
    return type_of(start) in takes and (type_of(start) == type_of(end) if gives is None else type_of(end) in gives)


def cycles(config: Mapping[str, Any], pipelines: Pipelines) -> Iterator[Complaint]:
    """Pipelines that feed themselves."""
    fed: dict[str, list[str]] = {name: [] for name in config.get("connectors") or ()}
    for end, parts in pipelines.items():
        for connector in parts.get("receivers") or ():
            fed.get(connector, []).append(end)
    edges = {
        start: [
            (connector, end)
            for connector in parts.get("exporters") or ()
            for end in fed.get(connector, ())
            if _carries(connector, start, end)
        ]
        for start, parts in pipelines.items()
    }
    done: set[str] = set()
    for first in pipelines:
        if first not in done and (way := _cycle(first, edges, done)):
            message = f"{type_of(way[0])} go round in a circle, {' -> '.join(way)}: take one of these connectors out"
            yield Complaint("cycle", ("service", "pipelines", way[0]), message)
            return  # the collector, too, names one


def _cycle(first: str, edges: Mapping[str, Sequence[tuple[str, str]]], done: set[str]) -> list[str]:
    """Pipelines and connectors of a circle, in turn; with a stack, for chains may be long."""
    way, ahead, here = [first], [iter(edges[first])], {first: 0}
    while ahead:
        step = next(ahead[-1], None)
        if step is None:
            done.add(way[-1])
            del here[way[-1]], way[-2:]
            ahead.pop()
            continue
        connector, end = step
        if end in here:
            return [*way[here[end] :], connector, end]
        if end not in done:
            here[end] = len(way) + 1
            way += [connector, end]
            ahead.append(iter(edges[end]))
    return []
