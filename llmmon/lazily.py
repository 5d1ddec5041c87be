"""Regular expressions that most runs do not need: compiled at their first use, because start-up is a third of a short
run and each costs a part of a millisecond."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

_METHODS = ("findall", "finditer", "fullmatch", "match", "search", "split", "sub")


def pattern(text: str, flags: int = 0) -> re.Pattern[str]:
    """The regular expression, as `re.compile` gives it."""
    return _Pattern(text, flags)  # type: ignore[return-value]


class _Pattern:
    def __init__(self, text: str, flags: int) -> None:
        self._arguments = text, flags

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            compiled = re.compile(*self._arguments)
            for method in _METHODS:
                setattr(self, method, getattr(compiled, method))
            return getattr(compiled, name)
