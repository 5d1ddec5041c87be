"""Runs behaviour tests with promtool: each test group with only the rules that it needs, verdicts kept by content.

promtool evaluates every rule of a file at every step of every group, so a test of one alert costs as much as the whole
service. Here a group gets the alerts that its assertions name and the recording rules that those read, word for word
as the rule file has them, which is some twenty times as fast.
"""

from __future__ import annotations

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from llmmon import promql
from llmmon.classes import frozen
from llmmon.tool import Found

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from llmmon.tool import Tools

CACHE = Path(".llmmon/cache/prove")
_BATCH = 12  # groups per process: promtool slows down with every group
_ALERTS = "ALERTS"
_GAVE_UP = "query timed out"  # the machine was too busy for promtool's own limit, which says nothing of a rule

Reads = tuple[str, dict[str, str]]


@frozen
class Verdict:
    """What promtool said of one test group: `failure` is None where it passed."""

    file: Path
    group: str
    failure: str | None
    cached: bool = False


@frozen
class _Job:
    file: Path
    group: str
    rules: str
    test: str
    key: str


class Rulebook:
    """The rules of a file, and which of them a test needs."""

    def __init__(self, groups: Sequence[Mapping[str, Any]]) -> None:
        self.groups = groups
        self.rules = [rule for group in groups for rule in group.get("rules") or ()]
        self._reads = [_reads(rule["expr"]) for rule in self.rules]
        self._makes: dict[str, list[int]] = {}
        for index, rule in enumerate(self.rules):
            self._makes.setdefault(rule.get("record", _ALERTS), []).append(index)

    def needed(self, reads: Iterable[Reads]) -> dict[str, Any]:
        """The rule file that is left when only what these selectors can see matters."""
        todo = list(reads)
        kept: set[int] = set()
        while todo:
            name, labels = todo.pop()
            found = {index for index in self._makes.get(name, ()) if _can_be(self.rules[index], labels)} - kept
            kept |= found
            todo += [inner for index in found for inner in self._reads[index]]
        return {"groups": list(self._only(kept))}

    def _only(self, kept: set[int]) -> Iterator[dict[str, Any]]:
        index = 0
        for group in self.groups:
            rules = []
            for rule in group.get("rules") or ():
                if index in kept:
                    rules.append(rule)
                index += 1
            if rules:
                yield {**group, "rules": rules}


def prove(tests: Sequence[Path], tools: Tools, jobs: int = 2, cache: Path | None = CACHE) -> Iterator[Verdict]:
    """A verdict for every group of these test files. Raises LookupError where there is no promtool."""
    found = tools.find("promtool")
    if not isinstance(found, Found):
        raise LookupError(found.hint)
    work: list[_Job] = []
    for job in _jobs(tests, found.version_text):
        known = _recall(cache, job.key)
        if known is None:
            work.append(job)
        else:
            yield Verdict(job.file, job.group, known or None, cached=True)
    batches = [work[i : i + _BATCH] for i in range(0, len(work), _BATCH)]
    with ThreadPoolExecutor(jobs) as pool:
        for number, verdicts in enumerate(pool.map(lambda n: _run(n, batches[n], tools), range(len(batches)))):
            for job, failure in zip(batches[number], verdicts, strict=True):
                if not _gave_up(failure):
                    _remember(cache, job.key, failure)
                yield Verdict(job.file, job.group, failure)


def _jobs(tests: Sequence[Path], version: str) -> Iterator[_Job]:
    books: dict[Path, Rulebook] = {}
    for file in tests:
        data = _yaml(file)
        paths = [(file.parent / name).resolve() for name in data["rule_files"]]
        for path in paths:
            if path not in books:
                books[path] = Rulebook(_yaml(path)["groups"])
        for index, group in enumerate(data["tests"]):
            reads = [(_ALERTS, {"alertname": item["alertname"]}) for item in group.get("alert_rule_test") or ()]
            reads += [name for item in group.get("promql_expr_test") or () for name in _reads(item["expr"])]
            needed = [entry for path in paths for entry in books[path].needed(reads)["groups"]]
            rules = json.dumps({"groups": needed})
            names = [entry["name"] for entry in needed]
            head = {key: value for key, value in data.items() if key not in ("rule_files", "tests")}
            head["group_eval_order"] = [name for name in head.get("group_eval_order") or () if name in names]
            test = json.dumps({**head, "rule_files": ["@"], "tests": [group]})
            key = hashlib.sha256("\0".join((version, rules, test)).encode()).hexdigest()
            yield _Job(file, str(group.get("name") or index), rules, test, key)


def _run(number: int, batch: Sequence[_Job], tools: Tools) -> list[str | None]:
    """One promtool process; None for each group that passed, else what promtool says of it."""
    folder = PurePosixPath(f"prove-{number}")
    here = tools.scratch / folder
    here.mkdir(parents=True, exist_ok=True)
    names = []
    for index, job in enumerate(batch):
        (here / f"{index}.rules.json").write_text(job.rules, "utf-8")
        (here / f"{index}.json").write_text(job.test.replace('["@"]', f'["{index}.rules.json"]', 1), "utf-8")
        names.append(folder / f"{index}.json")
    ran = tools.run("promtool", ["test", "rules", *names], cwd=folder)
    if ran.code == 0:
        return [None] * len(batch)
    told = [part.strip() for part in ran.stderr.split("  FAILED:")[1:]]
    passed = ["SUCCESS" in part for part in ran.stdout.split("Unit Testing:")[1:]]
    if len(passed) != len(batch) or passed.count(False) != len(told):
        return [_alone(name, folder, tools) for name in names]
    failures = iter(told)
    said = [None if good else next(failures) or "failed" for good in passed]
    return [_alone(name, folder, tools) if _gave_up(one) else one for name, one in zip(names, said, strict=True)]


def _gave_up(failure: str | None) -> bool:
    return failure is not None and _GAVE_UP in failure


def _alone(name: PurePosixPath, folder: PurePosixPath, tools: Tools) -> str | None:
    """One file in a process of its own: promtool 3 does not say which of several files has failed."""
    ran = tools.run("promtool", ["test", "rules", name], cwd=folder)
    return None if ran.code == 0 else f"{ran.stdout}\n{ran.stderr}".replace("FAILED:", "").strip() or "failed"


def _reads(expr: object) -> list[Reads]:
    """What an expression's selectors name: a metric, and labels that have to be equal."""
    nodes = promql.walk(promql.parse(str(expr)))
    found = [node for node in nodes if isinstance(node, promql.Selector) and node.name]
    return [(node.name or "", {m.label: m.value for m in node.matchers if m.op == "="}) for node in found]


def _can_be(rule: Mapping[str, Any], wanted: Mapping[str, str]) -> bool:
    """Whether what a rule makes may have these labels: its static ones overwrite all others."""
    static = {"alertname": rule["alert"]} if "alert" in rule else {}
    static |= rule.get("labels") or {}
    return all(static.get(label, value) == value for label, value in wanted.items())


def _recall(cache: Path | None, key: str) -> str | None:
    try:
        return (cache / key).read_text("utf-8") if cache else None
    except OSError:
        return None


def _remember(cache: Path | None, key: str, failure: str | None) -> None:
    if cache:
        cache.mkdir(parents=True, exist_ok=True)
        (cache / key).write_text(failure or "", "utf-8")


def _yaml(path: Path) -> Any:
    import yaml

    from llmmon.source.composer import LOADER

    return yaml.load(path.read_text("utf-8"), LOADER)  # noqa: S506 - safe ones
