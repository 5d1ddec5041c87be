"""Finds and runs promtool, amtool and the other judges: on PATH, else in docker; says plainly when one is missing."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Literal

from llmmon import lazily
from llmmon.classes import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@frozen
class Tool:
    """A program that judges artifacts, and the image that holds it where it is not installed."""

    name: str
    image: str  # pinned by tag
    entrypoint: str
    version: tuple[str, ...]  # the arguments that print its version
    hint: str  # how to get it without docker
    packaged: str | None = None  # what Debian calls it


TOOLS = {
    tool.name: tool
    for tool in (
        Tool(
            "promtool",
            "prom/prometheus:v3.5.0",
            "promtool",
            ("--version",),
            "`apt-get install prometheus`",
        ),
        Tool(
            "amtool",
            "prom/alertmanager:v0.28.1",
            "amtool",
            ("--version",),
            "`apt-get install prometheus-alertmanager`",
        ),
        Tool(
            "blackbox_exporter",
            "prom/blackbox-exporter:v0.25.0",
            "blackbox_exporter",
            ("--version",),
            "`apt-get install prometheus-blackbox-exporter`",
            "prometheus-blackbox-exporter",
        ),
        Tool(
            "bash",
            "bash:5.2",
            "bash",
            ("--version",),
            "`apt-get install bash`",
        ),
        Tool(
            "kubectl",
            "registry.k8s.io/kubectl:v1.33.0",
            "kubectl",
            ("version", "--client"),
            "install Kubernetes's client of 1.21 or newer",
        ),
        Tool(
            "logstash",
            "docker.elastic.co/logstash/logstash:8.15.3",
            "logstash",
            ("--version",),
            "install Elastic's package",
        ),
        Tool(
            "mimirtool",
            "grafana/mimirtool:3.0.5",
            "mimirtool",
            ("version",),
            "put the binary of Grafana Mimir's release there",
        ),
        Tool(
            "thanos",
            "quay.io/thanos/thanos:v0.39.2",
            "thanos",
            ("--version",),
            "put the binary of Thanos's release there",
        ),
    )
}
DAEMON_SECONDS = 5.0  # docker's daemon must have answered by then
VERSION_SECONDS = 60.0  # logstash starts a JVM before it prints anything
RUN_SECONDS = 300.0
_STOP_SECONDS = 2.0
_TOP = PurePosixPath()
_NUMBER = lazily.pattern(r"\bv?(\d+(?:\.\d+)+)")


@frozen
class Found:
    """A tool that can be run; `command` comes before its arguments, `version` is None where it prints none."""

    name: str
    how: Literal["path", "docker"]
    command: tuple[str, ...]
    version: tuple[int, ...] | None
    version_text: str


@frozen
class Missing:
    """A tool that cannot be run, and what to do about it."""

    name: str
    hint: str


@frozen
class Ran:
    """What a tool answered. One that did not start or did not end in time has a code as a shell would give it."""

    code: int
    stdout: str
    stderr: str
    timed_out: bool = False


class Tools:
    """The tools of one run, each looked for once; they see the scratch folder and, in docker, nothing else."""

    def __init__(self, scratch: Path, environ: Mapping[str, str]) -> None:
        self.scratch = scratch.absolute()
        self._environ = dict(environ)
        self._known: dict[str, Found | Missing] = {}
        self._lock = threading.Lock()

    def find(self, name: str) -> Found | Missing:
        """The tool called `name`: what `LLMMON_<NAME>` names, else the one on PATH, else its image, if it is pulled.

        Raises KeyError where no such tool is in the table.
        """
        with self._lock:
            if name not in self._known:
                self._known[name] = self._look(TOOLS[name])
            return self._known[name]

    def run(
        self,
        name: str,
        args: Sequence[str | PurePosixPath],
        cwd: PurePosixPath = _TOP,
        input: str | None = None,  # noqa: A002 - subprocess's own word
        timeout: float = RUN_SECONDS,
    ) -> Ran:
        """Run a tool in the scratch folder, or in `cwd` inside it.

        A `PurePosixPath` among the arguments is relative to the scratch folder and reaches the tool relative to `cwd`,
        so that both ways of running get the same arguments. Raises LookupError for a tool that `find` calls missing,
        ValueError for a path that leaves the scratch folder.
        """
        found = self.find(name)
        if isinstance(found, Missing):
            raise LookupError(found.hint)
        inside = _inside(cwd)
        words = [_argument(arg, inside) if isinstance(arg, PurePosixPath) else arg for arg in args]
        command = found.command
        if found.how == "docker":
            command = self._docker(TOOLS[name], command[0], inside, attached=input is not None)
        return self._run((*command, *words), self.scratch / inside, input, timeout)

    def _look(self, tool: Tool) -> Found | Missing:
        variable = "LLMMON_" + tool.name.upper().replace("-", "_")
        named = self._environ.get(variable)
        binary = self._which(named or tool.name) or (
            self._which(tool.packaged) if tool.packaged and not named else None
        )
        if named and not binary:
            return Missing(tool.name, f"{variable} names {named!r}, which is no program: correct it or unset it")
        if binary:
            ran = self._run((binary, *tool.version), None, None, VERSION_SECONDS)
            if ran.code not in (126, 127):
                return _found(tool, binary, f"{ran.stdout}\n{ran.stderr}".strip())
            if named:
                return Missing(tool.name, f"{variable} names {named!r}, which does not start: {ran.stderr}")
        return self._look_in_docker(tool)

    def _look_in_docker(self, tool: Tool) -> Found | Missing:
        docker = self._which("docker")
        if not docker:
            return Missing(tool.name, f"{tool.name} is not on PATH: {tool.hint}, or install docker")
        if ":" in str(self.scratch):
            return Missing(tool.name, f"docker cannot mount {self.scratch}, whose name has a colon: set another TMPDIR")
        ran = self._run((docker, "image", "inspect", tool.image), None, None, DAEMON_SECONDS)
        if ran.timed_out or "daemon" in ran.stderr.lower():
            return Missing(tool.name, f"{tool.name} is not on PATH, and docker's daemon does not answer: {tool.hint}")
        if ran.code:
            return Missing(tool.name, f"{tool.name} is not on PATH: {tool.hint}, or `docker pull {tool.image}`")
        command = self._docker(tool, docker, _TOP, attached=False)
        return Found(tool.name, "docker", command, _version(tool.image.rpartition(":")[2]), tool.image)

    def _docker(self, tool: Tool, docker: str, cwd: PurePosixPath, *, attached: bool) -> tuple[str, ...]:
        return (
            *(docker, "run", "--rm", "--pull=never", "--network=none"),
            *(("--interactive",) if attached else ()),
            *("--user", f"{os.getuid()}:{os.getgid()}", "--entrypoint", tool.entrypoint),
            *("-v", f"{self.scratch}:/scratch:ro", "-w", str("/scratch" / cwd), tool.image),
        )

    def _which(self, name: str) -> str | None:
        found = shutil.which(name, path=self._environ.get("PATH", os.defpath))
        return str(Path(found).absolute()) if found else None

    def _run(self, command: tuple[str, ...], cwd: Path | None, given: str | None, timeout: float) -> Ran:
        try:
            process = subprocess.Popen(
                command,
                cwd=cwd,
                env=self._environ,
                stdin=subprocess.DEVNULL if given is None else subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
        except OSError as error:
            return Ran(
                127 if isinstance(error, FileNotFoundError) else 126,
                "",
                f"{error.filename or command[0]}: {error.strerror}",
            )
        try:
            out, err = process.communicate(given.encode(errors="replace") if given is not None else None, timeout)
        except subprocess.TimeoutExpired:
            out, err = _stop(process)
            said = f"{Path(command[0]).name} gave no answer within {timeout:g} s and was stopped"
            return Ran(124, _text(out), f"{_text(err)}\n{said}".strip(), timed_out=True)
        except BaseException:
            _stop(process)
            raise
        return Ran(process.returncode, _text(out), _text(err))


def _found(tool: Tool, binary: str, said: str) -> Found:
    lines = said.splitlines() or [""]
    line = next((line for line in lines if line.startswith(tool.name)), lines[0])  # a JVM speaks first
    return Found(tool.name, "path", (binary,), _version(line), line)


def _version(text: str) -> tuple[int, ...] | None:
    match = _NUMBER.search(text)
    return tuple(map(int, match[1].split("."))) if match else None


def _inside(path: PurePosixPath) -> PurePosixPath:
    if path.is_absolute() or ".." in path.parts:
        raise ValueError(f"{path} is not inside the scratch folder")
    return path


def _argument(path: PurePosixPath, cwd: PurePosixPath) -> str:
    relative = os.path.relpath(_inside(path), cwd)
    return f"./{relative}" if relative.startswith("-") else relative


def _stop(process: subprocess.Popen[bytes]) -> tuple[bytes, bytes]:
    """End it: softly, for docker passes that on to its container, and then for good."""
    for end in (process.terminate, process.kill):
        end()
        with suppress(subprocess.TimeoutExpired):
            return process.communicate(timeout=_STOP_SECONDS)
    return b"", b""


def _text(data: bytes) -> str:
    return data.decode(errors="replace")
