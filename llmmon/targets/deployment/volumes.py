"""Volumes, and where they are seen: Secrets with all their keys, ConfigMaps by the name that kustomize changes."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from llmmon.plan.fleet import Secret
    from llmmon.targets.deployment.objects import Object


def mount(volume: str, path: str, *, file: str | None = None, write: bool = False) -> Object:
    """Where a volume, or one file of it, is seen."""
    return {
        "name": volume,
        "mountPath": path,
        **({"subPath": file} if file else {}),
        **({} if write else {"readOnly": True}),
    }


def scratch(name: str, size: str) -> Object:
    """A volume that is gone with its pod."""
    return {"name": name, "emptyDir": {"sizeLimit": size}}


def secret_volume(name: str, secret: str, keys: Iterable[str]) -> Object:
    """These keys of a Secret as files. It has to exist with all of them, or the pod does not start."""
    items = [{"key": key, "path": key} for key in sorted(set(keys))]
    return {"name": name, "secret": {"secretName": secret, "items": items, "defaultMode": 0o440}}


def secret_files(secrets: Iterable[Secret], folder: str) -> tuple[list[Object], list[Object]]:
    """Each Secret as a folder of its name: the volumes, and where they are mounted."""
    keys: dict[str, list[str]] = {}
    for secret in secrets:
        keys.setdefault(secret.name, []).append(secret.key)
    volumes = [secret_volume(volume_name("secret", name), name, found) for name, found in sorted(keys.items())]
    mounts = [mount(volume_name("secret", name), f"{folder}/{name}") for name in sorted(keys)]
    return volumes, mounts


def config_volume(name: str, config: str) -> Object:
    """A ConfigMap; kustomize adds the hash of its content to the name, so that a change rolls the pods out."""
    return {"name": name, "configMap": {"name": config}}


def volume_name(kind: str, name: str) -> str:
    """A volume's name is a DNS label, and a Secret's may have dots and be longer."""
    return f"{kind}-{name.replace('.', '-')}"[:63].rstrip("-")


def folder(path: str) -> str:
    """The folder of a file."""
    return str(PurePosixPath(path).parent)
