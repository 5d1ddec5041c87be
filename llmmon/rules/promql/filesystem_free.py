"""Disk space that only root may use, and disks that are none.

`node_filesystem_free_bytes` counts the blocks that are reserved for root: a disk that nobody can write to any more
still shows 5 % free. Where disks are added up without a matcher on the kind of file system, tmpfs, overlay and
read-only images count as disks. Size without free space, as it stands, is what is used.

Bad:

    (node_filesystem_size_bytes - node_filesystem_free_bytes) / node_filesystem_size_bytes * 100

    sum(node_filesystem_avail_bytes) / sum(node_filesystem_size_bytes) < 0.1

Good:

    node_filesystem_avail_bytes / node_filesystem_size_bytes < 0.1

    sum(node_filesystem_avail_bytes{fstype!="tmpfs"}) / sum(node_filesystem_size_bytes{fstype!="tmpfs"}) < 0.1

    node_filesystem_avail_bytes{mountpoint="/"} < 1e9

    node_memory_MemAvailable_bytes
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.problem import Level
from llmmon.promql import Aggregate, Binary, Call, Number, Selector, walk
from llmmon.rule import Expression, Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.promql import Expr
    from llmmon.rule import Facts

_FREE = "node_filesystem_free_bytes"
_AVAILABLE = "node_filesystem_avail_bytes"
_SIZE = "node_filesystem_size_bytes"
_SPACE = (_FREE, _AVAILABLE, _SIZE)
_MUCH = 0.15
_KINDS = frozenset(("fstype", "mountpoint", "device"))


def check(written: Expression, facts: Facts) -> Iterator[Finding]:
    del facts
    found = [part for part in written.of(Selector) if part.name in _SPACE]
    shares = any(_is_share(part) for part in written.parts)
    forecast = any(call.func == "predict_linear" for call in written.of(Call))
    on_panel = written.beside is not None
    if not forecast and (on_panel or (written.purpose in ("panel", "record") and not shares)):
        used = {id(part) for part in found}  # shown or recorded as free, which it is
    else:
        used = _used(written, shares)
    for selector in found if not _leaves_much(written) else ():
        if selector.name == _FREE and id(selector) not in used:
            span = (selector.span[0], selector.span[0] + len(_FREE))
            level = Level.NOTE if written.purpose == "panel" else None
            yield Finding("Q066", f"{_FREE} counts what only root may use: write {_AVAILABLE}", span, level=level)
    added = any(part.op == "sum" and not _by_disk(part) for part in written.of(Aggregate))
    if not added and (written.purpose != "alert" or shares or forecast):
        return  # one for each disk: who looks sees which are none, and a share of theirs is a share
    open_ones = [s for s in found if not _KINDS & {matcher.label for matcher in s.matchers}]
    if open_ones and len(open_ones) == len(found):
        advice = 'write {fstype!~"tmpfs|overlay|squashfs"}'
        yield Finding("Q068", f"tmpfs and overlay count as disks here: {advice}", open_ones[0].span)


def _leaves_much(written: Expression) -> bool:
    """Whether so large a share is free still that the reserve, of mostly 5 %, is not what matters."""
    if written.compared is None:
        return False
    value, op, bound = written.compared
    bound = bound / 100 if bound > 1 else bound
    free = bound if op in ("<", "<=") else 1 - bound
    return _MUCH <= free < 1 and any(map(_is_share, walk(value)))


def _by_disk(node: Aggregate) -> bool:
    return node.grouping is not None and node.grouping.kind == "by" and not _KINDS.isdisjoint(node.grouping.labels)


def _is_share(part: Expr) -> bool:
    return isinstance(part, Binary) and part.op == "/" and not isinstance(part.rhs, Number)


def _used(written: Expression, shares: bool) -> set[int]:
    """The selectors of free space that are only a part of what is used, or that stand beside what is available."""
    parts = written.parts
    if any(_AVAILABLE in text for text in (written.text, *(written.beside or ()))):
        return {id(part) for part in parts}
    if shares:
        return set()
    taken = (part for part in parts if isinstance(part, Binary) and part.op == "-" and _is_size(part.lhs))
    return {id(below) for part in taken for below in walk(part.rhs)}


def _is_size(expr: Expr) -> bool:
    return any(isinstance(part, Selector) and part.name == _SIZE for part in walk(expr))


RULE = Rule(Expression, check, {"Q066": Level.WARNING, "Q068": Level.WARNING}, words=_SPACE)
