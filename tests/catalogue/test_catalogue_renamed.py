"""Fleets that rename: by what their pages show, what `uses:` has to say of them."""

from __future__ import annotations

from typing import Any

import pytest

from llmmon import play
from llmmon.catalogue import page, renamed

VLLM = play.page([("vllm", None)])


def prefixed(text: str, prefix: str, colon: str = ":") -> str:
    """A page on which every name begins with a prefix, and `:` is written in another way."""
    lines = []
    for line in text.splitlines():
        start, rest = (line[:7], line[7:]) if line.startswith("# ") else ("", line)
        lines.append(f"{start}{prefix}{rest.replace(':', colon, 1)}")
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize(
    ("prefix", "colon", "said"),
    [
        ("kserve_", ":", {"prefix": "kserve_"}),
        ("ray_", "_", {"prefix": "ray_", "rename": {"vllm:*": "vllm_*"}}),
        ("", "_", {"rename": {"vllm:*": "vllm_*"}}),
        ("a:b_", ":", {"prefix": "a:b_"}),
    ],
)
def test_a_prefix_and_another_colon(prefix: str, colon: str, said: dict[str, Any]) -> None:
    found = renamed.plain(page.read(prefixed(VLLM, prefix, colon)))
    assert {name: names.said() for name, names in found.names.items()} == {"vllm": said}
    assert found.page.keys() == page.read(VLLM).keys()


def test_names_without_the_suffixes_of_units() -> None:
    text = '# TYPE gen_ai_client_operation_duration histogram\ngen_ai_client_operation_duration_bucket{le="1"} 1\n'
    found = renamed.plain(page.read(text))
    assert found.names["otel-genai"].said() == {"translation": "UnderscoreEscapingWithoutSuffixes"}
    assert list(found.page) == ["gen_ai_client_operation_duration_seconds"]


@pytest.mark.parametrize(
    "text",
    [
        VLLM,
        VLLM + "my_vllm:num_requests_running 1\nmy_vllm:num_requests_waiting 1\n",
        "app_http_requests_total 1\n_ 1\n: 1\na: 1\na_ 1\n",
    ],
)
def test_what_is_chance_or_known_already(text: str) -> None:
    families = page.read(text)
    assert renamed.plain(families) == renamed.Plain(families, {})
