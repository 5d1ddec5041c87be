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
_OF_MIXIN = lazily.pattern(r"(?m)^[ \t]+app\.kubernetes\.io/part-of: ['\"]?kube-prometheus['\"]?[ \t]*$")
_FOLDERS = lazily.pattern(r"bundle/manifests/|(?:^|/)kube-prometheus/(?:.*/)?manifests/")  # of an operator, of a mixin


def is_made(document: Positioned) -> bool:
    """Whether a file says that a program wrote it, or is what Helm, an operator's tools or kube-prometheus put out."""
    text = document.text
    if _FOLDERS.search(document.path) or _SAYS.search(text[:_HEAD]):
        return True
    if "part-of: " in text and _OF_MIXIN.search(text):
        return True
    return ("# Source: " in text or "helm.sh/chart:" in text) and _OF_CHART.search(text) is not None
