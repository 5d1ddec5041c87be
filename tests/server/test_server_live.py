"""A real Prometheus starts on what is generated, and loads every rule."""

from __future__ import annotations

import shutil
from pathlib import Path

import live
import pytest
import yaml
from server_examples import built, mine

from llmmon.targets.server.judge import project

SPECS = Path(__file__).parents[2] / "specs"


@pytest.mark.skipif(live.PROMETHEUS is None, reason="Prometheus is not installed")
def test_prometheus_loads_every_rule_and_job_of_our_own_specs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(SPECS, tmp_path / "specs")
    monkeypatch.chdir(tmp_path)
    scratch = tmp_path / "scratch"
    made = built(scratch)
    config = scratch / "prometheus/prometheus.yml"
    written = yaml.safe_load(config.read_text())
    (scratch / "prometheus/present").write_text("")
    # Debian's Prometheus knows no Kubernetes, and no secret is mounted here.
    here = {**project(written, kubernetes=False), "rule_files": written["rule_files"]}
    here["scrape_configs"] = [{**job, "scheme": "http", "tls_config": {}} for job in here["scrape_configs"]]
    config.write_text(yaml.safe_dump(here))
    flags = [line for line in (scratch / "prometheus/flags.txt").read_text().splitlines() if line.startswith("--")]
    with live.prometheus(config, tmp_path / "data", *flags) as url:
        groups = live.get(f"{url}/api/v1/rules")["data"]["groups"]
        loaded = live.get(f"{url}/api/v1/status/config")["data"]["yaml"]
        values = live.get(f"{url}/api/v1/status/flags")["data"]
    rules = [yaml.safe_load((scratch / one.path).read_text()) for one in mine(made) if one.path.parts[1] == "rules"]
    counted = sum(len(group["rules"]) for file in rules for group in file["groups"])
    assert sum(len(group["rules"]) for group in groups) == counted > 100
    names = [job["job_name"] for job in yaml.safe_load(loaded)["scrape_configs"]]
    assert names == [job["job_name"] for job in written["scrape_configs"]]
    assert values["storage.tsdb.retention.time"] == "30d"
