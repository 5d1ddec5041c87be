"""Serves a played page on this machine, as an exporter would."""

from __future__ import annotations

import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

from llmmon.play.page import Scenario, page

if TYPE_CHECKING:
    from llmmon.catalogue import Version

_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Server(ThreadingHTTPServer):
    """An exporter that plays catalogues; `scenario` may be changed while it runs. Port 0 takes any that is free."""

    daemon_threads = True

    def __init__(
        self,
        uses: tuple[tuple[str, Version | None], ...],
        scenario: Scenario = Scenario.healthy,
        port: int = 0,
        *,
        opt_in: bool = False,
    ) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.uses = uses
        self.scenario = scenario
        self.opt_in = opt_in
        self.started = time.monotonic()

    @property
    def url(self) -> str:
        """Where the page is."""
        return f"http://127.0.0.1:{self.server_address[1]}/metrics"

    def page(self) -> str:
        """The page as it is now."""
        return page(self.uses, self.scenario, time.monotonic() - self.started, opt_in=self.opt_in)


class _Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        found = self.path.partition("?")[0] in ("/metrics", "/metrics/")
        body = self.server.page().encode() if found else b"the page is /metrics\n"
        self.send_response(200 if found else 404)
        self.send_header("Content-Type", _TYPE if found else "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name that http.server gives it
        """A scrape every few seconds is no news."""
