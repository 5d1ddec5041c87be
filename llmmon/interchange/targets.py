"""Shares, windows and names as other tools write them."""

from __future__ import annotations

import hashlib
import re
from datetime import timedelta
from typing import TYPE_CHECKING

from llmmon import duration, slo

if TYPE_CHECKING:
    from decimal import Decimal

    from llmmon.interchange.documents import Node

WINDOW = timedelta(days=30)
_LONGEST = 63  # characters of an object's name
_DIGITS = 10  # behind the point of a percentage, as many as a spec takes
_CALENDAR = {"M": timedelta(days=30), "Q": timedelta(days=90), "Y": timedelta(days=365)}
_SHORTHAND = re.compile(r"([0-9]{1,6})([mhdwMQY])\Z")
_LEAST = tuple(timedelta(days=days) for days in (3, 7, 28))


def share(node: Node, whole: int) -> Decimal | None:
    """A share from 0 to 1 of a number up to `whole`; a problem where it leaves no budget or promises nothing."""
    found = node.number()
    if found is None:
        if not node:
            node.error("an objective needs a target")
        return None
    out = found / whole
    if not 0 < out < 1:
        words = "leaves no error budget" if out >= 1 else "can never be missed"
        node.error(f"{found} {words}: an objective is between 0 and {whole}")
        return None
    if out != round(out, _DIGITS + 2):
        node.error(f"{found} has more digits than an objective may have: {_DIGITS} behind the point of a percentage")
        return None
    return out


def percent(value: Decimal) -> str:
    """99.9%, exact."""
    text = f"{(value * 100).normalize():f}"
    return f"{text}%"


def window(node: Node, budget: Decimal) -> timedelta | None:
    """A rolling window such as 30d or 4w; what a calendar has instead becomes one."""
    text = node.text()
    if not text:
        return None
    found = _SHORTHAND.match(text)
    if found and found[2] in _CALENDAR:
        time = int(found[1]) * _CALENDAR[found[2]]
        node.lost(f"{text} follows the calendar, which Prometheus cannot: it is a rolling {duration.text(time)} now")
    else:
        time_or_none = duration.parse(text)
        if not time_or_none:
            node.error(f"{text!r} is no window: write it like 30d or 4w")
            return None
        time = time_or_none
    return long_enough(node, time, budget)


def long_enough(node: Node, time: timedelta, budget: Decimal) -> timedelta | None:
    """The window, or the shortest one over which anybody can be told before the objective is missed.

    None, which is said, where the objective leaves so much that nothing can burn it too fast.
    """
    if slo.pairs(time, budget):
        return time
    if slo.pairs(time, budget / 1000):
        node.error(f"an objective of {percent(1 - budget)} over {duration.text(time)} is so low that nobody is told")
        return None
    longer = next((least for least in _LEAST if least > time and slo.pairs(least, budget)), WINDOW)
    node.lost(f"{duration.text(time)} is too short to tell anybody in time: it is {duration.text(longer)} now")
    return longer


def role(text: str) -> str:
    """A name as signals and objectives have it: `requests-availability` is `requests_availability`."""
    out = re.sub(r"[^a-z0-9]", "_", text.lower())
    return out if re.match(r"[a-z]", out) else f"slo_{out}"


def dns(text: str) -> str:
    """A name as services have it."""
    out = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:63].strip("-")
    return out or "imported"


def object_name(service: str, role: str) -> str:
    """A name that OpenSLO takes, of at most 63 characters, each of one objective only."""
    whole = f"{service}-{role.replace('_', '-')}".rstrip("-")
    if len(whole) <= _LONGEST:
        return whole
    digest = hashlib.sha256(whole.encode()).hexdigest()[:8]
    return f"{whole[: _LONGEST - 9].rstrip('-')}-{digest}"
