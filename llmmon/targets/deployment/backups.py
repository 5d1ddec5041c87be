"""Backups as CronJobs: what is saved goes to an object store, and the time at which that ended well to the Pushgateway.

The scripts read what is different between two jobs from their environment, so nothing of a spec is ever part of one.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from llmmon import duration
from llmmon.classes import replace
from llmmon.plan.deploy import FRESH, POSTGRES, PUSHED, RCLONE, Part
from llmmon.targets.deployment.containers import HARDENED, plain, resources, secret_env
from llmmon.targets.deployment.objects import Object, labels, of_kind
from llmmon.targets.deployment.prometheus import DATA, of_server
from llmmon.targets.deployment.volumes import mount, scratch, secret_volume
from llmmon.targets.deployment.workloads import NOBODY, secured

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from llmmon.plan import Fleet
    from llmmon.plan.deploy import Backup, Deploy, Grafana
    from llmmon.plan.server import Server

LONGEST = timedelta(hours=4)
PUSHGATEWAY = 9091
_END = f"""\
rclone delete --min-age "${{KEEP}}d" "$TO"
wget -q -O /dev/null --post-data="# TYPE {FRESH} gauge
{FRESH} $(date +%s)
" "$PUSH"
"""
# Files of a snapshot are hard links into the data: it costs nothing until those are gone, so it may not stay. What a
# job that was killed has left goes after a day.
SNAPSHOT = f"""\
set -euo pipefail
name=$(wget -q -O - --post-data= "$SERVER/api/v1/admin/tsdb/snapshot" | sed -n 's/.*"name":"\\([^"]*\\)".*/\\1/p')
test -n "$name"
trap 'rm -rf "{DATA}/snapshots/$name"' EXIT
find "{DATA}/snapshots" -mindepth 1 -maxdepth 1 -mmin +1440 -exec rm -rf {{}} +
tar -C "{DATA}/snapshots/$name" -czf - . | rclone rcat "$TO/$name.tar.gz"
{_END}"""
DUMP = """\
set -eu
pg_dump --format=custom --no-password --file=/work/dump
"""
DUMPED = f"""\
set -eu
rclone copyto /work/dump "$TO/$(date -u +%Y%m%dT%H%M%SZ).dump"
{_END}"""
VOLUME = f"""\
set -euo pipefail
test -n "$(ls -A "/data/$FOLDER")"
tar -C "/data/$FOLDER" -czf - . | rclone rcat "$TO/$(date -u +%Y%m%dT%H%M%SZ).tar.gz"
{_END}"""


def objects(fleet: Fleet, deploy: Deploy, backup: Backup) -> Iterator[Object]:
    """The jobs of one backup: of Prometheus one for each server."""
    match backup.kind:
        case "prometheus":
            for server in _keeping(fleet):
                yield from _prometheus(deploy, backup, of_server(deploy, server))
        case "grafana":
            if deploy.grafana:
                yield from _grafana(deploy, backup, deploy.grafana)
        case "volume":
            yield from _volume(deploy, backup)


def parts(fleet: Fleet, deploy: Deploy, backup: Backup) -> list[Part]:
    """What runs it, as a part with a name and a place."""
    if backup.kind == "prometheus" and fleet.servers:
        return [_part(backup, of_server(deploy, server).name) for server in _keeping(fleet)]
    return [_part(backup, backup.name)]


def _keeping(fleet: Fleet) -> list[Server]:
    """The servers that have samples: agents pass theirs on."""
    return [server for server in fleet.servers.every if not server.agent] if fleet.servers else []


def _part(backup: Backup, name: str) -> Part:
    return Part(f"backup-{name}", backup.namespace, RCLONE, 1, 1, 0, "100m", "256Mi", None, backup.origin)


def _prometheus(deploy: Deploy, backup: Backup, server: Part) -> Iterator[Object]:
    """Beside the first replica, whose volume it reads: a volume of one node can be mounted there twice."""
    part = _part(backup, server.name)
    first = f"{server.name}-0"
    url = f"http://{first}.{server.name}-pods.{server.namespace}.svc:9090"
    together = {
        "podAffinity": {
            "requiredDuringSchedulingIgnoredDuringExecution": [
                {
                    "labelSelector": {"matchLabels": {"statefulset.kubernetes.io/pod-name": first}},
                    "topologyKey": "kubernetes.io/hostname",
                }
            ]
        }
    }
    main = _step(
        part, SNAPSHOT, [plain("SERVER", url), *_said(deploy, backup, server.name)], [mount("data", DATA, write=True)]
    )
    volume = {"name": "data", "persistentVolumeClaim": {"claimName": f"data-{first}"}}
    yield from _job(deploy, backup, part, [main], [volume], user=NOBODY, more={"affinity": together})


def _grafana(deploy: Deploy, backup: Backup, said: Grafana) -> Iterator[Object]:
    database = said.database
    if database is None:
        return
    part = _part(backup, backup.name)
    where = {
        "PGHOST": database.host,
        "PGPORT": str(database.port),
        "PGDATABASE": database.name,
        "PGUSER": database.user,
        "PGSSLMODE": database.tls,
        **({"PGSSLROOTCERT": "system"} if database.tls.startswith("verify") else {}),
    }
    env = [*(plain(name, value) for name, value in where.items()), secret_env("PGPASSWORD", database.password)]
    dump = _step(
        replace(part, name="dump", image=POSTGRES), DUMP, env, [mount("work", "/work", write=True)], store=False
    )
    main = _step(part, DUMPED, _said(deploy, backup, backup.name), [mount("work", "/work")])
    yield from _job(deploy, backup, part, [main], [scratch("work", "2Gi")], user=NOBODY, first=[dump])


def _volume(deploy: Deploy, backup: Backup) -> Iterator[Object]:
    part = _part(backup, backup.name)
    env = [plain("FOLDER", backup.folder or "."), *_said(deploy, backup, backup.name)]
    main = _step(part, VOLUME, env, [mount("data", "/data")])
    volume = {"name": "data", "persistentVolumeClaim": {"claimName": backup.volume, "readOnly": True}}
    yield from _job(deploy, backup, part, [main], [volume], user=backup.user, owns=False)


def _said(deploy: Deploy, backup: Backup, target: str) -> list[Object]:
    """Where it goes, how long it stays, and who is told."""
    push = f"http://pushgateway.{deploy.namespace}.svc:{PUSHGATEWAY}/metrics/job/{PUSHED}/target/{target}"
    return [
        plain("TO", f"{deploy.to}/{target}"),
        plain("KEEP", str(backup.keep)),
        plain("PUSH", push),
        plain("RCLONE_CONFIG", f"/etc/rclone/{deploy.store.key}" if deploy.store else ""),
    ]


def _step(part: Part, script: str, env: Sequence[Object], mounts: Sequence[Object], *, store: bool = True) -> Object:
    return {
        "name": part.name,
        "image": part.image,
        "command": ["/bin/sh", "-c", script],
        "env": list(env),
        "resources": resources(part.cpu, part.memory),
        "securityContext": HARDENED,
        "volumeMounts": [
            *mounts,
            *([mount("store", "/etc/rclone")] if store else []),
            mount("tmp", "/tmp", write=True),  # noqa: S108 - the container's own
        ],
    }


def _job(
    deploy: Deploy,
    backup: Backup,
    part: Part,
    steps: Sequence[Object],
    volumes: Sequence[Object],
    *,
    user: int,
    first: Sequence[Object] = (),
    more: Object | None = None,
    owns: bool = True,
) -> Iterator[Object]:
    """Never two at a time, and never longer than until the next one is half due. `owns` gives the volumes to its
    group, which nobody may do to the volume of somebody else."""
    store = deploy.store
    rights = secured(user)
    if not owns:
        rights = {key: value for key, value in rights.items() if not key.startswith("fsGroup")}
    pod = {
        "serviceAccountName": part.name,
        "automountServiceAccountToken": False,
        "restartPolicy": "Never",
        "securityContext": rights,
        **(more or {}),
        **({"initContainers": list(first)} if first else {}),
        "containers": list(steps),
        "volumes": [
            *volumes,
            *([secret_volume("store", store.name, [store.key])] if store else []),
            scratch("tmp", "64Mi"),
        ],
    }
    deadline = min(LONGEST, backup.every / 2)
    job = {
        "backoffLimit": 2,
        "activeDeadlineSeconds": int(duration.seconds(deadline)),
        "template": {"metadata": {"labels": labels(deploy, part)}, "spec": pod},
    }
    spec = {
        "schedule": backup.schedule,
        "timeZone": "Etc/UTC",
        "concurrencyPolicy": "Forbid",
        "startingDeadlineSeconds": int(duration.seconds(deadline)),
        "successfulJobsHistoryLimit": 1,
        "failedJobsHistoryLimit": 3,
        "jobTemplate": {"spec": job},
    }
    yield of_kind(deploy, part, "ServiceAccount", {"automountServiceAccountToken": False})
    yield of_kind(deploy, part, "CronJob", {"spec": spec})
