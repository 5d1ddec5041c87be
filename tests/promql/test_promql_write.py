"""What is composed, escaped, printed and changed reads back as it was meant."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from llmmon.promql import (
    Aggregate,
    Binary,
    Call,
    Expr,
    Grouping,
    Matcher,
    Matching,
    Number,
    Paren,
    Range,
    Selector,
    String,
    Subquery,
    Unary,
    inject,
    parse,
    pretty,
    quote,
    regex_literal,
    rename_metrics,
    replace_selectors,
    selector,
    to_text,
    value_type,
)

Vectors = SearchStrategy[Expr]

exactly = settings(derandomize=True, deadline=None)

texts = st.text(st.characters(exclude_categories=["Cs"]))
names = st.from_regex(r"[a-z_:][a-z0-9_:]{0,6}", fullmatch=True).filter(
    lambda name: name not in ("bool", "on", "ignoring", "inf", "nan", "atan2")
)
labels = st.from_regex(r"[a-z][a-z0-9_]{0,4}", fullmatch=True).filter(lambda name: name not in ("inf", "nan"))
times = st.integers(1, 10**10)
whens = st.none() | st.sampled_from(["start", "end"]) | st.integers(-(10**9), 10**9).map(lambda n: n / 1000)
numbers = st.builds(Number, st.floats(allow_nan=True) | st.integers(0, 10**20).map(float))
matchers = st.builds(
    Matcher, labels | texts.filter(lambda name: name != "__name__"), st.sampled_from(["=", "!="]), texts
)
selectors = st.builds(
    Selector,
    names | texts.filter(bool),
    st.lists(matchers, max_size=3).map(tuple),
    st.integers(-(10**9), 10**9),
    whens,
)
groupings = st.none() | st.builds(
    Grouping, st.sampled_from(["by", "without"]), st.lists(labels | texts, max_size=3, unique=True).map(tuple)
)
matchings = st.none() | st.builds(
    Matching, st.sampled_from(["on", "ignoring"]), st.lists(labels, max_size=2, unique=True).map(tuple)
)
arithmetic = st.sampled_from(["+", "-", "*", "/", "%", "^", "atan2"])
operators = arithmetic | st.sampled_from(["and", "or", "unless"])
comparisons = st.sampled_from(["==", "!=", "<", "<=", ">", ">="])


def grow(vectors: Vectors) -> Vectors:
    matrices = st.builds(Range, selectors, times) | st.builds(
        Subquery, vectors, times, st.just(0) | times, st.integers(-5000, 5000), whens
    )
    return (
        st.builds(Call, st.just("rate"), st.tuples(matrices))
        | st.builds(Call, st.just("round"), st.tuples(vectors, numbers))
        | st.builds(Call, st.just("label_replace"), st.tuples(vectors, *[texts.map(String)] * 4))
        | st.builds(Aggregate, st.just("sum"), vectors, groupings)
        | st.builds(Aggregate, st.just("topk"), vectors, groupings, numbers)
        | st.builds(Binary, operators, vectors, vectors, st.just(False), matchings)
        | st.builds(Binary, comparisons, vectors, vectors, st.booleans(), matchings)
        | st.builds(Binary, arithmetic, vectors, numbers)
        | st.builds(Binary, arithmetic, numbers, vectors)
        | st.builds(Unary, st.sampled_from("+-"), vectors)
        | st.builds(Paren, vectors)
    )


expressions = st.recursive(selectors, grow, max_leaves=12)


@exactly
@given(texts)
def test_a_quoted_text_reads_back(text: str) -> None:
    assert parse(quote(text)) == String(text)
    assert "\n" not in quote(text)


@exactly
@given(texts)
def test_a_selector_reads_back(text: str) -> None:
    assert parse(selector("up", {"a": text})) == Selector("up", (Matcher("a", "=", text),))
    assert parse(selector("up", {text: "a"}))
    literal = regex_literal(text)
    assert parse(selector("up", [Matcher("a", "=~", literal)])) == Selector("up", (Matcher("a", "=~", literal),))


def test_half_a_surrogate_pair_cannot_be_quoted() -> None:
    with pytest.raises(ValueError, match="surrogate"):
        quote("a\ud800")


def test_bytes_that_are_no_text_survive() -> None:
    expr = parse(r'a{b="\xff\xc3\xa9 \""}')
    assert isinstance(expr, Selector)
    assert expr.matchers[0].value == '\udcffé "'
    assert to_text(expr) == r'a{b="\xffé \""}'


@exactly
@given(expressions)
def test_a_composed_tree_survives_printing(expr: Expr) -> None:
    text = to_text(expr)
    read = parse(text)
    assert to_text(read) == text
    assert read == parse(pretty(expr, 40)) == parse(pretty(expr, 1))
    assert value_type(read) == value_type(expr) == "instant vector"


@exactly
@given(expressions)
def test_a_read_tree_survives_exactly(expr: Expr) -> None:
    read = parse(to_text(expr))
    assert parse(to_text(read)) == read


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("sum(a) BY (b,c)", "sum by (b, c) (a)"),
        ("rate(a[90m] offset 1w)", "rate(a[1h30m] offset 7d)"),
        ("a{b='c'}", 'a{b="c"}'),
        ("a{b=`\\d`}", 'a{b="\\\\d"}'),
        ('{"a"}', "a"),
        ('{"bool", a="b"}', '{"bool",a="b"}'),
        ("a*on(b)group_left c", "a * on (b) group_left () c"),
        ("a > 100ms", "a > 0.1"),
        ("1e6 + 1e-7 + 1e300", "1000000 + 1e-07 + 1e+300"),
        ("a @ 1.5 offset -1m", "a @ 1.5 offset -1m"),
        ("+1 + -Inf", "1 + -Inf"),
    ],
)
def test_the_text_is_canonical(text: str, printed: str) -> None:
    assert to_text(parse(text)) == printed


def test_parentheses_come_where_a_composed_tree_needs_them() -> None:
    a, b, c = Selector("a"), Selector("b"), Selector("c")
    assert to_text(Binary("/", a, Binary("+", b, c))) == "a / (b + c)"
    assert to_text(Binary("/", Binary("+", a, b), c)) == "(a + b) / c"
    assert to_text(Binary("-", a, Binary("-", b, c))) == "a - (b - c)"
    assert to_text(Binary("^", Binary("^", a, b), c)) == "(a ^ b) ^ c"
    assert to_text(Binary("^", Number(-1), Number(2))) == "(-1) ^ 2"
    assert to_text(Unary("-", Binary("+", a, b))) == "-(a + b)"
    assert to_text(Subquery(Binary(">", a, Number(1)), 3_600_000)) == "(a > 1)[1h:]"


def test_a_long_expression_is_broken_over_lines() -> None:
    text = (
        'sum by (model) (rate(errors_total{job="chat"}[5m])) / sum by (model) (rate(requests_total{job="chat"}[5m])) '
        "> 0.05 and on (model) topk(5, enabled == 1)"
    )
    assert pretty(parse(text), 60) == (
        'sum by (model) (rate(errors_total{job="chat"}[5m]))\n'
        '/ sum by (model) (rate(requests_total{job="chat"}[5m]))\n'
        "> 0.05\n"
        "and on (model) topk(5, enabled == 1)"
    )
    assert pretty(parse("sum by (model) (rate(errors_total[5m]))"), 30) == (
        "sum by (model) (\n  rate(errors_total[5m])\n)"
    )
    assert pretty(parse(text), 200) == text


def test_matchers_are_injected_where_their_label_is_free() -> None:
    expr = parse('sum(rate(a{x="1"}[5m])) / b > c{job!="d"} or avg_over_time(e[5m:])')
    before = to_text(expr)
    own = inject(expr, lambda node: {} if node.name == "b" else {"job": "chat", "env": "p"})
    assert to_text(own) == (
        'sum(rate(a{x="1",job="chat",env="p"}[5m])) / b > c{job!="d",env="p"} '
        'or avg_over_time(e{job="chat",env="p"}[5m:])'
    )
    assert to_text(expr) == before


def test_metrics_are_renamed_wherever_they_are_named() -> None:
    expr = parse('rate(a[5m]) + {__name__="a"} + {__name__=~"a"} + b + topk(scalar(a), -(a))')
    assert to_text(rename_metrics(expr, {"a": "a_total"})) == (
        'rate(a_total[5m]) + {__name__="a_total"} + {__name__=~"a"} + b + topk(scalar(a_total), -(a_total))'
    )
    assert replace_selectors(expr, lambda node: node) is expr
