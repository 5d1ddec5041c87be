"""Windows that are too short: a rate needs two samples, and four scrapes are what survives one that fails."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from llmmon import duration, promql

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.load import LoadedService
    from llmmon.lower.names import Names
    from llmmon.plan import Fleet
    from llmmon.problem import Keys, Origin

SCRAPES = 4
WINDOW = timedelta(minutes=5)  # where a signal names none
_RATES = ("rate", "increase")
_DEFAULT = ("rate", "increase", "ratio", "histogram", "mean")  # kinds of signals that look over five minutes


def scraped(loaded: LoadedService, fleet: Fleet) -> timedelta:
    """How often the service is scraped."""
    own = loaded.spec.scrape.interval if loaded.spec.scrape else None
    return own or fleet.scrape_interval


def check(loaded: LoadedService, fleet: Fleet, names: Names) -> None:
    """Every window of the service's signals, those of its presets too."""
    interval = scraped(loaded, fleet)
    for role, written in loaded.spec.signals.items():
        origin = loaded.origin("signals", role)
        for key in ("window", "rated", "over"):
            if window := getattr(written, key, None):
                is_short(window, interval, origin.at(key), names)
        if getattr(written, "window", WINDOW) is None and any(hasattr(written, kind) for kind in _DEFAULT):
            is_short(WINDOW, interval, origin, names)
    for keys, text in _expressions(loaded):
        _ranges(text, interval, loaded.origin(*keys), names)


def is_short(window: timedelta, interval: timedelta, origin: Origin, names: Names) -> bool:
    """Whether a window has too few scrapes; then that is said."""
    if window >= SCRAPES * interval:
        return False
    least = duration.text(SCRAPES * interval)
    message = f"{duration.text(window)} has fewer than {SCRAPES} scrapes, which come every {duration.text(interval)}: "
    names.add(origin, f"{message}write {least} or more", "short-window")
    return True


def _expressions(loaded: LoadedService) -> Iterator[tuple[Keys, str]]:
    for name, signal in loaded.spec.signals.items():
        if text := getattr(signal, "expr", None):
            yield ("signals", name, "expr"), text
    for name, alert in loaded.spec.alerts.items():
        if alert.expr and not alert.off:
            yield ("alerts", name, "expr"), alert.expr


def _ranges(text: str, interval: timedelta, origin: Origin, names: Names) -> None:
    """Rates in expressions of the user's own; what does not parse is said elsewhere."""
    try:
        expr = promql.parse(text, version=names.version)
    except promql.PromqlError:
        return
    for node in promql.walk(expr):
        if isinstance(node, promql.Call) and node.func in _RATES:
            window = node.args[0]
            if isinstance(window, promql.Range):
                is_short(timedelta(milliseconds=window.range), interval, origin, names)
