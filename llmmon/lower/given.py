"""What a runbook may be given besides its own prose: words of the presets, and numbers of the spec."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon import duration, preset, unit
from llmmon.lower import text
from llmmon.lower.spending import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.load import LoadedService
    from llmmon.source.document import Document


def given(loaded: LoadedService) -> dict[str, tuple[Document, ...]]:
    """For each alert what presets say: of the alert itself first, then of the signal that it watches."""
    out = {}
    for name, alert in loaded.spec.alerts.items():
        if found := tuple(_documents(loaded, name, alert.signal or "")):
            out[name] = found
    for name in loaded.spec.budgets:
        brought = loaded.source.brings("budgets", name)
        words = preset.prose(brought, f"budget_{name}") if brought else None
        out |= {f"{text.camel(name)}Budget{kind}": (words,) for kind in KINDS if words}
    return out


def _documents(loaded: LoadedService, alert: str, role: str) -> Iterator[Document]:
    for section, name in (("alerts", alert), ("signals", role.partition(".")[0])):
        brought = loaded.source.brings(section, name)
        if brought and (document := preset.prose(brought, name)):
            yield document


def figures(loaded: LoadedService) -> dict[str, str]:
    """`objective.availability`, `baseline.requests`, `limit.daily`: as the spec writes them."""
    spec, out = loaded.spec, {}
    for name, slo in spec.slos.items():
        out[f"objective.{name}"] = f"{unit.number(slo.objective * 100)}%"
        out[f"window.{name}"] = duration.text(slo.window)
        if slo.within is not None:
            out[f"within.{name}"] = slo.within.text
    for name, baseline in spec.baselines.items():
        out[f"baseline.{name}"] = baseline.value.text
        out[f"tolerance.{name}"] = baseline.tolerance.text
    for name, budget in spec.budgets.items():
        if budget.rolling is not None:
            out[f"rolling.{name}"] = duration.text(budget.rolling)
        for severity in ("critical", "warning", "info"):
            if share := getattr(budget, severity):
                out[f"{severity}.{name}"] = share.text
    return out
