"""What Thanos would refuse in our files, and what would silence it."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from llmmon import ruleshape
from llmmon.plan.backend import Thanos
from llmmon.problem import Problem, Unverified
from llmmon.shape import FLAG, FULL, text
from llmmon.tool import Missing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from llmmon.plan import Facts, Fleet
    from llmmon.target import Written
    from llmmon.tool import Tools

FOLDER = PurePosixPath("thanos")
RULES, PLACEMENT, PROJECTION = FOLDER / "rules", FOLDER / "placement", FOLDER / ".projection"
EXTRA = frozenset({"partial_response_strategy"})
STRATEGY = text(r"abort|warn", "strategy for partial answers: abort or warn")
RULE_FILE = {"groups!": [{**ruleshape.GROUP, "partial_response_strategy!": STRATEGY}]}
ADDRESS = text(r"[^\s/]+:\d{1,5}", "address such as thanos-query:9090")
SCHEME = text(r"https?", "scheme: http or https")
HTTP = {
    "bearer_token_file": FULL,
    "basic_auth": {"username!": FULL, "password_file!": FULL},
    "tls_config": {
        **dict.fromkeys(("ca_file", "cert_file", "key_file", "server_name"), FULL),
        "insecure_skip_verify": FLAG,
    },
}
ENDPOINTS = {"http_config": HTTP, "static_configs!": [ADDRESS], "scheme!": SCHEME, "path_prefix": FULL}
SHAPES: Mapping[PurePosixPath, Any] = {
    FOLDER / "query.yaml": [ENDPOINTS],
    FOLDER / "alertmanagers.yaml": {"alertmanagers!": [{**ENDPOINTS, "api_version!": text("v2", "version: v2")}]},
}
# Every flag that we write, as Thanos 0.39 declares it
_PATH = r"/\S+"
_LABEL = r"[a-zA-Z_][a-zA-Z0-9_]*"
KNOWN: Mapping[str, Mapping[str, str]] = {
    "sidecar": {"prometheus.url": r"https?://\S+", "tsdb.path": _PATH, "objstore.config-file": _PATH},
    "ruler": {
        "data-dir": _PATH,
        "eval-interval": ruleshape.DURATION.form.pattern,
        "rule-file": _PATH,
        "query.config-file": _PATH,
        "alertmanagers.config-file": _PATH,
        "objstore.config-file": _PATH,
        "label": rf'{_LABEL}="(?:[^"\\\n]|\\.)*"',
        "alert.label-drop": _LABEL,
    },
    "query": {"query.replica-label": _LABEL},
    "query-frontend": {"query-frontend.downstream-url": r"https?://\S+"},
}
NEEDED: Mapping[str, tuple[str, ...]] = {
    "ruler": ("rule-file", "query.config-file", "alertmanagers.config-file", "objstore.config-file", "label"),
    "sidecar": ("objstore.config-file",),
    "query": ("query.replica-label",),
}
_COMMAND = re.compile(r"(?P<program>sidecar|ruler|query-frontend|query)(?:-\d+)?\.flags\.txt\Z")
_ERROR = re.compile(r'\berror="((?:[^"\\]|\\.)*)"')  # in a line of its log
_FLAG = re.compile(r"--(?P<name>[a-z.-]+)=(?P<value>.*)\Z", re.DOTALL)


def verify(
    fleet: Fleet, facts: Iterable[Facts], scratch: Path, written: Sequence[Written], tools: Tools
) -> Iterator[Problem | Unverified]:
    """Shapes and flags first; then the tools on rules that have the shape."""
    del facts
    if not isinstance(fleet.backend, Thanos):
        return
    rules: list[tuple[Written, dict[str, Any]]] = []
    for file in written:
        ruled = file.path.is_relative_to(RULES)
        shape = RULE_FILE if ruled else SHAPES.get(file.path)
        for found in ruleshape.read(scratch, file, shape, "thanos-refused") if shape else ():
            if isinstance(found, Problem):
                yield found
            elif ruled:
                rules.append((file, found))
        if command := _COMMAND.match(file.path.name):
            for why in refused(command["program"], (scratch / file.path).read_text("utf-8").splitlines()):
                yield Problem(file.origins[()], f"{file.path}: {why}", "thanos-refused")
    yield from _twice(rules)
    if rules and isinstance(missing := tools.find("promtool"), Missing):
        yield Unverified(str(RULES), missing.hint)
    elif rules:
        yield from ruleshape.check(rules, EXTRA, PROJECTION, tools)
    yield from _thanos(rules, tools)


def refused(program: str, lines: Sequence[str]) -> Iterator[str]:
    """What a program would not start with, or would not do its part without."""
    seen: dict[str, list[str]] = {}
    for line in lines:
        if line.startswith("#"):
            continue
        found = _FLAG.match(line)
        form = KNOWN[program].get(found["name"]) if found else None
        if not found or form is None:
            yield f"{program} has no flag {line!r}"
        elif not re.fullmatch(form, found["value"]):
            yield f"{found['value']!r} is no value for --{found['name']}"
        else:
            seen.setdefault(found["name"], []).append(found["value"])
    for name in NEEDED.get(program, ()):
        if name not in seen:
            yield f"{program} needs --{name}"
    labels = {value.partition("=")[0] for value in seen.get("label", ())}
    for name in seen.get("alert.label-drop", ()):
        if name not in labels:
            yield f"no --label is called {name!r}, which --alert.label-drop names"


def _twice(rules: Sequence[tuple[Written, dict[str, Any]]]) -> Iterator[Problem]:
    """A service's rules in two rulers would be evaluated twice, and none of the two reads all."""
    homes: dict[tuple[str, ...], Written] = {}
    for file, _ in rules:
        other = homes.setdefault(file.path.parts[3:], file)
        if other is not file:
            message = f"{file.path}: the same rules are in {other.path} as well"
            yield Problem(file.origins[()], message, "thanos-refused")


def _thanos(rules: Sequence[tuple[Written, dict[str, Any]]], tools: Tools) -> Iterator[Problem | Unverified]:
    if not rules:
        return
    if isinstance(found := tools.find("thanos"), Missing):
        yield Unverified(str(RULES), found.hint, needed=False)
        return
    ran = tools.run("thanos", ["tools", "rules-check", *(f"--rules={file.path}" for file, _ in rules)])
    if ran.code or ran.timed_out:
        log = f"{ran.stdout} {ran.stderr}"
        error = _ERROR.search(log)
        said = " ".join(error[1].replace('\\"', '"').split() if error else log.split()) or f"exit code {ran.code}"
        named = next((file for file, _ in rules if str(file.path) in log), rules[0][0])
        yield Problem(named.origins[()], f"thanos tools rules-check: {said}", "thanos")
