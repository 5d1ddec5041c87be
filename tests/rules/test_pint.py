"""What pint's checks of PromQL find, offline or with a server, is found here without one."""

from pathlib import Path

import pytest
from rule_cases import FACTS

from llmmon import foreign

EXPRESSIONS = [
    ("promql/regexp", 'foo{job=~"bar"}', "Q007"),
    ("promql/regexp", 'foo{job=~"^bar.*$"}', "Q006"),
    ("promql/regexp", 'foo{job=~".*"}', "Q008"),
    ("promql/regexp", 'foo{job!~".+"}', "Q008"),
    ("promql/regexp", 'foo{job=~"service_.+_production"}', "Q009"),
    ("promql/impossible", "group by (cluster) (sum(errors))", "Q031"),
    ("promql/impossible", "sum(foo) / on (cluster) count(bar)", "Q032"),
    ("promql/impossible", "foo / on (instance) group_left (cluster) sum by (instance) (bar)", "Q032"),
    ("promql/impossible", "foo and on (x) (a == 0) * on (b) group_left (env) info", "Q033"),
    ("promql/impossible", 'foo{env="a"} * on (b) group_left (env) bar{env="a"}', "Q034"),
    ("promql/impossible", "sum(foo * on (b) group_left (env) info)", "Q035"),
    ("promql/impossible", "sum(vector(0)) > 0", "Q036"),
    ("promql/impossible", "0 > bool 0", "Q036"),
    ("promql/impossible", "foo unless on () vector(1)", "Q036"),
    ("promql/impossible", "vector(1) or sum(foo)", "Q036"),
    ("promql/impossible", 'foo{job="bar"} unless sum(foo)', "Q039"),
    ("promql/impossible", "foo / on (instance) sum(bar)", "Q037"),
    ("promql/impossible", "foo and on (device) absent(bar)", "Q039"),
    ("promql/nan", "sum(errors / total)", "Q041"),
    ("promql/nan", "avg by (job) (errors % total)", "Q041"),
    ("promql/nan", "sum(x:ratio)", "Q041"),
    ("promql/counter", "app_requests_total > 5", "Q019"),
    ("promql/counter", "delta(app_requests_total[5m])", "Q021"),
    ("promql/rate", "rate(app_requests_total[30s])", "Q013"),
    ("promql/rate", "rate(app_queue_length[5m])", "Q020"),
    ("promql/rate", "rate(x:requests:sum[5m])", "Q022"),
    ("promql/series", "app_requests_totl", "Q045"),
    ("promql/series", 'app_requests_total{stattus="500"}', "Q046"),
    ("promql/series", 'app_jobs{state="runing"}', "Q047"),
    ("promql/vector_matching", 'foo{a="1"} / bar{a="2"}', "Q037"),
    ("promql/vector_matching", "app_errors_total / app_requests_total", "Q037"),
    ("promql/vector_matching", "app_requests_total * on (type) app_errors_total", "Q037"),
    ("alerts/absent", "absent(foo or vector(0))", "Q056"),
]
FILE = """\
groups:
  - name: a
    rules:
      - {record: 'x:ratio', expr: 'sum by (job) (errors) / sum by (job) (total)'}
      - {record: 'x:requests:sum', expr: 'sum(app_requests_total)'}
      - alert: A
        expr: |
          EXPR
        for: 5m
        annotations: {summary: "{{ $labels.env }} fails"}
"""


@pytest.mark.parametrize(("check", "text", "code"), EXPRESSIONS)
def test_what_pint_finds_is_found(tmp_path: Path, check: str, text: str, code: str) -> None:
    path = tmp_path / "rules.yml"
    path.write_text(FILE.replace("EXPR", text))
    linted = foreign.lint_paths([path], wanted=lambda _, __: True, around=FACTS)
    found = {(problem.code, problem.origin.position()[0]) for problem in linted.problems}
    assert (code, 8) in found, (check, found)


def test_what_pint_takes_for_wrong_is_left_alone(tmp_path: Path) -> None:
    """The right side of `or` has labels of its own, and a joined label may replace what a matcher pins."""
    path = tmp_path / "rules.yml"
    for text in ("vector(0) or foo", 'foo{env="a"} * on (b) group_left (env) bar', "sum(a / (b > 0))"):
        path.write_text(FILE.replace("EXPR", text))
        found = [problem.code for problem in foreign.lint_paths([path], around=FACTS).problems]
        assert not {"Q034", "Q036", "Q041"} & set(found), text
