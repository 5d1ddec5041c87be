"""Whose series are meant: matchers of the service, of its workload and of the environment."""

from __future__ import annotations

import pytest
from lower_examples import CHAT, FLEET, chat

from llmmon.promql import to_text

KUBERNETES = CHAT.replace("uses: {service: false}", "uses: {service: false, kubernetes: true}")
WORKLOAD = "workload: {{kind: {kind}, namespace: llm, name: chat, container: proxy}}\n"
OWN = """\
fleet: acme
environments: {production: {selector: {}}}
teams: {inference: {}}
catch_all: [{slack: "#all"}]
receivers: {slack: {secret: slack/url}}
"""


def expression(text: str, base: str = CHAT, fleet: str = FLEET, environment: str = "production") -> str:
    """A user's expression as an alert has it."""
    alert = f"alerts: {{A: {{expr: '{text}', category: quality, summary: s, test: {{fires: x}}}}}}"
    return to_text(chat(alert, fleet, base).alerts(environment)["A@warning"].expr)


@pytest.mark.parametrize(
    ("written", "lowered"),
    [
        ("sum(queue) > 1", 'sum(queue{job="chat",env="production"}) > 1'),
        ('sum(queue{job="other"}) > 1', 'sum(queue{job="other",env="production"}) > 1'),
        ('sum(queue{env=~".+"}) > 1', 'sum(queue{env=~".+",job="chat"}) > 1'),
        ("sum(rate(seconds_count[5m])) > 1", 'sum(rate(seconds_count{job="chat",env="production"}[5m])) > 1'),
        ("sum(queue offset 1d) > 1", 'sum(queue{job="chat",env="production"} offset 1d) > 1'),
    ],
)
def test_a_selector_gets_what_it_does_not_match_itself(written: str, lowered: str) -> None:
    assert expression(written) == lowered


def test_each_environment_has_its_own_matchers_and_label() -> None:
    found = chat("signals: {q: {gauge: queue}}\nalerts: {A: {signal: q, above: 5, category: quality}}")
    for environment in ("production", "staging", "dev"):
        assert found.expr(environment) == f'max(queue{{job="chat",env="{environment}"}}) > 5'
        assert found.alert(environment).labels["environment"] == environment


def test_an_environment_with_a_prometheus_of_its_own_adds_no_matcher_but_its_label() -> None:
    found = chat("signals: {r: {rate: requests_total}}\nalerts: {A: {signal: r, above: 5, category: quality}}", OWN)
    assert found.recorded() == {"service:r_requests:rate5m": 'sum(rate(requests_total{job="chat"}[5m]))'}
    assert found.expr() == 'service:r_requests:rate5m{service="chat",environment="production"} > 5'
    assert found.alert().labels["environment"] == "production"


@pytest.mark.parametrize(
    ("metric", "selected"),
    [
        ("container_memory_working_set_bytes", 'namespace="llm",container="proxy"'),
        ("kube_pod_container_status_restarts_total", 'namespace="llm",container="proxy"'),
        ("container_network_receive_bytes_total", 'namespace="llm",pod=~"chat-.*"'),
        ("kube_deployment_spec_replicas", 'namespace="llm",deployment="chat"'),
    ],
)
def test_metrics_of_kubernetes_are_picked_by_the_workload_and_not_by_the_services_selector(
    metric: str, selected: str
) -> None:
    base = WORKLOAD.format(kind="Deployment") + KUBERNETES
    text = expression(f"sum({metric}) > 1", base)
    assert text == f'sum({metric}{{{selected},env="production"}}) > 1'


def test_the_container_is_called_like_the_workload_unless_said_otherwise() -> None:
    base = "workload: {namespace: llm, name: chat}\n" + KUBERNETES
    assert 'container="chat"' in expression("sum(container_memory_working_set_bytes) > 1", base)


def test_metrics_of_kubernetes_without_a_workload_would_be_those_of_the_whole_cluster_and_are_refused() -> None:
    found = chat("", base=KUBERNETES)
    assert set(found.found) == {"no-workload"}
    (problem,) = found.problems
    assert problem.message == "whose pods are meant? write workload: {namespace: ..., name: ...} for the service"


def test_a_selector_that_names_its_namespace_needs_no_workload() -> None:
    base = CHAT.replace("uses: {service: false}", "uses: {service: false, kubernetes: true}")
    gone = "signals: {cpu: false, memory: false, restarts: false, network_in: false, network_out: false, disk_reads: false, disk_writes: false, rollout: false, own: {gauge: 'container_memory_working_set_bytes{namespace=\"llm\"}'}}"  # fmt: skip  # noqa: E501
    assert chat(gone, base=base).messages == []


def test_a_machine_belongs_to_no_service() -> None:
    base = CHAT.replace("uses: {service: false}", "uses: {service: false, node: true}")
    assert (
        expression("sum(node_filesystem_size_bytes) > 1", base)
        == 'sum(node_filesystem_size_bytes{env="production"}) > 1'
    )


def test_a_recorded_series_is_picked_by_service_and_environment() -> None:
    more = """
signals: {r: {rate: requests_total}}
alerts:
  A: {signal: r, above: 5, category: quality}
  B: {signal: r, rises: {times: 2, versus: 1d}, category: quality}
"""
    series = 'service:r_requests:rate5m{service="chat",environment="production"}'
    found = chat(more).alerts()
    assert to_text(found["A@warning"].expr) == f"{series} > 5"
    assert to_text(found["B@warning"].expr) == f"{series} > 2 * {series} offset 1d"
