"""The five parts of a page: whose words they are, and what is said where nobody has written them."""

from __future__ import annotations

import re
from decimal import Decimal
from importlib import resources
from typing import TYPE_CHECKING

import pytest
from conftest import PROSE
from runbook_examples import HOUR, MINUTE, SPEC, alert, fleet, page, service

from llmmon import preset, promql
from llmmon.classes import replace
from llmmon.lower.pieces import pieces
from llmmon.lower.prose import PARTS, parts
from llmmon.plan import shapes as sh
from llmmon.problem import Level, Origin
from llmmon.targets.runbooks import check

if TYPE_CHECKING:
    from conftest import Fleet

    from llmmon.plan import Alert

WHOLE = "".join(f"## {part}\n\nSo it is.\n\n" for part in PARTS)
RAW = sh.Raw(sh.Expression("x"), "bad")
BURN = sh.Shape(sh.Expression("x"), (), sh.Burn(Decimal("14.4"), HOUR, 5 * MINUTE, Decimal("0.001"), RAW))
USED_UP = sh.Shape(sh.Expression("x"), (), sh.Exhausted(Decimal("0.001"), 720 * HOUR, RAW))
BUDGET = sh.Shape(sh.Expression("x"), (), sh.Budget(Decimal(1), 24 * HOUR, Decimal(9)))
DOWN = sh.Shape(sh.Expression("up"), (), sh.Absent(up=True))
GONE = sh.Shape(sh.Expression("up"), (), sh.Absent())
FREE = sh.Shape(sh.Expression("x"), (), sh.Free())
FOLDER = resources.files("llmmon") / "presets" / "runbooks"


def missing(*alerts: Alert, prose: str | None = None) -> list[tuple[str, list[str]]]:
    of = service(*alerts, prose={alerts[0].name: prose} if prose else None)
    found = [problem for problem in check(fleet(), of, []) if problem.rule == "runbook-parts"]
    return [(str(problem.level), re.findall("`## (.*?)`", problem.message)) for problem in found]


def test_without_words_of_its_own_a_critical_alert_is_an_error_and_others_a_warning() -> None:
    assert missing(alert("A")) == [("error", ["Why it fires", "How to resolve"])]
    assert missing(alert("A", severity="warning")) == [("warning", ["Why it fires", "How to resolve"])]
    assert missing(alert("A", severity="info")) == [("warning", ["Why it fires", "How to resolve"])]


def test_one_critical_rule_of_several_is_enough_for_an_error() -> None:
    rules = [alert("A", severity="warning"), alert("A", environment="staging")]
    assert [level for level, _ in missing(*rules)] == ["error"]


def test_the_message_names_the_file_to_write() -> None:
    [problem] = check(fleet(), service(alert("A")), [])
    assert (problem.level, str(problem.origin)) == (Level.ERROR, "specs/chat.yaml:1:1")
    assert problem.message == (
        "A pages somebody, and its runbook does not say enough: "
        "write `## Why it fires` and `## How to resolve` in specs/runbooks/chat/A.md"
    )


def test_an_expression_of_the_users_own_has_to_say_what_it_means() -> None:
    assert missing(alert("A", FREE)) == [("error", ["What it means", "Why it fires", "How to resolve"])]
    described = {"description": "Nobody can log in. Now {{ $value }}."}
    assert missing(alert("A", FREE, annotations=described)) == [("error", ["Why it fires", "How to resolve"])]
    only_now = {"description": "Now {{ $value | humanize }}."}
    assert missing(alert("A", FREE, annotations=only_now))[0][1][0] == "What it means"


@pytest.mark.parametrize("shape", [BURN, USED_UP, BUDGET, DOWN, GONE])
def test_what_follows_from_the_shape_of_an_alert_is_enough(shape: sh.Shape) -> None:
    assert missing(alert("A", shape)) == []


def test_a_baseline_is_enough_and_its_page_says_where_its_number_is() -> None:
    made = replace(alert("A", severity="info"), origin=Origin(SPEC, ("baselines", "requests")))
    assert missing(made) == []
    assert "change `baselines.requests.value` in the spec" in page(service(made))


def test_words_of_its_own_are_enough() -> None:
    assert missing(alert("A"), prose=WHOLE) == []
    assert missing(alert("A"), prose=PROSE) == []
    assert missing(alert("A"), prose="## Why it fires\n\nLoad.\n") == [("error", ["How to resolve"])]


def test_words_of_a_preset_stand_behind_those_of_the_spec() -> None:
    given = preset.prose("http", "latency")
    assert given is not None
    of = replace(service(alert("A")), given={"A": (given,)}, selector={"job": "chat"})
    assert list(check(fleet(), of, [])) == []
    text = page(of)
    assert "More traffic than the replicas can take" in text
    assert 'sum(rate(http_requests_total{job="chat"}[5m]))' in text  # whose, nobody wrote
    assert re.findall(r"^\d+\. \w+", text, re.MULTILINE)[:2] == ["1. All", "2. Is"]
    assert "kubectl -n llm logs deployment/litellm -c proxy --since=10m" in text
    own = replace(of, prose=service(alert("A"), prose={"A": "## Why it fires\n\nMine.\n"}).prose)
    assert "\n## Why it fires\n\nMine.\n" in page(own)
    assert "add replicas, or limit the client that sends most" in page(own)


def test_the_times_of_the_fleet_stand_before_words_about_escalation() -> None:
    text = page(service(alert("A"), prose={"A": "## When to escalate\n\n- To Ann, after {resolve}.\n"}))
    assert "; resolve or escalate within 30 minutes.\n- To Ann, after 30 minutes.\n" in text


def test_a_patched_signal_keeps_the_presets_words_and_a_new_one_loses_them(fleet: Fleet) -> None:
    http = "service: chat\nteam: inference\nselector: {job: chat}\nuses: [http]\n"
    alerts = "alerts:\n  HighErrorRate: {signal: errors, above: 5%}\n"
    (fleet.root / "specs/runbooks/chat/HighErrorRate.md").unlink()
    fleet.write("specs/chat.yaml", f"{http}signals: {{errors: {{help: Share that fails.}}}}\n{alerts}")
    assert fleet.run("generate").problems == []
    new = "{ratio: {bad: 'http_requests_total{status=\"500\"}', total: http_requests_total}}"
    fleet.write("specs/chat.yaml", f"{http}signals: {{errors: {new}}}\n{alerts}")
    assert [line[-15:] for line in fleet.run("generate").problems] == ["[runbook-parts]"]


ENTRIES = [(folder.name, entry.name[:-3]) for folder in FOLDER.iterdir() for entry in folder.iterdir()]


@pytest.mark.parametrize(("name", "about"), sorted(ENTRIES))
def test_what_a_preset_says_is_about_something_that_it_brings_and_parses(name: str, about: str) -> None:
    found = preset.load(name)
    document = preset.prose(name, about)
    assert document is not None
    written, problems = parts(document)
    assert problems == []
    assert set(written) >= {"Why it fires", "How to resolve"}
    budget = about.startswith("budget_")
    section = found.data["budgets" if budget else "alerts" if about[0].isupper() else "signals"]
    assert isinstance(section, dict)
    assert about.removeprefix("budget_") in section
    for piece in pieces(document.text):
        assert "{" not in piece.text or piece.kind != "words", "placeholders need not have a value in a preset"
        if piece.language == "promql":
            promql.parse(piece.text)


@pytest.mark.parametrize("name", sorted(preset.names()))
def test_every_alert_of_a_preset_has_words(name: str) -> None:
    """Of its own, of its signal, or of its shape."""
    found = preset.load(name)
    alerts = found.data.get("alerts") or {}
    assert isinstance(alerts, dict)
    for alert_name, written in alerts.items():
        assert isinstance(written, dict)
        role = str(written.get("signal", "")).partition(".")[0]
        said = "down" in written or preset.prose(name, alert_name) or preset.prose(name, role)
        assert said, f"write llmmon/presets/runbooks/{name}/{alert_name}.md"
