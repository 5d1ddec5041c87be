"""Lints files that are no YAML: what the rules say about Logstash pipelines and pages of metrics."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from llmmon import lazily, lint

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from llmmon.documents.pipeline_settings import Settings
    from llmmon.documents.pipelines import Pipeline
    from llmmon.documents.plain import Plain
    from llmmon.problem import Problem
    from llmmon.rule import Facts, Rule

SNIFFED = 65_536  # bytes of a file in a folder that show what it is
PIPELINES = ("pipelines",)
METRICS = ("metrics",)
_PIPELINE = lazily.pattern(r"(?:\s++|#[^\n]*+)*+(?:input|filter|output)\s*+(?:#[^\n]*+\s*+)*+\{")
_PAGE = lazily.pattern(
    r"\s*+#[ \t]+(?:TYPE[ \t]+\S+[ \t]+(?:counter|gauge|(?:gauge)?histogram|summary|untyped|unknown|info|stateset)\s"
    r"|HELP[ \t]+\S+[ \t][^\n]*+\n(?:#[ \t]+TYPE[ \t]|[a-zA-Z_:]))"
)


def is_known(text: str) -> bool:
    """Whether rules look at such a text."""
    return bool(_PIPELINE.match(text) or _PAGE.match(text))


def looks_known(path: Path) -> bool:
    """Whether a file begins like one that rules look at; one that cannot be read does not."""
    try:
        with path.open("rb") as file:
            return is_known(file.read(SNIFFED).decode("utf-8-sig", "replace"))
    except OSError:
        return False


def problems(
    documents: Sequence[Plain],
    settings: Sequence[Settings],
    around: Facts,
    wanted: Callable[[str, Rule[Any]], bool],
) -> Iterator[Problem]:
    """What is wrong with these files, each alone and together, and with the settings of Logstash's pipelines."""
    pages = [document for document in documents if _PAGE.match(document.text)]
    if pages:
        yield from _metrics(pages, around, wanted)
    others = [document for document in documents if not _PAGE.match(document.text)]
    if settings or others:
        table = lint.chosen(PIPELINES, wanted)
        for one in settings:
            yield from lint.node(one, around, one.origin, table)
        yield from _pipelines(others, around, table)


def _metrics(documents: Sequence[Plain], around: Facts, wanted: Callable[[str, Rule[Any]], bool]) -> Iterator[Problem]:
    from llmmon.documents import pages

    table = lint.chosen(METRICS, wanted)
    for document in documents:
        read = pages.read(document)
        yield from read.problems
        for metric, origin in read.metrics:
            yield from lint.node(metric, around, origin, table)


def _pipelines(documents: Sequence[Plain], around: Facts, table: lint.Table) -> Iterator[Problem]:
    from llmmon.documents import pipelines

    read: list[Pipeline] = []
    for document in documents:
        found = pipelines.read(document)
        yield from found.problems
        read += [found.pipeline] if found.pipeline else []
    for pipeline in read:
        yield from lint.node(pipeline, around, pipeline.origin, table)
    for whole in pipelines.joined(read, alone=len(read) == len(documents) and not _others(documents)):
        yield from lint.node(whole, around, whole.parts[0].origin, table)
    for pipeline in read[:1]:
        yield from lint.node(pipelines.Neighbours(tuple(read)), around, pipeline.origin, table)


def _others(documents: Sequence[Plain]) -> bool:
    """Whether there are pipelines beside these that nobody asked for."""
    asked = {Path(document.path).absolute() for document in documents}
    folders = {path.parent for path in asked}
    return any(path not in asked for folder in folders for path in folder.glob("*.conf"))
