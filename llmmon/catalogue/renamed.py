"""How a fleet has renamed what its servers expose: by a prefix, by another colon, or by leaving suffixes out."""

from __future__ import annotations

import functools
import re
from collections import defaultdict
from typing import TYPE_CHECKING

from llmmon import catalogue
from llmmon.catalogue.relabel import ESCAPED, Names, translated
from llmmon.classes import field, frozen, replace

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from llmmon.catalogue.page import Family

_ENOUGH = 5  # names with one prefix; fewer are taken for chance
_BARE = "UnderscoreEscapingWithoutSuffixes"
_BREAK = re.compile(r"[_:](?=.)")

Way = tuple[str, bool, str]  # what stands before each name, whether : has become _, the translation


@frozen
class Plain:
    """A page under the names of the catalogues, and by catalogue how the fleet has changed them."""

    page: Mapping[str, Family]
    names: Mapping[str, Names] = field(default_factory=dict)


def plain(page: Mapping[str, Family]) -> Plain:
    """The page as its servers would show it; a name that a catalogue knows is left as it is."""
    votes: dict[str, dict[Way, dict[str, str]]] = defaultdict(lambda: defaultdict(dict))
    for name in page.keys() - _known():
        for owner, way, plain_name in _ways(name):
            votes[owner][way][name] = plain_name
    back: dict[str, str] = {}
    names: dict[str, Names] = {}
    for owner in sorted(votes):
        way, found = min(votes[owner].items(), key=lambda item: (-len(item[1]), item[0]))
        if len(found) >= (_ENOUGH if way[2] == ESCAPED else 1):
            names[owner] = _names(owner, way)
            back |= {name: other for name, other in found.items() if other not in page and name not in back}
    return Plain({back.get(n, n): replace(family, name=back.get(n, n)) for n, family in page.items()}, names)


def _ways(name: str) -> Iterator[tuple[str, Way, str]]:
    """Each catalogue's metric that a name may stand for, and how it has come by this name."""
    for at in (0, *(found.end() for found in _BREAK.finditer(name))):
        for kind in ((False, ESCAPED), (True, ESCAPED), (False, _BARE)):
            for owner, plain_name in _spelt()[kind].get(name[at:], ()):
                yield owner, (name[:at], *kind), plain_name


def _names(owner: str, way: Way) -> Names:
    prefix, underscored, translation = way
    starts = sorted(start for start in catalogue.read(owner).prefixes if start.endswith(":")) if underscored else ()
    return Names(prefix, {f"{start}*": f"{start[:-1]}_*" for start in starts}, translation)


@functools.cache
def _known() -> frozenset[str]:
    return frozenset(name for item in catalogue.names() for name in catalogue.read(item).forms)


@functools.cache
def _spelt() -> Mapping[tuple[bool, str], Mapping[str, list[tuple[str, str]]]]:
    """Catalogues and metrics by how a name is spelt."""
    out: dict[tuple[bool, str], dict[str, list[tuple[str, str]]]] = defaultdict(lambda: defaultdict(list))
    for item in catalogue.names():
        for name, forms in catalogue.read(item).forms.items():
            out[False, ESCAPED][name].append((item, name))
            if ":" in name:
                out[True, ESCAPED][name.replace(":", "_", 1)].append((item, name))
            if (bare := translated(forms[-1], _BARE)) != name:
                out[False, _BARE][bare].append((item, name))
    return out
