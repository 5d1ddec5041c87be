"""AlertmanagerConfig objects are linted as the configuration that the operator makes of them, at their own lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from llmmon import foreign

if TYPE_CHECKING:
    from pathlib import Path

    from llmmon.problem import Problem

OBJECT = """\
apiVersion: monitoring.coreos.com/v1beta1
kind: AlertmanagerConfig
metadata: {name: shop, namespace: shop}
spec:
  route: {receiver: slack}
  receivers:
    - name: slack
      slackConfigs:
        - channel: '#a'
          apiURL: {name: slack, key: url}
"""


def problems(folder: Path, text: str) -> list[Problem]:
    (folder / "object.yaml").write_text(text)
    return foreign.lint_paths([folder / "object.yaml"]).problems


def found(folder: Path, text: str) -> list[tuple[str, int, int, str]]:
    return [(p.rule, *p.origin.position(), p.message) for p in problems(folder, text)]


def spec(text: str) -> str:
    """An object with a spec in one line, which is its fourth."""
    return OBJECT.partition("spec:")[0] + f"spec: {text}\n"


WATCHDOG = "{name: alertname, value: Watchdog}"
RECEIVERS = "receivers: [{name: a, webhookConfigs: [{url: 'https://h.example'}]}]"


@pytest.mark.parametrize(
    "text",
    [
        OBJECT,
        spec("{receivers: [{name: 'null'}], route: {receiver: 'null'}}"),
        spec(f"{{{RECEIVERS}, route: {{receiver: a, matchers: [{WATCHDOG}], repeatInterval: 1m}}}}"),
        spec("{receivers: [{name: slack, slackConfigs: []}], route: {receiver: slack}}"),  # a patch fills it
        OBJECT.replace("v1beta1", "v1alpha1"),
        spec(f"{{{RECEIVERS}, route: {{receiver: a}}}}"),
        spec("{inhibitRules: [{sourceMatch: [{name: a, value: b}], targetMatch: [{name: a, value: c}]}]}"),
        spec(f"{{{RECEIVERS}, route: {{receiver: a, matchers: [{{name: namespace, value: other}}]}}}}"),
        spec("{route: {groupBy: [job], continue: true}}"),
        spec("{route: {receiver: 'null'}, receivers: [{name: 'null'}]}"),
        spec(
            "{route: {receiver: blackhole, muteTimeIntervals: [n]}, receivers: [{name: blackhole}],"
            " muteTimeIntervals: [{name: n, timeIntervals: [{weekdays: ['monday:friday'], daysOfMonth: [{start: 1,"
            " end: 5}]}]}]}"
        ),
        spec(
            "{route: {receiver: a}, receivers: [{name: a, discordConfigs: [{apiURL: {name: a, key: b}}],"
            " emailConfigs: [{to: a@b.example, headers: [{key: Subject, value: '{{ .Status }}'}],"
            " authPassword: {name: a, key: b}}]}]}"
        ),
        spec("{route: {receiver: a}, receivers: [{name: a, slackConfigs: [{title: '{{ template \"ours\" . }}'}]}]}"),
        spec(
            "{route: {receiver: a, groupInterval: 12h}, receivers: [{name: a, slackConfigs:"
            " [{title: '{{ .GroupLabels.alertname }}'}]}]}"
        ),
        spec("{route: 5, receivers: {}, inhibitRules: [5], timeIntervals: x}"),
        spec("{}"),
        "apiVersion: monitoring.coreos.com/v1beta1\nkind: AlertmanagerConfig\n",
    ],
)
def test_what_is_right_is_quiet(tmp_path: Path, text: str) -> None:
    assert found(tmp_path, text) == []


def test_every_fault_is_at_its_line_and_in_the_words_of_the_object(tmp_path: Path) -> None:
    text = """\
apiVersion: monitoring.coreos.com/v1beta1
kind: AlertmanagerConfig
metadata: {name: shop, namespace: shop}
spec:
  route:
    receiver: nobody
    groupInterval: soon
    matchers:
      - {name: namespace, value: shop}
      - {name: severity, value: "(", matchType: "=~"}
    routes:
      - receiver: hook
        repeatInterval: 2m
  receivers:
    - name: hook
      webhookConfigs: [{url: "https://user:password@hooks.example"}]
      pagerdutyConfigs:
        - details: [{key: a, value: "{{ .Foo }}"}]
          pagerDutyLinkConfigs: [{href: "{{ .ExternalURL }}/alerts", alt: a}]
"""
    assert [one[:3] for one in sorted(found(tmp_path, text), key=lambda one: one[1:])] == [
        ("undefined-receiver", 6, 5),
        ("bad-timing", 7, 5),
        ("bad-regex", 10, 9),
        ("too-often", 13, 9),
        ("plain-secret", 16, 25),
        ("notification-template", 18, 41),
        ("notification-link", 19, 35),
    ]
    messages = " ".join(one[3] for one in found(tmp_path, text))
    assert "undefined receiver 'nobody': define it, or name one of hook" in messages
    assert "repeatInterval of 2m" in messages
    assert "write urlSecret: {name: NAME, key: KEY}" in messages
    assert not any(word in messages for word in ("repeat_interval", "group_interval", "of others", "password@"))


def test_nothing_is_repaired_in_the_words_of_a_configuration(tmp_path: Path) -> None:
    text = spec(f"{{{RECEIVERS}, route: {{receiver: a, routes: [{{receiver: a, continue: true}}]}}}}")
    assert [problem.fix for problem in problems(tmp_path, text) if problem.fix] == []


def test_objects_in_a_list_and_in_several_documents(tmp_path: Path) -> None:
    one = OBJECT.replace("receiver: slack", "receiver: slak")
    assert [said[:2] for said in found(tmp_path, f"{OBJECT}---\n{one}") if said[0] == "undefined-receiver"] == [
        ("undefined-receiver", 16)
    ]
    inside = "".join(f"    {line}\n" for line in one.splitlines()).replace("    apiVersion", "  - apiVersion", 1)
    listed = f"apiVersion: v1\nkind: List\nitems:\n{inside}"
    assert [said[:2] for said in found(tmp_path, listed) if said[0] == "undefined-receiver"] == [
        ("undefined-receiver", 8)
    ]
