"""Names of a fleet that relabels: what Prometheus shows instead of the names in the catalogue."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from llmmon.classes import frozen, replace

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from llmmon.catalogue.entry import Catalogue, Form
    from llmmon.plan import Metric

ESCAPED = "UnderscoreEscapingWithSuffixes"  # Prometheus's default for what comes by OTLP; the catalogue's own names
_PARTS = {"histogram": ("", "_bucket", "_sum", "_count"), "summary": ("", "_sum", "_count")}
_NO_NAME = re.compile(r"[^a-zA-Z0-9_:]")


@frozen
class Names:
    """How a fleet changes names: `rename` first (`vllm:*` changes how names begin), `prefix` then."""

    prefix: str = ""
    rename: Mapping[str, str] | None = None
    translation: str = ESCAPED

    def changes(self) -> bool:
        """Whether anything has another name than in the catalogue."""
        return bool(self.prefix or self.rename or self.translation != ESCAPED)

    def said(self) -> dict[str, object]:
        """What `uses:` has to say of them."""
        found = {"prefix": self.prefix, "rename": dict(self.rename or {}), "translation": self.translation}
        return {key: value for key, value in found.items() if value and value != ESCAPED}

    def of(self, form: Form, prefixed: bool = True) -> str:
        """The name under which the fleet has a metric."""
        name = translated(form, self.translation)
        for old, new in (self.rename or {}).items():
            if old == name:
                name = new
            elif old.endswith("*") and name.startswith(old[:-1]):
                name = new[:-1] + name[len(old) - 1 :]
        return self.prefix + name if prefixed else name


def translated(form: Form, strategy: str) -> str:
    """A metric's name under one of Prometheus's strategies for OTLP; what does not come by OTLP keeps its name."""
    if form.wire is None or strategy == ESCAPED:
        return form.metric.name
    match strategy:
        case "NoTranslation":
            return form.wire
        case "UnderscoreEscapingWithoutSuffixes":
            return _NO_NAME.sub("_", form.wire)
    return form.wire + form.metric.name[len(_NO_NAME.sub("_", form.wire)) :]  # dots are kept, suffixes added


def keeps_dots(strategy: str) -> bool:
    """Whether metrics and labels keep the dots of OpenTelemetry, which only Prometheus 3 can read."""
    return strategy in ("NoTranslation", "NoUTF8EscapingWithSuffixes")


def relabelled(catalogue: Catalogue, forms: Mapping[str, Form], names: Names, prefixed: bool) -> dict[str, Metric]:
    """The metrics as the fleet has them, by the catalogue's names."""
    return {key: _metric(form, names.of(form, prefixed), catalogue, names) for key, form in forms.items()}


def aliases(metrics: Mapping[str, Metric]) -> Iterator[tuple[str, str]]:
    """The fleet's name for each series of the catalogue, where it is another."""
    for key, metric in metrics.items():
        if key != metric.name:
            for part in _PARTS.get(metric.type, ("",)):
                yield key + part, metric.name + part


def _metric(form: Form, name: str, catalogue: Catalogue, names: Names) -> Metric:
    if form.wire is None or not keeps_dots(names.translation):
        return replace(form.metric, name=name)
    dotted = catalogue.attributes
    return replace(
        form.metric, name=name, labels={dotted.get(k, k): values for k, values in form.metric.labels.items()}
    )
