"""Clients of a proxy: each model is called steadily, whole answers and streams in turn."""

from __future__ import annotations

import json
import threading
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

TICK = 0.1  # seconds
LONGEST = 60.0


@dataclass
class Traffic:
    """Calls per second of each model; they may be changed while it runs."""

    url: str
    key: str
    rates: dict[str, float]
    keys: dict[str, str] = field(default_factory=dict)  # of models that are called with another
    _owed: dict[str, float] = field(default_factory=dict)
    _made: dict[str, int] = field(default_factory=dict)

    def call(self, model: str, *, stream: bool = False) -> int:
        """The status of one call; 0 where nobody answers."""
        asked = {"model": model, "stream": stream, "messages": [{"role": "user", "content": "Hello?"}]}
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self.keys.get(model, self.key)}"}
        request = urllib.request.Request(f"{self.url}/v1/chat/completions", json.dumps(asked).encode(), headers)  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=LONGEST) as answer:  # noqa: S310 - our own address
                answer.read()
                return int(answer.status)
        except urllib.error.HTTPError as error:
            with error:
                return error.code
        except OSError:
            return 0

    def due(self) -> Iterator[tuple[str, bool]]:
        """What is to be called in this tick, and whether as a stream."""
        for model, rate in tuple(self.rates.items()):
            self._owed[model] = self._owed.get(model, 0.0) + rate * TICK
            if self._owed[model] >= 1:
                self._owed[model] -= 1
                self._made[model] = self._made.get(model, 0) + 1
                yield model, self._made[model] % 2 == 0


@contextmanager
def running(traffic: Traffic) -> Iterator[None]:
    """Calls, for as long as it is needed."""
    ended = threading.Event()

    def call_what_is_due() -> None:
        while not ended.is_set():
            for model, stream in traffic.due():
                pool.submit(traffic.call, model, stream=stream)
            time.sleep(TICK)

    with ThreadPoolExecutor(max_workers=32) as pool:
        ticking = threading.Thread(target=call_what_is_due)
        ticking.start()
        try:
            yield
        finally:
            ended.set()
            ticking.join()
            pool.shutdown(cancel_futures=True)
