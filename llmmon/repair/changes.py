"""The bytes of a text file, and changes in its text that leave all other bytes as they are."""

from __future__ import annotations

import codecs
from bisect import bisect_left
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable


class Change(NamedTuple):
    """A text that stands instead of what is there from `start` to `end`."""

    start: int
    end: int
    text: str


class Bytes:
    """A UTF-8 file; `text` is as `reading.decoded` gives it: no byte order mark, and every line end is that of Unix."""

    def __init__(self, data: bytes) -> None:
        self.mark = codecs.BOM_UTF8 if data.startswith(codecs.BOM_UTF8) else b""
        self.raw = data.removeprefix(codecs.BOM_UTF8).decode("utf-8")
        self.text = self.raw.replace("\r\n", "\n").replace("\r", "\n")
        self.pairs: list[int] = []  # where in `text` a line end was two characters
        at = self.raw.find("\r\n")
        while at >= 0:
            self.pairs.append(at - len(self.pairs))
            at = self.raw.find("\r\n", at + 2)

    def changed(self, changes: Iterable[Change]) -> bytes:
        """The file with another text in these places, which do not overlap; new lines end as the file's do."""
        windows = 2 * len(self.pairs) > self.text.count("\n")
        out, at = [], 0
        for change in sorted(changes):
            out.append(self.raw[at : self.place(change.start)])
            out.append(change.text.replace("\n", "\r\n") if windows else change.text)
            at = self.place(change.end)
        return self.mark + "".join([*out, self.raw[at:]]).encode("utf-8")

    def place(self, offset: int) -> int:
        """Where in the file's own characters a place of its text is."""
        return offset + bisect_left(self.pairs, offset)
