"""What else a folder says, and what is therefore not said of its rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Fleet

HEAD = "groups:\n- name: a\n  rules:\n"
REST = (
    "    for: 5m\n    labels: {severity: critical}\n"
    "    annotations: {summary: It is bad, description: '{{ $labels.instance }} is bad'SEE}\n"
)
LINKED = REST.replace("SEE", ", runbook_url: 'https://runbooks.example/a'")
HOOK = "receivers: [{name: a, webhook_configs: [{url: 'http://hooks.example/a'}]}]\n"


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("prometheus.yml.j2", "scrape_configs:\n  - job_name: 'shop'\n    static_configs: {{ targets }}\n", False),
        ("vars.yml", "prometheus_scrape_configs:\n- job_name: shop\n  file_sd_configs: [{files: [shop.yml]}]\n", False),
        ("prometheus.yml.j2", "  - job_name: shop\n    kubernetes_sd_configs: {{ found }}\n", True),
        ("prometheus.yml.j2", "  - job_name: shop-b\n    static_configs: {{ targets }}\n", True),
    ],
)
def test_targets_that_a_template_lists_do_not_vanish(fleet: Fleet, name: str, text: str, said: bool) -> None:
    fleet.write("monitoring/rules.yml", HEAD + '  - alert: Down\n    expr: up{job="shop"} == 0\n' + LINKED)
    fleet.write(f"monitoring/{name}", text)
    assert bool(fleet.run("lint", "monitoring").problems) is said


@pytest.mark.parametrize(
    ("reader", "said"),
    [
        ("", True),
        ("  - record: a:x:max\n    expr: max(a:x:p95)\n", True),
        ("  - record: a:x:max\n    expr: max by (shop) (a:x:p95)\n", False),
        ('  - record: a:x:max\n    expr: max(a:x:p95{shop="a"})\n', False),
        ("  - alert: Slow\n    expr: a:x:p95 > 5\n" + LINKED, False),
    ],
)
def test_quantiles_that_are_read_one_by_one_are_meant(fleet: Fleet, reader: str, said: bool) -> None:
    record = "  - record: a:x:p95\n    expr: histogram_quantile(0.95, rate(x_seconds_bucket[5m]))\n"
    fleet.write("monitoring/rules.yml", HEAD + record + reader)
    assert any("histogram-quantile" in problem for problem in fleet.run("lint", "monitoring").problems) is said


@pytest.mark.parametrize(
    ("other", "route", "said"),
    [
        ("critical", "", False),
        ("warning", "", True),
        ("warning", "route: {receiver: a}\n", False),
        ("critical", "route: {receiver: a, routes: [{matchers: [severity=info], receiver: a}]}\n", True),
    ],
)
def test_a_severity_that_makes_no_difference_wakes_nobody(fleet: Fleet, other: str, route: str, said: bool) -> None:
    high = "  - alert: HighCPU\n    expr: cpu_used > 0.8\n" + LINKED
    fleet.write(
        "monitoring/rules.yml", HEAD + high + "  - alert: B\n    expr: b > 1\n" + LINKED.replace("critical", other)
    )
    if route:
        fleet.write("monitoring/alertmanager.yml", route + HOOK)
    assert any("cause-wakes-people" in problem for problem in fleet.run("lint", "monitoring").problems) is said


@pytest.mark.parametrize("receiver", ["eda", "people"])
def test_what_machines_repair_needs_no_runbook(fleet: Fleet, receiver: str) -> None:
    fleet.write("monitoring/rules.yml", HEAD + "  - alert: Down\n    expr: up == 0\n" + REST.replace("SEE", ""))
    text = ("route: {receiver: a}\n" + HOOK).replace("hooks.example", f"{receiver}.example")
    fleet.write("monitoring/alertmanager.yml", text)
    found = any("no-runbook" in problem for problem in fleet.run("lint", "monitoring").problems)
    assert found is (receiver == "people")


@pytest.mark.parametrize(
    ("route", "said"), [("", False), (", routes: [{matchers: [severity=info], receiver: a}]", True)]
)
def test_a_severity_that_no_route_reads_is_not_missed(fleet: Fleet, route: str, said: bool) -> None:
    bare = LINKED.replace("    labels: {severity: critical}\n", "")
    fleet.write("monitoring/rules.yml", HEAD + "  - alert: Down\n    expr: up == 0\n" + bare)
    fleet.write("monitoring/alertmanager.yml", f"route: {{receiver: a{route}}}\n" + HOOK)
    assert any("has no severity" in problem for problem in fleet.run("lint", "monitoring").problems) is said


@pytest.mark.parametrize("folder", ["docs", "monitoring"])
def test_a_sample_needs_no_runbook(fleet: Fleet, folder: str) -> None:
    fleet.write(f"{folder}/rules.yml", HEAD + "  - alert: Down\n    expr: up == 0\n" + REST.replace("SEE", ""))
    said = any("no-runbook" in problem for problem in fleet.run("lint", folder).problems)
    assert said is (folder == "monitoring")


@pytest.mark.parametrize(
    ("name", "text", "head", "said"),
    [
        ("README.md", "Examples are stored in the `shop` folder.\n", "", False),
        ("README.md", "A sample is in shop/rules.yml.\n", "", False),
        ("README.md", "Copy the `shop` folder, for example.\n\nAsk at shop/ on example.com\n", "", False),
        ("README.md", "Ask on shop/ at example.com\n", "", True),
        ("NOTES.md", "Examples are stored in the `shop` folder.\n", "", True),
        ("NOTES.md", "", "# Example of an alert\n", False),
        ("NOTES.md", "", "# All of the shop's\n", True),
    ],
)
def test_what_is_called_an_example_needs_no_runbook(fleet: Fleet, name: str, text: str, head: str, said: bool) -> None:
    fleet.write(name, text)
    fleet.write("shop/rules.yml", head + HEAD + "  - alert: A\n    expr: a > 1\n" + REST.replace("SEE", ""))
    assert any("no-runbook" in problem for problem in fleet.run("lint", "shop").problems) is said
