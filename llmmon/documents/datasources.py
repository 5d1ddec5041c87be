"""What a file provisions into Grafana, data sources above all, also one inside a ConfigMap or the values of a chart."""

from __future__ import annotations

import re

from llmmon import lazily

_NAMES = lazily.pattern(
    r"^[ \t]*(?:-[ \t]+)?(?:uid|name):[ \t]*(?:\"([^\"\n]+)\"|'([^'\n]+)'|([^\s\"'#][^#\n]*))", re.MULTILINE
)

_LOADING = lazily.pattern(
    r"^[ \t]*providers:[ \t]*\n[ \t]*-|\bgrafana_dashboard[\"']?[ \t]*:|\bdashboardProviders:|\bdashboardsConfigMaps:",
    re.MULTILINE,
)


def loads_dashboards(text: str) -> bool:
    """Whether a file, as far as one can see, makes Grafana load dashboards by itself."""
    return ("providers:" in text or "ashboard" in text) and _LOADING.search(text) is not None


def provisioned(text: str) -> frozenset[str]:
    """Their names and uids, and perhaps those of more."""
    if "datasources:" not in text:
        return frozenset()
    return frozenset(next(filter(None, found.groups())).strip() for found in _NAMES.finditer(text))
