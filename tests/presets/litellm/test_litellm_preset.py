"""The preset of LiteLLM: each version compiles to what it has, alerts are proved, panels show a played page."""

from __future__ import annotations

import os
import shutil
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from llmmon import pipeline, play, preset
from llmmon.catalogue import version as versions
from llmmon.prove import prove
from llmmon.tool import Tools

if TYPE_CHECKING:
    from collections.abc import Iterator

VERSIONS = ("1.80", "1.81", "1.85", "1.106", "1.110")
NEWEST = VERSIONS[-1]
FLEET = """\
fleet: acme
environments: {production: {selector: {env: production}}}
teams: {platform: {}}
catch_all: [{slack: "#all"}]
watchdog: [{webhook: http://deadman.example/ping}]
receivers: {slack: {secret: slack/url}}
"""
SERVICE = """\
service: proxy-%s
team: platform
selector: {job: proxy}
uses: {litellm: "%s"}
"""
MINUTES = 70
VARIABLES = {"${environment:text}": "production", "${environment}": "production", "$__rate_interval": "5m"}
promtool = pytest.mark.skipif(not shutil.which("promtool"), reason="promtool is not on PATH")


def name(version: str) -> str:
    return f"proxy-{version.replace('.', '-')}"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("litellm")
    (root / "specs").mkdir()
    (root / "specs/fleet.yaml").write_text(FLEET)
    for version in VERSIONS:
        (root / f"specs/{name(version)}.yaml").write_text(SERVICE % (version.replace(".", "-"), version))
    return root


@pytest.fixture(scope="module")
def built(root: Path) -> pipeline.Built:
    return pipeline.build(pipeline.read([root / "specs"]), root / "generated", verify=False)


def test_every_version_compiles_without_a_problem(built: pipeline.Built) -> None:
    assert [problem.message for problem in built.problems] == []


@pytest.mark.parametrize(
    ("signal", "since"),
    [
        ("queue_time", "1.81"),
        ("cache_hits", "1.81"),
        ("inflight", "1.82"),
        ("provider_cache", "1.88"),
        ("team_limit", "1.103"),
        ("unpriced", "1.104"),
    ],
)
def test_a_version_is_offered_what_it_has(signal: str, since: str) -> None:
    for version in VERSIONS:
        parsed = versions.parse(version)
        signals = preset.load("litellm").at(parsed).data["signals"]
        assert isinstance(signals, dict)
        assert parsed
        assert (signal in signals) == versions.within(parsed, versions.parse(since), None), version


def test_nothing_asks_for_a_state_that_never_clears(root: Path, built: pipeline.Built) -> None:
    rules = (root / f"generated/prometheus/rules/production/{name(NEWEST)}.yaml").read_text()
    assert built
    assert "litellm_deployment_total_requests_total" in rules
    assert "litellm_deployment_state" not in rules


@promtool
def test_every_alert_fires_on_its_incident_and_is_silent_otherwise(
    root: Path, built: pipeline.Built, tmp_path: Path
) -> None:
    assert built
    files = sorted((root / "generated/prometheus/tests/production").glob(f"{name(NEWEST)}*.yaml"))
    verdicts = list(prove(files, Tools(tmp_path, os.environ)))
    assert {verdict.group.partition("@")[0] for verdict in verdicts} >= {*alerts()}
    assert [f"{verdict.file.name}, {verdict.group}\n{verdict.failure}" for verdict in verdicts if verdict.failure] == []


TOTAL = "litellm_proxy_total_requests_metric_total"
FAILED = "litellm_proxy_failed_requests_metric_total"
COOLING = (
    f'{TOTAL}{{requested_model="m",route="/v1/messages",status_code="None"}} 0+30x60',
    f'{FAILED}{{requested_model="m",route="/v1/messages",exception_class="RouterRateLimitError"}} 0+30x60',
)
SCRAPED = (
    f'{TOTAL}{{route="/metrics",status_code="500"}} 0+30x60',
    f'{TOTAL}{{route="/health",status_code="500"}} 0+30x60',
    f'{TOTAL}{{route="/v1/messages",status_code="200"}} 0+30x60',
)
SELDOM = (f'{TOTAL}{{requested_model="m",route="/v1/embeddings",status_code="500"}} 0+1x60',)
BLAMED = 'litellm_deployment_%s_total{api_provider="p",litellm_model_name="b"'
FALLEN_BACK = (  # LiteLLM 1.108 blames the deployment that the call falls back to
    f'{BLAMED % "failure_responses"},exception_class="RouterRateLimitError",exception_status="429"}} 0+30x60',
    f"{BLAMED % 'total_requests'}}} 0+60x60",
)
ANSWERED_ELSEWHERE = (  # LiteLLM 1.108 counts the call as one of the fallback's model alone
    'litellm_deployment_successful_fallbacks_total{requested_model="m",fallback_model="b"} 0+30x60',
    f'{TOTAL}{{requested_model="b",route="/v1/chat/completions",status_code="200"}} 0+60x60',
)
FIRING = 'count by (alertname) (count by (alertname, requested_model) (ALERTS{alertstate="firing"}))'


@promtool
@pytest.mark.parametrize(
    ("given", "fired"),
    [
        pytest.param(COOLING, ("AllDeploymentsCoolingDown", "HighErrorRate", "ModelErrorRateHigh"), id="cooling down"),
        pytest.param(SCRAPED, (), id="scrapes without a key"),
        pytest.param(SELDOM, (), id="next to no traffic"),
        pytest.param(FALLEN_BACK, (), id="fallen back"),
        pytest.param(ANSWERED_ELSEWHERE, ("FallbacksCarryTraffic",), id="answered elsewhere"),
    ],
)
def test_what_its_status_codes_hide(
    given: tuple[str, ...], fired: tuple[str, ...], root: Path, built: pipeline.Built
) -> None:
    assert built
    written = [line.rpartition("} ") for line in given]
    own = 'job="proxy",env="production",instance="a"'
    wanted = [{"labels": f'{{alertname="{alert}"}}', "value": 1} for alert in fired]
    test = {
        "rule_files": [f"generated/prometheus/rules/production/{name(NEWEST)}.yaml"],
        "tests": [
            {
                "interval": "1m",
                "input_series": [
                    {"series": f"up{{{own}}}", "values": "1x60"},
                    *({"series": f"{start},{own}}}", "values": values} for start, _, values in written),
                ],
                "promql_expr_test": [
                    {"expr": FIRING, "eval_time": "30m", "exp_samples": wanted},
                ],
            }
        ],
    }
    (root / "hidden.yaml").write_text(yaml.safe_dump(test))
    ran = Tools(root, os.environ).run("promtool", ("test", "rules", PurePosixPath("hidden.yaml")))
    assert ran.code == 0, ran.stdout + ran.stderr


def alerts() -> tuple[str, ...]:
    written = preset.load("litellm").data["alerts"]
    assert isinstance(written, dict)
    return tuple(written)


@promtool
@pytest.mark.parametrize("version", VERSIONS)
def test_every_panel_shows_something_of_a_played_page(version: str, root: Path, built: pipeline.Built) -> None:
    assert built
    specs = pipeline.read([root / "specs"])
    fleet, problems = pipeline.planned(specs)
    service = next(one for one in pipeline.lowered(specs, fleet, problems) if one.name == name(version))
    asked = [
        (panel.key, query.expr)
        for board in service.dashboards
        for row in board.rows
        for panel in row.panels
        for query in panel.queries
    ]
    assert len(asked) > 40
    test = {
        "rule_files": [f"generated/prometheus/rules/production/{name(version)}.yaml"],
        "tests": [
            {
                "interval": "1m",
                "input_series": list(played(version)),
                "promql_expr_test": [
                    {"expr": f"count({plain(expr)}) > bool 0", "eval_time": f"{MINUTES - 2}m", "exp_samples": [ONE]}
                    for _, expr in asked
                ],
            }
        ],
    }
    (root / f"{name(version)}.yaml").write_text(yaml.safe_dump(test))
    ran = Tools(root, os.environ).run("promtool", ("test", "rules", PurePosixPath(f"{name(version)}.yaml")))
    assert ran.code == 0, ran.stdout + ran.stderr


ONE: dict[str, Any] = {"labels": "{}", "value": 1}


def plain(expr: str) -> str:
    for variable, value in VARIABLES.items():
        expr = expr.replace(variable, value)
    return expr


def played(version: str) -> Iterator[dict[str, str]]:
    """What an exporter of that version says in an incident, minute by minute, as Prometheus would store it."""
    uses = [
        (item, versions.parse(version) if item == "litellm" else None) for item in preset.load("litellm").catalogues
    ]
    values: dict[str, list[str]] = {}
    for minute in range(MINUTES):
        page = play.page(uses, play.Scenario.incident, at=60.0 * minute, opt_in=True)
        for line in page.splitlines():
            if not line.startswith("#"):
                series, _, value = line.rpartition(" ")
                values.setdefault(series, []).append(value)
    for series, samples in values.items():
        metric, _, labels = series.rstrip("}").partition("{")
        added = ",".join(filter(None, ('job="proxy"', 'env="production"', 'instance="a"', labels)))
        yield {"series": f"{metric}{{{added}}}", "values": " ".join(samples)}
    yield {"series": 'up{job="proxy",env="production",instance="a"}', "values": f"1x{MINUTES}"}
