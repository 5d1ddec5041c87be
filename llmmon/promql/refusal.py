"""Why an expression is refused that another server takes: a feature that is off, or the dialect of somebody else."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from .functions import AGGREGATORS, FUNCTIONS
from .types import show_version

if TYPE_CHECKING:
    from collections.abc import Container

    from .error import PromqlError
    from .functions import Version

EXPERIMENTAL: Final = "promql-experimental-functions"
# Syntax behind flags: words that begin it, since when there is a flag, and since when none is needed.
_SYNTAX: Final[dict[str, tuple[tuple[str, ...], Version, Version | None]]] = {
    "promql-extended-range-selectors": (("anchored", "smoothed"), (3, 7), None),
    "promql-binop-fill-modifiers": (("fill", "fill_left", "fill_right"), (3, 10), None),
    "promql-duration-expr": (("max_of", "min_of", "range", "step"), (3, 4), (3, 14)),
}
_DURATIONS: Final = "promql-duration-expr"
_WORD: Final = re.compile(r"[A-Za-z_]\w*").match
_UNKNOWN: Final = re.compile(r'unknown function with name "(\w+)"\Z').match
# What MetricsQL, LogQL, SQL and Graphite have, and how PromQL says it.
_INSTEAD: Final = {
    "alias": "label_replace",
    "any": "group",
    "average": "avg",
    "bytes_over_time": "a recorded metric: this is LogQL",
    "bytes_rate": "a recorded metric: this is LogQL",
    "default_rollup": "last_over_time",
    "distinct": "count(count by (...) (...))",
    "first": "last_over_time",
    "if": "and",
    "ifnot": "unless",
    "increase_pure": "increase",
    "increases_over_time": "changes",
    "keep_last_value": "last_over_time",
    "keep_metric_names": "nothing: leave it out",
    "label_copy": "label_replace",
    "label_del": "sum without (...)",
    "label_keep": "sum by (...)",
    "label_map": "label_replace",
    "label_move": "label_replace",
    "label_set": 'label_replace(..., "LABEL", "VALUE", "", "")',
    "label_transform": "label_replace",
    "lag": "time() - timestamp(...)",
    "last": "last_over_time",
    "length": "count",
    "mean": "avg",
    "median": "quantile(0.5, ...)",
    "median_over_time": "quantile_over_time(0.5, ...)",
    "now": "time()",
    "outliersk": "topk",
    "range_avg": "avg_over_time",
    "range_max": "max_over_time",
    "range_median": "quantile_over_time(0.5, ...)",
    "range_min": "min_over_time",
    "rollup_delta": "delta",
    "rollup_increase": "increase",
    "rollup_rate": "rate",
    "running_sum": "sum_over_time",
    "std": "stddev",
    "sum2": "sum(... ^ 2)",
    "tfirst_over_time": "timestamp",
    "timestamp_with_name": "timestamp",
    "tlast_over_time": "timestamp",
    "union": "or",
    "with": "a recording rule",
}


class Refusal(NamedTuple):
    """`message` is None where the server takes what our parser cannot read."""

    rule: str
    message: str | None


def refusal(text: str, error: PromqlError, version: Version, features: Container[str]) -> Refusal | None:
    """What is behind an error; None where it is a mistake and nothing else."""
    word = _word(text, error)
    if EXPERIMENTAL in error.message:
        return Refusal("feature-not-enabled", error.message)
    for flag, (words, since, until) in _SYNTAX.items():
        if word in words or (flag == _DURATIONS and _in_duration(text, error)):
            if version >= since and (flag in features or (until and version >= until)):
                return Refusal("feature-not-enabled", None)
            shown = text[slice(*error.span)] or word
            needed = f"Prometheus {show_version(since)} and --enable-feature={flag}"
            return Refusal("feature-not-enabled", f"{shown!r} is experimental: it needs {needed}")
    if word.lower() in _INSTEAD and (_UNKNOWN(error.message) or error.message.startswith("unexpected identifier")):
        return Refusal("foreign-dialect", f"PromQL has no {word}: write {_INSTEAD[word.lower()]}")
    if found := _UNKNOWN(error.message):
        from llmmon.lazily import get_close_matches

        near = get_close_matches(found[1], [*FUNCTIONS, *AGGREGATORS], 1, 0.75)
        return Refusal("promql-syntax", f"{error.message}: did you mean {near[0]}?") if near else None
    if word == "default" and error.message.startswith("unexpected identifier"):
        return Refusal("foreign-dialect", "PromQL has no default: write or vector(...)")
    return None


def _word(text: str, error: PromqlError) -> str:
    if found := _UNKNOWN(error.message):
        return found[1]
    word = _WORD(text, error.span[0])
    return word[0] if word else ""


def _in_duration(text: str, error: PromqlError) -> bool:
    """Whether something else than a duration stands where one is expected."""
    if "experimental duration expression" in error.message:
        return True
    start = text.rfind("[", 0, error.span[0])
    inside = start >= 0 and "]" not in text[start : error.span[0]]
    return inside and text[error.span[0] : error.span[0] + 1] in ("+", "-", "*", "/", "%", "^", "(")
