"""The fleet's dashboard of objectives."""

from __future__ import annotations

import json
from typing import Any

import grafana_samples as samples

from llmmon import promql
from llmmon.classes import replace
from llmmon.plan.watched import Objective, Watched
from llmmon.targets.grafana import of_fleet
from llmmon.targets.grafana.overall import overall


def watched(name: str, *objectives: Objective) -> Watched:
    return Watched(name, "inference", f"specs/{name}.yaml", (), None, None, "", None, False, (), objectives, ())


def board(*services: Watched) -> Any:
    found = [a for a in of_fleet(replace(samples.fleet(), watched=services), ()) if a.path.suffix == ".json"]
    return json.loads(found[0].text) if found else None


def test_a_fleet_without_objectives_has_no_dashboard_of_them() -> None:
    assert board(watched("chat")) is None


def test_every_window_of_every_service_is_shown_grouped_or_not() -> None:
    made = board(
        watched("chat", Objective("availability", "99.9%", "", "30d"), Objective("ttft", "95%", "within 1s", "7d")),
        watched("cost", Objective("availability", "99%", "by model", "28d")),
    )
    queries = [target["expr"] for panel in made["panels"] for target in panel.get("targets", [])]
    assert '__name__=~"service(_.+)?:slo_budget_left_ratio:rate(7d|28d|30d)"' in queries[0]
    assert len(queries) == 4
    for query in queries:
        promql.parse(query)
        assert 'environment="$environment"' in query


def test_its_uid_is_no_services_and_it_links_to_no_services_boards() -> None:
    planned = overall(replace(samples.fleet(), watched=(watched("a", Objective("b", "99%", "", "30d")),)))
    assert planned
    assert "_" in planned.uid  # names of services and dashboards have none
    made = board(watched("a", Objective("b", "99%", "", "30d")))
    assert [link["title"] for link in made["links"]] == ["All dashboards"]
    assert made["tags"] == ["llmmon"]
