"""Which technologies and versions a page of metrics comes from: by what is there, and by what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon import catalogue
from llmmon.catalogue import version as versions
from llmmon.classes import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from llmmon.catalogue import Catalogue, Form, Version
    from llmmon.catalogue.page import Family

_IMPOSSIBLE, _OTHER_FORM, _MISSING = 20, 5, 1  # how much each speaks against a version


@frozen
class Difference:
    """A metric of a page that is not what the catalogue says."""

    name: str
    what: str


@frozen
class Recognised:
    """A technology on a page. `since` and `until` (inclusive) are the versions that fit best; None: any."""

    catalogue: Catalogue
    known: tuple[str, ...]
    since: Version | None
    until: Version | None
    deprecated: tuple[tuple[str, str], ...]  # with what replaces it
    gone: tuple[tuple[str, str], ...]  # does not exist in that version, and why
    differences: tuple[Difference, ...]

    @property
    def version(self) -> Version | None:
        """The version that the rest is judged by."""
        return self.until

    @property
    def names(self) -> tuple[str, ...]:
        """Every metric of the page that it is known by, in this version or in another."""
        return (*self.known, *(name for name, _ in self.gone))

    def says(self) -> str:
        """Technology and version, such as `vLLM 0.20 to 0.29`."""
        if self.since is None or self.until is None:
            return self.catalogue.technology
        span = dict.fromkeys((versions.show(self.since), versions.show(self.until)))
        return f"{self.catalogue.technology} {' to '.join(span)}"


def recognise(page: Mapping[str, Family]) -> tuple[list[Recognised], list[Family]]:
    """The technologies of a page, and the metrics that no catalogue knows."""
    left = set(page)
    candidates = {name: {key for key in page if key in catalogue.read(name).forms} for name in catalogue.names()}
    found = []
    while left:
        best = max(candidates, key=lambda name: _fit(catalogue.read(name), page, candidates[name] & left))
        known = candidates[best] & left
        if not known:
            break
        left -= known
        found.append(_recognised(catalogue.read(best), page, known))
    return found, [family for name, family in page.items() if name in left]


def _fit(read: Catalogue, page: Mapping[str, Family], names: set[str]) -> tuple[float, str]:
    """How much of a page a catalogue explains; one whose types or labels are others explains less."""
    score = 0.0
    for name in names:
        faults = [len(list(_faults(form, page[name]))) for form in read.forms[name]]
        score += 1 / (1 + min(faults))
    return score, read.name


def _recognised(read: Catalogue, page: Mapping[str, Family], names: set[str]) -> Recognised:
    since, until = _versions(read, page, names)
    here = read.at(until)
    absent = read.absent(until)
    return Recognised(
        read,
        tuple(sorted(names & here.keys())),
        since,
        until,
        tuple(
            (name, here[name].replaced_by or "")
            for name in sorted(names & here.keys())
            if _is_deprecated(here[name], until)
        ),
        tuple((name, absent[name]) for name in sorted(names & absent.keys())),
        tuple(
            Difference(name, what) for name in sorted(names & here.keys()) for what in _faults(here[name], page[name])
        ),
    )


def _is_deprecated(form: Form, version: Version | None) -> bool:
    return bool(form.deprecated and version and versions.reaches(version, form.deprecated))


def _versions(read: Catalogue, page: Mapping[str, Family], names: set[str]) -> tuple[Version | None, Version | None]:
    """The versions that fit best: from the first of the best stretch to the last known of it."""
    if read.first is None or read.last is None:
        return None, None
    told = _told(read, page)
    if told is not None:
        return told, told
    starts = sorted({read.first} | {v for v in _bounds(read) if read.first < v <= read.last})
    against = [_against(read, start, page, names) for start in starts]
    best = [index for index, score in enumerate(against) if score == min(against)]
    first, last = best[0], best[0]
    while last + 1 in best:
        last += 1
    until = read.last if last + 1 == len(starts) else _before(starts[last + 1])
    return starts[first], until if until >= starts[last] else starts[last]


def _told(read: Catalogue, page: Mapping[str, Family]) -> Version | None:
    """The version that the page itself says, as the label of a metric."""
    if read.build is None or read.build[0] not in page:
        return None
    values = page[read.build[0]].labels.get(read.build[1], set())
    return versions.parse(next(iter(values))) if len(values) == 1 else None


def _bounds(read: Catalogue) -> Iterator[Version]:
    for forms in read.forms.values():
        for form in forms:
            yield from (bound for bound in (form.since, form.removed) if bound is not None)


def _against(read: Catalogue, version: Version, page: Mapping[str, Family], names: set[str]) -> int:
    """What speaks against a version; `version` is the first of a stretch in which nothing changes."""
    exact = version + (0,) * (4 - len(version))
    here = read.at(exact)
    score = _IMPOSSIBLE * len(names - here.keys())
    score += _OTHER_FORM * sum(any(_faults(here[name], page[name])) for name in names & here.keys())
    expected = [name for name, form in here.items() if not form.opt_in]
    missing = sum(name not in page for name in expected)
    return score + (_MISSING * missing if 2 * missing <= len(expected) else 0)  # half a page tells nothing of the rest


def _before(version: Version) -> Version:
    """The newest version that is said in as many parts and is older."""
    for index in range(len(version) - 1, -1, -1):
        if version[index]:
            return (*version[:index], version[index] - 1)
    return version


def _faults(form: Form, family: Family) -> Iterator[str]:
    """What of a metric on a page is not as its form says; what the page does not tell is no fault."""
    metric = form.metric
    if family.type and family.type != metric.type:
        yield f"is a {family.type}, not a {metric.type}"
        return
    if family.series and metric.type == "histogram" and not _same_steps(family.buckets, metric.buckets):
        yield f"has the boundaries {_numbers(family.buckets)}"
    if more := sorted(family.labels.keys() - catalogue.exposed(metric).keys() - {"le", "quantile"}):
        yield f"has the labels {', '.join(more)}"
    for label, values in sorted(family.labels.items()):
        known = metric.labels.get(label)
        if known and (new := sorted(values - known)):
            yield f"has {label}={', '.join(new[:5])}"


def _same_steps(found: Sequence[object], known: Sequence[object]) -> bool:
    """Whether boundaries go the same way, some further than others: how far may be a server's setting."""
    common = min(len(found), len(known))
    return not found or (common > 1 and tuple(found[:common]) == tuple(known[:common]))


def _numbers(buckets: Iterable[object]) -> str:
    texts = [f"{bound}" for bound in buckets]
    return ", ".join(texts if len(texts) <= 8 else [*texts[:4], "...", *texts[-2:]])
