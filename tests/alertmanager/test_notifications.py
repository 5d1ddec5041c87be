"""Notifications say what, where and how bad, with links, and escape what they quote."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from alertmanager_examples import emitted, fleet

from llmmon.targets.alertmanager.judge import TEMPLATES

if TYPE_CHECKING:
    from pathlib import Path

AMTOOL = shutil.which("amtool")
pytestmark = pytest.mark.skipif(AMTOOL is None, reason="amtool is not installed")
LATENCY = {
    "status": "firing",
    "labels": {"alertname": "HighLatency"},
    "annotations": {
        "summary": "p95 is <2s> & more",
        "description": "Model {{ x }} $y",
        "runbook_url": "https://r.example/chat/HighLatency",
        "dashboard_url": "https://d.example/chat",
    },
}
GONE = {"status": "resolved", "labels": {"alertname": "HighLatency"}, "annotations": {}}
LABELS = {"alertname": "HighLatency", "severity": "critical", "service": "chat", "environment": "production"}


def rendered(folder: Path, name: str, html: bool = False, **changes: Any) -> str:
    said = {
        "receiver": "ml",
        "status": "firing",
        "externalURL": "http://am",
        "groupLabels": {},
        "commonAnnotations": {},
    }
    data = {**said, "commonLabels": LABELS, "alerts": [LATENCY, GONE], **changes}
    emitted(fleet(), [], folder)
    (folder / "data.json").write_text(json.dumps(data))
    assert AMTOOL
    command = [AMTOOL, "template", "render", f"--template.type={'html' if html else 'text'}"]
    command += [f"--template.glob={folder / TEMPLATES}", f"--template.data={folder / 'data.json'}"]
    command.append(f'--template.text={{{{ template "llmmon.{name}" . }}}}')
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def test_a_title_says_what_where_and_how_bad(tmp_path: Path) -> None:
    assert rendered(tmp_path, "title") == "Critical: HighLatency of chat in production"
    assert rendered(tmp_path, "title", alerts=[LATENCY, LATENCY]).endswith(" in production (2 firing)")
    assert rendered(tmp_path, "title", status="resolved", alerts=[GONE]).startswith("Resolved: HighLatency")
    assert rendered(tmp_path, "title", commonLabels={}) == "Firing: 2 alerts"


@pytest.mark.parametrize(
    ("status", "severity", "words"),
    [
        ("firing", "critical", ("danger", "critical", "P1")),
        ("firing", "warning", ("warning", "warning", "P3")),
        ("firing", "info", ("#439fe0", "info", "P5")),
        ("resolved", "critical", ("good", "critical", "P1")),
    ],
)
def test_colour_and_priority_follow_the_alert(
    status: str, severity: str, words: tuple[str, ...], tmp_path: Path
) -> None:
    names = ("slack.color", "pagerduty.severity", "opsgenie.priority")
    labels = {"severity": severity}
    assert tuple(rendered(tmp_path, name, status=status, commonLabels=labels) for name in names) == words


def test_slack_gets_its_escapes_links_and_a_separator(tmp_path: Path) -> None:
    assert rendered(tmp_path, "slack.text") == (
        "*p95 is &lt;2s&gt; &amp; more*\nModel {{ x }} $y\n<https://r.example/chat/HighLatency|Runbook>\n"
        "<https://d.example/chat|Dashboard>\n\n---\n\n*HighLatency* (resolved)"
    )


def test_plain_text_and_markdown_have_the_same_parts(tmp_path: Path) -> None:
    assert "Runbook: https://r.example/chat/HighLatency\n" in rendered(tmp_path, "text")
    assert "\n\n[Runbook](https://r.example/chat/HighLatency)\n" in rendered(tmp_path, "teams.text")


def test_html_is_escaped(tmp_path: Path) -> None:
    page = rendered(tmp_path, "email.html", html=True)
    assert "p95 is &lt;2s&gt; &amp; more" in page
    assert '<a href="https://r.example/chat/HighLatency">Runbook</a>' in page
