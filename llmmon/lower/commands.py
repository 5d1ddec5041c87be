"""Shell commands for what runs a service, whatever its names are made of: the one place that quotes for a shell."""

from __future__ import annotations

from shlex import quote
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from llmmon.plan import Health, Service, Workload
    from llmmon.plan.watched import Watched

_KINDS = {"Deployment": "deployment", "StatefulSet": "statefulset", "DaemonSet": "daemonset"}
_LOCAL = 8080


def looking(service: Service | Watched) -> list[str]:
    """State, events and logs of what runs the service; empty where the spec does not say what that is."""
    if load := service.workload:
        kubectl, what = kubernetes(load), owner(load)
        return [
            f"{kubectl} get pods -o wide",
            f"{kubectl} describe {what}",
            f"{kubectl} get events --sort-by=.lastTimestamp",
            f"{kubectl} logs {what} -c {quote(load.container)} --since=10m",
            f"{kubectl} logs {what} -c {quote(load.container)} --previous --tail=50",
            f"{kubectl} rollout history {what}",
        ]
    match service.process:
        case None:
            return []
        case process if process.kind == "compose":
            name = quote(process.name)
            return [
                f"docker compose ps --all -- {name}",
                f"docker compose logs --since=10m -- {name}",
                f"docker compose logs --since=10m -- {name} | grep -i error",
            ]
        case process:
            unit = f"--unit={quote(process.name)}"
            return [
                f"systemctl status --no-pager -- {quote(process.name)}",
                f"journalctl {unit} --since=-10min --no-pager",
                f"journalctl {unit} --since=-1h --priority=err --no-pager",
            ]


def undo(service: Service) -> str:
    """Goes back to what ran before the latest rollout; empty where nothing keeps it."""
    load = service.workload
    return f"{kubernetes(load)} rollout undo {owner(load)}" if load else ""


def restart(service: Service) -> str:
    """Starts it anew; empty where the spec does not say what runs it."""
    if load := service.workload:
        return f"{kubernetes(load)} rollout restart {owner(load)}"
    if service.process is None:
        return ""
    command = "docker compose restart" if service.process.kind == "compose" else "systemctl restart"
    return f"{command} -- {quote(service.process.name)}"


def scale(service: Service) -> str:
    """Runs more of it; empty where that cannot be said."""
    load = service.workload
    if load and load.kind != "DaemonSet":
        return f"{kubernetes(load)} scale {owner(load)} --replicas=COUNT"
    if service.process and service.process.kind == "compose":
        return f"docker compose up --detach --no-recreate --scale {quote(f'{service.process.name}=COUNT')}"
    return ""


def components(service: Service) -> list[str]:
    """Asks the health endpoints of each component of one pod."""
    health = service.health
    if health is None or not health.components:
        return []
    return asking(service, health, sorted(health.components.values()))


def asking(service: Service, health: Health, paths: list[str]) -> list[str]:
    """Asks one pod for these paths; empty without a workload, whose address nobody knows."""
    load = service.workload
    if load is None:
        return []
    forward = f"{kubernetes(load)} port-forward {owner(load)} {quote(f'{_LOCAL}:{health.port}')} &"
    return [forward, *(f"curl -sS {quote(f'http://localhost:{_LOCAL}{path}')}" for path in paths), "kill %1"]


def kubernetes(load: Workload) -> str:
    """kubectl in the workload's namespace."""
    return f"kubectl -n {quote(load.namespace)}"


def owner(load: Workload) -> str:
    """`deployment/NAME`."""
    return f"{_KINDS.get(load.kind, load.kind.lower())}/{quote(load.name)}"
