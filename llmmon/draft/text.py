"""A draft becomes a spec: the one place that writes its lines, comments and what can be turned on."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from llmmon import preset
from llmmon.catalogue import version as versions
from llmmon.classes import frozen
from llmmon.draft.fitting import section, wants_workload
from llmmon.dump import flow_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from llmmon.draft.drafts import Draft, Used

MOST = 58  # lines of a spec of one service: what nobody knows fills them, and the rest is counted
SWITCH = "https://dead-mans-switch.example/ping"
_WIDEST = 130  # of a comment
_ASIDE = 64  # up to here the comments of a section stand below each other


@frozen
class Place:
    """What a spec says of a service that no metric tells."""

    name: str
    team: str
    job: str
    namespace: str | None = None
    workload: str | None = None
    scrape: Mapping[str, Any] | None = None  # where there is a Prometheus of ours, and an address
    guessed: tuple[str, str] = ("default", "")  # the same, where an address speaks for it and nobody has said so


@frozen
class _Line:
    text: str
    comment: str = ""


def fleet(name: str, team: str, laptop: Mapping[str, int] | None = None) -> str:
    """A fleet of one team, for a folder that has none; on a laptop with the ports of the services beside it."""
    slack = flow_text([{"slack": "#alerts"}])
    lines = (
        _Line(f"fleet: {flow_text(name)}"),
        _Line("environments:"),
        _Line("  production: {selector: {}}", "labels of its series, such as {env: production}"),
        _Line("teams:"),
        _Line(f"  {flow_text(team)}:", "one way or several, such as {pagerduty: {secret: pagerduty/key}}"),
        *(_Line(f"    {severity}: {slack}") for severity in ("critical", "warning", "info")),
        _Line(f"catch_all: {slack}", "what no team takes"),
        _Line(f"watchdog: {flow_text([{'webhook': SWITCH}])}", "who notices that alerting has stopped"),
        _Line("receivers: {slack: {secret: slack/webhook}}", "never the URL: a file that Alertmanager mounts"),
        _Line('# versions: {prometheus: "3.5", alertmanager: "0.28"}', "what you run, if newer than 2.42 and 0.25"),
    )
    head = "# Who is told of what, for all services; drafted by `llmmon init`, yours to edit."
    return "\n".join([head, *_aligned(lines), *(_laptop(laptop) if laptop else ())]) + "\n"


def _laptop(services: Mapping[str, int]) -> Iterator[str]:
    """What runs Prometheus, Alertmanager and Grafana on this machine."""
    yield "# On this machine: SECRETS_DIR=~/secrets docker compose -f generated/docker-compose.yml up"
    yield "# It reads SECRETS_DIR/slack/webhook and SECRETS_DIR/grafana/admin, the password of Grafana's administrator."
    yield "dashboards: http://localhost:3000/d/{uid}"
    yield f"prometheus: {flow_text({'alertmanagers': ['alertmanager-0.alertmanager-pods.monitoring:9093']})}"
    yield "deploy:"
    yield "  namespace: monitoring"
    yield "  prometheus: {replicas: 1}"
    yield "  alertmanager: {replicas: 1}"
    yield "  grafana: {admin: {secret: grafana/admin}}"
    yield f"  compose: {flow_text({'services': dict(services)})}"


def service(draft: Draft, place: Place, source: str) -> str:
    """The spec of one service, in fewer than 60 lines."""
    head = f"# Drafted by `llmmon init` from {printable(source)}; yours to edit."
    first = [_Line(f"service: {flow_text(place.name)}"), _Line(f"team: {flow_text(place.team)}")]
    lines = [head, *_aligned([*first, *_where(place, draft)]), *_body(draft, place)]
    return "\n".join([*lines, *_metrics(draft, MOST - len(lines))]) + "\n"


def system(name: str, team: str, drafts: Sequence[tuple[Draft, Place]], source: str) -> str:
    """The spec of several services."""
    lines = [
        f"# Drafted by `llmmon init` from {printable(source)}; yours to edit.",
        f"system: {flow_text(name)}",
        f"team: {flow_text(team)}",
        "services:",
    ]
    for draft, place in drafts:
        inner = [*_aligned(_where(place, draft)), *_body(draft, place), *_metrics(draft, 0)]
        lines += [f"  {flow_text(place.name)}:", *(f"    {line}" for line in inner)]
    return "\n".join(lines) + "\n"


def printable(text: str) -> str:
    """A server's own words on one line, without what would steer a terminal or end a comment."""
    words = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return words if len(words) <= _WIDEST else f"{words[: _WIDEST - 3]}..."


def _where(place: Place, draft: Draft) -> Iterator[_Line]:
    yield _Line(f"selector: {flow_text({'job': place.job})}", "the job under which Prometheus scrapes it")
    if place.scrape:
        yield _Line(f"scrape: {flow_text(dict(place.scrape))}", "where it was asked; {off: WHY} if nobody has to")
    namespace, name = place.guessed
    workload = {"namespace": place.namespace or namespace, "name": place.workload or name or place.name}
    line = f"workload: {flow_text(workload)}"
    probes = any("health" in each.data for each in draft.presets)
    what = "probes, and commands in runbooks" if probes else "commands in runbooks"
    if place.namespace:
        yield _Line(line, f"what Kubernetes runs: {what}")
    else:
        yield _Line(f"# {line}", f"what Kubernetes runs, if it does: {what}")


def _body(draft: Draft, place: Place) -> Iterator[str]:
    yield from _aligned(_uses(draft, place))
    yield from (f"# {printable(note)}" for note in draft.notes)
    if draft.signals:
        yield from _aligned([_Line("signals:", "guessed from names, types and labels")])
        yield from _entries(draft.signals)
    if draft.slos:
        yield from _aligned([_Line("slos:", "what do you promise? over 30 days, or window: 7d")])
        yield from _entries(draft.slos)
    yield from _optional(draft)


def _uses(draft: Draft, place: Place) -> Iterator[_Line]:
    held = [used for used in draft.uses if not place.namespace and wants_workload(used.name)]
    if draft.uses:
        yield _Line("# uses:" if len(held) == len(draft.uses) else "uses:")
    for used in draft.uses:
        words = "; ".join(filter(None, (printable(used.assumed or used.words), _brings(used))))
        line = f"  {flow_text(used.name)}: {flow_text(_use(used))}"
        yield _Line(f"# {line}", f"{words}; needs the workload above") if used in held else _Line(line, words)


def _use(used: Used) -> Any:
    """What stands behind a preset: its version, or a map where the fleet has other names."""
    version = {"version": versions.show(used.version)} if used.version else {}
    names = used.names.said()
    return {**version, **names} if names else version.get("version", True)


def _brings(used: Used) -> str:
    if used.name not in preset.names():
        return "metrics only"
    data = preset.load(used.name).at(used.version).data
    return ", ".join(
        f"{len(found)} {name if len(found) != 1 else name[:-1]}"
        for name in ("signals", "alerts", "dashboards")
        if (found := section(data, name))
    )


def _optional(draft: Draft) -> Iterator[str]:
    """What can be turned on or changed, as comments that hold once the # is gone."""
    alerts = {name: alert for each in draft.presets for name, alert in section(each.data, "alerts").items()}
    name = next((name for name, alert in alerts.items() if isinstance(alert.get("above"), dict)), None)
    if name:
        change = flow_text({name: {"above": alerts[name]["above"]}})
        yield f"# alerts: {change}      # change what a preset says; {{off: WHY}} turns one off"
    signals = {**draft.signals, **{k: v for each in draft.presets for k, v in section(each.data, "signals").items()}}
    if "spend" in signals:
        yield f"# budgets: {flow_text({'daily': {'signal': 'spend', 'limit': '500 USD', 'rolling': '1d'}})}"


def _metrics(draft: Draft, room: int) -> Iterator[str]:
    """What signals need, and of the rest that nobody knows as much as there is room for; what is left is counted."""
    left = room - 2 - len(draft.metrics)  # below the heading, above the line that counts
    shown = dict(itertools.islice(draft.others.items(), max(0, left)))
    declared = {**draft.metrics, **shown}
    if declared:
        yield from _aligned([_Line("metrics:", "what no catalogue knows: types and labels as the page has them")])
        yield from _entries(declared)
    if rest := len(draft.others) - len(shown) + draft.unwritable:
        what = "1 metric" if rest == 1 else f"{rest} metrics"
        yield f"# {what} that no catalogue knows and no signal uses: `llmmon catalogue import` lists them"


def _entries(entries: Mapping[str, Any]) -> Iterator[str]:
    for key, value in entries.items():
        yield f"  {flow_text(key)}: {flow_text(value)}"


def _aligned(lines: Iterable[_Line]) -> Iterator[str]:
    """Comments below each other, except behind lines that are long."""
    lines = list(lines)
    width = max((len(line.text) for line in lines if line.comment and len(line.text) <= _ASIDE), default=0)
    for line in lines:
        yield f"{line.text:<{width}}    # {line.comment}" if line.comment else line.text
