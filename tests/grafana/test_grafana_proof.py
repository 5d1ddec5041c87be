"""The offline proof finds each defect in the JSON, and says it at the panel's line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import grafana_samples as samples
import pytest

from llmmon import plan
from llmmon.classes import replace
from llmmon.problem import Origin, Problem
from llmmon.targets.grafana import TARGET, of_service
from llmmon.targets.grafana.expressions import known_values, substituted, unknown_variables

if TYPE_CHECKING:
    from collections.abc import Callable

    from llmmon.target import Artifact


def found(*dashboards: plan.Dashboard, change: Callable[[dict[str, Any]], object] | None = None) -> list[Problem]:
    fleet, service = samples.fleet(), samples.service(*dashboards)
    artifacts = [_changed(artifact, change) for artifact in of_service(fleet, service)]
    assert TARGET.check is not None
    return [found for found in TARGET.check(fleet, service, artifacts) if isinstance(found, Problem)]


def _changed(artifact: Artifact, change: Callable[[dict[str, Any]], object] | None) -> Artifact:
    if change is None:
        return artifact
    data = json.loads(artifact.text)
    change(data)
    return replace(artifact, text=json.dumps(data))


def rules(problems: list[Problem]) -> list[str]:
    return [problem.rule for problem in problems]


def two(*keys: str) -> plan.Dashboard:
    """Two panels, written on lines 4 and 9 of the spec."""
    lines = (("panels", 1), ("panels", 6))
    panels = [samples.panel(key, origin=Origin(samples.SPEC, line)) for key, line in zip(keys, lines, strict=True)]
    return samples.dashboard((plan.Row("Row", tuple(panels)),))


def test_one_key_for_two_panels_is_a_collision() -> None:
    problems = found(two("same", "same"))
    assert rules(problems) == ["dashboard-panel-id"]
    assert str(problems[0].origin) == "specs/chat.yaml:9:5"
    assert "give one of the two another key" in problems[0].message


def test_two_dashboards_need_two_uids() -> None:
    problems = found(samples.dashboard(), samples.dashboard(name="other"))
    assert rules(problems) == ["dashboard-uid"]


@pytest.mark.parametrize("uid", ["", "a" * 41, "with space", "umläut"])
def test_a_uid_is_what_grafana_takes(uid: str) -> None:
    assert rules(found(samples.dashboard(uid=uid))) == ["dashboard-uid"]


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        (lambda p: p["gridPos"].update(x=20), "dashboard-grid"),
        (lambda p: p["gridPos"].update(w=0), "dashboard-grid"),
        (lambda p: p["gridPos"].update(x=0), "dashboard-grid"),
        (lambda p: p.update(type="graph"), "dashboard-panel-type"),
        (lambda p: p.update(title=""), "dashboard-panel-title"),
        (lambda p: p.pop("description"), "dashboard-panel-description"),
        (lambda p: p["fieldConfig"]["defaults"].pop("unit"), "dashboard-panel-unit"),
        (lambda p: p["datasource"].update(uid="abc"), "dashboard-panel-datasource"),
        (lambda p: p["targets"][0]["datasource"].update(uid="abc"), "dashboard-panel-datasource"),
        (lambda p: p["targets"].clear(), "dashboard-panel-query"),
        (lambda p: p["targets"].append(p["targets"][0]), "dashboard-panel-ref"),
        (lambda p: p["targets"][0].update(expr="sum("), "dashboard-expression"),
        (lambda p: p["targets"][0].update(expr='up{a="$nobody"}'), "dashboard-variable"),
        (lambda p: p.update(id=0), "dashboard-panel-id"),
    ],
)
def test_each_defect_is_said_at_the_panels_line(change: Callable[[Any], object], rule: str) -> None:
    problems = found(two("one", "other"), change=lambda data: change(data["panels"][2]))
    assert rules(problems) == [rule]
    assert str(problems[0].origin) == "specs/chat.yaml:9:5"


def test_panels_in_a_collapsed_row_are_proved_as_well() -> None:
    row = plan.Row("Row", (samples.panel(title=""),), collapsed=True)
    assert rules(found(samples.dashboard((row,)))) == ["dashboard-panel-title"]
    row = plan.Row("Row", (samples.panel(),), collapsed=True)
    problems = found(
        samples.dashboard((row,)), change=lambda data: data["panels"][0]["panels"][0]["gridPos"].update(y=0)
    )
    assert rules(problems) == ["dashboard-grid"]


def test_annotations_are_proved_as_well() -> None:
    problems = found(change=lambda data: data["annotations"]["list"][1]["target"].update(expr="ALERTS{"))
    assert rules(problems) == ["dashboard-expression"]


def test_an_empty_text_panel_is_no_panel() -> None:
    text = samples.panel(kind="text", description="", queries=())
    assert rules(found(samples.dashboard((plan.Row("", (text,)),)))) == ["dashboard-panel-text"]


@pytest.mark.parametrize(
    ("expr", "parsed"),
    [
        ("rate(a[$__rate_interval])", "rate(a[5m])"),
        ("rate(a[${__rate_interval}])", "rate(a[5m])"),
        ("increase(a[$__range]) / $__range_s", "increase(a[5m]) / 300"),
        ("rate(a[$window])", "rate(a[1h])"),
        ('a{b="$model",c=~"${model:regex}",d=\'[[model]]\'}', 'a{b="x",c=~"x",d=\'x\'}'),
        ('label_replace(a,"b","$1","c","(.*)$")', 'label_replace(a,"b","$1","c","(.*)$")'),
        ('a{b="\\"$model"}', 'a{b="\\"x"}'),
        ('a{b="$window"} > $nobody', 'a{b="x"} > $nobody'),
    ],
)
def test_grafanas_variables_become_values(expr: str, parsed: str) -> None:
    assert substituted(expr, {"model": "x", "window": "1h"}) == parsed


def test_unknown_variables_are_named_once() -> None:
    assert list(unknown_variables('a{b="$one"} + $two + $one + $__range_s + a{b="$1"}', {"two": "x"})) == ["one"]


def test_values_come_from_fixed_lists() -> None:
    fixed = {"name": "window", "options": [{"value": "5m"}, {"value": "1h"}]}
    assert known_values([fixed, {"name": "model", "options": []}]) == {"window": "5m", "model": "x"}
