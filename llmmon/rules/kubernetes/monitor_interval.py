"""A monitor whose timeout is longer than its interval, or whose interval is another than the one that rules count on.

The operator refuses the first. The second makes `rate(...[1m])` empty where it was written for another interval.

Bad:

    - kind: ServiceMonitor
      metadata: {name: a}
      spec: {selector: {}, endpoints: [{port: web, interval: 15s, scrapeTimeout: 30s}]}

Good:

    - kind: ServiceMonitor
      metadata: {name: a}
      spec: {selector: {}, endpoints: [{port: web, interval: 30s, scrapeTimeout: 10s}]}

    - kind: ServiceMonitor
      metadata: {name: a}
      spec: {selector: {}, endpoints: [{port: web}]}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon import duration
from llmmon.documents.objects import Objects
from llmmon.problem import Level
from llmmon.rule import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import timedelta

    from llmmon.rule import Facts


def check(objects: Objects, facts: Facts) -> Iterator[Finding]:
    for monitor in objects.monitors:
        for endpoint, origin in monitor.endpoints:
            interval, timeout = _time(endpoint.get("interval")), _time(endpoint.get("scrapeTimeout"))
            if interval and timeout and timeout > interval:
                said = f"scrapeTimeout {endpoint['scrapeTimeout']} is longer than the interval {endpoint['interval']}"
                message = f"{said}: shorten it"
                yield Finding("K010", message, origin=origin.at("scrapeTimeout"))
            if interval and facts.scrape_interval and interval > facts.scrape_interval:
                usual = duration.text(facts.scrape_interval)
                said = f"this scrape is every {endpoint['interval']}, and rules count on every {usual}"
                message = f"{said}: write {usual}"
                yield Finding("K008", message, origin=origin.at("interval"))


def _time(text: object) -> timedelta | None:
    return duration.parse(text) if isinstance(text, str) else None


RULE = Rule(Objects, check, {"K008": Level.NOTE, "K010": Level.ERROR}, advice=frozenset(("K008",)))
