"""Alertmanager configurations that are linted alone, as whole files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Fleet

HEAD = "route: {receiver: a}\nreceivers: [{name: a, webhook_configs: [{url: 'http://hooks.example/a'}]}]\n"


def test_of_a_machine_that_is_down_nothing_else_is_told(fleet: Fleet) -> None:
    rule = (
        "inhibit_rules:\n- source_matchers: [alertname=Down]\n  target_matchers: ['alertname=~.*']\n  equal: [SAME]\n"
    )
    for label in ("instance", "node", "cluster"):
        fleet.write("alertmanager.yml", HEAD + rule.replace("SAME", label))
        assert fleet.run("lint", "alertmanager.yml").problems == []
    fleet.write("alertmanager.yml", HEAD + rule.replace("SAME", "job"))
    (problem,) = fleet.run("lint", "alertmanager.yml").problems
    assert "mutes every alert of the same job" in problem


def test_an_option_that_is_new_is_an_error_to_whoever_says_which_alertmanager_reads_it(fleet: Fleet) -> None:
    fleet.write("alertmanager.yml", HEAD + "tracing: {endpoint: 'localhost:4317'}\n")
    assert fleet.run("lint", "alertmanager.yml").problems[0].startswith("alertmanager.yml:3:1: warning:")
    (problem,) = fleet.run("lint", "alertmanager.yml", "--alertmanager-version", "0.28").problems
    assert "error" in problem


def test_who_says_that_a_receiver_tells_nobody_is_not_asked_again(fleet: Fleet) -> None:
    text = HEAD.replace("receiver: a}", "receiver: a, routes: [{matchers: [team=x], receiver: b}]}")
    fleet.write(
        "alertmanager.yml",
        text.replace("[{name: a, ", "\n- name: b\n  # a black hole\n- {name: a, ").replace("}]\n", "}\n"),
    )
    assert fleet.run("lint", "alertmanager.yml").problems == []


def test_a_receiver_that_a_comment_routes_to_only_sleeps(fleet: Fleet) -> None:
    spare = HEAD.replace(
        "}]}]\n", "}]}, {name: spare, email_configs: [{to: a@b.example, from: a@b.example, smarthost: 'b:25'}]}]\n"
    )
    fleet.write("alertmanager.yml", spare)
    (problem,) = fleet.run("lint", "alertmanager.yml").problems
    assert "no route uses the receiver 'spare'" in problem
    fleet.write("alertmanager.yml", f"# receiver: 'spare'\n{spare}")
    assert fleet.run("lint", "alertmanager.yml").problems == []


def test_what_a_script_replaces_before_is_neither_a_secret_nor_a_wrong_url(fleet: Fleet) -> None:
    text = "global: {slack_api_url: SLACK.HOOK, smtp_auth_password: mailpw, smtp_from: a}\n" + HEAD
    fleet.write("monitoring/alertmanager/alertmanager.yml", text)
    said = " ".join(fleet.run("lint", "monitoring", "--advice").problems)
    assert "[bad-url]" in said
    assert "[plain-secret]" in said
    fleet.write("filled/alertmanager/alertmanager.yml", text)
    fleet.write("filled/run.sh", 'sed -i "s|SLACK.HOOK|$SLACK|;s/mailpw/$PW/" alertmanager/alertmanager.yml\n')
    assert fleet.run("lint", "filled").problems == []


def test_a_value_of_the_wrong_form_is_not_missing_as_well(fleet: Fleet) -> None:
    fleet.write("alertmanager.yml", HEAD.replace("'http://hooks.example/a'", "{}"))
    (problem,) = fleet.run("lint", "alertmanager.yml").problems
    assert "url is a text, and this is a map" in problem


def test_what_somebody_is_to_write_is_judged_where_its_file_is_named(fleet: Fleet) -> None:
    mail = "email_configs: [{to: a, smarthost: 'h:25', auth_password: password}]"
    ways = f"pagerduty_configs: [{{service_key: YOUR_KEY}}], {mail}"
    text = HEAD.replace("webhook_configs", ways + ", webhook_configs")
    fleet.write("a/alertmanager.yml", "global: {slack_api_url: YOUR_SLACK_WEBHOOK, smtp_from: a}\n" + text)
    assert fleet.run("lint", "a").problems == []
    said = fleet.run("lint", "a/alertmanager.yml").out
    assert all(word in said for word in ("[bad-url]", "Events API v1", "auth_password is a secret"))


@pytest.mark.parametrize(
    "ways",
    [
        "slack_configs: [{api_url: '', channel: ''}]",
        "email_configs: [{to: '', from: '', smarthost: 'mail.example:25'}]",
        "webhook_configs: [{url: 'the address of the hook'}]",
        "webhook_configs: [{url: 'https://{{ host }}/hook'}]",
        "webhook_configs: [{url: 'https://hooks.example/send?key=TEAM_HOOK_KEY'}]",
    ],
)
def test_what_is_left_blank_is_judged_where_its_file_is_named(fleet: Fleet, ways: str) -> None:
    fleet.write("a/alertmanager.yml", f"route: {{receiver: a}}\nreceivers: [{{name: a, {ways}}}]\n")
    assert fleet.run("lint", "a").problems == []
    promtools = fleet.run("lint", "a", "--profile", "promtool")
    assert ("error" in promtools.out) is ("?key=" not in ways)
    assert fleet.run("lint", "a/alertmanager.yml", "--fail-on", "warning").code == (0 if "?key=" in ways else 1)


def test_a_field_that_is_there_is_not_the_one_that_was_meant(fleet: Fleet) -> None:
    fleet.write("alertmanager.yml", HEAD.replace("route:", "routes: []\nroute:"))
    (problem,) = fleet.run("lint", "alertmanager.yml").problems
    assert "has no field 'routes': known are" in problem


def test_a_file_with_several_fields_of_its_own_is_of_another_program(fleet: Fleet) -> None:
    fleet.write("a/alerts.yml", HEAD + "version: 1\n")
    assert "[unknown-option]" in fleet.run("lint", "a").out
    fleet.write("a/alerts.yml", HEAD + "version: 1\nmetadata: {owner: a}\n")
    assert fleet.run("lint", "a").out == ""
    assert "[unknown-option]" in fleet.run("lint", "a/alerts.yml").out


def test_a_part_of_a_configuration_has_the_rest_elsewhere(fleet: Fleet) -> None:
    fleet.write("parts/routes.yml", "route: {receiver: a, routes: [{receiver: b, matchers: [a=b]}]}\n")
    fleet.write("parts/receivers.yml", "receivers: [{name: a, webhook_configs: [{url: 'http://hooks.example/a'}]}]\n")
    assert fleet.run("lint", "parts").problems == []
    assert "[undefined-receiver]" in fleet.run("lint", "parts/routes.yml").out
    assert "[no-route]" in fleet.run("lint", "parts/receivers.yml").out


def test_an_alertmanager_with_one_parser_is_not_told_of_the_other(fleet: Fleet) -> None:
    fleet.write("a/alertmanager.yml", HEAD.replace("receiver: a}", "receiver: a, routes: [{matchers: ['a=b c']}]}"))
    assert "[matcher-notation]" in fleet.run("lint", "a", "--advice").out
    fleet.write("a/compose.yml", "services: {alertmanager: {image: 'prom/alertmanager:v0.24.0'}}\n")
    assert "[matcher-notation]" not in fleet.run("lint", "a", "--advice").out


@pytest.mark.parametrize("chat", ["-YOUR_GROUP_CHAT_ID", "CHAT_ID", "CHAT-ID", "''", "'team-chat'"])
def test_a_number_that_somebody_is_to_write_is_judged_where_its_file_is_named(fleet: Fleet, chat: str) -> None:
    telegram = "telegram_configs: [{bot_token_file: /token, chat_id: CHAT}], webhook_configs"
    fleet.write("a/alertmanager.yml", HEAD.replace("webhook_configs", telegram.replace("CHAT", chat)))
    assert fleet.run("lint", "a").problems == []
    assert "chat_id" in fleet.run("lint", "a/alertmanager.yml").out
    fleet.write("a/alertmanager.yml", HEAD.replace("webhook_configs", telegram.replace("CHAT", "'@17'")))
    assert "[wrong-option-type]" in fleet.run("lint", "a", "--advice").out


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("compose.yml", "services: {prometheus: {image: 'prom/prometheus:v2.3.1'}}\n"),
        ("values.yaml", "image:\n  repository: quay.io/prometheus/alertmanager\n  tag: v0.15.2\n"),
        ("monitoring/deploy.yaml", "kind: X\napiVersion: extensions/v1beta1\n"),
        ("monitoring/alertmanager-main.yaml", "kind: Alertmanager\nmetadata: {}\nspec:\n  version: v0.16.0\n"),
    ],
)
def test_what_runs_beside_an_alertmanager_that_nobody_names_tells_its_time(fleet: Fleet, name: str, text: str) -> None:
    old = HEAD.replace("receiver: a}", "receiver: a, routes: [{match: {a: b}, receiver: a}]}")
    fleet.write("ops/alertmanager.yml", old)
    assert "[deprecated-matchers]" in fleet.run("lint", "ops", "--advice").out
    fleet.write(f"ops/{name}", text)
    assert fleet.run("lint", "ops", "--advice").problems == []


@pytest.mark.parametrize(
    ("before", "behind", "said"),
    [
        ("", "  # Uncomment when there is a key\n  # pagerduty_configs:\n  # - routing_key_file: /k\n", False),
        ("# Seen in the Alertmanager UI\n", "", False),
        ("", "# TODO\n", False),
        ("# For those who are on call\n", "", True),
        ("", "- name: b\n  # nothing to do\n", True),
    ],
)
def test_a_comment_tells_why_a_receiver_tells_nobody(fleet: Fleet, before: str, behind: str, said: bool) -> None:
    route = 'route: {receiver: mail, routes: [{matchers: [x="y"], receiver: pager}]}\n'
    mail = "- name: mail\n  email_configs: [{to: a@b.example}]\n"
    fleet.write("alertmanager.yml", f"{route}receivers:\n{mail}{before}- name: pager\n{behind}")
    assert ("'pager' tells nobody" in fleet.run("lint", "alertmanager.yml").out) is said
    page = f"{before}- name: pager\n{behind}"
    fleet.write("alertmanager.yml", f"{route}receivers:\n- name: mail\n{page}- name: other\n  # To be added\n")
    assert "'pager' tells nobody" not in fleet.run("lint", "alertmanager.yml").out
