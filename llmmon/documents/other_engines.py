"""Templates that do not parse here and are right for another engine, as far as the rest of their file says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon import lazily

if TYPE_CHECKING:
    from llmmon.gotemplate import TemplateError

_ACTION = lazily.pattern(r"\{\{-? *(?:[.$(]|(?:block|define|else|end|if|range|template|with)\b)")  # in Go's notation
_VALUE = lazily.pattern(r"\$value\b|\{\{-?[ \t]*\.Value\b")  # as Prometheus has it


def may_read(wrong: TemplateError, template: str, file: str) -> bool:
    """Whether there are two dollars, of which Flux leaves one; values as Grafana's alerts have them, and none as
    Prometheus's do; or a name alone, which Ansible fills in, in a file without Go's actions or in capitals."""
    start, end = wrong.span
    word = template[start:end]
    if word in ("$$", "$values"):
        return word == "$$" or _VALUE.search(file) is None
    alone = template[:start].rstrip(" -").endswith("{{") and template[end:].lstrip(" -").startswith("}}")
    return wrong.undefined and alone and word.isidentifier() and (word.isupper() or _ACTION.search(file) is None)
