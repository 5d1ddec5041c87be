"""What is recorded keeps its type and its labels."""

import pytest
from rule_cases import FACTS, found, read_file

from llmmon.classes import replace
from llmmon.recorded import Recorded
from llmmon.rule import Series

HEAD = "groups:\n- name: a\n  rules:\n"


def series(*expressions: str, labels: str = "{}") -> Series:
    """The last of several series, each recorded under the name `x:0`, `x:1`, ..."""
    rules = [
        f"  - record: x:{index}\n    expr: {text}\n    labels: {labels}\n" for index, text in enumerate(expressions)
    ]
    known = Recorded(read_file(HEAD + "".join(rules)).recordings, FACTS.schema)
    return known.series(f"x:{len(expressions) - 1}")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("app_requests_total", "counter"),
        ("sum(app_requests_total)", "counter sum"),
        ("max by (model) (app_requests_total > 3)", "counter sum"),
        ("app_requests_total * 1000", "counter"),
        ("app_requests_total + 1", ""),
        ("app_requests_total + on () app_errors_total", "counter sum"),
        ("topk(3, app_requests_total)", "counter"),
        ("label_replace(app_requests_total, 'a', 'b', 'c', 'd')", "counter"),
        ("sum(rate(app_requests_total[5m]))", "gauge rate"),
        ("avg_over_time(rate(app_requests_total[5m])[1h:1m])", "gauge rate"),
        ("rate(app_requests_total[5m]) / 60", "gauge rate"),
        ("rate(app_requests_total[5m]) > 5", "gauge rate"),
        ("rate(app_requests_total[5m]) / rate(app_errors_total[5m])", "gauge quotient"),
        ("count(app_requests_total)", "gauge"),
        ("sum(app_queue_length)", "gauge"),
        ("app_queue_length - app_queue_length offset 5m", "gauge"),
        ("app_requests_total > bool 5", "gauge"),
        ("something", ""),
        ("something_total", ""),
        ("sum(something_total)", "sum"),
        ("app_queue_length or app_requests_total", ""),
        ("vector(1)", "gauge"),
        ("time()", ""),
    ],
)
def test_the_type_goes_through_an_expression(text: str, kind: str) -> None:
    known = series(text)
    words = [known.type or "", *(word for word in ("rate", "sum", "quotient") if getattr(known, word))]
    assert " ".join(words).strip() == kind


def test_labels_of_what_is_always_empty_are_not_known() -> None:
    assert series("sum by (job) (app_queue_length) / sum by (model) (app_queue_length)").labels is None
    assert series("sum by (job) (app_queue_length) / sum by (job) (app_queue_length)").labels == frozenset(("job",))


def test_types_and_labels_go_through_several_rules() -> None:
    known = series("sum by (model) (rate(app_requests_total[5m]))", "max_over_time(x:0[1h])", labels="{region: eu}")
    assert known == Series("gauge", frozenset(("model", "region")), rate=True)


@pytest.mark.parametrize(
    ("text", "unsafe"),
    [("a / b", True), ("a / (b > 0)", False), ("sum(a) / sum(b)", True), ("a / 5", False), ("a / b > 0", False)],
)
def test_a_division_by_what_may_be_0_is_known(text: str, unsafe: bool) -> None:
    assert series(text).unsafe is unsafe
    assert series(text, "x:0 * 100").unsafe is unsafe
    assert not series(text, "sum(x:0)").unsafe


@pytest.mark.parametrize(("by", "said"), [("", False), ("by (model)", True)])
@pytest.mark.parametrize("slug", ["non-finite", "sum-of-ratios"])
def test_the_sum_of_one_share_is_that_share(slug: str, by: str, said: bool) -> None:
    text = f"  - {{record: 'x:y', expr: sum {by} (app_queue_length) / sum {by} (app_requests_total)}}\n"
    known = Recorded(read_file(HEAD + text).recordings, FACTS.schema)
    facts = replace(FACTS, schema=known.series, recorded=frozenset(("x:y",)))
    assert bool(found("promql", slug, "sum(x:y)", "record", facts)) is said


def test_labels_that_are_not_known_stay_so() -> None:
    assert series("sum without (instance) (something)").labels is None
    assert series("sum by (a) (something)").labels == frozenset("a")


def test_rules_of_one_name_are_taken_together() -> None:
    first, second = series("sum by (model) (app_queue_length)"), series("sum by (job) (app_queue_length)")
    text = "  - {record: x, expr: sum by (model) (app_queue_length)}\n  - {record: x, expr: 'count by (job) (up)'}\n"
    both = Recorded(read_file(HEAD + text).recordings, FACTS.schema).series("x")
    assert (both.type, both.labels) == ("gauge", (first.labels or set()) | (second.labels or set()))


def test_rules_that_read_each_other_end() -> None:
    text = "  - {record: x, expr: sum(y)}\n  - {record: y, expr: sum(x)}\n"
    assert Recorded(read_file(HEAD + text).recordings, None).series("x").labels == frozenset()
    deep = [f"  - {{record: x:{index}, expr: 'rate(x:{index + 1}[5m])'}}\n" for index in range(2000)]
    assert Recorded(read_file(HEAD + "".join(deep)).recordings, None).series("x:0").rate


def test_a_mean_is_no_share() -> None:
    text = "  - {record: 'x:y:avg', expr: sum by (model) (app_queue_length) / sum by (model) (app_requests_total)}\n"
    known = Recorded(read_file(HEAD + text).recordings, FACTS.schema)
    facts = replace(FACTS, schema=known.series, recorded=frozenset(("x:y:avg",)))
    assert found("promql", "sum-of-ratios", "sum(x:y:avg)", "record", facts) == []


def test_labels_of_another_file_are_not_all_of_them() -> None:
    known = Recorded(
        read_file(HEAD + "  - {record: 'x:y', expr: sum by (model) (app_queue_length)}\n").recordings, None
    )
    here = read_file(HEAD).groups[0].origin.document.path
    assert known.inside({here})("x:y").labels == frozenset(("model",))
    assert known.inside({"elsewhere.yaml"})("x:y").labels is None


@pytest.mark.parametrize(
    ("first", "second", "level"),
    [
        ("sum by (job, cluster) (up)", "sum by (job) (up)", None),
        ("sum by (job, tier) (up)", "sum by (job) (up)", "warning"),
        ("sum by (job, tier) (up{tier='a'})", "sum by (job) (up)", "error"),
        ("sum by (model, job) (app_queue_length)", "sum by (job) (app_queue_length)", "error"),
    ],
)
def test_a_label_that_only_a_grouping_names_may_be_on_no_series(first: str, second: str, level: str | None) -> None:
    text = f"  - {{record: 'a:x', expr: \"{first}\"}}\n  - {{record: 'a:y', expr: \"{second}\"}}\n"
    known = Recorded(read_file(HEAD + text).recordings, FACTS.schema)
    facts = replace(FACTS, schema=known.series, recorded=frozenset(("a:x", "a:y")))
    said = found("promql", "label-flow", "a:x / a:y", "record", facts)
    assert [str(one.level) for one in said] == ([level] if level else [])
