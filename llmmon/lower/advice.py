"""What a runbook says where nobody has written it, and whether that says anything about this very alert.

What follows from the shape of an alert (a missed objective, a budget, a target that is down, a baseline) is specific;
what is true of a whole category is better than nothing, and no more.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from llmmon.classes import frozen
from llmmon.lower import causes
from llmmon.lower.conditions import category, sentence
from llmmon.lower.prose import PARTS
from llmmon.lower.steps import asking, escalate, looking, opening, resolve
from llmmon.lower.text import readable
from llmmon.markdown import text
from llmmon.plan import shapes

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from llmmon.plan import Alert, Fleet, Service

Kind = Literal["burn", "exhausted", "budget", "down", "absent", "baseline", ""]

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
_NOW = re.compile(r"\s*\bNow [^<]*<value>.*\Z", re.DOTALL)  # where a description comes to the value of the moment
_ANY_CAUSES = ("a change in the service, in what calls it or in what it depends on",)


@frozen
class Advice:
    """One part of a page, as Markdown; `specific` where it says something of this alert."""

    text: str
    specific: bool


def advice(fleet: Fleet, service: Service, alerts: Sequence[Alert], others: Iterable[str]) -> dict[str, Advice]:
    """The five parts for all rules of one alert name; `others` are the names of the service's other alerts."""
    kind = kind_of(alerts[0])
    why = causes.why(kind, service, alerts[0], others)
    how = causes.cure(kind, service, alerts[0], others)
    means, fires, look, cure, when = PARTS
    general = _CAUSES.get(category(alerts[0]), _ANY_CAUSES)
    because = _listed(why or general)
    return {
        means: Advice(_means(alerts), _is_typed(alerts[0]) or bool(_described(alerts[0]))),
        fires: Advice(because if why else f"Causes that are worth a look first:\n\n{because}", bool(why)),
        look: Advice(numbered([*opening(alerts), *asking(fleet, alerts), *looking(service)]), True),
        cure: Advice(_listed(how or resolve(service, alerts)), bool(how)),
        when: Advice(_listed(escalate(fleet, service, alerts)), True),
    }


def kind_of(alert: Alert) -> Kind:
    """The kinds of alerts whose causes and cures follow from what they are."""
    keys = (alert.origin.via or alert.origin).keys
    match alert.shape.condition if alert.shape else None:
        case shapes.Burn():
            return "burn"
        case shapes.Exhausted():
            return "exhausted"
        case shapes.Budget() | shapes.Overruns():
            return "budget"
        case shapes.Absent(up=True) | shapes.ReplicaDown():
            return "down"
        case shapes.Absent():
            return "absent"
    return "baseline" if "baselines" in keys else "budget" if "budgets" in keys else ""


def _is_typed(alert: Alert) -> bool:
    return alert.shape is not None and not isinstance(alert.shape.condition, shapes.Free)


def _described(alert: Alert) -> str:
    """What the spec says of the signal, or of the alert itself, without the value of the moment."""
    return text(_NOW.sub("", readable(alert.annotations.get("description", ""))))


def _means(alerts: Sequence[Alert]) -> str:
    match alerts[0].shape:
        case shapes.Shape(condition=shapes.Burn()):
            impact = (
                "More users than the objective allows get errors or wait too long. While the burn rate is above 1, "
                "the budget will be gone before its window ends."
            )
        case shapes.Shape(condition=shapes.Exhausted()):
            impact = (
                "The objective is missed for its window: users have had more errors, or waited longer, than they were "
                "promised. What breaks from now on breaks the promise further."
            )
        case shapes.Shape(condition=shapes.ReplicaDown()):
            impact = "The others carry its load as long as they can."
        case shapes.Shape(condition=shapes.Absent(up=False)):
            impact = "Alerts and panels on these series are blind meanwhile."
        case _ if causes.is_exhausted(alerts[0]):
            impact = "Where something enforces the limit, calls are refused from now on; else each is spent beyond it."
        case _:
            impact = _IMPACT.get(category(alerts[0]), "")
    return " ".join(filter(None, (sentence(alerts[0]), _described(alerts[0]), impact)))


def numbered(steps: Iterable[str], first: int = 1) -> str:
    """A list whose items are numbered from `first`."""
    return "\n".join(f"{number}. {_indented(step, 3)}" for number, step in enumerate(steps, start=first))


def _listed(items: Iterable[str]) -> str:
    return "\n".join(f"- {_indented(item, 2)}" for item in items)


def _indented(item: str, width: int) -> str:
    return item.replace("\n", f"\n{' ' * width}").replace(f"\n{' ' * width}\n", "\n\n")
