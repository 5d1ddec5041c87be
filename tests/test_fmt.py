"""`llmmon fmt` lays PromQL out, and changes neither what it means nor anything beside it."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from typer.testing import CliRunner

from llmmon import cli, fmt, promql
from llmmon.promql.spelling import parse_spelt
from llmmon.tool import Found, Tools

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Fleet

LONG = 'sum by (job) (rate(http_requests_total{code=~"5..", job=~".*receive.*"}[60m])) / sum(rate(x[5m])) by (job)>1e-2'
LAID_OUT = [
    "sum by (job) (",
    '  rate(http_requests_total{code=~"5..",job=~".*receive.*"}[60m])',
    ")",
    "/ sum by (job) (rate(x[5m]))",
    "> 1e-2",
]
HEAD = "groups:\n- name: g # g\n  rules:\n  - alert: A\n"


def formatted(text: str, width: int = 120) -> str:
    done = fmt.formatted(text.encode(), "rules.yaml", width)
    again = fmt.formatted(done.data, "rules.yaml", width)
    assert again.data == done.data
    return done.data.decode()


ONE = [  # how an expression is written, before and after
    ("expr: sum(x)by(job)>1e9 # why", "expr: sum by (job) (x) > 1e9 # why"),
    ("expr: 'x{a=\"b\"}>0x1f'", "expr: 'x{a=\"b\"} > 0x1f'"),
    ("expr: \"x{a='b'}>1\"", "expr: 'x{a=\"b\"} > 1'"),
    ("expr: up==0\n      # more\n    for: 1m", "expr: up == 0\n      # more\n    for: 1m"),
    ("expr: up==\n      0", "expr: up == 0"),
    ("expr: |\n      up==\n      0\n\n    for: 1m", "expr: |\n      up == 0\n\n    for: 1m"),
    ("expr: >-  # folded\n      up==\n      0", "expr: >-  # folded\n      up == 0"),
    ("expr: avg_over_time(x[1d]offset 90m)", "expr: avg_over_time(x[1d] offset 90m)"),
    ("expr: max_over_time(x[1h:60s])>-.5", "expr: max_over_time(x[1h:60s]) > -.5"),
    ("expr: |\n      # of somebody\n      up==0", "expr: |\n      # of somebody\n      up==0"),
    ("expr: 'x{a=\"#\"}>1'", "expr: 'x{a=\"#\"} > 1'"),
    ("expr: up == 0", "expr: up == 0"),
    ("expr: up ==", "expr: up =="),
    ("expr: count_over_time({a='b'} |= \"x\" [5m])", "expr: count_over_time({a='b'} |= \"x\" [5m])"),
]


@pytest.mark.parametrize(("before", "after"), ONE)
def test_a_short_expression_is_on_one_line_in_the_style_that_it_has(before: str, after: str) -> None:
    assert formatted(f"{HEAD}    {before}\n# end\n") == f"{HEAD}    {after}\n# end\n"


@pytest.mark.parametrize("head", ["", "'", '"'])
def test_a_long_one_is_laid_out_in_a_block_and_its_comment_stays(head: str) -> None:
    text = LONG.replace('"', '\\"') if head == '"' else LONG
    found = formatted(f"{HEAD}    expr: {head}{text}{head}  # why\n    for: 1m\n", 72)
    body = "".join(f"      {line}\n" for line in LAID_OUT)
    assert found == f"{HEAD}    expr: |  # why\n{body}    for: 1m\n"


@pytest.mark.parametrize(("head", "after"), [("|", "|"), ("|-", "|-"), (">-", "|-"), ("|+", "|+"), ("|8", "|8")])
def test_a_block_stays_one_and_ends_as_it_did(head: str, after: str) -> None:
    indent = " " * (12 if head == "|8" else 9)
    found = formatted(f"{HEAD}    expr: {head}\n{indent}{LONG}\n\n    for: 1m\n", 72)
    assert found.startswith(f"{HEAD}    expr: {after}\n{indent}sum by (job) (\n")
    before = yaml.safe_load(f"{HEAD}    expr: {head}\n{indent}{LONG}\n\n    for: 1m\n")
    value: Any = yaml.safe_load(found)
    ends = [data["groups"][0]["rules"][0]["expr"].endswith("\n") for data in (before, value)]
    assert ends[0] == ends[1]


def test_json_and_flow_maps_stay_on_their_lines() -> None:
    text = '{"groups": [{"name": "g", "rules": [{"record": "a:b", "expr": "sum(x{a=\'b\'})by(job)"}]}]}\n'
    assert formatted(text, 20) == text.replace("sum(x{a='b'})by(job)", 'sum by (job) (x{a=\\"b\\"})')
    text = "groups: [{name: g, rules: [{record: 'a:b', expr: 'up>1'}]}]\n"
    assert formatted(text, 20) == text.replace("up>1", "up > 1")


def test_an_expression_in_an_object_of_kubernetes_is_formatted_too() -> None:
    inner = HEAD + "    expr: up==0 # x\n"
    block = "".join(f"    {line}\n" for line in inner.splitlines())
    text = (
        f"apiVersion: v1\nkind: ConfigMap\ndata:\n  a.yml: |\n{block}---\n# two\nkind: PrometheusRule\napiVersion: v1\n"
    )
    text += "spec:\n" + "".join(f"  {line}\n" for line in inner.splitlines())
    assert formatted(text) == text.replace("up==0", "up == 0")


def test_line_ends_and_a_byte_order_mark_stay() -> None:
    text = "\ufeff" + (HEAD + f"    expr: {LONG}\n    for: 1m\n").replace("\n", "\r\n")
    found = fmt.formatted(text.encode(), "x", 72).data.decode()
    assert found.startswith("\ufeff")
    assert found.count("\n") == found.count("\r\n") == text.count("\n") + len(LAID_OUT)


def test_what_does_not_parse_is_said() -> None:
    (problem,) = fmt.formatted((HEAD + "    expr: up ==\n").encode(), "rules.yaml").problems
    assert "PromQL does not parse" in problem.message
    assert fmt.formatted(b"groups: [", "rules.yaml").problems


@pytest.mark.parametrize(
    "text",
    [
        "x > 1e9",
        "x > 0x1F",
        "x[60m]",
        "rate(x[300s] offset -90m)",
        "max_over_time(x[60m:60s] offset 60m)",
        "x offset 90m * .5",
        "rate(x[300])",
        "a + -5",
        "1e-3",
    ],
)
def test_numbers_and_durations_keep_their_spelling(text: str) -> None:
    expr = parse_spelt(text, (3, 5))
    assert promql.to_text(expr) == text
    assert expr == promql.parse(text, version=(3, 5))


EXPRESSIONS = [
    LONG,
    "histogram_quantile(0.99, sum by (le) (rate(a_bucket{b!~`c\\.d`}[5m]))) > 1 and on (job) up == 1",
    '(a - b) / (c ^ -d) unless ignoring (e) topk(5, f) or absent(g{h="i\\n"}) > bool 1',
    'label_replace(a, "b", "$1", "c", "(.*)") * on () group_right sum_over_time((d > 1)[1h:5m] offset 1d)',
]


@pytest.mark.parametrize("width", [20, 40, 80, 120])
@pytest.mark.parametrize("text", EXPRESSIONS)
def test_the_tree_of_an_expression_stays(text: str, width: int) -> None:
    rule = {"groups": [{"name": "g", "rules": [{"record": "a:b", "expr": text}]}]}
    for style in (None, "'", '"', "|", ">"):
        found: Any = yaml.safe_load(formatted(yaml.safe_dump(rule, default_style=style, width=60), width))
        assert promql.parse(found["groups"][0]["rules"][0]["expr"]) == promql.parse(text)


def test_promtool_takes_what_comes_out(tmp_path: Path) -> None:
    tools = Tools(tmp_path, os.environ)
    if not isinstance(tools.find("promtool"), Found):
        pytest.skip("promtool is not on PATH")
    rules = [{"record": f"a:b{number}", "expr": text} for number, text in enumerate(EXPRESSIONS)]
    texts = [
        formatted(yaml.safe_dump({"groups": [{"name": "g", "rules": rules}]}, default_style=style), width)
        for style in (None, "'", '"', "|")
        for width in (20, 60, 120)
    ]
    for number, text in enumerate(texts):
        (tmp_path / f"{number}.yaml").write_text(text, encoding="utf-8")
    ran = tools.run("promtool", ("check", "rules", *(f"{number}.yaml" for number in range(len(texts)))))
    assert ran.code == 0, ran.stderr
    assert len(re.findall(r"SUCCESS: 4 rules", ran.stdout)) == len(texts)


# The command

BEFORE = HEAD + "    expr: up==0\n"
AFTER = HEAD + "    expr: up == 0\n"


def test_files_are_written_and_checked(fleet: Fleet) -> None:
    fleet.write("rules/a.yml", BEFORE)
    fleet.write("rules/b.yml", AFTER)
    fleet.write("rules/other.yml", "a: [\n")
    ran = fleet.run("fmt", "rules", "--check")
    assert (ran.code, ran.out, ran.err) == (1, "", "1 file would change\n")
    ran = fleet.run("fmt", "rules", "--diff")
    assert (ran.code, (fleet.root / "rules/a.yml").read_text()) == (0, BEFORE)
    assert "-    expr: up==0\n+    expr: up == 0\n" in ran.out
    ran = fleet.run("fmt", "rules")
    assert (ran.code, ran.err, (fleet.root / "rules/a.yml").read_text()) == (0, "1 file formatted\n", AFTER)
    assert fleet.run("fmt", "rules", "--check").code == 0


def test_standard_input_comes_out_formatted() -> None:
    ran = CliRunner().invoke(cli.app, ["fmt", "-"], input=BEFORE)
    assert (ran.exit_code, ran.stdout) == (0, AFTER)
    ran = CliRunner().invoke(cli.app, ["fmt", "-", "--check"], input=BEFORE)
    assert (ran.exit_code, ran.stdout) == (1, "")


def test_what_cannot_be_formatted_is_an_error_at_its_place(fleet: Fleet) -> None:
    fleet.write("rules/a.yml", HEAD + "    expr: up ==\n")
    ran = fleet.run("fmt", "rules", "gone.yml")
    assert ran.code == 1
    assert "rules/a.yml:5:" in ran.err
    assert "gone.yml:1:1: cannot be read: No such file or directory" in ran.err


def test_what_the_settings_exclude_is_left_alone(fleet: Fleet) -> None:
    fleet.write(".llmmon.yaml", "lint: {exclude: ['*/a.yml']}\n")
    fleet.write("rules/a.yml", BEFORE)
    assert fleet.run("fmt", "rules", "--check").code == 0
    fleet.write(".llmmon.yaml", "lint: 5\n")
    assert fleet.run("fmt", "rules", "--check").code == 2
