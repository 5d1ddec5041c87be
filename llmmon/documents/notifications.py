"""The templates of notifications: those written in receivers, and the files that a configuration names."""

from __future__ import annotations

import itertools
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from llmmon import gotemplate, lazily
from llmmon.documents.alertmanager import fields
from llmmon.gotemplate import Template, TemplateError
from llmmon.gotemplate.nodes import Text
from llmmon.problem import Origin
from llmmon.source.document import Spot

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from llmmon.documents.routes import Configuration, Integration
    from llmmon.gotemplate.nodes import Node
    from llmmon.problem import Span

# What Alertmanager defines itself is called after who is told.
BUILT_IN = (
    *("discord", "email", "hipchat", "jira", "mattermost", "msteams", "msteamsv2", "opsgenie", "pagerduty", "pushover"),
    *("rocketchat", "slack", "sns", "telegram", "victorops", "webex", "wechat"),
)
_FILLED = frozenset(("[text]", "any", "anymap", "details", "jirafield", "text", "texts"))  # kinds of fields
_MOST_FILES = 200
_FEW = 20
_MOST_WILD = 3
_WILD = lazily.pattern(r"[*?\[]")
_LARGEST = 1_000_000
_ELSE_WITH = (0, 28)  # the first version that was built with Go 1.23


class File(NamedTuple):
    """A file of templates that was read; `found` is the tree, or why there is none."""

    path: str
    text: str
    found: Template | TemplateError

    @property
    def defined(self) -> Mapping[str, tuple[Node, ...]]:
        """The templates in it; what stands between them is one as well, and is called like the file."""
        if isinstance(self.found, TemplateError):
            return {}
        whole = any(not isinstance(node, Text) or node.text.strip() for node in self.found.body)
        return {**self.found.defined, **({Path(self.path).name: self.found.body} if whole else {})}


class Read(NamedTuple):
    """The files of a configuration; `missing` are the places of patterns that name none, `all` says nothing lacks."""

    files: tuple[File, ...] = ()
    missing: tuple[int, ...] = ()
    all: bool = True


def files(value: Mapping[str, Any], path: str | None, version: tuple[int, ...]) -> Read:
    """What the patterns below `templates:` name, seen from the file at `path`; None where it is in no folder.

    What is absolute is where Alertmanager runs: a file of that name near the configuration is taken for it.
    """
    patterns = value.get("templates")
    named = [(i, str(p)) for i, p in enumerate(patterns if isinstance(patterns, list) else ()) if p]
    if path is None:
        return Read(all=not named)
    out: dict[str, File] = {}
    missing: list[int] = []
    whole = True
    for index, pattern in named:
        if _is_wide(pattern):
            whole = False
            continue
        found = _found(Path(path), pattern)
        whole &= bool(found)
        beside = (Path(path).parent / pattern).parent  # a folder that is not there is put there by whoever deploys it
        if not found and not Path(pattern).is_absolute() and beside.is_dir() and "*" not in beside.name:
            missing.append(index)
        for name in found:
            text = None if name in out or _is_of_others(name) else _text(name)
            whole &= name in out or bool(text and text.strip())  # one that is empty is filled by whoever deploys it
            if text is not None:
                out[name] = File(name, text, parsed(text, version))
    return Read(tuple(out.values()), tuple(missing), whole)


def inline(configuration: Configuration) -> Iterator[tuple[Origin, str]]:
    """The texts in receivers that are filled when somebody is told."""
    for way in configuration.integrations:
        for name in way.value:
            yield from below(way, name)


def below(way: Integration, name: str) -> Iterator[tuple[Origin, str]]:
    """Those in one field."""
    if _is_filled(way.kind, name):
        yield from _texts(way.value[name], way.origin.at(name))


def _is_filled(kind: str, name: str) -> bool:
    """Whether a field is a template; tokens and most addresses are not."""
    structure = kind.removesuffix("_configs")
    known = fields.of(structure).get(name) if structure in fields.structures() else None
    return known is not None and (known.kind in _FILLED or known.kind.startswith("[{"))


def place(file: File, span: Span) -> Origin:
    """Where something stands in a file of templates."""
    before = file.text[: span[0]].split("\n")
    return Origin(Spot(file.path, file.text, len(before), len(before[-1]) + 1))


@lru_cache(maxsize=4096)
def parsed(text: str, version: tuple[int, ...]) -> Template | TemplateError:
    """The tree of a template, or why there is none."""
    try:
        return gotemplate.parse(text, gotemplate.of_alertmanager(version), else_with=version >= _ELSE_WITH)
    except TemplateError as error:
        return error


def is_built_in(name: str) -> bool:
    """Whether Alertmanager defines a template of this name, or one of this kind."""
    return name.startswith("__") or (name.partition(".")[0] in BUILT_IN and ".default." in name)


def _texts(value: object, origin: Origin) -> Iterator[tuple[Origin, str]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _texts(inner, origin.at(key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _texts(inner, origin.at(index))
    elif isinstance(value, str) and "{{" in value:
        yield origin, value


def _is_wide(pattern: str) -> bool:
    """Whether a pattern may go through a whole disk."""
    return len(_WILD.findall(pattern)) > _MOST_WILD or pattern.count("..") > _MOST_WILD


def _is_of_others(name: str) -> bool:
    """Whether a file is for the program that sends to DingTalk, which has other functions and its own receivers."""
    return "ding" in Path(name).name.lower()


def _found(own: Path, pattern: str) -> list[str]:
    import glob

    folder, there = own.parent, Path(pattern)
    places = [folder / pattern]
    if there.is_absolute():
        places = [folder / there.parent.name / there.name, folder / there.name, folder / "templates" / there.name]
    try:
        found = [sorted(glob.glob(str(place)))[:_MOST_FILES] for place in places]  # noqa: PTH207 - a pattern as it is
    except (OSError, ValueError):
        return []
    return next(filter(None, ([name for name in names if name != str(own)] for names in found)), [])


@lru_cache(maxsize=64)
def beside(path: str) -> str:
    """What other files of YAML say, in the folder of this one, in those right below it, beside it and above it."""
    import glob

    folder = Path(path).parent
    texts: list[str] = []
    for pattern in ("*.y*ml", "*/*.y*ml", "../*/*.y*ml", "../*.y*ml"):
        names = itertools.islice(glob.iglob(str(folder / pattern)), _FEW)  # noqa: PTH207 - the others are, too
        texts += filter(None, map(_text, names))
    return "\n".join(texts)


def _text(name: str) -> str | None:
    path = Path(name)
    try:
        if not path.is_file() or path.stat().st_size > _LARGEST:
            return None
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeError):
        return None
