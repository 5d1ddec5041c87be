"""Bytes become text: of a file, of a pipe, or of what somebody has read already."""

from __future__ import annotations

import os
import select
from typing import TYPE_CHECKING

from llmmon.problem import Origin, Problem
from llmmon.source.document import Document, Spot

if TYPE_CHECKING:
    from pathlib import Path

_PATIENCE = 10.0  # seconds until whoever writes into a pipe has to begin, or to go on
_ODD = {b"\xef\xbb\xbf": "a byte order mark", b"\r": "carriage returns"}


def read(path: Path, shown: str) -> tuple[Document, list[Problem]]:
    """The document at `path`, called `shown` in messages. One that cannot be read has problems and no text."""
    try:
        return decoded(_from_pipe(path) if path.is_fifo() else path.read_bytes(), shown)
    except IsADirectoryError:
        return _unreadable(shown, "is a folder, not a file: rename it or move it away")
    except OSError as error:
        return _unreadable(shown, f"cannot be read: {error.strerror}")


def decoded(data: bytes, shown: str) -> tuple[Document, list[Problem]]:
    """The document in these bytes; line ends are those of Unix, as reading a text file makes them."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = error.object[: error.start].decode("utf-8", "replace").split("\n")
        spot = Spot(shown, "", len(before), len(before[-1]) + 1)
        message = f"not UTF-8 (byte {error.object[error.start]:#04x}): save the file as UTF-8"
        return Document(shown, ""), [Problem(Origin(spot), message, "not-utf8")]
    odd = [what for mark, what in _ODD.items() if mark in data]
    return Document(shown, text.replace("\r\n", "\n").replace("\r", "\n"), odd=" and ".join(odd)), []


def _from_pipe(path: Path) -> bytes:
    """What somebody writes into a pipe, such as `<(command)` of a shell; one that nobody writes into ends."""
    out = bytearray()
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb", buffering=0) as pipe:
        while select.select([pipe], [], [], _PATIENCE)[0] and (data := pipe.read(1 << 20)):
            out += data
    return bytes(out)


def _unreadable(shown: str, message: str) -> tuple[Document, list[Problem]]:
    return Document(shown, ""), [Problem(Origin(Spot(shown, "", 1, 1)), message, "unreadable")]
