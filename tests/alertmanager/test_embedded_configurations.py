"""Configurations inside objects of Kubernetes are linted, each fault at its line of the object."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from llmmon import foreign

if TYPE_CHECKING:
    from pathlib import Path

OBJECT = """apiVersion: v1
kind: KIND
metadata: {name: alertmanager-main}
FIELD:
  alertmanager.yaml: |-
    route:
      receiver: nobody
    receivers:
      - name: a
  other.yaml: |-
    hello: world
"""


@pytest.mark.parametrize(("kind", "field"), [("Secret", "stringData"), ("ConfigMap", "data")])
def test_a_configuration_in_an_object(tmp_path: Path, kind: str, field: str) -> None:
    path = tmp_path / "object.yaml"
    path.write_text(OBJECT.replace("KIND", kind).replace("FIELD", field))
    found = [(p.rule, p.origin.position()) for p in foreign.lint_paths([path]).problems]
    assert ("undefined-receiver", (7, 7)) in found


@pytest.mark.parametrize(
    "text",
    [
        "route:\n  host: dashboard.example\n  enabled: true\n",  # values of a chart
        "receivers:\n  otlp: {}\nservice: {}\n",  # a collector of OpenTelemetry
        "receivers: [a, b]\n",
        "time_intervals: 5\n",
    ],
)
def test_what_only_looks_like_a_configuration_is_left_alone(tmp_path: Path, text: str) -> None:
    (tmp_path / "values.yaml").write_text(text)
    assert foreign.lint_paths([tmp_path]).problems == []
