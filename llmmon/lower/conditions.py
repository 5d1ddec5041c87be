"""What an alert watches and when it fires, in words that are Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from llmmon import duration, unit
from llmmon.lower import text as words
from llmmon.markdown import code, text
from llmmon.plan import shapes
from llmmon.promql import Selector

if TYPE_CHECKING:
    from collections.abc import Iterable

    from llmmon.plan import Alert, Measure

_SENSES = {"bad": "bad events", "good": "good events", "part": "such events"}


def category(alert: Alert) -> str:
    """What kind of trouble it is; empty where no label says so."""
    return alert.labels.get("category", "")


def condition(alert: Alert) -> str:
    """`is above 2.5s`, with its exceptions."""
    match alert.shape:
        case None | shapes.Shape(condition=shapes.Free()):
            return "its expression holds"
        case shapes.Shape(condition=shapes.Absent(up=True)):
            return "no target is up"
    main = _condition(alert.shape.condition, alert.unit)
    others = ((_condition(item.condition, alert.unit), item.labels) for item in alert.shape.exceptions)
    return "; ".join((main, *(f"{words} where {_pairs(labels)}" for words, labels in others if words != main)))


def sentence(alert: Alert) -> str:
    """The whole condition, with how long it must hold."""
    held = f" for {duration.text(alert.hold)}" if alert.hold else ""
    match alert.shape:
        case None | shapes.Shape(condition=shapes.Free()):
            return f"The expression below has held{held}." if held else "The expression below holds."
        case shapes.Shape(condition=shapes.Absent(up=True)):
            return f"No target of the service has been up{held}: it is down everywhere, or it is no longer found."
        case shapes.Shape(condition=shapes.ReplicaDown()):
            return f"At least one target of the service has been down{held}, while another is up."
        case shapes.Shape(condition=shapes.Exhausted()):
            return f"An error budget of the service is used up, and this has held{held}; the table above says which."
        case shapes.Shape(condition=shapes.Burn()):
            return "The service uses up an error budget too fast; the table above says which, how fast and how long."
    what = subject(alert.shape.measure)
    after = f", and this has held{held}" if held else ""
    return f"{what[0].upper()}{what[1:]} {condition(alert)}{after}."


def subject(measure: Measure) -> str:
    """`the 95th percentile of ...`: what is compared."""
    match measure:
        case shapes.Rate(sources, "rate", window):
            return f"the rate of {_names(sources)} over {duration.text(window)}"
        case shapes.Rate(sources, _, window):
            return f"the increase of {_names(sources)} within {duration.text(window)}"
        case shapes.Ratio(part, total, sense, window):
            of = _names(total) if _names(part) == _names(total) else f"{_names(part)} of {_names(total)}"
            return f"the share of {_SENSES[sense]} over {duration.text(window)} ({of})"
        case shapes.Quantile(bucket, q):
            return f"the {unit.number(q * 100)}th percentile of {_histogram(bucket, '_bucket')}"
        case shapes.Mean(total):
            return f"the mean of {_histogram(total, '_sum')}"
        case shapes.Gauge(source):
            return f"the value of {_names((source,))}"
        case shapes.Usage(used, limit):
            of = _names((limit,)) if isinstance(limit, Selector) else "its limit"
            return f"the usage ({_names((used,))} against {of})"
        case shapes.Age(source):
            return f"the time since {_names((source,))}"
        case shapes.Expression():
            return "the result of its expression"
    assert_never(measure)


def _condition(condition: shapes.Condition, of: str | None) -> str:
    return text(words.condition(condition, of))


def _names(selectors: Iterable[Selector]) -> str:
    return ", ".join(code(name) for name in dict.fromkeys(s.name or "a series" for s in selectors))


def _histogram(selector: Selector, suffix: str) -> str:
    return code((selector.name or "a histogram").removesuffix(suffix))


def _pairs(labels: Iterable[tuple[str, str]]) -> str:
    return " and ".join(f"{code(name)} is {code(value)}" for name, value in labels)
