"""Merges what `uses:` names into a service, on data, before the one validation."""

from __future__ import annotations

import difflib
import functools
import re
from importlib import resources
from typing import TYPE_CHECKING

from llmmon import catalogue
from llmmon.catalogue import version as versions
from llmmon.classes import field, frozen, replace
from llmmon.problem import Keys, Origin, Problem
from llmmon.source import values
from llmmon.source.document import Document
from llmmon.spec.signals import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from llmmon.catalogue import Version
    from llmmon.source.values import Value

Data = dict[str, "Value"]

ALWAYS = "service"  # the preset that every service uses
_IMPLIED: dict[str, Keys] = {  # presets that a section brings with it
    "health-report": ("health", "report"),
    "outside": ("outside", "checks"),
    "certificate": ("outside", "checks"),
}
_ONLY_WITH = {"health": "workload", "logs": "logs"}  # probes want something to be put on, patterns want an input
_REPLACING = {  # keys that make another thing of an entry
    "signals": KINDS,
    "alerts": ("signal", "expr", "down"),
    "budgets": ("signal", "spent", "left", "used"),
}
_OWN = ("catalogues", "description", "needs", "versions")  # what a preset says of itself


@frozen
class Preset:
    """Reusable signals, alerts and dashboards of one technology."""

    name: str
    document: Document
    data: Data
    catalogues: tuple[str, ...]
    variants: tuple[Data, ...] = ()  # what is otherwise `since` or `until` a version

    @property
    def versioned(self) -> str | None:
        """The catalogue whose version is meant where a service names one: the preset's own, or its first."""
        return self.name if self.name in self.catalogues else next(iter(self.catalogues), None)

    def at(self, version: Version | None) -> Preset:
        """The preset as it is for a version (None: the catalogue's default)."""
        if not self.variants or not self.versioned:
            return self
        wanted = version or catalogue.read(self.versioned).default
        data = self.data
        for variant in self.variants:
            since, until = (versions.parse(str(variant[key])) if key in variant else None for key in ("since", "until"))
            if wanted and versions.within(wanted, since, until):
                data = _merge(data, {key: value for key, value in variant.items() if key not in ("since", "until")}, ())
        return replace(self, data=data)


@frozen
class Expanded:
    """A service's data with its presets merged in, and the way back from a key to who wrote it."""

    data: Data
    document: Document
    keys: Keys  # of the service inside its document
    own: Data
    presets: tuple[Preset, ...] = ()
    shared: Mapping[str, Data] = field(default_factory=dict)  # of the system, by the preset that it goes with
    _cache: dict[Keys, Origin] = field(default_factory=dict, repr=False)

    def origin(self, keys: Keys) -> Origin:
        """Where a key was written: in the spec, or in a preset, which points at the line that asked for it."""
        for depth in range(len(keys), 0, -1):  # a shorthand has fewer keys than what it is short for
            if _holds(self.own, keys[:depth]):
                break
            for name in reversed(tuple(self.shared)):
                if _holds(self.shared[name], keys[:depth]):
                    return Origin(self.document, ("every", name, *keys))
            for preset in reversed(self.presets):
                if _holds(preset.data, keys[:depth]):
                    via = Origin(preset.document, keys)
                    reasons = (("uses", preset.name), _IMPLIED.get(preset.name, ()))
                    asked: Keys = next((reason for reason in reasons if _holds(self.own, reason)), ())
                    return Origin(self.document, self.keys + asked, None, via)
        return Origin(self.document, self.keys + keys)

    def brings(self, section: str, name: str) -> str | None:
        """The preset that an entry of a section is from; None where the spec replaces it, or no preset has it."""
        mine = self.own.get(section)
        written = mine.get(name) if isinstance(mine, dict) else None
        if isinstance(written, dict) and any(kind in written for kind in _REPLACING[section]):
            return None
        return next((preset.name for preset in reversed(self.presets) if _holds(preset.data, (section, name))), None)


@functools.cache
def names() -> tuple[str, ...]:
    """Every preset there is; the registry is the directory listing."""
    folder = resources.files("llmmon") / "presets"
    return tuple(sorted(entry.name.removesuffix(".yaml") for entry in folder.iterdir() if entry.name.endswith(".yaml")))


@functools.cache
def load(name: str) -> Preset:
    """A preset by its name, which exists, or a catalogue without a preset. A broken one is a bug of ours."""
    if name not in names():
        return Preset(name, Document(f"llmmon/catalogues/{name}.json", ""), {}, (name,))
    text = (resources.files("llmmon") / "presets" / f"{name}.yaml").read_text(encoding="utf-8")
    document = Document(f"llmmon/presets/{name}.yaml", text)
    data, problems = values.parse(document)
    if data is None or problems:
        raise ValueError(f"preset {name}: {[p.message for p in problems]}")
    catalogues, variants = data.get("catalogues") or [], data.get("versions") or []
    assert isinstance(catalogues, list)
    assert isinstance(variants, list)
    own = {key: value for key, value in data.items() if key not in _OWN}
    return Preset(
        name, document, own, tuple(map(str, catalogues)), tuple(item for item in variants if isinstance(item, dict))
    )


@functools.cache
def prose(name: str, about: str) -> Document | None:
    """What a preset's runbooks say about an alert (`ServiceDown`) or about a signal (`latency`)."""
    entry = resources.files("llmmon") / "presets" / "runbooks" / name / f"{about}.md"
    if not entry.is_file():
        return None
    return Document(f"llmmon/presets/runbooks/{name}/{about}.md", entry.read_text(encoding="utf-8"))


def expand(
    data: Data, document: Document, keys: Keys, every: Mapping[str, Data] | None = None
) -> tuple[Expanded, list[Problem]]:
    """The service's data over those of its presets: maps merge by key, scalars and lists replace, `false` removes.

    Between them comes `every`: what a system says of each service that uses a preset.
    """
    wanted, problems = _wanted(data, Origin(document, keys))
    presets = tuple(_loaded(data, name) for name in wanted)
    merged: Data = {}
    for preset in presets:
        merged = _merge(merged, preset.data, ())
    whole = [name for name in wanted if not _only_metrics(data, name)]
    shared = {name: every[name] for name in whole if name in every} if every else {}
    said = {key for part in (*shared.values(), data) for key in part}
    for section, wanted_by in _ONLY_WITH.items():
        if wanted_by not in said:
            merged.pop(section, None)
    problems += _twice(presets, (*shared.values(), data), Origin(document, keys))
    for part in (*shared.values(), data):
        merged = _merge(merged, dict(part), ())
    return Expanded(merged, document, keys, data, presets, shared), problems


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
    known = sorted({*names(), *catalogue.names()})
    for name, on in chosen.items():
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(known)}"
            problems.append(Problem(origin.at("uses", name), f"unknown preset {name!r}: {hint}", "unknown-preset"))
        elif on is not False and name not in out:
            out.append(name)
    return out, problems


def _twice(presets: Sequence[Preset], written: Sequence[Data], origin: Origin) -> Iterator[Problem]:
    """Presets that fill the same roles: what alerts and objectives watch would hang on the order of `uses:`."""
    chosen = {(section, name) for part in written for section in _REPLACING for name in _decided(part, section)}
    implied = {name for name in _IMPLIED if not any(_holds(part, ("uses", name)) for part in written)}
    explicit = [preset for preset in presets if preset.name not in implied]
    for index, second in enumerate(explicit):
        for first in explicit[:index]:
            both = [
                (section, name)
                for section in _REPLACING
                for name in sorted(_entries(first.data, section).keys() & _entries(second.data, section).keys())
                if (section, name) not in chosen
            ]
            if both:
                said = f"{first.name} and {second.name} both bring {', '.join(name for _, name in both)}"
                section, name = both[0]
                way = f"leave one of them out, or say what is meant: {section}: {{{name}: ...}}"
                where = origin.at("uses", second.name)
                yield Problem(where, f"{said}: {way}", "preset-twice", related=(origin.at("uses", first.name),))


def _decided(written: Data, section: str) -> Iterator[str]:
    """The entries that the spec writes itself, or does not want."""
    for name, entry in _entries(written, section).items():
        if entry is False or (isinstance(entry, dict) and any(kind in entry for kind in _REPLACING[section])):
            yield name


def _entries(data: Data, section: str) -> Data:
    found = data.get(section)
    return found if isinstance(found, dict) else {}


def _implied(data: Data) -> Iterator[str]:
    """A certificate is watched only where there is one: elsewhere its alert could never fire."""
    encrypted = re.search(r"'https://|'tls':", repr(data.get("outside")))
    for name, keys in _IMPLIED.items():
        if _holds(data, keys) and (name != "certificate" or encrypted):
            yield name


def _loaded(data: Data, name: str) -> Preset:
    found = load(name)
    if _only_metrics(data, name):
        return replace(found, data={}, variants=())
    return found.at(_version(data, name))


def _only_metrics(data: Data, name: str) -> bool:
    """Whether a service wants to name a preset's metrics, and nothing else of it."""
    uses = data.get("uses")
    said = uses.get(name) if isinstance(uses, dict) else None
    return "metrics" in (said, said.get("only") if isinstance(said, dict) else None)


def _version(data: Data, name: str) -> Version | None:
    """The version that a service says of a preset; what is no version is said when the spec is read."""
    uses = data.get("uses")
    said = uses.get(name) if isinstance(uses, dict) else None
    if isinstance(said, dict):
        said = said.get("version")
    return versions.parse(said) if isinstance(said, str) else None


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
