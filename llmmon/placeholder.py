"""Words in capitals that a script, or somebody, is to replace by what is meant, such as SMTP_PASSWORD_PLACEHOLDER."""

from __future__ import annotations

from llmmon import lazily

_CAPITALS = lazily.pattern(r"_*[A-Z][A-Z0-9]*_[A-Z0-9_]+|PASSWORD|PASSPHRASE|SECRET")
_WHOLE = lazily.pattern(r"\$\{?\w+\}?|<(?!secret>)\w[\w .-]*>|%\w+%|__\w+__|\(\(\w+\)\)")
_ENDS = "_PLACEHOLDER"


def stands_alone(text: str) -> bool:
    """Whether the whole text is a mark that a script, such as envsubst, replaces by a value of any form."""
    return _WHOLE.fullmatch(text) is not None


def is_one(text: str) -> bool:
    """Whether this text stands for a value that comes from elsewhere."""
    return _CAPITALS.fullmatch(text) is not None or text.upper().endswith(_ENDS)
