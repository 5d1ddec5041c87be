"""Pages of metrics as files of `llmmon lint`: the same verdict as `promtool check metrics`."""

from __future__ import annotations

import random
import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from llmmon import lint
from llmmon.documents import pages
from llmmon.documents.plain import Plain
from llmmon.rule import Facts

if TYPE_CHECKING:
    from conftest import Fleet

# What promtool says, and under which code we say it.
WORDS = {
    "no help text": "M001",
    "use base unit": "M002",
    'should have "_total"': "M003",
    'should not have "_total"': "M004",
    "-histogram metrics should not have": "M006",
    "-summary metrics should not have": "M006",
    "should not include type": "M007",
    "should not contain ':'": "M008",
    "camelCase": "M009",
    "abbreviated units": "M010",
    "not unique": "M011",
}
OWN = {"M005", "M012", "M014", "M015", "M017"}  # nobody else says
NAMES = (
    *("app", "requests", "total", "sum", "count", "bucket", "ms", "mb", "gauge", "counter", "Total", "userId", "d"),
)
UNITS = ("minutes", "kilobytes", "seconds", "bits", "jobs")  # older versions take any of several in one name
LABELS = ("le", "quantile", "userId", "status", "model")


def ours(text: str, version: tuple[int, ...]) -> set[tuple[str, str]]:
    read = pages.read(Plain("page.prom", text))
    assert read.problems == []
    said = {
        (metric.name, problem.code)
        for metric, origin in read.metrics
        for problem in lint.node(metric, Facts(version=version), origin, lint.table("metrics"))
    }
    return {(name, code) for name, code in said if code not in OWN}


def theirs(text: str, promtool: str) -> set[tuple[str, str]]:
    ran = subprocess.run([promtool, "check", "metrics"], input=text, capture_output=True, text=True, check=False)
    assert "error while" not in ran.stderr, (ran.stderr, text)
    found = set()
    for line in ran.stderr.splitlines():
        name, _, words = line.partition(" ")
        found.add((name, next(code for part, code in WORDS.items() if part in words)))
    return found


def page(source: random.Random) -> str:
    lines = []
    names = {"_".join(source.sample((*NAMES, source.choice(UNITS)), source.randint(1, 4))) for _ in range(6)}
    for name in sorted(names):
        kind = source.choice(("counter", "gauge", "histogram", "summary", "untyped", None))
        said = name.replace("_", ":", 1) if source.random() < 0.1 else name
        if source.random() < 0.8:
            lines.append(f"# HELP {said} {source.choice(('', 'What it is.'))}")
        if kind:
            lines.append(f"# TYPE {said} {kind}")
        label = source.choice(LABELS)
        if kind == "histogram":
            lines += [f'{said}_bucket{{le="{bound}"}} 1' for bound in ("1", "+Inf")]
        if kind in ("histogram", "summary"):
            lines += [f"{said}_sum 1", f"{said}_count 1"]
        elif kind in ("counter", "gauge", "untyped", None):
            lines += [f'{said}{{{label}="{value}"}} 1' for value in range(source.randint(1, 2))]
    return "\n".join(lines) + "\n"


@pytest.fixture(scope="module")
def promtool() -> tuple[str, tuple[int, ...]]:
    found = shutil.which("promtool")
    if found is None:
        pytest.skip("no promtool")
    said = subprocess.run([found, "--version"], capture_output=True, text=True, check=True)
    major, minor = re.findall(r"version (\d+)\.(\d+)", said.stdout + said.stderr)[0]
    return found, (int(major), int(minor))


@pytest.mark.parametrize("seed", range(40))
def test_the_verdict_is_that_of_promtool(seed: int, promtool: tuple[str, tuple[int, ...]]) -> None:
    text = page(random.Random(seed))
    assert ours(text, promtool[1]) == theirs(text, promtool[0])


def test_a_finding_is_at_the_name(fleet: Fleet) -> None:
    fleet.write("page.prom", "# HELP app_ms x\n# TYPE app_ms gauge\napp_ms 1\n")
    problems = fleet.run("lint", "page.prom").problems
    assert [re.sub(": .*", "", problem) for problem in problems] == ["page.prom:1:8"]
    assert problems[0].endswith("[unit-in-name]")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("# HELP a x\n# TYPE a gauge\na{b=1} 1\n", "page.prom:3:1: error: no sample"),
        ("# HELP a x\n# TYPE a gaugo\na 1\n", "'gaugo' is no type"),
        ("# HELP a x\n# TYPE a gauge\n# TYPE a gauge\na 1\n", "page.prom:3:1: error: a second TYPE of a"),
        ("# HELP a x\na 1\n# TYPE a gauge\n", "page.prom:3:1: error: the type of a comes after"),
    ],
)
def test_what_prometheus_cannot_read_is_an_error(fleet: Fleet, text: str, message: str) -> None:
    fleet.write("page.prom", text)
    ran = fleet.run("lint", "page.prom")
    assert message in ran.out
    assert ran.code == 1


def test_lines_that_are_none_are_said_once(fleet: Fleet) -> None:
    fleet.write("page.prom", "# TYPE a gauge\na 1\nb\nc\nd\n")
    said = [line for line in fleet.run("lint", "page.prom").problems if "page-syntax" in line]
    assert len(said) == 1
    assert "and no comment; nor are 2 more lines" in said[0]


@pytest.mark.parametrize("value", ["?A_VALUE?", "{{ value }}", "<value>", "${VALUE}"])
def test_what_is_filled_later_is_no_page_yet(fleet: Fleet, value: str) -> None:
    fleet.write("page.prom", f"# HELP a x\n# TYPE a gauge\na {value}\n")
    assert fleet.run("lint", "page.prom").problems == []


def test_openmetrics_has_types_of_its_own(fleet: Fleet) -> None:
    info = "# HELP app_build x\n# TYPE app_build info\napp_build_info 1\n"
    counter = "# HELP app_requests x\n# TYPE app_requests counter\napp_requests_total 1\napp_requests_created 1\n"
    fleet.write("page.prom", f"{info}{counter}# EOF\n")
    assert fleet.run("lint", "page.prom", "--fail-on", "note").out == ""
    fleet.write("page.prom", info + counter)
    assert "'info' is no type" in fleet.run("lint", "page.prom").out
