"""Proves grok patterns: each sample line gives the value that the spec says."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from llmmon.grok import GrokError, MissingEngineError, compile_pattern
from llmmon.problem import Problem, Unverified

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.grok.engine import Fields
    from llmmon.plan.logs import Extraction, Pipeline, Sample

_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:e[+-]?[0-9]+)?\Z")


def prove_samples(pipeline: Pipeline) -> Iterator[Problem | Unverified]:
    """Run every pattern over its sample lines; a problem for each that gives another value than the spec says."""
    for extraction in pipeline.extractions:
        try:
            yield from _proved(extraction)
        except MissingEngineError:
            what = f"the grok patterns of {pipeline.service}"
            yield Unverified(what, "they are run with onigurumacffi: pip install 'llmmon[logs]'")
            return
        except GrokError as error:
            yield Problem(extraction.origin.at("pattern"), str(error), "grok-pattern")


def _proved(extraction: Extraction) -> Iterator[Problem]:
    compiled = compile_pattern(extraction.pattern, extraction.definitions)
    for sample in extraction.samples:
        if extraction.when and extraction.when not in sample.line:
            found = None
            why = f"the line does not hold `when`, {extraction.when!r}"
        else:
            found = compiled.match(sample.line)
            why = "the pattern does not match"
        if message := _difference(extraction, sample, found, why):
            yield Problem(sample.origin, message, "grok-sample", related=(extraction.origin.at("pattern"),))


def _difference(extraction: Extraction, sample: Sample, found: Fields | None, why: str) -> str | None:
    value = found.get(extraction.field) if found else None
    if value is None:
        return None if sample.gives is None else f"{_short(sample.line)} gives nothing: {why}"
    if isinstance(value, list):
        return f"{_short(sample.line)} gives {extraction.field} several times: {value}; capture it once"
    if extraction.convert and isinstance(value, str):
        text = value.strip().replace(",", "").lower()  # as mutate does since 8.14, before it wants a whole number
        if not _NUMBER.match(text):
            return f"{_short(sample.line)} gives {value!r}, which is no number: let the pattern end with the digits"
        value = float(text) if extraction.convert == "float" else int(float(text))
    wanted = sample.gives
    if wanted is None:
        return f"{_short(sample.line)} gives {value!r}, and the spec says that it gives nothing"
    if isinstance(value, str) != isinstance(wanted, str):
        kinds = "text" if isinstance(value, str) else "a number"
        return (
            f"{_short(sample.line)} gives {value!r}, {kinds}, and the spec says {wanted!r}: set `type`, or correct it"
        )
    if value != wanted:
        return f"{_short(sample.line)} gives {value!r}, and the spec says {wanted!r}"
    return None


def _short(line: str) -> str:
    return repr(line if len(line) <= 80 else line[:79] + "…")
