"""Words in capitals that a script, or somebody, is to replace by what is meant, such as SMTP_PASSWORD_PLACEHOLDER."""

from __future__ import annotations

import re

from llmmon import lazily

_CAPITALS = lazily.pattern(r"_*[A-Z][A-Z0-9]*_[A-Z0-9_]+|KEY|PASSWORD|PASSPHRASE|SECRET|TOKEN")
_WHOLE = lazily.pattern(r"\$\{?\w+\}?|<(?!secret>)\w[\w .-]*>|%\w+%|__\w+__|\(\(\w+\)\)")
# What somebody is to replace: <password>, _PASSWORD_, "your password", xxxx, ****, test.
_REPLACED = lazily.pattern(
    r"<.*>|\$\w+|your\w+|_+[A-Z0-9_]+_|[xX*.!]+|.*not[ _-]?(?:a[ _-]?)?(?:real|secret)\b.*|\S+@example\.\w+"
    r"|.*(?:\b|_)(?:your|insert|goes_here|placeholder|replace)(?:\b|_).*|(?:test|foo|bar|baz|foobar|barfoo|example|dummy|todo|admin|guest|user|root|p@ssw0rd|change-?it)\d*"
    r"|change[ _-]?(?:me|this)\w*",
    re.I | re.S,
)
_OF_QUERY = lazily.pattern(r"://.*[?&]\w+=_*[A-Z][A-Z0-9]*_[A-Z0-9_]+\Z")  # a URL whose key is one
_ENDS = "_PLACEHOLDER"


def stands_alone(text: str) -> bool:
    """Whether the whole text is a mark that a script, such as envsubst, replaces by a value of any form."""
    return _WHOLE.fullmatch(text) is not None


def is_one(text: str) -> bool:
    """Whether this text stands for a value that comes from elsewhere."""
    return _CAPITALS.fullmatch(text) is not None or text.upper().endswith(_ENDS) or _OF_QUERY.search(text) is not None


def is_to_be_replaced(text: str) -> bool:
    """Whether somebody is to write what is meant instead of this, or nothing worth hiding is meant."""
    return _REPLACED.fullmatch(text) is not None or is_one(text)
