"""Anchors that a text defines twice, which YAML allows and the composer of libyaml refuses."""

from __future__ import annotations

import yaml

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def renamed(text: str, loader: type) -> str | None:
    """The text with another name, as long as it was, for each anchor that is there twice, and where that one is meant.

    None where there are no more names of that length.
    """
    tokens = [one for one in yaml.scan(text, Loader=loader) if isinstance(one, yaml.AnchorToken | yaml.AliasToken)]
    taken = {str(token.value) for token in tokens}
    meant: dict[str, str] = {}  # by an alias from here on
    out: list[str] = []
    end = number = 0
    for token in tokens:
        written = str(token.value)
        name = meant.get(written, written)
        if isinstance(token, yaml.AnchorToken):
            while written in meant and name in taken:
                name = _name(number).rjust(len(written), "0")
                if len(name) > len(written):
                    return None
                number += 1
            taken.add(name)
            meant[written] = name
        start = token.start_mark.index + 1
        out += text[end:start], name
        end = start + len(written)
    return "".join((*out, text[end:]))


def _name(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, len(_DIGITS))
        digits = _DIGITS[digit] + digits
    return digits
