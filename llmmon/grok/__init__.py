"""Grok patterns, matched the way Logstash matches them."""

from llmmon.grok.engine import Grok, compile_pattern, compile_regex, match
from llmmon.grok.expand import Capture, Expansion, GrokError, MissingEngineError, UnknownPatternError, expand, needed
from llmmon.grok.patterns import PATTERNS

__all__ = [
    "PATTERNS",
    "Capture",
    "Expansion",
    "Grok",
    "GrokError",
    "MissingEngineError",
    "UnknownPatternError",
    "compile_pattern",
    "compile_regex",
    "expand",
    "match",
    "needed",
]
