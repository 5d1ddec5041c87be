"""Finds the files that are to be linted and reads them: which of them are looked at, and what is said of the others."""

from __future__ import annotations

import codecs
import functools
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from llmmon import lazily, texts
from llmmon.classes import field, frozen, mutable
from llmmon.documents import envelopes, residue
from llmmon.documents import rules as rule_files
from llmmon.documents.plain import Plain
from llmmon.problem import Origin
from llmmon.source import reading, values
from llmmon.source.document import Document

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from llmmon.problem import Problem
    from llmmon.source.values import Value

# Folders whose files somebody else mends, or that are wrong on purpose.
_OF_OTHERS = frozenset(
    (
        *(".git", ".terraform", ".venv", "fixtures", "golden", "node_modules", "testdata", "testfiles", "vendor"),
        *(".archive", "archive", "archived", "attic", "deprecated"),
    )
)
# Folders of which promtool's own tests are all that counts.
_OF_TESTS = lazily.pattern(r"(?:bats|e2e|tests?)(?:[-_]|\Z)")
_RELEASE = lazily.pattern(r"[a-z][\w-]*-v?\d+\.\d+\.\d+(?:[.+-][\w.+-]*)?\Z")  # a folder as a release unpacks it
_SOURCE = lazily.pattern(  # of programs whose files are not the user's
    r"^module github\.com/(?:elastic|grafana|prometheus(?:-community|-operator)?|thanos-io|VictoriaMetrics)/"
    r'|^\s*"name": "(?:grafana|kibana)"',
    re.MULTILINE,
)
_SPOILED = lazily.pattern(  # names of files that are wrong on purpose, or say what a test expects
    r"(?:\A|[-_.])(?:bad|broken|invalid|malformed)(?:[-_.]|\Z)|\A\d\d-(?:assert|errors?)\b|-assert\.ya?ml\Z"
)
STDIN = Path("-")
JSON = ".json"
ENDINGS = (".yaml", ".yml", ".rules", JSON)
TEXTS = (".conf", ".prom")
LIKELY = lazily.pattern(
    r"^(?:(?:groups|inhibit_rules|receivers|route|rule_files|kind: PrometheusRule)\b|(?:fleet|service|system): [a-z])",
    re.MULTILINE,
)
_BESIDE = {  # what stands in groups of rules, and in routes of Alertmanager
    "groups": lazily.pattern(r"\b(?:alert|expr|record|rules)\b['\"]?\s*:"),
    "route": lazily.pattern(r"\breceivers?\b['\"]?\s*:"),
}
_OF_CONCOURSE = lazily.pattern(r"^(?:jobs|resource_types|resources):", re.MULTILINE)  # whose groups are of jobs
_LIKELY_JSON = lazily.pattern(
    r'\\?"(?:panels|rows|alert|record|receivers)\\?"\s*:|'
    r'"kind"\s*:\s*"(?:PrometheusRule|ConfigMap|List|ConfigMapList|GrafanaDashboard|Dashboard)"'
)
_DASHBOARD = lazily.pattern(r'"schemaVersion"\s*:')
_STARTS_JSON = lazily.pattern(r'\s*\{\s*"')


@frozen
class File:
    """A document that was read."""

    document: Document
    value: Value
    named: bool  # on the command line, not found in a folder
    several: bool = False  # there are other documents in the same file before this one
    released: bool = False  # found in a folder, and with definitions of resources, as others release what they install


@mutable
class Inputs:
    """Everything that was read, and what is wrong with what was not."""

    files: list[File] = field(default_factory=list)
    plain: list[Plain] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    fixtures: set[str] = field(default_factory=set)  # paths of what only a test reads


def read(
    paths: Sequence[Path], excluded: Sequence[str], stdin: str, instead: Mapping[str, bytes], whole: bool
) -> Inputs:
    """The documents of all files; of one that is not taken `whole`, the first alone says whether it is right.

    `instead` has the bytes of files that are not read from where they are.
    """
    out = Inputs()
    asked = {path.as_posix() for path in paths}
    for path, named, fixture in _found(paths, excluded):
        if fixture and path.as_posix() not in asked:
            out.fixtures.add(path.as_posix())
        document, wrong = _document(path, stdin if path == STDIN else path.as_posix(), instead)
        if wrong:
            out.problems += wrong if named or _may_be_ours(path) else []
        elif texts.is_known(document.text):
            out.plain.append(Plain(document.path, document.text))
        elif Path(document.path).suffix == JSON or (path == STDIN and _STARTS_JSON.match(document.text)):
            _json(document, named, out)
        else:
            _yaml(document, named, whole, out)
    out.problems = residue.once_per_chart(out.problems)
    return out


def _may_be_ours(path: Path) -> bool:
    """Whether a file that is not UTF-8 begins like one that is linted, whatever its letters mean."""
    try:
        with path.open("rb") as file:
            start = file.read(texts.SNIFFED)
    except OSError:
        return True
    wide = start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    text = start.decode("utf-16" if wide else "latin-1", "replace")
    return "\0" not in text and bool(LIKELY.search(text) or _LIKELY_JSON.search(text) or texts.is_known(text))


def _document(path: Path, shown: str, instead: Mapping[str, bytes]) -> tuple[Document, list[Problem]]:
    if shown in instead:
        return reading.decoded(instead[shown], shown)
    if path == STDIN:
        return reading.decoded(sys.stdin.buffer.read(), shown)
    document, wrong = reading.read(path, shown)
    if wrong and path.is_file() and (text := _wide(path)) is not None:  # which promtool reads as well
        document, wrong = reading.decoded(text.encode(), shown)
        return Document(shown, document.text, odd="a byte order mark of UTF-16"), wrong
    return document, wrong


def _wide(path: Path) -> str | None:
    """The text of a file in UTF-16 that says so."""
    try:
        data = path.read_bytes()
        return data.decode("utf-16") if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else None
    except (OSError, UnicodeError):
        return None


def _yaml(document: Document, named: bool, whole: bool, out: Inputs) -> None:
    released = not named and "\nkind: CustomResourceDefinition" in document.text
    for index, part in enumerate(envelopes.documents(document)):
        wanted = named or _is_likely(part.text)
        if wanted and not named and (unrendered := residue.of_chart(part)):
            out.problems += [unrendered] if (whole or not index) and not residue.is_template(part.path) else []
            continue
        value, wrong = values.value(part, as_go=True)
        if wrong and (unrendered := residue.of_template(part, wrong, named)):
            value, wrong = None, [unrendered] if named or not residue.is_template(part.path) else []
        # What else stands in a folder is not ours to judge.
        if (whole or not index) and wanted:
            out.problems += wrong
        if value is not None or (named and not wrong):
            out.files.append(File(part, value, named, index > 0, released))


def _is_likely(text: str) -> bool:
    """Whether a text may be of a kind that we know; others have groups as well."""
    kinds = (found[0] for found in LIKELY.finditer(text))
    sure = any(
        kind not in _BESIDE or _BESIDE[kind].search(text) or (kind == "groups" and "\nkind:" not in text)
        for kind in kinds
    )
    return sure and not _OF_CONCOURSE.search(text)


def _json(document: Document, named: bool, out: Inputs) -> None:
    """A JSON file. What is no dashboard is read as YAML, of which JSON is a part."""
    if not named and not _LIKELY_JSON.search(document.text):
        return
    part = Document(document.path, document.text, json=True)
    value, wrong = values.value(part)
    if value is None or not envelopes.dashboards(value, Origin(part)):
        go, faults = values.value(document, as_go=True)
        if not faults and (value is not None or _holds_rules(go)):
            part, value, wrong = document, go, []
    if wrong and (unrendered := residue.of_template(part, wrong, named)):
        wrong = [unrendered] if named or not residue.is_template(part.path) else []
    if named or _DASHBOARD.search(document.text) or _holds_rules(value):
        out.problems += wrong
    if value is not None:
        out.files.append(File(part, value, named))


def _holds_rules(value: Value) -> bool:
    return rule_files.is_rules(value) or (isinstance(value, dict) and value.get("kind") == "PrometheusRule")


def found(paths: Sequence[Path], excluded: Sequence[str]) -> Iterator[tuple[Path, bool]]:
    """The files below these paths, and whether each was named itself."""
    yield from ((path, named) for path, named, _ in _found(paths, excluded))


def _found(paths: Sequence[Path], excluded: Sequence[str]) -> Iterator[tuple[Path, bool, bool]]:
    """The same, and whether each is there for a test alone; a file that several paths lead to comes once."""
    seen = set[Path]()
    for path in paths:
        if not path.is_dir() and path not in seen:
            seen.add(path)
            yield path, True, False
    for path in filter(Path.is_dir, paths):
        known = (item for item in _below(path) if item not in seen and item.is_file() and _interests(item))
        inside = sorted(item for item in known if not _is_copied(item, path))
        for item in inside:
            if not any(item.match(pattern) for pattern in excluded):
                seen.add(item)
                yield item, False, _is_fixture(item.relative_to(path))


def _is_fixture(path: Path) -> bool:
    return _SPOILED.search(path.name) is not None or any(map(_OF_TESTS.match, path.parts[:-1]))


def _below(folder: Path) -> Iterator[Path]:
    """What is in a folder, but for what others wrote, and for what tests read."""
    for item in folder.rglob("*"):
        inside = item.relative_to(folder).parts[:-1]
        if _OF_OTHERS.isdisjoint(inside) and not any(map(_RELEASE.match, inside)):
            yield item


def _is_copied(item: Path, folder: Path) -> bool:
    """Whether a file in a folder is below another one that holds the whole source of somebody else's program."""
    return any(_is_source(above) for above in list(item.parents)[: len(item.relative_to(folder).parts) - 1])


@functools.lru_cache(10_000)
def _is_source(folder: Path) -> bool:
    if not any((folder / name).is_file() for name in ("LICENSE", "LICENSE.md", "LICENSE.txt")):
        return False
    from llmmon import nearby

    return any(map(_SOURCE.search, nearby.here(folder, ("go.mod", "package.json"))))


def _interests(path: Path) -> bool:
    """Whether a file in a folder may be of a kind that we know."""
    return path.suffix in ENDINGS or (path.suffix in TEXTS and texts.looks_known(path))
