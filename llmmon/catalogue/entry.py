"""What a catalogue says: metrics in their forms by version, and where that was read."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from llmmon.catalogue import version as versions
from llmmon.classes import field, frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from llmmon.catalogue.version import Version
    from llmmon.plan import Metric

# What Kubernetes calls the object that a metric is about; specs say it once, as the service's workload.
_KUBERNETES = {
    "container": ("namespace", "pod", "container"),
    "pod": ("namespace", "pod"),
    "volume": ("namespace",),
}
_KINDS = ("deployment", "statefulset", "daemonset")


@frozen
class Source:
    """Where a catalogue's facts were read."""

    repository: str  # or the document's name
    version: str  # a release, a commit or a date
    files: tuple[str, ...] = ()
    unverified: str = ""  # what of it nobody has looked up


@frozen
class Form:
    """A metric as it is from `since` up to before `removed`; None: from the first, to the last known version."""

    metric: Metric
    since: Version | None = None
    removed: Version | None = None
    deprecated: Version | None = None
    replaced_by: str | None = None
    traps: tuple[str, ...] = ()
    opt_in: str | None = None  # the flag or setting that turns it on
    wire: str | None = None  # what the source calls it, where Prometheus shows another name
    family: str | None = None  # what its TYPE line says, where that is another name


@frozen
class Catalogue:
    """What one technology exposes, in every version that is known."""

    name: str
    technology: str
    sources: tuple[Source, ...]
    first: Version | None  # the versions that were looked at; None where the names do not change with versions
    last: Version | None
    default: Version | None
    forms: Mapping[str, tuple[Form, ...]]
    attributes: Mapping[str, str]  # labels that the source calls by another name
    build: tuple[str, str] | None = None  # the metric and its label that say the version
    examples: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # of open labels, for whoever plays them

    def at(self, version: Version | None = None) -> dict[str, Form]:
        """The metrics of a version (None: the default), each in its form."""
        wanted = version or self.default
        if wanted is None:
            return {name: forms[-1] for name, forms in self.forms.items()}
        return {
            name: form
            for name, forms in self.forms.items()
            for form in forms
            if versions.within(wanted, form.since, form.removed)
        }

    def metrics(self, version: Version | None = None) -> dict[str, Metric]:
        """The metrics of a version, by name."""
        return {name: form.metric for name, form in self.at(version).items()}

    def absent(self, version: Version | None = None) -> dict[str, str]:
        """Why each metric of other versions does not exist in this one, and what to write instead."""
        wanted = version or self.default
        here = self.at(version)
        return {name: self._why(forms, wanted) for name, forms in self.forms.items() if name not in here and wanted}

    def _why(self, forms: tuple[Form, ...], version: Version | None) -> str:
        assert version is not None
        ended = [form for form in forms if form.removed and versions.reaches(version, form.removed)]
        last = ended[-1] if ended else None
        said = f"{self.technology} {versions.show(version)}"
        if last is None or last.removed is None:
            first = next(form for form in forms if form.since and not versions.reaches(version, form.since))
            assert first.since is not None
            return f"{said} does not have it yet: it came in {versions.show(first.since)}{self._before(first, version)}"
        gone = f"{said} does not have it any more: it went in {versions.show(last.removed)}"
        return f"{gone}, write {last.replaced_by}" if last.replaced_by else f"{gone}, and nothing replaced it"

    def _before(self, form: Form, version: Version) -> str:
        name = form.metric.name
        older = [key for key, other in self.at(version).items() if other.replaced_by == name]
        return f", write {older[0]}" if older else ""

    def assumed(self, version: Version) -> str:
        """What is taken for granted of a version that nobody has looked at; empty where it is known."""
        if self.first is None or self.last is None:
            return f"the metrics of {self.technology} are the same in all versions: write true"
        span = f"{versions.show(self.first)} to {versions.show(self.last)}"
        said = f"{self.technology} {versions.show(version)} is %s than what the catalogue knows ({span})"
        if versions.newer(version, self.last):
            return said % "newer" + f": its metrics are taken to be those of {versions.show(self.last)}"
        if versions.older(version, self.first):
            return said % "older" + f": its metrics are taken to be those of {versions.show(self.first)}"
        return ""

    @functools.cached_property
    def prefixes(self) -> frozenset[str]:
        """What the names begin with: all up to and with the first `:` or `_`."""
        return frozenset(map(prefix, self.forms))


def exposed(metric: Metric) -> dict[str, frozenset[str] | None]:
    """The labels that a page has: those of the metric, and the names of the object in Kubernetes that it is about."""
    if metric.scope == "workload":
        names = ("namespace", *(kind for kind in _KINDS if metric.name.startswith(f"kube_{kind}_")))
    else:
        names = _KUBERNETES.get(metric.scope, ())
    return {**dict.fromkeys(names), **metric.labels}


def prefix(name: str) -> str:
    """What a metric's name begins with: `vllm:`, `litellm_`."""
    end = min((at for at in (name.find(":"), name.find("_")) if at > 0), default=len(name) - 1)
    return name[: end + 1]
