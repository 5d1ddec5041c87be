"""Everything about one alert in plain text: where it is from, what it reads, who is told, what mutes it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from llmmon.explain import known, page

if TYPE_CHECKING:
    from pathlib import Path

_EXAMPLE = "2026-11-21T03:00+01:00"


def explain(reference: str, inputs: list[Path], environment: str | None, at: datetime) -> list[str]:
    """Lines about `service/Alert`, or about one rule of it, `service/Alert@critical`; of a `service`, its alerts.

    ValueError says what to write where a service, an alert or an environment does not exist; Rejected, what is wrong
    with the specs.
    """
    service = reference.partition("/")[0]
    found = known.read(inputs, service)
    environments = _environments(found, environment)
    if "/" not in reference and found.service:
        return page.listing(found, environments)
    if reference in found.off:
        return page.off(found, reference)
    alerts = known.alerts(found, reference)
    if environment and not alerts.keys() & environments:
        raise ValueError(f"{reference} is not in {environment}: write --environment {next(iter(alerts))}")
    return page.about(found, alerts, environments, at)


def moment(text: str | None) -> datetime:
    """A moment as ISO 8601 writes it, with its zone; now where nothing is said."""
    if text is None:
        return datetime.now(UTC)
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is no moment: write one such as {_EXAMPLE}") from None
    if at.tzinfo is None:
        day = at.isoformat(timespec="minutes")
        raise ValueError(f"{text!r} has no time zone: write {day}Z for UTC, or {day}+01:00")
    if not 1970 <= at.year < 9999:
        raise ValueError(f"{text!r} is out of range: write a moment from 1970 on, such as {_EXAMPLE}")
    return at


def _environments(found: known.Known, wanted: str | None) -> list[str]:
    names = [environment.name for environment in found.fleet.environments]
    if wanted is None:
        return names
    if wanted not in names:
        raise ValueError(f"unknown environment {wanted!r}: {known.hint(wanted, names, 'the fleet has')}")
    return [wanted]
