"""No panel is empty: a real Prometheus scrapes what is played for each preset, and answers every panel's query."""

from __future__ import annotations

import json
import math
import re
import threading
import time
import urllib.parse
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import live
import pytest
import yaml
from played import VARIABLES, make

from llmmon import play, preset

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

SCRAPED = "2s"
SOON = 120.0  # seconds; most panels need two scrapes and one evaluation of their rules
MADE_BY_PROMETHEUS = "prometheus"  # up, ALERTS, scrape_*: the catalogue that nobody exposes
SCRAPED_AS = re.compile(r'\bjob="(?P<job>[^"]+)"')
# Labels that nobody exposes: generated scrape configurations give them to what the blackbox exporter finds.
OF_PROBES = {"probe": "page", "component": "storage", "at_least": "healthy"}
# Panels that rightly show nothing while all is well: they are shown in an incident.
IN_TROUBLE_ONLY = {
    ("litellm", "Fallback failures"): "a share of the fallbacks, and there are none",
    ("litellm", "Fallbacks that fail"): "the same",
}

Panel = tuple[str, str]  # preset and title


@dataclass(frozen=True)
class Query:
    """What a panel asks."""

    preset: str
    panel: str
    expr: str


@dataclass(frozen=True)
class Shown:
    """A Prometheus that scrapes all that is played, and what the dashboards ask it."""

    url: str
    servers: tuple[play.Server, ...]
    queries: tuple[Query, ...]

    def settled(self, allowed: Collection[Panel] = ()) -> set[Panel]:
        """The panels that stay empty, once no others are."""
        end = time.monotonic() + SOON
        left = list(self.queries)
        while left := [query for query in left if not self.answered(query.expr)]:
            empty = {(query.preset, query.panel) for query in left}
            if empty <= set(allowed) or time.monotonic() > end:
                return empty
            time.sleep(1)
        return set()

    def answered(self, expr: str) -> bool:
        """Whether there is a point that Grafana could draw."""
        found = live.get(f"{self.url}/api/v1/query?{urllib.parse.urlencode({'query': expr})}")
        return any(math.isfinite(float(sample["value"][1])) for sample in found["data"]["result"])

    def rules(self) -> list[dict[str, Any]]:
        groups = live.get(f"{self.url}/api/v1/rules")["data"]["groups"]
        return [rule for group in groups for rule in group["rules"]]

    def break_everything(self) -> None:
        for server in self.servers:
            server.scenario = play.Scenario.incident


@pytest.fixture
def shown(tmp_path: Path) -> Iterator[Shown]:
    if not live.PROMETHEUS:
        pytest.skip("Prometheus is not installed")
    folder = compiled(tmp_path)
    with ExitStack() as running:
        servers = {name: running.enter_context(playing(name)) for name in preset.names()}
        scrapes = [scrape(job, name, server) for name, server in servers.items() for job in jobs(folder, name)]
        config = {
            "global": {"scrape_interval": SCRAPED, "evaluation_interval": SCRAPED},
            "rule_files": [str(path) for path in folder.glob("prometheus/rules/*/*.yaml")],
            "scrape_configs": scrapes,
        }
        (tmp_path / "prometheus.yml").write_text(yaml.safe_dump(config))
        url = running.enter_context(live.prometheus(tmp_path / "prometheus.yml", tmp_path / "samples"))
        live.wait(lambda: len(up(url)) == len(scrapes), SOON, "everything is scraped")
        yield Shown(url, tuple(servers.values()), tuple(asked for name in servers for asked in queries(folder, name)))


def compiled(root: Path) -> Path:
    """One service for each preset, called as it; no rule's group has an interval of its own."""
    made = make(root, [(name, None) for name in preset.names()])
    assert made.messages == []
    for name in made.services:
        made.rules(name).write_text(re.sub(r"(?m)^  interval: .*\n", "", made.rules(name).read_text()))
    return root / "generated"


def jobs(folder: Path, name: str) -> list[str]:
    """Under which names the rules and the dashboards of a preset expect what is scraped."""
    paths = (
        folder / f"prometheus/rules/production/{name}.yaml",
        *folder.glob(f"grafana/dashboards/{name}/*.json"),
    )
    return sorted(
        {found["job"] for path in paths for found in SCRAPED_AS.finditer(path.read_text().replace('\\"', '"'))}
    )


@contextmanager
def playing(name: str) -> Iterator[play.Server]:
    """The catalogues of a preset, with what has to be turned on: some panels are for those who did."""
    uses = tuple((item, None) for item in preset.load(name).catalogues if item != MADE_BY_PROMETHEUS)
    with play.Server(uses, opt_in=True) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def scrape(job: str, name: str, server: play.Server) -> dict[str, Any]:
    """As the generated configurations do: with the environment, and of the service's own workload."""
    probes = OF_PROBES if job.endswith("-probe") else {}
    target = f"127.0.0.1:{server.server_port}"
    return {
        "job_name": job,
        "static_configs": [{"targets": [target], "labels": {"env": "production", **probes}}],
        "metric_relabel_configs": [
            {"source_labels": [label], "regex": ".+", "target_label": label, "replacement": value}
            for label, value in workload(name).items()
        ],
    }


def workload(name: str) -> dict[str, str]:
    """What Kubernetes calls what runs."""
    return {"namespace": "monitoring", "deployment": name, "container": name, "pod": f"{name}-0"}


def queries(folder: Path, name: str) -> Iterator[Query]:
    """Of every panel of every dashboard, with the variables as Grafana would fill them in."""
    for path in folder.glob(f"grafana/dashboards/{name}/*.json"):
        for panel in panels(json.loads(path.read_text())["panels"]):
            for target in panel.get("targets", ()):
                expr = target["expr"]
                for variable, value in VARIABLES.items():
                    expr = expr.replace(variable, value)
                assert not re.search(r"\$[{_]", expr), expr
                yield Query(name, panel["title"], expr)


def panels(given: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for panel in given:
        yield panel
        yield from panels(panel.get("panels", []))


def up(url: str) -> list[Any]:
    return list(live.get(f"{url}/api/v1/query?query=up==1")["data"]["result"])


def test_no_panel_is_empty_and_no_rule_fails(shown: Shown) -> None:
    """One test, since it starts a server: a second worker would start another."""
    assert {query.preset for query in shown.queries} == set(preset.names())
    assert not shown.answered("vllm:no_such_name"), "what does not exist is seen to be empty"
    assert not shown.answered("vector(0) / vector(0)"), "and so is what Grafana cannot draw"
    assert shown.settled(IN_TROUBLE_ONLY) == IN_TROUBLE_ONLY.keys()
    shown.break_everything()
    assert shown.settled() == set()
    assert [(rule["name"], rule["lastError"]) for rule in shown.rules() if rule["health"] != "ok"] == []
