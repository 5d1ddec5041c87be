"""Fleets that Thanos holds together: which rule runs where, and that what Thanos would refuse is found."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import engines
import pytest

from llmmon.problem import Problem, Unverified
from llmmon.targets.thanos import TARGET, shard
from llmmon.targets.thanos.judge import refused

if TYPE_CHECKING:
    from llmmon.pipeline import Built

HERE = Path(__file__).parent
CASES = sorted(path.parent.name for path in HERE.glob("*/specs"))
RULES = "thanos/rules/0/production/chat.yaml"
needs_promtool = pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not on PATH")


class Scratch:
    """A case's files, which can be damaged before they are judged."""

    def __init__(self, case: str, root: Path) -> None:
        self.made: Built
        self.made, self.folder = engines.built(HERE / case, root)
        assert self.made.problems == []

    def damage(self, path: str, old: str, new: str) -> None:
        text = (self.folder / path).read_text()
        assert text.count(old) >= 1, text
        (self.folder / path).write_text(text.replace(old, new, 1))

    @property
    def problems(self) -> list[Problem]:
        return [one for one in engines.judged(TARGET, self.made, self.folder) if isinstance(one, Problem)]

    @property
    def messages(self) -> list[str]:
        return [one.message for one in self.problems]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("case", CASES)
def test_a_fleet_becomes_what_thanos_runs(case: str, folder: Path) -> None:
    scratch = Scratch(case, folder)
    assert engines.same(HERE / case, engines.shown(scratch.made, scratch.folder))


@needs_promtool
@pytest.mark.parametrize("case", CASES)
def test_nothing_is_wrong_with_it(case: str, folder: Path) -> None:
    scratch = Scratch(case, folder)
    found = engines.judged(TARGET, scratch.made, scratch.folder)
    assert [one for one in found if not (isinstance(one, Unverified) and "thanos" in one.why)] == []


def test_no_rule_is_evaluated_twice_and_none_is_lost(folder: Path) -> None:
    scratch = Scratch("sidecar", folder)
    text = {path: (scratch.folder / path).read_text() for path in map(str, (i.path for i in scratch.made.written))}
    local, ruler, plain = (
        text[f"{place}/production/chat.yaml"].count("expr:")
        for place in ("prometheus/rules", "thanos/rules/0", "prometheus/plain")
    )
    assert (local, ruler, plain) == (4, 1, 5)


def test_a_services_rules_are_in_one_ruler_and_stay_there() -> None:
    names = [f"service-{number}" for number in range(200)]
    homes = [shard(name, 4) for name in names]
    assert set(homes) == {0, 1, 2, 3}
    assert homes == [shard(name, 4) for name in names]
    assert [shard(name, 1) for name in names] == [0] * 200
    assert shard("chat", 1000) == 194


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("partial_response_strategy: abort", "partial_response_strategy: retry", "'retry' is no strategy"),
        ("  partial_response_strategy: abort\n", "", "partial_response_strategy is missing"),
        ("  partial_response_strategy: abort\n", "  partial_response: abort\n", "no field 'partial_response'"),
        ("  rules:\n", "  source_tenants: [a]\n  rules:\n", "no field 'source_tenants'"),
        ("groups:", "groups: {", "not YAML"),
    ],
)
def test_a_rule_file_that_a_ruler_would_not_read_is_found(folder: Path, old: str, new: str, said: str) -> None:
    scratch = Scratch("sidecar", folder)
    scratch.damage(RULES, old, new)
    assert any(said in message and RULES in message for message in scratch.messages), scratch.messages


@needs_promtool
def test_an_expression_that_promtool_refuses_is_found_at_its_alert(folder: Path) -> None:
    scratch = Scratch("sidecar", folder)
    scratch.damage(RULES, "offset 7d", "offset 7x")
    problem = scratch.problems[0]
    assert str(problem.origin) == "specs/chat.yaml:13:3"


def test_rules_in_two_rulers_are_found(folder: Path) -> None:
    scratch = Scratch("sidecar", folder)
    (file,) = [item for item in scratch.made.written if str(item.path) == RULES]
    other = type(file)(type(file.path)("thanos/rules/1/production/chat.yaml"), file.origins, file.owner)
    (scratch.folder / other.path).parent.mkdir(parents=True)
    (scratch.folder / other.path).write_text((scratch.folder / RULES).read_text())
    scratch.made.written.append(other)
    assert any("the same rules are in" in message for message in scratch.messages)


@pytest.mark.parametrize(
    ("path", "old", "new", "said"),
    [
        ("thanos/query.yaml", "static_configs", "static_config", "there is no field 'static_config'"),
        ("thanos/query.yaml", "scheme: http", "scheme: grpc", "'grpc' is no scheme"),
        ("thanos/query.yaml", "thanos-query-0:9090", "http://thanos-query-0:9090", "is no address"),
        ("thanos/alertmanagers.yaml", "api_version: v2", "api_version: v1", "is no version"),
        ("thanos/alertmanagers.yaml", "bearer_token_file", "credentials_file", "no field 'credentials_file'"),
        ("thanos/ruler-0.flags.txt", "--rule-file=", "--rules-file=", "ruler has no flag '--rules-file="),
        ("thanos/ruler-1.flags.txt", "--alert.label-drop=replica", "--alert.label-drop=pod", "no --label is called"),
        ("thanos/sidecar.flags.txt", "--objstore.config-file=", "#", "sidecar needs --objstore.config-file"),
    ],
)
def test_a_command_line_or_file_that_thanos_would_refuse_is_found(
    folder: Path, path: str, old: str, new: str, said: str
) -> None:
    scratch = Scratch("sidecar", folder)
    scratch.damage(path, old, new)
    assert any(said in message and path in message for message in scratch.messages), scratch.messages


@pytest.mark.parametrize("value", ["eu-1", 'a"b', "a\\b", "a b", "$x", "ü"])
def test_any_label_value_is_one_that_the_judge_takes(value: str) -> None:
    from llmmon.targets.thanos.flags import _quoted

    assert not [why for why in refused("ruler", [f"--label=x={_quoted(value)}"]) if "no value" in why]
