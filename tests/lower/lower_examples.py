"""One service and a fleet of three environments, lowered from the text of a spec."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import dedent
from typing import TYPE_CHECKING

from llmmon import load
from llmmon.classes import replace
from llmmon.lower import lower_fleet, lower_service
from llmmon.lower.server import lower_servers
from llmmon.promql import to_text
from llmmon.source import values
from llmmon.source.document import Document

if TYPE_CHECKING:
    from llmmon.plan import Alert, Recording, Rules, Service
    from llmmon.problem import Problem

FLEET = """\
fleet: acme
environments:
  production: {selector: {env: production}}
  staging: {selector: {env: staging}, demote: {critical: warning}}
  dev: {selector: {env: dev}, demote: {critical: info, warning: info}}
teams: {inference: {}}
catch_all: [{slack: "#all"}]
receivers: {slack: {secret: slack/url}}
"""
CHAT = """\
service: chat
team: inference
selector: {job: chat}
uses: {service: false}
metrics:
  requests_total:
    {type: counter, unit: requests, labels: {ok: ["true", "false"], model: [], team: [], region: []}, help: Requests.}
  failures_total: {type: counter, unit: requests, labels: [model], help: Failures.}
  cost_usd_total: {type: counter, unit: USD, labels: [model, application], help: Cost.}
  tokens_in_total: {type: counter, unit: tokens, labels: [model, application], help: Tokens read.}
  tokens_out_total: {type: counter, unit: tokens, labels: [model, application], help: Tokens written.}
  busy_seconds_total: {type: counter, unit: seconds, labels: [model], help: Busy.}
  seconds: {type: histogram, unit: seconds, labels: [model], buckets: [100ms, 1s, 2500ms, 5s], help: Time.}
  wait_seconds: {type: summary, unit: seconds, labels: [model], help: Wait.}
  queue: {type: gauge, unit: requests, labels: [model, region], help: Waiting.}
  store_bytes: {type: gauge, unit: bytes, help: Size.}
  store_free_bytes: {type: gauge, unit: bytes, help: Free.}
  store_limit_bytes: {type: gauge, unit: bytes, help: Limit.}
  budget_usd: {type: gauge, unit: USD, labels: [application], help: Limit.}
  backup_timestamp_seconds: {type: gauge, unit: seconds, labels: [target], help: Last backup.}
"""


@dataclass(frozen=True)
class Lowered:
    """What lowering one service gives."""

    service: Service | None
    problems: list[Problem]

    def rules(self, environment: str = "production") -> Rules:
        """The rules of an environment."""
        assert self.service, [f"{p.origin}: {p.message}" for p in self.problems]
        return next(rules for rules in self.service.rules if rules.environment == environment)

    def alerts(self, environment: str = "production") -> dict[str, Alert]:
        """Alerts by their id."""
        return {alert.id: alert for alert in self.rules(environment).alerts}

    def alert(self, environment: str = "production") -> Alert:
        """The only alert."""
        (one,) = self.rules(environment).alerts
        return one

    def expr(self, environment: str = "production") -> str:
        """The expression of the only alert."""
        return to_text(self.alert(environment).expr)

    def recorded(self, environment: str = "production") -> dict[str, str]:
        """Expressions of recording rules by name; `name{slo}` where an objective or a budget shares it."""
        return {_key(rule): to_text(rule.expr) for rule in self.rules(environment).recordings}

    @property
    def messages(self) -> list[str]:
        """`line: message [rule]`, in the order in which they were found."""
        return [f"{p.origin.position()[0]}: {p.message} [{p.rule}]" for p in self.problems]

    @property
    def found(self) -> list[str]:
        """The names of the rules that found something."""
        return [problem.rule for problem in self.problems]


def chat(more: str, fleet: str = FLEET, base: str = CHAT) -> Lowered:
    """The service `chat` with more keys in its spec."""
    return lower(base + dedent(more), fleet)


def lower(text: str, fleet: str = FLEET) -> Lowered:
    """A spec of one service as text."""
    data, problems = values.parse(Document("specs/fleet.yaml", fleet))
    assert data is not None, problems
    loaded_fleet, problems = load.fleet(data, Document("specs/fleet.yaml", fleet))
    assert loaded_fleet, problems
    plan, problems = lower_fleet(loaded_fleet)
    assert plan, problems
    plan = replace(plan, servers=lower_servers(loaded_fleet, (), plan)[0])
    document = Document("specs/chat.yaml", text)
    data, problems = values.parse(document)
    assert data is not None, problems
    services, problems = load.services(data, document)
    if not services:
        return Lowered(None, problems)
    service, found = lower_service(services[0], plan, {})
    return Lowered(service, problems + found)


def _key(rule: Recording) -> str:
    told_apart = [value for label, value in rule.labels.items() if label in ("slo", "budget")]
    return "".join([rule.name, *(f"{{{value}}}" for value in told_apart)])
