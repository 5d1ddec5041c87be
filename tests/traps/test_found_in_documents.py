"""Traps in the documents' own rule files and Alertmanager files: `llmmon lint` finds each at its line."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from conftest import FLEET
from trap_specs import build, found

from llmmon import foreign

if TYPE_CHECKING:
    from llmmon.problem import Problem

DOCUMENTS = Path(__file__).parent / "documents"
ROOT = "route: {receiver: a, group_by: [alertname]}\nreceivers:\n  - name: a\n"

# ID: the file, the rule, what it says, how its line begins.
LINTED = {
    "X-P04": ("scaling-001.yml", "rate-on-gauge", "is a gauge", "expr: rate(llm_cost_tracker_cpu_usage_ratio"),
    "X-P06": ("fatigue-003.yml", "promql-syntax", 'unexpected duration "100ms"', "expr: p95_latency > 100ms"),
    "X-P10": (
        "forecasts-001.yml",
        "period-mismatch",
        "an amount of a day",
        "predict_linear(llm:cost_per_model_24h[7d]",
    ),
    "X-P12": ("recordings-001.yml", "histogram-quantile", "one quantile per series", "expr: histogram_quantile(0.95"),
    "X-P13": ("recordings-001.yml", "lifetime-ratio", "on both sides", "(llm_cost_tracker_prompt_tokens_total + "),
    "X-P19": (
        "prometheus.yml",
        "ratio-without-default",
        "no value until",
        'sum(rate(http_requests_total{status!~"5.."',
    ),
    "X-P20": ("prometheus.yml", "unscoped-metric", "say whose", 'sum(rate(http_requests_total{status!~"5.."'),
    "X-R03": ("recordings-001.yml", "record-name", "a value for each model", "record: llm:cost_per_model_24h"),
    "X-R04": ("recordings-001.yml", "window-label", "the label aggregation", 'aggregation: "24h"'),
    "X-R05": ("prometheus.yml", "record-name", "a value for each job", "record: job:error_rate:5m"),
    "X-R07": ("scaling-001.yml", "missing-parts", "has no severity", "alert: HighMemoryPressure"),
    "X-R09": ("names-003.yml", "duplicate-rule", "HighLatency is there already", "alert: HighLatency"),
    "X-R08": ("names-003.yml", "no-hold", "write for: 5m", "for: 0s"),
    "X-R10": ("documented-003.yml", "unknown-field", "unknown field 'description'", "description: |"),
    "X-R10 expr": ("documented-003.yml", "no-expr", "a rule needs an expression", "alert: HighLatency"),
    "X-R11": ("health-001.yml", "percent-of-ratio", "between 0 and 1", "description: "),
    "X-R13": ("forecasts-001.yml", "rules-without-group", "in no group", "alert: ModelCostEfficiencyDegraded"),
    "X-R19": ("errors-000.yml", "no-runbook", "HighErrorRate links to no runbook", "alert: HighErrorRate"),
    "X-A01": ("alertmanager-000.yml", "deprecated-matchers", "match is deprecated", "match:"),
    "X-A02": ("inhibit-003.yml", "deprecated-matchers", "and target_match_re are deprecated", "source_match:"),
    "X-A03": ("inhibit-003.yml", "inhibition-reach", "mutes every alert of the same job", "target_match_re:"),
    "X-A04": ("alertmanager-000.yml", "plain-secret", "Events API v1", "service_key:"),
    "X-A05": ("alertmanager-000.yml", "undefined-receiver", "undefined receiver 'warning'", "receiver: 'warning'"),
    "X-A06": ("alertmanager-000.yml", "bad-url", "is no URL", "api_url: 'YOUR_SLACK_WEBHOOK'"),
    "X-A07": ("alertmanager-001.yml", "unknown-option", "email has no field subject", "subject: 'Security Alert"),
    "X-A08": ("quiet-hours-003.yml", "undefined-receiver", "undefined receiver 'quiet-hours'", "receiver: quiet-hours"),
    "X-A09": ("quiet-hours-003.yml", "undefined-interval", "undefined time interval", "weekdays-business-hours"),
    "X-A10": ("quiet-hours-003.yml", "root-route", "the root route needs a receiver", "route:"),
    "X-A10 no route": ("email-000.yml", "no-route", "it has no route:", "receivers:"),
    "X-A12": ("alertmanager-001.yml", "dead-route", "severity critical never comes here", "match:"),
    "X-A13": ("email-000.yml", "plain-secret", "auth_password is a secret", "auth_password:"),
    "X-A15": ("alertmanager-001.yml", "too-often", "group_interval of 10s is noise", "group_interval: 10s"),
    "X-A15 repeat": ("alertmanager-001.yml", "too-often", "repeat_interval of 15m", "repeat_interval: 15m"),
    "X-A16": ("alertmanager-001.yml", "broken-text", "wrong encoding", "title: 'ðŸš¨ CRITICAL"),
    "X-A17": ("alertmanager-001.yml", "broken-text", "stays when the alert is resolved", "color: 'danger'"),
    "X-A18": ("alertmanager-001.yml", "broken-text", "right behind the other", "description: |"),
    "X-A18 slack": ("slack-000.yml", "broken-text", "right behind the other", "text: '{{ range .Alerts }}"),
}
# ID: one's own file beside the specs, the rule, what it says, how its line begins.
BASES = {
    "X-A01": (ROOT.replace("]}", "],\n  routes: [\n    {receiver: a,\n    match: {severity: critical}}]}"), "match:"),
    "X-A02": (ROOT + "inhibit_rules:\n  - source_match: {alertname: A}\n    equal: [service]\n", "source_match:"),
    "X-A03": (
        ROOT + "inhibit_rules:\n  - source_matchers: [alertname=ServiceDown]\n    target_matchers: ['alertname=~.*']\n"
        "    equal: [job]\n",
        "target_matchers:",
    ),
    "X-A03 job": (
        ROOT + "inhibit_rules:\n  - source_matchers: [alertname=ServiceDown]\n    target_matchers: [severity=info]\n"
        "    equal:\n      - rack\n",
        "rack",
    ),
    "X-A04": (ROOT + "    pagerduty_configs:\n      - service_key: YOUR_PAGERDUTY_KEY\n", "service_key:"),
    "X-A05": (ROOT.replace("receiver: a", "\n  receiver: default"), "receiver: default"),
    "X-A06": (ROOT + "    slack_configs:\n      - api_url: YOUR_SLACK_WEBHOOK\n", "api_url:"),
    "X-A07": (ROOT + "    email_configs:\n      - to: a@b.example\n        subject: Alert\n", "subject:"),
    "X-A08": (ROOT.replace("]}", "],\n  routes: [{\n    receiver: quiet-hours}]}"), "receiver: quiet-hours"),
    "X-A09": (
        ROOT.replace("]}", "],\n  routes: [{active_time_intervals: [\n    weekdays-business-hours]}]}"),
        "weekdays-business-hours",
    ),
    "X-A10": ("route:\n  group_by: [alertname]\nreceivers: [{name: a}]\n", "route:"),
    "X-A11": (
        ROOT.replace("]}", "],\n  routes: [\n    {receiver: a, match: {category: efficiency}}]}"),
        "{receiver: a, match:",
    ),
    "X-A12": (
        ROOT.replace(
            "]}",
            "],\n  routes: [\n    {receiver: a, matchers: [severity=warning]},\n"
            "    {receiver: b, matchers: [category=errors]}]}",
        )
        + "  - name: b\n",
        "{receiver: b, matchers: [category=errors]}",
    ),
    "X-A13": (ROOT + "    email_configs:\n      - auth_password: password\n", "auth_password:"),
    "X-A14": (
        ROOT.replace(", group_by: [alertname]", "")
        + "    slack_configs:\n      - title: 'Alert: {{ .GroupLabels.alertname }}'\n",
        "title:",
    ),
    "X-A15": (
        ROOT.replace("receiver: a", "receiver: a,\n  group_interval: 10s")
        + "    pagerduty_configs:\n      - routing_key_file: /run/key\n",
        "group_interval:",
    ),
    "X-A16": (ROOT + "    slack_configs:\n      - title: 'ðŸ’° Cost Alert'\n", "title:"),  # noqa: RUF001 - that is the trap
    "X-A17": (ROOT + "    slack_configs:\n      - color: danger\n", "color:"),
    "X-A18": (ROOT + "    slack_configs:\n      - text: '{{ range .Alerts }}{{ .Labels.a }}{{ end }}'\n", "text:"),
    "X-A19": (ROOT.replace("[alertname]", "[\n  alertname,\n  rack]"), "rack]"),
}
ALONE = ("X-A12",)  # the alerts that it loses are in none of the documents


@cache
def linted() -> tuple[Problem, ...]:
    """Everything that is wrong with the documents' files, read together by the Prometheus of their time."""
    return tuple(foreign.lint_paths(sorted(DOCUMENTS.iterdir()), (2, 42)).problems)


@pytest.mark.parametrize("trap", LINTED)
def test_found_by_lint(trap: str) -> None:
    name, rule, words, line = LINTED[trap]
    every = foreign.lint_paths([DOCUMENTS / name]).problems if trap in ALONE else linted()
    mine = [problem for problem in every if Path(problem.origin.document.path).name == name]
    text = (DOCUMENTS / name).read_text(encoding="utf-8")
    assert found(mine, rule, words, text, line), [f"{p.origin}: {p.message} [{p.rule}]" for p in mine]


@pytest.mark.usefixtures("fleet")
@pytest.mark.parametrize("trap", BASES)
def test_found_in_a_file_that_ours_joins(tmp_path: Path, trap: str) -> None:
    text, line = BASES[trap]
    _, rule, words, _ = LINTED.get(trap) or OTHERS[trap]
    _, problems = build(tmp_path, base=text, fleet=FLEET)
    mine = [problem for problem in problems if problem.origin.document.path.endswith("own.base.yml")]
    said = words if trap in OTHERS else ""
    assert found(mine, rule, said, text, line), [f"{p.origin}: {p.message} [{p.rule}]" for p in problems]


OTHERS = {
    "X-A03 job": ("", "inhibition-reach", "no alert has the label 'rack'", ""),
    "X-A11": ("", "dead-route", "no alert has category='efficiency'", ""),
    "X-A14": ("", "grouping", "alertname is not grouped by", ""),
    "X-A19": ("", "grouping", "no alert has the label 'rack'", ""),
}


@pytest.mark.usefixtures("fleet")
def test_nothing_is_said_about_a_file_without_a_trap(tmp_path: Path) -> None:
    _, problems = build(tmp_path, base=ROOT)
    assert [f"{p.origin}: {p.message}" for p in problems if "own.base.yml" in p.origin.document.path] == []
