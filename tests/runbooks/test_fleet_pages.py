"""The fleet's own pages: catalogue, checklists, troubleshooting; and that names do no harm in commands."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from conftest import CHAT
from runbook_examples import alert, fleet, pages, service

from llmmon import promql
from llmmon.classes import replace
from llmmon.lower.pieces import pieces
from llmmon.plan import Process, Secret, Workload
from llmmon.plan.watched import Watched
from llmmon.targets.runbooks.troubleshooting import troubleshooting

if TYPE_CHECKING:
    from conftest import Fleet

ROOT = Path(__file__).parents[2]
GENERATED = ROOT / "generated" / "runbooks"
NASTY = "a'; touch owned; \"$(touch owned)`touch owned` && x\\"


def page(fleet: Fleet, name: str) -> str:
    ran = fleet.run("generate")
    assert ran.problems == []
    return fleet.files()[f"runbooks/{name}.md"].decode()


def row(text: str, name: str) -> list[str]:
    [line] = [line for line in text.split("\n") if line.startswith(f"| [{name}]")]
    return [cell.strip() for cell in line.strip("|").split(" | ")]


def test_the_catalogue_says_of_each_alert_what_matters(fleet: Fleet) -> None:
    text = page(fleet, "README")
    assert row(text, "HighErrorRate") == [
        "[HighErrorRate](chat/HighErrorRate.md)",
        "warning",
        "is above 5%",
        "5m",
        "`catch-all`",
        "[ServiceDown](chat/ServiceDown.md)",
    ]
    assert row(text, "ServiceDown")[1:] == ["critical", "no target is up", "1m", "`inference-critical`", "nothing"]
    assert "| `inference-critical` | slack \\#inference | always |" in text
    assert "| [chat](#service-chat) | inference | 6 |" in text
    assert "slack/url" not in text


def test_environments_that_differ_are_told_apart(fleet: Fleet) -> None:
    fleet.edit(
        "specs/fleet.yaml",
        "{production: {selector: {env: production}}}",
        "{production: {selector: {env: production}}, staging: {selector: {env: staging}, demote: {critical: warning}}}",
    )
    cells = row(page(fleet, "README"), "ServiceDown")
    assert cells[1] == "critical in production; warning in staging"
    assert cells[4] == "`inference-critical` in production; `catch-all` in staging"


def test_one_spec_does_not_write_the_fleets_pages(fleet: Fleet) -> None:
    assert fleet.run("generate", "specs/chat.yaml").problems == []
    assert [name for name in fleet.files() if name.count("/") == 1 and name.startswith("runbooks/")] == []


def test_the_checklists_have_the_fleets_own_names_and_tick_what_is_proved(fleet: Fleet) -> None:
    fleet.edit(
        "specs/chat.yaml", "alerts:\n", "baselines: {load: {signal: requests, value: 10/s, worse: above}}\nalerts:\n"
    )
    text = page(fleet, "checklists")
    assert "| chat | `load` | 10/s | 20% | `specs/chat.yaml` |" in text
    assert "| chat | `availability` | 99.9% | 30d | `specs/chat.yaml` |" in text
    assert "- inference answers for chat\n" in text
    assert "- [x] Every alert that pages has a runbook with all five parts" in text
    assert "- [ ] Prometheus scrapes every service: write `prometheus:` in the fleet" in text
    assert "Nobody is told by the Watchdog" in text
    for heading in ("Each day", "Each week", "Each month", "Each quarter", "Initial set-up", "After an incident"):
        assert f"\n## {heading}\n" in text


def test_the_watchdog_has_a_page_where_its_link_leads(fleet: Fleet) -> None:
    text = page(fleet, "acme/Watchdog")
    assert "Nobody is told by the Watchdog: name `watchdog:` in the fleet." in text
    (link,) = re.findall(r"runbook_url: (\S+)", fleet.files()["prometheus/rules/production/watchdog.yaml"].decode())
    assert link.endswith("/acme/Watchdog")
    assert "runbook-pages" not in fleet.run("lint", "generated").out
    fleet.edit(
        "specs/fleet.yaml", "fleet: acme\n", 'fleet: acme\nwatchdog: [{webhook: "https://switch.example/a-secret"}]\n'
    )
    told = page(fleet, "acme/Watchdog")
    assert "It goes to the receiver `watchdog`" in told
    assert "a-secret" not in told


def test_without_any_of_it_the_checklists_say_so(fleet: Fleet) -> None:
    fleet.edit("specs/chat.yaml", "slos:\n  availability: {signal: errors, objective: 99.9%}\n", "")
    text = page(fleet, "checklists")
    assert "Which error budgets" not in text
    assert "Without an objective: chat." in text
    assert "No service has any; write `baselines:` in its spec." in text


def test_commands_without_kubernetes(fleet: Fleet) -> None:
    fleet.write("specs/chat.yaml", CHAT + "process: {compose: chat}\n")
    text = page(fleet, "chat/ServiceDown")
    assert "docker compose logs --since=10m -- chat\n" in text
    assert "restart it once: `docker compose restart -- chat`" in text
    assert "kubectl" not in text
    fleet.write("specs/chat.yaml", CHAT + "process: {systemd: chat@1.service}\n")
    text = page(fleet, "chat/ServiceDown")
    assert "journalctl --unit=chat@1.service --since=-1h --priority=err --no-pager\n" in text
    assert "systemctl restart -- chat@1.service" in text
    assert "systemctl status --no-pager -- chat@1.service\n" in page(fleet, "troubleshooting")


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("{compose: a, systemd: b}", "needs exactly one of compose (such as chat) and systemd (such as chat.service)"),
        ("{}", "needs exactly one of compose (such as chat) and systemd (such as chat.service)"),
        ("{compose: '-rf'}", "'-rf' is no name of a service or unit: write one such as chat or chat.service"),
        ("{systemd: 'a b'}", "'a b' is no name of a service or unit: write one such as chat or chat.service"),
        ("{compose: a}\nworkload: {namespace: a, name: b}", "workload: and process: both say what runs it: keep one"),
    ],
)
def test_a_process_that_is_none(fleet: Fleet, written: str, says: str) -> None:
    fleet.write("specs/chat.yaml", f"{CHAT}process: {written}\n")
    [problem] = fleet.run("generate").problems
    assert ": error: " in problem
    assert says in problem


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("{critical: soon}", "'soon' is no response time: write {acknowledge: 5m, resolve: 30m}, or best effort"),
        ("{critical: {acknowledge: 5m}}", "the key 'resolve' is missing"),
        ("{critical: {acknowledge: 5, resolve: 30m}}", "5 has no unit: write 5s, 5m or 5h"),
        ("{critical: {acknowledge: 0s, resolve: 30m}}", "'0s' is no time at all: write one longer than 0s, such as 5m"),
        (
            "{critical: {acknowledge: 1h, resolve: 30m}}",
            "resolve: 30m is over before acknowledge: 1h: make it the longer one",
        ),
        (
            "{critical: {acknowledge: 1h, resolve: 1d}}",
            "critical (1h and 1d) would be answered later than warning: make it the shorter one",
        ),
        ("{critical: best effort}", "critical (best effort) would be answered later than warning"),
        ("{urgent: best effort}", "urgent"),
    ],
)
def test_a_response_time_that_is_none(fleet: Fleet, written: str, says: str) -> None:
    fleet.write("specs/fleet.yaml", (fleet.root / "specs/fleet.yaml").read_text() + f"response: {written}\n")
    [problem] = fleet.run("generate").problems
    assert problem.startswith("specs/fleet.yaml:9:")
    assert says in problem


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("queries: https://prometheus.example/graph", "queries needs {expr} in its URL"),
        ("runbooks: 'https://runbooks.example/{alert}'", "runbooks needs {service} in its URL"),
        ("runbooks: 'https://runbooks.example/{service}'", "runbooks needs {alert} in its URL"),
    ],
)
def test_a_url_without_its_placeholder(fleet: Fleet, written: str, says: str) -> None:
    fleet.write("specs/fleet.yaml", (fleet.root / "specs/fleet.yaml").read_text() + written + "\n")
    [problem] = fleet.run("generate").problems
    assert says in problem


def test_the_runbook_url_may_be_the_generated_file_itself(fleet: Fleet) -> None:
    base = "https://git.example/ops/blob/main/generated/runbooks"
    text = (fleet.root / "specs/fleet.yaml").read_text()
    fleet.write("specs/fleet.yaml", f"{text}runbooks: '{base}/{{service}}/{{alert}}.md'\n")
    assert fleet.run("generate").problems == []
    files = fleet.files()
    urls = re.findall(rf"runbook_url: {base}/(\S+)", files["prometheus/rules/production/chat.yaml"].decode())
    assert urls
    assert all(f"runbooks/{path}" in files for path in urls)


def test_queries_are_links_where_the_fleet_says_where(fleet: Fleet) -> None:
    text = (fleet.root / "specs/fleet.yaml").read_text()
    fleet.write("specs/fleet.yaml", text + "queries: 'https://prom.example/graph?g0.expr={expr}&g0.tab=0'\n")
    found = page(fleet, "chat/HighErrorRate")
    assert "([in Prometheus](https://prom.example/graph?g0.expr=service%3Aerrors_ratio%3Arate5m%7Bservice" in found
    assert "PROMETHEUS=https://prom.example\n" in page(fleet, "troubleshooting")


def bash(script: str, *options: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [shutil.which("bash") or "bash", "--norc", *options]
    return subprocess.run(command, input=script, capture_output=True, text=True, cwd=cwd, check=False)


def blocks(text: str, language: str = "bash") -> list[str]:
    return [piece.text for piece in pieces(text) if piece.language == language]


def nasty_pages() -> dict[str, str]:
    load = Workload("Deployment", NASTY, NASTY, NASTY)
    one = service(alert("A", category="availability"), workload=load)
    two = replace(service(alert("B", category="latency"), workload=None), process=Process("compose", NASTY))
    three = replace(service(alert("C", category="availability"), workload=None), process=Process("systemd", NASTY))
    seen = [
        Watched(NASTY, NASTY, "s", ("prometheus", "alertmanager"), load, None, NASTY, (NASTY, NASTY), True, (), (), ()),
        Watched("b", "t", "s", (), None, Process("systemd", NASTY), "", (80, NASTY), True, (), (), ()),
    ]
    search: dict[str, str | bool | Secret | tuple[str, ...]] = {"hosts": (NASTY,), "ca": NASTY}
    of = replace(fleet(), watched=tuple(seen), elasticsearch=search, dashboards=f"https://{NASTY}/d/{{uid}}")
    return {**pages(one), **pages(two), **pages(three), "troubleshooting": troubleshooting(of)}


def test_nasty_names_stay_words_of_the_shell(tmp_path: Path) -> None:
    """Read by bash, then run with every program replaced by one that does nothing."""
    found = [block for text in nasty_pages().values() for block in blocks(text)]
    assert len(found) > 10
    names = ("kubectl", "docker", "journalctl", "systemctl", "curl", "jq", "amtool", "grep", "head", "kill", "date")
    quiet = "".join(f"{name}() {{ :; }}\n" for name in names)
    for block in found:
        assert bash(block, "-n").stderr == ""
        ran = bash(quiet + block, cwd=tmp_path)
        assert (ran.returncode, ran.stderr) == (0, ""), block
    assert not (tmp_path / "owned").exists()
    inline = [piece.text for text in nasty_pages().values() for piece in pieces(text) if piece.kind == "span"]
    commands = [span.strip() for span in inline if span.strip().startswith(("kubectl ", "docker ", "systemctl "))]
    assert len(commands) >= 4
    for command in commands:
        assert any(NASTY in word for word in shlex.split(command))


def test_every_command_of_the_repository_is_read_by_bash() -> None:
    found = {block for path in GENERATED.rglob("*.md") for block in blocks(path.read_text())}
    assert len(found) > 50
    assert [block for block in found if bash(block, "-n").stderr] == []


def test_every_query_of_the_repository_parses() -> None:
    found = {block for path in GENERATED.rglob("*.md") for block in blocks(path.read_text(), "promql")}
    assert len(found) > 200
    for block in found:
        promql.parse(block)


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not on PATH")
def test_every_query_of_the_repository_is_read_by_promtool(tmp_path: Path) -> None:
    found = sorted({block for path in GENERATED.rglob("*.md") for block in blocks(path.read_text(), "promql")})
    rules = [{"record": f"q:{number}", "expr": block} for number, block in enumerate(found)]
    (tmp_path / "rules.json").write_text(json.dumps({"groups": [{"name": "pages", "rules": rules}]}))  # JSON is YAML
    command = [shutil.which("promtool") or "promtool", "check", "rules", "--lint=none", str(tmp_path / "rules.json")]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")


def test_no_page_of_the_repository_names_a_secret() -> None:
    """A password or a token in a command is the trap; the pages name files that hold them."""
    for path in GENERATED.rglob("*.md"):
        text = path.read_text()
        assert not re.search(r"curl[^\n]*(?: -u | --user |Bearer (?!\.\.\.))", text), path
        assert "admin:admin" not in text
