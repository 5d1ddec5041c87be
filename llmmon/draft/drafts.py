"""What a spec is going to say, before it is text: from a page of metrics, or from presets that somebody names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmmon import catalogue, preset
from llmmon.catalogue import entries, recognise, renamed
from llmmon.catalogue.relabel import Names
from llmmon.classes import field, frozen, replace
from llmmon.draft import guess, objectives
from llmmon.draft.fitting import Fit, clash, compatible, fitting, section

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from llmmon.catalogue import Version
    from llmmon.catalogue.page import Family
    from llmmon.catalogue.recognise import Recognised
    from llmmon.catalogue.renamed import Plain

_TOLD = ("model_name", "model", "requested_model", "team_alias")  # labels whose values are worth a comment
_NOBODY = {"", "None", "unknown"}
_FEW = 6  # of what a comment lists


@frozen
class Used:
    """A preset or a catalogue, its version (None: it has none), and what there is to say of that."""

    name: str
    version: Version | None
    words: str = ""
    assumed: str = ""  # what is taken for granted of a version that nobody has looked at
    names: Names = Names()


@frozen
class Draft:
    """One service. `metrics` are what its signals need; `others` are further metrics that nobody knows."""

    name: str  # what it would be called by what it is; empty where nobody knows
    uses: tuple[Used, ...] = ()
    metrics: Mapping[str, Any] = field(default_factory=dict)
    others: Mapping[str, Any] = field(default_factory=dict)
    unwritable: int = 0  # metrics that no spec can name
    signals: Mapping[str, Any] = field(default_factory=dict)
    slos: objectives.Objectives = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def presets(self) -> tuple[preset.Preset, ...]:
        """Its presets, each as it is for its version."""
        return tuple(preset.load(used.name).at(used.version) for used in self.uses if used.name in preset.names())


def of_page(page: Mapping[str, Family]) -> list[Draft]:
    """What exposes these metrics: one service, or, of a dump of all that a Prometheus knows, each that has alerts."""
    plain = renamed.plain(page)
    page = plain.page
    found, unknown = recognise.recognise(page)
    fits = fitting(page, found)
    watched = [fit for fit in fits if section(fit.preset.data, "alerts")]
    if len(watched) > 1 and not any(family.series for family in page.values()):
        return [_draft(plain, found, [fit], [], []) for fit in watched]
    fits = compatible(fits)
    covered = {name for fit in fits for name in fit.preset.catalogues}
    return [_draft(plain, found, fits, [item for item in found if item.catalogue.name not in covered], unknown)]


def of_presets(wanted: Iterable[tuple[str, Version | None]]) -> list[Draft]:
    """Presets by name and version; those that bring things of one name become services of their own."""
    groups: list[Draft] = []
    for name, version in wanted:
        loaded, used = preset.load(name).at(version), _named(name, version)
        home = next((group for group in groups if not any(clash(loaded, other) for other in group.presets)), None)
        if home is None:
            groups.append(Draft(name, (used,)))
        else:
            groups[groups.index(home)] = replace(home, uses=(*home.uses, used))
    return [replace(group, slos=_objectives(group.presets, group.uses, {})) for group in groups]


def _draft(
    plain: Plain, found: list[Recognised], fits: list[Fit], left: list[Recognised], unknown: list[Family]
) -> Draft:
    """`left` are technologies that no preset of this service covers."""
    page = plain.page
    bare = [item for item in left if item.catalogue.name not in preset.names()]
    here = [item for item in left if item.catalogue.name not in plain.names]  # the rest has other names in Prometheus
    pool = [*unknown, *(page[name] for item in here for name in item.names)]
    written = entries.declared(pool)
    taken = [role for fit in fits for role in section(fit.preset.data, "signals")]
    guesses = guess.signals((family for family in pool if family.name in written), taken)
    needed = {name for each in guesses for name in each.metrics} - set(_as_catalogued(bare))
    strange = {family.name for family in unknown}
    uses = (*(_fitted(fit, found, plain) for fit in fits), *(_used(item, plain) for item in bare))
    silent = {role for fit in fits for role in fit.silent}
    promised = _objectives([fit.preset for fit in fits], uses, page)
    slos = {name: _heard(said, silent) for name, said in promised.items() if said["signal"] not in silent}
    ours = {name for fit in fits for name in fit.preset.catalogues} | {item.catalogue.name for item in left}
    return Draft(
        name=next((fit.preset.name for fit in fits if section(fit.preset.data, "alerts")), ""),
        uses=uses,
        metrics={name: entry for name, entry in written.items() if name in needed},
        others={name: entry for name, entry in written.items() if name in strange - needed},
        unwritable=len(strange - written.keys()),
        signals={each.role: each.signal for each in guesses},
        slos={**guess.objectives_of(guesses), **slos},
        notes=tuple(_notes(page, [item for item in found if item.catalogue.name in ours], fits)),
    )


def _objectives(
    presets: Iterable[preset.Preset], uses: Iterable[Used], page: Mapping[str, Family]
) -> objectives.Objectives:
    by_name = {used.name: used.version for used in uses}
    out: objectives.Objectives = {}
    for each in presets:
        found = objectives.of_preset(each, by_name[each.name], page)
        out |= {name: said for name, said in found.items() if name not in out}
    return out


def _heard(said: dict[str, Any], silent: set[str]) -> dict[str, Any]:
    """An objective without a floor of traffic that nothing would ever reach."""
    is_deaf = said.get("guard", {}).get("signal") in silent
    return {key: value for key, value in said.items() if key != "guard" or not is_deaf}


def _as_catalogued(bare: Iterable[Recognised]) -> Iterator[str]:
    """Metrics that are as their catalogue says, so that nobody has to declare them."""
    for item in bare:
        yield from set(item.known) - {difference.name for difference in item.differences}


def _fitted(fit: Fit, found: Iterable[Recognised], plain: Plain) -> Used:
    """A preset; where its other catalogues have a prefix too, that is a rename, since a prefix is of its own only."""
    own = next((item for item in found if item.catalogue.name == fit.preset.versioned), None)
    names = plain.names.get(fit.preset.versioned or "", Names())
    rename = dict(names.rename or {})
    for item in fit.preset.catalogues:
        if item != fit.preset.versioned and item in plain.names:
            before = plain.names[item].prefix
            rename |= {f"{start}*": f"{before}{start}*" for start in sorted(catalogue.read(item).prefixes)}
    names = replace(names, rename=rename)
    if own is None:
        return Used(fit.preset.name, None, names=names)
    return Used(fit.preset.name, own.version, own.says(), _assumed(own), names)


def _used(item: Recognised, plain: Plain) -> Used:
    names = plain.names.get(item.catalogue.name, Names())
    return Used(item.catalogue.name, item.version, item.says(), _assumed(item), names)


def _assumed(item: Recognised) -> str:
    return item.catalogue.assumed(item.version) if item.version else ""


def _named(name: str, version: Version | None) -> Used:
    """What somebody asked for; without a version it is the one that the catalogue takes."""
    owner = preset.load(name).versioned
    read = catalogue.read(owner) if owner else None
    if read is None or read.default is None:
        return Used(name, None)
    if version is None:
        return Used(name, read.default, "put the version here that you run")
    return Used(name, version, assumed=read.assumed(version))


def _notes(page: Mapping[str, Family], found: Iterable[Recognised], fits: Iterable[Fit]) -> Iterator[str]:
    """What else the page tells: label values, what differs from the catalogue, what is not there."""
    for label in _TOLD:
        values = {value for family in page.values() for value in family.labels.get(label, ())}
        if named := sorted(values - _NOBODY):
            yield f"{label} seen: {_few(named)}"
    if different := [f"{other.name} {other.what}" for item in found for other in item.differences]:
        yield f"not as the catalogue says: {_few(different, 2)}"
    if silent := [role for fit in fits for role in fit.silent]:
        yield f"signals that find nothing on this page: {_few(silent)}"


def _few(values: list[str], most: int = _FEW) -> str:
    more = f" and {len(values) - most} more" if len(values) > most else ""
    return ", ".join(values[:most]) + more
