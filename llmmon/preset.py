"""Merges what `uses:` names into a service, on data, before the one validation."""

from __future__ import annotations

import difflib
import functools
import re
from dataclasses import dataclass, field
from importlib import resources
from typing import TYPE_CHECKING

from llmmon import source
from llmmon.problem import Keys, Origin, Problem
from llmmon.spec.signals import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.source import Document, Value

Data = dict[str, "Value"]

ALWAYS = "service"  # the preset that every service uses
_IMPLIED: dict[str, Keys] = {  # presets that a section brings with it
    "health-report": ("health", "report"),
    "outside": ("outside", "checks"),
    "certificate": ("outside", "checks"),
}
_OWN = ("catalogues", "description", "needs")  # what a preset says of itself


@dataclass(frozen=True, slots=True)
class Preset:
    """Reusable signals, alerts and dashboards of one technology."""

    name: str
    document: Document
    data: Data
    catalogues: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Expanded:
    """A service's data with its presets merged in, and the way back from a key to who wrote it."""

    data: Data
    document: Document
    keys: Keys  # of the service inside its document
    own: Data
    presets: tuple[Preset, ...] = ()
    _cache: dict[Keys, Origin] = field(default_factory=dict, repr=False)

    def origin(self, keys: Keys) -> Origin:
        """Where a key was written: in the spec, or in a preset, which points at the line that asked for it."""
        for depth in range(len(keys), 0, -1):  # a shorthand has fewer keys than what it is short for
            if _holds(self.own, keys[:depth]):
                break
            for preset in reversed(self.presets):
                if _holds(preset.data, keys[:depth]):
                    via = Origin(preset.document, keys)
                    reasons = (("uses", preset.name), _IMPLIED.get(preset.name, ()))
                    asked: Keys = next((reason for reason in reasons if _holds(self.own, reason)), ())
                    return Origin(self.document, self.keys + asked, None, via)
        return Origin(self.document, self.keys + keys)

    @property
    def catalogues(self) -> tuple[str, ...]:
        """Names of the catalogues that the presets rest on, in order, each once."""
        return tuple(dict.fromkeys(name for preset in self.presets for name in preset.catalogues))


@functools.cache
def names() -> tuple[str, ...]:
    """Every preset there is; the registry is the directory listing."""
    folder = resources.files("llmmon") / "presets"
    return tuple(sorted(entry.name.removesuffix(".yaml") for entry in folder.iterdir() if entry.name.endswith(".yaml")))


@functools.cache
def load(name: str) -> Preset:
    """A preset by its name, which exists. A broken one is a bug of ours."""
    text = (resources.files("llmmon") / "presets" / f"{name}.yaml").read_text(encoding="utf-8")
    document = source.Document(f"llmmon/presets/{name}.yaml", text)
    data, problems = source.parse(document)
    if data is None or problems:
        raise ValueError(f"preset {name}: {[p.message for p in problems]}")
    catalogues = data.get("catalogues") or []
    assert isinstance(catalogues, list)
    return Preset(name, document, {k: v for k, v in data.items() if k not in _OWN}, tuple(map(str, catalogues)))


def expand(data: Data, document: Document, keys: Keys) -> tuple[Expanded, list[Problem]]:
    """The service's data over those of its presets: maps merge by key, scalars and lists replace, `false` removes."""
    wanted, problems = _wanted(data, Origin(document, keys))
    presets = tuple(load(name) for name in wanted)
    merged: Data = {}
    for preset in presets:
        merged = _merge(merged, preset.data, ())
    merged = _merge(merged, dict(data), ())
    return Expanded(merged, document, keys, data, presets), problems


def _wanted(data: Data, origin: Origin) -> tuple[list[str], list[Problem]]:
    uses = data.get("uses")
    chosen: dict[str, Value] = {}
    if isinstance(uses, list):
        chosen = {item: True for item in uses if isinstance(item, str)}
    elif isinstance(uses, dict):
        chosen = dict(uses)
    problems = []
    out = [] if chosen.get(ALWAYS) is False else [ALWAYS]
    chosen = {**dict.fromkeys(_implied(data), True), **chosen}
    for name, on in chosen.items():
        if name not in names():
            near = difflib.get_close_matches(name, names(), 1)
            hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(names())}"
            problems.append(Problem(origin.at("uses", name), f"unknown preset {name!r}: {hint}", "unknown-preset"))
        elif on and name not in out:
            out.append(name)
    return out, problems


def _implied(data: Data) -> Iterator[str]:
    """A certificate is watched only where there is one: elsewhere its alert could never fire."""
    encrypted = re.search(r"'https://|'tls':", repr(data.get("outside")))
    for name, keys in _IMPLIED.items():
        if _holds(data, keys) and (name != "certificate" or encrypted):
            yield name


def _merge(below: Data, above: Data, keys: Keys) -> Data:
    out = dict(below)
    for key, value in above.items():
        old = out.get(key)
        if value is False and key in below and keys:
            del out[key]
        elif isinstance(old, dict) and isinstance(value, dict) and not _replaces(keys, value):
            out[key] = _merge(old, value, (*keys, key))
        else:
            out[key] = value
    return out


def _replaces(keys: Keys, value: Data) -> bool:
    """A signal that names its kind is a new signal, not a patch of the preset's."""
    return keys == ("signals",) and any(kind in value for kind in KINDS)


def _holds(data: Value, keys: Keys) -> bool:
    for key in keys:
        if isinstance(data, dict) and key in data:
            data = data[str(key)]
        elif isinstance(data, list) and isinstance(key, int) and key < len(data):
            data = data[key]
        elif isinstance(data, list) and key in data:  # `uses: [a]` is short for `uses: {a: true}`
            data = None
        else:
            return False
    return True
