"""Metrics that no catalogue knows: what they are taken for, and that no page makes a spec that `check` refuses."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from llmmon import pipeline, play
from llmmon.catalogue import page
from llmmon.draft import drafts, guess, text
from llmmon.problem import Level

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Fleet

APP = """\
# HELP chat_requests_total Requests: "quoted" {braces} {{ $x }} # hash \\n ünïcode \N{GRINNING FACE}
# TYPE chat_requests_total counter
chat_requests_total{status="ok",model="gpt",team="a",service="x"} 5
chat_requests_total{status="error",model="gpt",team="a",service="x"} 1
# TYPE chat_request_seconds histogram
chat_request_seconds_bucket{model="gpt",le="0.1"} 1
chat_request_seconds_bucket{model="gpt",le="1.5"} 1
chat_request_seconds_bucket{model="gpt",le="+Inf"} 1
# TYPE chat_ttft_seconds histogram
chat_ttft_seconds_bucket{le="0.5"} 1
chat_ttft_seconds_bucket{le="+Inf"} 1
# TYPE chat_tokens_total counter
chat_tokens_total{direction="in",model="a"} 3
chat_tokens_total{direction="out",model="a"} 3
# TYPE chat_cost_usd_total counter
chat_cost_usd_total{tenant="b"} 3
# TYPE chat_cache_hits_total counter
chat_cache_hits_total 1
# TYPE chat_cache_misses_total counter
chat_cache_misses_total 1
# TYPE chat_queue_depth gauge
chat_queue_depth 1
# TYPE events counter
events 1
# TYPE weird_total gauge
weird_total 1
# TYPE null gauge
null 1
# TYPE on counter
on 1
{"dotted.name", "a.b"="c"} 1
"""


@pytest.fixture
def app(fleet: Fleet) -> dict[str, Any]:
    """What is written for the page above, which generates without a word."""
    shutil.rmtree(fleet.root / "specs")
    fleet.write("app.txt", APP)
    assert fleet.run("init", "--from", "app.txt").code == 0
    assert (fleet.run("generate").code, fleet.run("check").out) == (0, "")
    found: dict[str, Any] = yaml.safe_load((fleet.root / "specs/app.yaml").read_text())
    return found


def test_signals_by_role(app: dict[str, Any]) -> None:
    assert app["signals"] == {
        "requests": {"rate": "chat_requests_total", "by": ["model"]},
        "errors": {"ratio": {"bad": 'chat_requests_total{status="error"}', "total": "chat_requests_total"}},
        "ttft": {"histogram": "chat_ttft_seconds"},
        "latency": {"histogram": "chat_request_seconds"},
        "tokens_in": {"rate": 'chat_tokens_total{direction="in"}', "by": ["model"]},
        "tokens_out": {"rate": 'chat_tokens_total{direction="out"}', "by": ["model"]},
        "spend": {"rate": "chat_cost_usd_total"},
        "cache_hits": {
            "ratio": {
                "part": "chat_cache_hits_total",
                "total": ["chat_cache_hits_total", "chat_cache_misses_total"],
            }
        },
        "queue": {"gauge": "chat_queue_depth", "how": "sum"},
    }


def test_objectives_lie_on_boundaries_of_the_page(app: dict[str, Any]) -> None:
    assert {name: said.get("within") for name, said in app["slos"].items()} == {
        "availability": None,
        "first_token": "500ms",
        "latency": "1.5s",
    }


def test_metrics_have_their_types_labels_and_boundaries(app: dict[str, Any]) -> None:
    metrics = app["metrics"]
    assert metrics["chat_requests_total"]["labels"] == ["model", "service", "status", "team"]
    assert metrics["chat_request_seconds"]["buckets"] == ["100ms", "1.5s"]
    assert metrics["events"] == {"type": "counter", "help": "The page says nothing of it.", "misnamed": True}
    assert {"null", "on", "weird_total"} < metrics.keys()
    assert "dotted.name" not in metrics


STATUS = {
    ('code="200"', 'code="503"'): {"bad": 'x_requests_total{code=~"5.."}', "total": "x_requests_total"},
    ('status="2xx"', 'status="4xx"'): {"bad": 'x_requests_total{status=~"5.."}', "total": "x_requests_total"},
    ('outcome="success"',): {"good": 'x_requests_total{outcome="success"}', "total": "x_requests_total"},
    ('outcome="failed"', 'outcome="x.timeout"'): {
        "bad": 'x_requests_total{outcome="failed"}',
        "total": "x_requests_total",
    },
    ('result="error"', 'result="rate_limit_error"'): {
        "bad": 'x_requests_total{result=~"error|rate_limit_error"}',
        "total": "x_requests_total",
    },
    ('success="False"',): {"good": 'x_requests_total{success="True"}', "total": "x_requests_total"},
    ('error="true"', 'error="false"'): {"bad": 'x_requests_total{error="true"}', "total": "x_requests_total"},
    ('code="17"', 'code="200"'): None,
    ('state="a"',): None,
    ('path="/a"',): None,
}


@pytest.mark.parametrize(("labels", "sides"), STATUS.items())
def test_how_requests_end(labels: tuple[str, ...], sides: dict[str, str] | None) -> None:
    lines = [f"x_requests_total{{{label}}} 1" for label in labels]
    found = guess.signals(page.read("\n".join(["# TYPE x_requests_total counter", *lines])).values())
    assert {each.role: each.signal.get("ratio") for each in found}.get("errors") == sides
    assert "requests" in {each.role for each in found}


def test_a_counter_of_its_own_for_what_fails() -> None:
    families = page.read("x_chat_errors_total 1\nx_chat_requests_total 2\nx_disk_errors_total 3\n")
    found = {each.role: each.signal for each in guess.signals(families.values())}
    assert found["errors"] == {"ratio": {"bad": "x_chat_errors_total", "total": "x_chat_requests_total"}}


def test_what_is_not_clear_is_not_guessed() -> None:
    families = page.read(
        "# TYPE a_milliseconds histogram\n"
        'a_milliseconds_bucket{le="5"} 1\n'
        "# TYPE queue_seconds gauge\nqueue_seconds 1\n"
        "# TYPE on counter\non 1\n"
        "# TYPE request_errors_total counter\nrequest_errors_total 1\n"
    )
    assert guess.signals(families.values()) == []


def test_roles_of_a_preset_are_left_alone() -> None:
    families = page.read("x_requests_total 1\n# TYPE x_queue_depth gauge\nx_queue_depth 1\n")
    assert [each.role for each in guess.signals(families.values(), ["requests"])] == ["queue"]


def test_many_metrics_are_counted_and_the_spec_stays_short(fleet: Fleet) -> None:
    fleet.write("app.txt", APP + "".join(f"thing_{number} 1\n" for number in range(500)))
    assert fleet.run("init", "--from", "app.txt").code == 0
    lines = (fleet.root / "specs/app.yaml").read_text().splitlines()
    assert len(lines) < 60
    declared = yaml.safe_load("\n".join(lines))["metrics"]
    assert "chat_queue_depth" in declared
    total = 500 + APP.count("# TYPE") + 1
    assert lines[-1].startswith(f"# {total - len(declared)} metrics that no catalogue knows")


def test_a_vllm_with_metrics_of_its_owners(fleet: Fleet) -> None:
    shutil.rmtree(fleet.root / "specs")
    fleet.write("page.txt", play.page([("vllm", None)]) + APP)
    assert fleet.run("init", "--from", "page.txt").code == 0
    spec = yaml.safe_load((fleet.root / "specs/vllm.yaml").read_text())
    assert list(spec["uses"]) == ["vllm"]
    assert list(spec["signals"]) == ["spend"]
    assert (fleet.run("generate").code, fleet.run("check").out) == (0, "")


# Any page at all

WORDS = st.sampled_from(
    [
        *("requests", "errors", "total", "seconds", "duration", "ttft", "tokens", "input", "cost", "queue", "cache"),
        *("hits", "misses", "null", "on", "y", "x", "1"),
    ]
)
NAMES = st.lists(WORDS, min_size=1, max_size=4).map("_".join).filter(lambda name: not name[0].isdigit())
LABELS = st.dictionaries(
    st.sampled_from(["status", "code", "model", "team", "service", "le", "job", "success", "namespace", "__x", "on"]),
    st.one_of(st.sampled_from(["200", "5xx", "error", "ok", "true", "input"]), st.text(max_size=8)),
    max_size=3,
)
ANY = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
FAMILIES = st.dictionaries(
    NAMES,
    st.tuples(st.sampled_from(["counter", "gauge", "histogram", "summary", "untyped"]), ANY, LABELS),
    min_size=1,
    max_size=8,
)


def exposition(families: dict[str, tuple[str, str, dict[str, str]]]) -> str:
    """A page of metrics; help and label values are hostile."""
    out = []
    for name, (kind, words, labels) in families.items():
        out += [f"# HELP {name} {escaped(words)}", f"# TYPE {name} {kind}"]
        own = {key: value for key, value in labels.items() if key != "le"}
        if kind == "histogram":
            out += [f"{name}_bucket{inside({**own, 'le': le})} 1" for le in ("0.1", "1", "+Inf")]
        else:
            out.append(f"{name}{inside(own)} 1")
    return "\n".join(out) + "\n"


def inside(labels: dict[str, str]) -> str:
    inner = ",".join(f'{key}="{escaped(value)}"' for key, value in labels.items())
    return f"{{{inner}}}"


def escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", " ")


@given(FAMILIES)
@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_page_makes_a_spec_that_is_refused(tmp_path: Path, families: dict[str, Any]) -> None:
    draft = drafts.of_page(page.read(exposition(families)))[0]
    place = text.Place("app", "platform", "app")
    (tmp_path / "specs").mkdir(exist_ok=True)
    (tmp_path / "specs/fleet.yaml").write_text(text.fleet("llm", "platform"))
    written = text.service(draft, place, "a page")
    (tmp_path / "specs/app.yaml").write_text(written)
    specs = pipeline.read([tmp_path / "specs"])
    built = pipeline.build(specs, tmp_path / "generated", verify=False)
    assert [p.message for p in built.problems if p.level >= Level.WARNING] == [], written
    assert len(written.splitlines()) < 60
    assert json.dumps(yaml.safe_load(written))
