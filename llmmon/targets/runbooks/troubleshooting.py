"""What to do when the monitoring itself does not work, with this fleet's addresses, and never with a secret in it."""

from __future__ import annotations

from shlex import quote
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from llmmon.lower import commands
from llmmon.lower.text import uid
from llmmon.markdown import block, comment, text
from llmmon.template import render

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from llmmon.plan import Fleet
    from llmmon.plan.watched import Watched

_PROMETHEUS, _ALERTMANAGER = "http://localhost:9090", "http://localhost:9093"
_QUERY = "up == 0"
_RANGE = 'sum by (service, alertname) (ALERTS{alertstate="firing"})'
_SLOW = "topk(10, prometheus_rule_group_last_duration_seconds / prometheus_rule_group_interval_seconds)"
_SERIES = 'topk(10, count by (__name__) ({__name__=~".+"}))'
_EXPOSED = "scrape_samples_post_metric_relabeling"
_FAILING = """jq -r '.data.activeTargets[] | select(.health != "up") | [.labels.job, .scrapeUrl, .lastError] | @tsv'"""
_NOTHING = "Its spec says neither `workload:` nor `process:`, so there are no commands for it."
_HEADER = "$HOME/.config/monitoring"  # a folder that only its owner reads; a file holds one header


def troubleshooting(fleet: Fleet) -> str:
    """The Markdown of `runbooks/troubleshooting.md`."""
    services = fleet.watched
    stack = {name: _first(services, name) for name in ("prometheus", "alertmanager", "logstash", "filebeat")}
    return render(
        "runbooks/troubleshooting.md.j2",
        notice=comment(f"generated from {fleet.origin.document.path} and all specs by llmmon; edits are lost"),
        title=text(f"Troubleshooting of {fleet.name}"),
        instant=_bash([*_base(fleet), *_instant(_QUERY)]),
        ranged=_bash([*_base(fleet), *_ranged(_RANGE)]),
        targets=_asked(fleet, "targets?state=active", _FAILING),
        config=_asked(fleet, "status/config", "jq -r .data.yaml | head -40"),
        memory=_asked(fleet, "status/tsdb", "jq .data.seriesCountByMetricName"),
        slow=block(_SLOW, "promql"),
        series=block(_SERIES, "promql"),
        exposed=block(_EXPOSED, "promql"),
        dashboard=_bash(_export(fleet, services)),
        rules=_bash(_provisioning(fleet)),
        alerts=_bash(_amtool(services)),
        test=_bash(_test(fleet, services)),
        logstash=_looking(stack["logstash"]),
        filebeat=_looking(stack["filebeat"]),
        prometheus=_looking(stack["prometheus"]),
        alertmanager=_looking(stack["alertmanager"]),
        indices=_bash(_indices(fleet)) if fleet.elasticsearch.get("hosts") else "",
        tracing=fleet.tracing is not None,
        services=[(f"Service {text(service.name)}", _service(service)) for service in services],
    )


def _first(services: Iterable[Watched], preset: str) -> Watched | None:
    return next((service for service in services if preset in service.presets), None)


def _base(fleet: Fleet) -> list[str]:
    """Where the API is: at the fleet's address, or through a forwarded port of what runs Prometheus."""
    if fleet.queries:
        parts = urlsplit(fleet.queries)
        return [f"PROMETHEUS={quote(f'{parts.scheme}://{parts.netloc}')}"]
    prometheus = _first(fleet.watched, "prometheus")
    forward = [f"{_forward(prometheus, 9090)} &"] if prometheus and prometheus.workload else []
    return [*forward, f"PROMETHEUS={_PROMETHEUS}"]


def _forward(service: Watched, port: int) -> str:
    assert service.workload is not None
    return f"{commands.kubernetes(service.workload)} port-forward {commands.owner(service.workload)} {port}"


def _asked(fleet: Fleet, path: str, then: str) -> str:
    return _bash([*_base(fleet), f'curl -sS --fail "$PROMETHEUS/api/v1/{path}" \\', f"  | {then}"])


def _instant(query: str) -> list[str]:
    return [
        'curl -sS --fail --get "$PROMETHEUS/api/v1/query" \\',
        f"  --data-urlencode {quote(f'query={query}')} | jq .data.result",
    ]


def _ranged(query: str) -> list[str]:
    return [
        'curl -sS --fail --get "$PROMETHEUS/api/v1/query_range" \\',
        f"  --data-urlencode {quote(f'query={query}')} \\",
        '  --data-urlencode "start=$(date -d \'1 hour ago\' +%s)" --data-urlencode "end=$(date +%s)" \\',
        "  --data-urlencode 'step=300' | jq .data.result",
    ]


def _grafana(fleet: Fleet) -> list[str]:
    parts = urlsplit(fleet.dashboards)
    path = parts.path.partition("/d/")[0].rstrip("/")
    return [f"GRAFANA={quote(f'{parts.scheme}://{parts.netloc}{path}')}"]


def _export(fleet: Fleet, services: Sequence[Watched]) -> list[str]:
    name = services[0].name if services else "SERVICE"
    board = uid(name, "service")
    return [
        *_grafana(fleet),
        f'curl -sS --fail --header @"{_HEADER}/grafana.header" "$GRAFANA/api/dashboards/uid/"{quote(board)} \\',
        f"  | jq .dashboard > {quote(f'{board}.json')}",
    ]


def _provisioning(fleet: Fleet) -> list[str]:
    return [
        *_grafana(fleet),
        f'curl -sS --fail --header @"{_HEADER}/grafana.header" "$GRAFANA/api/v1/provisioning/alert-rules" \\',
        "  | jq -r '.[] | [.uid, .title, .folderUID] | @tsv'",
    ]


def _alertmanager(services: Iterable[Watched]) -> list[str]:
    found = _first(services, "alertmanager")
    return [f"{_forward(found, 9093)} &"] if found and found.workload else []


def _amtool(services: Iterable[Watched]) -> list[str]:
    return [
        *_alertmanager(services),
        f"amtool --alertmanager.url={_ALERTMANAGER} alert query",
        f"amtool --alertmanager.url={_ALERTMANAGER} silence query",
    ]


def _test(fleet: Fleet, services: Iterable[Watched]) -> list[str]:
    lines = _alertmanager(services)
    environment = fleet.environments[0].name if fleet.environments else "production"
    for team in fleet.teams.values():
        for severity in team.receivers:
            labels = {
                "alertname": "TestNotification",
                "service": "test",
                "environment": environment,
                "team": team.name,
                "severity": fleet.severities.get(severity, severity),
            }
            pairs = " ".join(quote(f"{name}={value}") for name, value in labels.items())
            lines.append(f"amtool --alertmanager.url={_ALERTMANAGER} alert add {pairs}")
    return lines


def _indices(fleet: Fleet) -> list[str]:
    hosts = fleet.elasticsearch["hosts"]
    host = hosts[0] if isinstance(hosts, tuple) else str(hosts)
    ca = fleet.elasticsearch.get("ca")
    trust = f"--cacert {quote(ca)} " if isinstance(ca, str) else ""
    return [
        f"ELASTICSEARCH={quote(host)}",
        *(
            f'curl -sS --fail {trust}--header @"{_HEADER}/elasticsearch.header" "$ELASTICSEARCH/{path}"'
            for path in ("_cluster/health?pretty", "_cat/indices?v&s=index:desc", "_ilm/status")
        ),
    ]


def _looking(service: Watched | None) -> str:
    return _bash(commands.looking(service)) if service and (service.workload or service.process) else ""


def _service(service: Watched) -> str:
    """How to read its logs, and what it exposes."""
    lines: list[str] = []
    if load := service.workload:
        kubectl, what, pods = commands.kubernetes(load), commands.owner(load), quote(service.pods)
        container = quote(load.container)
        lines = [
            f"{kubectl} get pods -l {pods}",
            f"{kubectl} logs -l {pods} -c {container} --since=1h --tail=-1 --prefix",
            f"{kubectl} logs -l {pods} -c {container} --since=1h --tail=-1 | grep -E 'ERROR|CRITICAL'",
            f"{kubectl} logs {what} -c {container} --previous",
            f"{kubectl} logs {what} -c {container} -f",
        ]
        if service.metrics:
            port, path = service.metrics
            lines += [
                f"{kubectl} port-forward {what} {quote(f'8080:{port}')} &",
                f"curl -sS --fail {quote(f'http://localhost:8080{path}')} | grep -v '^#' | head",
            ]
    elif service.process:
        lines = commands.looking(service)
        if service.metrics:
            port, path = service.metrics
            lines.append(f"curl -sS --fail {quote(f'http://localhost:{port}{path}')} | grep -v '^#' | head")
    return (
        _bash(lines) if lines else "Its spec says neither `workload:` nor `process:`, so there are no commands for it."
    )


def _bash(lines: Sequence[str]) -> str:
    return block("\n".join(lines), "bash")
