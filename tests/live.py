"""Real servers on this machine's own address, for as long as a test runs; only what was started here is ended."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import threading
import time
import urllib.request
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

PROMETHEUS = shutil.which("prometheus")
ALERTMANAGER = shutil.which("alertmanager") or shutil.which("prometheus-alertmanager")  # the latter is Debian's
BLACKBOX = shutil.which("prometheus-blackbox-exporter") or shutil.which("blackbox_exporter")
START = 20.0  # seconds
STOP = 10.0


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def wait(until: Callable[[], bool], seconds: float, what: str) -> None:
    """Until something holds; fails where it does not in time."""
    end = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < end, f"not within {seconds:g} s: {what}"
        time.sleep(0.1)


def get(url: str) -> Any:
    """JSON that a server of ours answers."""
    with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - our own address
        return json.load(answer)


@contextmanager
def prometheus(config: Path, data: Path, *flags: str, port: int | None = None) -> Iterator[str]:
    """The URL of a Prometheus, or of an agent, that has read its configuration and its rules."""
    assert PROMETHEUS
    port = port or free_port()
    storage = "agent" if any(flag.endswith("agent") for flag in flags) else "tsdb"
    command = [PROMETHEUS, f"--config.file={config}", f"--storage.{storage}.path={data}", *flags]
    with running([*command, f"--web.listen-address=127.0.0.1:{port}"], f"http://127.0.0.1:{port}", data) as url:
        yield url


@contextmanager
def alertmanager(config: Path, data: Path, port: int) -> Iterator[str]:
    """The URL of an Alertmanager without a cluster."""
    assert ALERTMANAGER
    command = [ALERTMANAGER, f"--config.file={config}", f"--storage.path={data}", "--cluster.listen-address="]
    with running([*command, f"--web.listen-address=127.0.0.1:{port}"], f"http://127.0.0.1:{port}", data) as url:
        yield url


@contextmanager
def blackbox(config: Path, data: Path, port: int) -> Iterator[str]:
    """The URL of a blackbox exporter."""
    assert BLACKBOX
    command = [BLACKBOX, f"--config.file={config}", f"--web.listen-address=127.0.0.1:{port}"]
    with running(command, f"http://127.0.0.1:{port}", data, "/-/healthy") as url:
        yield url


@contextmanager
def serving(answer: Callable[[str, bytes], bytes | None]) -> Iterator[int]:
    """The port of a server that answers a path and a body; None is an error 500."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            said = answer(self.path, self.rfile.read(int(self.headers.get("Content-Length", 0))))
            self.send_response(500 if said is None else 200)
            self.send_header("Content-Type", "text/plain; version=0.0.4")
            self.end_headers()
            self.wfile.write(said or b"")

        do_GET = do_POST  # noqa: N815 - the base class's names

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join(STOP)


@contextmanager
def running(
    command: Sequence[str],
    url: str,
    data: Path,
    ready: str = "/-/ready",
    *,
    env: Mapping[str, str] | None = None,
    start: float = START,
) -> Iterator[str]:
    """A server that answers at `ready`; `env` is beside what this process has, the log is beside `data`."""
    data.mkdir(parents=True, exist_ok=True)
    path = data.with_name(f"{data.name}.log")
    with path.open("w") as log:
        process = subprocess.Popen(
            command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, env={**os.environ, **(env or {})}
        )
    try:
        wait(lambda: process.poll() is not None or _answers(f"{url}{ready}"), start, f"{command[0]} is ready")
        assert process.poll() is None, path.read_text()[-2000:]
        yield url
    finally:
        process.terminate()
        try:
            process.wait(STOP)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(STOP)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=1) as answer:  # noqa: S310 - our own address
            return bool(answer.status == 200)
    except OSError:
        return False
