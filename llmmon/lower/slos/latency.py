"""Objectives of latency: events that are fast enough, of a classic histogram or of a native one."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from llmmon import promql, unit
from llmmon.classes import replace
from llmmon.lower import expressions as ex
from llmmon.lower import text
from llmmon.lower.slos.grouping import grouping
from llmmon.lower.slos.objective import BASE, Found
from llmmon.plan import shapes as sh

if TYPE_CHECKING:
    from llmmon.lower.place import Place
    from llmmon.plan import ByLabel, Signal
    from llmmon.problem import Origin
    from llmmon.spec import slos as spec


def latency(reference: str, at: Origin, written: spec.SLO, origin: Origin, place: Place) -> Found | None:
    """Values within a limit are good; of a classic histogram the limit is one of its bounds."""
    assert written.within is not None
    members = place.signals.family(reference, at)
    if not members:
        return None
    signal = place.here(members[0])
    what = signal.measure
    if not isinstance(what, sh.Quantile):
        place.names.add(origin.at("within"), f"within needs a histogram; {reference} is none", "not-a-histogram")
        return None
    if not unit.fits(written.within, signal.unit):
        place.names.add(origin.at("within"), f"{written.within.text!r} is not in {signal.unit}", "wrong-unit")
        return None
    by = grouping(written, (what,), origin, place)
    limit = written.within.value if what.native else _bound(what, signal, written, origin, place)
    if by is None or limit is None:
        return None
    return _native(what, signal, limit, by) if what.native else _classic(what, signal, limit, by)


def _bound(what: sh.Quantile, signal: Signal, written: spec.SLO, origin: Origin, place: Place) -> Decimal | None:
    """The bucket boundary that is meant."""
    assert written.within is not None
    limit = written.within.value
    if limit in what.buckets:
        return limit
    below = max((bound for bound in what.buckets if bound < limit), default=None)
    above = min((bound for bound in what.buckets if bound > limit), default=None)
    chosen = {"up": above, "down": below}.get(written.snap or "")
    if chosen is not None:
        return chosen
    near = " or ".join(text.number(bound, signal.unit) for bound in (below, above) if bound is not None)
    message = f"{written.within.text} is no bucket boundary of {what.bucket.name}"
    if written.snap:
        message += f", and there is none {'above' if written.snap == 'up' else 'below'} it"
    hint = "" if written.snap or below is None or above is None else ", or snap: down or up"
    place.names.add(origin.at("within"), f"{message}: write {near}{hint}", "off-bucket")
    return None


def _classic(what: sh.Quantile, signal: Signal, limit: Decimal, by: tuple[ByLabel, ...]) -> Found:
    base = (what.bucket.name or "").removesuffix("_bucket")
    count = replace(what.bucket, name=f"{base}_count")
    fast = replace(what.bucket, matchers=(*what.bucket.matchers, promql.Matcher("le", "=~", ex.bound(limit))))
    ratio = sh.Ratio((fast,), (count,), "good", BASE, Decimal(1))
    return Found(ratio, ratio, by, "latency", _help(signal, limit))


def _native(what: sh.Quantile, signal: Signal, limit: Decimal, by: tuple[ByLabel, ...]) -> Found:
    slower = sh.Slower(what.bucket, limit, BASE)
    return Found(slower, what, by, "latency", _help(signal, limit))


def _help(signal: Signal, limit: Decimal) -> str:
    more = "slower than" if unit.dimension(signal.unit) == "seconds" else "above"
    return f"Share of events {more} {text.number(limit, signal.unit)}."
