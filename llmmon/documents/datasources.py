"""What a file provisions into Grafana, data sources above all, also one inside a ConfigMap or the values of a chart."""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import TYPE_CHECKING

from llmmon import lazily

if TYPE_CHECKING:
    from llmmon.source.document import Document

_NAMES = lazily.pattern(
    r"^[ \t]*(?:-[ \t]+)?(?:uid|name|url):[ \t]*(?:\"([^\"\n]+)\"|'([^'\n]+)'|([^\s\"'#][^#\n]*))", re.MULTILINE
)

_PROVIDERS = lazily.pattern(r"^providers:[ \t]*\n[ \t]*-", re.MULTILINE)
_PATH = lazily.pattern(r"\bpath:")


def loaded(document: Document) -> frozenset[str]:
    """The folders of which a file, as far as one can see, makes Grafana load the dashboards by itself."""
    text = document.text
    if "providers:" not in text or not (_PROVIDERS.search(text) and _PATH.search(text)):
        return frozenset()
    folder = PurePath(document.path).parent
    around = [above.parent for above in (folder, *folder.parents) if above.name == "provisioning"]
    return frozenset(str(one) for one in (folder, *(above / "dashboards" for above in around)))


def provisioned(text: str) -> frozenset[str]:
    """Their names, uids and addresses, and perhaps those of more."""
    if "datasources:" not in text:
        return frozenset()
    return frozenset(next(filter(None, found.groups())).strip() for found in _NAMES.finditer(text))
