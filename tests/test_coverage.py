"""docs/coverage.md is true: its references resolve, no requirement lacks a row, and nothing lacks a reason."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from llmmon import duration, pipeline, promql, routing
from llmmon.classes import replace
from llmmon.inhibition import inhibitions
from llmmon.lower import lower_fleet
from llmmon.plan.health import Http
from llmmon.problem import Level
from llmmon.targets.grafana import fields

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from llmmon.load import LoadedService
    from llmmon.plan import Alert, Dashboard, Fleet, Panel, Service

ROOT = Path(__file__).parent.parent
DOCUMENT = ROOT / "docs" / "coverage.md"
REQUIRED = """
    M01-M69 N1 MU01-MU29
    R01-R15 RI1-RI8
    A01-A35 EA1-EA2 AD01-AD21 C01-C25 BR1-BR4
    D01 D01.1-D01.5 D02 D02.1-D02.5 D03 D03.1-D03.5 D03x
    D04 D04.1-D04.12 D05 D05.1-D05.7 D06 D06.1-D06.6 D07 D07.1-D07.8 D08-D12
    D13 D13.1-D13.12 D14 D14.1-D14.6 D15 D15.1-D15.6 D16 D16.1-D16.14
    KM1-KM10 GF1-GF4
    AM01-AM13 RT01-RT09 RC01-RC11 IN01-IN03 TI01-TI02 TP01-TP02
    LS01-LS12 EL01-EL11 HE01-HE12 HM01-HM05 PB01-PB04 PB.snippet PB.alert
    TR01-TR13 PR01-PR16 SE01-SE10 BK01-BK04 SC01-SC02 UP01 PF01 IP01 GS01-GS02
    SLI01-SLI17 GS1-GS4 BL1-BL6 BL.rule TQ1-TQ9
    QY01-QY06 SL01-SL06 RB01-RB17 CK1-CK4 DB1-DB8 DC1-DC7
"""
TRAPS = "X-P01-X-P24 X-R01-X-R21 X-A01-X-A19 X-G01-X-G08 X-L01-X-L09 X-K01-X-K10"
RANGE = re.compile(r"(?P<prefix>.*?)(?P<first>\d+)-(?P=prefix)(?P<last>\d+)\Z")
PARTS = {
    "alert": re.compile(r"(?P<name>\S+?)(?: (?P<holds>[<>=!]+ [\d.]+))?(?: for (?P<time>\w+))?\Z"),
    "panel": re.compile(r"(?P<name>.+?)(?: as (?P<kind>\w+) in (?P<unit>\w+))?(?: at (?P<at>[\d. ]+))?\Z"),
    "dashboard": re.compile(r"(?P<name>\S+)(?: every (?P<every>\w+) over (?P<over>\w+))?\Z"),
    "valued": re.compile(r"(?P<name>\S+?)(?: at (?P<at>[\d.]+))?\Z"),
    "route": re.compile(r"(?P<name>\S+?)(?: repeat (?P<repeat>\w+))?(?P<active> active)?\Z"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One requirement; `where` holds the references."""

    id: str
    where: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """Everything that a reference may name."""

    fleet: Fleet
    services: Mapping[str, Service]
    loaded: Mapping[str, LoadedService]


def test_every_reference_resolves() -> None:
    assert [f"{row.id}: {found}" for row in rows() for found in map(wrong, row.where) if found] == []


def test_every_requirement_has_one_row() -> None:
    counted = Counter(row.id for row in rows())
    assert [name for name, count in counted.items() if count > 1] == []
    assert counted.keys() - set(required()) == set(), "rows that no requirement asks for"
    assert set(required()) - counted.keys() == set(), "requirements without a row"


def test_every_trap_is_impossible_or_found_and_a_test_shows_it() -> None:
    found = {cells[0]: references(cells[2]) for cells in tables("trap")}
    assert list(found) == list(required(TRAPS))
    assert len(found) == 91
    for trap, (verdict, *tests) in found.items():
        assert verdict in ("impossible", "found"), trap
        assert tests, trap
        assert all(test.startswith("test:") for test in tests), trap
        assert [said for said in map(wrong, tests) if said] == [], trap


def test_a_row_says_where_or_why_not_but_not_both() -> None:
    for row in rows():
        assert row.where, row.id
        assert len(row.where) == 1 or not any(item.startswith("not:") for item in row.where), row.id


def test_nothing_is_there_without_a_reason() -> None:
    cited = {plain(item) for row in rows() for item in row.where}
    allowed = set(beyond())
    left = [item for item in made() if item not in cited and not any(fnmatchcase(item, x) for x in allowed)]
    assert [item for item in left if not is_read(item)] == []


def test_what_goes_beyond_the_documents_is_there() -> None:
    everything = list(made())
    assert [item for item in beyond() if not any(fnmatchcase(known, item) for known in everything)] == []


@pytest.mark.parametrize(
    "reference",
    [
        "nonsense:llm-config-manager",
        "not:",
        "metric:llm-config-manager/config_error_total",
        "metric:nobody/config_errors_total",
        "record:llm-config-manager/service:nothing:rate5m",
        "alert:llm-config-manager/HighErrorRate@info",
        "alert:llm-config-manager/HighErrorRate@critical > 0.2",
        "alert:llm-config-manager/HighErrorRate@critical > 0.1 for 6m",
        "panel:llm-config-manager/operations/Request Rates",
        "panel:llm-config-manager/operations/Request Rate as stat in reqps",
        "panel:llm-config-manager/operations/Request Rate as timeseries in s",
        "panel:llm-config-manager/operations/P95 Latency as timeseries in s at 0.3",
        "dashboard:llm-config-manager/operations every 5s over 1h",
        "slo:llm-config-manager/availability at 0.99",
        "baseline:llm-config-manager/request_rate at 1200",
        "budget:llm-cost-tracker/weekly",
        "route:nobody",
        "route:platform-critical repeat 15m",
        "route:platform-critical active",
        "receiver:finance-warning/pagerduty",
        "inhibition:a bad mood",
        "interval:weekends",
        "logs:llm-cost-tracker/cost",
        "input:llm-cost-tracker/tcp:5001",
        "probe:llm-cost-tracker/readiness /health/detailed:8000",
        "endpoint:llm-cost-tracker//health/nothing",
        "file:prometheus/nothing.yaml",
        "file:alertmanager/alertmanager.yml#service_key",
        "test:tests/test_coverage.py::test_nothing",
        "test:tests/traps/test_found_in_specs.py::test_found_in_a_spec[X-Q99]",
    ],
)
def test_a_reference_to_nothing_is_found(reference: str) -> None:
    assert wrong(reference)


# The document


@cache
def rows() -> tuple[Row, ...]:
    """Every row of the tables with an ID."""
    return tuple(Row(cells[0], references(cells[2])) for cells in tables("ID"))


def beyond() -> Iterator[str]:
    """The references of the table of what no document asks for; `*` stands for any text."""
    for cells in tables("beyond"):
        yield from references(cells[0])


def tables(first: str) -> Iterator[list[str]]:
    """The cells of every row of the tables whose first column has this title."""
    title = ""
    for line in DOCUMENT.read_text(encoding="utf-8").splitlines():
        if not line.startswith("|"):
            title = ""
            continue
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if not title:
            title = cells[0]
        elif title == first and set(line) - set("|-"):
            assert len(cells) == (2 if first == "beyond" else 4), line
            assert all(cells), line
            yield cells


def references(cell: str) -> tuple[str, ...]:
    return tuple(re.findall(r"`([^`]+)`", cell))


def required(text: str = REQUIRED) -> Iterator[str]:
    """The IDs that a text such as `A1-A3 B` stands for."""
    for item in text.split():
        found = RANGE.match(item)
        if not found:
            yield item
            continue
        for number in range(int(found["first"]), int(found["last"]) + 1):
            yield f"{found['prefix']}{number:0{len(found['first'])}}"


# What the specs compile to


@cache
def known() -> Known:
    """The repository's own specs, read and lowered once."""
    specs = pipeline.read([ROOT / "specs"])
    fleet, problems = lower_fleet(specs.fleet)
    assert fleet is not None
    needs = {loaded.name: loaded.spec.depends_on for loaded in specs.services}
    fleet = replace(fleet, services=needs)
    services = {service.name: service for service in pipeline.lowered(specs, fleet, problems)}
    assert [problem for problem in problems if problem.level is Level.ERROR] == []
    return Known(fleet, services, {loaded.name: loaded for loaded in specs.services})


def made() -> Iterator[str]:
    """A reference to everything that the specs of the services bring."""
    for name, service in known().services.items():
        spec = known().loaded[name].spec
        yield from (f"metric:{name}/{item}" for item in spec.metrics)
        yield from (f"record:{name}/{item}" for item in {rule.name for rule in service.rules[0].recordings})
        yield from (f"alert:{name}/{item.id}" for item in service.rules[0].alerts)
        yield from (f"panel:{name}/{item}" for item in boards(service))
        yield from (f"slo:{name}/{item}" for item in spec.slos)
        yield from (f"budget:{name}/{item}" for item in spec.budgets)
        yield from (f"baseline:{name}/{item}" for item in spec.baselines)


def is_read(reference: str) -> bool:
    """Whether it is a recording rule that an alert, a panel or another rule reads."""
    kind, _, rest = reference.partition(":")
    name, _, record = rest.partition("/")
    return kind == "record" and any(f"{record}{{" in text for text in readers(name))


@cache
def readers(name: str) -> tuple[str, ...]:
    """Every expression of a service that may read a recorded series."""
    service = known().services[name]
    rules = service.rules[0]
    expressions = [alert.expr for alert in rules.alerts] + [rule.expr for rule in rules.recordings]
    return (
        *map(promql.to_text, expressions),
        *(query.expr for panel in boards(service).values() for query in panel.queries),
    )


def plain(reference: str) -> str:
    """A reference without what it says about the thing."""
    kind, _, rest = reference.partition(":")
    parts = PARTS["valued" if kind in ("slo", "baseline") else kind] if kind in {*PARTS, "slo", "baseline"} else None
    found = parts.match(rest) if parts else None
    return f"{kind}:{found['name']}" if found else reference


def wrong(reference: str) -> str | None:
    """What does not hold of a reference."""
    kind, _, rest = reference.partition(":")
    holds = _resolves(kind, rest.strip())
    return None if holds else f"`{reference}` does not resolve"


def _resolves(kind: str, rest: str) -> bool:
    match kind:
        case "not":
            return bool(rest)
        case "file":
            return _file(rest)
        case "test":
            path, _, name = rest.partition("::")
            name, _, case = name.removesuffix("]").partition("[")
            text = (ROOT / path).read_text(encoding="utf-8") if (ROOT / path).is_file() else ""
            return f"def {name}(" in text and (not case or f'"{case}"' in text)
        case "route":
            return _route(rest)
        case "receiver":
            name, _, way = rest.partition("/")
            found = {of: {receiver.kind for receiver in ways} for of, ways, _ in routing.receivers(known().fleet)}
            return way in found.get(name, ())
        case "inhibition":
            facts = [fact for service in known().services.values() for fact in pipeline.facts(service)]
            return any(rule.why == rest for rule in inhibitions(known().fleet, facts))
        case "interval":
            teams = known().fleet.teams.values()
            return any(item.text == rest for team in teams for item in [*team.active.values(), *team.quiet.values()])
    name, _, item = rest.partition("/")
    service = known().services.get(name)
    return service is not None and _of_service(kind, item, service, known().loaded[name])


def _of_service(kind: str, item: str, service: Service, loaded: LoadedService) -> bool:
    match kind:
        case "metric":
            return item in service.metrics
        case "record":
            return any(rule.name == item for rule in service.rules[0].recordings)
        case "alert":
            return _alert(item, {alert.id: alert for alert in service.rules[0].alerts})
        case "panel":
            return _panel(item, boards(service))
        case "dashboard":
            return _dashboard(item, {board.name: board for board in service.dashboards})
        case "slo":
            return _valued(item, {name: slo.objective for name, slo in loaded.spec.slos.items()})
        case "baseline":
            return _valued(item, {name: line.value.value for name, line in loaded.spec.baselines.items()})
        case "budget":
            return item in loaded.spec.budgets
        case "logs":
            return item in event_fields(service)
        case "input":
            inputs = service.logs.inputs if service.logs else ()
            return item in {f"{entry.kind}:{entry.port}" for entry in inputs}
        case "probe":
            probes = service.health.probes.values() if service.health else ()
            asked = {probe.role: probe.handler for probe in probes}
            return item in {f"{role} {at.path}:{at.port}" for role, at in asked.items() if isinstance(at, Http)}
        case "endpoint":
            return service.health is not None and item in service.health.components.values()
    return False


def _file(rest: str) -> bool:
    path, _, text = rest.partition("#")
    file = ROOT / "generated" / path
    return file.is_file() and text in file.read_text(encoding="utf-8")


def _route(rest: str) -> bool:
    said = PARTS["route"].match(rest)
    assert said
    return any(
        route.receiver == said["name"]
        and (not said["repeat"] or (route.repeat is not None and duration.text(route.repeat) == said["repeat"]))
        and (not said["active"] or route.active is not None)
        for route in routing.walk(routing.routes(known().fleet))
    )


def _alert(item: str, alerts: Mapping[str, Alert]) -> bool:
    said = PARTS["alert"].match(item)
    alert = alerts.get(said["name"]) if said else None
    if said is None or alert is None:
        return False
    text = " ".join(promql.to_text(alert.expr).split())
    right = not said["holds"] or re.search(rf"(?<![<>=!]){re.escape(said['holds'])}(?![\d.])", text)
    return bool(right) and said["time"] in (None, duration.text(alert.hold))


def _panel(item: str, panels: Mapping[str, Panel]) -> bool:
    said = PARTS["panel"].match(item)
    panel = panels.get(said["name"]) if said else None
    if said is None or panel is None:
        return False
    lines = {Decimal(number) for number in (said["at"] or "").split()}
    shown = said["kind"] in (None, panel.kind) and said["unit"] in (None, panel.unit)
    drawn = {Decimal(str(step.value)) for step in fields.steps(panel) if step.value is not None}
    return shown and lines <= drawn


def _dashboard(item: str, dashboards: Mapping[str, Dashboard]) -> bool:
    said = PARTS["dashboard"].match(item)
    board = dashboards.get(said["name"]) if said else None
    if said is None or board is None:
        return False
    return said["every"] in (None, duration.text(board.refresh)) and said["over"] in (None, duration.text(board.span))


def _valued(item: str, values: Mapping[str, Decimal]) -> bool:
    said = PARTS["valued"].match(item)
    if said is None or said["name"] not in values:
        return False
    return not said["at"] or Decimal(said["at"]) == values[said["name"]]


def boards(service: Service) -> dict[str, Panel]:
    """Panels by `dashboard/title`."""
    return {
        f"{board.name}/{panel.title}": panel
        for board in service.dashboards
        for row in board.rows
        for panel in row.panels
    }


def event_fields(service: Service) -> set[str]:
    """The fields of events that the pipeline makes or changes."""
    logs = service.logs
    if logs is None:
        return set()
    named = {logs.timestamp.field} if logs.timestamp else set()
    named |= {logs.level.field} if logs.level else set()
    return named | {item.field for item in logs.extractions} | {item.field for item in logs.redactions}
