"""A real blackbox exporter asks a real server on generated modules, and finds how it is."""

from __future__ import annotations

import json
import threading
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import live
import pytest
from blackbox_examples import CHAT, FLEET, built, write

from llmmon.plan.outside import AT_LEAST, CHECK, COMPONENT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.plan.outside import Asked

NASTY = (
    'dis"k',
    "a.b",
    "x{y}",
    "back\\slash",
    "ünï/ö",
    "(*)+?[^$]|",
    "${HOME}",
    "$1",
    "new\nline",
    "'",
    "checks",
    "status",
)
SPEC = """\
health:
  port: 8080
  report: {{path: /report, components: {components}}}
outside:
  address: "http://127.0.0.1:{port}"
  checks:
    plain: /plain
    gone: /gone
    expected: {{path: /gone, status: [404, 500]}}
    posted: {{path: /plain, method: POST}}
    words: {{path: /plain, body: 'w[ao]rm', without: cold}}
    json: {{path: /report, holds: {{status: [healthy, degraded]}}}}
    slow: {{path: /slow, timeout: 300ms}}
    open: {{tcp: "127.0.0.1:{port}"}}
    absent: {{url: "http://127.0.0.1:{absent}/"}}
    closed: {{tcp: "127.0.0.1:{absent}"}}
"""

pytestmark = pytest.mark.skipif(live.BLACKBOX is None, reason="the blackbox exporter is not installed")


@dataclass
class Service:
    """What the server answers."""

    report: bytes = b"{}"
    words: bytes = b"it is warm"
    released: threading.Event = field(default_factory=threading.Event)

    def answer(self, path: str, body: bytes) -> bytes | None:
        del body
        match path:
            case "/report":
                return self.report
            case "/plain":
                return self.words
            case "/slow":
                self.released.wait(live.STOP)
                return b""
        return None

    def says(self, checks: dict[str, Any], **more: Any) -> None:
        """A report as the source document has it."""
        self.report = json.dumps({"status": "degraded", "checks": checks, "uptime_seconds": 86400, **more}).encode()


@dataclass
class Exporter:
    """The exporter, and what it was configured for."""

    url: str
    asked: tuple[Asked, ...]
    service: Service

    def check(self, name: str) -> bool:
        """Whether a check succeeds."""
        return self._well(next(one for one in self.asked if one.labels.get(CHECK) == name))

    def state(self, component: str) -> int:
        """2, 1 or 0, as the signal has it."""
        mine = [one for one in self.asked if one.labels.get(COMPONENT) == component]
        assert sorted(one.labels[AT_LEAST] for one in mine) == ["degraded", "healthy"]
        return sum(map(self._well, mine))

    def _well(self, one: Asked) -> bool:
        query = urllib.parse.urlencode({"module": one.module.name, "target": one.targets["production"]})
        with urllib.request.urlopen(f"{self.url}/probe?{query}", timeout=20) as answer:  # noqa: S310 - our own address
            lines = answer.read().decode().splitlines()
        return "probe_success 1" in lines


@pytest.fixture(scope="module")
def exporter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Exporter]:
    folder, service = tmp_path_factory.mktemp("blackbox"), Service()
    components = json.dumps(["storage", "cache", *NASTY])
    with pytest.MonkeyPatch.context() as patch, live.serving(service.answer) as port:
        patch.chdir(folder)
        write(FLEET, CHAT + SPEC.format(components=components, port=port, absent=live.free_port()))
        made = built(folder / "scratch")
        assert [problem.message for problem in made.problems] == []
        assert made.fleet.blackbox
        config = folder / "scratch/blackbox/blackbox.yml"
        with live.blackbox(config, folder / "exporter", live.free_port()) as url:
            yield Exporter(url, made.fleet.blackbox.asked["chat"], service)
        service.released.set()


@pytest.mark.parametrize(("status", "state"), [("healthy", 2), ("degraded", 1), ("unhealthy", 0), ("HEALTHY", 0)])
@pytest.mark.parametrize("component", ["storage", *NASTY])
def test_a_component_is_as_the_report_says(exporter: Exporter, component: str, status: str, state: int) -> None:
    exporter.service.says({"other": {"status": "unhealthy"}, component: {"component": component, "status": status}})
    assert exporter.state(component) == state


def test_only_the_components_own_status_counts(exporter: Exporter) -> None:
    lie = '"storage": {"status": "healthy"}, "checks": {"storage": {"status": "healthy"}}'
    real = {"message": lie, "details": {"status": "healthy", "n": [{"status": "healthy"}]}, "status": "unhealthy"}
    checks = {"cache": {"message": lie, "storage": {"status": "healthy"}, "status": "degraded"}, "storage": real}
    exporter.service.says(checks, storage={"status": "healthy"}, message=lie)
    assert (exporter.state("storage"), exporter.state("cache")) == (0, 1)


def test_the_order_of_keys_and_white_space_do_not_matter(exporter: Exporter) -> None:
    check = {"duration_ms": 5, "status": "degraded", "component": "storage", "message": None, "tags": ["a", {"b": {}}]}
    report = {"uptime_seconds": 1, "checks": {"cache": {"status": "healthy"}, "storage": check}, "status": "unhealthy"}
    for indent in (None, 2, "\t"):
        exporter.service.report = json.dumps(report, indent=indent).encode()
        assert (exporter.state("storage"), exporter.state("cache")) == (1, 2)


def test_a_key_may_be_escaped_in_any_way(exporter: Exporter) -> None:
    for key in (r"ünï/ö", r"\u00fcn\u00ef/\u00f6", r"\u00FCn\u00EF\/\u00F6"):
        exporter.service.report = f'{{"checks": {{"{key}": {{"status": "healthy"}}}}}}'.encode()
        assert exporter.state("ünï/ö") == 2, key


@pytest.mark.parametrize("report", [b"", b"healthy", b"{}", b'{"checks": {}}', b"<html>503</html>", b"\xff\x00"])
def test_what_is_no_report_is_unhealthy(exporter: Exporter, report: bytes) -> None:
    exporter.service.report = report
    assert exporter.state("storage") == 0


@pytest.mark.parametrize(
    ("check", "succeeds"),
    [
        ("plain", True),
        ("posted", True),
        ("gone", False),
        ("expected", True),
        ("slow", False),
        ("open", True),
        ("absent", False),
        ("closed", False),
    ],
)
def test_a_check_succeeds_where_the_answer_is_well(exporter: Exporter, check: str, succeeds: bool) -> None:
    assert exporter.check(check) is succeeds


@pytest.mark.parametrize(
    ("words", "succeeds"), [(b"it is warm", True), (b"it is worm", True), (b"it is", False), (b"warm and cold", False)]
)
def test_a_body_is_judged_by_its_words(exporter: Exporter, words: bytes, succeeds: bool) -> None:
    exporter.service.words = words
    assert exporter.check("words") is succeeds
    exporter.service.words = b"it is warm"


def test_a_key_of_the_body_is_judged_by_its_value(exporter: Exporter) -> None:
    found = []
    for status in ("healthy", "degraded", "unhealthy"):
        exporter.service.report = json.dumps({"checks": {"status": "healthy"}, "status": status}).encode()
        found.append(exporter.check("json"))
    assert found == [True, True, False]
