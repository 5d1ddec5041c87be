"""Templates of notifications are executed as Alertmanager does: the same texts, and a failure where it has one."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from llmmon import gotemplate
from llmmon.gotemplate import TemplateError, alertmanager, notification
from llmmon.gotemplate.execute import execute

if TYPE_CHECKING:
    from llmmon.gotemplate.result import Result
    from llmmon.gotemplate.values import Struct

Version = tuple[int, ...]
AMTOOL = shutil.which("amtool")
BATTERY = Path(__file__).with_name("notification_battery.txt").read_text(encoding="utf-8").splitlines()
BUILT_IN = re.compile(r'template "(?:__|\w+\.default\.)')  # which amtool has not
LABELS = {"alertname": "HighErrorRate", "job": "api", "severity": "critical"}
ALERT = {
    "labels": {**LABELS, "instance": "a:1"},
    "annotations": {"summary": "Errors", "description": "Many"},
    "startsAt": "2024-01-02T03:04:05Z",
    "generatorURL": "http://prometheus.example/graph",
    "fingerprint": "0123",
}
ENDED = {"status": "resolved", "endsAt": "2024-01-02T04:04:05Z"}
SHARED = {"groupLabels": {"job": "api"}, "commonLabels": LABELS, "commonAnnotations": ALERT["annotations"]}
BARE: dict[str, Any] = {"labels": {"alertname": "Bare"}, "annotations": {}, "startsAt": ALERT["startsAt"]}
NOTIFICATIONS: dict[str, dict[str, Any]] = {
    "one fires": {"status": "firing", "alerts": [{"status": "firing", **ALERT}], **SHARED},
    "two fire": {"status": "firing", "alerts": [{"status": "firing", **ALERT}] * 2, **SHARED},
    "one is resolved": {"status": "resolved", "alerts": [{**ALERT, **ENDED}], **SHARED},
    "one of two": {"status": "firing", "alerts": [{"status": "firing", **ALERT}, {**ALERT, **ENDED}], **SHARED},
    "nothing is known": {"status": "firing", "alerts": [{"status": "firing", **BARE}]},
}


def told(value: dict[str, Any], version: Version) -> Struct:
    """A notification as amtool reads it."""
    kv = notification.KV
    alerts = [notification.alert(one["status"], kv(one["labels"]), kv(one["annotations"])) for one in value["alerts"]]
    maps = (kv(value.get(name, {})) for name in ("groupLabels", "commonLabels", "commonAnnotations"))
    return notification.data(alerts, version, *maps, url="http://am.example")


def ours(text: str, value: dict[str, Any], version: Version) -> Result | None:
    """What a template makes of a notification; nothing where it does not parse."""
    try:
        template = gotemplate.parse(text, gotemplate.of_alertmanager(version))
    except TemplateError:
        return None
    functions = alertmanager.functions(version)
    return execute(template, functions, told(value, version), built_in=alertmanager.built_in)


def version_of(amtool: str) -> Version:
    said = subprocess.run([amtool, "--version"], capture_output=True, text=True, check=True)
    found = re.search(r"version (\d+)\.(\d+)", said.stdout + said.stderr)
    assert found
    return int(found[1]), int(found[2])


def theirs(amtool: str, text: str, data: Path) -> str | None:
    """What amtool prints; nothing where it fails."""
    command = [amtool, "template", "render", "--template.glob=/nowhere/*", f"--template.data={data}"]
    ran = subprocess.run([*command, f"--template.text={text}"], capture_output=True, text=True, check=False)
    return ran.stdout if ran.returncode == 0 else None


@pytest.mark.skipif(AMTOOL is None, reason="needs amtool")
@pytest.mark.parametrize("name", NOTIFICATIONS)
def test_every_text_is_amtools(name: str, tmp_path: Path) -> None:
    amtool, value = str(AMTOOL), NOTIFICATIONS[name]
    version = version_of(amtool)
    asked = [text for text in BATTERY if not BUILT_IN.search(text)]
    path = tmp_path / "data.json"
    path.write_text(json.dumps({"receiver": "receiver", "externalURL": "http://am.example", **value}))
    with ThreadPoolExecutor(2) as pool:
        said = list(pool.map(lambda text: theirs(amtool, text, path), asked))
    found = [ours(text, value, version) for text in asked]
    verdicts = [
        (text, mine and mine.failure, their)
        for text, mine, their in zip(asked, found, said, strict=True)
        if (mine is None or mine.certain) and (mine is None or mine.failure is not None) != (their is None)
    ]
    assert verdicts == []
    texts = [
        (text, mine.text, their)
        for text, mine, their in zip(asked, found, said, strict=True)
        if mine and mine.certain and mine.exact and not mine.failure and mine.text != their
    ]
    assert texts == []
    assert sum(mine is not None and not mine.certain for mine in found) < 10
    assert sum(mine is not None and mine.failure is not None for mine in found) > 30


def of(text: str, value: str = "one fires", version: Version = (0, 33)) -> Result:
    result = ours(text, NOTIFICATIONS[value], version)
    assert result
    return result


FAILURES = [
    ("{{ (index .Alerts 1).Status }}", "of the list of alerts, which begins with 0, there is 1, and this asks for 1"),
    ("{{ .Alerts.Firing | toUpper }}", "toUpper wants a text, and this is a list of alerts"),
    ('{{ join "," .CommonLabels }}', "join wants a list of texts, and this is a map"),
    ('{{ .CommonLabels.Remove "job" }}', ".Remove wants a list of texts, and this is a text"),
    ("{{ range .Alerts }}{{ .StartsAt.Format }}{{ end }}", ".Format takes 1 value, and gets 0"),
    ('{{ tz "Mars/Phobos" now }}', "tz fails: there is no time zone 'Mars/Phobos'"),
    ('{{ template "__subject" .Alerts }}', "the template __subject fails here: it reads the whole notification"),
    ("{{ .Alerts.Silenced }}", "the list of alerts has no .Silenced"),
    ("{{ $y = 1 }}", "there is no variable $y here: write $y := to declare it"),
    ('{{ dict "a" }}', "dict fails: it takes names and values in turn"),
]


@pytest.mark.parametrize(("text", "message"), FAILURES)
def test_a_failure_says_what_is_wrong_and_where(text: str, message: str) -> None:
    failure = of(text).failure
    assert failure
    assert message in failure.message
    assert 0 < failure.span[0] < failure.span[1] <= len(text)


def test_a_failure_names_the_template_that_it_is_in() -> None:
    failure = of('{{ define "t" }}{{ .X.Y }}{{ end }}{{ template "t" .Alerts }}').failure
    assert failure
    assert failure.template == "t"


def test_a_failure_in_what_is_called_without_a_dot_is_at_the_call() -> None:
    failure = of('{{ define "t" }}{{ .Status | toUpper }}{{ end }}x{{ template "t" }}').failure
    assert failure
    assert failure.message.endswith('because t is called without a dot: write "t" .')
    assert (failure.template, failure.span) == ("", (61, 64))


def test_what_is_shown_and_makes_no_sense_is_remembered() -> None:
    called = of('{{ define "t" }}{{ .Status }}{{ end }}{{ template "t" }}').odd
    assert [(odd.what, odd.template, odd.called) for odd in called] == [("nothing", "", "t")]
    ends = '{{ range .Alerts }}{{ .EndsAt }}{{ .EndsAt.Format "15:04" }}{{ end }}'
    assert [odd.what for odd in of(ends).odd] == ["never", "never"]
    assert of(ends, "one is resolved").odd == []
    assert [odd.what for odd in of('{{ if eq .Status "Firing" "resolved" }}{{ end }}').odd] == ["Firing"]


@pytest.mark.parametrize(
    ("name", "takes"),
    [("__subject", "."), ("slack.default.title", "."), ("email.default.html", "."), ("__text_alert_list", ".Alerts"),
     ("pagerduty.default.instances", ".Alerts"), ("__alertmanager", ". .Alerts "),
     ("slack.default.text", ". .Alerts ")],
)  # fmt: skip
def test_the_templates_of_alertmanager_itself_want_a_certain_dot(name: str, takes: str) -> None:
    said = {dot: of(f'{{{{ template "{name}" {dot} }}}}') for dot in (".", ".Alerts", "")}
    assert {dot for dot, result in said.items() if not result.failure and not result.odd} == set(takes.split(" "))


def test_of_labels_that_nobody_knows_nothing_is_certain() -> None:
    kv = notification.KV({"alertname": "A"}, open_=True)
    one = notification.alert("firing", kv, kv)
    known = gotemplate.of_alertmanager((0, 28))
    for text in (
        "{{ index .CommonLabels.Values 3 }}",
        "{{ slice .CommonLabels.job 0 3 }}",
        "{{ humanizeDuration .CommonLabels.x }}",
        '{{ (index .CommonLabels.SortedPairs 5).Name | join "" }}',
    ):
        told_ = notification.data([one], (0, 28), kv, kv, kv)
        template = gotemplate.parse(text, known)
        result = execute(template, alertmanager.functions((0, 28)), told_, built_in=alertmanager.built_in)
        assert result.failure is None
