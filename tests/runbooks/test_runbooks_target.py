"""Runbook pages: what stands on them, derived or written, and that hostile strings stay strings."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from markdown_it import MarkdownIt  # rich, which we depend on, brings it
from runbook_examples import BUCKET, MINUTE, SPEC, alert, fleet, pages, service

from llmmon.lower.conditions import condition, sentence
from llmmon.lower.prose import PARTS
from llmmon.plan import Health, Workload
from llmmon.plan import shapes as sh
from llmmon.plan.fleet import CATEGORIES
from llmmon.problem import Origin
from llmmon.promql import Selector
from llmmon.targets.runbooks import check

READER = MarkdownIt("commonmark").enable("table")
HOUR = 60 * MINUTE


def headings(page: str) -> list[str]:
    tokens = READER.parse(page)
    return [tokens[i + 1].content for i, token in enumerate(tokens) if token.type == "heading_open"]


def test_a_ladder_shares_one_page_worst_first() -> None:
    of = service(
        alert("HighLatency", severity="warning", hold=10 * MINUTE),
        alert("HighLatency"),
        alert("HighLatency", environment="staging", expr="up > 2"),
    )
    [(name, page)] = pages(of).items()
    assert name == "HighLatency.md"
    assert (
        """\
| Severity | Environment | Fires when | Held for | Response |
| --- | --- | --- | --- | --- |
| critical | production | is above 2.5s | 5m | acknowledge within 5 minutes; resolve or escalate within 30 minutes |
| critical | staging | is above 2.5s | 5m | acknowledge within 5 minutes; resolve or escalate within 30 minutes |
| warning | production | is above 2.5s | 10m | acknowledge within 30 minutes; resolve or escalate within 2 hours |
"""
        in page
    )
    assert "critical in production; warning in production:\n\n```promql\nup > 1\n```\n" in page
    assert "critical in staging:\n\n```promql\nup > 2\n```\n" in page


def test_every_page_has_the_five_parts_in_order_and_one_title() -> None:
    [page] = pages(service(alert("HighLatency"))).values()
    assert page.startswith("<!-- generated from specs/chat.yaml by llmmon; edits are lost -->\n\n# HighLatency\n")
    assert headings(page) == ["HighLatency", *PARTS, "Expression", "Labels"]
    assert "\n\n\n" not in page
    assert page.endswith("|\n")


def test_prose_replaces_only_the_parts_that_it_has() -> None:
    prose = {"HighLatency": "# HighLatency\n\n## How to resolve\n\n1. Add *replicas*.\n"}
    [page] = pages(service(alert("HighLatency"), prose=prose)).values()
    assert "## How to resolve\n\n1. Add *replicas*.\n\n## When to escalate\n\n- critical:" in page
    assert "Users wait longer than they should." in page
    assert page.startswith(
        "<!-- generated from specs/chat.yaml, specs/runbooks/chat/HighLatency.md by llmmon; edits are lost -->"
    )


def test_problems_of_prose_are_found_by_the_check() -> None:
    of = service(alert("HighLatency"), prose={"HighLatency": "## How to reslove\n", "Highlatency": ""})
    assert [(p.rule, str(p.origin)) for p in check(fleet(), of, [])] == [
        ("prose-heading", "specs/runbooks/chat/HighLatency.md:1:1"),
        ("prose-alert", "specs/runbooks/chat/Highlatency.md:1:1"),
        ("runbook-parts", "specs/chat.yaml:1:1"),
    ]


def test_the_summary_is_shown_without_its_template() -> None:
    summary = (
        'Latency of {{ $labels.model }} is {{ $value | humanizeDuration }}, {{ "{{" }} and {{ printf "%.1f" $value }}'
    )
    [page] = pages(service(alert("HighLatency", annotations={"summary": summary}))).values()
    assert "\nLatency of &lt;model&gt; is &lt;value&gt;, {{ and &lt;value&gt;\n" in page


def test_the_dashboard_is_linked_once_per_address() -> None:
    url = "https://grafana.example/d/chat"
    rules = [alert("A", severity=s, annotations={"dashboard_url": url}) for s in ("critical", "warning")]
    [page] = pages(service(*rules)).values()
    assert page.count(f"- Dashboard: [{url}]({url})") == 1
    assert f"1. Open [the dashboard]({url})" in page


def test_alerts_of_one_category_are_related() -> None:
    found = pages(service(alert("A"), alert("C"), alert("B"), alert("D", category="cost")))
    assert found["A.md"].endswith(
        "## Related alerts\n\n- [B](B.md): B on &lt;model&gt;\n- [C](C.md): C on &lt;model&gt;\n"
    )
    assert "Related" not in found["D.md"]


def test_labels_show_what_is_static_and_what_the_series_brings() -> None:
    rules = [alert("A", severity=s, carries=frozenset({"model", "service"})) for s in ("critical", "warning")]
    [page] = pages(service(*rules)).values()
    assert "| `severity` | `critical`, `warning` |\n| `model` | of the series that fires |\n" in page
    assert "| `service` | `chat` |" in page


def test_burn_rates_are_told_apart_by_objective_and_window() -> None:
    of = sh.Raw(sh.Expression("x"), "bad")
    burn = sh.Burn(Decimal("14.4"), HOUR, 5 * MINUTE, Decimal("0.001"), of)
    shape = sh.Shape(sh.Expression("x"), (), burn)
    told = service(
        alert("SLOErrorBudgetBurn", shape, category="availability", slo="availability", window="1h"),
        alert("SLOErrorBudgetBurn", shape, category="availability", slo="ttft", window="1h", expr="up > 2"),
    )
    [page] = pages(told).values()
    assert "More users than the objective allows get errors or wait too long." in page
    assert "| (slo `availability`, window `1h`) burns its error budget 14.4 times too fast over 1h |" in page
    assert "critical in production (slo `ttft`, window `1h`):\n\n```promql\nup > 2\n```" in page


def test_commands_name_the_workload() -> None:
    [page] = pages(service(alert("A", category="availability"))).values()
    for command in (
        "kubectl -n llm get pods",
        "kubectl -n llm logs deployment/litellm -c proxy --since=10m",
        "kubectl -n llm rollout undo deployment/litellm",
    ):
        assert command in page
    stateful = Workload("StatefulSet", "rag", "qdrant", "qdrant")
    [page] = pages(service(alert("A", category="saturation"), workload=stateful)).values()
    assert "kubectl -n rag scale statefulset/qdrant --replicas=COUNT" in page


def test_a_daemon_set_is_not_scaled() -> None:
    daemon = Workload("DaemonSet", "llm", "agent", "agent")
    assert "scale" not in pages(service(alert("A", category="saturation"), workload=daemon))["A.md"]


def test_without_a_workload_there_is_no_kubectl() -> None:
    for category in CATEGORIES:
        assert "kubectl" not in pages(service(alert("A", category=category), workload=None))["A.md"]


def test_component_endpoints_are_asked_by_hand() -> None:
    health = Health("http", {}, {"database": "/health/database"}, Origin(SPEC))
    [page] = pages(service(alert("A"), health=health)).values()
    assert "kubectl -n llm port-forward deployment/litellm 8080:http &" in page
    assert "curl -sS http://localhost:8080/health/database" in page


@pytest.mark.parametrize("category", CATEGORIES)
def test_every_category_has_words_of_its_own(category: str) -> None:
    [page] = pages(service(alert("A", category=category))).values()
    assert "a change in the service, in what calls it" not in page


def test_hostile_strings_stay_strings() -> None:
    evil = "<script>alert(1)</script> ](javascript:x) `| # ![x](http://e) -->\n# Owned\n```"
    of = service(
        alert("A", category=evil, annotations={"summary": evil, "dashboard_url": "javascript:alert(1)"}, slo=evil),
        depends_on=(evil,),
        team=evil,
    )
    [page] = pages(of).values()
    assert headings(page) == ["A", *PARTS, "Expression", "Labels"]
    tokens = READER.parse(page)
    assert [token.content for token in tokens if token.type == "html_block"] == [page.partition("\n")[0] + "\n"]
    inside = [child for token in tokens for child in token.children or []]
    assert not [child for child in inside if child.type in ("html_inline", "image", "link_open")]


RATE = sh.Rate((Selector("requests_total"),), "rate", 5 * MINUTE)
RATIO = sh.Ratio((Selector("bad_total"),), (Selector("all_total"),), "bad", 5 * MINUTE, Decimal(1))


@pytest.mark.parametrize(
    ("measure", "what", "says"),
    [
        (RATIO, sh.Above(Decimal("0.05")), "The share of bad events over 5m (`bad_total` of `all_total`) is above"),
        (RATE, sh.Drops(Decimal("0.5"), HOUR), "The rate of `requests_total` over 5m is less than"),
        (sh.Mean(Selector("x_sum"), Selector("x_count"), HOUR), sh.Below(Decimal(1)), "The mean of `x` is below"),
        (sh.Gauge(Selector("x"), "max"), sh.Grows(Decimal(1), HOUR), "The value of `x` has grown by more than"),
        (sh.Usage(Selector("u"), Selector("l"), "max"), sh.Above(Decimal(1)), "The usage (`u` against `l`) is above"),
        (
            sh.Usage(Selector("u"), Decimal(8), "max"),
            sh.Above(Decimal(1)),
            "The usage (`u` against its limit) is above",
        ),
        (sh.Age(Selector("x")), sh.Stale(HOUR), "The time since `x` is older than 1h"),
        (
            sh.Quantile(BUCKET, Decimal("0.999"), HOUR, ()),
            sh.Above(Decimal(1)),
            "The 99.9th percentile of `chat_seconds`",
        ),
        (
            sh.Rate((Selector("x_total"),), "increase", HOUR),
            sh.Above(Decimal(1)),
            "The increase of `x_total` within 1h is",
        ),
        (sh.Expression("up"), sh.Absent(up=True), "No target of the service has been up for 5m: it is down everywhere"),
        (sh.Expression("up"), sh.ReplicaDown(), "At least one target of the service has been down for 5m, while"),
        (sh.Expression("x"), sh.Absent(), "The result of its expression is missing"),
        (sh.Expression("x"), sh.Free(), "The expression below has held for 5m."),
    ],
)
def test_the_condition_is_a_sentence(measure: sh.Measure, what: sh.Condition, says: str) -> None:
    assert sentence(alert("A", sh.Shape(measure, (), what), unit=None)).startswith(says)


def test_exceptions_are_part_of_the_condition() -> None:
    exception = sh.Where((("model_name", "llama-405b"),), sh.Above(Decimal(5)))
    shape = sh.Shape(RATE, (), sh.Above(Decimal(1)), exceptions=(exception,))
    assert condition(alert("A", shape)) == "is above 1s; is above 5s where `model_name` is `llama-405b`"
    assert condition(alert("A", None)) == "its expression holds"


def test_prose_that_never_ends_its_code_does_not_swallow_the_page() -> None:
    [page] = pages(service(alert("A"), prose={"A": "## What it means\n\n```\nx\n"})).values()
    assert headings(page) == ["A", *PARTS, "Expression", "Labels"]
    assert len(re.findall("^```", page, re.MULTILINE)) % 2 == 0
