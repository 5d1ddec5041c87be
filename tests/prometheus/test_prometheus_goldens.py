"""Small specs and the rules that they become; `LLMMON_REWRITE=1 pytest tests/prometheus` rewrites the rules."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from llmmon import pipeline
from llmmon.lower import lower_fleet
from llmmon.problem import Level
from llmmon.target import Written
from llmmon.targets.prometheus import TARGET
from llmmon.tool import Tools

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.problem import Problem

HERE = Path(__file__).parent
CASES = sorted(path.parent.name for path in HERE.glob("*/spec.yaml"))
RECORDED = re.compile(r"service(_[a-zA-Z_]\w*)?:[a-z][a-z0-9_]*:[a-z0-9_]+\Z")
FIVE = {"severity", "category", "service", "team", "environment"}


class Rules:
    """The rule files of all cases, made in one run."""

    def __init__(self, scratch: Path) -> None:
        self.scratch = scratch
        (scratch / "specs").mkdir()
        shutil.copy(HERE / "fleet.yaml", scratch / "specs/fleet.yaml")
        for case in CASES:
            shutil.copy(HERE / case / "spec.yaml", scratch / f"specs/{case}.yaml")
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(scratch)
            specs = pipeline.read([Path("specs")])
        fleet, problems = lower_fleet(specs.fleet)
        assert fleet
        self.fleet = fleet
        self.problems: list[Problem] = [*specs.problems, *problems]
        self.artifacts = {}
        for service in pipeline.lowered(specs, fleet, self.problems):
            assert TARGET.of_service
            self.artifacts.update({artifact.path: artifact for artifact in TARGET.of_service(fleet, service)})

    def text(self, case: str, environment: str) -> str:
        return self.artifacts[PurePosixPath("prometheus/rules", environment, f"{case.replace('_', '-')}.yaml")].text

    def groups(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        """Environment, service and group of every rule file."""
        for path, artifact in self.artifacts.items():
            for group in yaml.safe_load(artifact.text)["groups"]:
                yield path.parent.name, path.stem, group


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> Rules:
    return Rules(tmp_path_factory.mktemp("cases"))


def test_no_case_has_a_problem(rules: Rules) -> None:
    found = [problem for problem in rules.problems if problem.level is not Level.NOTE]
    assert [f"{problem.origin}: {problem.message}" for problem in found] == []


@pytest.mark.parametrize("case", CASES)
def test_the_rules_are_those_that_a_human_has_read(case: str, rules: Rules) -> None:
    wanted = {"rules.yaml": "production", "staging.yaml": "staging"}
    for name, environment in wanted.items():
        golden = HERE / case / name
        if name == "staging.yaml" and not golden.exists():
            continue
        if os.environ.get("LLMMON_REWRITE"):
            golden.write_text(rules.text(case, environment))
        assert rules.text(case, environment) == golden.read_text()


def test_promtool_accepts_every_rule_file(rules: Rules) -> None:
    if shutil.which("promtool") is None:
        pytest.skip("promtool is not on PATH")
    written = []
    for artifact in rules.artifacts.values():
        path = rules.scratch / artifact.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(artifact.text)
        written.append(Written(artifact.path, artifact.origins, artifact.owner))
    assert TARGET.verify
    tools = Tools(rules.scratch, os.environ)
    assert list(TARGET.verify(rules.fleet, (), rules.scratch, written, tools)) == []


def test_a_group_is_named_after_its_place_and_holds_at_most_20_rules(rules: Rules) -> None:
    for environment, service, group in rules.groups():
        assert re.fullmatch(rf"{service}\.{environment}\.[a-z]+(-[2-9]|-[1-9]\d+)?", group["name"])
        assert 1 <= len(group["rules"]) <= 20


def test_a_rule_reads_only_what_was_recorded_before_it_in_its_group_or_over_a_long_time(rules: Rules) -> None:
    for _, _, group in rules.groups():
        own = [rule["record"] for rule in group["rules"] if "record" in rule]
        if ".long" in group["name"]:  # evaluated after the groups whose history it sums, and less often
            assert group["interval"] == "2m"
            continue
        for index, rule in enumerate(group["rules"]):
            now = re.sub(r"sum_over_time\([^()]*\)", "", rule["expr"])  # what it sums may lack its last sample
            read = set(re.findall(r"\bservice[a-z_]*:\w+:\w+", now))
            if "record" in rule:
                assert read <= set(own[:index]), f"{rule['record']} reads {read - set(own[:index])}"
            else:
                assert not own, "alerts and recording rules do not share a group"


def test_every_series_that_an_alert_reads_is_recorded_in_its_file(rules: Rules) -> None:
    for artifact in rules.artifacts.values():
        every = [rule for group in yaml.safe_load(artifact.text)["groups"] for rule in group["rules"]]
        recorded = {rule.get("record") for rule in every}
        for rule in every:
            assert set(re.findall(r"\bservice[a-z_]*:\w+:\w+", rule["expr"])) <= recorded


def test_recorded_series_follow_the_naming_and_carry_service_and_environment(rules: Rules) -> None:
    for environment, service, group in rules.groups():
        for rule in (rule for rule in group["rules"] if "record" in rule):
            assert RECORDED.match(rule["record"])
            assert rule["labels"].items() >= {"service": service, "environment": environment}.items()


def test_alerts_have_all_static_labels_and_links(rules: Rules) -> None:
    for environment, service, group in rules.groups():
        for rule in (rule for rule in group["rules"] if "alert" in rule):
            labels, annotations = rule["labels"], rule["annotations"]
            assert labels.keys() >= FIVE
            assert (labels["service"], labels["environment"]) == (service, environment)
            assert ("namespace" in labels) == (service == "workload")
            assert labels.keys() - FIVE - {"namespace"} in (set(), {"slo", "window", "revision"}, {"slo"})
            assert group["name"].split(".")[2].partition("-")[0] == labels["category"]
            assert annotations.keys() == {"summary", "description", "runbook_url", "dashboard_url"}
            assert annotations["runbook_url"].endswith(f"/{service}/{rule['alert']}")


def test_two_rules_of_one_name_differ_in_their_labels(rules: Rules) -> None:
    for artifact in rules.artifacts.values():
        every = [rule for group in yaml.safe_load(artifact.text)["groups"] for rule in group["rules"]]
        seen = [(rule.get("alert"), rule.get("record"), tuple(sorted(rule["labels"].items()))) for rule in every]
        assert len(seen) == len(set(seen))


def test_every_selector_is_pinned_to_the_environment(rules: Rules) -> None:
    from llmmon import promql

    for environment, _, group in rules.groups():
        for rule in group["rules"]:
            for node in promql.walk(promql.parse(rule["expr"])):
                if isinstance(node, promql.Selector):
                    pinned = {m.label: m.value for m in node.matchers if m.op == "="}
                    assert environment in (pinned.get("env"), pinned.get("environment"))
