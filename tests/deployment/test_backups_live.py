"""The scripts of the backups, run by the shell and the tools that their image has, against real servers."""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile
import time
import urllib.request
from typing import TYPE_CHECKING

import live
import pytest

from llmmon.targets.deployment.backups import SNAPSHOT, VOLUME

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BUSYBOX, RCLONE = shutil.which("busybox"), shutil.which("rclone")
PUSHGATEWAY = shutil.which("prometheus-pushgateway") or shutil.which("pushgateway")
APPLETS = ("date", "find", "gzip", "ls", "rm", "sed", "tar", "test", "wget")
FRESH = "backup_last_success_timestamp_seconds"

pytestmark = pytest.mark.skipif(
    not (BUSYBOX and RCLONE and PUSHGATEWAY), reason="busybox, rclone and prometheus-pushgateway are not all installed"
)


@pytest.fixture
def pushgateway(tmp_path: Path) -> Iterator[str]:
    port = live.free_port()
    command = [str(PUSHGATEWAY), f"--web.listen-address=127.0.0.1:{port}", f"--persistence.file={tmp_path}/told"]
    with live.running(command, f"http://127.0.0.1:{port}", tmp_path / "push", "/-/ready") as url:
        yield url


def run(script: str, folder: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """A script as `/bin/sh` of the image runs it: busybox alone, and rclone."""
    tools = folder / "bin"
    tools.mkdir(exist_ok=True)
    for name in APPLETS:
        if not (tools / name).exists():
            (tools / name).symlink_to(str(BUSYBOX))
    if not (tools / "rclone").exists():
        (tools / "rclone").symlink_to(str(RCLONE))
    (folder / "rclone.conf").write_text("[store]\ntype = alias\nremote = " + str(folder / "store") + "\n")
    said = {"PATH": str(tools), "RCLONE_CONFIG": str(folder / "rclone.conf"), "KEEP": "30", "HOME": str(folder), **env}
    return subprocess.run(
        [str(BUSYBOX), "sh", "-c", script], env=said, capture_output=True, text=True, check=False, timeout=60
    )


def pushed(url: str, target: str) -> float | None:
    with urllib.request.urlopen(f"{url}/metrics", timeout=5) as answer:  # noqa: S310 - our own address
        lines = answer.read().decode().splitlines()
    found = [line for line in lines if line.startswith(FRESH) and f'target="{target}"' in line]
    assert all('job="backup"' in line for line in found)
    return float(found[0].split()[-1]) if found else None


def saved(folder: Path) -> list[Path]:
    return sorted(path for path in (folder / "store").rglob("*") if path.is_file())


def old(path: Path, days: int) -> None:
    then = time.time() - days * 86_400
    os.utime(path, (then, then))


@pytest.mark.skipif(live.PROMETHEUS is None, reason="Prometheus is not installed")
def test_a_snapshot_is_stored_told_and_removed(tmp_path: Path, pushgateway: str) -> None:
    (tmp_path / "store/prometheus").mkdir(parents=True)
    gone = tmp_path / "store/prometheus/old.tar.gz"
    gone.write_text("x")
    old(gone, 31)
    config, data = tmp_path / "prometheus.yml", tmp_path / "data"
    port = live.free_port()
    jobs = f"[{{job_name: prometheus, scrape_interval: 1s, static_configs: [{{targets: ['127.0.0.1:{port}']}}]}}]"
    config.write_text(f"scrape_configs: {jobs}\n")
    script = SNAPSHOT.replace("/prometheus/snapshots", f"{data}/snapshots")
    with live.prometheus(config, data, "--web.enable-admin-api", port=port) as url:
        live.wait(lambda: bool(live.get(f"{url}/api/v1/query?query=up")["data"]["result"]), 20, "a sample")
        (data / "snapshots/left-over").mkdir(parents=True)
        old(data / "snapshots/left-over", 2)
        push = f"{pushgateway}/metrics/job/backup/target/prometheus"
        ran = run(script, tmp_path, SERVER=url, TO="store:prometheus", PUSH=push)
        assert ran.returncode == 0, ran.stderr
        assert list((data / "snapshots").iterdir()) == []
    (archive,) = saved(tmp_path)
    with tarfile.open(archive) as inside:
        assert any(name.endswith("meta.json") for name in inside.getnames())
    assert abs((pushed(pushgateway, "prometheus") or 0) - time.time()) < 60


@pytest.mark.skipif(live.PROMETHEUS is None, reason="Prometheus is not installed")
def test_a_snapshot_that_is_refused_is_no_success(tmp_path: Path, pushgateway: str) -> None:
    config = tmp_path / "prometheus.yml"
    config.write_text("")
    with live.prometheus(config, tmp_path / "data") as url:
        push = f"{pushgateway}/metrics/job/backup/target/prometheus"
        ran = run(SNAPSHOT, tmp_path, SERVER=url, TO="store:prometheus", PUSH=push)
    assert ran.returncode != 0
    assert pushed(pushgateway, "prometheus") is None
    assert not (tmp_path / "store").exists()


def test_a_folder_is_stored_and_told(tmp_path: Path, pushgateway: str) -> None:
    data = tmp_path / "data"
    (data / "a b").mkdir(parents=True)
    (data / "a b/note.txt").write_text("hello")
    script = VOLUME.replace("/data/", f"{data}/")
    push = f"{pushgateway}/metrics/job/backup/target/notes"
    ran = run(script, tmp_path, FOLDER="a b", TO="store:notes", PUSH=push)
    assert ran.returncode == 0, ran.stderr
    (archive,) = saved(tmp_path)
    with tarfile.open(archive) as inside:
        assert "./note.txt" in inside.getnames()
    assert pushed(pushgateway, "notes")


@pytest.mark.parametrize("broken", ["empty", "gone", "store"])
def test_a_backup_that_fails_is_not_told_as_a_success(tmp_path: Path, pushgateway: str, broken: str) -> None:
    data = tmp_path / "data"
    (data / "full").mkdir(parents=True)
    (data / "full/x").write_text("x")
    (data / "empty").mkdir()
    script = VOLUME.replace("/data/", f"{data}/")
    push = f"{pushgateway}/metrics/job/backup/target/notes"
    to = "nowhere:notes" if broken == "store" else "store:notes"
    ran = run(script, tmp_path, FOLDER="full" if broken == "store" else broken, TO=to, PUSH=push)
    assert ran.returncode != 0
    assert pushed(pushgateway, "notes") is None
