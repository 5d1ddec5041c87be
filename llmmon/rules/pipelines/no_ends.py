"""A pipeline without an input, or without an output.

Where the one file that is read holds filters and one end only, the other end is missing: nothing comes in, or nothing
goes out. A file that holds one section alone is part of a pipeline whose other parts are elsewhere, and of several
files one more may be made by a template. So it is with a file whose name begins with a number.

Bad:

    input { beats { port => 5044 } } filter { json { source => "message" } }

    filter { json { source => "message" } } output { stdout { } }

Good:

    input { beats { port => 5044 } } output { stdout { } }

    filter { json { source => "message" } }
"""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

from llmmon.documents.pipelines import Joined
from llmmon.problem import Level
from llmmon.rule import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.documents.pipelines import Pipeline
    from llmmon.rule import Facts


def check(whole: Joined, facts: Facts) -> Iterator[Finding]:
    del facts
    kinds = {kind for part in whole.parts for kind in part.kinds()}
    if (
        not whole.alone
        or len(whole.parts) > 1
        or "filter" not in kinds
        or len(kinds) != 2
        or any(part.broken or _is_numbered(part) for part in whole.parts)
    ):
        return
    missing = "output" if "input" in kinds else "input"
    message = f"this pipeline has no {missing}: add an {missing}"
    yield Finding("L019", message, (0, 1), origin=whole.parts[0].origin)


def _is_numbered(part: Pipeline) -> bool:
    """Whether its name says that it is one of several, whose order counts."""
    return PurePath(part.origin.document.path).name[:1].isdigit()


RULE = Rule(Joined, check, {"L019": Level.WARNING}, advice=frozenset(("L019",)))
