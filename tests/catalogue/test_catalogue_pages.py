"""Pages of metrics: how they are read, whose they are taken for, and what is said of what is no page."""

from __future__ import annotations

import gzip
import http.server
import json
import threading
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml
from typer.testing import CliRunner

from llmmon import catalogue, play
from llmmon.catalogue import page, recognise
from llmmon.catalogue import version as versions
from llmmon.cli import app

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PAGES = Path(__file__).parent / "pages"
REAL = [
    pytest.param("litellm-1.108.7.txt", {"litellm": "1.108 to 1.110"}, id="LiteLLM"),
    pytest.param("vllm-0.19.0.txt", {"vllm": "0.17 to 0.19"}, id="vLLM"),
    pytest.param("fastapi-8.1.0.txt", {"fastapi": ""}, id="FastAPI"),
]
VERSIONED = [name for name in catalogue.names() if catalogue.read(name).first]


def ask(*args: str | Path) -> tuple[int, str, str]:
    """`llmmon catalogue` in this process."""
    ran = CliRunner().invoke(app, ["catalogue", *map(str, args)])
    assert ran.exception is None or isinstance(ran.exception, SystemExit), ran.exception
    return ran.exit_code, ran.stdout, ran.stderr


def span(found: recognise.Recognised) -> str:
    """The versions of a technology."""
    return found.says().removeprefix(found.catalogue.technology).strip()


def starts(name: str) -> Iterator[versions.Version]:
    """A version of each stretch in which nothing changes."""
    read = catalogue.read(name)
    assert read.first is not None
    assert read.last is not None
    bounds = {bound for forms in read.forms.values() for form in forms for bound in (form.since, form.removed) if bound}
    yield from sorted({read.first, read.last, *(bound for bound in bounds if read.first < bound <= read.last)})


@pytest.mark.parametrize(("file", "wanted"), REAL)
def test_a_real_page_has_nothing_unknown_and_nothing_mistyped(file: str, wanted: dict[str, str]) -> None:
    found, unknown = recognise.recognise(page.read((PAGES / file).read_text()))
    assert [family.name for family in unknown] == []
    assert [(item.catalogue.name, other) for item in found for other in (*item.differences, *item.gone)] == []
    spans = {item.catalogue.name: span(item) for item in found}
    assert wanted.items() <= spans.items()


@pytest.mark.parametrize("opt_in", [False, True])
@pytest.mark.parametrize("name", catalogue.names())
def test_a_played_page_is_recognised_whole(name: str, opt_in: bool) -> None:
    for version in starts(name) if name in VERSIONED else [None]:
        text = play.page([(name, version)], opt_in=opt_in)
        families = page.read(text)
        found, unknown = recognise.recognise(families)
        assert unknown == []
        assert [(item.catalogue.name, other) for item in found for other in (*item.differences, *item.gone)] == []
        if name in VERSIONED and name in {item.catalogue.name for item in found}:
            own = next(item for item in found if item.catalogue.name == name)
            if len(own.known) == len(families) and version:
                assert own.since is not None
                assert own.until is not None
                assert own.since <= version, (own.says(), version)
                assert versions.reaches(own.until, version), (own.says(), version)


def test_old_names_tell_an_old_version() -> None:
    families = page.read("# TYPE vllm:gpu_cache_usage_perc gauge\nvllm:gpu_cache_usage_perc 0.5\n")
    (found,), _ = recognise.recognise(families)
    assert found.until is not None
    assert not versions.reaches(found.until, (0, 11))


def test_what_does_not_fit_is_told() -> None:
    text = (
        "# TYPE vllm:admission_rejections_total counter\n"
        'vllm:admission_rejections_total{model_name="a",reason="full",pool="x"} 1\n'
        "# TYPE vllm:time_to_first_token_seconds histogram\n"
        'vllm:time_to_first_token_seconds_bucket{le="0.2"} 1\n'
        "# TYPE vllm:num_requests_running counter\nvllm:num_requests_running 1\n"
    )
    (found,), _ = recognise.recognise(page.read(text))
    assert {(other.name, other.what) for other in found.differences} == {
        ("vllm:admission_rejections_total", "has the labels pool"),
        ("vllm:admission_rejections_total", "has reason=full"),
        ("vllm:time_to_first_token_seconds", "has the boundaries 0.2"),
        ("vllm:num_requests_running", "is a counter, not a gauge"),
    }


def test_what_kubernetes_calls_an_object_is_no_difference() -> None:
    text = (
        "# TYPE kube_pod_container_status_restarts_total counter\n"
        'kube_pod_container_status_restarts_total{namespace="a",pod="b",container="c",uid="d"} 1\n'
        "# TYPE kube_deployment_spec_replicas gauge\n"
        'kube_deployment_spec_replicas{namespace="a",deployment="b"} 1\n'
        'kube_deployment_spec_replicas{namespace="a",statefulset="b"} 1\n'
    )
    (found,), _ = recognise.recognise(page.read(text))
    assert [(other.name, other.what) for other in found.differences] == [
        ("kube_deployment_spec_replicas", "has the labels statefulset")
    ]
    assert 'namespace="namespace",deployment="deployment"' in play.page([("kube-state-metrics", None)])


def test_prometheus_text() -> None:
    text = (
        '# HELP a_total A\\nline.\n# TYPE a_total counter\na_total{x="1",y="a\\"b"} 3 1700000000000\n'
        '# TYPE a_created gauge\na_created{x="1"} 1.7e9\n'
        '# TYPE h histogram\nh_bucket{le="0.5"} 1\nh_bucket{le="+Inf"} 2\nh_sum 1.5\nh_count 2\n'
        '# TYPE s summary\ns{quantile="0.5"} 1\ns_sum 1\ns_count 1\n'
        "plain{} NaN\n# a comment\n\n  \n"
    )
    found = page.read(text)
    assert list(found) == ["a_total", "h", "s", "plain"]
    assert found["a_total"].labels == {"x": {"1"}, "y": {'a\\"b'}}
    assert found["a_total"].help == "A\nline."
    assert found["h"].buckets == (Decimal("0.5"),)
    assert (found["h"].labels, found["s"].labels) == ({}, {})
    assert found["plain"].type is None


def test_open_metrics() -> None:
    text = (
        '# TYPE a counter\n# UNIT a seconds\na_total 1 # {trace_id="x"} 1 1.7e9\na_created 1.7e9\n'
        '# TYPE b info\nb_info{v="1"} 1\n# TYPE c unknown\nc 1\n# EOF\n'
    )
    found = page.read(text)
    assert (found["a_total"].type, found["a_total"].unit, found["c"].type) == ("counter", "seconds", None)


def test_names_with_dots() -> None:
    found = page.read('# TYPE "a.b" gauge\n{"a.b"} 1\n{"c.d", "x.y"="1", z="2"} 2\n')
    assert found["a.b"].type == "gauge"
    assert set(found["c.d"].labels) == {"x.y", "z"}


def test_a_dump_of_metadata() -> None:
    dump = {"status": "success", "data": {"vllm:num_requests_running": [{"type": "gauge", "help": "x", "unit": ""}]}}
    for text in (json.dumps(dump), json.dumps(dump["data"])):
        found, unknown = recognise.recognise(page.read(text))
        assert [item.catalogue.name for item in found] == ["vllm"]
        assert unknown == []


BAD = {
    "": "it is empty: the server has no metrics, or this is not its metrics page",
    " \n": "it is empty: the server has no metrics, or this is not its metrics page",
    "<!DOCTYPE html><html>": "it is HTML, not metrics: the path is most often /metrics",
    "{": 'line 1: no sample, which looks like name{label="value"} 1, and no comment',
    '{"a": 1': "it begins like JSON and is none: neither metrics nor a dump of /api/v1/metadata",
    "[1]": "it is JSON, and no dump of Prometheus's /api/v1/metadata",
    '{"a": {"b": 1}}': "it is JSON, and no dump of Prometheus's /api/v1/metadata",
    '{"data": {}}': "it is a dump of /api/v1/metadata that knows no metrics",
    '{"status": "error", "error": "\\u001b[31m"}': "Prometheus answered with an error: \N{REPLACEMENT CHARACTER}[31m",
    "# only words\n": "it holds comments and no metrics",
    "a 1\nb\nc{x=1} 2\nd 4\n": 'line 2, 3: no sample, which looks like name{label="value"} 1, and no comment',
    'a{x="1} 2\n': 'line 1: no sample, which looks like name{label="value"} 1, and no comment',
    '# TYPE h histogram\nh_bucket{le="x"} 1\n': "h_bucket has the boundary le='x', which is no number",
    '# TYPE h histogram\nh_bucket{le="NaN"} 1\n': "h_bucket has the boundary le='NaN', which is no number",
    "not found\n": 'line 1: no sample, which looks like name{label="value"} 1, and no comment',
}


@pytest.mark.parametrize(("text", "said"), BAD.items())
def test_what_is_no_page(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "page"
    file.write_text(text)
    assert ask("import", file) == (1, "", f"Error: {said}\n")


def test_many_labels_and_a_wrong_end_take_no_time() -> None:
    line = "a{" + ",".join(f'l{i}="{"x" * 50}"' for i in range(2000)) + "} oops"
    with pytest.raises(page.Unreadable):
        page.read(line)


class Server(http.server.ThreadingHTTPServer):
    """Answers each path in its own way."""

    seen: list[tuple[str, str | None]]


class Answers(http.server.BaseHTTPRequestHandler):
    """Paths are what is wrong."""

    server: Server

    def do_GET(self) -> None:
        self.server.seen.append((self.path, self.headers.get("Authorization")))
        body, code, headers = b"a_total 1\n", 200, {}
        match self.path:
            case "/metrics":
                code, headers = 307, {"Location": "/metrics/"}
            case "/elsewhere":
                code, headers = 302, {"Location": f"http://localhost:{self.server.server_address[1]}/metrics/"}
            case "/ftp":
                code, headers = 302, {"Location": "ftp://127.0.0.1/metrics"}
            case "/loop":
                code, headers = 302, {"Location": "/loop"}
            case "/401" | "/403" | "/404":
                code = int(self.path[1:])
            case "/gzip":
                body = gzip.compress(body)
            case "/latin":
                body = b'a{x="\xe9"} 1\n'
        self.send_response(code)
        for key, value in headers.items():
            self.send_header(key, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Quiet."""


@pytest.fixture
def server() -> Iterator[Server]:
    """A server on a port of its own."""
    made = Server(("127.0.0.1", 0), Answers)
    made.seen = []
    thread = threading.Thread(target=made.serve_forever, daemon=True)
    thread.start()
    yield made
    made.shutdown()
    made.server_close()
    thread.join()


@pytest.fixture
def get(server: Server) -> Callable[..., tuple[int, str, str]]:
    """Imports a path of the server."""
    return lambda path, *args: ask("import", f"http://127.0.0.1:{server.server_address[1]}{path}", *args)


def test_a_redirect_is_followed(server: Server, get: Callable[..., tuple[int, str, str]]) -> None:
    code, out, _ = get("/metrics")
    assert (code, "a_total" in out) == (0, True)
    assert [path for path, _ in server.seen] == ["/metrics", "/metrics/"]


def test_gzip_is_unpacked(get: Callable[..., tuple[int, str, str]], tmp_path: Path) -> None:
    assert get("/gzip")[0] == 0
    file = tmp_path / "page.gz"
    file.write_bytes(gzip.compress(b"a_total 1\n"))
    assert ask("import", file)[0] == 0
    file.write_bytes(gzip.compress(b"a_total 1\n")[:-9])
    assert ask("import", file)[2] == f"Error: {file} begins like gzip and cannot be unpacked\n"


def test_a_token_is_sent_to_its_own_server_only(
    server: Server, get: Callable[..., tuple[int, str, str]], tmp_path: Path
) -> None:
    token = tmp_path / "token"
    token.write_text("sk-abc\n")
    get("/metrics", "--bearer-file", token)
    get("/elsewhere", "--bearer-file", token)
    assert [header for _, header in server.seen] == ["Bearer sk-abc", "Bearer sk-abc", "Bearer sk-abc", None]


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/401", "answers 401 Unauthorized: it wants a token, so write one to a file, and --bearer-file FILE"),
        ("/403", "answers 403 Forbidden: it wants a token, so write one to a file, and --bearer-file FILE"),
        ("/404", "answers 404 Not Found: the path is most often /metrics"),
        ("/latin", "is not UTF-8: the byte 0xe9 in line 1"),
        ("/ftp", "redirects to ftp://127.0.0.1/metrics, which is not read"),
    ],
)
def test_what_a_server_answers_instead(get: Callable[..., tuple[int, str, str]], path: str, said: str) -> None:
    code, out, err = get(path)
    assert (code, out) == (1, "")
    assert err.endswith(f"{path} {said}\n")


def test_a_token_that_is_not_taken(get: Callable[..., tuple[int, str, str]], tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("sk-secret")
    _, _, err = get("/401", "--bearer-file", token)
    assert err.endswith(f"answers 401 Unauthorized: it does not take the token in {token}\n")
    assert "sk-secret" not in err
    token.write_text("two words\n")
    assert get("/401", "--bearer-file", token)[2] == (
        f"Error: {token} holds no token: it should be one word, and nothing else\n"
    )


def test_redirects_without_an_end(get: Callable[..., tuple[int, str, str]]) -> None:
    assert get("/loop")[0] == 1


def test_nobody_is_there(server: Server) -> None:
    url = f"http://127.0.0.1:{server.server_address[1]}/metrics"
    server.shutdown()
    server.server_close()
    assert ask("import", url)[2] == f"Error: {url} cannot be reached: [Errno 111] Connection refused\n"


def test_nobody_answers() -> None:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers) as silent:  # never served
        url = f"http://127.0.0.1:{silent.server_address[1]}/metrics"
        said = f"Error: {url} did not answer within 0.2 s: --timeout SECONDS waits longer\n"
        assert ask("import", url, "--timeout", "0.2") == (1, "", said)


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("ftp://x/metrics", "ftp:// is not read: write a file, http:// or https://"),
        ("no/such/file", "no/such/file: No such file or directory"),
        (
            "http://me:hunter2@x/metrics",
            "a password in a URL ends in logs: write the token to a file, and --bearer-file FILE",
        ),
    ],
)
def test_where_nothing_is_read(where: str, said: str) -> None:
    assert ask("import", where) == (1, "", f"Error: {said}\n")


def test_a_file_url_and_standard_input(tmp_path: Path) -> None:
    file = tmp_path / "a page"
    file.write_text("a_total 1\n")
    assert ask("import", file.as_uri())[0] == 0
    ran = CliRunner().invoke(app, ["catalogue", "import", "-"], input="a_total 1\n")
    assert ran.exit_code == 0


def test_entries_for_what_nobody_knows_are_a_specs_metrics(tmp_path: Path) -> None:
    file = tmp_path / "page"
    file.write_text(
        '# HELP my_seconds Time\\nof "it": yes.\n# TYPE my_seconds histogram\nmy_seconds_bucket{m="a",le="0.25"} 1\n'
        'my_seconds_bucket{m="a",le="+Inf"} 1\nmy_seconds_sum{m="a"} 1\nmy_seconds_count{m="a"} 1\n'
        "my_odd_total 1\nvllm:num_requests_running 1\n"
    )
    code, out, _ = ask("import", file, "--format", "yaml")
    assert code == 0
    assert yaml.safe_load(out) == {
        "metrics": {
            "my_odd_total": {"type": "counter", "help": "The page says nothing of it."},
            "my_seconds": {
                "type": "histogram",
                "unit": "seconds",
                "labels": ["m"],
                "buckets": ["250ms"],
                "help": 'Time of "it": yes.',
            },
        }
    }
    found = json.loads(ask("import", file, "--format", "json")[1])
    assert found["unknown"]["metrics"].keys() == {"my_odd_total", "my_seconds"}
    assert [item["catalogue"] for item in found["recognised"]] == ["vllm"]


def test_the_report_says_what_is_deprecated_and_what_is_unknown(tmp_path: Path) -> None:
    file = tmp_path / "page"
    file.write_text("vllm:gpu_cache_usage_perc 1\nvllm:kv_cache_usage_perc 1\nmine 1\n")
    assert ask("import", file)[1].splitlines() == [
        "vLLM 0.9 to 0.10: 2 metrics, catalogue vllm",
        "  deprecated  vllm:gpu_cache_usage_perc: write vllm:kv_cache_usage_perc",
        "unknown: 1 metric; --format yaml writes them as metrics: for a spec",
        "  mine: gauge",
    ]


def test_list_show_and_search() -> None:
    assert any(line.startswith("vllm ") and "0.8 to 0.33" in line for line in ask("list")[1].splitlines())
    assert {item["catalogue"] for item in json.loads(ask("list", "--format", "json")[1])} == set(catalogue.names())
    shown = ask("show", "vllm", "--version", "0.8")[1]
    assert "vllm:gpu_cache_usage_perc" in shown
    assert "vllm:kv_cache_usage_perc" not in shown
    one = ask("show", "litellm_deployment_state")[1]
    assert "2 never clears" in one
    assert "litellm_deployment_state" in ask("search", "outage")[1]
    assert ask("search", "no such word")[0] == 1


def test_what_cannot_be_shown() -> None:
    near = "Error: no catalogue and no metric is called 'vlllm': did you mean vllm or "
    assert ask("show", "vlllm")[2].startswith(near)
    assert ask("show", "vllm", "--version", "new")[2] == "Error: 'new' is no version: write one such as 0.19\n"
    assert "newer than what the catalogue knows" in ask("show", "vllm", "--version", "9.9")[2]
