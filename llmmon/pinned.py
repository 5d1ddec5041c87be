"""Which versions of the programs that read a run's files its folder says are running."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from llmmon import lazily, nearby

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path
    from typing import TypeAlias, TypeGuard

    Version: TypeAlias = tuple[int, int]

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


class Pinned(Mapping[str, "Version"]):
    """Of each program, and of the API of Kubernetes, the oldest version that an image, a variable, a script or an
    object below these paths names; it is looked for when somebody first asks."""

    def __init__(
        self, paths: Sequence[Path], running: Iterable[Mapping[str, Any]], said: Mapping[str, Version]
    ) -> None:
        self.paths, self.running, self.said = paths, running, said

    @functools.cached_property
    def found(self) -> Mapping[str, Version]:
        texts = (nearby.start(file) for file in _deploying(self.paths))
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
    return (file for file in nearby.below(paths) if _DEPLOYS.search(f"/{file.as_posix()}") and file.is_file())


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
