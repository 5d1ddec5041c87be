"""The configuration is what amtool accepts and what the spec promises, and problems come home to the spec."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from alertmanager_examples import (
    FINOPS,
    ML,
    ORIGIN,
    alert,
    copy,
    emitted,
    fleet,
    interval,
    ladder,
    receiver,
    team,
    verified,
)

from llmmon.classes import replace
from llmmon.plan import Facts, Fleet
from llmmon.problem import Origin, Problem, Rejected, Unverified
from llmmon.source.document import Document
from llmmon.targets.alertmanager import TARGET
from llmmon.targets.alertmanager.distinct import distinct
from llmmon.targets.alertmanager.judge import CONFIG, TEMPLATES
from llmmon.tool import Tools

GOLDEN = Path(__file__).parent / "golden" / "alertmanager.yml"
FACTS = [
    alert("ServiceDown", category="availability"),
    alert("ServiceDown", category="availability", service="llama"),
    *ladder("HighLatency", "model", category="latency"),
    alert("SpendHigh", "info", ["tenant"], category="cost"),
    alert("SLOErrorBudgetBurn", slo="availability", window="1h"),
    alert("SLOErrorBudgetBurn", "warning", slo="availability", window="3d"),
]
HOSTILE = "q\"u'o\\te\n{{ end }} $x ]]> ünï |.*"
BASE = Origin(Document("specs/alertmanager.base.yml", ""))
THEIRS = """
global: {slack_api_url_file: /etc/theirs}
templates: [theirs/*.tmpl]
route:
  receiver: theirs
  group_by: [cluster]
  routes: [{receiver: pager, matchers: ['app=~"billing|shop"'], active_time_intervals: [office]}]
receivers: [{name: theirs, slack_configs: [{channel: '#theirs', send_resolved: yes}]}, {name: pager}]
time_intervals: [{name: office, time_intervals: [{times: [{start_time: 09:00, end_time: 17:00}], months: ['1:3']}]}]
inhibit_rules: [{source_matchers: [a="1"], target_matchers: [a="2"], equal: [cluster]}]
"""
amtool = pytest.mark.skipif(shutil.which("amtool") is None, reason="amtool is not installed")


def config(of: Fleet, facts: list[Facts] = FACTS) -> dict[str, Any]:
    assert TARGET.of_fleet
    text = next(artifact.text for artifact in TARGET.of_fleet(of, facts) if artifact.path == CONFIG)
    value: dict[str, Any] = yaml.safe_load(text)
    return value


def test_the_small_fleet_is_as_it_was(tmp_path: Path) -> None:
    emitted(fleet(), FACTS, tmp_path)
    text = (tmp_path / CONFIG).read_text()
    if os.environ.get("LLMMON_REWRITE"):
        GOLDEN.write_text(text)
    assert text == GOLDEN.read_text()


@amtool
def test_amtool_accepts_the_small_fleet(tmp_path: Path) -> None:
    assert list(verified(fleet(), FACTS, tmp_path)) == []


@amtool
def test_amtool_accepts_hostile_names(tmp_path: Path) -> None:
    hostile = alert("High", severity=HOSTILE, service=HOSTILE, category=HOSTILE)
    of = fleet(
        severities={"critical": HOSTILE, "warning": "w|x", "info": ""},
        copies=(copy("finops", service=HOSTILE, category=HOSTILE), copy("finops", category=HOSTILE)),
        services={HOSTILE: ("llama", "a|b"), "chat": (HOSTILE,)},
    )
    facts = [hostile, *(alert("ServiceDown", service=name) for name in (HOSTILE, "llama", "a|b"))]
    facts += [alert(HOSTILE, severity, service=HOSTILE) for severity in (HOSTILE, "w|x")]
    assert list(verified(of, facts, tmp_path)) == []


@amtool
def test_an_alert_that_does_not_arrive_is_a_problem_at_its_line(tmp_path: Path) -> None:
    assert TARGET.verify
    written = emitted(fleet(), FACTS, tmp_path)
    path = tmp_path / CONFIG
    path.write_text(path.read_text().replace('category="cost"', 'category="costs"'))
    (problem,) = TARGET.verify(fleet(), FACTS, tmp_path, written, Tools(tmp_path, os.environ))
    assert isinstance(problem, Problem)
    assert problem.origin.keys == ("alerts", "SpendHigh", "info")
    assert problem.message == (
        "`SpendHigh@info` is promised to finops-info, catch-all, but Alertmanager tells catch-all"
    )


@amtool
@pytest.mark.parametrize(
    ("wrong", "keys", "words"),
    [
        (('team="ml"', 'team~"ml"'), (), 'bad matcher format: team~"ml"'),
        (("routing_key_file", "routing_kee"), ("teams", "finops"), "field routing_kee not found"),
        (("    repeat_interval: 1d\n", "    repeat: 1d\n"), ("copies",), "field repeat not found"),
        (("- receiver: ml-critical", "- receiver: nobody"), (), 'undefined receiver "nobody"'),
    ],
)
def test_what_amtool_says_comes_home(wrong: tuple[str, str], keys: tuple[str, ...], words: str, tmp_path: Path) -> None:
    assert TARGET.verify
    written = emitted(fleet(), FACTS, tmp_path)
    path = tmp_path / CONFIG
    path.write_text(path.read_text().replace(*wrong, 1))
    (problem,) = TARGET.verify(fleet(), FACTS, tmp_path, written, Tools(tmp_path, os.environ))
    assert isinstance(problem, Problem)
    assert words in problem.message
    assert problem.origin.keys == keys


@amtool
def test_a_broken_template_is_a_problem(tmp_path: Path) -> None:
    assert TARGET.verify
    written = emitted(fleet(), FACTS, tmp_path)
    (tmp_path / TEMPLATES).write_text('{{ define "x" }}{{ nothing }}{{ end }}')
    (problem,) = TARGET.verify(fleet(), FACTS, tmp_path, written, Tools(tmp_path, os.environ))
    assert isinstance(problem, Problem)
    assert 'function "nothing" not defined' in problem.message


def fake(folder: Path, text: str) -> dict[str, str]:
    folder.mkdir()
    path = folder / "amtool"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return {**os.environ, "LLMMON_AMTOOL": str(path)}


@pytest.mark.parametrize(
    ("says", "words", "level"),
    [
        ("echo Something new", "Something new", "warning"),
        ("echo Something new; exit 1", "Something new", "error"),
        ("exit 3", "exit code 3", "error"),
    ],
)
def test_no_word_of_amtool_is_dropped(says: str, words: str, level: str, tmp_path: Path) -> None:
    assert TARGET.verify
    environ = fake(
        tmp_path / "bin", f'case "$1" in check-config) {says};; --version) echo "amtool, version 0.25.0";; esac'
    )
    written = emitted(fleet(), FACTS, tmp_path)
    found = list(TARGET.verify(fleet(), FACTS, tmp_path, written, Tools(tmp_path, environ)))
    first = found[0]
    assert isinstance(first, Problem)
    assert words in first.message
    assert str(first.level) == level


def test_without_amtool_nothing_is_verified(tmp_path: Path) -> None:
    assert TARGET.verify
    written = emitted(fleet(), FACTS, tmp_path)
    (said,) = TARGET.verify(fleet(), FACTS, tmp_path, written, Tools(tmp_path, {"PATH": ""}))
    assert isinstance(said, Unverified)


NEW = (0, 29)
NEWER = team(
    "ml",
    critical=(
        receiver(NEW, teams={"secret": "teams/url"}),
        receiver(NEW, incidentio={"url": "https://x.example/", "secret": "incidentio/token"}),
        receiver(NEW, jira={"project": "OPS", "issue_type": "Bug", "user": "bot@x.example", "secret": "jira/token"}),
    ),
    warning=(receiver(NEW, webhook={"secret": "hooks/url", "bearer": "hooks/token"}), receiver(NEW, slack="#ml")),
)


def newer() -> Fleet:
    jira = {"jira": {"url": "https://acme.atlassian.net/rest/api/2/"}}
    return fleet(
        versions={"alertmanager": NEW}, teams={"finops": FINOPS, "ml": NEWER}, defaults={**fleet().defaults, **jira}
    )


@amtool
def test_an_older_amtool_judges_a_projection_and_says_what_it_did_not_see(tmp_path: Path) -> None:
    environ = {name: value for name, value in os.environ.items() if name != "LLMMON_AMTOOL"}
    if (Tools(tmp_path, environ).find("amtool").version or NEW) >= (0, 26):  # type: ignore[union-attr]
        pytest.skip("this amtool is newer")
    found = list(verified(newer(), FACTS, tmp_path, environ))
    incident = [f"`incidentio_configs{field}`" for field in ("", ".alert_source_token_file", ".url")]
    assert all(isinstance(said, Unverified) for said in found)
    assert [said.what.partition(": ")[2] for said in found if isinstance(said, Unverified)] == [
        "`global.jira_api_url`",
        "receiver `ml-critical`: `msteamsv2_configs`, `msteamsv2_configs.webhook_url_file`",
        f"receiver `ml-critical`: {', '.join(incident)}",
        "receiver `ml-critical`: `jira_configs`",
        "receiver `ml-warning`: `webhook_configs.url_file`",
    ]


def test_every_secret_is_a_file() -> None:
    of = newer()
    by_name = {one["name"]: one for one in config(of)["receivers"]}
    assert by_name["ml-critical"]["jira_configs"][0]["http_config"] == {
        "basic_auth": {"username": "bot@x.example", "password_file": "/etc/alertmanager/secrets/jira/token"}
    }
    assert by_name["ml-warning"]["webhook_configs"][0] == {
        "send_resolved": True,
        "url_file": "/etc/alertmanager/secrets/hooks/url",
        "http_config": {"authorization": {"credentials_file": "/etc/alertmanager/secrets/hooks/token"}},
    }
    assert config(of)["global"]["slack_api_url_file"] == "/etc/alertmanager/secrets/slack/webhook"


def test_days_are_runs_of_a_week_that_begins_on_sunday() -> None:
    ways = (receiver(slack="#x"),)
    night = team("night", info=ways, quiet={"info": interval("fri-sun 22:00-07:00 Europe/Berlin")})
    (said,) = config(fleet(teams={"night": night}, copies=()))["time_intervals"]
    assert said["time_intervals"] == [
        {
            "times": [{"start_time": "22:00", "end_time": "24:00"}],
            "weekdays": ["sunday", "friday:saturday"],
            "location": "Europe/Berlin",
        },
        {
            "times": [{"start_time": "00:00", "end_time": "07:00"}],
            "weekdays": ["sunday:monday", "saturday"],
            "location": "Europe/Berlin",
        },
    ]


def joined(text: str = THEIRS, **changes: Any) -> Fleet:
    return fleet(base=text, base_origin=BASE, **changes)


@amtool
def test_a_users_own_file_is_joined(tmp_path: Path) -> None:
    of = joined()
    assert list(verified(of, FACTS, tmp_path)) == []
    out, theirs = config(of), yaml.safe_load(THEIRS)
    assert out["global"] == theirs["global"]
    assert out["templates"] == ["theirs/*.tmpl", "templates/llmmon.tmpl"]
    assert {**out["route"], "routes": None} == {**theirs["route"], "routes": None}
    assert out["route"]["routes"][0] == theirs["route"]["routes"][0]
    assert [one["name"] for one in out["receivers"]][:4] == ["theirs", "pager", "catch-all", "finops-critical"]
    assert out["receivers"][2]["slack_configs"][0]["api_url_file"] == "/etc/alertmanager/secrets/slack/webhook"
    assert all("group_by" in route for route in out["route"]["routes"][1:])
    assert out["time_intervals"][0]["time_intervals"][0]["times"] == [{"start_time": "09:00", "end_time": "17:00"}]


def test_origins_move_with_what_they_are_of() -> None:
    assert TARGET.of_fleet
    artifact = next(iter(TARGET.of_fleet(joined(), FACTS)))
    assert artifact.origins[()] == BASE
    value = yaml.safe_load(artifact.text)
    for keys, origin in artifact.origins.items():
        node = value
        for key in keys:
            node = node[key]
        if keys and keys[0] == "receivers" and node["name"].startswith("ml-"):
            assert origin.keys == ("teams", "ml")
    assert ("receivers", 0) not in artifact.origins


@amtool
def test_a_route_of_theirs_that_takes_our_alert_is_a_problem(tmp_path: Path) -> None:
    of = joined(THEIRS.replace("app=~", "service=~").replace("billing", "chat"))
    found = list(verified(of, FACTS, tmp_path))
    assert all(isinstance(said, Problem) and "but Alertmanager tells pager" in said.message for said in found)
    assert [said.origin.keys[1:] for said in found if isinstance(said, Problem)] == [
        ("ServiceDown", "critical"),
        ("HighLatency", "warning"),
        ("SpendHigh", "info"),
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (THEIRS.replace("name: pager", "name: ml-critical"), "receiver 'ml-critical' is also made by llmmon"),
        (
            THEIRS.replace("name: office", "name: weekdays 09:00-17:00 Europe/Berlin"),
            "time interval 'weekdays 09:00-17:00 Europe/Berlin' is also made by llmmon",
        ),
        ("receivers: []", "it has no `route:`"),
        ("a: [", "not YAML"),
        ("route: {receiver: x}\nreceivers: {}\ntemplates: x", "`templates` is no list"),
    ],
)
def test_what_cannot_be_joined_is_rejected(text: str, words: str) -> None:
    with pytest.raises(Rejected) as rejected:
        config(joined(text))
    (problem,) = rejected.value.problems
    assert problem.origin is BASE
    assert words in problem.message


def test_an_alertmanager_too_old_to_be_safe_is_an_error(tmp_path: Path) -> None:
    found = list(verified(fleet(versions={"alertmanager": (0, 24)}), FACTS, tmp_path))
    assert "writes for Alertmanager 0.25 and newer" in str(found[0])


def test_alerts_that_no_matcher_tells_apart_are_asked_once() -> None:
    inner = {"matchers": ['{c!="q\\"", d!~"("}']}
    route = {"routes": [{"matchers": ['a="1"', 'b=~"x.*"'], "routes": [inner]}]}
    kinds = [
        {"a": "1"},
        {"a": "2"},
        {"a": "3"},
        {"b": "x1"},
        {"b": "x2"},
        {"c": 'q"'},
        {"d": "1"},
        {"d": "2"},
        {"e": "1"},
    ]
    facts = [Facts(str(labels), labels, frozenset(), ORIGIN) for labels in kinds]
    assert [len(group) for group in distinct(route, facts)] == [1, 3, 2, 1, 1, 1]


def test_the_bytes_do_not_depend_on_the_order_of_alerts(tmp_path: Path) -> None:
    emitted(fleet(), FACTS, tmp_path)
    emitted(fleet(), FACTS[::-1], tmp_path / "b")
    assert (tmp_path / CONFIG).read_text() == (tmp_path / "b" / CONFIG).read_text()


def test_a_team_without_receivers_still_has_a_route() -> None:
    of = fleet(teams={"finops": FINOPS, "ml": replace(ML, receivers={})})
    *_, last = config(of)["route"]["routes"]
    assert last == {"receiver": "catch-all", "matchers": ['team="ml"']}
