"""`lint` says the same as amtool: every odd configuration gets the same verdict, and all of its faults at once."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

import pytest
from amtool_verdicts import LEAST, MATCHERS, left_out, said, sample, verdicts, version

from llmmon.documents.alertmanager import fields
from llmmon.documents.alertmanager.matchers import Wrong, read
from llmmon.structure import is_advice

if TYPE_CHECKING:
    from pathlib import Path

AMTOOL = shutil.which("amtool")
CASES = 1500  # of some 50,000, which take minutes


@pytest.mark.skipif(AMTOOL is None, reason="needs amtool")
def test_the_same_verdict_as_amtool(tmp_path: Path) -> None:
    found = list(verdicts(sample(CASES), str(AMTOOL), version(str(AMTOOL)), tmp_path))
    assert len({verdict.taken for verdict in found}) == 2
    assert len(found) > CASES // 2
    assert [(v.text, v.taken, [p.message for p in v.said]) for v in found if v.differ] == []


@pytest.mark.skipif(AMTOOL is None, reason="needs amtool")
def test_what_a_build_leaves_out_is_known_integrations(tmp_path: Path) -> None:
    known = {*fields.of("receiver"), "kafka_outputs", "jira_api_url"}
    assert left_out(str(AMTOOL), version(str(AMTOOL)), tmp_path) < known


def test_every_structure_is_reached_from_the_whole_file() -> None:
    named = {field.kind.strip("[]{}") for name in fields.structures() for field in fields.of(name).values()}
    assert {*LEAST, *fields.structures()} - named == {"", "header"}
    assert named >= set(LEAST) - {""}


def test_all_faults_are_said_at_once_each_at_its_place() -> None:
    text = (
        "global: {resolve_timeout: soon}\n"
        "route:\n"
        "  receiver: nobody\n"
        "  group_by: [a, a]\n"
        "  routes:\n"
        "    - matchers: ['x=~(']\n"
        "      continue: perhaps\n"
        "receivers:\n"
        "  - name: a\n"
        "    slack_configs: [{channel: '#a'}]\n"
        "    webhook_configs: [{urls: 'http://h.example'}]\n"
    )
    found = sorted((*problem.origin.position(), problem.rule) for problem in said(text, (0, 28)))
    assert found == [
        (1, 10, "bad-timing"),
        (3, 3, "undefined-receiver"),
        (4, 17, "bad-group-by"),
        (6, 19, "bad-regex"),
        (7, 7, "wrong-option-type"),
        (10, 21, "no-default"),
        (11, 23, "required-option"),
        (11, 24, "unknown-option"),
    ]


def test_a_field_is_too_new_until_its_version() -> None:
    text = "route: {receiver: a}\nreceivers: [{name: a, discord_configs: [{webhook_url_file: /f}]}]\n"
    assert [problem.rule for problem in said(text, (0, 26))] == ["option-too-new"]
    assert [problem.rule for problem in said(text, (0, 27))] == []


def test_no_advice_is_too_new_for_the_version() -> None:
    text = "route: {receiver: a}\nreceivers: [{name: a, wechat_configs: [{corp_id: c}]}]\n"
    for release, advice in (
        ((0, 28), "write api_secret: ..., or global: wechat_api_secret"),
        ((0, 31), "write api_secret_file: ..., or global: wechat_api_secret_file"),
    ):
        assert [problem.message.partition(": ")[2] for problem in said(text, release)] == [advice]
    text = "route: {receiver: a}\nreceivers: [{name: a, telegram_configs: [{chat_id: 5}]}]\n"
    assert [problem.message.partition(": ")[2] for problem in said(text, (0, 28))] == ["write bot_token_file: ..."]


def test_an_old_name_leads_to_the_new_one() -> None:
    text = "route: {receiver: a}\nreceivers: [{name: a, opsgenie_configs: [{api_key: k, teams: t}]}]\n"
    assert [problem.message for problem in said(text, (0, 28))] == ["opsgenie has no field teams: write responders:"]


def test_a_placeholder_may_become_an_address() -> None:
    text = "route: {receiver: a}\nreceivers: [{name: a}]\nglobal: {smtp_smarthost: %s}\n"
    for host in ("SMTP_HOST", "$SMTP", "<HOST>", "smtp"):
        (problem,) = said(text % host, (0, 28))
        assert (problem.rule, is_advice(problem)) == ("bad-address", host != "smtp")


def test_no_secret_is_shown() -> None:
    text = (
        "global: {slack_api_url: 'hooks.slack.example/SECRET', smtp_auth_password: [SECRET]}\n"
        "route: {receiver: a}\n"
        "receivers: [{name: a, webhook_configs: [{url: 'ftp://SECRET'}]}]\n"
    )
    found = said(text, (0, 28))
    assert len(found) == 3
    assert not any("SECRET" in problem.message for problem in found)


@pytest.mark.parametrize("text", MATCHERS)
def test_what_matchers_print_reads_the_same(text: str) -> None:
    try:
        found = read(text, (0, 28)).matchers
    except Wrong:
        return
    if all(re.fullmatch(r"[a-zA-Z_]\w*", matcher.label, re.ASCII) for matcher in found):
        assert read(",".join(map(str, found)), (0, 28)).classic == found
