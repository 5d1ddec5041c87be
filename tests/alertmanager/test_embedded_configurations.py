"""Configurations inside objects of Kubernetes are linted, each fault at its line of the object."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest

from llmmon import foreign, report

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
        "logLevel: info\nreceivers: [{name: a, stdout: {}}]\nroute: {routes: [{match: [{}], receiver: a}]}\n",
        "time_intervals: 5\n",
    ],
)
def test_what_only_looks_like_a_configuration_is_left_alone(tmp_path: Path, text: str) -> None:
    (tmp_path / "values.yaml").write_text(text)
    assert foreign.lint_paths([tmp_path]).problems == []


def test_a_configuration_in_an_object_that_is_not_alone_in_its_file(tmp_path: Path) -> None:
    path = tmp_path / "object.yaml"
    path.write_text(
        f"apiVersion: v1\nkind: Service\n---\n{OBJECT.replace('KIND', 'ConfigMap').replace('FIELD', 'data')}"
    )
    found = [(p.rule, p.origin.position()) for p in foreign.lint_paths([path]).problems]
    assert ("undefined-receiver", (10, 7)) in found


HIDDEN = """\
global: {smtp_auth_password: TOPSECRET}
route:
  receiver: nobody
receivers:
  - name: a
    slack_configs: [{channel: '#a', title: '{{ .Labels.x }}', api_url: 'hooks.slack.example/TOPSECRET'}]
"""


def secret(text: str, name: str = "alertmanager-main", key: str = "alertmanager.yaml") -> str:
    value = base64.b64encode(text.encode()).decode()
    return f"apiVersion: v1\nkind: Secret\nmetadata: {{name: {name}}}\ndata:\n  a: eA==\n  {key}: {value}\n"


@pytest.mark.parametrize(("name", "key"), [("alertmanager-main", "config.yml"), ("other", "alertmanager.yaml")])
def test_a_configuration_in_the_base64_of_a_secret_is_said_at_its_line(tmp_path: Path, name: str, key: str) -> None:
    path = tmp_path / "secret.yaml"
    path.write_text(secret(HIDDEN, name, key))
    found = foreign.lint_paths([path]).problems
    assert {problem.origin.position() for problem in found} == {(6, 3)}
    said = {problem.rule: problem.message for problem in found}
    assert said["undefined-receiver"].startswith("in line 3 of what this decodes to: undefined receiver 'nobody'")
    assert said["notification-template"].startswith(
        "in line 6 of what this decodes to: the notification has no .Labels"
    )
    assert [problem.fix for problem in found if problem.fix] == []


@pytest.mark.parametrize("text", [HIDDEN, "route: {receiver: TOPSECRET", "route: {receiver: a}\nglobal: TOPSECRET\n"])
def test_nothing_of_what_is_secret_is_shown(tmp_path: Path, text: str) -> None:
    path = tmp_path / "secret.yaml"
    path.write_text(secret(text))
    found = foreign.lint_paths([path]).problems
    assert found
    for form in ("text", "json", "sarif", "github", "checkstyle", "junit"):
        shown = report.render(found, form)
        assert "TOPSECRET" not in shown
        assert base64.b64encode(text.encode()).decode()[:20] not in shown


@pytest.mark.parametrize(
    "text",
    [
        secret("route: {host: dashboard.example}\n"),
        secret(HIDDEN, "other", "values.yaml"),
        secret(HIDDEN).replace("alertmanager.yaml: ", "alertmanager.yaml: '*not base64*'  # "),
        secret(HIDDEN).replace("alertmanager.yaml: ", "alertmanager.yaml: [x]  # "),
        secret("receivers: [{name: blackhole}]\nroute: {receiver: blackhole}\n"),
    ],
)
def test_what_else_is_in_secrets_is_left_alone(tmp_path: Path, text: str) -> None:
    (tmp_path / "secret.yaml").write_text(text)
    assert foreign.lint_paths([tmp_path]).problems == []
