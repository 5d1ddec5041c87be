"""One service in one environment: everything that lowering an alert needs to know about where it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon import duration
from llmmon.classes import field, frozen
from llmmon.lower import windows
from llmmon.lower.signals import scoped
from llmmon.problem import Level

if TYPE_CHECKING:
    from datetime import timedelta

    from llmmon.load import LoadedService
    from llmmon.lower.names import Names
    from llmmon.lower.recorder import Recorder
    from llmmon.lower.scope import Scope
    from llmmon.lower.signals import Signals
    from llmmon.lower.slos.objective import Objective
    from llmmon.lower.trends import Shown
    from llmmon.plan import Alert, Environment, Fleet, Signal, Workload
    from llmmon.problem import Origin


@frozen
class Place:
    """A service in an environment, with what has been lowered there so far."""

    fleet: Fleet
    service: LoadedService
    team: str
    workload: Workload | None
    environment: Environment
    scope: Scope
    names: Names
    signals: Signals
    recorder: Recorder
    alerts: list[Alert] = field(default_factory=list)
    scoped_signals: dict[str, Signal] = field(default_factory=dict)
    trends: dict[str, Shown] = field(default_factory=dict)
    objectives: list[Objective] = field(default_factory=list)

    def here(self, signal: Signal) -> Signal:
        """The signal with this environment's matchers."""
        if signal.role not in self.scoped_signals:
            self.scoped_signals[signal.role] = scoped(signal, self.scope, self.names)
        return self.scoped_signals[signal.role]

    def remembers(self, time: timedelta, origin: Origin) -> None:
        """Warns where Prometheus has forgotten what was that long ago."""
        kept = self.fleet.servers.remembers if self.fleet.servers else None
        if kept is not None and time > kept:
            message = (
                f"{duration.text(time)} is longer than Prometheus keeps samples, {duration.text(kept)}: "
                "write less, or a longer retention: time: in the fleet"
            )
            self.names.add(origin, message, "beyond-retention", Level.WARNING)

    def is_short(self, window: timedelta, origin: Origin) -> bool:
        """Whether a window has too few scrapes for a rate; then that is said."""
        return windows.is_short(window, windows.scraped(self.service, self.fleet), origin, self.names)

    @property
    def interval(self) -> timedelta:
        """How often this environment is scraped and its rules are evaluated."""
        return self.fleet.scrape_interval
