"""Fleets that Thanos holds together: which rule runs where, and that what Thanos would refuse is found."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from engines import Scratch, same

from llmmon.problem import Unverified
from llmmon.targets.thanos import TARGET, shard
from llmmon.targets.thanos.judge import refused

HERE = Path(__file__).parent
CASES = sorted(path.parent.name for path in HERE.glob("*/specs"))
RULES = "thanos/rules/0/production/chat.yaml"
needs_promtool = pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not on PATH")


def scratch(case: str, folder: Path) -> Scratch:
    """A case of ours."""
    return Scratch(TARGET, HERE / case, folder)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("case", CASES)
def test_a_fleet_becomes_what_thanos_runs(case: str, folder: Path) -> None:
    built = scratch(case, folder)
    assert same(HERE / case, built.shown)


@needs_promtool
@pytest.mark.parametrize("case", CASES)
def test_nothing_is_wrong_with_it(case: str, folder: Path) -> None:
    built = scratch(case, folder)
    found = built.judged
    assert [one for one in found if not (isinstance(one, Unverified) and "thanos" in one.why)] == []


def test_no_rule_is_evaluated_twice_and_none_is_lost(folder: Path) -> None:
    built = scratch("sidecar", folder)
    text = {path: (built.folder / path).read_text() for path in map(str, (i.path for i in built.made.written))}
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
    built = scratch("sidecar", folder)
    built.damage(RULES, old, new)
    assert any(said in message and RULES in message for message in built.messages), built.messages


@needs_promtool
def test_its_behaviour_tests_hold(folder: Path) -> None:
    assert set(scratch("sidecar", folder).failures) == {None}


@needs_promtool
def test_an_expression_that_promtool_refuses_is_found_at_its_alert(folder: Path) -> None:
    built = scratch("sidecar", folder)
    built.damage(RULES, "offset 7d", "offset 7x")
    problem = built.problems[0]
    assert str(problem.origin) == "specs/chat.yaml:13:3"


def test_rules_in_two_rulers_are_found(folder: Path) -> None:
    built = scratch("sidecar", folder)
    (file,) = [item for item in built.made.written if str(item.path) == RULES]
    other = type(file)(type(file.path)("thanos/rules/1/production/chat.yaml"), file.origins, file.owner)
    (built.folder / other.path).parent.mkdir(parents=True)
    (built.folder / other.path).write_text((built.folder / RULES).read_text())
    built.made.written.append(other)
    assert any("the same rules are in" in message for message in built.messages)


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
    built = scratch("sidecar", folder)
    built.damage(path, old, new)
    assert any(said in message and path in message for message in built.messages), built.messages


@pytest.mark.parametrize("value", ["eu-1", 'a"b', "a\\b", "a b", "$x", "ü"])
def test_any_label_value_is_one_that_the_judge_takes(value: str) -> None:
    from llmmon.targets.thanos.flags import _quoted

    assert not [why for why in refused("ruler", [f"--label=x={_quoted(value)}"]) if "no value" in why]
