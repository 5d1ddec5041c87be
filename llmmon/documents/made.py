"""Files that a program writes: what is a matter of care there is to be mended where they come from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon import lazily

if TYPE_CHECKING:
    from llmmon.problem import Positioned

_HEAD = 2_000  # characters in which a file says who wrote it
_SAYS = lazily.pattern(  # llmmon's own files are judged: it knows which of them somebody has changed
    r"(?im)^[ \t]*(?:#|//)(?!.*\bllmmon\b)(?:[^\w\n]*(?:auto-?)?generated (?:by|from|using|with)\b"
    r"|.*\b(?:do not (?:edit|modify)|code generated|(?:file|is|was|been) (?:automatically |auto-?)?generated)\b)"
)
_OF_CHART = lazily.pattern(r"(?m)^# Source: \S+/templates/|^[ \t]+helm\.sh/chart: ['\"]?[\w.+-]+['\"]?[ \t]*$")
_BUNDLE = "bundle/manifests/"  # of an operator


def is_made(document: Positioned) -> bool:
    """Whether a file says that a program wrote it, or is what Helm or an operator's tools put out."""
    text = document.text
    if _BUNDLE in document.path or _SAYS.search(text[:_HEAD]):
        return True
    return ("# Source: " in text or "helm.sh/chart:" in text) and _OF_CHART.search(text) is not None
