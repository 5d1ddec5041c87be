"""The fleet: environments, teams with their receivers and times, copies, and what the teams' defaults are."""

from __future__ import annotations

import difflib
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from llmmon.lower.backend import lower_backend, marks
from llmmon.lower.intervals import lower_interval
from llmmon.lower.logstack import lower_logstack
from llmmon.lower.operator import lower_operator
from llmmon.lower.receivers import incomplete, lower_defaults, lower_receiver
from llmmon.lower.responses import lower_responses
from llmmon.lower.tracing import lower_tracing
from llmmon.plan import Copy, Environment, Fleet, Interval, Receiver, Secret, Team
from llmmon.plan.fleet import SEVERITIES, Severity
from llmmon.problem import Origin, Problem
from llmmon.source.document import Document
from llmmon.spec.model import shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from llmmon.load import LoadedFleet
    from llmmon.plan.fleet import Version
    from llmmon.spec import fleet as spec

_SECRET = re.compile(r"[a-z0-9][-a-z0-9.]*/[-A-Za-z0-9._]+\Z")
_LABEL_VALUE = re.compile(r"[A-Za-z0-9_.-]+\Z")


def lower_fleet(loaded: LoadedFleet) -> tuple[Fleet | None, list[Problem]]:
    """The fleet with every reference resolved; None where an error leaves nothing to route by."""
    written, problems = loaded.spec, list[Problem]()
    versions = {name: _version(value) for name, value in written.versions.model_dump().items()}
    version = versions["alertmanager"]
    teams = {name: _team(name, team, loaded, version, problems) for name, team in written.teams.items()}
    defaults, found = lower_defaults(written.receivers, loaded.origin("receivers"), version)
    problems += found
    base, base_origin = _base(loaded, problems)
    catch_all = _receivers(written.catch_all, loaded.origin("catch_all"), version, problems)
    watchdog = _receivers(written.watchdog, loaded.origin("watchdog"), version, problems)
    if base is None and not found:
        everyone = (r for team in teams.values() for many in team.receivers.values() for r in many)
        problems += incomplete((*everyone, *catch_all, *watchdog), defaults)
    for severity, value in written.severities.items():
        twin = next((other for other, same in written.severities.items() if same == value and other != severity), None)
        if twin and list(written.severities).index(twin) < list(written.severities).index(severity):
            message = f"{twin} and {severity} are both written {value!r}: routes cannot tell them apart"
            problems.append(Problem(loaded.origin("severities", severity), message, "severity-value"))
        if not _LABEL_VALUE.match(value):
            message = f"{shown(value)} is no label value for a severity: use letters, digits, _, . and -"
            problems.append(Problem(loaded.origin("severities", severity), message, "severity-value"))
    for url, wanted in (("runbooks", "{alert}"), ("runbooks", "{service}"), ("dashboards", "{uid}")):
        if wanted not in getattr(written, url):
            message = f"{url} needs {wanted} in its URL, or different pages would have the same link"
            problems.append(Problem(loaded.origin(url), message, "url-template"))
    backend = lower_backend(loaded, problems)
    selectors = {name: item.selector for name, item in written.environments.items()}
    fleet = Fleet(
        name=written.fleet,
        versions=versions,
        scrape_interval=written.scrape_interval,
        runbooks=written.runbooks,
        dashboards=written.dashboards,
        severities={severity: written.severities.get(severity, severity) for severity in SEVERITIES},
        environments=tuple(
            Environment(name, selector, written.environments[name].demote, not selectors[name])  # type: ignore[arg-type]
            for name, selector in (marks(selectors) if backend else selectors).items()
        ),
        teams=teams,
        copies=tuple(_copies(written.copies, teams, loaded, problems)),
        catch_all=catch_all,
        watchdog=watchdog,
        defaults=defaults,
        elasticsearch=_elasticsearch(written.elasticsearch, loaded, problems),
        origin=loaded.origin(),
        base=base,
        base_origin=base_origin,
        backend=backend,
        operator=lower_operator(loaded, teams, (*catch_all, *watchdog), problems),
        logs=lower_logstack(written.logs, loaded, problems),
        tracing=lower_tracing(written.tracing, loaded, problems),
        response=lower_responses(loaded, problems),
        queries=_queries(loaded, problems),
    )
    return fleet, problems


def secret(value: object, origin: Origin, problems: list[Problem]) -> Secret | None:
    """A reference `name/key`; anything else could be the secret itself."""
    if isinstance(value, str) and _SECRET.match(value):
        name, _, key = value.partition("/")
        return Secret(name, key)
    message = "a secret is never written into a spec: write a reference, secret: name/key"
    problems.append(Problem(origin, message, "secret-value"))
    return None


def _queries(loaded: LoadedFleet, problems: list[Problem]) -> str:
    url = loaded.spec.queries or ""
    if url and "{expr}" not in url:
        message = "queries needs {expr} in its URL, such as https://prometheus.example/graph?g0.expr={expr}&g0.tab=0"
        problems.append(Problem(loaded.origin("queries"), message, "url-template"))
    return url


def _version(text: str) -> Version:
    return tuple(int(part) for part in text.split("."))


def _team(name: str, written: spec.Team, loaded: LoadedFleet, version: Version, problems: list[Problem]) -> Team:
    origin = loaded.origin("teams", name)
    receivers = {}
    for severity in SEVERITIES:
        if found := _receivers(getattr(written, severity), origin.at(severity), version, problems):
            receivers[severity] = found
    return Team(
        name=name,
        receivers=receivers,
        active=_times(written.active, origin.at("active"), problems),
        quiet=_times(written.quiet, origin.at("quiet"), problems),
        origin=origin,
    )


def _receivers(
    entries: Iterable[Mapping[str, Any]], origin: Origin, version: Version, problems: list[Problem]
) -> tuple[Receiver, ...]:
    out = []
    for index, entry in enumerate(entries):
        place = origin.at(index)
        if not isinstance(entry, dict) or len(entry) != 1:
            message = f"{shown(entry)} is no receiver: write one kind, such as {{slack: '#alerts'}}"
            problems.append(Problem(place, message, "receiver"))
            continue
        kind, value = next(iter(entry.items()))
        found, more = lower_receiver(kind, value, place, version)
        problems += more
        if found:
            out.append(found)
    return tuple(out)


def _times(written: Mapping[Severity, str], origin: Origin, problems: list[Problem]) -> dict[Severity, Interval]:
    out: dict[Severity, Interval] = {}
    for severity, text in written.items():
        if severity == "critical":
            message = "critical alerts notify at any time: remove it, or lower the alert's severity"
            problems.append(Problem(origin.at(severity), message, "critical-muted"))
            continue
        interval, found = lower_interval(text, origin.at(severity))
        problems += found
        if interval:
            out[severity] = interval
    return out


def _copies(
    written: Iterable[spec.Copy], teams: Mapping[str, Team], loaded: LoadedFleet, problems: list[Problem]
) -> Iterable[Copy]:
    for index, copy in enumerate(written):
        origin = loaded.origin("copies", index)
        if copy.to not in teams:
            problems.append(unknown_team(copy.to, teams, origin.at("to")))
            continue
        when = {key: value for key, value in copy.when.model_dump().items() if value is not None}
        if not when:
            problems.append(Problem(origin.at("when"), "a copy of every alert is noise: name a label", "copy-all"))
            continue
        if "severity" in when:
            when["severity"] = loaded.spec.severities.get(when["severity"], when["severity"])
        yield Copy(when, copy.to, origin)


def unknown_team(name: str, teams: Iterable[str], origin: Origin) -> Problem:
    """The problem of a team that the fleet does not have."""
    near = difflib.get_close_matches(name, teams, 1)
    hint = f"did you mean {near[0]!r}?" if near else f"the fleet has {', '.join(sorted(teams))}"
    return Problem(origin, f"unknown team {name!r}: {hint}", "unknown-team")


def _base(loaded: LoadedFleet, problems: list[Problem]) -> tuple[str | None, Origin | None]:
    name = loaded.spec.alertmanager.base
    if name is None:
        return None, None
    origin = loaded.origin("alertmanager", "base")
    path = Path(loaded.document.path).parent / name
    try:
        text = path.read_text(encoding="utf-8")
        return text, Origin(Document(path.as_posix(), text))
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        problems.append(Problem(origin, f"{path.as_posix()} cannot be read: {why}", "unreadable"))
        return None, None


def _elasticsearch(
    written: spec.Elasticsearch | None, loaded: LoadedFleet, problems: list[Problem]
) -> dict[str, str | bool | Secret | tuple[str, ...]]:
    if written is None:
        return {}
    origin = loaded.origin("elasticsearch")
    out: dict[str, str | bool | Secret | tuple[str, ...]] = {"hosts": written.hosts}
    for key in ("user", "ca"):
        if (value := getattr(written, key)) is not None:
            out[key] = value
    for key in ("password", "api_key"):
        reference = getattr(written, key)
        if reference and (found := secret(reference.get("secret"), origin.at(key), problems)):
            out[key] = found
    return out
