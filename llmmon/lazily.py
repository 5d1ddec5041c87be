"""What most runs do not need is made at its first use, because start-up is most of a short run.

A regular expression costs a part of a millisecond, a module one or more.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_METHODS = ("findall", "finditer", "fullmatch", "match", "search", "split", "sub")


def pattern(text: str, flags: int = 0) -> re.Pattern[str]:
    """The regular expression, as `re.compile` gives it."""
    return _Pattern(text, flags)  # type: ignore[return-value]


@contextmanager
def patterns() -> Iterator[None]:
    """Around the import of a library that compiles a dozen of them, of which we use none: its patterns wait as well."""
    compiled = re.compile
    re.compile = pattern  # type: ignore[assignment]
    try:
        yield
    finally:
        re.compile = compiled


class _Pattern:
    def __init__(self, text: str, flags: int) -> None:
        self._arguments = text, flags

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            compiled = re.compile(*self._arguments)
            for method in _METHODS:
                setattr(self, method, getattr(compiled, method))
            return getattr(compiled, name)


def get_close_matches(word: str, possibilities: Iterable[str], n: int = 3, cutoff: float = 0.6) -> list[str]:
    """As `difflib` has it, which is read when there is a mistake to correct."""
    import difflib

    return difflib.get_close_matches(word, list(possibilities), n, cutoff)
