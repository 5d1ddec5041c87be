"""The data sources that a file provisions into Grafana, also one inside a ConfigMap or the values of a chart."""

from __future__ import annotations

import re

from llmmon import lazily

_NAMES = lazily.pattern(
    r"^[ \t]*(?:-[ \t]+)?(?:uid|name):[ \t]*(?:\"([^\"\n]+)\"|'([^'\n]+)'|([^\s\"'#][^#\n]*))", re.MULTILINE
)


def provisioned(text: str) -> frozenset[str]:
    """Their names and uids, and perhaps those of more."""
    if "datasources:" not in text:
        return frozenset()
    return frozenset(next(filter(None, found.groups())).strip() for found in _NAMES.finditer(text))
