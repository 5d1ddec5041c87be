"""PromQL: read it, check it, change it, write it."""

from .ast import (
    Aggregate,
    Binary,
    Call,
    Expr,
    Grouping,
    Matcher,
    Matching,
    MatchOp,
    Node,
    Number,
    Paren,
    Range,
    Selector,
    Span,
    String,
    Subquery,
    Unary,
    ValueType,
    by_type,
    children,
    spine,
    walk,
)
from .error import PromqlError, position
from .escape import quote, regex_literal, selector
from .functions import DEFAULT_VERSION, FUNCTIONS, Function, Version
from .grouped_labels import groups
from .history import is_fixed, looks_back
from .labels import Flow, flow, problems, result_labels
from .labelset import Labels
from .meeting import LabelProblem
from .parser import parse
from .printer import pretty, to_text
from .rewrite import inject, rename_metrics, replace_selectors
from .types import value_type

__all__ = [
    "DEFAULT_VERSION",
    "FUNCTIONS",
    "Aggregate",
    "Binary",
    "Call",
    "Expr",
    "Flow",
    "Function",
    "Grouping",
    "LabelProblem",
    "Labels",
    "MatchOp",
    "Matcher",
    "Matching",
    "Node",
    "Number",
    "Paren",
    "PromqlError",
    "Range",
    "Selector",
    "Span",
    "String",
    "Subquery",
    "Unary",
    "ValueType",
    "Version",
    "by_type",
    "children",
    "flow",
    "groups",
    "inject",
    "is_fixed",
    "looks_back",
    "parse",
    "position",
    "pretty",
    "problems",
    "quote",
    "regex_literal",
    "rename_metrics",
    "replace_selectors",
    "result_labels",
    "selector",
    "spine",
    "to_text",
    "value_type",
    "walk",
]
