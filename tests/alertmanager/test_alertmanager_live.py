"""A real Alertmanager mutes what is inhibited and delivers the copies."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import threading
import time
import urllib.request
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest
from alertmanager_examples import alert, emitted, fleet, ladder, receiver, team

from llmmon.targets.alertmanager.judge import CONFIG

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from llmmon.plan import Facts

ALERTMANAGER = shutil.which("prometheus-alertmanager") or shutil.which("alertmanager")
DEADLINE = 10.0

Got = set[tuple[str, str]]  # receiver, alert


@contextmanager
def sink() -> Iterator[tuple[int, Got]]:
    """A local webhook; the path is the receiver."""
    got: Got = set()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            names = {f"{one['labels']['alertname']}@{one['labels']['severity']}" for one in body["alerts"]}
            got.update((self.path[1:], name) for name in names)
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port, got
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def alertmanager(folder: Path) -> Iterator[str]:
    """Its API's URL. Only the process that was started here is ended."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    assert ALERTMANAGER
    flags = [f"--config.file={folder / CONFIG}", f"--storage.path={folder / 'data'}", f"--web.listen-address={address}"]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen([ALERTMANAGER, *flags, "--cluster.listen-address="], stdout=log, stderr=log)
    try:
        wait(lambda: answers(f"http://{address}/-/ready"))
        yield f"http://{address}/api/v2/alerts"
    finally:
        process.terminate()
        process.wait(DEADLINE)


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=1) as answer:  # noqa: S310 - our own address
            return bool(answer.status == 200)
    except OSError:
        return False


def wait(until: Callable[[], bool]) -> None:
    end = time.monotonic() + DEADLINE
    while not until():
        assert time.monotonic() < end, "no answer in time"
        time.sleep(0.05)


def fire(url: str, facts: list[Facts]) -> None:
    body = [{"labels": {**one.labels, **dict.fromkeys(one.carries, "a")}} for one in facts]
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})  # noqa: S310
    with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310 - our own address
        assert answer.status == 200


@pytest.mark.skipif(ALERTMANAGER is None, reason="Alertmanager is not installed")
def test_the_inhibited_stay_away_and_the_copies_arrive(tmp_path: Path) -> None:
    costly = ladder("SpendHigh", "tenant", category="cost")
    dependency = alert("ServiceDown", service="llama", team="finops")
    mild = alert("QueueStuck", "warning")
    other = alert("QueueStuck", "warning", service="db")
    stray = alert("Stray", "warning", service="db", team="nobody", category="cost")
    facts = [*costly, dependency, mild, other, stray]
    with sink() as (port, got):
        of = fleet(
            teams={name: team(name, **hooks(port, name)) for name in ("finops", "ml")},
            catch_all=(receiver(webhook=f"http://127.0.0.1:{port}/catch-all"),),
        )
        emitted(of, facts, tmp_path)
        path = tmp_path / CONFIG
        path.write_text(path.read_text().replace("group_wait: 30s", "group_wait: 1s"))
        with alertmanager(tmp_path) as url:
            fire(url, facts)
            wanted = {
                ("finops-critical", "SpendHigh@critical"),
                ("ml-critical", "SpendHigh@critical"),
                ("finops-critical", "ServiceDown@critical"),
                ("ml-warning", "QueueStuck@warning"),
                ("catch-all", "Stray@warning"),
            }
            wait(lambda: wanted <= got)
            time.sleep(1)  # what is inhibited would have come by now
            assert got == wanted
            with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - our own address
                known = json.load(answer)
    muted = {(one["labels"]["alertname"], one["labels"]["service"]) for one in known if one["status"]["inhibitedBy"]}
    assert muted == {("SpendHigh", "chat"), ("QueueStuck", "chat")}


def hooks(port: int, name: str) -> dict[str, object]:
    severities = ("critical", "warning", "info")
    return {one: (receiver(webhook=f"http://127.0.0.1:{port}/{name}-{one}"),) for one in severities}
