"""Imported objectives become the text of a spec: metrics, signals and objectives that `llmmon check` accepts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmmon import duration, promql
from llmmon.draft.text import printable
from llmmon.dump import flow_text
from llmmon.interchange import model, targets
from llmmon.interchange.metrics import Metrics, of_unit, quantity
from llmmon.interchange.query import selectors
from llmmon.plan.fleet import RESERVED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from llmmon.interchange.model import Objective
    from llmmon.promql import Expr, Selector

_HELP = 160


def write(objectives: Sequence[Objective], tool: str, source: str, team: Callable[[str], str], name: str) -> str:
    """One service, or a system of several; `team` says who answers where a label named somebody."""
    by_service: dict[str, list[Objective]] = {}
    for objective in objectives:
        by_service.setdefault(targets.dns(objective.service), []).append(objective)
    head = f"# Imported from {printable(source)} ({tool}) by `llmmon import`; yours to edit."
    if len(by_service) == 1:
        ((service, mine),) = by_service.items()
        return "\n".join([head, f"service: {flow_text(service)}", *_body(mine, team)]) + "\n"
    lines = [head, f"system: {flow_text(targets.dns(name))}", "services:"]
    for service, mine in by_service.items():
        lines += [f"  {flow_text(service)}:", *(f"    {line}" if line else "" for line in _body(mine, team))]
    return "\n".join(lines) + "\n"


def _body(objectives: Sequence[Objective], team: Callable[[str], str]) -> Iterator[str]:
    job = _job(objectives)
    written = _Written(job)
    for objective in objectives:
        written.add(objective)
    named = next((objective.team for objective in objectives if objective.team), "")
    yield f"team: {flow_text(team(named))}"
    if job:
        yield f"selector: {flow_text({'job': job})}"
    else:
        yield "selector: {}             # its series have no job in common: write labels that tell them from others"
        yield "uses: {service: false}   # and whether its targets are up is not known without one"
    if metrics := written.metrics.declared():
        yield "metrics:                 # as the queries speak of them: add units, buckets and the values of labels"
        for name in written.metrics.invented():
            yield f"  # the buckets of {name} are not in what was imported: write them"
        yield from _entries(metrics)
    yield "signals:"
    yield from _entries(written.signals)
    yield "slos:"
    yield from _entries(written.slos)


def _entries(entries: dict[str, dict[str, Any]]) -> Iterator[str]:
    for key, value in entries.items():
        yield f"  {flow_text(key)}: {flow_text(value)}"


class _Written:
    """The signals and objectives of one service."""

    def __init__(self, job: str) -> None:
        self.job = job
        self.metrics = Metrics()
        self.signals: dict[str, dict[str, Any]] = {}
        self.slos: dict[str, dict[str, Any]] = {}
        self.roles: dict[str, str] = {}  # what an objective of that foreign name is called here

    def add(self, objective: Objective) -> None:
        role = self._free(targets.role(objective.name))
        self.roles[objective.name] = role
        entry: dict[str, Any] = {"objective": targets.percent(objective.share)}
        entry |= self._indicator(role, objective)
        if objective.by:
            entry["by"] = _by(objective)
        if objective.slice:
            width, target = duration.text(objective.slice.width), objective.slice.target
            entry["slice"] = {"width": width, "target": targets.percent(target)} if target else width
        if objective.window and objective.window != targets.WINDOW:
            entry["window"] = duration.text(objective.window)
        if not objective.absent:
            entry["absent"] = False
        self.slos[role] = entry

    def _indicator(self, role: str, objective: Objective) -> dict[str, Any]:
        labels = [label for _, label in objective.by]
        match objective.indicator:
            case model.Events(sense, part, total):
                for found in (*part, *total):
                    self.metrics.selector(found, "counter", labels)
                self._signal(role, {"ratio": {sense: self._texts(part), "total": self._texts(total)}}, objective)
                return {}
            case model.Latency(histogram, within, native):
                self.metrics.histogram(histogram, within, native, labels)
                self._signal(role, {"histogram": self._text(histogram)}, objective)
                return {"within": quantity(within, of_unit(histogram.name or ""))}
            case model.Counts(sense, part, total):
                names = {key: self._free(f"{role}_{key}") for key in (sense, "total")}
                for key, expr in ((sense, part), ("total", total)):
                    self._expression(names[key], expr, objective, "events/s")
                return names
            case model.Raw(sense, expr):
                self._expression(role, expr, objective, "ratio")
                return {"raw": sense}
            case model.Share(gauge, sense):
                self.metrics.selector(gauge, "gauge", labels)
                entry = {"gauge": self._text(gauge), "how": "avg", "unit": "ratio"}
                self._signal(role, self._by(entry, objective), objective)
                return {"raw": sense}
            case model.Condition(expr, side, bound):
                self._condition(role, expr, side, objective)
                return {side: quantity(bound, None)}
            case model.Parts(weights):
                return {"parts": {self.roles.get(name, name): weight for name, weight in weights}}
        raise AssertionError(f"no such indicator: {type(objective.indicator).__name__}")

    def _condition(self, role: str, expr: Expr, side: str, objective: Objective) -> None:
        if isinstance(expr, promql.Selector):
            self.metrics.selector(expr, "gauge", [label for _, label in objective.by])
            worst = {"above": "min", "below": "max"}[side]
            self._signal(role, self._by({"gauge": self._text(expr), "how": worst}, objective), objective)
        else:
            self._expression(role, expr, objective, None)

    def _expression(self, role: str, expr: Expr, objective: Objective, of: str | None) -> None:
        scoped = promql.replace_selectors(expr, self._scoped)
        self.metrics.expression(scoped)
        entry: dict[str, Any] = {"expr": promql.to_text(scoped)}
        self._signal(role, {**self._by(entry, objective), **({"unit": of} if of else {})}, objective)

    def _by(self, entry: dict[str, Any], objective: Objective) -> dict[str, Any]:
        return {**entry, "by": _by(objective)} if objective.by else entry

    def _signal(self, role: str, entry: dict[str, Any], objective: Objective) -> None:
        words = printable(objective.help)[:_HELP]
        self.signals[role] = {**entry, "help": words} if words else entry

    def _texts(self, found: Iterable[Selector]) -> str | list[str]:
        texts = [self._text(item) for item in found]
        return texts[0] if len(texts) == 1 else texts

    def _text(self, found: Selector) -> str:
        return promql.to_text(self._scoped(found))

    def _scoped(self, found: Selector) -> Selector:
        """Without the job, which the service's selector says."""
        if not self.job:
            return found
        kept = tuple(matcher for matcher in found.matchers if matcher.label != "job")
        return promql.Selector(found.name, kept, found.offset, found.at)

    def _free(self, role: str) -> str:
        taken = self.signals.keys() | self.slos.keys()
        candidates = (role if index == 1 else f"{role}_{index}" for index in range(1, len(taken) + 2))
        return next(candidate for candidate in candidates if candidate not in taken)


def _by(objective: Objective) -> list[str] | dict[str, str]:
    """The labels, under another name where ours is on every alert."""
    names = {f"series_{name}" if name in RESERVED else name: label for name, label in objective.by}
    return list(names) if all(name == label for name, label in names.items()) else names


def _job(objectives: Iterable[Objective]) -> str:
    """The one job that all series are of; none where they differ or one does not say."""
    jobs = {
        next((m.value for m in found.matchers if m.label == "job" and m.op == "="), "")
        for objective in objectives
        for found in _read(objective)
    }
    return jobs.pop() if len(jobs) == 1 else ""


def _read(objective: Objective) -> Iterator[Selector]:
    match objective.indicator:
        case model.Events(_, part, total):
            yield from (*part, *total)
        case model.Latency(found) | model.Share(found):
            yield found
        case model.Counts(_, part, total):
            yield from (*selectors(part), *selectors(total))
        case model.Raw(_, expr) | model.Condition(expr):
            yield from selectors(expr)
