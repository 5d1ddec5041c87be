"""The labels that the series of a result can carry, and what is known of their values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from llmmon.classes import frozen, replace

from .regex import matches_empty

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .ast import MatchOp, Span

    About: TypeAlias = tuple[str, MatchOp, str]  # a label, and a condition that its value satisfies

_NONE: Final[frozenset[str]] = frozenset()


class Joined(NamedTuple):
    """A label that `group_left` or `group_right` copied, and where it says so."""

    label: str
    span: Span


@frozen
class Labels:
    """The labels that series can carry: `names`, or every label but `names` where something is not known.

    `conditions` hold for each series; `joined` are labels that were copied and that nothing has used yet. Not every
    series has the labels that are `partial`, because one side of an `or` lacks them, and perhaps none has those that
    are `asked`, because only a grouping names them.
    """

    names: frozenset[str] = _NONE
    open: bool = False
    conditions: frozenset[About] = frozenset()
    joined: tuple[Joined, ...] = ()
    partial: frozenset[str] = _NONE
    asked: frozenset[str] = _NONE

    def __contains__(self, label: str) -> bool:
        return (label in self.names) != self.open

    @property
    def none(self) -> bool:
        """Whether series can carry no label at all, so that there is one of them."""
        return not (self.open or self.names)

    @property
    def fixed(self) -> frozenset[str]:
        """Labels with one value only, because an equality pins it."""
        return frozenset(label for label, op, value in self.conditions if op == "=" and value)

    @property
    def sure(self) -> frozenset[str]:
        """Labels that every series has."""
        return frozenset([label for label, op, value in self.conditions if not _admits_none(op, value)])

    def keep(self, labels: Iterable[str]) -> Labels:
        given = frozenset(labels)
        kept = given - self.names if self.open else given & self.names
        asked = kept - self.sure if self.open else self.asked
        return Labels(kept, False, *self._about(kept, True), self.partial, asked)

    def drop(self, labels: Iterable[str]) -> Labels:
        gone = frozenset(labels)
        names = self.names | gone if self.open else self.names - gone
        return Labels(names, self.open, *self._about(gone, False), self.partial, self.asked)

    def add(self, labels: Iterable[str]) -> Labels:
        new = frozenset(labels)
        names = self.names - new if self.open else self.names | new
        return Labels(names, self.open, *self._about(new, False), self.partial - new, self.asked - new)

    def use(self, labels: Iterable[str]) -> Labels:
        """The same, where something reads these labels."""
        if not self.joined:
            return self
        read = frozenset(labels)
        return replace(self, joined=tuple(one for one in self.joined if one.label not in read))

    def __and__(self, other: Labels) -> Labels:
        about = self.conditions | other.conditions, self.joined + other.joined
        if self.open and other.open:
            return Labels(self.names | other.names, True, *about)
        closed, second = (other, self) if self.open else (self, other)
        names = frozenset(label for label in closed.names if label in second)
        partial, asked = self.partial & other.partial, self.asked & other.asked
        if self.open != other.open:
            partial, asked = closed.partial, closed.asked
        return Labels(names, False, *Labels(names, False, *about)._about(names, True), partial, asked)

    def __or__(self, other: Labels) -> Labels:
        about = self.conditions & other.conditions, self.joined + other.joined
        if self.open or other.open:
            absent = [{label for label in side.names if label not in other_side} for side, other_side in
                      ((self, other), (other, self)) if side.open]  # fmt: skip
            return Labels(frozenset.intersection(*map(frozenset, absent)) if absent else _NONE, True, *about)
        partial = (self.names ^ other.names) | self.partial | other.partial
        return Labels(self.names | other.names, False, *about, partial, self.asked | other.asked)

    def _about(self, labels: frozenset[str], among: bool) -> tuple[frozenset[About], tuple[Joined, ...]]:
        """What is known of these labels, or of all others."""
        conditions, joined = self.conditions, self.joined
        if conditions:
            conditions = frozenset([one for one in conditions if (one[0] in labels) == among])
        if joined:
            joined = tuple(one for one in joined if (one.label in labels) == among)
        return conditions, joined


def _admits_none(op: MatchOp, value: str) -> bool:
    """Whether a series without the label satisfies a matcher."""
    if "~" in op:
        return matches_empty(value) == (op == "=~")
    return (not value) == (op == "=")
