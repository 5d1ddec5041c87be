"""How targets get their environment, how jobs get their names, and what is refused."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from server_examples import STATIC, lowered

from llmmon.plan import Secret
from llmmon.plan.server import Job, Pods, Static
from llmmon.targets.server import TARGET

if TYPE_CHECKING:
    from conftest import Fleet

SCRAPE = 'selector: {job: chat}\nscrape: {targets: "chat:80"}'
TWO = "environments: {production: {selector: {env: production}}, staging: {selector: {env: staging}}}"
ONE = "environments: {production: {selector: {env: production}}}"
SPEC = "service: {name}\nteam: inference\nselector: {{job: {job}}}\nscrape: {{targets: '{name}:80'}}\n"


@pytest.fixture
def scraped(fleet: Fleet) -> Fleet:
    """The small fleet with a Prometheus that scrapes its service at an address."""
    fleet.write("specs/fleet.yaml", (fleet.root / "specs/fleet.yaml").read_text() + STATIC)
    fleet.edit("specs/chat.yaml", "selector: {job: chat}", SCRAPE)
    return fleet


def jobs(server: int = 0) -> dict[str, Job]:
    found, problems = lowered()
    assert problems == []
    assert found.servers
    return {job.name: job for job in found.servers.servers[server].jobs}


def problems() -> list[tuple[str, str]]:
    return [(problem.rule, str(problem.origin)) for problem in lowered()[1]]


def test_without_the_section_there_is_no_server_and_no_file(fleet: Fleet) -> None:
    del fleet
    found, wrong = lowered()
    assert (found.servers, wrong) == (None, [])
    assert TARGET.of_fleet
    assert list(TARGET.of_fleet(found, ())) == []


def test_the_only_environment_is_written_beside_the_targets(scraped: Fleet) -> None:
    del scraped
    job = jobs()["chat"]
    assert (job.discovery, job.labels) == (Static(("chat:80",)), {"env": "production"})


def test_environments_that_share_a_server_have_jobs_of_their_own(scraped: Fleet) -> None:
    scraped.edit("specs/fleet.yaml", ONE, TWO)
    scraped.edit("specs/chat.yaml", '"chat:80"', '{production: "chat:80", staging: "chat-staging:80"}')
    found = jobs()
    assert [name for name in found if name.startswith("chat")] == ["chat/production", "chat/staging"]
    assert found["chat/staging"].labels == {"job": "chat", "env": "staging"}


def test_whose_targets_a_plain_list_holds_must_be_said(scraped: Fleet) -> None:
    scraped.edit("specs/fleet.yaml", ONE, TWO)
    assert problems() == [("whose-targets", "specs/chat.yaml:4:10")]


def test_services_that_share_a_job_label_do_not_share_a_job(scraped: Fleet) -> None:
    scraped.write("specs/two.yaml", SPEC.format(name="two", job="chat"))
    found = jobs()
    assert {"chat/chat", "chat/two"} <= found.keys()
    assert found["chat/two"].labels == {"job": "chat", "env": "production"}


def test_a_service_that_is_prometheus_is_scraped_once(scraped: Fleet) -> None:
    scraped.write("specs/prometheus.yaml", SPEC.format(name="prometheus", job="prometheus"))
    assert jobs()["prometheus"].discovery == Static(("prometheus:80",))


def test_pods_of_another_cluster_are_found_through_its_own_api(fleet: Fleet) -> None:
    cluster = "  clusters: {staging: {api: 'https://k8s:6443/', bearer: {secret: staging/token}}}\n"
    fleet.write("specs/fleet.yaml", (fleet.root / "specs/fleet.yaml").read_text().replace(ONE, TWO) + STATIC + cluster)
    fleet.edit("specs/chat.yaml", "selector: {job: chat}", "selector: {job: chat}\nworkload: {namespace: llm, name: c}")
    found = {name: job.discovery for name, job in jobs().items() if isinstance(job.discovery, Pods)}
    here, there = found["chat/production"], found["chat/staging"]
    assert (here.cluster, here.labels) == (None, {"app": "c"})
    assert there.cluster
    assert (there.cluster.api, there.labels) == ("https://k8s:6443", {"app": "c"})
    servers = lowered()[0].servers
    assert servers
    assert servers.secrets == (Secret("staging", "token"),)


@pytest.mark.parametrize(
    ("said", "rule"),
    [
        ("external_labels: {service: x}", "external-label"),
        ("external_labels: {cluster: $HOME}", "external-label"),
        ("timeout: 31s", "timeout-beyond-interval"),
        ("retention: {size: 30d}", "retention-size"),
        ("clusters: {prod: {api: 'https://k8s'}}", "unknown-environment"),
        ("jobs: {node: {targets: {prod: 'a:1'}}}", "unknown-environment"),
        ("jobs: {node: {targets: 'a:1', interval: 5s, timeout: 6s}}", "timeout-beyond-interval"),
        ("remote_write: [{url: 'https://u:p@x'}]", "spec-value-error"),
        ("remote_write: [{url: x}]", "spec-value-error"),
        ("remote_read: [{url: 'http://x', bearer: s3cr3t}]", "spec-value-error"),
        ("jobs: {node: {targets: 'http://a:1'}}", "spec-value-error"),
        ("jobs: {node: {targets: 'a:0'}}", "spec-value-error"),
        ("jobs: {node: {targets: 'a:1', nodes: true}}", "spec-value-error"),
        ("jobs: {node: {}}", "spec-value-error"),
        ("jobs: {node: {files: '*/x.yaml'}}", "spec-value-error"),
        ("jobs: {node: {pods: {namespace: x, labels: {'a b': c}}}}", "spec-value-error"),
    ],
)
def test_what_no_server_can_do_is_refused(scraped: Fleet, said: str, rule: str) -> None:
    scraped.write("specs/fleet.yaml", (scraped.root / "specs/fleet.yaml").read_text() + f"  {said}\n")
    found = lowered()[1]
    assert [problem.rule for problem in found] == [rule]
    assert "s3cr3t" not in found[0].message


def test_a_service_that_nobody_scrapes_is_a_warning_and_a_reason_ends_it(scraped: Fleet) -> None:
    scraped.edit("specs/chat.yaml", 'scrape: {targets: "chat:80"}\n', "")
    assert [rule for rule, _ in problems()] == ["not-scraped"]
    scraped.edit("specs/chat.yaml", "selector: {job: chat}", "selector: {job: chat}\nscrape: {off: it pushes}")
    assert problems() == []


def test_a_service_scraped_more_rarely_than_its_windows_expect_is_a_warning(scraped: Fleet) -> None:
    scraped.edit("specs/chat.yaml", '"chat:80"', '"chat:80", interval: 5m')
    assert [rule for rule, _ in problems()] == ["slow-scrape"]


def test_federation_needs_a_server_that_is_shared(scraped: Fleet) -> None:
    scraped.write(
        "specs/fleet.yaml",
        (scraped.root / "specs/fleet.yaml").read_text().replace("{env: production}", "{}")
        + "  federate: {targets: ['a:1']}\n",
    )
    assert [rule for rule, _ in problems()] == ["no-shared-server"]


def test_an_environment_that_pods_cannot_be_labelled_with_is_refused(fleet: Fleet) -> None:
    two = "environments: {a: {selector: {env: 'a b'}}, b: {selector: {env: b}}}"
    fleet.write("specs/fleet.yaml", (fleet.root / "specs/fleet.yaml").read_text().replace(ONE, two) + STATIC)
    fleet.edit("specs/chat.yaml", "selector: {job: chat}", "selector: {job: chat}\nworkload: {namespace: llm, name: c}")
    assert [rule for rule, _ in problems()] == ["no-pod-label"]


@pytest.mark.parametrize("text", ["$1", "${HOME}", "a'b\"c", "{{ . }}", "# no", "a\nb", "\u2028", "9" * 300, "", "~"])
def test_any_text_arrives_on_the_targets_as_it_is(scraped: Fleet, text: str) -> None:
    """Beside targets as it is; in a replacement, where Prometheus expands `$`, with `$$`."""
    scraped.edit("specs/chat.yaml", SCRAPE, f"selector: {{job: chat, tier: {json.dumps(text)}}}\n{SCRAPE[22:]}")
    assert chat()["static_configs"][0]["labels"]["tier"] == text
    scraped.edit("specs/chat.yaml", 'targets: "chat:80"', "files: chat.yaml")
    written = {one["target_label"]: one["replacement"] for one in chat()["relabel_configs"]}
    assert written["tier"].replace("$$", "$") == text
    assert written["tier"].count("$") == 2 * text.count("$")


def chat() -> Any:
    """The job of the service, as it is written."""
    assert TARGET.of_fleet
    (artifact,) = TARGET.of_fleet(lowered()[0], ())
    (job,) = (one for one in yaml.safe_load(artifact.text)["scrape_configs"] if one["job_name"] == "chat")
    return job
