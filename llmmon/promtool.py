"""What promtool says of rule files; every complaint comes home to the rule that it names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from llmmon import lazily
from llmmon.problem import Origin, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import PurePosixPath

    from llmmon.problem import Keys
    from llmmon.target import Written
    from llmmon.tool import Tools

# `group "x", rule 3, "Name": ...` and `12:7: ...`, as promtool names places inside a rule file
_PLACE = lazily.pattern(r'group "(?P<group>[^"]*)", rule (?P<rule>\d+)')
_FILE = lazily.pattern(r"(?:^|\s)(?P<file>[\w.-]+/\S+?\.yaml)(?=[:\s]|$)")
_CHECKED = lazily.pattern(r"^Checking (\S+)$(?!\s+SUCCESS)", re.MULTILINE)
_FAILED = lazily.pattern(r"^\s*FAILED:$", re.MULTILINE)
_QUIET = lazily.pattern(r"\s*(?:SUCCESS: \d+ rules? found|Checking .*|.*FAILED:?|)\s*\Z")


def check_rules(files: Mapping[PurePosixPath, Written], tools: Tools) -> Iterator[Problem]:
    """`promtool check rules --lint=all --lint-fatal`, one call for all: paths in the scratch folder, and what each
    stands for."""
    if not files:
        return
    by_path = {str(path): item for path, item in files.items()}
    ran = tools.run("promtool", ["check", "rules", "--lint=all", "--lint-fatal", *files])
    if ran.code or ran.timed_out:
        yield from _complaints(_in_order(ran.stdout, ran.stderr), by_path)


def _in_order(stdout: str, stderr: str) -> str:
    """promtool names each file on stdout; a bare FAILED: on stderr means the next of those that did not succeed."""
    failed = iter(_CHECKED.findall(stdout))
    return f"{stdout}\n" + _FAILED.sub(lambda _: f"Checking {next(failed, '')}", stderr)


def _complaints(output: str, by_path: Mapping[str, Written]) -> Iterator[Problem]:
    """Every line of promtool's that says something, at the rule that it names; none is dropped."""
    current: Written | None = None
    said = False
    for line in output.splitlines():
        if named := _FILE.search(line):
            current = by_path.get(named["file"], current)
        if _QUIET.match(line) or (named and line.strip() == f"{named['file']}:"):
            continue
        said = True
        yield Problem(_origin(line, current, by_path), f"promtool: {_shorter(line, by_path)}", "promtool")
    if not said:
        first = next(iter(by_path.values()))
        yield Problem(_origin("", first, by_path), "promtool failed and said nothing", "promtool")


def _origin(line: str, current: Written | None, by_path: Mapping[str, Written]) -> Origin:
    item = current or next(iter(by_path.values()))
    keys: Keys = ()
    if place := _PLACE.search(line):
        keys = (place["group"], int(place["rule"]) - 1)
    while keys and keys not in item.origins:
        keys = keys[:-1]
    return item.origins[keys]


def _shorter(line: str, by_path: Mapping[str, Written]) -> str:
    return _FILE.sub(lambda found: "" if found["file"] in by_path else found[0], line).strip(" :")
