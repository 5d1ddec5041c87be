"""What people see: thresholds, colours, words for nothing, links, variables, and the files around them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import grafana_samples as samples
import pytest
import yaml

from llmmon import plan
from llmmon.targets.grafana import TARGET, of_fleet, of_service
from llmmon.targets.grafana.compose import single_unit
from llmmon.targets.grafana.fields import ref_id

GOLDEN = Path(__file__).parent / "golden"
HOSTILE = "a \"b\" 'c' `d` {{e}} $f ${g} [[h]] \\n \n ]]> </script> %s \u2028 \U0001f600"


def emitted(*rows: plan.Row, **changes: Any) -> dict[str, Any]:
    dashboard = samples.dashboard(rows or None, **changes)
    (artifact,) = of_service(samples.fleet(), samples.service(dashboard))
    data: dict[str, Any] = json.loads(artifact.text)
    return data


def shown(panel: plan.Panel) -> dict[str, Any]:
    (only,) = emitted(plan.Row("", (panel,)))["panels"]
    return dict(only)


def steps(panel: plan.Panel) -> list[tuple[str, float | None]]:
    return [(step["color"], step["value"]) for step in shown(panel)["fieldConfig"]["defaults"]["thresholds"]["steps"]]


def test_one_panel_is_written_as_grafana_12_writes_it() -> None:
    assert shown(samples.panel()) == json.loads((GOLDEN / "timeseries.json").read_text())


def test_a_dashboard_is_written_as_grafana_12_writes_it() -> None:
    data = emitted(plan.Row("Latency", (), collapsed=True))
    assert data == json.loads((GOLDEN / "dashboard.json").read_text())


def test_null_is_only_where_thresholds_begin() -> None:
    found = list(_nulls(emitted()))
    assert found
    assert {way[-3:] for way in found} == {("steps", 0, "value")}


def test_above_and_below_colour_what_the_alerts_say() -> None:
    stat: Any = "stat"
    ladder = (samples.above("2.5", "critical"), samples.above(1, "warning"))
    assert steps(samples.panel(kind=stat, thresholds=ladder)) == [("green", None), ("orange", 1), ("red", 2.5)]
    ladder = (samples.below("0.95", "critical"), samples.below("0.99", "warning"))
    assert steps(samples.panel(kind=stat, thresholds=ladder)) == [("red", None), ("orange", 0.95), ("green", 0.99)]
    band = (samples.below(10, "warning"), samples.above(20, "critical"))
    assert steps(samples.panel(kind=stat, thresholds=band)) == [("orange", None), ("green", 10), ("red", 20)]


def test_lines_have_the_colour_of_their_own_severity() -> None:
    both = (samples.below("0.95", "critical"), samples.below("0.99", "warning"), samples.above("0.999", "target"))
    panel = samples.panel(thresholds=both)
    assert steps(panel) == [("green", None), ("red", 0.95), ("orange", 0.99), ("blue", 0.999)]
    assert shown(panel)["fieldConfig"]["defaults"]["custom"]["thresholdsStyle"] == {"mode": "line"}


def test_a_target_alone_is_a_dashed_line_and_colours_a_value_that_meets_it() -> None:
    alone = (samples.above("0.99", "target"),)
    assert shown(samples.panel(thresholds=alone))["fieldConfig"]["defaults"]["custom"]["thresholdsStyle"] == {
        "mode": "dashed"
    }
    assert steps(samples.panel(kind="stat", thresholds=alone)) == [("text", None), ("green", 0.99)]
    beside = (*alone, samples.above(2, "critical"))
    assert steps(samples.panel(kind="stat", thresholds=beside)) == [("green", None), ("red", 2)]


def test_a_value_without_thresholds_is_not_painted_healthy() -> None:
    assert steps(samples.panel(kind="stat", thresholds=())) == [("text", None)]


def test_percentiles_errors_and_targets_have_colours_of_their_own() -> None:
    legends = ("p50", "p95", "p99", "errors", "target", "{{model}} p95", "answers")
    panel = samples.panel(queries=tuple(samples.query(legend) for legend in legends))
    colours = {
        override["matcher"]["options"]: override["properties"][0]["value"]["fixedColor"]
        for override in shown(panel)["fieldConfig"]["overrides"]
    }
    assert colours == {"A": "super-light-purple", "B": "purple", "C": "dark-purple", "D": "red", "E": "blue"}


def test_two_queries_never_get_the_same_fixed_colour() -> None:
    panel = samples.panel(queries=(samples.query("p95 in"), samples.query("p95 out")))
    assert shown(panel)["fieldConfig"]["overrides"] == []


def test_a_value_keeps_the_colour_of_its_thresholds() -> None:
    assert shown(samples.panel(kind="stat"))["fieldConfig"]["overrides"] == []


def test_nothing_has_words() -> None:
    defaults = shown(samples.panel(mapping={"1": ("UP", "green")}))["fieldConfig"]["defaults"]
    assert defaults["noValue"] == "No data"
    known, nothing = defaults["mappings"]
    assert known["options"] == {"1": {"color": "green", "index": 0, "text": "UP"}}
    assert nothing["options"] == {"match": "nan", "result": {"color": "#808080", "index": 1, "text": "No traffic"}}


def test_every_part_asks_the_datasource_variable() -> None:
    data = emitted()
    panels = [*data["panels"], *(inner for panel in data["panels"] for inner in panel.get("panels", []))]
    asking = [panel for panel in panels if panel["type"] not in ("row", "text")]
    parts = [part for panel in asking for part in (panel, *panel["targets"])]
    assert len(parts) > 20
    assert {part["datasource"]["uid"] for part in parts} == {"${datasource}"}
    assert data["templating"]["list"][0]["name"] == "datasource"


def test_tables_are_instant_and_name_their_columns() -> None:
    panel = shown(samples.panel(kind="table", queries=(samples.query("p95"), samples.query("errors"))))
    assert [(t["format"], t["instant"], t["range"], t["refId"]) for t in panel["targets"]] == [
        ("table", True, False, "A"),
        ("table", True, False, "B"),
    ]
    assert panel["transformations"][1]["options"]["renameByName"] == {"Value #A": "p95", "Value #B": "errors"}


def test_legends_are_tables_where_there_is_room() -> None:
    assert shown(samples.panel(width=12))["options"]["legend"]["displayMode"] == "table"
    assert shown(samples.panel(width=11))["options"]["legend"]["displayMode"] == "list"


def test_a_query_without_a_legend_lets_grafana_name_its_series() -> None:
    assert shown(samples.panel(queries=(samples.query(""),)))["targets"][0]["legendFormat"] == "__auto"
    heatmap = samples.panel(kind="heatmap", queries=(samples.query(""),))
    assert shown(heatmap)["targets"][0]["legendFormat"] == "{{le}}"


def test_firing_alerts_are_shown_by_severity_in_the_chosen_environment() -> None:
    events = emitted()["annotations"]["list"][1:]
    assert [(event["name"], event["iconColor"]) for event in events] == [
        ("Firing: critical", "red"),
        ("Firing: warning", "orange"),
    ]
    assert events[0]["target"]["expr"] == (
        'ALERTS{alertstate="firing",service="chat",severity="page",environment="$environment"}'
    )


@pytest.mark.parametrize(
    ("variable", "matcher"),
    [
        (plan.Variable("environment", "Environment", options=(("staging", "stg"),)), '="${environment:text}"'),
        (plan.Variable("environment", "Environment", options=(("a", "a"),), multi=True), '=~"$environment"'),
        (plan.Variable("model", "Model", options=(("a", "a"),)), ""),
    ],
)
def test_alerts_carry_the_name_of_the_environment(variable: plan.Variable, matcher: str) -> None:
    expr = emitted(variables=(variable,))["annotations"]["list"][1]["target"]["expr"]
    assert expr.endswith(f",environment{matcher}}}" if matcher else 'severity="page"}')


def test_variables_say_their_selection() -> None:
    _, environment, model, window = emitted()["templating"]["list"]
    assert environment["query"] == "production : production, staging : staging"
    assert (model["current"], model["allValue"]) == ({"text": ["All"], "value": ["$__all"]}, ".*")
    assert window["query"] == "short : 5m, long\\, slow : 1h"
    assert window["current"] == {"text": "short", "value": "5m"}


def test_hostile_words_stay_data() -> None:
    panel = samples.panel(HOSTILE, title=HOSTILE, description=HOSTILE, queries=(samples.query(HOSTILE),))
    data = emitted(plan.Row(HOSTILE, (panel,)), title=HOSTILE)
    row, made = data["panels"]
    assert {row["title"], made["title"], made["description"], data["title"]} == {HOSTILE}
    assert made["targets"][0]["legendFormat"] == HOSTILE


def test_ref_ids_go_on_after_z() -> None:
    assert [ref_id(n) for n in (0, 25, 26, 51, 52, 701, 702)] == ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]


@pytest.mark.parametrize(
    ("span", "text"), [(timedelta(hours=6), "6h"), (timedelta(minutes=90), "90m"), (timedelta(days=2), "2d")]
)
def test_a_time_range_has_one_unit(span: timedelta, text: str) -> None:
    assert single_unit(span) == text


def test_provisioning_needs_no_secret() -> None:
    dashboards, datasources = of_fleet(samples.fleet(), ())
    assert dashboards.path.as_posix() == "grafana/provisioning/dashboards/llmmon.yaml"
    assert yaml.safe_load(dashboards.text)["providers"][0]["options"]["foldersFromFilesStructure"] is True
    (source,) = yaml.safe_load(datasources.text)["datasources"]
    assert (source["url"], source["jsonData"]["timeInterval"]) == ("$PROMETHEUS_URL", "30s")
    assert datasources.text.startswith("# Generated by llmmon from specs/fleet.yaml")


def test_an_environment_with_its_own_prometheus_has_its_own_datasource() -> None:
    own = [plan.Environment(name, {}, {}) for name in ("production", "eu-west")]
    shared = plan.Environment("staging", {"environment": "staging"}, {})
    assert _urls(*own) == ["$PROMETHEUS_URL_PRODUCTION", "$PROMETHEUS_URL_EU_WEST"]
    assert _urls(own[0], shared) == ["$PROMETHEUS_URL", "$PROMETHEUS_URL_PRODUCTION"]
    assert _urls(own[0]) == ["$PROMETHEUS_URL"]


def test_the_bytes_depend_on_nothing_but_the_plan() -> None:
    script = (
        "import hashlib, grafana_samples as s; from llmmon.targets.grafana import of_service;"
        "print(hashlib.sha256(''.join(a.text for a in of_service(s.fleet(), s.service())).encode()).hexdigest())"
    )
    here = str(Path(__file__).parent)
    runs = [
        subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": here},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert runs[0] == runs[1]


def test_grafanalib_is_only_imported_to_emit() -> None:
    script = "import sys, llmmon.targets.grafana; print('grafanalib' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_our_own_dashboards_have_no_problems() -> None:
    fleet, service = samples.fleet(), samples.service()
    assert TARGET.check is not None
    assert list(TARGET.check(fleet, service, list(of_service(fleet, service)))) == []


def _urls(*environments: plan.Environment) -> list[str]:
    _, datasources = of_fleet(samples.fleet(*environments), ())
    return [source["url"] for source in yaml.safe_load(datasources.text)["datasources"]]


def _nulls(value: Any, *way: str | int) -> Any:
    if value is None:
        yield way
    elif isinstance(value, dict | list):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _nulls(item, *way, key)
