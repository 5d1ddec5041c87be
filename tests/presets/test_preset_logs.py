"""The log patterns of presets: what they are proved on is what the servers write."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from played import FLEET, SERVICE

from llmmon import pipeline, preset

if TYPE_CHECKING:
    from pathlib import Path

NAMES = [name for name in preset.names() if "logs" in preset.load(name).data]
STORE = 'elasticsearch: {hosts: ["https://elasticsearch:9200"], password: {secret: elastic/password}}\n'


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A service with logs for each preset that knows its server's."""
    root = tmp_path_factory.mktemp("logs")
    (root / "fleet.yaml").write_text(FLEET + STORE)
    for at, name in enumerate(NAMES):
        text = SERVICE.format(name=name, uses=name) + f"logs: {{input: {{beats: {5044 + at}}}}}\n"
        (root / f"{name}.yaml").write_text(text)
    return root


def test_some_presets_know_the_logs_of_their_servers() -> None:
    assert {"litellm", "sglang", "tgi", "vllm"} <= set(NAMES)


def test_every_pattern_gives_what_its_samples_say(root: Path) -> None:
    built = pipeline.build(pipeline.read([root]), root / "generated", verify=False)
    assert [problem.message for problem in built.problems] == []


@pytest.mark.parametrize("name", NAMES)
def test_time_and_level_are_read_before_they_are_used(name: str, root: Path) -> None:
    text = (root / f"generated/logstash/pipeline/{name}.conf").read_text()
    for part in ("level", "timestamp"):
        grok = text.find(f'"{name}-grok-{"stamp" if part == "timestamp" else part}"')
        assert grok < text.index(f'"{name}-{part}"')


def test_lines_of_a_service_without_logs_are_not_asked_for(tmp_path: Path) -> None:
    (tmp_path / "fleet.yaml").write_text(FLEET)
    (tmp_path / "chat.yaml").write_text(SERVICE.format(name="chat", uses="vllm"))
    built = pipeline.build(pipeline.read([tmp_path]), tmp_path / "generated", verify=False)
    assert [problem.message for problem in built.problems] == []
    assert not (tmp_path / "generated/logstash").exists()
