"""Alerts of every kind of objective, on promtool: they fire and stay silent as their shapes say, and mutants die."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from behaviour_mutants import mutants

from llmmon import pipeline
from llmmon.prove import Rulebook, prove
from llmmon.tool import Tools

if TYPE_CHECKING:
    from collections.abc import Iterator

CASES = Path(__file__).parents[1] / "prometheus"
KINDS = (
    "grouped",
    "in_slices",
    "of_a_condition",
    "of_a_share",
    "of_an_expression",
    "of_parts",
    "of_two_signals",
)
SHORTEST, LONGEST = "", ".2h"  # the steps of the fast pair, and of the drip pair and of a budget that is used up
MUST_DIE = {"threshold x2", "flipped", "no env"}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    root = tmp_path_factory.mktemp("objectives")
    return root / "generated", build(root, KINDS, (CASES / "fleet.yaml").read_text())


def build(root: Path, kinds: tuple[str, ...], fleet: str) -> list[str]:
    """Rules and tests of the golden cases; gives the problems."""
    (root / "specs").mkdir()
    (root / "specs/fleet.yaml").write_text(fleet)
    for kind in kinds:
        shutil.copy(CASES / f"objective_{kind}/spec.yaml", root / f"specs/{kind}.yaml")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        made = pipeline.build(pipeline.read([Path("specs")]), root / "generated", verify=False)
    return [f"{problem.rule}: {problem.message}" for problem in made.problems]


@pytest.fixture
def tools(tmp_path: Path) -> Tools:
    return Tools(tmp_path, os.environ)


def test_each_alert_of_each_kind_has_a_test(built: tuple[Path, list[str]]) -> None:
    assert built[1] == []


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_fires_on_its_incident_and_is_silent_otherwise(
    kind: str, built: tuple[Path, list[str]], tools: Tools
) -> None:
    verdicts = list(prove(_files(built[0], kind), tools))
    names = {verdict.group.partition("@")[0] for verdict in verdicts}
    assert names == {"SLOErrorBudgetBurn", "SLOErrorBudgetExhausted", "SLOMetricAbsent"}
    assert [f"{v.group}\n{v.failure}" for v in verdicts if v.failure] == []


def test_mutants_of_the_rules_are_noticed(built: tuple[Path, list[str]], tools: Tools, tmp_path: Path) -> None:
    files = {}
    for number, (kind, mutant, rules, tests) in enumerate(_mutants(built[0])):
        home = tmp_path / f"{number}"
        home.mkdir()
        (home / "rules.json").write_text(json.dumps(rules))
        (home / "test.yaml").write_text(json.dumps({**tests, "rule_files": ["rules.json"]}))
        files[home / "test.yaml"] = (kind, mutant)
    dead = {files[verdict.file] for verdict in prove(list(files), tools) if verdict.failure}
    assert sorted(set(files.values()) - dead) == []


def _mutants(folder: Path) -> Iterator[tuple[str, str, dict[str, Any], dict[str, Any]]]:
    """Of the fast pair of one objective of each kind."""
    for kind in ("grouped", "in_slices", "of_a_condition", "of_a_share"):
        file = _files(folder, kind)[0]
        data = yaml.safe_load(file.read_text())
        test = next(test for test in data["tests"] if re.fullmatch(r"SLOErrorBudgetBurn@\w+-fast", test["name"]))
        labels = {"alertname": "SLOErrorBudgetBurn", "slo": test["name"][19:-5], "window": "1h"}
        book = Rulebook(yaml.safe_load((file.parent / data["rule_files"][0]).resolve().read_text())["groups"])
        for name, rules in mutants(book, labels):
            if name in MUST_DIE:
                yield kind, name, rules, {**data, "tests": [test]}


def test_native_histograms_are_tested_where_promtool_reads_them(tmp_path: Path, tools: Tools) -> None:
    case = ("of_a_native_histogram",)
    fleet = (CASES / "fleet.yaml").read_text()
    new, old = tmp_path / "new", tmp_path / "old"
    new.mkdir()
    old.mkdir()
    told = [problem for problem in build(old, case, fleet) if problem.startswith("no-proof")]
    assert len(told) == 2
    assert all("promtool reads native histograms in tests from 2.48 on" in problem for problem in told)
    assert not any("no-proof" in problem for problem in build(new, case, f'{fleet}versions: {{prometheus: "3.5"}}\n'))
    if _promtool() < (2, 48):
        pytest.skip("promtool on PATH is older than 2.48, and reads no native histograms in tests")
    verdicts = list(prove(sorted((new / "generated").glob("prometheus/tests/production/*.yaml")), tools))
    assert len(verdicts) == 6
    assert [f"{v.group}\n{v.failure}" for v in verdicts if v.failure] == []


def _promtool() -> tuple[int, ...]:
    path = shutil.which("promtool")
    said = subprocess.run([path, "--version"], capture_output=True, text=True, check=True) if path else None
    found = re.search(r"version (\d+)\.(\d+)", said.stdout + said.stderr) if said else None
    return tuple(map(int, found.groups())) if found else (0,)


def _files(folder: Path, kind: str) -> list[Path]:
    name = f"objective-{kind.replace('_', '-')}"
    home = folder / "prometheus/tests/production"
    return [home / f"{name}{step}.yaml" for step in (SHORTEST, LONGEST)]
