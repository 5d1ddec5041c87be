"""Texts of a configuration: what the collector expands in them, and what must not be there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from llmmon import lazily
from llmmon.collector.components import Complaint

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.problem import Keys

SECRETS = frozenset({"password", "api_key", "token", "access_token", "client_secret", "key_pem", "authorization"})
SCHEMES = frozenset({"env", "file", "yaml", "http", "https"})

_VARIABLE = lazily.pattern(r"[A-Za-z_][A-Za-z0-9_]*(?::-.*)?\Z", re.DOTALL)
_DOLLAR = lazily.pattern(r"\$\$|\$\{([^}$]*)\}|\$([A-Za-z_][A-Za-z0-9_]*)")
_FROM_OUTSIDE = lazily.pattern(r"\s*(?:Bearer |Basic )?\$\{(?:env|file):[^}$]+\}\s*\Z")


def escape(text: str) -> str:
    """A text as a value in which the collector expands nothing."""
    return text.replace("$", "$$")


def variable(name: str) -> str:
    """A reference to an environment variable; ValueError for a name that none can have."""
    if not _VARIABLE.match(name) or ":" in name:
        raise ValueError(f"{name!r} is no name of an environment variable")
    return f"${{env:{name}}}"


def expansions(value: Any, keys: Keys) -> Iterator[Complaint]:
    """Every text of the tree, with a stack: a file from elsewhere may be deep."""
    stack: list[tuple[Any, Keys]] = [(value, keys)]
    while stack:
        value, keys = stack.pop()
        if isinstance(value, dict):
            stack += [(item, (*keys, key)) for key, item in reversed(value.items())]
        elif isinstance(value, list):
            stack += [(item, (*keys, index)) for index, item in reversed(list(enumerate(value)))]
        elif isinstance(value, str):
            yield from _expanded(value, keys)
        if keys and str(keys[-1]).lower() in SECRETS and _plain(value):
            message = f"{keys[-1]} is a secret in plain text: write ${{env:NAME}} or ${{file:PATH}}"
            yield Complaint("secret-value", keys, message)


def _plain(value: Any) -> bool:
    if isinstance(value, str):
        return value != "" and not _FROM_OUTSIDE.match(value)
    return isinstance(value, int | float) and not isinstance(value, bool)


def _expanded(text: str, keys: Keys) -> Iterator[Complaint]:
    for match in _DOLLAR.finditer(text):
        inside, bare = match[1], match[2]
        if bare is not None:
            message = f"${bare} is not expanded any more: write ${{env:{bare}}}, or $${bare} for the text itself"
            yield Complaint("bare-variable", keys, message)
        if inside is None:
            continue
        scheme, colon, rest = inside.partition(":")
        if not colon or rest.startswith("-"):
            scheme, rest = "env", inside
        if scheme not in SCHEMES:
            yield Complaint("unknown-scheme", keys, f"${{{inside}}}: nothing reads {scheme!r}: write ${{env:NAME}}")
        elif scheme == "env" and not _VARIABLE.match(rest):
            message = f"${{{inside}}}: {rest!r} is no name of an environment variable"
            yield Complaint("bad-variable", keys, message)
