"""Fleets that Mimir evaluates: what they become, and that what mimirtool or Mimir would refuse is found."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml
from engines import Scratch, same

from llmmon import pipeline
from llmmon.problem import Level, Unverified
from llmmon.targets.mimir import TARGET
from llmmon.targets.mimir.alertmanager import Placeholders, refused, uploaded
from llmmon.targets.server.configuration import configuration

if TYPE_CHECKING:
    from conftest import Fleet


HERE = Path(__file__).parent
CASES = sorted(path.parent.name for path in HERE.glob("*/specs"))
RULES = "mimir/rules/acme/chat.production.yaml"
UPLOADED = "mimir/alertmanager/alertmanager.yaml"
needs_promtool = pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not on PATH")
needs_amtool = pytest.mark.skipif(shutil.which("amtool") is None, reason="amtool is not on PATH")


def scratch(case: str, folder: Path) -> Scratch:
    """A case of ours."""
    return Scratch(TARGET, HERE / case, folder)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("case", CASES)
def test_a_fleet_becomes_what_mimir_loads(case: str, folder: Path) -> None:
    built = scratch(case, folder)
    assert same(HERE / case, built.shown)


@needs_promtool
@needs_amtool
@pytest.mark.parametrize("case", CASES)
def test_nothing_is_wrong_with_it(case: str, folder: Path) -> None:
    built = scratch(case, folder)
    found = built.judged
    assert [one for one in found if not (isinstance(one, Unverified) and "mimirtool" in one.why)] == []


def test_no_rule_of_a_fleet_stays_with_prometheus(folder: Path) -> None:
    built = scratch("tenant", folder)
    config = yaml.safe_load((built.folder / "prometheus/prometheus.yml").read_text())
    assert not {"rule_files", "alerting"} & config.keys()
    assert not (built.folder / "prometheus/rules").exists()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("namespace: chat.production", "namespaces: chat", "there is no field 'namespaces'"),
        ("namespace: chat.production\n", "", "namespace is missing"),
        ("  rules:\n", "  source_tenants: []\n  rules:\n", "is no list with something in it"),
        ("  rules:\n", "  source_tenants: [a|b]\n  rules:\n", "'a|b' is no tenant"),
        ("  rules:\n", "  partial_response_strategy: abort\n  rules:\n", "no field 'partial_response_strategy'"),
        ("    for: 1m\n", "    fro: 1m\n", "groups.0.rules.0.fro: there is no field"),
        ("groups:\n", "groups: [\n", "not YAML"),
    ],
)
def test_a_rule_file_that_mimirtool_would_not_read_is_found(folder: Path, old: str, new: str, said: str) -> None:
    built = scratch("tenant", folder)
    built.damage(RULES, old, new)
    assert any(said in message and RULES in message for message in built.messages), built.messages


@needs_promtool
def test_its_behaviour_tests_hold(folder: Path) -> None:
    assert set(scratch("environments", folder).failures) == {None}


@needs_promtool
def test_an_expression_that_promtool_refuses_is_found_at_its_alert(folder: Path) -> None:
    built = scratch("tenant", folder)
    built.damage(RULES, "> 200", "> > 200")
    problem = built.problems[0]
    assert str(problem.origin) == "specs/chat.yaml:10:3"
    assert RULES in problem.message


def test_one_namespace_in_two_files_is_found(folder: Path) -> None:
    built = scratch("tenant", folder)
    built.damage("mimir/rules/acme/watchdog.production.yaml", "watchdog.production", "chat.production")
    assert [m for m in built.messages if "has the namespace 'chat.production' already" in m]


def test_a_tenant_with_more_groups_than_mimir_takes_is_told_what_to_set(folder: Path) -> None:
    built = scratch("tenant", folder)
    (file,) = [item for item in built.made.written if str(item.path) == RULES]
    value = yaml.safe_load((built.folder / RULES).read_text())
    value["groups"] = [{**value["groups"][0], "name": f"g{number}"} for number in range(70)]
    (built.folder / file.path).write_text(yaml.safe_dump(value, sort_keys=False))
    (problem,) = [one for one in built.problems if one.rule == "mimir-limits"]
    assert problem.level is Level.WARNING
    assert "the tenant acme has 71 rule groups, and Mimir takes 70" in problem.message
    assert "limits: {groups: 71}" in problem.message


def test_a_group_with_more_rules_than_mimir_takes_is_told_what_to_set(folder: Path) -> None:
    built = scratch("tenant", folder)
    value = yaml.safe_load((built.folder / RULES).read_text())
    value["groups"][0]["rules"] *= 11
    (built.folder / RULES).write_text(yaml.safe_dump(value, sort_keys=False))
    (problem,) = [one for one in built.problems if one.rule == "mimir-limits"]
    assert "has 22 rules, and Mimir takes 20" in problem.message


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("slack_api_url: ${SLACK__URL}", "slack_api_url_file: /x", "global.slack_api_url_file: Mimir takes no"),
        ("- llmmon.tmpl", "- templates/llmmon.tmpl", "is no name of a template"),
        ("routing_key: ${PAGERDUTY__INFERENCE}", "routing_key_file: /x", "routing_key_file"),
        ("credentials: ${HOOK__TOKEN}", "credentials_file: /x", "credentials_file"),
        ("url: http://hook/", "url: http://hook/\n    http_config: {proxy_url: http://x}", "proxy_url"),
    ],
)
def test_what_mimir_takes_from_no_tenant_is_found(folder: Path, old: str, new: str, said: str) -> None:
    built = scratch("teams", folder)
    built.damage(UPLOADED, old, new)
    if "proxy_url" in new:
        built.damage(UPLOADED, "    http_config:\n      authorization:\n        credentials: ${HOOK__TOKEN}\n", "")
    assert any(said in message for message in built.messages), built.messages


@needs_amtool
def test_an_upload_that_amtool_refuses_is_found(folder: Path) -> None:
    built = scratch("teams", folder)
    built.damage(UPLOADED, "group_wait: 30s", "group_wait: soon")
    assert any("amtool check-config" in message for message in built.messages)


def test_two_secrets_never_share_a_placeholder() -> None:
    secrets = Placeholders()
    paths = [f"/etc/alertmanager/secrets/{name}" for name in ("a-b/c", "a.b/c", "a-b/C", "9/x")]
    made = [secrets.of(path) for path in paths]
    assert made[0] == "${A_B__C}"
    assert len(set(made)) == 4
    assert made[3] == "${_9__X}"
    assert secrets.of(paths[0]) == made[0]


def test_every_file_reference_becomes_a_placeholder_and_nothing_else_changes() -> None:
    basic = {"username": "me", "password_file": "/etc/alertmanager/secrets/jira/token"}
    value = {"receivers": [{"name": "x", "jira_configs": [{"http_config": {"basic_auth": basic}}]}]}
    found = uploaded(value, Placeholders())
    assert list(refused(found)) == []
    assert found["receivers"][0]["jira_configs"][0]["http_config"]["basic_auth"] == {
        "username": "me",
        "password": "${JIRA__TOKEN}",
    }


def test_what_one_prometheus_sends_is_told_apart_by_the_environments_labels(fleet: Fleet) -> None:
    two = "environments: {a: {selector: {env: 'a.b', region: eu}}, b: {selector: {env: b, region: us}}}"
    fleet.edit("specs/fleet.yaml", "environments: {production: {selector: {env: production}}}", two)
    fleet.edit("specs/chat.yaml", "selector: {job: chat}", "selector: {job: chat}\nscrape: {off: it is pushed}")
    text = (fleet.root / "specs/fleet.yaml").read_text()
    fleet.write(
        "specs/fleet.yaml", f"{text}backend: {{mimir: {{url: 'http://m', tenants: environment}}}}\nprometheus: {{}}\n"
    )
    made, _ = pipeline.planned(pipeline.read([Path("specs")]))
    assert made.servers
    value, _ = configuration(made.servers, made.servers.servers[0])
    written = {one["headers"]["X-Scope-OrgID"]: one["write_relabel_configs"] for one in value["remote_write"]}
    assert written == {
        "a": [{"source_labels": ["env", "region"], "regex": "(b);(us)", "action": "drop"}],
        "b": [{"source_labels": ["env", "region"], "regex": r"(a\.b);(eu)", "action": "drop"}],
    }
