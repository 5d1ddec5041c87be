"""From the log stack as it is written to one with every decision taken, and what is wrong with it."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from llmmon import duration
from llmmon.plan.fleet import RESERVED, Secret
from llmmon.plan.logstack import Analysis, Filebeat, LogAlert, LogStack, Match, Search, Snapshots
from llmmon.problem import Level, Problem
from llmmon.spec.model import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from llmmon.load import LoadedFleet
    from llmmon.plan.logs import Pipeline
    from llmmon.problem import Origin
    from llmmon.spec import logstack as written

DAY = timedelta(days=1)  # what one index holds
TEXT = ("message",)  # analysed: a term never finds the whole line
_CLOCK = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])\Z")
_QUARTZ = (  # name, lowest, highest, names; Elasticsearch's Cron
    ("seconds", 0, 59, ()),
    ("minutes", 0, 59, ()),
    ("hours", 0, 23, ()),
    ("day of month", 1, 31, ()),
    ("month", 1, 12, ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")),
    ("day of week", 1, 7, ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")),
    ("year", 1970, 2199, ()),
)


def lower_logstack(spec: written.LogStack | None, loaded: LoadedFleet, problems: list[Problem]) -> LogStack | None:
    """The fleet's log stack; None where nothing is written, or where an error leaves nothing to emit."""
    if spec is None:
        return None
    here = loaded.origin("logs")
    wrong = [*_age_problems(spec, here), *_snapshot_problems(spec, here.at("snapshots"))]
    wrong += _filebeat_problems(spec, here.at("filebeat"))
    if loaded.spec.elasticsearch is None and not spec.loki:
        message = "logs are kept nowhere: write `elasticsearch: {hosts: ['https://...:9200']}` in the fleet's file"
        wrong.append(Problem(here, message, "no-elasticsearch"))
    problems += wrong
    if any(problem.level is Level.ERROR for problem in wrong):
        return None
    return LogStack(
        f"{loaded.spec.fleet}-logs",
        spec.shards,
        spec.replicas,
        _age(spec.warm),
        _age(spec.cold),
        _age(spec.delete),
        _snapshots(spec.snapshots, here.at("snapshots")),
        _filebeat(spec.filebeat, here.at("filebeat")),
        spec.kibana,
        spec.loki,
        here,
    )


def lower_analysis(spec: written.Analysis | None, pipeline: Pipeline) -> tuple[Analysis | None, list[Problem]]:
    """What is asked of the logs of a pipeline."""
    if spec is None:
        return None, []
    here = pipeline.origin.at("analysis")
    problems: list[Problem] = []
    queries = tuple(
        _search(name, one, pipeline, here.at("queries", name), problems) for name, one in spec.queries.items()
    )
    alerts = tuple(_alert(name, one, pipeline, here.at("alerts", name), problems) for name, one in spec.alerts.items())
    return Analysis(spec.streams, queries, alerts), problems


def quartz_fault(text: str) -> str | None:
    """Why Elasticsearch would refuse this cron; None where it would not."""
    fields = text.split()
    if len(fields) == 5:
        return "has five fields, as crontab does: put the seconds first, such as 0 30 1 * * ?"
    if len(fields) not in (6, 7):
        return "needs six or seven fields: seconds, minutes, hours, day of month, month, day of week, year"
    for field, (name, low, high, names) in zip(fields, _QUARTZ, strict=False):
        optional = name.startswith("day of")
        if field == "?" and not optional:
            return f"? may stand for a day only, not for the {name}"
        if field != "?" and not all(_part(part, low, high, names, optional) for part in field.split(",")):
            return f"{field!r} is no {name} ({low} to {high})"
    if (fields[3] == "?") == (fields[5] == "?"):
        return "exactly one of day of month and day of week must be ?"
    return None


def writer(elasticsearch: Mapping[str, Any]) -> dict[str, Any]:
    """Hosts and credentials of an elasticsearch output; secrets by the variable, or keystore entry, that holds them."""
    hosts = [host if "://" in host else f"https://{host}" for host in elasticsearch.get("hosts", ())]
    if elasticsearch.get("api_key"):
        credentials = [("api_key", _variable(elasticsearch["api_key"]))]
    else:
        password = elasticsearch.get("password")
        user = elasticsearch.get("user") or "${ES_USER}"
        credentials = [("user", user), ("password", _variable(password) if password else "${ES_PASSWORD}")]
    tls = all(host.startswith("https://") for host in hosts)
    return {"hosts": hosts, "tls": tls, "ca": elasticsearch.get("ca"), "credentials": credentials}


def _age(age: timedelta | None) -> timedelta | None:
    return None if age is None else age + DAY


def _variable(value: Secret) -> str:
    name = re.sub(r"[^A-Za-z0-9]+", "_", f"{value.name}_{value.key}").upper()
    return f"${{{name if name[0].isalpha() else f'SECRET_{name}'}}}"


def _age_problems(spec: written.LogStack, here: Origin) -> Iterator[Problem]:
    before, first = None, ""
    for name in ("warm", "cold", "delete"):
        age: timedelta | None = getattr(spec, name)
        if age is None:
            continue
        if before is not None and age < before:
            message = f"{name} at {duration.text(age)} comes before {first} at {duration.text(before)}: ages must grow"
            yield Problem(here.at(name), message, "lifecycle-order")
        before, first = age, name
    if spec.delete is None:
        yield Problem(here, "no log is ever deleted: write delete: 30d", "never-deleted", Level.WARNING)


def _snapshot_problems(spec: written.LogStack, here: Origin) -> Iterator[Problem]:
    found = spec.snapshots
    if not found:
        return
    if not _CLOCK.match(found.schedule) and (fault := quartz_fault(found.schedule)):
        message = f"{shown(found.schedule)} is no schedule: {fault}; or write a time of day, such as 01:30"
        yield Problem(here.at("schedule"), message, "quartz-cron")
    if found.at_least > found.at_most:
        message = f"at_least {found.at_least} is more than at_most {found.at_most}: Elasticsearch refuses that"
        yield Problem(here.at("at_least"), message, "snapshot-retention")


def _filebeat_problems(spec: written.LogStack, here: Origin) -> Iterator[Problem]:
    ports = sorted({server.rpartition(":")[2] for server in spec.filebeat.logstash}) if spec.filebeat else []
    if len(ports) > 1:
        message = f"the servers have the ports {' and '.join(ports)}, but one pipeline listens on one: write one port"
        yield Problem(here.at("logstash"), message, "filebeat-port")
    if ports and int(ports[0]) < 1024:
        message = f"Logstash does not run as root and cannot listen on port {ports[0]}: take one from 1024 on"
        yield Problem(here.at("logstash"), message, "privileged-port", Level.WARNING)


def _snapshots(spec: written.Snapshots | None, here: Origin) -> Snapshots | None:
    if spec is None:
        return None
    clock = _CLOCK.match(spec.schedule)
    schedule = f"0 {int(clock[2])} {int(clock[1])} * * ?" if clock else " ".join(spec.schedule.split())
    return Snapshots(spec.bucket, spec.repository, schedule, spec.keep, spec.at_least, spec.at_most, here)


def _filebeat(spec: written.Filebeat | None, here: Origin) -> Filebeat | None:
    if spec is None:
        return None
    port = int(spec.logstash[0].rpartition(":")[2])
    return Filebeat(spec.logstash, port, spec.namespace, spec.ca, spec.istio, spec.pipeline, here)


def _search(name: str, spec: written.Search, pipeline: Pipeline, here: Origin, problems: list[Problem]) -> Search:
    problems += _field_problems(spec.having, "having", pipeline, here)
    problems += _field_problems([spec.by] if spec.by else [], "by", pipeline, here)
    problems += _field_problems([spec.sum] if spec.sum else [], "sum", pipeline, here)
    if spec.by in TEXT:
        problems.append(
            Problem(here.at("by"), f"{spec.by} is text, which cannot be grouped by: extract a field", "text-field")
        )
    numeric = {
        one.field: any(not isinstance(s.gives, str) for s in one.samples if s.gives is not None)
        for one in pipeline.extractions
    }
    if spec.sum and not numeric.get(spec.sum, spec.sum not in TEXT):
        problems.append(Problem(here.at("sum"), f"{spec.sum} is no number: sum one that is", "text-field"))
    where = tuple(_matches(spec.where, pipeline, here, problems))
    named = {*spec.where, *spec.having, spec.by, spec.sum}
    made = bool(named & {one.field for one in pipeline.extractions})
    return Search(name, spec.help, spec.within, where, spec.having, spec.by, spec.sum, made, here)


def _alert(name: str, spec: written.LogAlert, pipeline: Pipeline, here: Origin, problems: list[Problem]) -> LogAlert:
    problems += _field_problems(spec.having, "having", pipeline, here, removed=False)
    made = {one.field for one in pipeline.extractions}
    for field in dict.fromkeys((*spec.where, *spec.having, *([spec.by] if spec.by else ()))):
        if field in made:
            message = f"{field} is made by Logstash, and Loki's lines do not have it: alert on a field of the line"
            problems.append(Problem(here, message, "not-in-line"))
    if spec.by and loki_label(spec.by) in RESERVED:
        message = f"{spec.by} is a label of every alert, which would hide the field: count by another"
        problems.append(Problem(here.at("by"), message, "reserved-label"))
    lines = "log line" if spec.above == 1 else "log lines"
    summary = spec.summary or f"{name}: more than {spec.above} {lines} within {duration.text(spec.within)}"
    return LogAlert(
        name,
        tuple(_matches(spec.where, pipeline, here, problems)),
        spec.having,
        spec.by,
        spec.above,
        spec.within,
        spec.for_,
        spec.severity,
        spec.category,
        summary,
        here,
    )


def loki_label(field: str) -> str:
    """The label that Loki's `| json` makes of a field, nested ones included."""
    return re.sub(r"[^A-Za-z0-9_]", "_", field)


def _field_problems(
    fields: Iterable[str], key: str, pipeline: Pipeline, here: Origin, removed: bool = True
) -> Iterator[Problem]:
    gone = {_plain(entry.field) for entry in pipeline.redactions if entry.how == "remove"}
    for field in fields:
        if removed and field in gone:
            yield Problem(here.at(key), f"{field} is removed by `redact`: nothing would be found", "removed-field")


def _matches(where: Mapping[str, str], pipeline: Pipeline, here: Origin, problems: list[Problem]) -> Iterator[Match]:
    problems += _field_problems(where, "where", pipeline, here)
    for field, value in where.items():
        at = here.at("where", field)
        if field in TEXT:
            message = f"{field} is text, and its whole is never {shown(value)}: extract a field and compare that"
            problems.append(Problem(at, message, "text-field"))
        yield (
            _level(value, pipeline, at, problems)
            if field == "level" and pipeline.level
            else Match(field, value, field, ())
        )


def _level(value: str, pipeline: Pipeline, at: Origin, problems: list[Problem]) -> Match:
    """Logstash writes one of five levels; the line itself may say it in any word for it."""
    assert pipeline.level
    for level, words in pipeline.level.words.items():
        if value.lower() in words:
            return Match("level", level, _plain(pipeline.level.field), words)
    message = f"{shown(value)} is no level: write one of {', '.join(pipeline.level.words)}"
    problems.append(Problem(at, message, "level-word"))
    return Match("level", value, "level", ())


def _plain(field: str) -> str:
    return field.strip("[]").replace("][", ".")


def _part(part: str, low: int, high: int, names: tuple[str, ...], day: bool) -> bool:
    if day and re.fullmatch(r"L|LW|[0-9]{1,2}[WL]|[1-7]#[1-5]", part):
        return True
    reach, slash, step = part.partition("/")
    if slash and not (step.isascii() and step.isdigit() and 0 < int(step) <= high):
        return False
    if reach == "*":
        return True
    ends = reach.split("-")
    number: Callable[[str], bool] = lambda end: end.isascii() and end.isdigit() and low <= int(end) <= high  # noqa: E731
    return len(ends) <= 2 and all(end.upper() in names or number(end) for end in ends)
