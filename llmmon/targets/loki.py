"""Loki: log alerts for its ruler, and the services' queries in LogQL."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from llmmon import duration
from llmmon.dump import notice, yaml_text
from llmmon.lower.logstack import loki_label
from llmmon.problem import Problem
from llmmon.promql.escape import LABEL_NAME, quote, regex_literal, selector
from llmmon.target import Artifact, Target

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from llmmon.plan import Environment, Fleet, Service
    from llmmon.plan.logstack import LogAlert, Match, Search
    from llmmon.problem import Keys, Origin

# A line that is no JSON carries an error, and one such line fails a whole metric query.
PARSED = '| json | __error__=""'
_TOKEN = re.compile(
    r"""(?P<string>"(?:[^"\\\n]|\\.)*")|(?P<duration>\[(?:[0-9]+(?:ms|[smhd]))+\])|(?P<number>[0-9]+)"""
    r"""|(?P<word>[A-Za-z_][A-Za-z0-9_]*)|(?P<op>=~|!=|[=|{}(),>])|(?P<space>\s+)"""
)
_SELECTOR = re.compile(r'\{((?:[^"}]|"(?:[^"\\]|\\.)*")*)\}')
_PAIRS = {")": "(", "}": "{"}


def of_service(fleet: Fleet, service: Service) -> Iterator[Artifact]:
    """`rules/<environment>/<service>.yaml` where it has log alerts, and `queries/<service>.logql`."""
    analysis = service.logs.analysis if service.logs else None
    if fleet.logs is None or not fleet.logs.loki or analysis is None or not _streams(service):
        return
    for environment in fleet.environments:
        rules = [_rule(alert, fleet, service, environment) for alert in analysis.alerts]
        kept = [(rule, alert) for rule, alert in zip(rules, analysis.alerts, strict=True) if rule]
        if kept:
            group = f"{service.name}.{environment.name}.logs"
            origins: dict[Keys, Origin] = {(): kept[0][1].origin}
            origins |= {(group, index): alert.origin for index, (_, alert) in enumerate(kept)}
            body = {"groups": [{"name": group, "interval": "1m", "rules": [rule for rule, _ in kept]}]}
            path = PurePosixPath("loki/rules", environment.name, f"{service.name}.yaml")
            yield Artifact(path, yaml_text(body, notice(service.spec)), origins, service.spec)
    asked = [query for query in analysis.queries if not query.made]
    if asked:
        path = PurePosixPath("loki/queries", f"{service.name}.logql")
        yield Artifact(path, _queries(asked, service), {(): asked[0].origin}, service.spec)


def check(fleet: Fleet, service: Service, artifacts: Sequence[Artifact]) -> Iterator[Problem]:
    """What Loki's ruler would refuse, and names that Prometheus's alerts have already."""
    import yaml

    analysis = service.logs.analysis if service.logs else None
    if fleet.logs is None or not fleet.logs.loki or analysis is None:
        return
    if analysis.alerts and not _streams(service):
        message = "nothing says which lines are the service's: write streams: {app: NAME}, or give it a workload"
        yield Problem(analysis.alerts[0].origin, message, "no-streams")
    known = {alert.name for rules in service.rules for alert in rules.alerts}
    for alert in analysis.alerts:
        if alert.name in known:
            message = f"{alert.name} is an alert on metrics already: rename one of them"
            yield Problem(alert.origin, message, "duplicate-alert")
    for artifact in artifacts:
        if artifact.path.suffix == ".yaml":
            for keys, fault in faults(yaml.safe_load(artifact.text)):
                origin = artifact.origins.get(keys, artifact.origins[()])
                yield Problem(origin, f"{artifact.path}: {fault}", "loki")


def faults(body: Mapping[str, Any]) -> Iterator[tuple[Keys, str]]:
    """What the ruler refuses of a rule file, by group and index."""
    names: set[str] = set()
    for group in body.get("groups", ()):
        if group.get("name") in names:
            yield (), f"the group {group['name']!r} stands twice"
        names.add(group.get("name"))
        for index, rule in enumerate(group.get("rules", ())):
            at = (group["name"], index)
            if not rule.get("alert"):
                yield at, "a rule needs an alert's name"
            yield from ((at, fault) for fault in logql_faults(rule.get("expr", "")))
            if duration.parse(rule.get("for", "0s")) is None:
                yield at, f"for {rule['for']!r} is no duration"
            yield from (
                (at, f"{name!r} is no label name") for name in rule.get("labels", {}) if not LABEL_NAME.fullmatch(name)
            )


def logql_faults(expr: str) -> Iterator[str]:
    """Whether it is the LogQL that we write: tokens, brackets, a window, and a selector that selects."""
    open_, at, kinds = list[str](), 0, list[str]()
    while at < len(expr):
        token = _TOKEN.match(expr, at)
        if not token:
            yield f"{expr[at : at + 10]!r} is no LogQL"
            return
        at, text = token.end(), token[0]
        kinds.append(token.lastgroup or "")
        if text in ("(", "{"):
            open_.append(text)
        elif text in _PAIRS and (not open_ or open_.pop() != _PAIRS[text]):
            yield f"{text!r} closes nothing"
            return
    if open_:
        yield f"{open_[-1]!r} is never closed"
    chosen = _SELECTOR.search(expr)
    if not chosen or not re.search(r'[A-Za-z_]\w*=(?:"[^"]|~"(?!\.\*"|"))', chosen[1]):
        yield "the selector has no label with a value: Loki refuses to read every stream"
    if "duration" not in kinds:
        yield "without a window such as [5m] it is no metric, and cannot be an alert"


def _rule(alert: LogAlert, fleet: Fleet, service: Service, environment: Environment) -> dict[str, Any] | None:
    severity = environment.demote.get(alert.severity, alert.severity)
    if severity == "off":  # type: ignore[comparison-overlap] # the fleet may say off
        return None
    lines = _lines(alert.where, alert.having, {**environment.selector, **_streams(service)})
    counted = f"sum{_by(alert.by)}(count_over_time({lines} [{duration.text(alert.within)}]))"
    labels = {
        "severity": fleet.severities.get(severity, severity),
        "category": alert.category,
        "service": service.name,
        "team": service.team,
        "environment": environment.name,
        **({"namespace": service.workload.namespace} if service.workload else {}),
    }
    return {
        "alert": alert.name,
        "expr": f"{counted} > {alert.above}",
        **({"for": duration.text(alert.hold)} if alert.hold else {}),
        "labels": labels,
        "annotations": {"summary": alert.summary},
    }


def _queries(queries: Sequence[Search], service: Service) -> str:
    parts = [f"# {_comment(notice(service.spec))}"]
    for query in queries:
        lines = _lines(query.where, query.having, _streams(service))
        window = f"[{duration.text(query.within)}]"
        if query.sum:
            label = loki_label(query.sum)
            inner = f'sum_over_time({lines} | unwrap {label} | __error__="" {window})'
        else:
            inner = f"count_over_time({lines} {window})"
        parts.append(f"# {query.name}: {_comment(query.help)}".rstrip(": ") + f"\nsum{_by(query.by)}({inner})")
        if not (query.sum or query.by):
            parts.append(f"# {query.name}, line by line\n{lines}")
    return "\n\n".join(parts) + "\n"


def _lines(where: Sequence[Match], having: Sequence[str], streams: Mapping[str, str]) -> str:
    filters = [_filter(match) for match in where] + [f'{loki_label(field)}!=""' for field in having]
    return " | ".join([f"{selector(None, streams)} {PARSED}", *filters])


def _filter(match: Match) -> str:
    """The line's own word for a level, in any case: it has not been through Logstash."""
    label = loki_label(match.raw_field)
    if not match.raw:
        return f"{label}={quote(match.value)}"
    words = "|".join(map(regex_literal, match.raw))
    return f"{label}=~{quote(f'(?i:{words})')}"


def _by(field: str | None) -> str:
    return f" by ({loki_label(field)}) " if field else ""


def _streams(service: Service) -> Mapping[str, str]:
    analysis = service.logs.analysis if service.logs else None
    if analysis and analysis.streams:
        return analysis.streams
    workload = service.workload
    return {"namespace": workload.namespace, "app": workload.name} if workload else {}


def _comment(text: str) -> str:
    return "".join(char if char.isprintable() else " " for char in text)


TARGET = Target("loki", of_service, None, check)
