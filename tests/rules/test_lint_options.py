"""`llmmon lint` as people use it: which rules, accepted findings, what changed, standard input, formats, settings."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest
import yaml
from typer.testing import CliRunner

from llmmon import cli
from llmmon.selection import known

if TYPE_CHECKING:
    from conftest import Fleet

ALL = ["missing-parts", "no-runbook", "rate-on-gauge", "up-without-absent"]
ROOT = Path(__file__).parents[2]
GAUGE = "app_cpu_usage_ratio is a gauge"
RULES = """\
groups:
  - name: api
    rules:
      - alert: HighCPU
        expr: rate(app_cpu_usage_ratio[5m]) > 0.7
        for: 10m
        labels: {severity: warning}
        annotations: {summary: s, description: d}
      - alert: Bare
        expr: up{job="a"} == 0
        for: 5m
"""


@pytest.fixture
def rules(fleet: Fleet) -> Fleet:
    """A folder with a file of rules in it."""
    fleet.write("rules/api.yml", RULES)
    return fleet


def slugs(rules: Fleet, *options: str) -> list[str]:
    ran = rules.run("lint", "rules", "--advice", "--format", "json", *options)
    return sorted({item["rule"] for item in json.loads(ran.out)})


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ((), ALL),
        (("--select", "promql"), ["rate-on-gauge"]),
        (("--select", "Q0"), ["rate-on-gauge"]),
        (("--select", "Q020,A019"), ["missing-parts", "rate-on-gauge"]),
        (("--ignore", "alerts"), ["rate-on-gauge"]),
        (("--ignore", "rate-on-gauge", "--ignore", "A0"), []),
        (("--select", "alerts", "--ignore", "missing-parts,A021"), ["up-without-absent"]),
        (("--profile", "pint"), ["missing-parts", "rate-on-gauge"]),
        (("--profile", "promtool"), []),
        (("--profile", "mixin", "--select", "alerts"), ["alert-style", "missing-parts"]),
    ],
)
def test_rules_are_chosen_by_slug_code_family_and_profile(
    rules: Fleet, options: tuple[str, ...], found: list[str]
) -> None:
    assert slugs(rules, *options) == found


def test_a_matter_of_taste_is_asked_where_it_is_named_or_everything_is_wanted(rules: Fleet) -> None:
    assert {*ALL, "alert-style"} <= set(slugs(rules, "--profile", "strict"))
    assert slugs(rules, "--select", "A026") == ["alert-style"]
    assert "alert-style" not in slugs(rules, "--select", "alerts")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--select", "rate-on-gage"), "no rule is named 'rate-on-gage': did you mean 'rate-on-gauge'?"),
        (("--profile", "pnt"), "there is no profile 'pnt': write one of promtool, pint, mixin, strict"),
        (("--prometheus-version", "three"), "'three' is no version: write it like 3.5"),
        (("--since", "nowhere"), "--since: git"),
        (("--baseline", "none.json"), "`--write-baseline none.json` makes it"),
    ],
)
def test_an_option_that_is_wrong_is_said_and_ends_with_two(
    rules: Fleet, options: tuple[str, ...], message: str
) -> None:
    ran = rules.run("lint", "rules", "--advice", *options)
    assert (ran.code, ran.out) == (2, "")
    assert message in ran.err


def test_a_comment_without_a_reason_is_said_where_somebody_asks(rules: Fleet) -> None:
    rules.write("rules/muted.yml", "# llmmon: ignore-file[*]\ngroups: [{name: a, rules: [{alert: A, expr: up}]}]\n")
    assert set(slugs(rules, "--select", "alerts,S004")) - set(slugs(rules, "--select", "alerts")) == {
        "suppression-without-reason"
    }
    assert {"file-skipped", "suppression-without-reason"} <= set(slugs(rules, "--profile", "strict"))
    assert not {"file-skipped", "suppression-without-reason"} & set(slugs(rules))


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        (("rules",), ["rate-on-gauge"]),
        (("rules/api.yml",), ALL),
        (("rules", "rules/api.yml"), ALL),
        (("rules", "--advice"), ALL),
        (("rules/api.yml", "--no-advice"), ["rate-on-gauge"]),
        (("rules", "--select", "missing-parts,Q020"), ["missing-parts", "rate-on-gauge"]),
        (("rules", "--select", "A019"), ["missing-parts"]),
        (("rules", "--select", "alerts"), []),
    ],
)
def test_advice_is_given_where_files_are_named_or_it_is_asked_for(
    rules: Fleet, arguments: tuple[str, ...], found: list[str]
) -> None:
    ran = rules.run("lint", *arguments, "--format", "json")
    items = json.loads(ran.out)
    assert sorted({item["rule"] for item in items}) == found
    assert {item["rule"] for item in items if not item["advice"]} <= {"rate-on-gauge"}


def test_a_file_that_is_named_twice_is_read_once(rules: Fleet) -> None:
    said = rules.run("lint", "rules/api.yml", "rules", "rules", ".", "--advice").problems
    assert not any("duplicate-rule" in line for line in said)


def test_what_is_left_unsaid_is_counted(rules: Fleet) -> None:
    assert rules.run("lint", "rules").err.endswith("1 error; --advice says 4 more\n")
    rules.edit("rules/api.yml", "rate(app_cpu_usage_ratio[5m])", "app_cpu_usage_ratio")
    assert rules.run("lint", "rules").err == "no problems; --advice says 4 more\n"
    assert rules.run("lint", "rules", "--no-advice").err == ""


def test_a_setting_asks_for_advice(rules: Fleet) -> None:
    rules.write("pyproject.toml", "[tool.llmmon.lint]\nadvice = true\n")
    assert "[missing-parts]" in rules.run("lint", "rules").out
    assert "[missing-parts]" not in rules.run("lint", "rules", "--no-advice").out
    rules.write("pyproject.toml", "[tool.llmmon.lint]\nadvice = 'always'\n")
    assert "pyproject.toml: advice is true or false" in rules.run("lint", "rules").err


def test_settings_of_other_tools_are_theirs(rules: Fleet) -> None:
    rules.write("pyproject.toml", "[tool.x]\n~ = 1\n")
    assert slugs(rules) == ALL
    rules.write("pyproject.toml", "[tool.llmmon.lint]\n~ = 1\n")
    assert "pyproject.toml: Invalid" in rules.run("lint", "rules").err


def test_a_comment_that_mutes_advice_is_used_where_nobody_hears_it(rules: Fleet) -> None:
    rules.write(
        "rules/api.yml", RULES.replace("      - alert: Bare", "      - alert: Bare  # llmmon: ignore[A019] ours")
    )
    assert "unused-suppression" not in rules.run("lint", "rules", "--no-advice").out
    accepted = rules.run("lint", "rules", "--advice", "--write-baseline", "accepted.json")
    assert accepted.code == 0
    assert rules.run("lint", "rules", "--baseline", "accepted.json", "--fail-on", "note").out == ""


def test_a_rule_that_is_locked_is_muted_by_no_comment(rules: Fleet) -> None:
    text = "# llmmon: ignore-file[no-runbook] not here\ngroups: [{name: a, rules: [{alert: A, expr: up == 0}]}]\n"
    rules.write("rules/muted.yml", text)
    rules.write("pyproject.toml", '[tool.llmmon.lint]\nlocked = ["no-runbook"]\n')
    (line,) = (line for line in rules.run("lint", "rules/muted.yml").problems if "locked" in line)
    assert line.startswith("rules/muted.yml:1:1: error: no-runbook is locked, and no comment mutes it")
    rules.write("pyproject.toml", '[tool.llmmon.lint]\nlocked = ["no-runbok"]\n')
    assert "did you mean 'no-runbook'?" in rules.run("lint", "rules", "--advice").err


POLICY = "[tool.llmmon.lint.policy]\n"


def test_a_policy_is_asked_where_there_is_one(rules: Fleet) -> None:
    assert "house-policy" not in slugs(rules)
    rules.write("pyproject.toml", POLICY + 'required-labels = ["team"]\nfor-at-least = "7m"\n')
    said = rules.run("lint", "rules", "--advice", "--select", "R042").problems
    assert [line.split(" [")[0] for line in said] == [
        "rules/api.yml:7:9: warning: the policy wants a label team: write it below labels:",
        "rules/api.yml:9:9: warning: the policy wants a label team: write it below labels:",
        "rules/api.yml:11:9: warning: the policy wants for: 7m or more: write that",
    ]
    (rules.root / "pyproject.toml").unlink()
    rules.write(".llmmon.yaml", "lint: {policy: {label-values: {severity: critical}}}\n")
    (severity,) = rules.run("lint", "rules", "--advice", "--select", "R042").problems
    assert severity.startswith(
        "rules/api.yml:7:18: warning: the policy wants severity to be critical, and not 'warning'"
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (POLICY + 'required-label = ["a"]\n', "unknown setting 'required-label': did you mean 'required-labels'?"),
        (POLICY + 'required-labels = "a"\n', "required-labels is a list of texts"),
        (POLICY + "label-values = []\n", "label-values is a table"),
        (POLICY + 'label-values = {a = "("}\n', "label-values: a: '(' is no pattern"),
        (POLICY + "alert-name = 5\n", "alert-name: 5 is no pattern"),
        (POLICY + 'owners = "("\n', "owners: '(' is no pattern"),
        (POLICY + 'look-back-at-most = "5"\n', "look-back-at-most: '5' is no duration"),
        (POLICY + 'for-at-most = "soon"\n', "for-at-most: 'soon' is no duration"),
        ("[tool.llmmon.lint]\npolicy = 5\n", "policy is no table"),
    ],
)
def test_a_policy_that_is_wrong_is_a_mistake_of_usage(rules: Fleet, text: str, message: str) -> None:
    rules.write("pyproject.toml", text)
    ran = rules.run("lint", "rules", "--advice")
    assert (ran.code, ran.out) == (2, "")
    assert message in " ".join(ran.err.split())


def test_settings_of_the_project_hold_and_options_stand_over_them(rules: Fleet) -> None:
    rules.write(
        "pyproject.toml",
        '[tool.llmmon.lint]\nignore = ["missing-parts", "no-runbook"]\nexclude = ["rules/old*.yml"]\n'
        'levels = {rate-on-gauge = "note"}\n',
    )
    rules.write("rules/old.yml", RULES)
    ran = rules.run("lint", "rules", "--advice", "--select", "promql,alerts")
    assert [line for line in ran.problems if "old" in line] == []
    assert ran.code == 0
    assert slugs(rules) == ["rate-on-gauge", "up-without-absent"]
    assert "note: " + GAUGE in ran.out


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        (".llmmon.yaml", "lint: {selct: [a]}\n", ".llmmon.yaml: unknown setting 'selct': did you mean 'select'?"),
        (".llmmon.yaml", "lint: {select: 3}\n", ".llmmon.yaml: select is a list of texts"),
        (".llmmon.yaml", "lint: [\n", ".llmmon.yaml: not YAML"),
        ("pyproject.toml", "[tool.llmmon\n", "pyproject.toml: "),
        ("pyproject.toml", "[tool.llmmon.lint]\nlevels = {no-hold = 'bad'}\n", "levels: no-hold: 'bad' is no level"),
    ],
)
def test_settings_that_are_wrong_are_said(rules: Fleet, name: str, text: str, message: str) -> None:
    rules.write(name, text)
    ran = rules.run("lint", "rules", "--advice")
    assert ran.code == 2
    assert message in ran.err


def test_what_a_baseline_accepts_is_not_said_again_wherever_it_moves(rules: Fleet) -> None:
    accepted = rules.run("lint", "rules", "--advice", "--write-baseline", "accepted.json")
    assert (accepted.code, accepted.err.strip()) == (0, "accepted.json: 5 accepted")
    rules.edit("rules/api.yml", "    rules:\n", "    interval: 1m\n    rules:\n\n")
    assert rules.run("lint", "rules", "--advice", "--baseline", "accepted.json", "--fail-on", "note").out == ""
    rules.edit("rules/api.yml", "rate(app_cpu_usage_ratio[5m])", "rate(app_memory_usage_ratio[5m])")
    again = rules.run("lint", "rules", "--advice", "--baseline", "accepted.json")
    assert "app_memory_usage_ratio is a gauge" in again.out
    assert "note: rate-on-gauge is accepted in rules/api.yml and not found there any more" in again.out
    assert again.code == 1


def test_the_same_fault_on_another_line_like_it_is_new(rules: Fleet) -> None:
    rules.run("lint", "rules", "--advice", "--write-baseline", "accepted.json")
    rules.write("rules/api.yml", RULES + RULES.partition("rules:\n")[2].partition("      - alert: Bare")[0])
    assert GAUGE in rules.run("lint", "rules", "--advice", "--baseline", "accepted.json").out


def git(root: object, *arguments: str) -> None:
    who = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(("git", *who, *arguments), cwd=str(root), check=True, capture_output=True)  # noqa: S607


def test_since_a_revision_only_rules_that_were_touched_are_news(rules: Fleet) -> None:
    git(rules.root, "init", "--quiet")
    git(rules.root, "add", ".")
    git(rules.root, "commit", "--quiet", "-m", "a")
    assert rules.run("lint", "rules", "--advice", "--since", "HEAD", "--fail-on", "note").out == ""
    rules.edit("rules/api.yml", "for: 10m", "for: 20m")  # the fault is on another line of the same rule
    said = rules.run("lint", "rules", "--since", "HEAD")
    assert [line.split(": ")[0] for line in said.problems] == ["rules/api.yml:5:15"]
    rules.write("rules/new.yml", RULES.replace("api", "new"))
    assert any(
        line.startswith("rules/new.yml:9:")
        for line in rules.run("lint", "rules", "--advice", "--since", "HEAD").problems
    )


def test_since_a_revision_a_rule_that_went_away_is_missed_where_nobody_touched_anything(rules: Fleet) -> None:
    record = "groups: [{name: g, rules: [{record: 'a:b', expr: 'sum(x)'}]}]\n"
    reader = "groups: [{name: h, rules: [{record: 'c:d', expr: 'max(a:b)'}]}]\n"
    rules.write("rules/record.yml", record)
    rules.write("rules/reader.yml", reader)
    git(rules.root, "init", "--quiet")
    git(rules.root, "add", ".")
    git(rules.root, "commit", "--quiet", "-m", "a")
    options = ("lint", "rules", "--advice", "--since", "HEAD", "--select", "removed-rule")
    assert rules.run(*options).out == ""
    (rules.root / "rules/record.yml").unlink()
    (gone,) = rules.run(*options).problems
    assert gone.startswith("rules/reader.yml:1:55: error: the rule that records a:b is gone")
    rules.write("rules/record.yml", "groups: [")
    assert [line for line in rules.run(*options).problems if "is gone" in line] == []
    (rules.root / "rules/record.yml").unlink()
    rules.write("rules/moved.yml", record)
    assert rules.run(*options).out == ""
    rules.write("rules/moved.yml", "groups: [")
    assert [line for line in rules.run(*options).problems if "is gone" in line] == []
    assert rules.run("lint", "rules", "--advice", "--since=--output=x").code == 2
    assert not (rules.root / "x").exists()


def test_standard_input_has_a_name() -> None:
    ran = CliRunner().invoke(cli.app, ["lint", "-", "--stdin-filename", "a.yml"], input=RULES)
    assert "a.yml:5:15: error: " + GAUGE in ran.output
    broken = CliRunner().invoke(cli.app, ["lint", "-"], input=b"\xff\xfe")
    assert "<stdin>:1:1: error: not UTF-8" in broken.output


def test_checkstyle_and_junit_are_xml_with_every_problem(rules: Fleet) -> None:
    rules.edit("rules/api.yml", "alert: Bare", 'alert: "a<b&\\"c\\u0001"')
    checkstyle = ElementTree.fromstring(rules.run("lint", "rules", "--advice", "--format", "checkstyle").out)  # noqa: S314 - our own
    errors = [(item.get("line"), item.get("severity"), item.get("source")) for item in checkstyle.iter("error")]
    assert ("5", "error", "llmmon.rate-on-gauge") in errors
    junit = ElementTree.fromstring(rules.run("lint", "rules", "--advice", "--format", "junit").out)  # noqa: S314 - our own
    suite = junit.find("testsuite")
    assert suite is not None
    assert int(suite.get("failures", "0")) == len(errors) == len(list(junit.iter("failure")))


def test_no_problem_is_a_test_that_passed(fleet: Fleet) -> None:
    ran = fleet.run("lint", "specs/chat.yaml", "--format", "junit")
    junit = ElementTree.fromstring(ran.out)  # noqa: S314 - our own
    assert [case.get("name") for case in junit.iter("testcase")] == ["no problems"]
    assert list(junit.iter("failure")) == []


def test_stats_count_what_each_rule_says(rules: Fleet) -> None:
    ran = rules.run("lint", "rules", "--advice", "--stats")
    assert "     2 warning  missing-parts" in ran.err


def test_every_rule_has_a_page_and_a_line_in_the_list(fleet: Fleet) -> None:
    listed = fleet.run("rules").out
    assert all(slug in listed for slug in known())
    for slug, about in [*known().items()][::10]:
        assert fleet.run("rule", slug).out.startswith(f"{slug}: {about.graded}\n")
    assert fleet.run("rule", "Q020").out.startswith("rate-on-gauge: Q020, error\n")
    assert fleet.run("rule", "no-hold").out.startswith("no-hold: A007 warning (advice), A006 note (advice)\n")
    assert fleet.run("rule", "expired-suppression").out.startswith("expired-suppression: S003, warning\n")
    missing = fleet.run("rule", "rate-on-gage")
    assert (missing.code, "did you mean 'rate-on-gauge'?" in missing.err) == (2, True)
    assert fleet.run("rules", "nothing").code == 2


def test_no_code_is_given_twice() -> None:
    codes = [code for about in known().values() for code in about.codes]
    assert sorted(codes) == sorted(set(codes))


def test_the_hooks_and_the_action_call_what_there_is(fleet: Fleet) -> None:
    hooks = {hook["id"]: hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}
    assert set(hooks) == {"llmmon-check", "llmmon-lint"}
    fleet.write("values.yaml", "replicas: 3\n")
    program, *options = hooks["llmmon-lint"]["entry"].split()
    assert program == "llmmon"
    ran = fleet.run(*options, "values.yaml", "--fail-on", "note")
    assert (ran.code, ran.out) == (0, "")


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"COMMAND": "lint", "PATHS": "rules", "OPTIONS": "--select promql"}, 1),
        ({"COMMAND": "lint", "PATHS": "", "OPTIONS": "--select metrics --quiet"}, 0),
        ({"COMMAND": "lint", "PATHS": "rules $(touch made)", "OPTIONS": "--stats"}, 1),
        ({"COMMAND": "rm", "PATHS": "", "OPTIONS": ""}, 2),
    ],
)
def test_the_action_runs_what_it_is_given_and_nothing_else(rules: Fleet, given: dict[str, str], code: int) -> None:
    step = yaml.safe_load((ROOT / "action.yml").read_text())["runs"]["steps"][-1]
    path = {"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin"}
    ran = subprocess.run(
        ("/bin/bash", "-e", "-c", step["run"]), env={**path, **given}, cwd=rules.root, capture_output=True, check=False
    )
    assert ran.returncode == code, ran.stderr
    assert not (rules.root / "made").exists()
