"""Work on a second core: a copy of this process takes a part, and hands back what it has found."""

from __future__ import annotations

import io
import os
import pickle
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from llmmon.problem import Positioned, Problem

P = TypeVar("P")


def cores() -> int:
    """How many cores this process may use; 1 where a process cannot be copied."""
    if not hasattr(os, "fork"):
        return 1
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def halves(parts: Sequence[P], weight: Callable[[P], int]) -> tuple[list[P], list[P]]:
    """The parts in two heaps of about the same weight."""
    first: list[P] = []
    second: list[P] = []
    ahead = 0
    for part in sorted(parts, key=weight, reverse=True):
        (first if ahead <= 0 else second).append(part)
        ahead += weight(part) if ahead <= 0 else -weight(part)
    return first, second


def both(
    here: Callable[[], list[Problem]], there: Callable[[], list[Problem]], documents: Sequence[Positioned]
) -> list[Problem]:
    """What both find. The copy names documents by their number; where it fails, its part is done here."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        os.close(reader)
        _hand_over(there, writer, documents)
    os.close(writer)
    found = here()
    with os.fdopen(reader, "rb") as pipe:
        sent = pipe.read()
    _, status = os.waitpid(child, 0)
    return [*found, *(_Unpickler(sent, documents).load() if status == 0 else there())]


def _hand_over(there: Callable[[], list[Problem]], writer: int, documents: Sequence[Positioned]) -> None:
    """The copy's life: it never returns, whatever happens."""
    try:
        out = io.BytesIO()
        _Pickler(out, {id(document): number for number, document in enumerate(documents)}).dump(there())
        with os.fdopen(writer, "wb") as pipe:
            pipe.write(out.getbuffer())
        os._exit(0)
    finally:
        os._exit(1)


class _Pickler(pickle.Pickler):
    def __init__(self, out: io.BytesIO, numbers: Mapping[int, int]) -> None:
        super().__init__(out, pickle.HIGHEST_PROTOCOL)
        self.numbers = numbers

    def persistent_id(self, what: Any) -> int | None:
        return self.numbers.get(id(what))


class _Unpickler(pickle.Unpickler):
    def __init__(self, sent: bytes, documents: Sequence[Positioned]) -> None:
        super().__init__(io.BytesIO(sent))
        self.documents = documents

    def persistent_load(self, number: int) -> Positioned:
        return self.documents[number]
