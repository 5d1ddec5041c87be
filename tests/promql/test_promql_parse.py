"""What the parser reads, what it refuses and where, and that nothing crashes it."""

import pytest
from promql_examples import INVALID, VALID

from llmmon.promql import (
    Aggregate,
    Binary,
    Call,
    Matcher,
    Node,
    Number,
    Paren,
    PromqlError,
    Range,
    Selector,
    Span,
    String,
    Subquery,
    Version,
    parse,
    position,
    pretty,
    rename_metrics,
    result_labels,
    to_text,
    walk,
)

OLD = (2, 42)


@pytest.mark.parametrize("text", VALID)
def test_valid_expressions_survive_printing(text: str) -> None:
    expr = parse(text, OLD)
    assert parse(to_text(expr), OLD) == expr
    assert parse(pretty(expr, 20), OLD) == expr


@pytest.mark.parametrize("text", INVALID)
def test_invalid_expressions_are_refused(text: str) -> None:
    with pytest.raises(PromqlError) as caught:
        parse(text, OLD)
    start, end = caught.value.span
    assert 0 <= start <= end <= len(text)


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        ("foo[5m", 1, 7, "unclosed left bracket"),
        ("sum(foo", 1, 8, "unclosed left parenthesis"),
        ("foo{", 1, 5, "unexpected end of input inside braces"),
        ("foo bar", 1, 5, 'unexpected identifier "bar"'),
        ("up\n  + nosuch(up)", 2, 5, 'unknown function with name "nosuch"'),
        ("rate(foo)", 1, 6, 'expected type range vector in call to function "rate", got instant vector'),
        ("rate(foo[5m], 1)", 1, 1, 'expected 1 argument(s) in call to "rate", got 2'),
        ("round(a, 1, 2)", 1, 1, 'expected at most 2 argument(s) in call to "round", got 3'),
        ('label_join(a, "b")', 1, 1, 'expected at least 3 argument(s) in call to "label_join", got 2'),
        ("1 > 2", 1, 3, "comparisons between scalars must use BOOL modifier"),
        ("a + bool b", 1, 3, "bool modifier can only be used on comparison operators"),
        ("1 or foo", 1, 1, 'set operator "or" not allowed in binary scalar expression'),
        ("a and on (x) group_left b", 1, 1, 'no grouping allowed for "and" operation'),
        ("a + on (x) group_left (x) b", 1, 3, 'label "x" must not occur in ON and GROUP clause at once'),
        ("1 + on (x) foo", 1, 1, "vector matching only allowed between instant vectors"),
        ("{}", 1, 1, "vector selector must contain at least one non-empty matcher"),
        ('foo{__name__="x"}', 1, 1, 'metric name must not be set twice: "foo" or "x"'),
        ("(foo)[5m]", 1, 6, "ranges only allowed for vector selectors"),
        ("foo offset 5m [5m]", 1, 15, "no offset modifiers allowed before range"),
        ("rate(foo[0m])", 1, 10, "duration must be greater than 0"),
        ("foo[99999999999y]", 1, 5, "duration out of range"),
        ("foo offset 5m offset 5m", 1, 1, "offset may not be set multiple times"),
        (
            "sum(foo) offset 5m",
            1,
            1,
            "offset modifier must be preceded by an instant vector selector or range vector selector or a subquery",
        ),
        ("sum by (a (b)", 1, 11, 'unexpected "(" in grouping opts, expected "," or ")"'),
        ('foo{a=~"("}', 1, 5, "error parsing regexp: missing closing ): `(`"),
        ('foo{a=~"(?=x)"}', 1, 5, "error parsing regexp: invalid or unsupported Perl syntax: `(?=`"),
        ('foo{a="\\d"}', 1, 7, "unknown escape sequence U+0064 'd'"),
        ("topk(foo)", 1, 1, "wrong number of arguments for aggregate expression provided, expected 2, got 1"),
        ('topk("a", foo)', 1, 6, "expected type scalar in aggregation parameter, got string"),
        ("rate(foo[5m],)", 1, 13, "trailing commas not allowed in function call args"),
        ("foo > 100ms", 1, 7, 'unexpected duration "100ms"'),
    ],
)
def test_an_error_says_what_and_where(text: str, line: int, column: int, message: str) -> None:
    with pytest.raises(PromqlError) as caught:
        parse(text, OLD)
    assert (*position(text, caught.value.span[0]), caught.value.message) == (line, column, message)


@pytest.mark.parametrize(
    ("text", "since"),
    [
        ("histogram_stddev(x)", (2, 48)),
        ("histogram_avg(x)", (2, 51)),
        ("x > 100ms", (2, 54)),
        ("x[300]", (2, 54)),
        ("x offset 0s", (2, 54)),
        ("x offset 30", (2, 54)),
        ("1_000", (2, 54)),
        ('{"a.b"}', (3, 0)),
        ('{"a.b", "x.y"="1"}', (3, 0)),
        ('sum by ("x.y") (a)', (3, 0)),
        ('a{b=~"(?<c>d)"}', (3, 0)),
        ("x[+5m]", (3, 4)),
        ("first_over_time(x[5m])", (3, 14)),
    ],
)
def test_a_version_knows_what_came_later(text: str, since: Version) -> None:
    parse(text, since)
    with pytest.raises(PromqlError):
        parse(text, (since[0], since[1] - 1) if since[1] else (2, 53))


def test_experimental_functions_need_their_flag() -> None:
    for text in ("mad_over_time(x[5m])", "limitk(3, x)", 'sort_by_label(x, "a")', "info(x, {})"):
        parse(text, experimental=True)
        with pytest.raises(PromqlError, match=r"experimental|not enabled"):
            parse(text)
    with pytest.raises(PromqlError, match=r"came with Prometheus 3\.7"):
        parse("ts_of_first_over_time(x[5m])", experimental=True)
    with pytest.raises(PromqlError, match=r"went with Prometheus 3\.0"):
        parse("holt_winters(x[5m], 0.1, 0.1)")


def test_the_tree_has_the_values_of_the_text() -> None:
    assert parse(r'a{b=~"c\n\u00e9",d!="\x41"}') == Selector("a", (Matcher("b", "=~", "c\né"), Matcher("d", "!=", "A")))
    assert parse("a[1h30m] offset -5m") == Range(Selector("a", (), -300_000), 5_400_000)
    assert parse("a[1h:] @ end()") == Subquery(Selector("a"), 3_600_000, 0, 0, "end")
    assert parse("a @ 1.5") == Selector("a", (), 0, 1.5)
    assert parse("a > 1h") == Binary(">", Selector("a"), Number(3600))
    assert parse("017 + 0x1F + 08 + 1e3") == parse("15 + 31 + 8 + 1000")
    assert parse("Topk(2, a)") == Aggregate("topk", Selector("a"), None, Number(2))
    assert parse('{"a.b", c="d"}') == Selector("a.b", (Matcher("c", "=", "d"),))
    assert parse("NaN") == parse("nan") != parse("Inf")
    assert parse(r"`\d`") == String(r"\d")


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("-1 ^ 2", "-(1 ^ 2)"),
        ("2 ^ 3 ^ 2", "2 ^ (3 ^ 2)"),
        ("a - b - c", "(a - b) - c"),
        ("a or b and c", "a or (b and c)"),
        ("a and b unless c", "(a and b) unless c"),
        ("a == b + c * d", "a == (b + (c * d))"),
        ("-a * b", "(-a) * b"),
        ("a ^ -b * c", "(a ^ -b) * c"),
        ("a ^ -b ^ c", "a ^ -(b ^ c)"),
        ("a atan2 b + c", "(a atan2 b) + c"),
    ],
)
def test_operators_bind_as_in_prometheus(text: str, shape: str) -> None:
    assert _bare(parse(text)) == _bare(parse(shape))


def _bare(expr: object) -> object:
    """The tree in lists, without its parentheses."""
    if isinstance(expr, Paren):
        return _bare(expr.expr)
    if isinstance(expr, Node):
        return [
            type(expr).__name__,
            *(_bare(getattr(expr, name)) for name in expr.__match_args__ if "span" not in name),
        ]
    return [_bare(item) for item in expr] if isinstance(expr, tuple) else expr


def test_every_node_knows_its_place() -> None:
    text = "sum by (job, é) (rate(foo{a='b', c=~'d'}[5m] offset 1h)) / on (x) group_left (y) bar # é"
    with pytest.raises(PromqlError):
        parse(text)
    text = "sum by (job, pod) (rate(foo{a='é', c=~'d'}[5m] offset 1h)) / on (x) group_left (y) bar # é"
    expr = parse(text)
    division, total, rate, _, foo, _ = walk(expr)
    assert isinstance(division, Binary)
    assert isinstance(total, Aggregate)
    assert isinstance(rate, Call)
    assert isinstance(foo, Selector)
    assert division.matching
    assert total.grouping

    def at(span: Span) -> str:
        return text[slice(*span)]

    assert at(division.op_span) == "/"
    assert at(division.matching.span) == "on (x) group_left (y)"
    assert [*map(at, division.matching.label_spans), *map(at, division.matching.include_spans)] == ["x", "y"]
    assert at(total.grouping.span) == "by (job, pod)"
    assert [*map(at, total.grouping.label_spans)] == ["job", "pod"]
    assert at(rate.span) == "rate(foo{a='é', c=~'d'}[5m] offset 1h)"
    assert at(rate.args[0].span) == "foo{a='é', c=~'d'}[5m] offset 1h"
    assert [at(matcher.span) for matcher in foo.matchers] == ["a='é'", "c=~'d'"]
    for node in walk(expr):
        start, end = node.span
        assert 0 <= start < end <= len(text)


@pytest.mark.parametrize(
    ("text", "grouping", "ranged", "selector"),
    [
        ("sum by(a)(rate(x[5m]))", "by(a)", "x[5m]", "x"),
        (
            " sum  without ( a , b )  ( rate ( x { c = 'd' } [ 5m ] ) ) ",
            "without ( a , b )",
            "x { c = 'd' } [ 5m ]",
            None,
        ),
        ("sum by (a) (rate(x  [5m ]))", "by (a)", "x  [5m ]", "x"),
        ("sum by (a) (rate(x[5m] offset 1h))", "by (a)", "x[5m] offset 1h", "x"),
        ("sum by (a) (avg_over_time(by_x{__name__='x'}[5m]))", "by (a)", None, None),
        ("sum by (a) (rate(sum[5m]))", "by (a)", "sum[5m]", "sum"),
    ],
)
def test_blanks_belong_to_what_they_are_inside_of(
    text: str, grouping: str, ranged: str | None, selector: str | None
) -> None:
    if ranged is None:
        with pytest.raises(PromqlError, match="metric name must not be set twice"):
            parse(text)
        return
    total = parse(text)
    assert isinstance(total, Aggregate)
    assert total.grouping
    assert text[slice(*total.grouping.span)] == grouping
    rate = total.expr
    assert isinstance(rate, Call)
    window = rate.args[0]
    assert isinstance(window, Range)
    assert text[slice(*window.span)] == ranged
    assert text[slice(*window.selector.span)] == (selector or ranged.partition(" [")[0])
    assert text[slice(*total.span)] == text.strip()


@pytest.mark.parametrize(
    "text",
    [
        "(" * 100_000 + "a" + ")" * 100_000,
        "(" * 100_000,
        "abs(" * 100_000 + "a" + ")" * 100_000,
        "sum(" * 100_000,
        "-" * 100_000 + "a",
        "a ^ " * 100_000 + "a",
        'a{b=~"' + "(" * 2000 + ")" * 2000 + '"}',
        "a{" * 10_000,
        "a[" * 10_000,
        "a" + "[5m:]" * 10_000,
        "up{job='a'," + "ance!='b', x=~'c.*'," * 10_000,
        "sum(up{" + "a='b'," * 10_000 + ")",
        "up{" * 10_000 + "'",
    ],
)
def test_hostile_nesting_is_a_clean_error(text: str) -> None:
    with pytest.raises(PromqlError):
        parse(text)


@pytest.mark.parametrize("opening", ["(", "abs(", "sum by (x) (", "-", "a + (", "a ^ "])
def test_deep_nesting_is_read_and_written(opening: str) -> None:
    text = opening * 95 + "a" + ")" * 95 * opening.endswith("(")
    expr = parse(text)
    assert parse(to_text(expr)) == expr
    assert parse(pretty(expr)) is not None
    assert result_labels(expr, lambda _: frozenset({"x"})).names == {"x"}


def test_a_very_long_sum_is_read_printed_compared_and_changed() -> None:
    text = " + ".join(["a"] * 100_000)
    expr = parse(text)
    assert to_text(expr) == text
    assert sum(1 for _ in walk(expr)) == 199_999
    assert expr == parse(text)
    assert len(pretty(expr).split("\n")) == 100_000
    assert to_text(rename_metrics(expr, {"a": "b"})) == text.replace("a", "b")
    assert result_labels(expr, lambda _: frozenset({"x"})).names == {"x"}
