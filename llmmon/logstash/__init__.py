"""The Logstash configuration language: read it, judge it, write its strings."""

from llmmon.logstash.compile import NEWEST, compile_problems
from llmmon.logstash.escape import QuoteError, quote, quote_regex, slashes, variable
from llmmon.logstash.nodes import Complaint, Config, Span, children, plugins, walk
from llmmon.logstash.parser import parse
from llmmon.logstash.scanner import LogstashError, position

__all__ = [
    "NEWEST",
    "Complaint",
    "Config",
    "LogstashError",
    "QuoteError",
    "Span",
    "children",
    "compile_problems",
    "parse",
    "plugins",
    "position",
    "quote",
    "quote_regex",
    "slashes",
    "variable",
    "walk",
]
