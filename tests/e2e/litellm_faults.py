"""A real LiteLLM proxy and its preset's rules in a real Prometheus: each alert fires on its fault, and clears after it.

A minute of the rules is three seconds here, in windows and in `for:` (`shortened`). Thresholds are the preset's, but
for what `litellm/specs/gateway.yaml` says. `make e2e` names this file, and installs the proxy into `.litellm`.
"""

from __future__ import annotations

import http.client
import json
import re
import sys
import time
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING

import live
import pytest
import traffic
import upstream
from litellm_stand import CALLS, PAUSE, PROXY, SCRAPES, SOON, SPENDS, Fault, Incident, Stand, compiled, proxied
from traffic import Traffic
from typer.testing import CliRunner
from upstream import Mode

from llmmon.cli import app

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LEFT = 'litellm_provider_remaining_budget_metric{api_provider="xai"}'
QUIET = 40.0  # seconds before anything breaks
LOOK_BACK = ("DeploymentFlaps",)  # for half an hour, so that they still fire when the next fault begins
STEADY = {"chat": 0.5, "writer": 0.6, "fragile": 0.6, "limited": 0.6, "primary": 0.5, "doomed": 0.6}  # calls per second

PROVIDER_FAILS = Fault(
    "a provider answers 500, and the model that falls back to it has no other",
    (
        "HighErrorRate critical",
        "HighErrorRate warning",
        "ModelErrorRateHigh warning fragile",
        "ModelErrorRateHigh warning doomed",
        "ProviderFails warning mistral",
        "ProviderFails warning fireworks_ai",
        "AllDeploymentsCoolingDown critical fragile",
        "AllDeploymentsCoolingDown critical doomed",
        "DeploymentFlaps warning fragile mistral",
        "DeploymentFlaps warning doomed fireworks_ai",
        "FallbacksFail critical doomed",
    ),
    {"fragile": Mode(500), "doomed": Mode(500)},
)
PROVIDER_IS_BUSY = Fault(
    "a provider answers 429, another takes six seconds",
    (
        "ModelErrorRateHigh warning limited",
        "ProviderFails warning together_ai",
        "UpstreamRateLimited warning together_ai",
        "HighLatency warning writer",
        "HighTTFT warning writer",
    ),
    {"limited": Mode(429), "writer": Mode(wait=6)},
)
FALLS_BACK = Fault(
    "a model falls back to one that answers, and the proxy itself is slow",
    (
        "FallbacksCarryTraffic warning primary",
        "ProviderFails warning deepseek",
        "DeploymentFlaps warning primary deepseek",
        "CallsQueue warning",
        "OverheadHigh warning",
    ),
    {"primary": Mode(500)},
    "auth overhead",
)
LOSES_LOGS = Fault(
    "a guardrail breaks, and a callback loses its logs",
    (
        "GuardrailFails warning names",
        "HighErrorRate critical",
        "HighErrorRate warning",
        "ModelErrorRateHigh warning limited",
        "CallbacksFail warning delivery",
    ),
    inside="guardrail delivery",
)
MONEY = Fault(
    "budgets are spent, a model has no price",
    (
        "TeamBudgetUsed info research",
        "TeamBudgetUsed warning research",
        "TeamBudgetExhausted warning research",
        "KeyBudgetUsed info research-key",
        "KeyBudgetExhausted info research-key",
        "ProviderBudgetLow warning xai",
        "CallsUnpriced info unpriced",
    ),
    inside="budgets",
)
REPLICA_GOES = Fault("one of two targets does not answer", ("ReplicaDown warning",))
SERVICE_GOES = Fault("the proxy ends, and the other target does not answer either", ("ServiceDown critical",))
FAULTS = (PROVIDER_FAILS, PROVIDER_IS_BUSY, FALLS_BACK, LOSES_LOGS, MONEY, REPLICA_GOES, SERVICE_GOES)
NOT_PROVOKED = {
    "OrgBudgetExhausted": "organisations are read from a database",
    "OrgBudgetForecast": "the same",
    "OrgBudgetUsed": "the same",
    "SpendSpike": "compares with the mean of a week, half of which Prometheus must have seen",
    "UnitCostRises": "the same",
    "TeamBudgetForecast": "follows six hours, here a quarter of one, and would clear no sooner",
}


@pytest.fixture(scope="module")
def stand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    assert live.PROMETHEUS, "Prometheus is not installed: make validators"
    assert PROXY.exists(), f"{PROXY} is not there: make .litellm/ready installs it"
    folder = tmp_path_factory.mktemp("litellm")
    with ExitStack() as all_of_it, ExitStack() as of_the_proxy:
        provider = all_of_it.enter_context(upstream.running())
        proxy = of_the_proxy.enter_context(proxied(folder, provider.port))
        calls = Traffic(proxy, CALLS, dict(STEADY), {"capped": SPENDS, "unpriced": SPENDS})
        made = Stand(folder, "", proxy, provider, calls, of_the_proxy.close)
        replica = all_of_it.enter_context(live.serving(made.answer_replica))
        out = compiled(folder, {"PROXY": int(proxy.rpartition(":")[2]), "REPLICA": replica})
        flags = [line for line in (out / "flags.txt").read_text().splitlines() if line.startswith("--")]
        made.prometheus = all_of_it.enter_context(live.prometheus(out / "prometheus.yml", folder / "samples", *flags))
        all_of_it.enter_context(traffic.running(calls))
        yield made
        sys.stdout.write("".join(["\n", *(incident.told() for incident in made.incidents if incident.cleared)]))


def test_every_alert_is_provoked_that_can_be(tmp_path: Path) -> None:
    rules = compiled(tmp_path, {"PROXY": 1, "REPLICA": 2}) / "rules/test/gateway.yaml"
    written = set(re.findall(r"- alert: (\w+)", rules.read_text()))
    assert {alert.split()[0] for fault in FAULTS for alert in fault.fires} == written - NOT_PROVOKED.keys()


def test_its_page_is_known_and_is_for_those_who_have_a_key(stand: Stand) -> None:
    assert [stand.calls.call(model, stream=stream) for model in STEADY for stream in (False, True)] == [200] * 12
    assert status(stand, "/metrics/", "") == 401
    assert status(stand, "/metrics", SCRAPES) == 307, "which is why the spec says /metrics/"
    assert [status(stand, f"/health/{path}", "") for path in ("liveliness", "liveness", "readiness")] == [200] * 3
    assert status(stand, "/health", "") == 401, "which calls every model, and is no probe"
    every_metric_is_known(stand)


def test_each_alert_fires_on_its_fault_and_clears_after_it(stand: Stand) -> None:
    live.wait(lambda: stand.value("service:requests:rate5m") > 1, SOON, "the calls are counted")
    live.wait(lambda: not stand.now(), SOON, "nobody misses what Prometheus had not scraped yet")
    quiet = time.monotonic() + QUIET
    while time.monotonic() < quiet:
        assert stand.firing() == set(), "nothing is wrong yet"
        time.sleep(PAUSE)
    at_once = [stand.breaks(PROVIDER_FAILS), stand.breaks(PROVIDER_IS_BUSY), stand.breaks(MONEY)]
    stand.calls.rates |= {"capped": 0.3, "unpriced": 0.3}
    spend_most_of_a_budget(stand, at_once[2])
    for incident in at_once:
        stand.fires(incident)
    for incident in at_once:
        stand.heals(incident)
    del stand.calls.rates["unpriced"]
    for incident in at_once[:2]:
        stand.clears(incident, but=LOOK_BACK)
    a_state_that_never_clears(stand)

    at_once = [stand.breaks(FALLS_BACK), stand.breaks(LOSES_LOGS)]
    for incident in at_once:
        stand.fires(incident)
    for incident in at_once:
        stand.heals(incident)
    for incident in stand.incidents:
        stand.clears(incident)
    every_metric_is_known(stand)  # with all that faults have brought


def test_a_replica_and_then_the_whole_service_goes(stand: Stand) -> None:
    replica = stand.breaks(REPLICA_GOES)
    stand.replica = False
    stand.fires(replica)
    stand.replica = True
    stand.heals(replica)
    stand.clears(replica)
    service = stand.breaks(SERVICE_GOES)
    stand.end_proxy()
    stand.replica = False
    stand.fires(service)
    stand.replica = True
    stand.heals(service)
    stand.breaks(REPLICA_GOES)  # the proxy stays away
    stand.clears(service)


def every_metric_is_known(stand: Stand) -> None:
    """`llmmon catalogue import` of the page: nothing unknown, nothing of another type, label or boundary."""
    arguments = ("import", f"{stand.proxy}/metrics", "--bearer-file", f"{stand.folder}/key", "--format", "json")
    ran = CliRunner().invoke(app, ["catalogue", *arguments])
    assert ran.exit_code == 0, ran.output
    said = json.loads(ran.stdout)
    assert said["unknown"]["metrics"] == {}
    assert [(one["catalogue"], one["gone"], one["differences"]) for one in said["recognised"]] == [
        ("litellm", {}, []),
        ("process", {}, []),
        ("python-runtime", {}, []),
    ]
    assert said["recognised"][0]["from"] == "1.108"


def a_state_that_never_clears(stand: Stand) -> None:
    """Why the preset does not ask for litellm_deployment_state: the model answers again, and its outage stays."""
    assert {stand.calls.call("fragile") for _ in range(4)} == {200}
    answered = 'min(litellm_deployment_state{litellm_model_name="mistral-large-latest"}) == bool 0'
    live.wait(lambda: stand.value(answered) == 1, SOON, "the state of the deployments is well")
    assert stand.value('max(litellm_deployment_state{litellm_model_name="fragile"})') == 2, "and is said to be out"


def spend_most_of_a_budget(stand: Stand, incident: Incident) -> None:
    """Six of the ten dollars that a provider may cost in a window; LiteLLM says when that begins."""
    live.wait(lambda: stand.value(LEFT) > 9, SOON, "what is left of the budget is known")
    while "ProviderBudgetLow warning xai" not in incident.fired:
        if stand.value(LEFT) > 9:
            stand.provider.modes["capped"] = Mode(completion_tokens=600_000)
            assert stand.calls.call("capped") == 200
            del stand.provider.modes["capped"]
        end = time.monotonic() + 9  # three scrapes
        while time.monotonic() < end:
            stand.firing()
            time.sleep(PAUSE)


def status(stand: Stand, path: str, key: str) -> int:
    """What the proxy answers, and no redirect is followed."""
    with closing(http.client.HTTPConnection(stand.proxy.removeprefix("http://"), timeout=30)) as connection:
        connection.request("GET", path, headers={"Authorization": f"Bearer {key}"} if key else {})
        return connection.getresponse().status
