"""An expression that another server takes is refused with a reason."""

import pytest

from llmmon.promql import PromqlError, parse
from llmmon.promql.refusal import EXPERIMENTAL, Refusal, refusal


def refused(text: str, version: tuple[int, ...] = (3, 5), *features: str) -> Refusal | None:
    with pytest.raises(PromqlError) as caught:
        parse(text, version, EXPERIMENTAL in features)
    return refusal(text, caught.value, version, features)


@pytest.mark.parametrize(
    ("text", "rule", "says"),
    [
        ("info(foo)", "feature-not-enabled", "promql-experimental-functions"),
        ("limitk(3, foo)", "feature-not-enabled", "promql-experimental-functions"),
        ("rate(foo[5m] anchored)", "feature-not-enabled", "3.7 and --enable-feature=promql-extended-range-selectors"),
        ("foo + fill(0) bar", "feature-not-enabled", "3.10 and --enable-feature=promql-binop-fill-modifiers"),
        ("rate(foo[5m+1m])", "feature-not-enabled", "'+' is experimental"),
        ("rate(foo[step()])", "feature-not-enabled", "promql-duration-expr"),
        ("foo offset -(5m)", "feature-not-enabled", "promql-duration-expr"),
        ("median(foo)", "foreign-dialect", "write quantile(0.5, ...)"),
        ("foo if bar", "foreign-dialect", "write and"),
        ("foo default 0", "foreign-dialect", "or vector(...)"),
        ("bytes_rate(foo[5m])", "foreign-dialect", "LogQL"),
        ("histogram_quantil(0.9, foo)", "promql-syntax", "did you mean histogram_quantile?"),
    ],
)
def test_the_reason_is_told(text: str, rule: str, says: str) -> None:
    found = refused(text)
    assert found
    assert found.rule == rule
    assert says in (found.message or "")


@pytest.mark.parametrize("text", ["sum(foo", "nobody_has_this(foo)", "foo bar", "rate(foo)", "foo[5m", "foo{a=}"])
def test_a_plain_mistake_has_no_other_reason(text: str) -> None:
    assert refused(text) is None


def test_what_a_flag_admits_is_not_judged() -> None:
    for text, flag in (
        ("rate(foo[5m] anchored)", "promql-extended-range-selectors"),
        ("foo + fill(0) bar", "promql-binop-fill-modifiers"),
        ("rate(foo[5m+1m])", "promql-duration-expr"),
    ):
        found = refused(text, (3, 10), flag)
        assert found == Refusal("feature-not-enabled", None)
        assert refused(text, (2, 53), flag) != found
    assert refused("rate(foo[5m+1m])", (3, 14)) == Refusal("feature-not-enabled", None)
