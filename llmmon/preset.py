"""Merges what `uses:` names into a service, on data, before the one validation."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from llmmon import catalogue
from llmmon.catalogue import version as versions
from llmmon.problem import Keys, Origin
from llmmon.spec.signals import KINDS

if TYPE_CHECKING:
    from llmmon.catalogue import Version
    from llmmon.source import Document, Value

Data = dict[str, "Value"]

ALWAYS = "service"  # the preset that every service uses
_IMPLIED: dict[str, Keys] = {  # presets that a section brings with it
    "health-report": ("health", "report"),
    "outside": ("outside", "checks"),
    "certificate": ("outside", "checks"),
}
_REPLACING = {"signals": KINDS, "alerts": ("signal", "expr", "down")}  # keys that make another thing of an entry
_OWN = ("catalogues", "description", "needs", "versions")  # what a preset says of itself


@dataclass(frozen=True, slots=True)
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
        return dataclasses.replace(self, data=data)


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

    def brings(self, section: str, name: str) -> str | None:
        """The preset that an entry of a section is from; None where the spec replaces it, or no preset has it."""
        mine = self.own.get(section)
        written = mine.get(name) if isinstance(mine, dict) else None
        if isinstance(written, dict) and any(kind in written for kind in _REPLACING[section]):
            return None
        return next((preset.name for preset in reversed(self.presets) if _holds(preset.data, (section, name))), None)
