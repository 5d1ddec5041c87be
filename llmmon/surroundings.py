"""What stands around the files of a run: manifests that say what llmmon wrote, and folders of runbooks."""

from __future__ import annotations

import functools
import re
from pathlib import Path
from typing import TYPE_CHECKING

from llmmon import lazily
from llmmon.problem import Origin
from llmmon.rule import Generated
from llmmon.source.document import Spot

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from llmmon.output.manifest import Entry
    from llmmon.problem import Positioned

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
_RUNS = {
    "alertmanager": lazily.pattern(
        rf"(?<![a-z])alert_?manager(?::|/v|-|{_TAG}|[_-]?version\W{{1,4}}(?:alertmanager-)?)v?(0)\.(\d{{1,3}})"
        r"|^kind: Alertmanager\n(?:[^\n]*\n){1,30}?\s+version: v?(0)\.(\d{1,3})",
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
        rf"(?<![\w-])prometheus(?::|{_TAG}|[_-]?version\W{{1,4}}(?:prometheus-)?)v?([1-9])\.(\d{{1,3}})",
        re.IGNORECASE | re.MULTILINE,
    ),
}
# One of them is in a file that names the program.
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


def pinned(paths: Sequence[Path]) -> dict[str, tuple[int, int]]:
    """Of each program, and of the API of Kubernetes, the oldest version that an image, a variable or a script below
    these paths names."""
    found: dict[str, tuple[int, int]] = {}
    for path in paths:
        for file, _ in zip(path.rglob("*") if path.is_dir() else (), range(_MOST), strict=False):
            if _DEPLOYS.search(f"/{file.as_posix()}") and file.is_file():
                text = _start(file)
                lower = text.lower()
                for program, version in _RUNS.items():
                    asked = any(word in lower for word in _WORDS.get(program, (program,)))
                    for one in version.finditer(text) if asked else ():
                        major, minor, *_ = (*(int(part) for part in one.groups() if part is not None), 0)
                        found[program] = min(found.get(program, (major, minor)), (major, minor))
    return found


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
