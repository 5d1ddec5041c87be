"""Presets: how they merge, where their keys were written, and that each one stands alone."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from llmmon import catalogue, pipeline, preset, promql
from llmmon.lower import lower_fleet
from llmmon.problem import Problem
from llmmon.source import values
from llmmon.source.document import Document
from llmmon.target import Written
from llmmon.targets.prometheus import TARGET
from llmmon.tool import Tools

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.plan import Metric

FLEET = """\
fleet: acme
environments: {production: {selector: {env: production}}}
teams: {inference: {}}
catch_all: [{slack: "#all"}]
receivers: {slack: {secret: slack/url}}
"""
MINIMAL = "team: inference\nselector: {job: chat}\nworkload: {namespace: llm, name: chat}\n"
NAMES = preset.names()


def expand(text: str) -> preset.Expanded:
    """A service's spec over its presets."""
    document = Document("specs/chat.yaml", text)
    data, problems = values.parse(document)
    assert data is not None, problems
    expanded, found = preset.expand(data, document, ())
    assert found == []
    return expanded


def merged(own: str, *keys: str) -> Any:
    """What stands at some keys of a service that uses the presets `http` and, as all do, `service`."""
    value: Any = expand(f"service: chat\nuses: [http]\n{own}").data
    for key in keys:
        value = value[key]
    return value


def test_maps_merge_by_key() -> None:
    down = merged("alerts: {ServiceDown: {for: 9m}}", "alerts", "ServiceDown")
    plain = merged("", "alerts", "ServiceDown")
    assert down == {**plain, "for": "9m"}


def test_what_is_new_is_added() -> None:
    assert set(merged("signals: {more: {gauge: up}}", "signals")) == set(merged("", "signals")) | {"more"}


def test_scalars_and_lists_replace() -> None:
    changed = "signals: {errors: {help: Mine., by: [path]}}\n"
    assert merged(changed, "signals", "errors", "help") == "Mine."
    assert merged(changed, "signals", "errors", "by") == ["path"]
    assert merged(changed, "signals", "errors", "ratio") == merged("", "signals", "errors", "ratio")


def test_false_removes() -> None:
    assert "latency" not in merged("signals: {latency: false}", "signals")
    assert "keep_for" not in merged("alerts: {ServiceDown: {keep_for: false}}", "alerts", "ServiceDown")


def test_a_signal_that_names_its_kind_replaces_the_presets() -> None:
    changed = merged("signals: {errors: {rate: http_requests_total}}", "signals", "errors")
    assert changed == {"rate": "http_requests_total"}


def test_every_service_has_the_first_preset_until_it_says_no() -> None:
    assert "ServiceDown" in expand("service: chat\n").data["alerts"]  # type: ignore[operator]
    assert "alerts" not in expand("service: chat\nuses: {service: false}\n").data


def test_a_list_of_uses_and_a_map_mean_the_same() -> None:
    assert expand("uses: [http, process]\n").presets == expand("uses: {http: true, process: true}\n").presets
    assert [p.name for p in expand("uses: {http: false, process: true}\n").presets] == ["service", "process"]


def test_merging_leaves_the_preset_as_it_was() -> None:
    before = repr(preset.load("service").data)
    expand("alerts: {ServiceDown: {for: 9m, keep_for: false}}\nsignals: {targets: {how: min}}\n")
    assert repr(preset.load("service").data) == before


def test_an_unknown_preset_is_named_with_its_neighbour() -> None:
    document = Document("specs/chat.yaml", "uses: [htp]\n")
    _, (problem,) = preset.expand({"uses": ["htp"]}, document, ())
    assert (problem.rule, str(problem.origin)) == ("unknown-preset", "specs/chat.yaml:1:8")
    assert "did you mean 'http'?" in problem.message


def test_presets_that_fill_the_same_roles_exclude_each_other() -> None:
    text = "uses: [vllm, http]\n"
    _, (problem,) = preset.expand({"uses": ["vllm", "http"]}, Document("specs/chat.yaml", text), ())
    assert (problem.rule, str(problem.origin)) == ("preset-twice", "specs/chat.yaml:1:14")
    assert problem.message == (
        "vllm and http both bring errors, latency, requests: "
        "leave one of them out, or say what is meant: signals: {errors: ...}"
    )


@pytest.mark.parametrize(
    "text",
    [
        "uses: [http, process, kubernetes, node]\n",
        "uses: {vllm: true, http: true}\nsignals: {errors: false, latency: {gauge: up}, requests: {rate: a_total}}\n",
        "uses: {vllm: true, http: false}\n",
    ],
)
def test_roles_that_are_filled_once_are_no_conflict(text: str) -> None:
    expand(text)


@pytest.mark.parametrize("said", ["metrics", "{only: metrics}"])
def test_a_preset_may_be_used_for_its_metrics_alone(said: str) -> None:
    expanded = expand(f"uses: {{vllm: {said}, http: true}}\n")
    assert [preset.catalogues[0] for preset in expanded.presets] == ["prometheus", "vllm", "http"]
    assert expanded.data["signals"] == {**preset.load("service").data["signals"], **preset.load("http").data["signals"]}  # type: ignore[dict-item]
    assert "dashboards" not in expanded.data


def test_patterns_of_a_presets_logs_are_for_who_has_logs() -> None:
    assert "logs" not in expand("uses: [vllm]\n").data
    logs = expand("uses: [vllm]\nlogs: {input: {beats: 5044}, extract: {level: {source: text}}}\n").data["logs"]
    assert isinstance(logs, dict)
    assert logs["input"] == {"beats": 5044}
    extract = logs["extract"]
    assert isinstance(extract, dict)
    assert extract["level"]["source"] == "text"  # type: ignore[call-overload, index]
    assert "pattern" in extract["level"]  # type: ignore[operator]


def test_what_a_preset_wrote_points_at_uses_and_via_at_its_own_line() -> None:
    origin = expand("service: chat\nuses: [http]\n").origin(("signals", "latency"))
    assert str(origin).startswith("specs/chat.yaml:2:")
    assert origin.via
    path, line, _ = str(origin.via).split(":")
    assert path == "llmmon/presets/http.yaml"
    text = preset.load("http").document.text.splitlines()[int(line) - 1]
    assert text.strip().startswith("latency:")


def test_what_the_service_wrote_itself_points_at_its_line() -> None:
    expanded = expand("service: chat\nuses: [http]\nsignals:\n  latency: {help: Mine.}\n")
    origin = expanded.origin(("signals", "latency", "help"))
    assert (str(origin).rpartition(":")[0], origin.via) == ("specs/chat.yaml:4", None)
    assert expanded.origin(("signals", "latency", "histogram")).via


def test_without_uses_a_presets_key_points_at_the_service() -> None:
    origin = expand("service: chat\n").origin(("alerts", "ServiceDown"))
    assert str(origin).startswith("specs/chat.yaml:1:")
    assert origin.via


@pytest.mark.parametrize("name", NAMES)
def test_every_metric_of_a_preset_is_in_its_catalogues(name: str) -> None:
    loaded = preset.load(name)
    known: dict[str, Metric] = {}
    for item in loaded.catalogues:
        known.update(
            catalogue.load(item, catalogue.read(item).last)
        )  # a preset says the newest, and what is older less
    assert known, "a preset names its catalogues"
    for text in _expressions(loaded.data.get("signals") or {}):
        try:
            tree = promql.parse(text)
        except promql.PromqlError:
            continue  # words such as help
        for node in promql.walk(tree):
            if isinstance(node, promql.Selector) and node.name:
                part = node.name.rpartition("_")[0] if node.name.endswith(("_bucket", "_count", "_sum")) else ""
                metric = known[node.name] if node.name in known else known[part]
                more = {"job", "resource", "le"} if metric.name == part else {"job", "resource"}
                assert {m.label for m in node.matchers} <= metric.labels.keys() | more


_EXPRESSIONS = (
    *("rate", "increase", "bad", "good", "part", "total", "histogram"),
    *("mean", "gauge", "used", "free", "limit", "age", "expr"),
)


def _expressions(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in _EXPRESSIONS:
                yield from ([inner] if isinstance(inner, str) else inner if isinstance(inner, list) else [])
            yield from _expressions(inner)


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, list[str]]]:
    """One minimal service per preset, judged by promtool in one call; what was found, by preset."""
    root = tmp_path_factory.mktemp("presets")
    (root / "specs").mkdir()
    (root / "specs/fleet.yaml").write_text(FLEET)
    for name in NAMES:
        (root / f"specs/{name}.yaml").write_text(f"service: uses-{name}\n{MINIMAL}uses: [{name}]\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        specs = pipeline.read([Path("specs")])
    fleet, problems = lower_fleet(specs.fleet)
    assert fleet
    problems = [*specs.problems, *problems]
    written = []
    for service in pipeline.lowered(specs, fleet, problems):
        assert TARGET.of_service
        for artifact in TARGET.of_service(fleet, service):
            path = root / artifact.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(artifact.text)
            written.append(Written(artifact.path, artifact.origins, artifact.owner))
    said = [(str(problem.origin.document.path), problem.message) for problem in problems]
    if shutil.which("promtool"):
        assert TARGET.verify
        judged = TARGET.verify(fleet, (), root, written, Tools(root, os.environ))
        said += [(str(item.origin.document.path) if isinstance(item, Problem) else "", str(item)) for item in judged]
    return root, {name: [text for path, text in said if f"{name}.yaml" in path] for name in NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_a_preset_generates_alone_and_promtool_accepts_it(name: str, alone: tuple[Path, dict[str, list[str]]]) -> None:
    root, said = alone
    assert said[name] == []
    assert (root / f"prometheus/rules/production/uses-{name}.yaml").exists()
