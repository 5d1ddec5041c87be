"""What a runbook says where nobody has written it: true of every alert of its shape, category and workload."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.lower.conditions import category, sentence
from llmmon.lower.steps import escalate, investigate, resolve
from llmmon.plan import shapes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from llmmon.plan import Alert, Service

_IMPACT = {
    "availability": "Users may get no answer from the service, or from a part of it.",
    "errors": "Requests of users fail.",
    "latency": "Users wait longer than they should.",
    "saturation": "A resource is nearly used up: slow answers and errors follow.",
    "capacity": "Usually nothing is broken yet: the service grows out of what was planned for it.",
    "cost": "Users notice nothing; the service spends more than it should.",
    "security": "Somebody may be doing what they should not; treat it as real until it is shown to be harmless.",
    "quality": "Users get answers, but worse ones than they should.",
    "change": "Something has changed; on its own that is no fault.",
    "meta": "The monitoring itself is impaired: other alerts may stay silent.",
}
_CAUSES = {
    "availability": (
        "a rollout that does not start, or that crashes",
        "containers that are killed for memory, or by their liveness probe",
        "a node, a GPU or a network that is lost",
    ),
    "errors": (
        "a rollout or a change of configuration",
        "a dependency or a model provider that fails or limits the rate",
        "requests of one client that are new or malformed",
    ),
    "latency": (
        "more requests, longer prompts or longer answers",
        "a queue in front of the model that grows",
        "a cache that hits less often",
        "a dependency or a model provider that has become slow",
    ),
    "saturation": (
        "more traffic than the replicas can take",
        "a leak, which shows as growth without traffic",
        "limits that are set too low",
    ),
    "capacity": ("growth that was not planned for", "data that nothing cleans up", "a burst that will pass"),
    "cost": (
        "one client, tenant or job that sends far more than usual",
        "a switch to a dearer model, or longer prompts and answers",
        "retries that are paid for each time",
    ),
    "security": (
        "credentials that leaked or are being guessed",
        "a client or a permission that is configured wrongly",
        "a new but legitimate use",
    ),
    "quality": (
        "a new model, prompt or set of documents",
        "inputs that differ from the usual",
        "a fallback that has taken over",
    ),
    "change": ("a rollout", "a change of configuration", "a change that somebody made by hand"),
    "meta": (
        "a target that was renamed or removed",
        "a metric that has another name after an upgrade",
        "a network rule or a credential that keeps the scraper out",
    ),
}
_BURN_CAUSES: tuple[str, ...] = (
    "what the other alerts of this service say that fire at the same time",
    "a rollout or a change of configuration",
    "a dependency or a model provider that fails or has become slow",
)
_ANY_CAUSES = ("a change in the service, in what calls it or in what it depends on",)


def advice(service: Service, alerts: Sequence[Alert]) -> dict[str, str]:
    """The five parts, as Markdown, for all rules of one alert name."""
    return {
        "What it means": _means(alerts),
        "Why it fires": _why(alerts),
        "How to investigate": _numbered(investigate(service, alerts)),
        "How to resolve": _listed(resolve(service, alerts)),
        "When to escalate": _listed(escalate(service, alerts)),
    }


def _means(alerts: Sequence[Alert]) -> str:
    match alerts[0].shape:
        case shapes.Shape(condition=shapes.Burn()):
            impact = (
                "More users than the objective allows get errors or wait too long. While the burn rate is above 1, "
                "the budget will be gone before its window ends."
            )
        case shapes.Shape(condition=shapes.ReplicaDown()):
            impact = "The others carry its load as long as they can."
        case shapes.Shape(condition=shapes.Absent(up=False)):
            impact = "Alerts and panels on these series are blind meanwhile."
        case _:
            impact = _IMPACT.get(category(alerts[0]), "")
    return " ".join((sentence(alerts[0]), impact)).strip()


def _why(alerts: Sequence[Alert]) -> str:
    match alerts[0].shape:
        case shapes.Shape(condition=shapes.Burn()):
            causes = _BURN_CAUSES
        case shapes.Shape(condition=shapes.Absent(up=False)):
            causes = _CAUSES["meta"]
        case _:
            causes = _CAUSES.get(category(alerts[0]), _ANY_CAUSES)
    return f"Causes that are worth a look first:\n\n{_listed(iter(causes))}"


def _numbered(steps: Iterator[str]) -> str:
    return "\n".join(f"{number}. {_indented(step, 3)}" for number, step in enumerate(steps, start=1))


def _listed(items: Iterator[str]) -> str:
    return "\n".join(f"- {_indented(item, 2)}" for item in items)


def _indented(item: str, width: int) -> str:
    return item.replace("\n", f"\n{' ' * width}").replace(f"\n{' ' * width}\n", "\n\n")
