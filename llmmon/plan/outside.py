"""What the blackbox exporter asks from outside: its modules, and by which labels Prometheus knows the answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from llmmon.classes import field, frozen

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import timedelta

    from llmmon.plan.fleet import Secret
    from llmmon.plan.server import Access
    from llmmon.problem import Origin

SECRETS = "/etc/blackbox_exporter/secrets"  # a Secret `name` is mounted as the folder of that name, its keys as files
Kind = Literal["http", "tcp"]
CHECK = "probe"  # the label that names a check
COMPONENT, AT_LEAST = "component", "at_least"  # the labels of a component, which is asked once for each state


@frozen
class Module:
    """How one answer is asked for, and what it must be. Without `status` 200 to 299 are well."""

    name: str
    prober: Kind
    timeout: timedelta
    access: Access
    encrypted: bool
    method: str
    status: tuple[int, ...]
    body: tuple[str, ...]  # regular expressions of Go, of which each is found
    without: tuple[str, ...]  # none is found
    headers: Mapping[str, str]
    redirects: bool
    origin: Origin


@frozen
class Asked:
    """One question in every environment that has a target for it."""

    module: Module
    labels: Mapping[str, str]
    targets: Mapping[str, str]  # by environment: a URL, or host:port
    origin: Origin


@frozen
class Blackbox:
    """The exporter, by environment, and what it asks of each service."""

    addresses: Mapping[str, str]
    interval: timedelta
    origin: Origin
    asked: Mapping[str, tuple[Asked, ...]] = field(default_factory=dict)

    @property
    def modules(self) -> tuple[Module, ...]:
        """Each once, by name."""
        found = {one.module.name: one.module for many in self.asked.values() for one in many}
        return tuple(found[name] for name in sorted(found))

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """Every secret that has to be mounted into the exporter, each once, in order."""
        found = {secret for module in self.modules for secret in module.access.secrets}
        return tuple(sorted(found, key=lambda secret: (secret.name, secret.key)))


def job(service: str) -> str:
    """The `job` label of the answers: not the service's own, or its alerts on `up` would count the exporter."""
    return f"{service}-probe"
