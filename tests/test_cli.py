"""The command line: exit codes, formats, partial input, what is written, and how bad days end."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import CHAT, FLEET, PROSE, Fleet
from typer.testing import CliRunner

from llmmon import cli, pipeline, start

HEAVY = ("pydantic", "jinja2", "grafanalib", "yaml", "rich", "ruamel")
CLEAN, FOUND, USAGE, NO_TOOL, BUG = range(5)
INTERRUPTED = 130
HOSTILE = "a\"b\n{{ $labels.x }} $x ]]> \\ ' é"
LOGS = "elasticsearch: {hosts: ['https://es:9200']}\n"
OTHER = "service: other\nteam: inference\nselector: {job: other}\n"

needs_tools = pytest.mark.skipif(
    not (shutil.which("promtool") and shutil.which("amtool")), reason="promtool and amtool are not both on PATH"
)


@pytest.fixture
def no_tools(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> Fleet:
    """A PATH without any tool."""
    monkeypatch.setenv("PATH", str(fleet.root))
    return fleet


# What is written


def test_a_fleet_is_written_and_is_then_current(fleet: Fleet) -> None:
    assert fleet.run("generate").code == CLEAN
    assert {"prometheus/rules/production/chat.yaml", "alertmanager/alertmanager.yml"} <= fleet.files().keys()
    assert fleet.run("generate", "--check").code == CLEAN


def test_a_rejected_run_leaves_every_byte_as_it_was(fleet: Fleet) -> None:
    fleet.run("generate")
    before = fleet.files()
    fleet.edit("specs/chat.yaml", "for: 5m", "for: 5")
    assert fleet.run("generate").code == FOUND
    assert fleet.files() == before


def test_diff_and_check_write_nothing(fleet: Fleet) -> None:
    fleet.run("generate")
    before = fleet.files()
    fleet.edit("specs/chat.yaml", "for: 5m", "for: 7m")
    shown = fleet.run("generate", "--diff")
    assert shown.code == CLEAN
    assert "-    for: 5m" in shown.out
    assert "+    for: 7m" in shown.out
    stale = fleet.run("generate", "--check")
    assert stale.code == FOUND
    assert stale.problems[0].endswith("specs/chat.yaml says something else now: run `llmmon generate` [output-stale]")
    assert fleet.files() == before


def test_one_spec_writes_its_own_files_and_removes_none(fleet: Fleet) -> None:
    fleet.write("specs/other.yaml", OTHER)
    fleet.run("generate")
    before = fleet.files()
    (fleet.root / "specs/other.yaml").unlink()
    fleet.edit("specs/chat.yaml", "for: 5m", "for: 7m")
    fleet.edit("specs/fleet.yaml", "#all", "#everybody")
    assert fleet.run("generate", "specs/chat.yaml").code == CLEAN
    after = fleet.files()
    changed = {name for name in before if after.get(name) != before[name]}
    assert "prometheus/rules/production/chat.yaml" in changed
    assert all("chat" in name or name == "manifest.json" for name in changed)
    assert before.keys() == after.keys()


def test_one_spec_may_depend_on_a_service_of_another(fleet: Fleet) -> None:
    fleet.write("specs/other.yaml", OTHER + "depends_on: [chat]\n")
    assert fleet.run("generate", "specs/other.yaml").code == CLEAN


def test_the_fleets_file_alone_is_no_input(fleet: Fleet) -> None:
    fleet.run("generate")
    before = fleet.files()
    ran = fleet.run("generate", "specs/fleet.yaml")
    assert ran.problems == [
        (
            "specs/fleet.yaml:1:1: error: the fleet's own files follow from all specs: "
            "name the folder, or the spec of a service [input]"
        )
    ]
    assert ran.code == FOUND
    assert fleet.files() == before


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("nowhere", "does not exist: name a spec file, or the folder of all specs; `llmmon init` begins one"),
        ("empty", "holds no fleet: write `fleet: NAME` in fleet.yaml, or let `llmmon init` begin"),
    ],
)
def test_a_folder_without_specs_is_an_error(fleet: Fleet, name: str, said: str) -> None:
    (fleet.root / "empty").mkdir()
    ran = fleet.run("generate", name)
    assert ran.problems == [f"{name}:1:1: error: {said} [input]"]
    assert ran.code == FOUND


def test_absolute_paths_from_elsewhere_give_the_same_bytes(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    fleet.run("generate")
    elsewhere = fleet.root / "somewhere" / "else"
    elsewhere.mkdir(parents=True)
    monkeypatch.chdir(elsewhere)
    ran = fleet.run("generate", fleet.root / "specs", "--out", fleet.root / "again")
    assert ran.code == CLEAN
    assert fleet.files("again") == fleet.files("generated")
    assert fleet.run("check", fleet.root / "specs", "--out", fleet.root / "generated").code in (CLEAN, NO_TOOL)


def test_messages_name_files_as_seen_from_here(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    fleet.edit("specs/chat.yaml", "for: 5m", "for: 5")
    monkeypatch.chdir(fleet.root / "specs")
    assert fleet.run("generate", ".").problems[0].startswith("chat.yaml:16:51: error: ")


# Bad days


def test_a_file_in_the_way_that_we_did_not_make_stops_the_run(fleet: Fleet) -> None:
    fleet.write("generated/alertmanager/alertmanager.yml", "route: {receiver: mine}\n")
    before = fleet.files()
    ran = fleet.run("generate")
    assert ran.problems == [
        (
            "generated/alertmanager/alertmanager.yml:1:1: error: stands in our way and we did not make it: "
            "move it away or choose another --out [output-foreign]"
        )
    ]
    assert ran.code == FOUND
    assert ran.err == "generated: not written\n1 error\n"
    assert fleet.files() == before


def test_a_file_where_the_folder_should_be_stops_the_run(fleet: Fleet) -> None:
    fleet.write("generated", "a file")
    ran = fleet.run("generate")
    assert ran.problems == [
        "generated:1:1: error: cannot be a folder, a file is in its way: choose another --out [output-blocked]"
    ]
    assert ran.code == FOUND


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_an_error(fleet: Fleet) -> None:
    (fleet.root / "generated").mkdir(mode=0o500)
    ran = fleet.run("generate")
    assert ran.problems == [
        (
            "generated/manifest.json:1:1: error: cannot be written (Permission denied): "
            "make room or correct permissions, then generate again [output-unwritable]"
        )
    ]
    assert ran.code == FOUND


def test_a_full_disk_is_an_error(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    ran = fleet.run("generate")
    assert ran.problems == [
        (
            "generated/manifest.json:1:1: error: cannot be written (No space left on device): "
            "make room or correct permissions, then generate again [output-unwritable]"
        )
    ]
    assert ran.code == FOUND
    assert not fleet.files()


@pytest.mark.parametrize("survivors", [0, 1, 3])
def test_a_kill_while_writing_leaves_whole_files_and_the_next_run_heals(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch, survivors: int
) -> None:
    fleet.run("generate")
    old = fleet.files()
    fleet.edit("specs/chat.yaml", "service: chat", "service: chat\ndescription: Answers questions.")
    fleet.edit("specs/chat.yaml", "above: 5%", "above: 6%")
    fleet.run("generate", "--out", "wanted")
    new, replaced, replace = fleet.files("wanted"), 0, Path.replace

    def killed(path: Path, target: Path) -> Path:
        nonlocal replaced
        if replaced == survivors:
            raise KeyboardInterrupt
        replaced += 1
        return replace(path, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", killed)
        assert fleet.run("generate").code == INTERRUPTED
    names = [name for name in fleet.files() if name != "manifest.json" and ".llmmon-" not in name]
    assert all(fleet.files()[name] in (old.get(name), new.get(name)) for name in names)
    assert fleet.run("generate").code == CLEAN
    assert fleet.files() == new


def test_a_bug_of_ours_ends_with_its_traceback_and_exit_code_4(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(_: object) -> None:
        raise RuntimeError("we are wrong")

    monkeypatch.setattr(pipeline, "read", broken)
    monkeypatch.setattr(sys, "argv", ["llmmon", "generate"])
    with pytest.raises(SystemExit) as left:
        start.main()
    said = capsys.readouterr().err
    assert left.value.code == BUG
    assert "RuntimeError: we are wrong" in said
    assert said.endswith(
        "This is a bug of llmmon, not a mistake in your spec. Please report it with the lines above.\n"
    )
    assert not fleet.files()


@pytest.mark.parametrize(
    "args", [["generat"], ["generate", "--nope"], ["generate", "--format", "xml"], ["schema", "team"]]
)
def test_wrong_use_ends_with_exit_code_2(fleet: Fleet, args: list[str]) -> None:
    assert fleet.run(*args).code == USAGE


# Tools that are missing


def test_without_tools_generate_writes_and_says_what_was_not_verified(no_tools: Fleet) -> None:
    ran = no_tools.run("generate")
    assert ran.code == CLEAN
    assert no_tools.files()
    lines = [line.partition(" is not on PATH")[0] for line in ran.err.splitlines() if line.startswith("not verified")]
    assert "not verified: Prometheus rules: promtool" in lines
    assert "not verified: alertmanager/alertmanager.yml: amtool" in lines
    assert len(lines) == len(set(lines))


def watched(fleet: Fleet) -> None:
    """A dead-man switch, without which `check` warns."""
    text = (fleet.root / "specs/fleet.yaml").read_text()
    fleet.write("specs/fleet.yaml", text + 'watchdog: [{webhook: "http://switch.example/ping"}]\n')


def test_without_tools_check_ends_with_exit_code_3(no_tools: Fleet) -> None:
    watched(no_tools)
    no_tools.run("generate")
    ran = no_tools.run("check")
    assert ran.code == NO_TOOL
    assert not ran.problems
    assert "not verified: Prometheus rules: promtool is not on PATH" in ran.err
    assert no_tools.run("check", "--quiet").err


def test_required_tools_make_generate_end_with_exit_code_3(no_tools: Fleet) -> None:
    assert no_tools.run("generate", "--require-tools").code == NO_TOOL
    assert no_tools.run("generate", "--check", "--require-tools").code == NO_TOOL


def test_a_problem_weighs_more_than_a_missing_tool(no_tools: Fleet) -> None:
    assert no_tools.run("check").code == FOUND


# Levels and formats


def test_until_that_has_passed_is_a_warning_of_check_and_changes_no_byte(fleet: Fleet) -> None:
    watched(fleet)
    patch = "  ReplicaDown: {off: it flaps, until: 2020-01-01}\n"
    fleet.write("specs/chat.yaml", CHAT + patch.replace("2020", "2999"))
    fleet.run("generate")
    before = fleet.files()
    fleet.write("specs/chat.yaml", CHAT + patch)
    assert fleet.run("generate").problems == []
    assert fleet.files() == before
    ran = fleet.run("check")
    assert ran.problems == [
        (
            "specs/chat.yaml:17:32: warning: ReplicaDown was to be off until 2020-01-01, which has passed: "
            "remove it, or name a new day [until-passed]"
        )
    ]
    assert ran.code in (CLEAN, NO_TOOL)
    assert fleet.run("check", "--fail-on", "warning").code == FOUND


@pytest.mark.parametrize("format", ["json", "sarif", "github"])
def test_each_format_says_where_and_what(fleet: Fleet, format: str) -> None:  # noqa: A002 - the option's name
    fleet.edit("specs/chat.yaml", "for: 5m", "for: 5")
    ran = fleet.run("generate", "--format", format)
    assert ran.code == FOUND
    message = "5 has no unit: write 5s, 5m or 5h"
    match format:
        case "json":
            (found,) = json.loads(ran.out)
            assert (found["file"], found["line"], found["column"]) == ("specs/chat.yaml", 16, 51)
            assert found["message"] == message
        case "sarif":
            (result,) = json.loads(ran.out)["runs"][0]["results"]
            assert result["message"]["text"] == message
        case _:
            place = "file=specs/chat.yaml,line=16,col=51,endColumn=52,title=spec-value-error"
            assert ran.out == f"::error {place}::{message}\n"


@pytest.mark.parametrize("format", ["json", "sarif"])
def test_a_machine_gets_a_document_where_nothing_is_wrong(fleet: Fleet, format: str) -> None:  # noqa: A002
    assert json.loads(fleet.run("generate", "--format", format).out) is not None


def test_a_runbook_of_no_service_is_a_warning(fleet: Fleet) -> None:
    fleet.write("specs/runbooks/chatt/HighErrorRate.md", "## What it means\n\nErrors.\n")
    ran = fleet.run("generate")
    assert ran.problems == [
        (
            "specs/runbooks/chatt/HighErrorRate.md:1:1: warning: there is no service 'chatt', so no page shows this: "
            "did you mean 'chat'? [prose-service]"
        )
    ]
    assert ran.code == CLEAN
    assert fleet.run("generate", "specs/chat.yaml").problems == []


# Presets


def test_a_presets_alert_is_patched_and_switched_off(fleet: Fleet) -> None:
    fleet.write("specs/chat.yaml", CHAT + "  ReplicaDown: {for: 9m}\n  ServiceDown: {off: it runs at night only}\n")
    assert fleet.run("generate").code == CLEAN
    rules = yaml.safe_load(fleet.files()["prometheus/rules/production/chat.yaml"])
    alerts = {rule["alert"]: rule for group in rules["groups"] for rule in group["rules"] if "alert" in rule}
    assert alerts["ReplicaDown"]["for"] == "9m"
    assert "ServiceDown" not in alerts


def test_a_mistake_in_what_a_preset_brings_points_at_the_line_that_asked_for_it(fleet: Fleet) -> None:
    fleet.edit("specs/chat.yaml", "team: inference", "team: inference\nuses: [process, http]")
    fleet.edit(
        "specs/chat.yaml", "metrics:\n", "metrics:\n  http_requests_total: {type: gauge, misnamed: true, help: Odd.}\n"
    )
    fleet.edit("specs/chat.yaml", "  requests: {rate: chat_requests_total, by: [model]}\n", "")
    ran = fleet.run("generate")
    assert ran.problems == [
        (
            "specs/chat.yaml:3:17: error: http_requests_total is a gauge: the rate of a gauge means nothing; "
            "write gauge: instead [wrong-metric-type]"
        )
    ]
    assert "  see llmmon/presets/http.yaml:4:3\n" in ran.out


# Hostile text


@needs_tools
@pytest.mark.parametrize("place", ["selector", "environment", "where", "label value"])
def test_a_hostile_label_value_reaches_every_artifact_intact(fleet: Fleet, place: str) -> None:
    value = json.dumps(HOSTILE)
    match place:
        case "selector":
            fleet.edit("specs/chat.yaml", "{job: chat}", f"{{job: chat, tenant: {value}}}")
        case "environment":
            fleet.edit("specs/fleet.yaml", "{env: production}", f"{{env: {value}}}")
        case "where":
            alert = f"Long: {{signal: queue, above: 5, where: [{{model: {value}, above: 9}}]}}\n"
            fleet.write("specs/chat.yaml", CHAT + f"  {alert}")
            fleet.write("specs/runbooks/chat/Long.md", PROSE)
        case _:
            fleet.edit("specs/chat.yaml", '"false"], model', f'"false", {value}], model')
            fleet.edit(
                "specs/chat.yaml", "'chat_requests_total{ok=\"false\"}'", f"'chat_requests_total{{ok={_promql()}}}'"
            )
    ran = fleet.run("generate")
    assert (ran.problems, ran.code) == ([], CLEAN)
    files = fleet.files()
    rules = yaml.safe_load(files["prometheus/rules/production/chat.yaml"])
    expressions = [rule["expr"] for group in rules["groups"] for rule in group["rules"]]
    assert any(_promql().replace("''", "'") in text for text in expressions)
    for name, content in files.items():
        if name.endswith(".json"):
            json.loads(content)
        if name.endswith((".yaml", ".yml")):
            list(yaml.safe_load_all(content))


def test_a_hostile_selector_reaches_grafana_without_a_variable(fleet: Fleet) -> None:
    fleet.edit("specs/chat.yaml", "{job: chat}", "{job: chat, tenant: a$environment}")
    assert fleet.run("generate").code == CLEAN
    dashboard = fleet.files()["grafana/dashboards/chat/service.json"].decode()
    assert 'tenant=~\\"a[$]environment\\"' in dashboard
    assert 'tenant=\\"a$environment' not in dashboard


def test_hostile_log_text_reaches_logstash_intact(fleet: Fleet) -> None:
    fleet.write("specs/fleet.yaml", FLEET + LOGS)
    fields = "cost: {when: 'a\"b {{ $x ]]>', pattern: 'cost=%{NUMBER:cost}', sample: 'a\"b {{ $x ]]> cost=5', gives: 5}"
    fleet.write("specs/chat.yaml", CHAT + f"logs:\n  input: {{tcp: 5000}}\n  extract:\n    {fields}\n")
    assert fleet.run("generate").problems == []
    assert "'a\"b {{ $x ]]>'" in fleet.files()["logstash/pipeline/chat.conf"].decode()


def _promql() -> str:
    """The value as PromQL writes it, inside single quotes of YAML."""
    return json.dumps(HOSTILE, ensure_ascii=False).replace("'", "''")


# Documents that are odd and fine


@pytest.mark.parametrize(
    "text",
    [
        "\ufeff" + CHAT,
        CHAT.replace("\n", "\r\n"),
        f"---\n{CHAT}...\n",
        f"%YAML 1.1\n---\n{CHAT}",
        CHAT.replace("[model]", "&kept [model]", 1).replace("labels: [model]", "labels: *kept", 1),
    ],
    ids=["a byte order mark", "CRLF", "document marks", "a directive", "an alias"],
)
def test_an_odd_document_gives_the_same_bytes(fleet: Fleet, text: str) -> None:
    fleet.run("generate")
    before = fleet.files()
    fleet.write("specs/chat.yaml", text)
    assert fleet.run("generate").code == CLEAN
    assert fleet.files() == before


# Help


def test_help_keeps_the_lines_of_its_examples() -> None:
    said = CliRunner().invoke(cli.app, ["--help"]).stdout
    assert "    llmmon generate specs/chat.yaml     one service only\n" in said
    said = CliRunner().invoke(cli.app, ["generate", "--help"]).stdout
    assert "    llmmon generate --diff\n    llmmon generate specs/chat.yaml --out /tmp/preview\n" in said


@pytest.mark.parametrize("args", [["--help"], ["--version"], ["generate", "--help"]])
def test_help_imports_nothing_heavy(args: list[str]) -> None:
    ran = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "llmmon", *args], capture_output=True, text=True, check=True
    )
    imported = {line.rpartition("|")[2].strip().partition(".")[0] for line in ran.stderr.splitlines()}
    assert "llmmon" in imported
    assert imported.isdisjoint(HEAVY)


def test_lint_of_files_alone_loads_no_library_but_yaml_and_says_the_same(tmp_path: Path) -> None:
    rules = tmp_path / "rules.yml"
    rules.write_text("groups:\n- name: a\n  rules:\n  - alert: A\n    expr: rate(x[5m] > 1\n")
    command = [sys.executable, "-X", "importtime", "-m", "llmmon", "lint", str(rules)]
    plain = subprocess.run(command, capture_output=True, text=True)
    imported = {line.rpartition("|")[2].strip().partition(".")[0] for line in plain.stderr.splitlines()}
    assert "yaml" in imported
    assert imported.isdisjoint({*HEAVY, "typer", "dataclasses", "inspect"} - {"yaml"})
    with_option = subprocess.run([*command, "--format", "text"], capture_output=True, text=True)
    assert (plain.returncode, plain.stdout) == (with_option.returncode, with_option.stdout)
    assert plain.returncode == FOUND


def test_rules_that_are_right_are_read_without_any_library(tmp_path: Path) -> None:
    rules = tmp_path / "rules.yml"
    rules.write_text("groups:\n- name: a\n  rules:\n  - record: job:up:sum\n    expr: sum by (job) (up)\n")
    command = [sys.executable, "-X", "importtime", "-m", "llmmon", "lint", str(rules)]
    ran = subprocess.run(command, capture_output=True, text=True)
    imported = {line.rpartition("|")[2].strip().partition(".")[0] for line in ran.stderr.splitlines()}
    assert imported.isdisjoint({*HEAVY, "typer", "dataclasses", "inspect"})
    assert ran.returncode == CLEAN


def test_a_large_fleet_shows_progress_on_a_terminal_only(monkeypatch: pytest.MonkeyPatch) -> None:
    names: list[Any] = [f"service{number}" for number in range(cli.LARGE)]
    assert cli._watch([], cli.LARGE) == []
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert cli._watch([], cli.LARGE - 1) == []
    shown = cli._watch(names, cli.LARGE)
    assert not isinstance(shown, list)
    assert list(shown) == names
