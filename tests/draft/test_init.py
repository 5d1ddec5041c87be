"""`llmmon init`: what it is told, what it writes and keeps, and what it says of mistakes."""

from __future__ import annotations

import gzip
import http.server
import json
import re
import shutil
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
import yaml

from llmmon import play

if TYPE_CHECKING:
    import socketserver
    from collections.abc import Iterator

    from conftest import Fleet, Ran

CLEAN, FOUND, USAGE = range(3)
VLLM = play.page([("vllm", (0, 19)), ("fastapi", None), ("process", None), ("python-runtime", None)])


class Guarded(http.server.BaseHTTPRequestHandler):
    """Shows its metrics, packed, to whoever has the token."""

    def do_GET(self) -> None:
        body = gzip.compress(VLLM.encode())
        self.send_response(200 if self.headers.get("Authorization") == "Bearer hunter2" else 401)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name that http.server gives it
        """Quiet."""


@contextmanager
def serving(server: socketserver.BaseServer) -> Iterator[None]:
    """A server that answers meanwhile."""
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def empty(fleet: Fleet) -> Fleet:
    """A folder in which nobody has written a spec."""
    shutil.rmtree(fleet.root / "specs")
    fleet.write("vllm.txt", VLLM)
    return fleet


def init(fleet: Fleet, *args: str) -> Ran:
    return fleet.run("init", *args)


def specs(fleet: Fleet) -> set[str]:
    """The files in the folder of specs."""
    return {path.name for path in (fleet.root / "specs").glob("*")}


# What is written


def test_a_page_becomes_a_spec_and_a_fleet(empty: Fleet) -> None:
    ran = init(empty, "--from", "vllm.txt", "--service", "chat", "--team", "inference", "--namespace", "llm")
    assert (ran.code, ran.out, specs(empty)) == (CLEAN, "", {"fleet.yaml", "chat.yaml"})
    assert "specs/chat.yaml: new: " in ran.err
    assert "next: llmmon generate; llmmon check" in ran.err
    spec = yaml.safe_load((empty.root / "specs/chat.yaml").read_text())
    assert spec["uses"] == {"vllm": "0.19"}
    assert (spec["team"], spec["selector"]) == ("inference", {"job": "chat"})
    assert spec["workload"] == {"namespace": "llm", "name": "chat"}
    assert spec["slos"]["first_token"]["within"] == "2.5s"
    assert (
        empty.run("check").problems
        == ["generated: holds nothing that llmmon has made: run `llmmon generate` [output-missing]"]
        or empty.run("generate").code == CLEAN
    )
    assert "kubernetes/chat/kustomization.yaml" in empty.files()


def test_the_fleet_that_is_there_stays_and_gives_its_team(fleet: Fleet) -> None:
    fleet.write("vllm.txt", VLLM)
    before = (fleet.root / "specs/fleet.yaml").read_text()
    assert init(fleet, "--from", "vllm.txt").code == CLEAN
    assert (fleet.root / "specs/fleet.yaml").read_text() == before
    assert yaml.safe_load((fleet.root / "specs/vllm.yaml").read_text())["team"] == "inference"
    assert fleet.run("generate").code == CLEAN


def test_presets_that_fit_together_are_one_service(empty: Fleet) -> None:
    assert init(empty, "--preset", "vllm@0.19", "--preset", "kubernetes", "--namespace", "llm").code == CLEAN
    assert yaml.safe_load((empty.root / "specs/vllm.yaml").read_text())["uses"] == {"vllm": "0.19", "kubernetes": True}
    assert empty.run("generate").code == CLEAN


def test_presets_that_bring_the_same_are_services_of_a_system(empty: Fleet) -> None:
    assert init(empty, "--preset", "litellm", "--preset", "vllm@0.19", "--service", "chat").code == CLEAN
    spec = yaml.safe_load((empty.root / "specs/chat.yaml").read_text())
    assert {name: each["selector"] for name, each in spec["services"].items()} == {
        "chat-litellm": {"job": "litellm"},
        "chat-vllm": {"job": "vllm"},
    }
    assert empty.run("generate").code == CLEAN


def test_a_version_that_nobody_has_looked_at(empty: Fleet) -> None:
    ran = init(empty, "--preset", "vllm@7.0")
    assert ran.code == CLEAN
    assert "note: vLLM 7.0 is newer than what the catalogue knows" in ran.err
    assert "vllm: '7.0'" in (empty.root / "specs/vllm.yaml").read_text().replace('"', "'")
    assert empty.run("generate", "--quiet").problems == [p for p in empty.run("generate").problems if ": note: " in p]


def test_a_page_from_a_server_is_named_after_what_it_is(empty: Fleet) -> None:
    served = play.Server((("vllm", (0, 19)),))
    with serving(served):
        ran = init(empty, "--from", f"{served.url}?token=hunter2")
    assert ran.code == CLEAN
    text = (empty.root / "specs/vllm.yaml").read_text()
    assert served.url in text
    assert "hunter2" not in text + ran.err


def test_a_dump_of_all_that_a_prometheus_knows(empty: Fleet) -> None:
    families = dict.fromkeys(("unheard_of", "node_load1"), "gauge")
    for name in ("vllm", "litellm"):
        page = play.page([(name, None)])
        families |= {line.split()[2]: line.split()[3] for line in page.splitlines() if line.startswith("# TYPE ")}
    data = {name: [{"type": kind, "help": "", "unit": ""}] for name, kind in families.items()}
    empty.write("dump.json", json.dumps(data))
    assert init(empty, "--from", "dump.json", "--service", "llm").code == CLEAN
    services = yaml.safe_load((empty.root / "specs/llm.yaml").read_text())["services"]
    assert {name: each["selector"]["job"] for name, each in services.items()} == {
        "llm-litellm": "litellm",
        "llm-vllm": "vllm",
    }
    assert empty.run("generate").code == CLEAN


def test_a_page_that_tells_a_version_which_nobody_has_looked_at(empty: Fleet) -> None:
    empty.write("page.txt", re.sub(r'version="[^"]*"', 'version="9.1.2"', play.page([("qdrant", None)])))
    ran = init(empty, "--from", "page.txt")
    assert ran.code == CLEAN
    assert "note: Qdrant 9.1.2 is newer than what the catalogue knows" in ran.err
    text = (empty.root / "specs/qdrant.yaml").read_text()
    assert 'qdrant: "9.1.2"    # Qdrant 9.1.2 is newer than what the catalogue knows' in text


def test_a_fleet_that_renames(empty: Fleet) -> None:
    page = re.sub(r"^((?:# \w+ )?)", r"\1ray_", VLLM.rstrip().replace("vllm:", "vllm_"), flags=re.MULTILINE)
    empty.write("page.txt", f"{page}\n")
    assert init(empty, "--from", "page.txt").code == CLEAN
    assert yaml.safe_load((empty.root / "specs/vllm.yaml").read_text())["uses"]["vllm"] == {
        "version": "0.19",
        "prefix": "ray_",
        "rename": {"vllm:*": "vllm_*", "http_*": "ray_http_*", "process_*": "ray_process_*"},
    }
    assert (empty.run("generate").code, empty.run("check").out) == (CLEAN, "")
    rules = empty.files()["prometheus/rules/production/vllm.yaml"].decode()
    assert "ray_vllm_time_to_first_token_seconds_bucket" in rules
    assert 'ray_http_requests_total{status="5xx"' in rules
    assert "vllm:num_requests_running" not in rules


def test_gzip(empty: Fleet) -> None:
    empty.write("page.gz", gzip.compress(VLLM.encode()))
    assert init(empty, "--from", "page.gz").code == CLEAN
    assert specs(empty) == {"fleet.yaml", "vllm.yaml"}


def test_nothing_is_written_to_standard_output_or_in_a_dry_run(empty: Fleet) -> None:
    ran = init(empty, "--from", "vllm.txt", "--out", "-")
    assert (ran.code, specs(empty)) == (CLEAN, set())
    assert yaml.safe_load(ran.out)["service"] == "vllm"
    dry = init(empty, "--from", "vllm.txt", "--dry-run")
    assert (dry.code, specs(empty)) == (CLEAN, set())
    assert dry.out.startswith("# specs/fleet.yaml\n")
    assert dry.out.endswith(f"# specs/vllm.yaml\n{ran.out}")


def test_the_same_page_gives_the_same_bytes(empty: Fleet) -> None:
    lines = VLLM.splitlines(keepends=True)
    empty.write("again.txt", "".join(lines))
    texts = {init(empty, "--from", "vllm.txt", "--out", "-").out for _ in range(2)}
    assert len(texts) == 1


def test_a_laptop_runs_the_stack_beside_the_server(empty: Fleet) -> None:
    served = play.Server((("vllm", (0, 19)),))
    with serving(served):
        assert init(empty, "--from", served.url, "--laptop").code == CLEAN
    assert (empty.run("generate").code, empty.run("check").out) == (CLEAN, "")
    scraped = yaml.safe_load(empty.files()["deployment/compose/prometheus.yml"])["scrape_configs"]
    port = served.server_address[1]
    assert [job["static_configs"][0]["targets"] for job in scraped] == [[f"host.docker.internal:{port}"]]
    assert {"prometheus", "alertmanager", "grafana"} <= yaml.safe_load(empty.files()["docker-compose.yml"])[
        "services"
    ].keys()


def test_a_fleet_with_a_prometheus_scrapes_what_was_asked(fleet: Fleet) -> None:
    fleet.edit("specs/fleet.yaml", "receivers:", "prometheus: {}\nreceivers:")
    fleet.edit("specs/chat.yaml", "selector: {job: chat}", "selector: {job: chat}\nscrape: {off: a test}")
    fleet.write("key", "hunter2\n")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Guarded)
    address = f"127.0.0.1:{server.server_address[1]}"
    with serving(server):
        assert init(fleet, "--from", f"http://{address}/a/metrics", "--bearer-file", "key").code == CLEAN
    assert yaml.safe_load((fleet.root / "specs/vllm.yaml").read_text())["scrape"] == {
        "targets": [address],
        "path": "/a/metrics",
        "bearer": {"secret": "vllm/token"},
    }
    assert fleet.run("generate").problems == []


# What is kept


def test_a_file_that_exists_is_kept_unless_it_is_to_be_replaced(empty: Fleet) -> None:
    init(empty, "--from", "vllm.txt")
    empty.write("specs/vllm.yaml", "mine\n")
    empty.write("specs/fleet.yaml", "fleet: mine\n")
    ran = init(empty, "--from", "vllm.txt")
    assert ran.code == FOUND
    assert ran.err == "Error: specs/vllm.yaml exists and is kept: write another --service, or --force to replace it\n"
    assert (empty.root / "specs/vllm.yaml").read_text() == "mine\n"
    assert init(empty, "--from", "vllm.txt", "--force").code == CLEAN
    assert "service: vllm" in (empty.root / "specs/vllm.yaml").read_text()
    assert (empty.root / "specs/fleet.yaml").read_text() == "fleet: mine\n"


def test_a_service_of_another_file_is_not_written_twice(fleet: Fleet) -> None:
    fleet.write("specs/all.yaml", "system: all\nteam: inference\nservices: {vllm: {selector: {job: x}}}\n")
    ran = init(fleet, "--preset", "vllm")
    assert ran.err == "Error: a service 'vllm' exists already, in specs/all.yaml: write another --service\n"
    assert ran.code == FOUND


def test_a_file_where_a_folder_should_be(empty: Fleet) -> None:
    ran = init(empty, "--preset", "vllm", "--out", "vllm.txt")
    assert (ran.code, ran.err) == (FOUND, "Error: vllm.txt is a file: --out names a folder\n")
    ran = init(empty, "--preset", "vllm", "--out", "vllm.txt/specs")
    assert (ran.code, ran.err) == (FOUND, "Error: vllm.txt/specs/fleet.yaml cannot be written: Not a directory\n")


def test_a_folder_that_no_disk_can_have(empty: Fleet) -> None:
    ran = init(empty, "--preset", "vllm", "--out", "a" * 300)
    assert (ran.code, ran.err) == (FOUND, f"Error: {'a' * 300} cannot be used: File name too long\n")


# What is wrong


MISTAKES = {
    ("--preset", "vlm"): "unknown preset 'vlm': did you mean 'vllm'?",
    ("--preset", "vllm@new"): "'new' is no version of vllm: write one such as vllm@0.19",
    ("--preset", "http@2"): "http has no versions: write http alone",
    ("--preset", "kubernetes"): "kubernetes watches what Kubernetes runs: write --namespace too",
    ("--preset", "vllm", "--service", "My Chat"): (
        "--service 'My Chat' is no name, which has a-z, 0-9 and -, at most 63: write my-chat"
    ),
    ("--preset", "vllm", "--service", "é"): (
        "--service 'é' is no name, which has a-z, 0-9 and -, at most 63: write one such as chat-gateway"
    ),
    ("--preset", "vllm", "--service", "fleet"): "--service fleet would be the fleet's own file: write another name",
    ("--preset", "vllm", "--team", "A"): "--team 'A' is no name, which has a-z, 0-9 and -, at most 63: write a",
    (
        "--preset",
        "vllm",
        "--team",
        "inferenc",
    ): "--team 'inferenc' is not in specs/fleet.yaml: did you mean 'inference'?",
    ("--preset", "vllm", "--workload", "w"): "--workload w is in no namespace: write --namespace too",
    ("--preset", "vllm", "--job", " "): "--job is empty: write the job_name of Prometheus's scrape configuration",
    ("--preset", "vllm", "--preset", "litellm", "--job", "j"): (
        "--job j names one, and these become 2 services (vllm, litellm): leave it out"
    ),
    ("--preset", "vllm", "--from", "vllm.txt"): "--from recognises presets by itself: leave out --preset, or --from",
    ("--preset", "vllm@0.19", "--preset", "vllm@0.8"): "--preset vllm is given 2 times: keep one",
    ("--preset", "vllm", "--service", "a" * 300): (
        f"--service '{'a' * 126}... is no name, which has a-z, 0-9 and -, at most 63: write {'a' * 63}"
    ),
    ("--preset", "vllm", "--service", "../fleet"): (
        "--service '../fleet' is no name, which has a-z, 0-9 and -, at most 63: write fleet"
    ),
    ("--preset", "vllm", "--laptop"): (
        "--laptop is for a server on this machine: write --from with its URL, such as http://localhost:8000/metrics",
        "--laptop is for a new fleet, and specs/fleet.yaml exists: write deploy: {compose: ...} there",
    ),
    (): "nothing to begin with: write --from URL|FILE, or --preset NAME; on a terminal it asks",
}


@pytest.mark.parametrize(("args", "said"), MISTAKES.items())
def test_a_mistake_of_the_command_line(fleet: Fleet, args: tuple[str, ...], said: str | tuple[str, ...]) -> None:
    fleet.write("vllm.txt", VLLM)
    ran = init(fleet, *args)
    lines = (said,) if isinstance(said, str) else said
    assert (ran.code, ran.out, ran.err) == (USAGE, "", "".join(f"Error: {line}\n" for line in lines))
    assert specs(fleet) == {"fleet.yaml", "chat.yaml", "runbooks"}


def test_several_teams_and_none_named(fleet: Fleet) -> None:
    fleet.edit("specs/fleet.yaml", "teams:\n", "teams:\n  ops: {critical: [{slack: '#ops'}]}\n")
    ran = init(fleet, "--preset", "vllm")
    assert ran.err == "Error: specs/fleet.yaml has several teams: write --team with one of ops, inference\n"


def test_every_mistake_in_one_run(fleet: Fleet) -> None:
    ran = init(fleet, "--preset", "vlm", "--preset", "http@1", "--service", "A", "--team", "x", "--workload", "w")
    assert ran.code == USAGE
    assert len(ran.err.splitlines()) == 5
    ran = init(fleet, "--from", "nothing", "--service", "chat", "--team", "x")
    assert ran.code == USAGE
    assert [line.split()[1] for line in ran.err.splitlines()] == ["--team", "nothing:", "specs/chat.yaml"]


NO_PAGES = {
    "": "it is empty: the server has no metrics, or this is not its metrics page",
    "<!DOCTYPE html><html>": "it is HTML, not metrics: the path is most often /metrics",
    '{"status": "error", "error": "\\u001b[31m"}': "Prometheus answered with an error: [31m",
    "a 1\nb\n": 'line 2: no sample, which looks like name{label="value"} 1, and no comment',
}


@pytest.mark.parametrize(("text", "said"), NO_PAGES.items())
def test_what_is_no_page(empty: Fleet, text: str, said: str) -> None:
    empty.write("page", text)
    ran = init(empty, "--from", "page")
    assert (ran.code, ran.out, ran.err) == (FOUND, "", f"Error: {said}\n")
    assert specs(empty) == set()


def test_a_server_that_wants_a_token(empty: Fleet) -> None:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Guarded)
    url = f"http://127.0.0.1:{server.server_address[1]}/metrics"
    empty.write("key", "hunter2\n")
    with serving(server):
        refused = init(empty, "--from", url)
        taken = init(empty, "--from", url, "--bearer-file", "key")
    said = f"{url} answers 401 Unauthorized: it wants a token, so write one to a file, and --bearer-file FILE"
    assert (refused.code, refused.err) == (FOUND, f"Error: {said}\n")
    assert taken.code == CLEAN
    assert "hunter2" not in (empty.root / "specs/vllm.yaml").read_text() + taken.err


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://127.0.0.1:1/metrics?key=hunter2", "http://127.0.0.1:1/metrics cannot be reached: "),
        ("http://[::1", "http://[::1 is no address: Invalid IPv6 URL"),
        ("http://h:x/?key=hunter2", "http://h:x/ cannot be read: nonnumeric port: 'x'"),
        ("ftp://h/metrics", "ftp:// is not read: write a file, http:// or https://"),
    ],
)
def test_a_server_that_is_not_there(empty: Fleet, url: str, said: str) -> None:
    ran = init(empty, "--from", url)
    assert ran.code == FOUND
    assert ran.err.startswith(f"Error: {said}")
    assert "hunter2" not in ran.err
