"""Containers that may do little: what they ask for, how they are asked whether they are well, what they are told."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from llmmon.plan.deploy import Part
    from llmmon.plan.fleet import Secret
    from llmmon.targets.deployment.objects import Object

HARDENED = {
    "allowPrivilegeEscalation": False,
    "readOnlyRootFilesystem": True,
    "capabilities": {"drop": ["ALL"]},
}
ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount"  # where every client looks for its token
TOKEN_SECONDS = 3607  # what Kubernetes itself asks for


def container(
    part: Part,
    *,
    args: Sequence[str] = (),
    env: Sequence[Object] = (),
    ports: Mapping[str, int],
    mounts: Sequence[Object],
    probes: Mapping[str, Object],
    udp: Iterable[str] = (),
) -> Object:
    """The main container. Memory has a limit, CPU has none: a container that is held back is slow when it matters."""
    held = set(udp)
    return {
        "name": part.name,
        "image": part.image,
        **({"args": list(args)} if args else {}),
        **({"env": list(env)} if env else {}),
        "ports": [
            {"name": name, "containerPort": port, **({"protocol": "UDP"} if name in held else {})}
            for name, port in ports.items()
        ],
        **probes,
        "resources": resources(part.cpu, part.memory),
        "securityContext": HARDENED,
        **({"volumeMounts": list(mounts)} if mounts else {}),
    }


def resources(cpu: str, memory: str) -> Object:
    """What is asked for, and the memory that is not exceeded."""
    return {"requests": {"cpu": cpu, "memory": memory}, "limits": {"memory": memory}}


def http(path: str, port: str, **more: int) -> Object:
    """A probe."""
    return {"httpGet": {"path": path, "port": port}, **more}


def plain(name: str, value: str) -> Object:
    """An environment variable. Kubernetes expands $(NAME), and $$ is one dollar."""
    return {"name": name, "value": value.replace("$", "$$")}


def secret_env(name: str, secret: Secret) -> Object:
    """An environment variable that holds a secret."""
    return {"name": name, "valueFrom": {"secretKeyRef": {"name": secret.name, "key": secret.key}}}
