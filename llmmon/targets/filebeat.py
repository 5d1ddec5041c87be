"""Filebeat: what reads the containers' logs on each node, and the Logstash pipeline that receives them."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from llmmon import logstash
from llmmon.dump import notice, yaml_documents, yaml_text
from llmmon.logstash import check as lint
from llmmon.lower.logs import WORDS
from llmmon.lower.logstack import writer
from llmmon.problem import Level, Problem
from llmmon.target import Artifact, Target
from llmmon.template import render

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from llmmon.plan import Facts, Fleet, Service
    from llmmon.plan.fleet import Version
    from llmmon.plan.logstack import Filebeat
    from llmmon.problem import Keys, Origin, Unverified
    from llmmon.target import Written
    from llmmon.tool import Tools

NAME = "filebeat"
CONTAINER = "${data.kubernetes.container.id}"  # filled in by autodiscover, for each container
ACCESS = "istio-access"
PROXY = "istio-proxy"
DEPRECATED = ("container", "log", "docker")
SERVER = re.compile(r"[A-Za-z0-9.-]+:[0-9]{1,5}\Z")
SECRET = re.compile(r"(?:^|[._])(?:password|passphrase|key_passphrase|token|api_key|secret)\Z")
VARIABLE = re.compile(r"\$\{[A-Za-z_][A-Za-z0-9_]*\}\Z")


def of_fleet(fleet: Fleet, facts: Sequence[Facts]) -> Iterator[Artifact]:
    """`filebeat.yml`, the DaemonSet around it with its rights, and the pipeline of Logstash that receives."""
    del facts
    if fleet.logs is None or fleet.logs.filebeat is None or not fleet.elasticsearch:
        return
    spec, plan = fleet.origin.document.path, fleet.logs.filebeat
    comment = notice(spec)
    origins: Mapping[Keys, Origin] = {(): plan.origin}
    for name, value in (("filebeat.yml", _filebeat(plan)), ("kustomization.yaml", _kustomization(plan))):
        yield Artifact(PurePosixPath(NAME, name), yaml_text(value, comment), origins, spec)
    objects = yaml_documents(_objects(plan, fleet.versions.get("logstash", (8, 15))), comment)
    yield Artifact(PurePosixPath(NAME, "daemonset.yaml"), objects, origins, spec)
    if plan.pipeline:
        return
    text = render(
        "filebeat/kubernetes.conf.j2",
        spec="".join(char if char.isprintable() else " " for char in spec),
        port=plan.port,
        istio=plan.istio,
        words=[(level, rf"\A(?:{'|'.join(words)})\z") for level, words in WORDS.items()],
        elasticsearch=writer(fleet.elasticsearch),
    )
    yield Artifact(PurePosixPath(NAME, "pipeline/kubernetes.conf"), text, origins, spec)


def of_service(fleet: Fleet, service: Service) -> Iterator[Artifact]:
    """Nothing: a Filebeat reads the containers of all services."""
    del fleet, service
    yield from ()


def check(fleet: Fleet, service: Service, artifacts: Sequence[Artifact]) -> Iterator[Problem]:
    """A service whose pipeline is to receive and does not, or listens where Filebeat's own does."""
    del artifacts
    plan = fleet.logs.filebeat if fleet.logs else None
    if plan is None:
        return
    if service.name == plan.pipeline:
        beats = [entry.port for entry in service.logs.inputs if entry.kind == "beats"] if service.logs else []
        if plan.port not in beats:
            message = (
                f"{service.name} does not receive what Filebeat sends: write logs: {{input: {{beats: {plan.port}}}}}"
            )
            yield Problem(plan.origin.at("pipeline"), message, "filebeat-pipeline", related=(service.origin,))
    elif service.logs and plan.port in service.logs.ports:
        if plan.pipeline:
            return  # the two pipelines have one port, and that has been said
        message = f"Filebeat's pipeline listens on port {plan.port} already: give each pipeline its own"
        yield Problem(service.logs.ports[plan.port], message, "port-taken", related=(plan.origin,))


def verify(
    fleet: Fleet,
    facts: Iterable[Facts],
    scratch: Path,
    written: Sequence[Written],
    tools: Tools,
) -> Iterator[Problem | Unverified]:
    """What Filebeat would refuse or lose; and of the pipeline, what our own parser, compiler and linter say."""
    import yaml

    del facts, tools
    plan = fleet.logs.filebeat if fleet.logs else None
    if plan and plan.pipeline and plan.pipeline not in fleet.services:
        message = f"unknown service {plan.pipeline!r}: name one whose pipeline receives, or leave pipeline out"
        yield Problem(plan.origin.at("pipeline"), message, "unknown-service", Level.WARNING)
    for artifact in written:
        text = (scratch / artifact.path).read_text(encoding="utf-8")
        if artifact.path.name == "filebeat.yml":
            for fault in faults(yaml.safe_load(text)):
                yield Problem(artifact.origins[()], f"{artifact.path}: {fault}", "filebeat")
        if artifact.path.suffix == ".conf":
            for message, level in _complaints(text, fleet):
                yield Problem(artifact.origins[()], f"{artifact.path}: {message}", "filebeat-pipeline", level)


def faults(config: Mapping[str, Any]) -> Iterator[str]:
    """What Filebeat refuses at its start, and what makes it lose lines or send them twice."""
    outputs = [key for key in config if key.startswith("output.") and config[key].get("enabled", True)]
    if len(outputs) != 1:
        yield f"exactly one output is allowed, found {', '.join(outputs) or 'none'}"
    if bool(config.get("filebeat.inputs")) == bool(config.get("filebeat.autodiscover")):
        yield "write either filebeat.inputs or filebeat.autodiscover: with both each line is sent twice"
    inputs = list(_inputs(config))
    for entry, discovered in inputs:
        yield from _input_faults(entry, discovered)
    ids = [entry.get("id") for entry, _ in inputs]
    for twin in sorted({str(one) for one in ids if one and ids.count(one) > 1}):
        yield f"the id {twin!r} stands twice: inputs that share one lose lines"
    yield from _output_faults(config.get("output.logstash"))
    for key, value in _leaves(config):
        if SECRET.search(key) and not (isinstance(value, str) and VARIABLE.match(value)):
            yield f"{key} is a secret in plain text: write ${{NAME}}, from the keystore or the environment"


def _inputs(config: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], bool]]:
    yield from ((entry, False) for entry in config.get("filebeat.inputs") or ())
    for provider in (config.get("filebeat.autodiscover") or {}).get("providers", ()):
        if "hints.default_config" in provider:
            yield provider["hints.default_config"], True
        for template in provider.get("templates", ()):
            yield from ((entry, True) for entry in template.get("config", ()))


def _input_faults(entry: Mapping[str, Any], discovered: bool) -> Iterator[str]:
    kind, name = entry.get("type"), entry.get("id")
    if kind in DEPRECATED:
        yield f"the input {kind} is deprecated: write filestream with the parser container"
    if kind == "filestream" and not name:
        yield "a filestream needs an id: without one its place in the files is lost"
    if discovered and name and "${data." not in name:
        yield f"the id {name!r} is the same for each container: add {CONTAINER}"
    if kind == "filestream" and not entry.get("paths"):
        yield f"the filestream {name!r} has no paths"
    if not all(isinstance(parser, dict) and len(parser) == 1 for parser in entry.get("parsers", ())):
        yield f"each parser of {name!r} is a map of one key"


def _output_faults(output: Mapping[str, Any] | None) -> Iterator[str]:
    if output is None:
        return
    if not output.get("hosts"):
        yield "output.logstash needs hosts"
    for host in output.get("hosts", ()):
        if not SERVER.match(str(host)):
            yield f"{host!r} is no host of Logstash: write host:port, without a scheme"
    if not output.get("ssl.enabled"):
        yield "output.logstash without ssl.enabled sends every line in the clear"
    if output.get("ssl.verification_mode", "full") == "none":
        yield "ssl.verification_mode: none trusts everybody: name the certificate authority"


def _leaves(value: object, key: str = "") -> Iterator[tuple[str, object]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _leaves(inner, f"{key}.{name}" if key else str(name))
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(inner, key)
    else:
        yield key, value


def _complaints(text: str, fleet: Fleet) -> Iterator[tuple[str, Level]]:
    major, minor, *_ = (*fleet.versions.get("logstash", logstash.NEWEST), 0)
    try:
        config = logstash.parse(text)
    except logstash.LogstashError as error:
        yield f"{error.line}:{error.column}: {error.message}", Level.ERROR
        return
    version = (major, minor)
    for complaint in (*logstash.compile_problems(config, version), *lint.problems(config, version)):
        yield complaint.message, Level.WARNING if complaint.code == "plain-http" else Level.ERROR


def _filebeat(plan: Filebeat) -> dict[str, Any]:
    provider: dict[str, Any] = {
        "type": "kubernetes",
        "node": "${NODE_NAME}",
        "hints.enabled": True,
        "hints.default_config": _stream("container", {}),
    }
    if plan.istio:
        condition = {"equals": {"kubernetes.container.name": PROXY}}
        config = [_stream(ACCESS, {"fields": {"kind": ACCESS}})]
        provider["templates"] = [{"condition": condition, "config": config}]
    return {
        "filebeat.autodiscover": {"providers": [provider]},
        "processors": [{"drop_fields": {"fields": ["agent.ephemeral_id", "ecs"], "ignore_missing": True}}],
        "output.logstash": {
            "hosts": list(plan.servers),
            "loadbalance": len(plan.servers) > 1,
            "ssl.enabled": True,
            "ssl.certificate_authorities": [plan.ca],
        },
        "logging.to_stderr": True,
        "http.enabled": True,  # for its metrics, on this address only
        "http.host": "localhost",
        "http.port": 5066,
    }


def _stream(name: str, more: dict[str, Any]) -> dict[str, Any]:
    """A line begins with a time in nanoseconds, so 64 bytes tell files apart; of 1024, small files would wait."""
    return {
        "type": "filestream",
        "id": f"{name}-{CONTAINER}",
        "paths": [f"/var/log/containers/*-{CONTAINER}.log"],
        "parsers": [{"container": {"stream": "all"}}],
        "prospector.scanner.symlinks": True,
        "prospector.scanner.fingerprint.enabled": True,
        "prospector.scanner.fingerprint.length": 64,
        "file_identity.fingerprint": {},
        **more,
    }


def _kustomization(plan: Filebeat) -> dict[str, Any]:
    return {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "namespace": plan.namespace,
        "resources": ["daemonset.yaml"],
        "configMapGenerator": [{"name": NAME, "files": ["filebeat.yml"]}],
    }


def _objects(plan: Filebeat, version: Version) -> Iterator[dict[str, Any]]:
    metadata = {"name": NAME, "namespace": plan.namespace, "labels": {"app": NAME}}
    everywhere = {"name": NAME, "labels": {"app": NAME}}
    yield {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata}
    watch = ["get", "list", "watch"]
    yield {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": everywhere,
        "rules": [
            {"apiGroups": [""], "resources": ["namespaces", "nodes", "pods"], "verbs": watch},
            {"apiGroups": ["apps"], "resources": ["replicasets"], "verbs": watch},
            {"apiGroups": ["batch"], "resources": ["jobs"], "verbs": watch},
        ],
    }
    yield {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRoleBinding",
        "metadata": everywhere,
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": NAME},
        "subjects": [{"kind": "ServiceAccount", "name": NAME, "namespace": plan.namespace}],
    }
    pod = _pod(plan, ".".join(map(str, (*version, 0, 0)[:3])))
    yield {
        "apiVersion": "apps/v1",
        "kind": "DaemonSet",
        "metadata": metadata,
        "spec": {
            "selector": {"matchLabels": {"app": NAME}},
            "template": {"metadata": {"labels": {"app": NAME}}, "spec": pod},
        },
    }


def _pod(plan: Filebeat, version: str) -> dict[str, Any]:
    """The registry, with the place in each file, is on the node: a new pod goes on where the old one stopped."""
    certificates = str(PurePosixPath(plan.ca).parent)
    mounts = [
        {"name": "config", "mountPath": "/etc/filebeat.yml", "subPath": "filebeat.yml", "readOnly": True},
        {"name": "certificates", "mountPath": certificates, "readOnly": True},
        {"name": "data", "mountPath": "/usr/share/filebeat/data"},
        {"name": "logs", "mountPath": "/var/log", "readOnly": True},
    ]
    return {
        "serviceAccountName": NAME,
        "terminationGracePeriodSeconds": 30,
        "tolerations": [{"operator": "Exists", "effect": "NoSchedule"}],
        "containers": [
            {
                "name": NAME,
                "image": f"elastic/filebeat:{version}",
                "args": ["-c", "/etc/filebeat.yml", "-e"],
                "env": [{"name": "NODE_NAME", "valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName"}}}],
                "securityContext": {
                    "runAsUser": 0,  # whose files the logs are; without capabilities it may read no others
                    "allowPrivilegeEscalation": False,
                    "readOnlyRootFilesystem": True,
                    "capabilities": {"drop": ["ALL"]},
                    "seccompProfile": {"type": "RuntimeDefault"},
                },
                "resources": {"requests": {"cpu": "100m", "memory": "100Mi"}, "limits": {"memory": "400Mi"}},
                "volumeMounts": mounts,
            }
        ],
        "volumes": [
            {"name": "config", "configMap": {"name": NAME, "defaultMode": 0o640}},
            {"name": "certificates", "secret": {"secretName": "filebeat-certificates"}},
            {"name": "data", "hostPath": {"path": "/var/lib/filebeat-data", "type": "DirectoryOrCreate"}},
            {"name": "logs", "hostPath": {"path": "/var/log"}},
        ],
    }


TARGET = Target(NAME, of_service, of_fleet, check, verify)
