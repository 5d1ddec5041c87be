"""The Prometheus servers: which environments each watches, what it scrapes, whom it tells, what it keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.classes import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import timedelta

    from llmmon.plan.fleet import Secret
    from llmmon.plan.health import Port
    from llmmon.problem import Origin

SECRETS = "/etc/prometheus/secrets"  # a Secret `name` is mounted as the folder of that name, its keys as files


@frozen
class Access:
    """What a request needs to be let in. `bearer` is a secret, or the path of a token that is always there."""

    bearer: Secret | str | None = None
    user: str | None = None
    password: Secret | None = None
    ca: str | None = None
    cert: Secret | None = None
    key: Secret | None = None
    name: str | None = None
    insecure: bool = False

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """Every secret that has to be mounted."""
        said = (self.bearer, self.password, self.cert, self.key)
        return tuple(item for item in said if item is not None and not isinstance(item, str))


@frozen
class Cluster:
    """Another Kubernetes cluster than the one in which Prometheus runs."""

    api: str
    access: Access


@frozen
class Static:
    """Addresses that do not change."""

    targets: tuple[str, ...]


@frozen
class Files:
    """Files of addresses, which Prometheus reads again when they change."""

    paths: tuple[str, ...]


@frozen
class Pods:
    """The pods of a namespace with these labels; without a port each port that they declare."""

    namespace: str
    labels: Mapping[str, str]
    port: Port | None
    cluster: Cluster | None


@frozen
class Nodes:
    """The kubelets of the nodes with these labels."""

    labels: Mapping[str, str]
    cluster: Cluster | None


@frozen
class Target:
    """What a blackbox exporter asks for us: the answer is known by this target and these labels."""

    target: str
    module: str
    labels: Mapping[str, str]


@frozen
class Probed:
    """The exporter is scraped; its answers are those of the targets."""

    exporter: str
    targets: tuple[Target, ...]


Discovery = Static | Files | Pods | Nodes | Probed


@frozen
class Job:
    """One scrape configuration. `name` is unique on its server; `labels` are written onto each target."""

    name: str
    labels: Mapping[str, str]  # `job` among them where the name is another
    discovery: Discovery
    path: str
    scheme: str
    interval: timedelta | None  # None: the server's
    timeout: timedelta | None
    honor_labels: bool
    access: Access
    origin: Origin


@frozen
class Remote:
    """A place that samples are written to, or read from."""

    url: str
    name: str | None
    access: Access
    recorded: bool  # writes only our recording rules and ALERTS
    recent: bool  # reads what is stored here as well
    origin: Origin
    tenant: tuple[str, str] | None = None  # the header that names it, and its name
    dropped: tuple[Mapping[str, tuple[str, ...]], ...] = ()  # series with one of the values of each of these labels


@frozen
class Alertmanagers:
    """Who is told."""

    targets: tuple[str, ...]
    scheme: str
    path_prefix: str | None
    access: Access
    origin: Origin


@frozen
class Federation:
    """Other servers of which the recorded series are read."""

    targets: tuple[str, ...]
    scheme: str
    interval: timedelta | None
    access: Access
    origin: Origin


@frozen
class Server:
    """One Prometheus: that of an environment with its own, or the one that the others share."""

    environment: str | None  # None: shared
    environments: tuple[str, ...]
    external_labels: Mapping[str, str]
    jobs: tuple[Job, ...]
    federation: Federation | None
    sends: tuple[Remote, ...] = ()  # to the engine that the fleet scales with
    evaluates: bool = True
    agent: bool = False
    receives: bool = False

    @property
    def file(self) -> str:
        """The name of its configuration."""
        if self.receives:
            return "receiver.yml"
        return f"prometheus.{self.environment}.yml" if self.environment else "prometheus.yml"


@frozen
class Servers:
    """All servers, and what they have in common."""

    servers: tuple[Server, ...]
    interval: timedelta
    timeout: timedelta
    alertmanagers: Alertmanagers
    remote_write: tuple[Remote, ...]
    remote_read: tuple[Remote, ...]
    origin: Origin
    remembers: timedelta | None = None  # how far back rules see, where that is known and nothing keeps more
    retention_bytes: int | None = None  # of those that scrape, whose disks have to hold them
    replica: str | None = None  # the label that tells replicas apart; Alertmanager never sees it
    receiver: Server | None = None  # what agents send to, where it is a Prometheus of ours
    flags: tuple[str, ...] = ()  # what Prometheus takes on its command line and not in its configuration
    receiver_flags: tuple[str, ...] = ()

    @property
    def every(self) -> tuple[Server, ...]:
        """Those that scrape, and the one that receives from them where it is ours."""
        return (*self.servers, self.receiver) if self.receiver else self.servers

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """Every secret that has to be mounted, each once, in order."""
        accesses = [self.alertmanagers.access, *(r.access for r in (*self.remote_write, *self.remote_read))]
        for server in self.servers:
            accesses += [remote.access for remote in server.sends]
            accesses += [server.federation.access] if server.federation else []
            for job in server.jobs:
                accesses.append(job.access)
                if isinstance(job.discovery, Pods | Nodes) and job.discovery.cluster:
                    accesses.append(job.discovery.cluster.access)
        found = {secret for access in accesses for secret in access.secrets}
        return tuple(sorted(found, key=lambda secret: (secret.name, secret.key)))
