"""Patterns that files near a pipeline define: Logstash reads those in its own folder `patterns` without being asked."""

from __future__ import annotations

import functools
import re

from llmmon import lazily, nearby

_FOLDERS = ("*patterns*/*", "*/*patterns*/*", "*/*/*patterns*/*")
_BUILDS = ("*Dockerfile*", "*compose*.y*ml", "*.sh", "README*", "*/Dockerfile*")
_DEFINED = lazily.pattern(r"^([A-Z][A-Z0-9_]*)[ \t]+\S", re.MULTILINE)
_IMAGES = {"sebp/elk": frozenset(("NGINXACCESS", "NGUSER", "NGUSERNAME"))}  # and the patterns that they ship


@functools.lru_cache(64)
def defined(folder: str) -> frozenset[str]:
    """The names of all patterns that are defined near this folder, or by an image that is named there."""
    out: set[str] = set()
    for text in nearby.texts(folder, _FOLDERS):
        out.update(_DEFINED.findall(text))
    for text in nearby.texts(folder, _BUILDS):
        for image, names in _IMAGES.items():
            out |= names if image in text else set()
    return frozenset(out)
