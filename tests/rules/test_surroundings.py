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
HOOK = "receivers: [{name: b}, {name: a, webhook_configs: [{url: 'http://hooks.example/a'}]}]\n"


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("prometheus.yml.j2", "scrape_configs:\n  - job_name: 'shop'\n    static_configs: {{ targets }}\n", False),
        ("vars.yml", "prometheus_scrape_configs:\n- job_name: shop\n  file_sd_configs: [{files: [shop.yml]}]\n", False),
        ("prometheus.yml.j2", "  - job_name: shop\n    kubernetes_sd_configs: {{ found }}\n", True),
        ("DEPLOY.md", "Add a job:\n\n    - job_name: shop\n      static_configs:\n", False),
        ("prometheus.yml.j2", "  - job_name: shop-b\n    static_configs: {{ targets }}\n", False),
    ],
)
def test_targets_that_a_template_lists_do_not_vanish(fleet: Fleet, name: str, text: str, said: bool) -> None:
    fleet.write("monitoring/rules.yml", HEAD + '  - alert: Down\n    expr: up{job="shop"} == 0\n' + LINKED)
    fleet.write(f"monitoring/{name}", text)
    assert bool(fleet.run("lint", "monitoring", "--advice").problems) is said


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
    assert (
        any("histogram-quantile" in problem for problem in fleet.run("lint", "monitoring", "--advice").problems) is said
    )


@pytest.mark.parametrize(
    ("reader", "said"),
    [
        ("sum(a:b)", True),
        ('sum(a:b{span="5m"})', False),
        ("a:b / on (job, span) a:c", False),
        ("a:b / ignoring (span) a:c", False),
        ("sum by (span) (a:b)", False),
    ],
)
def test_a_window_by_which_somebody_chooses_is_a_label(fleet: Fleet, reader: str, said: bool) -> None:
    record = "  - record: a:b\n    expr: sum(rate(x_total[5m]))\n    labels: {span: 5m}\n"
    fleet.write("monitoring/rules.yml", HEAD + record + f"  - record: a:d\n    expr: '{reader}'\n")
    assert any("window-label" in problem for problem in fleet.run("lint", "monitoring", "--advice").problems) is said


@pytest.mark.parametrize(
    ("other", "route", "said"),
    [
        ("critical", "", False),
        ("warning", "", True),
        ("warning", "route: {receiver: a}\n", False),
        ("warning", "route: {receiver: a, routes: [{matchers: [severity=info], receiver: a}]}\n", False),
        ("critical", "route: {receiver: a, routes: [{matchers: [severity=info], receiver: b}]}\n", True),
    ],
)
def test_a_severity_that_makes_no_difference_wakes_nobody(fleet: Fleet, other: str, route: str, said: bool) -> None:
    high = "  - alert: HighCPU\n    expr: cpu_used > 0.8\n" + LINKED
    fleet.write(
        "monitoring/rules.yml", HEAD + high + "  - alert: B\n    expr: b > 1\n" + LINKED.replace("critical", other)
    )
    if route:
        fleet.write("monitoring/alertmanager.yml", route + HOOK)
    assert (
        any("cause-wakes-people" in problem for problem in fleet.run("lint", "monitoring", "--advice").problems) is said
    )


@pytest.mark.parametrize(
    ("route", "said"), [("", False), (", routes: [{matchers: [severity=info], receiver: b}]", True)]
)
def test_a_severity_that_no_route_reads_is_not_missed(fleet: Fleet, route: str, said: bool) -> None:
    bare = LINKED.replace("    labels: {severity: critical}\n", "")
    fleet.write("monitoring/rules.yml", HEAD + "  - alert: Down\n    expr: up == 0\n" + bare)
    fleet.write("monitoring/alertmanager.yml", f"route: {{receiver: a{route}}}\n" + HOOK)
    assert any("has no severity" in problem for problem in fleet.run("lint", "monitoring", "--advice").problems) is said


SHOP = "scrape_configs:\n- job_name: shop\n  static_configs:\n  - targets: [shop:80]\n"
NODE = "- job_name: node\n  static_configs:\n  - targets: [a:9100, b:9100]\n"
OTHER = "- job_name: till\n  static_configs:\n  - targets:\n    - till-a:80\n    - till-b:80\n"
LOGS = "scrape_configs:\n- job_name: till\n  static_configs:\n  - labels: {__path__: /var/log/till}\n"


@pytest.mark.parametrize(
    ("files", "said"),
    [
        (("",), False),
        ((SHOP,), False),
        ((SHOP + NODE,), False),
        ((SHOP, LOGS), False),
        ((SHOP + OTHER,), True),
    ],
)
def test_requests_of_one_application_are_its_own(fleet: Fleet, files: tuple[str, ...], said: bool) -> None:
    record = "  - record: a:b:sum\n    expr: sum(rate(http_requests_total[5m]))\n"
    fleet.write("monitoring/rules.yml", HEAD + record + record.replace("b:sum", "b:all"))
    for number, text in enumerate(files):
        fleet.write(f"monitoring/server{number}.yml", text)
    found = [one for one in fleet.run("lint", "monitoring", "--advice").problems if "unscoped-metric" in one]
    assert len(found) == said
    assert all("(and once more in this file)" in one for one in found)


@pytest.mark.parametrize(
    ("metric", "job", "scraped", "said"),
    [
        ("work_seconds", "", "", True),
        ("work_seconds", "", SHOP + NODE, False),
        ("work_seconds", "", SHOP + OTHER, True),
        ("work_seconds", '{job="shop"}', SHOP + OTHER, False),
        ("work_seconds", '{job="till"}', SHOP + OTHER, True),
        ("work_seconds", "", SHOP.replace("shop:80", "shop:80, shop:81"), True),
        ("work_seconds", "", SHOP.replace("static_configs:", "dns_sd_configs:"), True),
        ("http_request_duration_seconds", "", SHOP, False),
    ],
)
def test_one_target_has_one_quantile(fleet: Fleet, metric: str, job: str, scraped: str, said: bool) -> None:
    expr = f"histogram_quantile(0.9, rate({metric}_bucket{job}[5m])) > 3"
    text = HEAD + f"  - alert: Slow\n    expr: {expr}\n" + LINKED.replace("{{ $labels.instance }}", "It")
    fleet.write("monitoring/rules.yml", text)
    fleet.write("monitoring/prometheus.yml", scraped)
    found = any("histogram-quantile" in problem for problem in fleet.run("lint", "monitoring", "--advice").problems)
    assert found is said


def test_an_alert_that_repeats_its_name_is_noted(fleet: Fleet) -> None:
    rule = HEAD + "  - alert: Down\n    expr: up == 0\n" + LINKED
    for name, level in (("Down", "note"), ("Gone", "warning")):
        fleet.write("monitoring/rules.yml", rule.replace("{severity: critical}", f"{{severity: a, alertname: {name}}}"))
        problems = fleet.run("lint", "monitoring", "--advice").problems
        assert any(f"{level}: Prometheus sets alertname" in problem for problem in problems)
