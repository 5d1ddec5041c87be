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
    r"Dockerfile[^/]*\Z|compose[\w.-]*\.ya?ml\Z|/\.env[^/]*\Z|/install[\w.-]*\.sh\Z|/versions?\b[^/]*\Z"
    r"|/(?:defaults|vars|group_vars)/(?:[^/]+/)?[^/]+\.ya?ml\Z"
)
_OF_ELASTIC = r"^(?:ELK|ELASTIC|ELASTIC_STACK|LOGSTASH|STACK)_(?:TAG|VERSION)=v?(\d{1,2})\.(\d{1,3})"
_RUNS = {
    "alertmanager": lazily.pattern(
        r"(?<![a-z])alert_?manager(?::|/v|-|[_-]?version\W{1,4}(?:alertmanager-)?)v?(\d{1,2})\.(\d{1,3})",
        re.IGNORECASE | re.MULTILINE,
    ),
    "grafana": lazily.pattern(
        r"\bgrafana(?:-oss|-enterprise)?(?::|[_-]?version\W{1,4})v?(\d{1,2})\.(\d{1,3})", re.IGNORECASE | re.MULTILINE
    ),
    "logstash": lazily.pattern(rf"\blogstash(?:-oss)?:v?(\d{{1,2}})\.(\d{{1,3}})|{_OF_ELASTIC}", re.MULTILINE),
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
    """Of Alertmanager, Grafana and Logstash the oldest version that an image, a variable or a script below these paths
    names."""
    found: dict[str, tuple[int, int]] = {}
    for path in paths:
        for file, _ in zip(path.rglob("*") if path.is_dir() else (), range(_MOST), strict=False):
            if _DEPLOYS.search(f"/{file.as_posix()}") and file.is_file():
                text = _start(file)
                for program, version in _RUNS.items():
                    for one in version.finditer(text):
                        major, minor = (int(part) for part in one.groups() if part is not None)
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
