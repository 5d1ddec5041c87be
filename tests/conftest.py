"""A small fleet of one service in a folder of its own, and the command line as people run it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

if TYPE_CHECKING:
    from pathlib import Path

FLEET = """\
fleet: acme
environments: {production: {selector: {env: production}}}
teams:
  inference:
    critical: [{slack: "#inference"}]
    quiet: {info: daily 22:00-07:00 UTC}
catch_all: [{slack: "#all"}]
receivers: {slack: {secret: slack/url}}
"""
CHAT = """\
service: chat
team: inference
selector: {job: chat}
metrics:
  chat_requests_total: {type: counter, unit: requests, labels: {ok: ["true", "false"], model: []}, help: Requests.}
  chat_seconds: {type: histogram, unit: seconds, labels: [model], buckets: [100ms, 1s, 5s], help: Time.}
  chat_queue: {type: gauge, unit: requests, labels: [model], help: Waiting.}
signals:
  requests: {rate: chat_requests_total, by: [model]}
  errors: {ratio: {bad: 'chat_requests_total{ok="false"}', total: chat_requests_total}}
  latency: {histogram: chat_seconds}
  queue: {gauge: chat_queue, by: [model]}
slos:
  availability: {signal: errors, objective: 99.9%}
alerts:
  HighErrorRate: {signal: errors, above: 5%, for: 5m}
"""
PROSE = """\
## Why it fires

- A rollout.

## How to resolve

- Take it back.
"""


@dataclass(frozen=True)
class Ran:
    """What a run of the command line left behind."""

    code: int
    out: str
    err: str

    @property
    def problems(self) -> list[str]:
        """The lines that say what is wrong, without source lines and carets."""
        return [line for line in self.out.splitlines() if line and not line.startswith("  ")]


class Fleet:
    """A folder with `specs/`; the current directory while a test runs."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.write("specs/fleet.yaml", FLEET)
        self.write("specs/chat.yaml", CHAT)
        self.write("specs/runbooks/chat/HighErrorRate.md", PROSE)

    def write(self, name: str, text: str | bytes) -> Path:
        """A file, with its folders."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    def edit(self, name: str, old: str, new: str) -> None:
        """Replace what stands exactly once in a file."""
        text = (self.root / name).read_text()
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {name}"
        self.write(name, text.replace(old, new))

    def run(self, *args: str | Path) -> Ran:
        """The command line, in this process; whatever it does not catch is a bug."""
        from llmmon.cli import app

        result = CliRunner().invoke(app, [str(arg) for arg in args])
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert "Traceback" not in result.stdout + result.stderr
        return Ran(result.exit_code, result.stdout, result.stderr)

    def files(self, folder: str = "generated") -> dict[str, bytes]:
        """The content of every file below a folder."""
        found = sorted(path for path in (self.root / folder).rglob("*") if path.is_file())
        return {path.relative_to(self.root / folder).as_posix(): path.read_bytes() for path in found}


@pytest.fixture
def fleet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fleet:
    monkeypatch.chdir(tmp_path)
    return Fleet(tmp_path)
