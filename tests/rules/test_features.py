"""Features that a server is told to enable."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conftest import Fleet


def test_what_is_behind_a_flag_says_so_and_is_read_where_the_flag_is_on(fleet: Fleet) -> None:
    rule = "groups: [{name: a, rules: [{record: 'a:b:c', expr: 'EXPR'}]}]\n"
    for text, said in (
        ("mad_over_time(x[5m])", "[feature-not-enabled]"),
        ("rate(x[5m] anchored)", "--enable-feature=promql-extended-range-selectors [feature-not-enabled]"),
        ("median(x)", "PromQL has no median: write quantile(0.5, ...) [foreign-dialect]"),
    ):
        fleet.write("rules.yml", rule.replace("EXPR", text))
        (problem,) = fleet.run("lint", "rules.yml").problems
        assert said in problem
    features = '[tool.llmmon.lint]\nprometheus-version = "3.7"\nfeatures = ["FEATURE"]\n'
    for text, flag in (
        ("mad_over_time(x[5m])", "promql-experimental-functions"),
        ("rate(x[5m] anchored)", "promql-extended-range-selectors"),
    ):
        fleet.write("rules.yml", rule.replace("EXPR", text))
        fleet.write("pyproject.toml", features.replace("FEATURE", flag))
        assert fleet.run("lint", "rules.yml").problems == []
