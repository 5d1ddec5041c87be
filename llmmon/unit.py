"""Units: what a number in a spec means, how Grafana shows it, how an annotation prints it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from llmmon import lazily

Dimension = Literal["seconds", "bytes", "ratio", "money", "rate", "count"]

_SIZES: dict[str, tuple[Dimension, Decimal]] = {
    "ms": ("seconds", Decimal("0.001")),
    "s": ("seconds", Decimal(1)),
    "m": ("seconds", Decimal(60)),
    "h": ("seconds", Decimal(3600)),
    "d": ("seconds", Decimal(86400)),
    "w": ("seconds", Decimal(604800)),
    "%": ("ratio", Decimal("0.01")),
    "B": ("bytes", Decimal(1)),
    **{f"{p}B": ("bytes", Decimal(1000) ** (i + 1)) for i, p in enumerate(("k", "M", "G", "T", "P"))},
    **{f"{p}iB": ("bytes", Decimal(1024) ** (i + 1)) for i, p in enumerate(("K", "M", "G", "T", "P"))},
    "/s": ("rate", Decimal(1)),
    "/m": ("rate", Decimal(1) / 60),
    "/h": ("rate", Decimal(1) / 3600),
    "USD": ("money", Decimal(1)),
    "EUR": ("money", Decimal(1)),
    "GBP": ("money", Decimal(1)),
    "CHF": ("money", Decimal(1)),
    "JPY": ("money", Decimal(1)),
    "": ("count", Decimal(1)),
}
_QUANTITY = lazily.pattern(r"([-+]?[0-9][0-9_]*(?:\.[0-9]+)?(?:e[-+]?[0-9]+)?)\s*([A-Za-z%/]*)\Z")
CURRENCIES = frozenset(name for name, (dimension, _) in _SIZES.items() if dimension == "money")
SUFFIXES = tuple(name for name in _SIZES if name)


@dataclass(frozen=True, slots=True)  # pydantic knows these
class Quantity:
    """A number with its unit, in base units: seconds, bytes, ratio 0..1, events per second, one of a currency."""

    value: Decimal
    dimension: Dimension
    text: str  # as the user wrote it
    currency: str | None = None


def parse(text: str) -> Quantity | None:
    """`200ms`, `99.9%`, `90GB`, `500 USD`, `0.1/s`, `10000`; None where the text is none of these."""
    match = _QUANTITY.match(text.strip())
    if not match or match[2] not in _SIZES:
        return None
    dimension, size = _SIZES[match[2]]
    currency = match[2] if dimension == "money" else None
    return Quantity(Decimal(match[1].replace("_", "")) * size, dimension, text.strip(), currency)


def dimension(unit: str | None) -> Dimension:
    """What kind of number a metric's or a signal's unit is; a unit that we do not know counts things."""
    match unit:
        case "seconds" | "bytes" | "ratio":
            return unit
        case None:
            return "count"
        case _ if unit in CURRENCIES:
            return "money"
        case _ if unit.endswith("/s"):
            return "rate"
    return "count"


def fits(quantity: Quantity, unit: str | None) -> bool:
    """Whether a threshold such as `200ms` can be compared with a signal of this unit; a bare number always can."""
    wanted = dimension(unit)
    if quantity.dimension == "count":
        return True
    if wanted == "money":
        return quantity.currency == unit
    return quantity.dimension == wanted


GRAFANA = {
    "seconds": "s",
    "bytes": "bytes",
    "ratio": "percentunit",
    "USD": "currencyUSD",
    "EUR": "currencyEUR",
    "GBP": "currencyGBP",
    "JPY": "currencyJPY",
    "requests/s": "reqps",
    "bytes/s": "Bps",
    "operations/s": "ops",
    "cores": "short",
    "percent": "percent",
    "milliseconds": "ms",
    "microseconds": "µs",
    "days": "d",
    "hours": "h",
}


def grafana(unit: str | None) -> str:
    """The unit id that Grafana knows: `s`, `percentunit`, `reqps`, `ops` for other events per second, else `short`."""
    if unit in GRAFANA:
        return GRAFANA[unit]
    return "ops" if unit and unit.endswith("/s") else "short"


def humanize(unit: str | None, value: str = "$value") -> str:
    """A Go template pipeline that prints an alert's value with its unit."""
    match dimension(unit):
        case "ratio":
            return f"{{{{ {value} | humanizePercentage }}}}"
        case "seconds":
            return f"{{{{ {value} | humanizeDuration }}}}"
        case "bytes":
            return f"{{{{ {value} | humanize1024 }}}}B"
        case "money":
            return f'{{{{ printf "%.4f" {value} }}}} {unit}'
        case "rate":
            return f"{{{{ {value} | humanize }}}} {unit}"
        case "count":
            return f"{{{{ {value} | humanize }}}}" + (f" {unit}" if unit and unit != "1" else "")


def number(value: Decimal) -> str:
    """A decimal as PromQL, JSON and people write it: no exponent, no trailing zeros."""
    text = f"{value.normalize():f}" if value else "0"
    if len(text) < 40:
        return text
    short = repr(float(value))  # more digits than a float holds, or more than any quantity has before the point
    return f"{Decimal(short):f}" if abs(value) < 1 else short
