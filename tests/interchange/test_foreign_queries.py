"""What foreign queries count, as our own PromQL front end reads them."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Literal

import pytest

from llmmon import promql
from llmmon.interchange import query
from llmmon.interchange.documents import Node
from llmmon.interchange.model import Counts, Events, Latency, Raw, Share
from llmmon.problem import Origin
from llmmon.source.document import Document

if TYPE_CHECKING:
    from llmmon.problem import Problem

W = "[{{.window}}]"


def node(text: str) -> Node:
    problems: list[Problem] = []
    return Node(text, Origin(Document("in.yaml", text)), problems)


def events(part: str, total: str, sense: Literal["bad", "good"] = "bad") -> tuple[str, object]:
    """What two queries count, as text, and by which labels."""
    one, two = query.parse(node(part)), query.parse(node(total))
    assert one
    assert two
    found = query.events(sense, one, two, node(part))
    return told(found.indicator), dict(found.by)


def told(what: object) -> str:
    match what:
        case Events(sense, part, total):
            return f"{sense} {' + '.join(map(promql.to_text, part))} of {' + '.join(map(promql.to_text, total))}"
        case Latency(histogram, within, native):
            return f"{promql.to_text(histogram)} within {within}{' natively' if native else ''}"
        case Counts(sense, part, total):
            return f"{sense} {promql.to_text(part)} of {promql.to_text(total)}"
        case Raw(sense, expr):
            return f"{sense} {promql.to_text(expr)}"
        case Share(gauge, sense):
            return f"mean of {sense} {promql.to_text(gauge)}"
    raise AssertionError(what)


@pytest.mark.parametrize(
    ("part", "total", "said"),
    [
        (f"sum(rate(e{W}))", f"sum(rate(t{W}))", "bad e of t"),
        ("sum(increase(e[5m]))", "(sum(increase(t[5m])))", "bad e of t"),
        ("e", "t", "bad e of t"),
        ("sum(e)", "sum(t)", "bad e of t"),
        ("sum(rate(e[$__rate_interval]))", "sum(rate(t[${__range}]))", "bad e of t"),
        (f"sum(rate(e{W})) or vector(0)", f"sum(rate(t{W}))", "bad e of t"),
        (f"sum(rate(e{W})) OR on() vector(0)", f"sum(rate(t{W}))", "bad e of t"),
        (f"sum(rate(e{W})) + sum(rate(f{W}))", f"sum(rate(t{W}))", "bad e + f of t"),
        (f"sum(rate(t{W})) - sum(rate(g{W}))", f"sum(rate(t{W}))", "good g of t"),
        (
            f'sum(rate(x_count{{a="b"}}{W})) - sum(rate(x_bucket{{le="0.4",a="b"}}{W}))',
            f'sum(rate(x_count{{a="b"}}{W}))',
            'x{a="b"} within 0.4',
        ),
        (
            f'sum(rate(x_bucket{{le="+Inf"}}{W})) - sum(rate(x_bucket{{le=~"1([.]0)?"}}{W}))',
            f'sum(rate(x_bucket{{le="+Inf"}}{W}))',
            "x within 1",
        ),
        (
            f'sum(rate(x_count{W})) - sum(rate(x_bucket{{le="0.4",a="b"}}{W}))',
            f"sum(rate(x_count{W}))",
            'good x_bucket{le="0.4",a="b"} of x_count',
        ),
        (f"sum(rate(e{W} offset 1d))", f"sum(rate(t{W}))", "bad sum(rate(e[5m] offset 1d)) of sum(rate(t[5m]))"),
        (f"count(x > 1) * rate(e{W})", "t", "bad count(x > 1) * rate(e[5m]) of t"),
        (
            f'sum(label_replace(rate(a{W}), "s", "1", "", "") or label_replace(rate(b{W}), "s", "2", "", ""))',
            f"sum(rate(t{W}))",
            "bad a + b of t",
        ),
    ],
)
def test_two_queries_are_events_where_they_add_up_counters(part: str, total: str, said: str) -> None:
    assert events(part, total) == (said, {})


def test_labels_are_those_of_both_queries_under_the_names_that_they_have_in_the_metrics() -> None:
    assert events("sum by (m) (rate(e[5m]))", "sum by (m) (rate(t[5m]))") == ("bad e of t", {"m": "m"})
    renamed = 'sum by (tenant) (label_replace(rate({}[5m]), "tenant", "$1", "team", "(.*)"))'
    assert events(renamed.format("e"), renamed.format("t")) == ("bad e of t", {"tenant": "team"})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"sum(rate(e{W})) / sum(rate(t{W}))", "bad e of t"),
        (f"1 - (sum(rate(g{W})) / sum(rate(t{W})))", "good g of t"),
        (f"1 - sum(rate(x_bucket{{le='0.5'}}{W})) / sum(rate(x_count{W}))", "x within 0.5"),
        (f"1 - avg(avg_over_time(share{W}))", "good avg(avg_over_time(share[5m]))"),
        ('error_ratio{job="a"}', 'mean of bad error_ratio{job="a"}'),
        (f"1 - histogram_fraction(0, 0.2, sum(rate(x{W})))", "x within 0.2 natively"),
        (f"max(sum_over_time(x{W}) / 3)", "bad max(sum_over_time(x[5m]) / 3)"),
    ],
)
def test_a_share_is_taken_apart_where_it_is_a_quotient_of_counters(text: str, said: str) -> None:
    expr = query.parse(node(text))
    assert expr
    assert told(query.ratio("bad", expr, node(text)).indicator) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("sum(rate(x[5m])", "PromQL does not parse"),
        ("sum(rate(x{{.window}}))", "PromQL does not parse"),
        ("sum(rate(x[{{ .period }}]))", "asks its tool for {{.period}}"),
        ("", "there is no query"),
    ],
)
def test_a_query_that_cannot_be_read_is_told(text: str, said: str) -> None:
    where = node(text)
    assert query.parse(where) is None
    assert said in where.problems[0].message
    assert "21427213" not in where.problems[0].message


@pytest.mark.parametrize(
    ("op", "value", "bound"),
    [
        ("=", "0.4", "0.4"),
        ("=", "1e+06", "1000000"),
        ("=~", "1([.]0)?", "1"),
        ("=~", "2[.]5", "2.5"),
        ("=~", "10(\\.0)?", "10"),
        ("=~", "1000000([.]0)?|1e[+]06", "1000000"),
        ("=~", "0.5|1", None),
        ("!=", "0.4", None),
        ("=", "+Inf", None),
        ("=", "fast", None),
    ],
)
def test_a_bound_is_read_in_every_way_that_it_is_written(op: str, value: str, bound: str | None) -> None:
    found = query.bound(promql.Matcher("le", op, value))  # type: ignore[arg-type]
    assert found == (None if bound is None else Decimal(bound))


def test_two_expressions_that_keep_different_labels_are_told() -> None:
    where = node("sum by (m) (x > 1)")
    part, total = query.parse(where), query.parse(node("sum(x)"))
    assert part
    assert total
    assert query.events("bad", part, total, where).by == ()
    assert "keep different labels" in where.problems[0].message
