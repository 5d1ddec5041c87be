"""What `--schema` knows: specs, pages of metrics, catalogues; and which names it never judges."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from llmmon import declared
from llmmon.rule import UNKNOWN

if TYPE_CHECKING:
    from conftest import Fleet

PAGE = """\
# TYPE chat_requests_total counter
chat_requests_total{model="a"} 1
# TYPE chat_tokens_total counter
chat_tokens_total 1
# TYPE chat_queue_length gauge
chat_queue_length 1
# TYPE chat_workers gauge
chat_workers 1
# TYPE chat_duration_seconds histogram
chat_duration_seconds_bucket{le="0.5"} 1
chat_duration_seconds_bucket{le="+Inf"} 1
chat_duration_seconds_sum 1
chat_duration_seconds_count 1
# TYPE http_requests_total counter
http_requests_total 1
"""


def rules(*expressions: str) -> str:
    lines = [f"- {{record: 'a:b{index}:c', expr: '{text}'}}" for index, text in enumerate(expressions)]
    return "groups:\n- name: a\n  rules:\n" + "".join(f"  {line}\n" for line in lines)


def test_names_outside_of_what_is_declared_are_left_alone(fleet: Fleet) -> None:
    fleet.write("page.prom", PAGE)
    fleet.write(
        "rules.yml",
        rules("rate(other_total[5m])", "rate(http_errors_total[5m])", "chat:x:y", "rate(chat_requests_total[5m])"),
    )
    said = fleet.run("lint", "rules.yml", "--schema", "page.prom", "--select", "Q045,Q020,Q031")
    assert (said.out, said.code) == ("", 0)


def test_a_page_says_which_metrics_its_namespace_has(fleet: Fleet) -> None:
    fleet.write("page.prom", PAGE)
    fleet.write("rules.yml", rules("rate(chat_request_total[5m])", "rate(chat_queue_length[5m])"))
    said = fleet.run("lint", "rules.yml", "--schema", "page.prom", "--select", "Q045,Q020")
    assert "rules.yml:4:36: error: unknown metric chat_request_total: did you mean chat_requests_total?" in said.out
    assert "chat_queue_length" in said.out
    assert fleet.run("lint", "rules.yml", "--select", "Q045").out == ""


def test_a_page_knows_types_and_boundaries(fleet: Fleet) -> None:
    known = declared.read([str(fleet.write("page.prom", PAGE))])
    assert known.series("chat_workers").type == "gauge"
    assert known.series("chat_requests_total").type == known.series("chat_duration_seconds_count").type == "counter"
    assert known.series("chat_duration_seconds_bucket").buckets == (0.5,)
    assert known.series("chat_duration_seconds") is known.series("nothing") is UNKNOWN
    assert known.series("chat_workers").labels is None  # a scrape adds some


def test_specs_say_which_labels_there_are(fleet: Fleet) -> None:
    fleet.write("rules.yml", rules("sum by (modle) (rate(chat_requests_total[5m]))"))
    found = fleet.run("lint", "rules.yml", "--schema", "specs", "--select", "Q031")
    assert "modle" in found.out


def test_settings_name_schemas_and_namespaces(fleet: Fleet) -> None:
    fleet.write("page.prom", PAGE)
    fleet.write(".llmmon.yaml", "lint: {schema: page.prom, namespaces: [http_], select: [Q045]}\n")
    fleet.write("rules.yml", rules("rate(http_errors_total[5m])"))
    assert "unknown metric http_errors_total" in fleet.run("lint", "rules.yml").out


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("vlm", "'vlm' is no file, no folder and no catalogue: did you mean 'vllm'?"),
        ("vllm@new", "'new' is no version: write it like vllm@1.2"),
        ("page.html", "page.html: no page of metrics: it is HTML"),
        ("empty", "holds no fleet"),
    ],
)
def test_a_schema_that_cannot_be_read_is_a_mistake_of_usage(fleet: Fleet, given: str, message: str) -> None:
    fleet.write("page.html", "<html></html>")
    fleet.write("empty/x.txt", "")
    fleet.write("rules.yml", rules("up"))
    said = fleet.run("lint", "rules.yml", "--schema", given)
    assert said.code == 2
    assert message in said.err


def test_a_catalogue_knows_types_values_and_new_names() -> None:
    known = declared.read(["vllm"])
    assert known.namespaces == ()
    assert known.series("vllm:num_requests_running").type == "gauge"
    assert known.series("vllm:time_to_first_token_seconds_bucket").type == "counter"
    assert (known.series("vllm:time_to_first_token_seconds_bucket").buckets or ())[:1] == (0.001,)
    assert known.series("vllm:gpu_cache_usage_perc").renamed == "vllm:kv_cache_usage_perc"
