"""Labels flow through expressions as in Prometheus, and what can never match is told."""

import random

import pytest
from differential import mutants
from promql_examples import VALID

from llmmon.promql import PromqlError, Selector, flow, groups, parse, problems, result_labels

KNOWN = {
    "errors": {"model", "type"},
    "requests": {"model", "tenant"},
    "total": {"model"},
    "latency_bucket": {"model", "le"},
    "info": {"model", "version"},
    "up": {"job", "instance"},
}


def labels_of(selector: Selector) -> frozenset[str] | None:
    return frozenset(KNOWN[selector.name]) if selector.name in KNOWN else None


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("errors", "model type"),
        ('errors{type="x"}', "model type"),
        ('errors{type=""}', "model"),
        ("rate(errors[5m])", "model type"),
        ("max_over_time(errors[1h:1m])", "model type"),
        ("-(errors)", "model type"),
        ("sum(errors)", ""),
        ("sum by (type) (errors)", "type"),
        ("sum by (type, nothing) (errors)", "type"),
        ("sum without (type) (errors)", "model"),
        ("topk by (model) (3, errors)", "model type"),
        ('count_values by (model) ("value", errors)', "model value"),
        ("errors > 5", "model type"),
        ("5 * errors", "model type"),
        ("errors / ignoring (type, tenant) requests", "model"),
        ("errors / on (model) requests", "model"),
        ("errors / on (model) group_left total", "model type"),
        ("errors / on (model) group_left (tenant) requests", "model tenant type"),
        ("total / on (model) group_right () errors", "model type"),
        ("errors and on (model) requests", "model type"),
        ("errors unless on (model) requests", "model type"),
        ("errors or requests", "model tenant type"),
        ("errors or vector(0)", "model type"),
        ('label_replace(total, "new", "$1", "model", "(.*)")', "model new"),
        ('label_replace(total, "new", "", "model", "(.*)")', "model"),
        ('label_join(total, "new", "-", "model")', "model new"),
        ('absent(up{job="a", instance=~"b.*"})', "job"),
        ('absent(up{job="a", job="b"})', ""),
        ('absent(up{job="a"} == 1)', ""),
        ('absent_over_time(up{job="a"}[5m])', "job"),
        ("vector(1)", ""),
        ("scalar(errors) + time()", ""),
        ("histogram_quantile(0.9, rate(latency_bucket[5m]))", "model"),
        ("hour()", ""),
        ("quantile_over_time(0.9, errors[5m])", "model type"),
        ("sum by (a) (unknown)", "a"),
    ],
)
def test_labels_flow(text: str, labels: str) -> None:
    result = result_labels(parse(text), labels_of)
    assert not result.open
    assert " ".join(sorted(result.names)) == labels


def test_what_is_not_known_stays_open() -> None:
    result = result_labels(parse('label_replace(sum without (a, b) (unknown), "b", "x", "", "")'), labels_of)
    assert result.open
    assert "a" not in result
    assert "b" in result
    assert "c" in result
    result = result_labels(parse("sum without (a) (unknown) or errors"), labels_of)
    assert "type" in result
    assert "a" not in result
    assert result_labels(parse("unknown * errors"), labels_of).names == {"model", "type"}


QUIET = """
sum by (model) (errors) / sum by (model) (requests)
errors / on (model) group_left total
errors / on (model) group_left requests
errors / ignoring (type) group_left total
errors{type="x"} / ignoring (type) total
errors{type="x"} / on (model) total
errors and on (model) requests
errors and on () vector(1)
errors or requests
errors / 5 > 3
errors == errors
total > bool total
unknown / errors
errors / unknown
sum by (whatever) (unknown)
errors * on (model) group_left (version) info
histogram_quantile(0.9, sum by (model, le) (rate(latency_bucket[5m]))) > 2 and total > 5
sum(errors) / sum(requests)
up == 0 unless on (job) up{instance="a"} == 1
sum by (__name__) (up)
sum by (zone, region) (a) * on (zone) sum by (zone) (b)
a{x="1"} / b{x="1"}
a{x="1"} / b{y="1"}
a{x="1"} / ignoring (x) b{x="2"}
a{x="1"} / on (y) b{x="2"}
a{x=~"1|2"} / b{x!="1"}
a{x="$x"} / b{x="1"}
a{x="1",x="2"} / b{x="3"}
a{x="1"} or b{x="2"}
a{x="1"} unless ignoring (x) sum without (x) (b)
a{x!~"y"} / sum(b)
label_replace(a{x="1"}, "x", "$1", "y", "(.*)") / b{x="2"}
sum by (v) (a * on (x) group_left (v) b)
sum without (x) (a * on (x) group_left (v) b)
sum(max by (v) (a * on (x) group_left (v) b))
a * on (x) group_left (v) b > on (x) group_left () c
topk by (v) (3, a * on (x) group_left (v) b)
sum(label_replace(a * on (x) group_left (v) b, "y", "$1", "v", "(.*)"))
sum(a * on (x) group_left (v) b and on (v) c)
c and on (v) (a * on (x) group_left (v) b)
c and (a * on (x) group_left (v) b)
label_replace(sum by (pod) (a), "p", "$1", "pod", "(.+)") / on (p) sum by (p) (b)
a{v!="1"} * on (x) group_left (y) b
a{v="1"} * on (x) group_left (v) b
total + on (model) group_left (_none) sum by (model) (errors)
""".strip().split("\n")


@pytest.mark.parametrize("text", QUIET)
def test_what_can_match_is_quiet(text: str) -> None:
    assert list(problems(parse(text), labels_of)) == []


@pytest.mark.parametrize(
    ("text", "kind", "at", "label", "says"),
    [
        ("sum by (modle) (errors)", "unknown-label", "modle", "modle", "it has model, type"),
        ("sum without (typo) (errors)", "unknown-label", "typo", "typo", "it has model, type"),
        ("topk by (typo) (1, errors)", "unknown-label", "typo", "typo", "it has model, type"),
        ("sum by (x) (sum(errors))", "unknown-label", "x", "x", "it has no labels"),
        ("rate(errors[5m]) / rate(requests[5m])", "never-matches", "/", "tenant", "sum by (model)"),
        ("errors / total", "never-matches", "/", "type", "/ ignoring (type) group_left ()"),
        ("total / errors", "never-matches", "/", "type", "/ ignoring (type) group_right ()"),
        ("errors and requests", "set-never-matches", "and", "tenant", "and on (model)"),
        ("errors unless total", "set-never-matches", "unless", "type", "removes nothing"),
        ("errors and vector(1)", "set-never-matches", "and", "model", "and on ()"),
        ("errors * on (type) group_left total", "never-matches", "type", "type", "both have model"),
        ('sum without (i) (a) * on (i, p) group_left b{i="1"}', "never-matches", "i", "i", "write on (p)"),
        ("errors * on (typo) total", "unknown-matching", "typo", "typo", "it has model"),
        ("errors / ignoring (typo) errors", "unknown-matching", "typo", "typo", "it has model, type"),
        ("errors * on (model) group_left (typo) info", "unknown-join", "typo", "typo", "it has model, version"),
        ("errors / on (model) total", "many-to-one", "on (model)", "type", "on (model) group_left ()"),
        ("total / on (model) errors", "many-to-one", "on (model)", "type", "on (model) group_right ()"),
        ("errors / on (model) requests", "many-to-one", "on (model)", "type", "sum without (type)"),
        ("errors / ignoring (type) total", "many-to-one", "ignoring (type)", "type", "ignoring (type) group_left ()"),
        ('a{x="1"} / b{x="2"}', "never-matches", "/", "x", "write ignoring (x)"),
        ('a{x=~"1|2"} / b{x="3"}', "never-matches", "/", "x", "write ignoring (x) group_left ()"),
        ('a{x="3"} / b{x=~"1|2"}', "never-matches", "/", "x", "write ignoring (x) group_right ()"),
        ('a{x=~"1|2"} / b{x=~"3|4"}', "never-matches", "/", "x", "aggregate both sides: sum without (x)"),
        ('a{x=~"1|2"} and b{x=~"3|4"}', "set-never-matches", "and", "x", "write ignoring (x)"),
        ('sum by (i, x) (a{x=~"1|2"}) / sum by (i) (b)', "never-matches", "/", "x", "write / on (i) group_left ()"),
        ('a{x="1"} / sum(b)', "never-matches", "/", "x", "write / on () group_left ()"),
        ('a{x="1"} * on (x) b{x!~".*1"}', "never-matches", "*", "x", "cannot be the same"),
        ('a{x="1"} unless b{x="2"}', "set-never-matches", "unless", "x", "removes nothing"),
        ('a{x="1"} unless sum(b)', "set-never-matches", "unless", "x", "only the left side has labels"),
        ('sum by (y) (b) < a{x=~".+"}', "never-matches", "<", "x", 'the right side has "x"'),
        ('a{v="1"} * on (x) group_left (v) b{v="1"}', "redundant-join", "v", "v", "leave it out"),
        ("a * ignoring (x) group_left (v) b", "redundant-join", "v", "v", "has already"),
        ("a * ignoring (x) group_left (v, w) b", "redundant-join", "v", "v", '"v", "w", which the other side has'),
        ("sum(a * on (x) group_left (v) b + c * on (x) group_left (v) d)", "unused-join", "v", "v", 'drops "v", which'),
        ("sum(a * on (x) group_left (v, w) b)", "unused-join", "v", "v", '"v", "w", which are joined for nothing'),
        ("sum(a * on (x) group_left (v) b)", "unused-join", "v", "v", "joined for nothing"),
        ("sum without (v) (a * on (x) group_left (v) b)", "unused-join", "v", "v", "the sum drops"),
        ("c and on (i) (a * on (x) group_left (v) b)", "lost-join", "v", "v", '"and" loses'),
        ("c * on (i) (a * on (x) group_left (v) b)", "lost-join", "v", "v", "join it to the whole"),
        ("c * on (i) group_left () (a * on (x) group_left (v) b)", "lost-join", "v", "v", "leave it out"),
    ],
)
def test_what_cannot_match_is_told(text: str, kind: str, at: str, label: str, says: str) -> None:
    (problem,) = problems(parse(text), labels_of)
    assert (problem.kind, problem.label) == (kind, label)
    assert text[slice(*problem.span)] == at
    assert says in problem.message


def test_near_labels_are_candidates() -> None:
    (problem,) = problems(parse("sum by (modle) (errors)"), labels_of)
    assert problem.candidates == ("model",)


SEEN = [
    ("sum by (a, b) (x)", {"a", "b"}),
    ("(sum by (a) (rate(x{c='d'}[5m]))) > 1", {"a"}),
    ("1 - avg by (a) (x) / sum by (a) (y)", {"a"}),
    ("sum by (a, b) (x{c='d'}) > 0.5 * sum by (b, a) (y{c='d'})", {"a", "b"}),
    ("sum by (a) (x{c='d'}) / sum by (a) (y{c='e'})", None),
    ("sum by (a) (x) / sum by (b) (y)", None),
    ("sum by (a) (x) or sum by (a) (y)", None),
    ("sum by (a) (x) / on (a) sum by (a) (y)", None),
    ("max by (a, b) (x{c='d'}) > 1 and on (a) deriv(y{c='e'}[5m]) > 0", {"a", "b"}),
    ("max by (a, c) (x{c='d'}) and on (a, c) y{c='d', b!='f'}", {"a", "c"}),
    ("max by (a, c) (x{c='d'}) and on (a, c) y{c='e'}", None),
    ("max by (a) (x) and on (a, b) y", None),
    ("max by (a) (x) and on (a) y{a=''}", None),
    ("max by (a) (x) and on (a) known", None),
    ("max by (a) (x) and on (a) (y or z)", None),
    ("max by (a) (x) and ignoring (b) y", None),
    ("max by (a) (x) unless on (a) y", None),
    ("sum by (a) (x{a=''})", None),
    ("sum by (a) (sum by (b) (x))", None),
    ("histogram_quantile(0.9, sum by (le, a) (rate(x_bucket[5m]))) > 1", {"a"}),
    ("histogram_quantile(0.9, sum by (a) (rate(x_bucket[5m])))", None),
    ("sum by (a) (known)", None),
    ("sum without (a) (x)", None),
    ("topk by (a) (1, x)", None),
    ("x > 1", None),
    (" + ".join(["sum by (a) (x)"] * 5000), None),
]


@pytest.mark.parametrize(("text", "labels"), SEEN)
def test_groups_are_seen_at_once(text: str, labels: set[str] | None) -> None:
    found = groups(parse(text), lambda selector: selector.name == "known")
    assert (found and set(found[0])) == labels


def test_what_is_seen_at_once_is_what_flows() -> None:
    chance, seen = random.Random(1), 0
    known = [*VALID, *(text for text, _ in SEEN if len(text) < 100)]
    for text in [*known, *mutants.expressions(known, 3000, chance)]:
        try:
            expr = parse(text)
        except PromqlError:
            continue
        if found := groups(expr, lambda _: False):
            seen += 1
            flowing = flow(expr, lambda _: None)
            assert (flowing.found, flowing.labels.open, flowing.labels.names) == ((), False, frozenset(found[0])), text
    assert seen > 50
