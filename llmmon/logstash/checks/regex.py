"""Regular expressions that Oniguruma cannot compile."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.grok.engine import compile_regex
from llmmon.grok.expand import GrokError, MissingEngineError, StricterEngineError
from llmmon.logstash.nodes import Complaint

if TYPE_CHECKING:
    from collections.abc import Iterator


def regex(source: str, span: tuple[int, int]) -> Iterator[Complaint]:
    """What is wrong with a regular expression; nothing where no engine is installed, or ours is stricter."""
    try:
        compile_regex(source)
    except (MissingEngineError, StricterEngineError):
        return
    except GrokError as error:
        yield Complaint(str(error), span, "bad-regex")
