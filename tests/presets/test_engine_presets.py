"""The presets of inference servers: at each version only what it has, alerts are proved, panels show a played page."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml
from played import FLEET, SERVICE, Made, asked, given, judge, make, named, played, shown, unproved

from llmmon import catalogue, pipeline, play, preset
from llmmon.catalogue import version as versions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.preset import Data

BLOCK = re.compile(r"^```yaml\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ROOT = Path(__file__).parents[2]
VERSIONS: dict[str, tuple[str | None, ...]] = {  # the oldest first: what changes is told in `versions:` of a preset
    "sglang": ("0.4.6", "0.4.10", "0.5.4", "0.5.6", "0.5.7", "0.5.23"),
    "tgi": ("2.0", "3.3.7"),
    "dcgm": ("3.3.5", "4.0.0", "4.5.3"),
    "triton": (None,),
    "llm-d": ("0.8", "0.9", "0.10"),
}
EACH = [(technology, version) for technology, all_ in VERSIONS.items() for version in all_]
ENDS = [
    (technology, version) for technology, all_ in VERSIONS.items() for version in dict.fromkeys((all_[0], all_[-1]))
]
TAKEN_AWAY = [("tgi", "2.0"), ("dcgm", "3.3.5")]  # what these lack is all that is other than in the newest
OWN: dict[str, str | tuple[str, ...]] = {
    "sglang": "sglang:",
    "tgi": "tgi_",
    "dcgm": "DCGM_",
    "triton": "nv_",
    "llm-d": ("llm_d_", "inference_"),
}  # how the names of a technology begin
ROLES = {"requests", "errors", "latency", "ttft", "itl", "queue", "inflight", "tokens_in", "tokens_out", "kv_usage"}
SERVERS = {
    "sglang": set(),
    "tgi": {"ttft"},
    "triton": {"itl", "tokens_in", "tokens_out"},
    "llm-d": set(),
}  # what each does not tell of these
OPT_IN = {
    "dcgm": {"Errors by code", "Clocks", "Health"},
    "triton": {"First answers", "TensorRT-LLM", "Response cache"},
    "llm-d": {"Flow control"},
}  # rows of panels on what has to be turned on
SINCE = [
    ("sglang", "errors", "0.5.7"),
    ("sglang", "queue_time", "0.5.4"),
    ("sglang", "aborted", "0.4.10"),
    ("tgi", "kv_usage", "2.3.1"),
    ("llm-d", "ttft", "0.9"),
    ("llm-d", "queue_spread", "0.10"),
]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """One service for each version of each preset."""
    return make(tmp_path_factory.mktemp("engines"), EACH)


def written(technology: str, version: str | None) -> Data:
    return preset.load(technology).at(versions.parse(version) if version else None).data


def section(technology: str, version: str | None, name: str) -> Data:
    found = written(technology, version)[name]
    assert isinstance(found, dict)
    return found


def test_every_version_compiles_without_a_problem(made: Made) -> None:
    assert made.messages == []


@pytest.mark.parametrize(("technology", "version"), ENDS)
def test_every_alert_fires_on_its_incident_and_is_silent_otherwise(
    technology: str, version: str | None, made: Made
) -> None:
    assert unproved(made, named(technology, version)) == []


@pytest.mark.parametrize(("technology", "version"), EACH)
def test_a_name_is_asked_for_only_where_it_exists(technology: str, version: str | None, made: Made) -> None:
    here = play.page([(technology, versions.parse(version) if version else None)], opt_in=True)
    labels = {
        label for forms in catalogue.read(technology).forms.values() for form in forms for label in form.metric.labels
    }
    words = {word for word in made.asked(named(technology, version)) - labels if word.startswith(OWN[technology])}
    assert words
    assert {word for word in words if not re.search(rf"^{word}[{{ ]", here, re.MULTILINE)} == set()


@pytest.mark.parametrize(("technology", "version"), [end for end in ENDS if end not in TAKEN_AWAY])
def test_no_panel_stays_empty(technology: str, version: str | None, made: Made) -> None:
    service = named(technology, version)
    seen = list(shown(made.services[service]))
    judge(made, service, {"input_series": played(made, technology, version, opt_in=True), "promql_expr_test": seen})


@pytest.mark.parametrize(("technology", "version"), ENDS)
def test_every_alert_has_a_panel_beside_it(technology: str, version: str | None, made: Made) -> None:
    boards = [board for board in made.services[named(technology, version)].dashboards if board.name == technology]
    seen = {name for board in boards for row in board.rows for panel in row.panels for name, _ in panel.alerts}
    assert set(section(technology, version, "alerts")) <= seen


@pytest.mark.parametrize(("technology", "role", "since"), SINCE)
def test_a_version_is_offered_what_it_has(technology: str, role: str, since: str) -> None:
    first = versions.parse(since)
    for version in VERSIONS[technology]:
        here = versions.parse(version or "")
        assert here
        assert (role in section(technology, version, "signals")) == versions.within(here, first, None), version


@pytest.mark.parametrize("technology", SERVERS)
def test_engines_can_be_changed_because_roles_have_one_name(technology: str) -> None:
    newest = set(section(technology, VERSIONS[technology][-1], "signals"))
    assert ROLES - newest == SERVERS[technology]
    assert set(section("vllm", None, "signals")) >= ROLES


@pytest.mark.parametrize(("technology", "version"), EACH)
def test_what_has_to_be_turned_on_has_a_row_of_its_own(technology: str, version: str | None) -> None:
    rows = dict(optional(technology, version))
    assert {row for row, needs in rows.items() if needs == {False, True}} == set()
    if version == VERSIONS[technology][-1]:
        assert {row for row, needs in rows.items() if needs == {True}} == OPT_IN.get(technology, set())


@pytest.mark.parametrize("technology", VERSIONS)
def test_the_page_says_how_it_is_turned_on(technology: str) -> None:
    page = (ROOT / f"docs/presets/{technology}.md").read_text().replace("`", "")
    for version in VERSIONS[technology]:
        assert {flag for flag in flags(technology, version).values() if flag and flag not in page} == set()


@pytest.mark.parametrize("technology", VERSIONS)
def test_the_examples_of_the_page_compile(technology: str, tmp_path: Path) -> None:
    first, *more = BLOCK.findall((ROOT / f"docs/presets/{technology}.md").read_text())
    (tmp_path / "fleet.yaml").write_text(FLEET)
    for number, block in enumerate((first, *more)):
        whole = {**yaml.safe_load(first), **yaml.safe_load(block), "service": f"n{number}", "team": "observability"}
        (tmp_path / f"{number}.yaml").write_text(yaml.safe_dump(whole))
    built = pipeline.build(pipeline.read([tmp_path]), tmp_path / "generated", verify=False)
    assert more
    assert [problem.message for problem in built.problems] == []


def flags(technology: str, version: str | None) -> dict[str, str | None]:
    """By role of the preset, what turns its metrics on."""
    at = versions.parse(version) if version else None
    forms = [form for name in preset.load(technology).catalogues for form in catalogue.read(name).at(at).items()]
    found: dict[str, str | None] = {}
    for role, signal in section(technology, version, "signals").items():
        words = set(re.findall(r"[\w:]+", str(signal)))
        names = {re.sub(r"_(?:bucket|sum|count)\Z", "", word) for word in words} | words
        found[role] = next((form.opt_in for name, form in forms if name in names and form.opt_in), None)
    return found


def optional(technology: str, version: str | None) -> Iterator[tuple[str, set[bool]]]:
    """Each row of its dashboard, and whether its panels need something turned on."""
    needs = flags(technology, version)
    board = section(technology, version, "dashboards")[technology]
    assert isinstance(board, dict)
    rows = board["panels"]
    assert isinstance(rows, dict)
    for row, panels in rows.items():
        assert isinstance(panels, list)
        roles = [
            role for panel in panels if isinstance(panel, dict) for role in re.findall(r"\w+", str(panel["signal"]))
        ]
        yield row, {needs[role] is not None for role in roles if role in needs}


SGLANG = named("sglang", "0.5.23")
HUNG = """
sglang:num_running_reqs{instance="a",model_name="m",tp_rank="0",dp_rank="0"} 4x40
sglang:num_running_reqs{instance="a",model_name="m",tp_rank="1",dp_rank="1"} 4x40
sglang:num_running_reqs{instance="b",model_name="m",tp_rank="0"} 0x40
sglang:realtime_tokens_total{instance="a",model_name="m",tp_rank="0",dp_rank="0",mode="decode"} 0+600x40
sglang:realtime_tokens_total{instance="a",model_name="m",tp_rank="1",dp_rank="1",mode="decode"} 0+600x10 6000x30
sglang:realtime_tokens_total{instance="b",model_name="m",tp_rank="0",mode="decode"} 6000x40
"""
LONG = """
sglang:num_running_reqs{instance="a",model_name="m",tp_rank="0"} 4x40
sglang:realtime_tokens_total{instance="a",model_name="m",tp_rank="0",mode="decode"} 0+600x40
sglang:generation_tokens_total{instance="a",model_name="m"} 0x40
"""
HANDED = LONG.replace("realtime_tokens_total", "inter_token_latency_seconds_count").replace(',mode="decode"', "")
PROBED = """
sglang:http_responses_total{instance="a",endpoint="/health",method="GET",status_code="503"} 0+60x40
sglang:http_responses_total{instance="a",endpoint="/generate",method="POST",status_code="200"} 0+60x40
"""
RANKS = """
sglang:num_queue_reqs{instance="a",model_name="m",tp_rank="0",priority=""} 7x40
sglang:num_queue_reqs{instance="a",model_name="m",tp_rank="0",priority="1"} 4x40
sglang:num_queue_reqs{instance="a",model_name="m",tp_rank="1",priority=""} 7x40
sglang:num_queue_reqs{instance="b",model_name="m",tp_rank="0",dp_rank="0"} 2x40
sglang:num_queue_reqs{instance="b",model_name="m",tp_rank="1",dp_rank="1"} 3x40
"""
TGI = named("tgi", "3.3.7")
STUCK = """
tgi_batch_current_size{instance="a"} 4x40
tgi_batch_current_size{instance="b"} 0x40
tgi_queue_size{instance="a"} 0x40
tgi_queue_size{instance="b"} 0+1x40
tgi_batch_inference_success{instance="a",method="decode"} 0+600x40
tgi_batch_inference_success{instance="b",method="decode"} 0+600x10 6000x30
"""
CALLERS = """
tgi_request_success{instance="a"} 0+60x40
tgi_request_failure{instance="a",err="validation"} 0+60x40
tgi_request_failure{instance="a",err="dropped"} 0+6x40
"""
FULL = """
tgi_request_success{instance="a"} 0+60x40
tgi_request_failure{instance="a",err="overloaded"} 0+6x40
"""
DCGM = named("dcgm", "4.5.3")
SINCE_LONG = """
DCGM_FI_DEV_XID_ERRORS{instance="a",gpu="0",UUID="u"} 79x60
DCGM_FI_DEV_XID_ERRORS{instance="a",gpu="1",UUID="v",err_code="0"} 0x20 stale
DCGM_FI_DEV_XID_ERRORS{instance="a",gpu="1",UUID="v",err_code="31"} _x21 31x60
"""
PODS = """
DCGM_FI_DEV_GPU_TEMP{instance="a",gpu="0",UUID="u",pod="x"} 60x10 stale
DCGM_FI_DEV_GPU_TEMP{instance="a",gpu="0",UUID="u",pod="y"} _x11 60x30
DCGM_FI_DEV_GPU_TEMP{instance="b",gpu="0",UUID="v"} 60x40
DCGM_FI_DEV_GPU_TEMP{instance="b",gpu="1",UUID="w"} 60x10 stale
"""
FOREIGN = """
DCGM_FI_DEV_MEMORY_TEMP{instance="a",gpu="0",UUID="u"} 9223372036854775794x40
DCGM_FI_DEV_MEMORY_TEMP{instance="a",gpu="1",UUID="v"} 99x40
"""
PART = """
nv_inference_request_success{instance="a",model="part",version="1"} 0+100x40
nv_inference_request_failure{instance="a",model="part",version="1",reason="BACKEND"} 0+3x40
nv_inference_request_success{instance="a",model="whole",version="1"} 0+100x40
nv_inference_request_failure{instance="a",model="whole",version="1",reason="OTHER"} 0+6x40
"""
WAITING = """
nv_inference_pending_request_count{instance="a",model="m",version="1"} 5x40
nv_inference_pending_request_count{instance="b",model="m",version="1"} 5x40
nv_inference_pending_request_count{instance="c",model="m",version="1"} 0x40
nv_inference_exec_count{instance="a",model="m",version="1"} 0+60x40
nv_inference_exec_count{instance="b",model="m",version="1"} 0+60x10 600x30
nv_inference_exec_count{instance="c",model="m",version="1"} 600x40
"""
SUMS = """
nv_inference_request_success{instance="a",model="m",version="1"} 0+60x40
nv_inference_request_duration_us{instance="a",model="m",version="1"} 0+120000000x40
"""
ROUTER = named("llm-d", "0.10")
POOL = """
llm_d_epp_ready_endpoints{instance="a",name="chat"} 2x40
llm_d_epp_ready_endpoints{instance="a",name="embed"} 2x20 0x20
"""
WRONG = """
llm_d_epp_request_total{instance="a",model_name="m"} 0+60x40
llm_d_epp_request_error_total{instance="a",model_name="m",error_code="BadRequest"} 0+30x40
"""
TWICE = """
llm_d_epp_request_total{instance="a",model_name="m"} 0+60x60
llm_d_epp_request_total{instance="b",model_name="m"} 0+60x60
inference_objective_request_total{instance="a",model_name="m"} 0+60x60
inference_objective_request_total{instance="b",model_name="m"} 0+60x60
"""
REPLICAS = """
llm_d_epp_per_endpoint_queue_size{instance="a",name="p",model_server_endpoint="x"} 3x40
llm_d_epp_per_endpoint_queue_size{instance="b",name="p",model_server_endpoint="x"} 3x40
llm_d_epp_per_endpoint_queue_size{instance="a",name="p",model_server_endpoint="y"} 2x40
llm_d_epp_per_endpoint_queue_size{instance="b",name="p",model_server_endpoint="y"} 2x40
"""
FIRING = 'count by ({by}) (ALERTS{{alertname="{alert}",alertstate="firing"}})'


@pytest.mark.parametrize(
    ("service", "alert", "text", "who"),
    [
        pytest.param(SGLANG, "EngineStalled", HUNG, {'{dp_rank="1",instance="a"}'}, id="one rank hangs"),
        pytest.param(SGLANG, "EngineStalled", LONG, set(), id="an answer that takes long"),
        pytest.param(named("sglang", "0.5.6"), "EngineStalled", HANDED, set(), id="an answer that takes long, before"),
        pytest.param(SGLANG, "HighErrorRate", PROBED, set(), id="probes that fail"),
        pytest.param(TGI, "EngineStalled", STUCK, {'{instance="b"}'}, id="a prefill that hangs"),
        pytest.param(TGI, "HighErrorRate", CALLERS, set(), id="mistakes of callers"),
        pytest.param(TGI, "HighErrorRate", FULL, {'{severity="critical"}', '{severity="warning"}'}, id="a full server"),
        pytest.param(DCGM, "XIDReported", SINCE_LONG, {'{gpu="1",instance="a"}'}, id="an error of long ago"),
        pytest.param(DCGM, "GPULost", PODS, {'{instance="b"}'}, id="a GPU that changes its pod"),
        pytest.param(DCGM, "GPUMemoryHot", FOREIGN, {'{gpu="1"}'}, id="a field that a GPU lacks"),
        pytest.param("triton", "HighErrorRate", PART, {'{model="part"}'}, id="a part of an ensemble"),
        pytest.param("triton", "ModelStalled", WAITING, {'{instance="b"}'}, id="a queue that nobody takes from"),
        pytest.param(ROUTER, "PoolEmpty", POOL, {'{name="embed"}'}, id="one pool of two"),
        pytest.param(ROUTER, "HighErrorRate", WRONG, set(), id="mistakes of callers, of a router"),
    ],
)
def test_it_tells_what_is_wrong_from_what_only_looks_so(
    service: str, alert: str, text: str, who: set[str], made: Made
) -> None:
    by = ", ".join(sorted(re.findall(r"(\w+)=", next(iter(who), ""))))
    wanted = [{"labels": labels, "value": 1} for labels in sorted(who)]
    look = {"expr": FIRING.format(by=by, alert=alert), "eval_time": "35m", "exp_samples": wanted}
    assert alert in made.alerts(service)
    judge(made, service, {"input_series": given(text, service), "promql_expr_test": [look]})


@pytest.mark.parametrize(
    ("service", "title", "text", "value"),
    [
        pytest.param(SGLANG, "Waiting", RANKS, 12, id="ranks are no queues"),
        pytest.param("triton", "Mean time of a request", SUMS, 2, id="microseconds are seconds"),
        pytest.param(ROUTER, "Requests", TWICE, 2, id="old names are not added"),
        pytest.param(ROUTER, "Waiting in servers", REPLICAS, 5, id="replicas see the same servers"),
    ],
)
def test_a_panel_shows_what_it_says(service: str, title: str, text: str, value: float, made: Made) -> None:
    rows = [row for board in made.services[service].dashboards for row in board.rows]
    panel = next(panel for row in rows for panel in row.panels if panel.title == title)
    (query,) = panel.queries
    look = {
        "expr": f"sum({asked(query.expr)})",
        "eval_time": "35m",
        "exp_samples": [{"labels": "{}", "value": value}],
    }
    judge(made, service, {"input_series": given(text, service), "promql_expr_test": [look]})


def test_a_router_that_renames_is_asked_for_its_own_names(tmp_path: Path) -> None:
    uses = '{sglang: {version: "0.5.23", rename: {"sglang:*": "sglang_*"}}}'
    (tmp_path / "fleet.yaml").write_text(FLEET)
    (tmp_path / "chat.yaml").write_text(SERVICE.format(name="chat", uses="").replace("[]", uses))
    built = pipeline.build(pipeline.read([tmp_path]), tmp_path / "generated", verify=False)
    assert [problem.message for problem in built.problems] == []
    rules = (tmp_path / "generated/prometheus/rules/production/chat.yaml").read_text()
    assert "sglang_num_running_reqs" in rules
    assert "sglang:" not in rules
