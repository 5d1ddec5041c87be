"""Traps that a spec can hold: each is found at its line, by a check that is quiet about the spec without it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from conftest import FLEET
from trap_specs import SPEC, alert, build, found, panel

from llmmon.problem import Level

if TYPE_CHECKING:
    from pathlib import Path

ES = "elasticsearch: {hosts: ['https://es:9200']}\nlogs: {delete: 30d}\n"
LOGS = SPEC + "logs:\n  input: {tcp: 5000}\n"
WITHOUT_DOWN = SPEC + "  ServiceDown: {off: watched elsewhere}\n"
HEALTH = SPEC + "health:\n  port: 8000\n  liveness: /health\n  startup: {path: /health, within: 1m}\n"

# ID: the spec, the rule, what it says, how its line begins.
EXPRESSIONS = {
    "X-P01": (
        panel("histogram_quantile(0.95, rate(llm_cost_tracker_request_duration_seconds_bucket[5m])) by (model)"),
        *("promql-syntax", "PromQL does not parse", "histogram_quantile(0.95, rate("),
    ),
    "X-P02": (
        panel("llm_cost_tracker_memory_usage_bytes by (component)"),
        *("promql-syntax", "PromQL does not parse", "llm_cost_tracker_memory_usage_bytes by"),
    ),
    "X-P03": (
        panel("rate(llm_cost_tracker_cpu_usage_ratio[5m]) by (operation)"),
        *("promql-syntax", "PromQL does not parse", "rate(llm_cost_tracker_cpu_usage_ratio[5m]) by"),
    ),
    "X-P04": (
        alert("rate(llm_cost_tracker_cpu_usage_ratio[5m]) > 0.70"),
        *("rate-on-gauge", "is a gauge, and its rate means nothing", "rate(llm_cost_tracker_cpu_usage_ratio"),
    ),
    "X-P05": (
        panel("increase(llm_cost_tracker_memory_usage_bytes[1h])", "unit: bytes"),
        *("rate-on-gauge", "its increase means nothing: write delta", "increase(llm_cost_tracker_memory"),
    ),
    "X-P05 database": (
        panel("increase(llm_cost_tracker_database_size_bytes[24h])", "unit: bytes"),
        *("rate-on-gauge", "its increase means nothing: write delta", "increase(llm_cost_tracker_database"),
    ),
    "X-P06": (
        alert("p95_latency > 100ms"),
        *("promql-syntax", 'unexpected duration "100ms"', "p95_latency"),
    ),
    "X-P07": (
        alert("rate(llm_cost_tracker_errors_total[5m]) / rate(llm_cost_tracker_requests_total[5m]) > 0.1"),
        *("label-flow", '"/" is always empty', "rate(llm_cost_tracker_errors_total"),
    ),
    "X-P08": (
        panel(
            "(llm_cost_tracker_monthly_budget_limit - increase(llm_cost_tracker_total_cost_usd[24h]) * 30)\n"
            "/ increase(llm_cost_tracker_total_cost_usd[24h])",
            "unit: days",
        ),
        *("label-flow", '"-" is always empty', "(llm_cost_tracker_monthly_budget_limit"),
    ),
    "X-P09": (
        alert(
            "predict_linear(llm_cost_tracker_hourly_cost_rate[4h], 24*3600) >\n"
            "on(application) llm_cost_tracker_daily_budget_limit"
        ),
        *("label-flow", "several series of the left side can share one match", "on(application)"),
    ),
    "X-P10": (
        alert(
            "sum by (application) (increase(llm_cost_tracker_total_cost_usd[24h]))\n"
            "> max by (application) (llm_cost_tracker_monthly_budget_limit) * 0.8"
        ),
        *("period-mismatch", "an amount of a day is compared with one of a month", "> max by (application)"),
    ),
    "X-P11": (
        panel("sum(llm_cost_tracker_health_check_success_ratio) * 100", "unit: percent"),
        *("sum-of-ratios", "a sum of shares is none", "sum(llm_cost_tracker_health_check"),
    ),
    "X-P11 recorded": (
        alert("sum(service:failed_ratio:rate5m) > 1"),
        *("sum-of-ratios", "service:failed_ratio:rate5m is a share", "sum(service:failed"),
    ),
    "X-P12": (
        panel("histogram_quantile(0.95, rate(llm_cost_tracker_request_duration_seconds_bucket[5m]))", "unit: seconds"),
        *("histogram-quantile", "one quantile per series", "histogram_quantile(0.95"),
    ),
    "X-P13": (
        panel(
            "llm_cost_tracker_total_cost_usd * 1000 /\n"
            "(llm_cost_tracker_prompt_tokens_total + llm_cost_tracker_completion_tokens_total)",
            "unit: USD",
        ),
        *("lifetime-ratio", "write rate(...[TIME]) on both sides", "llm_cost_tracker_total_cost_usd * 1000"),
    ),
    "X-P13 cache": (
        panel("cache_hits_total / (cache_hits_total + cache_misses_total)", "unit: ratio"),
        *("lifetime-ratio", "a ratio since the start of the process", "cache_hits_total / ("),
    ),
    "X-P14": (
        panel(
            'rate(llm_cost_tracker_health_checks_total{status="success"}[5m])',
            *("unit: checks/s", "Health check success rate"),
        ),
        *("unit-of-result", "promises a share, and this is events per second", "rate(llm_cost_tracker_health"),
    ),
    "X-P15": (
        panel("storage_size_bytes / (100 * 1024 * 1024 * 1024) # Convert to GB", "unit: bytes"),
        *("unit-of-result", "Grafana scales bytes by itself", "storage_size_bytes / (100"),
    ),
    "X-P16": (
        panel("rate(process_cpu_seconds_total[5m]) * 100", "unit: percent"),
        *("cpu-of-one-core", "a percentage of one core", "rate(process_cpu_seconds_total"),
    ),
    "X-P17": (
        panel(
            "(node_filesystem_size_bytes - node_filesystem_free_bytes) / node_filesystem_size_bytes * 100",
            "unit: percent",
        ),
        *("filesystem-free", "write node_filesystem_avail_bytes", "(node_filesystem_size_bytes"),
    ),
    "X-P17 tmpfs": (
        panel("sum(node_filesystem_avail_bytes) / sum(node_filesystem_size_bytes) * 100", "unit: percent"),
        *("filesystem-free", "tmpfs and overlay count as disks", "sum(node_filesystem_avail_bytes"),
    ),
    "X-P18": (
        alert('up{job="llm-config-manager"} == 0', "for: 1m").replace(SPEC, WITHOUT_DOWN),
        *("up-without-absent", "this is silent when the target is gone", "up{job="),
    ),
    "X-P19": (
        panel(
            'sum(rate(http_requests_total{status=~"5.."}[5m]))\n/\nsum(rate(http_requests_total[5m])) * 100',
            "unit: percent",
        ),
        *("ratio-without-default", "no value until such an event was seen", "sum(rate(http_requests_total{status"),
    ),
    "X-P21": (
        panel("topk(10, sum(rate(llm_cost_tracker_requests_total[5m])) by (user_id))"),
        *("label-flow", 'cannot have the label "user_id"', "topk(10"),
    ),
    "X-P21 graph": (
        panel("topk(10, sum(rate(llm_cost_tracker_requests_total[5m])) by (user))"),
        *("topk-over-time", "topk chooses anew at every point of a graph", "topk(10"),
    ),
    "X-P22": (
        panel("rbac_permission_denials_total"),
        *("raw-counter", "is a counter, whose value means nothing", "rbac_permission_denials_total"),
    ),
    "X-P22 by type": (
        panel("sum by (type) (audit_events_total)"),
        *("raw-counter", "is a counter, whose value means nothing", "sum by (type)"),
    ),
    "X-P23": (
        panel("avg_over_time(rate(http_requests_total[1h])[1d:1h])"),
        *("long-range", "record that, and look back on the record", "avg_over_time(rate("),
    ),
}
RULES = {
    "X-R01": (
        SPEC.replace("misnamed: true, ", ""),
        *("name-of-type", "is a counter without _total", "llm_cost_tracker_total_cost_usd"),
    ),
    "X-R02": (
        SPEC.replace("signals:", "  config_active_total: {type: gauge, help: Active configurations.}\nsignals:", 1),
        *("name-of-type", "config_active_total is a gauge named _total", "config_active_total"),
    ),
    "X-R08": (
        SPEC + "  HighLatency:\n    signal: time.p95\n    above: 100ms\n    for: 0s\n",
        *("no-hold", "fires at the first evaluation", "for: 0s"),
    ),
    "X-R09": (
        SPEC + "  HighLatency: {signal: time.p95, above: 100ms}\n  HighLatency: {signal: time.p95, above: 100ms}\n",
        *("duplicate-key", "duplicate key 'HighLatency'", "HighLatency"),
    ),
    "X-R10": (
        SPEC + "  HighLatency:\n    description: API P95 latency is above 200ms.\n",
        *("spec-value-error", "an alert needs a condition", "HighLatency"),
    ),
    "X-R11": (
        alert(
            "llm_cost_tracker_health_check_success_ratio < 0.95",
            "for: 2m\n    unit: ratio\n    description: 'Health check success rate is {{ $value | printf \"%.2f\" }}%'",
        ),
        *("percent-of-ratio", "the value is between 0 and 1", "description: "),
    ),
    "X-R12 buckets": (
        SPEC.replace("signals:", "  x_seconds: {type: histogram, help: x.}\nsignals:", 1),
        *("spec-value-error", "a histogram needs its buckets", "x_seconds"),
    ),
    "X-R12 labels": (
        alert('rate(rbac_permission_denials_total{status="500"}[5m]) > 1'),
        *("unknown-label", "rbac_permission_denials_total has no label 'status'", "rate(rbac"),
    ),
    "X-R14": (
        alert("(llm:cost_per_1k_tokens >\n(avg_over_time(llm:cost_per_1k_tokens[7d]) * 1.5)\n)"),
        *("unknown-metric", "unknown metric 'llm:cost_per_1k_tokens'", "(llm:cost_per_1k_tokens"),
    ),
    "X-R15": (
        panel("llm_cost_tracker_request_queue_depth", "unit: requests"),
        *("unknown-metric", "unknown metric 'llm_cost_tracker_request_queue_depth'", "llm_cost_tracker_request_queue"),
    ),
    "X-R16": (
        SPEC + "  HighCPU: {signal: busy, above: 85%, for: 15m, severity: critical, category: capacity}\n",
        *("cause-wakes-people", "HighCPU is a cause that no user may notice", "HighCPU"),
    ),
    "X-R17": (
        SPEC + "  HighLatency: {signal: time.p95, above: 100ms}\n  SLAViolation: {signal: time.p95, above: 100ms}\n",
        *("same-condition", "SLAViolation fires whenever HighLatency does", "SLAViolation"),
    ),
    "X-R20": (
        SPEC.replace("alerts:", "  by_user: {rate: llm_cost_tracker_requests_total, by: [user]}\nalerts:")
        + "  Busy: {signal: by_user, above: 5/s, category: cost}\n",
        *("unbounded-grouping", "'user' has no end of values", "by_user"),
    ),
    "X-R20 expression": (
        alert("sum by (user) (rate(llm_cost_tracker_requests_total[5m])) > 5"),
        *("unbounded-grouping", "each makes an alert of its own", "sum by (user)"),
    ),
    "X-R21": (
        SPEC + "baselines:\n  cache_hit_rate: {signal: cache, value: 85%, worse: above}\n",
        *("baseline-direction", "of cache more is better: write worse: below", "cache_hit_rate"),
    ),
}
BOARDS = {
    "X-G01": (
        SPEC + "dashboards: {x: {panels: [\n  {title: API Request Rate, signal: failed, as: graph}]}}\n",
        *("spec-literal-error", "'graph' is not one of timeseries", "{title: API"),
    ),
    "X-G03": (
        SPEC + "dashboards: {x: {panels: [\n  {title: System Status, signal: failed, as: singlestat}]}}\n",
        *("spec-literal-error", "'singlestat' is not one of timeseries", "{title: System"),
    ),
    "X-G04": (
        SPEC + "dashboards: {x: {panels: [\n  {title: Uptime, signal: time.p95, target: 99.9%}]}}\n",
        *("wrong-unit", "'99.9%' is no target for a panel in seconds", "{title: Uptime"),
    ),
    "X-G04 expression": (
        panel("time() - process_start_time_seconds", "unit: seconds\n        target: 99.9%"),
        *("wrong-unit", "'99.9%' is no target for a panel in seconds", "target: 99.9%"),
    ),
    "X-G05": (
        SPEC + "dashboards:\n  x:\n    refresh: 5s\n    panels: [{title: a, signal: failed}]\n",
        *("fast-refresh", "refresh 5s is shorter than the scrape interval", "refresh: 5s"),
    ),
}
LOG_LINES = {
    "X-L01": (
        LOGS + "  extract:\n    latency_ms:\n      pattern: 'latency.*(?<latency_ms>[0-9.]+)ms'\n"
        "      samples: {latency 5ms: 5}\n",
        *("greedy-pattern", ".* takes all it can", "pattern: 'latency"),
    ),
    "X-L01 sample": (
        LOGS + "  extract:\n    latency_ms:\n      pattern: 'latency.*(?<latency_ms>[0-9.]+)ms'\n"
        "      samples:\n        latency 123ms: 123\n",
        *("grok-sample", "gives 3.0, and the spec says 123", "latency 123ms"),
    ),
    "X-L02": (
        LOGS + "  extract:\n    cost:\n      pattern: 'cost.*\\$(?<cost>[0-9.]+)'\n      samples: {cost $1.20: 1.2}\n",
        *("greedy-pattern", "the last match counts", "pattern: 'cost"),
    ),
    "X-L02 sample": (
        LOGS + "  extract:\n    cost:\n      pattern: 'cost.*\\$(?<cost>[0-9.]+)'\n"
        "      samples:\n        total cost $1.20 of budget $50.00: 1.2\n",
        *("grok-sample", "gives 50.0, and the spec says 1.2", "total cost"),
    ),
    "X-L06 view": (
        LOGS + "  index: llm-tracker\n",
        *("index-without-view", "no data view of Kibana shows llm-tracker-<day>", "index: llm-tracker"),
    ),
    "X-L06": (
        LOGS + "  index: logs-tracker\n",
        *("index-collision", "Elasticsearch's own data stream template logs-*-*", "index: logs-tracker"),
    ),
}
PROBES = {
    "X-K01": (
        HEALTH + "  readiness: /health/detailed\n",
        *("readiness-on-dependency", "takes every replica out of service", "readiness: /health/detailed"),
    ),
}
CASES = EXPRESSIONS | RULES | BOARDS | LOG_LINES | PROBES

# ID: a fleet's file, the rule, what it says, how its line begins.
FLEETS = {
    "X-L05": (
        FLEET + "elasticsearch:\n  hosts: ['http://elasticsearch:9200']\n",
        *("logstash-plain-http", "is not encrypted: write https://", "elasticsearch:"),
    ),
    "X-K06": (
        FLEET.replace("{slack: {secret: slack/url}}", "\n  email: {from: a@b.example, password: admin123}"),
        *("receiver-option", "`password` would hold a secret: write `secret: name/key`", "email:"),
    ),
    "X-K07": (
        FLEET + "prometheus:\n  federate:\n    targets: ['a:9090']\n    match: ['{job=\"kubernetes-nodes\"}']\n",
        *("spec-extra-forbidden", "unknown key 'match'", "match: "),
    ),
    "X-K09": (
        FLEET + "tracing:\n  sampling: Adaptive (1% default, 10% for ML service)\n",
        *("spec-value-error", "says not how much is sampled", "sampling:"),
    ),
}


@pytest.mark.usefixtures("fleet")
@pytest.mark.parametrize("trap", CASES)
def test_found_in_a_spec(tmp_path: Path, trap: str) -> None:
    spec, rule, words, line = CASES[trap]
    written = FLEET + ES if trap in LOG_LINES else FLEET
    _, problems = build(tmp_path, spec, written.replace("fleet: acme", 'fleet: acme\nversions: {prometheus: "2.42"}'))
    assert found(problems, rule, words, spec, line), [f"{p.origin}: {p.message} [{p.rule}]" for p in problems]


@pytest.mark.usefixtures("fleet")
@pytest.mark.parametrize("trap", FLEETS)
def test_found_in_the_fleets_file(tmp_path: Path, trap: str) -> None:
    written, rule, words, line = FLEETS[trap]
    _, problems = build(tmp_path, LOGS, written)
    assert found(problems, rule, words, written, line), [f"{p.origin}: {p.message} [{p.rule}]" for p in problems]


@pytest.mark.usefixtures("fleet")
def test_nothing_is_said_about_the_spec_without_a_trap(tmp_path: Path) -> None:
    page = tmp_path / "specs" / "runbooks" / "tracker" / "ManyFailures.md"
    page.parent.mkdir(parents=True)
    page.write_text("## Why it fires\n\nThe database.\n\n## How to resolve\n\nStart it again.\n")
    _, problems = build(tmp_path, LOGS, FLEET + ES)
    assert [f"{p.origin}: {p.message} [{p.rule}]" for p in problems if p.level >= Level.WARNING] == []
