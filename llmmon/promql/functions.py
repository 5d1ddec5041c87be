"""Which functions PromQL has, what they take and give, and since which Prometheus."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from .ast import ValueType

Version: TypeAlias = tuple[int, ...]

SCALAR: Final = "scalar"
VECTOR: Final = "instant vector"
RANGE: Final = "range vector"
STRING: Final = "string"

DEFAULT_VERSION: Final[Version] = (3, 5)


class Function(NamedTuple):
    """From `least` to `most` arguments (None: any number) of the types in `args`, the last of which may repeat."""

    name: str
    args: tuple[ValueType, ...]
    least: int
    most: int | None
    returns: ValueType
    since: Version
    until: Version | None
    experimental: bool
    stable: Version | None

    def exists(self, version: Version) -> bool:
        return self.since <= version and (self.until is None or version < self.until)

    def needs_flag(self, version: Version) -> bool:
        return self.experimental and (self.stable is None or version < self.stable)


# v instant vector, r range vector, s scalar, t string; `?` may be left out, `*` any number, `*9` up to nine.
_TAKES: Final = {
    "v": """abs absent acos acosh asin asinh atan atanh ceil cos cosh deg exp floor histogram_avg histogram_count
        histogram_stddev histogram_stdvar histogram_sum ln log10 log2 rad scalar sgn sin sinh sort sort_desc sqrt
        start_timestamp tan tanh timestamp""",
    "r": """absent_over_time avg_over_time changes count_over_time delta deriv first_over_time idelta increase irate
        last_over_time mad_over_time max_over_time min_over_time present_over_time rate resets stddev_over_time
        stdvar_over_time sum_over_time ts_of_first_over_time ts_of_last_over_time ts_of_max_over_time
        ts_of_min_over_time""",
    "v?": "day_of_month day_of_week day_of_year days_in_month hour minute month year",
    "": "end pi range start step time",
    "s": "vector",
    "s r": "quantile_over_time",
    "s s": "max_of min_of",
    "s v": "histogram_quantile",
    "s s v": "histogram_fraction",
    "r s": "predict_linear",
    "r s s": "double_exponential_smoothing holt_winters",
    "v s": "clamp_max clamp_min",
    "v s?": "round",
    "v s s": "clamp",
    "v v?": "info",
    "v t*": "sort_by_label sort_by_label_desc",
    "v t t t*": "label_join",
    "v t t t t": "label_replace",
    "v t s s*9": "histogram_quantiles",
}
_SCALARS: Final = frozenset(["end", "max_of", "min_of", "pi", "range", "scalar", "start", "step", "time"])
_SINCE: Final[dict[Version, str]] = {
    (2, 48): "histogram_stddev histogram_stdvar",
    (2, 49): "mad_over_time sort_by_label sort_by_label_desc",
    (2, 51): "histogram_avg",
    (2, 55): "info",
    (3, 0): "double_exponential_smoothing",
    (3, 5): "ts_of_last_over_time ts_of_max_over_time ts_of_min_over_time",
    (3, 7): "first_over_time ts_of_first_over_time",
    (3, 11): "histogram_quantiles",
    (3, 12): "end range start step",
    (3, 13): "max_of min_of",
    (3, 14): "start_timestamp",
}
_UNTIL: Final[dict[str, Version]] = {"holt_winters": (3, 0)}
_EXPERIMENTAL: Final = frozenset(
    [
        "double_exponential_smoothing",
        "end",
        "first_over_time",
        "histogram_quantiles",
        "info",
        "mad_over_time",
        "max_of",
        "min_of",
        "range",
        "sort_by_label",
        "sort_by_label_desc",
        "start",
        "start_timestamp",
        "step",
        "ts_of_first_over_time",
        "ts_of_last_over_time",
        "ts_of_max_over_time",
        "ts_of_min_over_time",
    ]
)
_STABLE: Final[dict[str, Version]] = {"first_over_time": (3, 14)}
_TYPES: Final[dict[str, ValueType]] = {"v": VECTOR, "r": RANGE, "s": SCALAR, "t": STRING}


def _function(name: str, takes: list[str], since: Version) -> Function:
    last = takes[-1] if takes else ""
    least = len(takes) - (last[1:2] in ("?", "*"))
    most = None if last.endswith("*") else least + int(last[2:]) if "*" in last else len(takes)
    return Function(
        name,
        tuple(_TYPES[code[0]] for code in takes),
        least,
        most,
        SCALAR if name in _SCALARS else VECTOR,
        since,
        _UNTIL.get(name),
        name in _EXPERIMENTAL,
        _STABLE.get(name),
    )


def _table() -> dict[str, Function]:
    since = {name: version for version, names in _SINCE.items() for name in names.split()}
    return {
        name: _function(name, takes.split(), since.get(name, (2, 0)))
        for takes, names in _TAKES.items()
        for name in names.split()
    }


FUNCTIONS: Final = _table()

AGGREGATORS: Final = frozenset(
    ["avg", "bottomk", "count", "count_values", "group", "max", "min", "quantile", "stddev", "stdvar", "sum", "topk"]
)
NEW_AGGREGATORS: Final[dict[str, Version]] = {"limitk": (2, 54), "limit_ratio": (2, 54)}  # experimental
PARAMS: Final[dict[str, ValueType]] = {
    "bottomk": SCALAR,
    "count_values": STRING,
    "limit_ratio": SCALAR,
    "limitk": SCALAR,
    "quantile": SCALAR,
    "topk": SCALAR,
}
