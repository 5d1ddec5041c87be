"""Every rule of PromQL ends on chains that are longer than Python recurses."""

import pytest
from rule_cases import DOCUMENT, FACTS

from llmmon import lint, promql
from llmmon.problem import Origin
from llmmon.rule import Expression


@pytest.mark.parametrize(
    "text",
    [
        " or ".join(["foo"] * 1500),
        " + ".join(["1"] * 1500) + " > foo",
        "sum(" + " / ".join(["app_requests_total"] * 1500) + ")",
        " unless ".join(["vector(1)"] * 1500),
        "foo" + " * 2" * 1500 + " == 0.5",
        "foo or bar" + " and foo or bar" * 700,
        "foo{" + ",".join(f'a!="x{index}"' for index in range(300)) + "}",
    ],
)
def test_a_long_chain_is_judged(text: str) -> None:
    expr = promql.parse(text)
    table = lint.chosen(("promql",), lambda _, __: True)
    found = lint.expression(Expression(text, expr, "alert"), FACTS, Origin(DOCUMENT), table)
    assert all(problem.message for problem in found)
