"""What stands around the files of a run: manifests that say what llmmon wrote, and folders of runbooks."""

from __future__ import annotations

import functools
import re
from collections.abc import Container, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from llmmon import lazily
from llmmon.problem import Origin
from llmmon.rule import Generated
from llmmon.source.document import Spot

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import TypeAlias, TypeGuard

    from llmmon.output.manifest import Entry
    from llmmon.problem import Positioned

    Version: TypeAlias = tuple[int, int]

_MANIFEST = "manifest.json"
_UP = 8  # folders that are looked at above a file
_PAGES = "*.md"
_MOST = 10_000  # pages, or files, that are looked at
_LARGEST = 100_000  # bytes of a file that says what runs
_DEPLOYS = lazily.pattern(  # paths
    r"Dockerfile[^/]*\Z|compose[\w.-]*\.ya?ml\Z|/\.env[^/]*\Z|\.sh\Z|/versions?\b[^/]*\Z|/Vagrantfile\Z|/README[^/]*\Z"
    r"|/(?:defaults|vars|group_vars)/(?:[^/]+/)?[^/]+\.ya?ml\Z"
    r"|/[\w.-]*(?:alertmanager|deploy|elastic|elk|grafana|kustomization|logstash|prometheus|stack|statefulset|values)"
    r"[\w.-]*\.ya?ml\Z"
)
_NUMBER = r"v?(\d{1,2})\.(\d{1,3})"
_TAG = r"['\"]?\s+tag:\s+['\"]?"  # of a chart's values
_OF_ELASTIC = (
    r"^[ \t-]{0,40}(?:ENV |ARG )?(?:(?:ELASTIC_)?STACK|ELASTIC|ELK|LOGSTASH)_(?:MAJOR|TAG|VERSION)\W{1,3}(?:1:)?"
    rf"{_NUMBER}"
)
_TEMPLATES = (".yml", ".yaml", ".j2", ".tmpl", ".tpl", ".tftpl", ".erb", ".sh")
_JOB = lazily.pattern(r"""^[ \t-]*job_name:[ \t]*["']?([^"'\s]+)""", re.MULTILINE)
_TARGETS = lazily.pattern(
    r"^[ \t-]*targets:[ \t]*(?:\[([^\]]*)\]|((?:\n[ \t]*-[ \t]+[^\s#]+[ \t]*(?:#.*)?$)*))", re.MULTILINE
)
_OF_LOGS = ("__path__", "/loki/api/v1/push")  # what reads logs has jobs as well
_INFRASTRUCTURE = frozenset(
    (
        *("agent", "alertmanager", "alloy", "blackbox", "cadvisor", "clickhouse", "collector", "docker", "etcd"),
        *("elasticsearch", "federate", "grafana", "jaeger", "kafka", "kube", "kubernetes", "loki", "mimir", "minio"),
        *("mongo", "mongodb", "mysql", "node", "nodes", "otel", "postgres", "postgresql", "prometheus", "promtail"),
        *("pushgateway", "rabbitmq", "redis", "statsd", "tempo", "thanos", "victoriametrics"),
    )
)
_ROUTE = lazily.pattern(r"^[ \t]*route:[ \t]*\n(?:.*\n)?[ \t]+receiver:", re.MULTILINE)
_OPERATED = ("Alertmanager", "Grafana", "Prometheus")
_RUNNING = frozenset((*_OPERATED, "DaemonSet", "Deployment", "Pod", "ReplicaSet", "StatefulSet"))
_RUNS = {
    "alertmanager": lazily.pattern(
        rf"(?<![a-z])alert_?manager(?::|/v|-|{_TAG}|[_-]?version\W{{1,4}}(?:alertmanager-)?)v?(0)\.(\d{{1,3}})",
        re.IGNORECASE | re.MULTILINE,
    ),
    "grafana": lazily.pattern(
        rf"(?<![\w-])grafana(?:-oss|-enterprise)?(?::|[_-]?version\W{{1,4}}){_NUMBER}", re.IGNORECASE | re.MULTILINE
    ),
    "kubernetes": lazily.pattern(r"^apiVersion: ['\"]?(?:apps|extensions)/v(1)beta([12])", re.MULTILINE),
    "logstash": lazily.pattern(
        rf"\blogstash(?:-oss)?(?:[:-]|:\$\{{\w+:-|{_TAG}){_NUMBER}|{_OF_ELASTIC}|/logstash/{_NUMBER}/"
        r"|sebp/elk:(?:es\w+_l)?(\d)\.?(\d)|elastic\.co/packages/(?:oss-)?([1-6])(?:\.(?=x)|\.(\d))",
        re.IGNORECASE | re.MULTILINE,
    ),
    "prometheus": lazily.pattern(
        rf"(?<![a-z-])(?<!kube_)prometheus(?::|/v|-|{_TAG}|[_-]?version\W{{1,4}}(?:prometheus-)?)v?([1-3])\.(\d{{1,3}})",
        re.IGNORECASE | re.MULTILINE,
    ),
}
# One of them is in a text that names the program.
_WORDS = {
    "alertmanager": ("alertmanager", "alert_manager"),
    "kubernetes": ("v1beta",),
    "logstash": ("logstash", "el", "stack_"),
}


def generated(documents: Sequence[Positioned]) -> Iterator[Generated]:
    """Of these files those that a manifest above them names."""
    manifest = functools.cache(_manifest)
    for document in {document.path: document for document in documents}.values():
        path = Path(document.path)
        for folder in list(path.absolute().parents)[:_UP]:
            entry = manifest(folder).get(path.absolute().relative_to(folder).as_posix())
            if entry:
                yield Generated(document.path, entry.owner, _hash(path) in entry.hashes, Origin(document))
                break


def runbooks(paths: Sequence[Path]) -> Iterator[tuple[str, Origin]]:
    """The pages below these folders that are runbooks, because a folder is called so."""
    for path in paths:
        if path.is_dir():
            pages = sorted(page for page, _ in zip(path.rglob(_PAGES), range(_MOST), strict=False))
            for page in pages:
                if any("runbook" in part.lower() for part in page.parts[:-1]):
                    yield page.with_suffix("").as_posix(), Origin(Spot(page.as_posix(), "", 1, 1))


class Pinned(Mapping[str, "Version"]):
    """Of each program, and of the API of Kubernetes, the oldest version that an image, a variable, a script or an
    object below these paths names; it is looked for when somebody first asks."""

    def __init__(
        self, paths: Sequence[Path], running: Iterable[Mapping[str, Any]], said: Mapping[str, Version]
    ) -> None:
        self.paths, self.running, self.said = paths, running, said

    @functools.cached_property
    def found(self) -> Mapping[str, Version]:
        texts = (_start(file) for file in _deploying(self.paths))
        objects = (text for value in self.running for text in _images(value))
        found: dict[str, Version] = {}
        for text in (*texts, *objects):
            lower = text.lower()
            for program, version in _RUNS.items():
                asked = any(word in lower for word in _WORDS.get(program, (program,)))
                for one in version.finditer(text) if asked else ():
                    major, minor, *_ = (*(int(part) for part in one.groups() if part is not None), 0)
                    found[program] = min(found.get(program, (major, minor)), (major, minor))
        return {**found, **self.said}

    def __getitem__(self, program: str) -> Version:
        return self.found[program]

    def __iter__(self) -> Iterator[str]:
        return iter(self.found)

    def __len__(self) -> int:
        return len(self.found)


def _deploying(paths: Sequence[Path]) -> Iterator[Path]:
    """The files below these paths that may say what runs."""
    for path in paths:
        for file, _ in zip(path.rglob("*") if path.is_dir() else (), range(_MOST), strict=False):
            if _DEPLOYS.search(f"/{file.as_posix()}") and file.is_file():
                yield file


class Listed(Container[str]):
    """The jobs whose targets are listed: in the configurations of the run, and in templates, variables and pages below
    these paths, which are looked for when somebody first asks; and those that a run, which scrapes others, does not."""

    def __init__(self, paths: Sequence[Path], said: Iterable[str]) -> None:
        self.paths, self.said = paths, frozenset(said)

    def __contains__(self, job: object) -> bool:
        return job in self.said or self.found.get(str(job), bool(self.found))

    @functools.cached_property
    def found(self) -> Mapping[str, bool]:
        """Whether the targets of each job are listed somewhere."""
        found: dict[str, bool] = {}
        for path in self.paths:
            for text in _written(path, (*_TEMPLATES, ".md")):
                for job, listed in _scraped(text):
                    found[job] = found.get(job, False) or listed
        return found


class Jobs(Mapping[str, float]):
    """The applications that the texts below these paths scrape, by the names of their jobs, and how many targets each
    lists at most; some that are discovered are without number. They are looked for when somebody first asks."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self.paths = paths

    @functools.cached_property
    def found(self) -> Mapping[str, float]:
        found: dict[str, float] = {}
        for text in (text for path in self.paths for text in _written(path)):
            parts = [] if any(word in text for word in _OF_LOGS) else _JOB.split(text)
            for job, about in zip(parts[1::2], parts[2::2], strict=True):
                if not _is_infrastructure(job):
                    found[job] = max(found.get(job, 0), _targets(about))
        return found

    def __getitem__(self, job: str) -> float:
        return self.found[job]

    def __iter__(self) -> Iterator[str]:
        return iter(self.found)

    def __len__(self) -> int:
        return len(self.found)


def _is_infrastructure(job: str) -> bool:
    words = re.split(r"[\W_]+", job.lower())
    return "exporter" in job.lower() or not _INFRASTRUCTURE.isdisjoint(words)


def _targets(about: str) -> float:
    """How many targets what stands behind a job lists in one place, where it lists all."""
    listed = [len(one.replace(",", " ").split()) or more.count("\n") for one, more in _TARGETS.findall(about)]
    every = 0 not in listed and "{{" not in about and "_sd_configs" not in about
    return max(listed) if listed and every else float("inf")


def _written(path: Path, endings: Sequence[str] = _TEMPLATES) -> Iterator[str]:
    """What stands in templates and variables, or in files with other endings, below a path."""
    for file, _ in zip(path.rglob("*") if path.is_dir() else (), range(_MOST), strict=False):
        if file.suffix in endings and file.is_file():
            yield _start(file)


def _scraped(text: str) -> Iterator[tuple[str, bool]]:
    """The jobs in a text, and whether each has its own list of targets, and no discovery."""
    parts = _JOB.split(text)
    for job, about in zip(parts[1::2], parts[2::2], strict=True):
        listed = about.replace("file_sd_configs", "static_configs")
        yield job, "static_configs" in listed and "_sd_configs" not in listed


def tells_all_alike(paths: Sequence[Path]) -> bool:
    """Whether what writes a configuration of Alertmanager, as a template or a script does, never reads a severity."""
    files = (file for path in paths if path.is_dir() for file, _ in zip(path.rglob("*"), range(_MOST), strict=False))
    written = [_start(file) for file in files if "alertmanager" in file.as_posix().lower() and file.is_file()]
    routes = [text for text in written if _ROUTE.search(text)]
    return bool(routes) and not any("severity" in text.lower() for text in written)


def is_running(value: object) -> TypeGuard[dict[str, Any]]:
    """Whether an object of Kubernetes says which image runs."""
    return isinstance(value, dict) and value.get("kind") in _RUNNING


def _images(value: Any) -> Iterator[str]:
    """The images that an object names; of a program that the operator starts also its version."""
    todo = [value]
    while todo:
        node = todo.pop()
        if isinstance(node, dict):
            if isinstance(node.get("image"), str):
                yield node["image"]
            todo += node.values()
        elif isinstance(node, list):
            todo += node
    spec = value.get("spec")
    if value["kind"] in _OPERATED and isinstance(spec, dict):
        yield f"{value['kind'].lower()}:{spec.get('version')}"


def _start(file: Path) -> str:
    """What stands in a file, up to a size; nothing where nobody may read it."""
    try:
        with file.open("rb") as opened:
            return opened.read(_LARGEST).decode("utf-8", "replace")
    except OSError:
        return ""


def _manifest(folder: Path) -> Mapping[str, Entry]:
    """The files of a folder's manifest; empty also where somebody else's file is called so."""
    if not (folder / _MANIFEST).is_file():
        return {}
    from llmmon.output import manifest
    from llmmon.problem import Rejected

    try:
        return manifest.read(folder).files
    except Rejected:
        return {}


def _hash(path: Path) -> str:
    import hashlib

    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""
