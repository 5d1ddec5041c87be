"""What promtool says of the servers' configurations; every complaint comes home to the line that made it."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

import yaml

from llmmon.dump import yaml_text
from llmmon.problem import Level, Problem, Unverified
from llmmon.source.composer import LOADER
from llmmon.tool import Missing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from llmmon.plan import Facts, Fleet
    from llmmon.problem import Keys, Origin
    from llmmon.target import Written
    from llmmon.tool import Ran, Tools

FLAGS = PurePosixPath("prometheus/flags.txt")
RECEIVER_FLAGS = FLAGS.with_name("receiver.flags.txt")
PROJECTIONS = PurePosixPath("prometheus/.projection")
PRESENT, TARGETS = "present", "targets.yaml"  # stand in for credentials and for files of targets

_CONFIG = re.compile(r"(prometheus(\.[^/]+)?|receiver)\.yml\Z")
_CHATTER = re.compile(
    r"\s*(?:Checking \S+|SUCCESS: \S+ is valid prometheus config file syntax|.*unmarshal errors:|)\s*"
)
_WITHOUT_KUBERNETES = "field kubernetes_sd_configs not found in type"
_HEAD = re.compile(r"^\s*(?:FAILED|WARNING): (?:parsing YAML file \S+: )?")
_LINE = re.compile(r"\bline (\d+): ")
_JOB = re.compile(r'job(?: with name| name)?:? "((?:[^"\\]|\\.)*)"')


def verify(
    fleet: Fleet, facts: Iterable[Facts], scratch: Path, written: Sequence[Written], tools: Tools
) -> Iterator[Problem | Unverified]:
    """Rule files that exist, then `promtool check config`: of the syntax as it is, of everything on a projection."""
    del facts
    agents = {server.file for server in fleet.servers.servers if server.agent} if fleet.servers else set()
    mine = [file for file in written if _CONFIG.match(file.path.name) and len(file.path.parts) == 2]
    found = tools.find("promtool")
    if isinstance(found, Missing) and mine:
        yield Unverified("Prometheus configuration", found.hint)
    paths = [file.path for file in written if file.path.parts[1] == "rules"]
    for file in mine:
        text = (scratch / file.path).read_text("utf-8")
        value = _value(text)
        yield from _without_rules(file, value, paths)
        if not isinstance(found, Missing):
            mode = ("--agent",) if file.path.name in agents else ()
            yield from _judged(file, text, value, mode, scratch, tools)


def _value(text: str) -> Any:
    """None where it is no YAML, of which promtool says more."""
    try:
        return yaml.load(text, Loader=LOADER)  # noqa: S506 - a safe one
    except yaml.YAMLError:
        return None


def _without_rules(file: Written, value: Any, paths: Sequence[PurePosixPath]) -> Iterator[Problem]:
    """promtool takes a pattern that matches nothing, and the server would then evaluate nothing."""
    for pattern in value.get("rule_files", ()) if isinstance(value, dict) else ():
        if not any(path.match(str(file.path.parent / pattern)) for path in paths):
            yield Problem(file.origins[()], f"{file.path}: {pattern} matches no rule file", "no-rule-files")


def _judged(
    file: Written, text: str, value: Any, mode: tuple[str, ...], scratch: Path, tools: Tools
) -> Iterator[Problem | Unverified]:
    ran = tools.run("promtool", ("check", "config", *mode, "--syntax-only", file.path))
    kubernetes = _WITHOUT_KUBERNETES not in ran.stderr
    if not kubernetes:
        what = f"{file.path}: kubernetes_sd_configs"
        yield Unverified(what, "this promtool was built without Kubernetes discovery", needed=False)
    elif ran.code or ran.timed_out:
        yield from _complaints(ran, text, value, file)
        return
    projection = yaml_text(project(value, kubernetes), f"What promtool can judge on any machine of {file.path}.")
    path = PROJECTIONS / file.path.name
    (scratch / PROJECTIONS).mkdir(parents=True, exist_ok=True)
    (scratch / PROJECTIONS / PRESENT).write_text("")
    (scratch / PROJECTIONS / TARGETS).write_text("[]\n")
    (scratch / path).write_text(projection, "utf-8")
    yield from _complaints(tools.run("promtool", ("check", "config", *mode, path)), projection, value, file)


def project(value: Any, kubernetes: bool) -> Any:
    """The same with files that exist, without rule files, which are judged by themselves, and without Kubernetes
    discovery where it is not known."""
    if isinstance(value, list):
        return [project(item, kubernetes) for item in value]
    if not isinstance(value, dict):
        return value
    out: dict[str, Any] = {}
    for key, inner in value.items():
        if key == "rule_files" or (key == "kubernetes_sd_configs" and not kubernetes):
            continue
        if key.endswith("_file") and isinstance(inner, str):
            out[key] = PRESENT
        elif key == "file_sd_configs":
            out[key] = [{"files": [TARGETS]}]
        else:
            out[key] = project(inner, kubernetes)
    return out


def _complaints(ran: Ran, text: str, value: Any, file: Written) -> Iterator[Problem]:
    """Every line that says something; none is dropped."""
    failed = bool(ran.code or ran.timed_out)
    said = False
    for line in (*ran.stdout.splitlines(), *ran.stderr.splitlines()):
        if not _CHATTER.fullmatch(line):
            said = True
            words = _HEAD.sub("", line).strip()
            level = Level.ERROR if failed else Level.WARNING
            origin = _origin(words, text, value, file)
            yield Problem(origin, f"promtool check config on {file.path}: {words}", "promtool", level)
    if failed and not said:
        message = f"promtool check config on {file.path}: failed, and said nothing"
        yield Problem(file.origins[()], message, "promtool")


def _origin(said: str, text: str, value: Any, file: Written) -> Origin:
    keys: Keys = ()
    if line := _LINE.search(said):
        keys = _keys(text, int(line[1]))
    elif job := _JOB.search(said):
        jobs = value.get("scrape_configs", ()) if isinstance(value, dict) else ()
        names = [one.get("job_name") for one in jobs if isinstance(one, dict)]
        last = [index for index, name in enumerate(names) if name == job[1]][-1:]
        keys = ("scrape_configs", *last)
    return next(file.origins[keys[:size]] for size in range(len(keys), -1, -1) if keys[:size] in file.origins)


def _keys(text: str, line: int) -> Keys:
    """The way to what stands on a line, counted from 1, two steps at most: no origin is deeper."""
    try:
        node = yaml.compose(text, Loader=LOADER)
    except yaml.YAMLError:
        return ()
    keys: Keys = ()
    while len(keys) < 2:
        if isinstance(node, yaml.MappingNode):
            inside = [(key.value, key.start_mark.line, inner) for key, inner in node.value]
        elif isinstance(node, yaml.SequenceNode):
            inside = [(index, inner.start_mark.line, inner) for index, inner in enumerate(node.value)]
        else:
            break
        above = [(key, inner) for key, start, inner in inside if start < line]
        if not above:
            break
        keys, node = (*keys, above[-1][0]), above[-1][1]
    return keys
