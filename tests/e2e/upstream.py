"""A provider of models that speaks OpenAI's protocol: healthy, slow, failing, or busy, as it is told."""

from __future__ import annotations

import json
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

WORDS = ("Well", ", ", "hello", ".")


@dataclass(frozen=True)
class Mode:
    """How a model answers."""

    status: int = 200
    wait: float = 0.0  # seconds before the answer, or before its first word
    prompt_tokens: int = 1000
    completion_tokens: int = 10


HEALTHY = Mode()


@dataclass
class Upstream:
    """Models by the first part of their path; each is healthy unless told otherwise."""

    port: int
    modes: dict[str, Mode] = field(default_factory=dict)


@contextmanager
def running() -> Iterator[Upstream]:
    """The provider, for as long as it is needed."""
    server = _Server(("127.0.0.1", 0), _Handler)
    server.upstream = Upstream(server.server_port)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server.upstream
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    upstream: Upstream


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        mode = self.server.upstream.modes.get(self.path.split("/")[1], HEALTHY)
        time.sleep(mode.wait)
        if mode.status != 200:
            self._answer(mode.status, json.dumps({"error": {"message": "no", "code": str(mode.status)}}))
        elif asked.get("stream"):
            lines = [json.dumps(chunk) for chunk in _chunks(asked["model"], mode)]
            self._answer(200, "".join(f"data: {line}\n\n" for line in (*lines, "[DONE]")), "text/event-stream")
        else:
            self._answer(200, json.dumps(_completion(asked["model"], mode)))

    def _answer(self, status: int, text: str, kind: str = "application/json") -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("x-ratelimit-remaining-requests", "99")
        self.send_header("x-ratelimit-remaining-tokens", "9999")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Calls are no news."""


def _usage(mode: Mode) -> dict[str, int]:
    both = mode.prompt_tokens + mode.completion_tokens
    return {"prompt_tokens": mode.prompt_tokens, "completion_tokens": mode.completion_tokens, "total_tokens": both}


def _completion(model: str, mode: Mode) -> dict[str, Any]:
    choice = {"index": 0, "message": {"role": "assistant", "content": "".join(WORDS)}, "finish_reason": "stop"}
    return {**_head(model, "chat.completion"), "choices": [choice], "usage": _usage(mode)}


def _chunks(model: str, mode: Mode) -> Iterator[dict[str, Any]]:
    head = _head(model, "chat.completion.chunk")
    for word in WORDS:
        yield {
            **head,
            "choices": [{"index": 0, "delta": {"role": "assistant", "content": word}, "finish_reason": None}],
        }
    yield {**head, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}], "usage": _usage(mode)}


def _head(model: str, kind: str) -> dict[str, Any]:
    return {"id": "c", "object": kind, "created": 1, "model": model}
