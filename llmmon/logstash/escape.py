"""The one place that writes text into a Logstash configuration."""

from __future__ import annotations

import re

from llmmon import lazily

# What Logstash replaces by an environment variable or a secret of its keystore.
VARIABLE = lazily.pattern(r"\$\{[a-zA-Z_.][a-zA-Z0-9_.]*(?::[^}]*)?\}")
_SLASHES = lazily.pattern(r"\\.|/", re.DOTALL)
_QUOTES = lazily.pattern(r"\\?[\"']")


class QuoteError(ValueError):
    """No Logstash string literal means this text."""


def quote(value: str, *, variables: bool = False) -> str:
    """The string literal that means `value`, for a Logstash without `config.support_escapes` (the default).

    The language has no escapes, so a text with quotes of both kinds or with a backslash at its end cannot be written,
    and raises QuoteError. So does `${NAME}`, which Logstash would replace, unless `variables` says that this is meant.
    `%{...}` is written as it is: most options replace it by a field of the event.
    """
    if value.endswith("\\"):
        raise QuoteError(f"a Logstash string cannot end in a backslash: {value!r}; change the text")
    if not variables:
        _refuse_variables(value)
    if '"' not in value:
        return f'"{value}"'
    if "'" not in value:
        return f"'{value}'"
    raise QuoteError(f"a Logstash string cannot hold both kinds of quotes: {value!r}; change the text")


def quote_regex(source: str) -> str:
    r"""The string literal of a regular expression or grok pattern; with both kinds of quotes, `"` becomes `\x22`."""
    if '"' in source and "'" in source:
        source = _QUOTES.sub(lambda found: r"\x22" if found[0][-1] == '"' else found[0], source)
    return quote(source)


def slashes(source: str) -> str:
    """The regular expression literal of a condition, `/.../`; raises QuoteError as `quote` does."""
    _refuse_variables(source)
    escaped = _SLASHES.sub(lambda found: r"\/" if found[0] == "/" else found[0], source)
    if not escaped.endswith("\\"):
        return f"/{escaped}/"
    if _SLASHES.sub("", source).endswith("\\"):
        raise QuoteError(f"a regular expression cannot end in a single backslash: {source!r}")
    return f"/{escaped}(?:)/"


def field_reference(name: str) -> str:
    """A field in a condition: `[user]`; a path such as `[user][id]` is one already."""
    return name if name.startswith("[") else f"[{name}]"


def variable(name: str) -> str:
    """The string literal of an environment variable or a secret of the keystore."""
    if not re.fullmatch(r"[a-zA-Z_.][a-zA-Z0-9_.]*", name):
        raise QuoteError(f"not the name of a variable for Logstash: {name!r}")
    return f'"${{{name}}}"'


def _refuse_variables(text: str) -> None:
    if found := VARIABLE.search(text):
        raise QuoteError(f"Logstash would replace {found[0]} by an environment variable; change the text")
