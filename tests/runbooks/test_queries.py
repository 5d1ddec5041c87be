"""PromQL in prose is read: a metric, a recorded series or a label that does not exist is an error at its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from conftest import PROSE

if TYPE_CHECKING:
    from conftest import Fleet

HERE = "specs/runbooks/chat/HighErrorRate.md"


def said(fleet: Fleet, text: str) -> list[str]:
    fleet.write(HERE, f"{PROSE}\n## How to investigate\n\n{text}\n")
    return [line.removeprefix(HERE) for line in fleet.run("check").problems if line.startswith(HERE)]


def test_what_exists_is_quiet(fleet: Fleet) -> None:
    text = """\
1. Of one model: `sum by (model) (rate(chat_requests_total{ok="false"}[5m]))`, and `chat_seconds_bucket`.

   ```promql
   service:errors_ratio:rate5m{service="chat"} > 0.01
   ```
2. Not PromQL: `kubectl get pods -l app=chat`, `idle in transaction`, `{{ x }}`, `a_total b`, `"x":null`.

   ```bash
   echo 'no_such_total{a="b"}'
   ```
   ALERTS have any label: `count by (whatever) (ALERTS{service="chat"})`
"""
    assert said(fleet, text) == []


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            "```promql\nsum(rate(chat_request_total[5m]))\n```",
            ":12:10: error: unknown metric 'chat_request_total': did you mean 'chat_requests_total'? [unknown-metric]",
        ),
        (
            "1. In a list:\n\n   ```promql\n   sum(chat_queue)\n   + chat_queues\n   ```",
            ":15:6: error: unknown metric 'chat_queues': did you mean 'chat_queue'? [unknown-metric]",
        ),
        (
            'Look at `service:errors_ratio:rate1m{service="chat"}` first.',
            ":11:10: error: unknown metric 'service:errors_ratio:rate1m': did you mean 'service:errors_ratio:rate5m'?",
        ),
        ("`chat_wishes_total`", ":11:2: error: unknown metric 'chat_wishes_total': "),
        (
            '`chat_queue{modle="a"}`',
            ":11:13: error: chat_queue has no label 'modle': did you mean 'model'? [unknown-label]",
        ),
        ('`chat_requests_total{ok="no"}`', ":11:22: error: ok of chat_requests_total is never 'no': "),
        ("```promql\nsum(rate(chat_queue[5m])\n```", ":13:1: error: PromQL does not parse: "),
        ("```promql\nsum by (tenant) (chat_queue)\n```", ":12:9: error: by (tenant): "),
    ],
)
def test_what_does_not_exist_is_an_error_at_its_place(fleet: Fleet, text: str, says: str) -> None:
    [found] = said(fleet, text)
    assert found.startswith(says)


def test_every_mistake_of_a_page_is_shown_in_one_run(fleet: Fleet) -> None:
    found = said(fleet, "`a_total` and `b_total` and {nothing}\n\n## Whatever\n\n## When to escalate\n")
    assert sorted(line.rpartition("[")[2] for line in found) == [
        "prose-heading]",
        "prose-heading]",
        "prose-placeholder]",
        "unknown-metric]",
        "unknown-metric]",
    ]
    assert any("nothing stands below `## When to escalate`: write it, or remove the heading" in line for line in found)
