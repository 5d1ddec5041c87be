"""Disk space that only root may use, and disks that are none.

`node_filesystem_free_bytes` counts the blocks that are reserved for root: a disk that nobody can write to any more
still shows 5 % free. Without a matcher on the kind of file system tmpfs, overlay and read-only images count as disks.

Bad:

    (node_filesystem_size_bytes - node_filesystem_free_bytes) / node_filesystem_size_bytes * 100

    node_filesystem_avail_bytes / node_filesystem_size_bytes < 0.1

Good:

    node_filesystem_avail_bytes{fstype!="tmpfs"} / node_filesystem_size_bytes{fstype!="tmpfs"} < 0.1

    node_filesystem_avail_bytes{mountpoint="/"} < 1e9

    node_memory_MemAvailable_bytes
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.problem import Level
from llmmon.promql import Selector
from llmmon.rule import Expression, Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.rule import Facts

_FREE = "node_filesystem_free_bytes"
_AVAILABLE = "node_filesystem_avail_bytes"
_SPACE = (_FREE, _AVAILABLE, "node_filesystem_size_bytes")
_KINDS = frozenset(("fstype", "mountpoint", "device"))


def check(written: Expression, facts: Facts) -> Iterator[Finding]:
    del facts
    found = [part for part in written.parts if isinstance(part, Selector) and part.name in _SPACE]
    for selector in found:
        if selector.name == _FREE:
            span = (selector.span[0], selector.span[0] + len(_FREE))
            yield Finding("Q066", f"{_FREE} counts what only root may use: write {_AVAILABLE}", span)
    open_ones = [s for s in found if not _KINDS & {matcher.label for matcher in s.matchers}]
    if open_ones and len(open_ones) == len(found):
        advice = 'write {fstype!~"tmpfs|overlay|squashfs"}'
        yield Finding("Q068", f"tmpfs and overlay count as disks here: {advice}", open_ones[0].span)


RULE = Rule(Expression, check, {"Q066": Level.WARNING, "Q068": Level.WARNING}, words=_SPACE)
