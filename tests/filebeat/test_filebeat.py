"""What Filebeat and the Logstash behind it read: goldens, and broken copies that are told."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from llmmon.target import Written
from llmmon.targets.filebeat import TARGET, faults
from llmmon.tool import Tools

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Fleet

GOLDEN = Path(__file__).parent / "golden"
STACK = """\
elasticsearch: {hosts: ["https://elasticsearch:9200"], password: {secret: elasticsearch/password}, ca: /etc/es/ca.crt}
logs:
  delete: 30d
  filebeat: {logstash: ["logstash-0.logstash:5044", "logstash-1.logstash:5044"], istio: true}
"""


def written(fleet: Fleet, stack: str = STACK, logs: str = "") -> Fleet:
    """The small fleet with a log stack."""
    for name, text in (("specs/fleet.yaml", stack), ("specs/chat.yaml", logs)):
        fleet.write(name, (fleet.root / name).read_text() + text)
    return fleet


def made(fleet: Fleet) -> dict[str, str]:
    """The texts, by path below the target's folder."""
    ran = fleet.run("generate")
    assert ran.code == 0, ran.out
    return {path: text.decode() for path, text in fleet.files("generated/filebeat").items()}


def test_goldens(fleet: Fleet) -> None:
    files = {p.relative_to(GOLDEN).as_posix(): p.read_text() for p in GOLDEN.rglob("*") if p.is_file()}
    assert made(written(fleet)) == files


def test_without_the_word_there_is_nothing(fleet: Fleet) -> None:
    assert made(written(fleet, STACK.partition("  filebeat")[0])) == {}


def test_without_istio_nothing_is_said_of_it(fleet: Fleet) -> None:
    assert not any("istio" in text for text in made(written(fleet, STACK.replace(", istio: true", ""))).values())


def test_a_service_may_receive(fleet: Fleet) -> None:
    stack = STACK.replace("istio: true", "pipeline: chat")
    files = made(written(fleet, stack, "logs: {input: {beats: 5044}, json: message}\n"))
    assert "pipeline/kubernetes.conf" not in files
    assert "filebeat.yml" in files


@pytest.mark.parametrize(
    ("old", "new", "logs", "said"),
    [
        ("", "", "logs: {input: {tcp: 5044}}\n", "Filebeat's pipeline listens on port 5044 already"),
        ("istio: true", "pipeline: chat", "logs: {input: {tcp: 5044}}\n", "chat does not receive what Filebeat sends"),
        ("istio: true", "pipeline: chat", "", "chat does not receive what Filebeat sends"),
        ("istio: true", "istio: true, pipeline: chat", "", "leave out pipeline or istio"),
        ("logstash-1.logstash:5044", "logstash-1.logstash:5045", "", "the ports 5044 and 5045"),
        ("logstash-1.logstash:5044", "https://logstash:5044", "", "is no server"),
        ("logstash-1.logstash:5044", "logstash:99999", "", "is no server"),
        ("istio: true", "ca: ../ca.crt", "", "is no path"),
        ("istio: true", "ca: /ca.crt", "", "is no path"),
    ],
)
def test_a_mistake_is_told(fleet: Fleet, old: str, new: str, logs: str, said: str) -> None:
    ran = written(fleet, STACK.replace(old, new) if old else STACK, logs).run("generate")
    assert ran.code == 1
    assert any(said in line for line in ran.problems), ran.out


def test_a_service_that_does_not_exist_is_told(fleet: Fleet) -> None:
    ran = written(fleet, STACK.replace("istio: true", "pipeline: nobody")).run("generate")
    assert any("unknown service 'nobody'" in line for line in ran.problems)


def test_the_password_is_never_in_a_file(fleet: Fleet) -> None:
    assert 'password => "${ELASTICSEARCH_PASSWORD}"' in made(written(fleet))["pipeline/kubernetes.conf"]


def _input(config: dict[str, Any]) -> dict[str, Any]:
    entry: dict[str, Any] = config["filebeat.autodiscover"]["providers"][0]["hints.default_config"]
    return entry


def _two_outputs(config: dict[str, Any]) -> None:
    config["output.elasticsearch"] = {"hosts": ["https://e:9200"]}


def _no_output(config: dict[str, Any]) -> None:
    del config["output.logstash"]


def _both(config: dict[str, Any]) -> None:
    config["filebeat.inputs"] = [{"type": "filestream", "id": "x", "paths": ["/x"]}]


def _neither(config: dict[str, Any]) -> None:
    del config["filebeat.autodiscover"]


def _no_id(config: dict[str, Any]) -> None:
    del _input(config)["id"]


def _same_id(config: dict[str, Any]) -> None:
    _input(config)["id"] = "istio-access-${data.kubernetes.container.id}"


def _fixed_id(config: dict[str, Any]) -> None:
    _input(config)["id"] = "mine"


def _old_input(config: dict[str, Any]) -> None:
    _input(config)["type"] = "container"


def _no_paths(config: dict[str, Any]) -> None:
    del _input(config)["paths"]


def _no_tls(config: dict[str, Any]) -> None:
    config["output.logstash"]["ssl.enabled"] = False


def _trusting(config: dict[str, Any]) -> None:
    config["output.logstash"]["ssl.verification_mode"] = "none"


def _scheme(config: dict[str, Any]) -> None:
    config["output.logstash"]["hosts"] = ["https://logstash:5044"]


def _secret(config: dict[str, Any]) -> None:
    config["output.logstash"]["ssl.key_passphrase"] = "hunter2"  # noqa: S105 - nobody's


BROKEN = {
    _two_outputs: "exactly one output is allowed, found output.logstash, output.elasticsearch",
    _no_output: "exactly one output is allowed, found none",
    _both: "write either filebeat.inputs or filebeat.autodiscover",
    _neither: "write either filebeat.inputs or filebeat.autodiscover",
    _no_id: "a filestream needs an id",
    _same_id: "stands twice: inputs that share one lose lines",
    _fixed_id: "is the same for each container",
    _old_input: "the input container is deprecated",
    _no_paths: "has no paths",
    _no_tls: "sends every line in the clear",
    _trusting: "trusts everybody",
    _scheme: "is no host of Logstash",
    _secret: "output.logstash.ssl.key_passphrase is a secret in plain text",
}


@pytest.mark.parametrize("spoil", BROKEN, ids=lambda spoil: spoil.__name__)
def test_a_broken_configuration_is_told(spoil: Any) -> None:
    config = yaml.safe_load((GOLDEN / "filebeat.yml").read_text())
    assert list(faults(config)) == []
    broken = deepcopy(config)
    spoil(broken)
    [fault] = faults(broken)
    assert BROKEN[spoil] in fault


def test_a_secret_from_the_keystore_is_none_in_plain_text() -> None:
    config = yaml.safe_load((GOLDEN / "filebeat.yml").read_text())
    config["output.logstash"]["ssl.key_passphrase"] = "${PASSPHRASE}"  # noqa: S105 - a reference
    assert list(faults(config)) == []


@pytest.mark.parametrize(("old", "new"), [("port => 5044", "port => "), ("lowercase", "lowercased")])
def test_a_broken_pipeline_is_told(fleet: Fleet, tmp_path: Path, old: str, new: str) -> None:
    from llmmon import pipeline

    written(fleet)
    plan, _ = pipeline.planned(pipeline.read([fleet.root / "specs"]))
    path = tmp_path / "scratch/filebeat/pipeline/kubernetes.conf"
    path.parent.mkdir(parents=True)

    def told(text: str) -> Iterator[str]:
        path.write_text(text)
        item = Written(_relative(path, tmp_path), {(): plan.origin}, "specs/fleet.yaml")
        assert TARGET.verify
        for found in TARGET.verify(plan, (), tmp_path / "scratch", [item], Tools(tmp_path, {})):
            yield str(found)

    text = (GOLDEN / "pipeline/kubernetes.conf").read_text()
    assert not list(told(text))
    assert list(told(text.replace(old, new)))


def _relative(path: Path, root: Path) -> Any:
    from pathlib import PurePosixPath

    return PurePosixPath(path.relative_to(root / "scratch"))
