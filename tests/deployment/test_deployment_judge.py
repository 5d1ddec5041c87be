"""What Kubernetes would refuse, or take and not run, is found: a change of a right object, and what we say."""

from __future__ import annotations

import os
import shutil
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from deployment_examples import FLEET, compiled, made, one, prepare, put

from llmmon import pipeline
from llmmon.problem import Unverified
from llmmon.target import Written
from llmmon.targets.deployment import TARGET
from llmmon.targets.deployment.judge import FOLDER, ROOT, map_faults, refused
from llmmon.targets.deployment.together import disconnected
from llmmon.tool import TOOLS, Tools

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conftest import Fleet

    from llmmon.problem import Keys, Origin

POD = ("spec", "template", "spec")
C0 = (*POD, "containers", 0)


def test_nothing_of_it_is_refused() -> None:
    for found in made():
        assert list(refused(found)) == [], found["metadata"]["name"]


@pytest.mark.parametrize(
    ("kind", "name", "keys", "value", "said"),
    [
        ("StatefulSet", "prometheus", (*C0, "image"), "prom/prometheus", "is no image with a version"),
        ("StatefulSet", "prometheus", (*C0, "image"), "prom/prometheus:latest", "is another image tomorrow"),
        ("StatefulSet", "prometheus", (*C0, "securityContext", "allowPrivilegeEscalation"), True, "it may gain rights"),
        ("StatefulSet", "prometheus", (*C0, "securityContext", "readOnlyRootFilesystem"), False, "it may gain rights"),
        ("StatefulSet", "prometheus", (*C0, "securityContext", "capabilities", "drop"), ["KILL"], "drop ALL"),
        ("StatefulSet", "prometheus", (*C0, "securityContext"), None, "securityContext is missing"),
        ("StatefulSet", "prometheus", (*C0, "resources"), None, "resources is missing"),
        ("StatefulSet", "prometheus", (*C0, "resources", "limits", "memory"), "much", "'much' is no quantity"),
        ("StatefulSet", "prometheus", (*C0, "volumeMounts", 0, "name"), "nothing", "there is no volume nothing"),
        ("StatefulSet", "prometheus", (*C0, "volumeMounts", 0, "mountPath"), "/prometheus", "2 volumes are mounted"),
        ("StatefulSet", "prometheus", (*C0, "livenessProbe", "httpGet", "path"), "ready", "'ready' is no path"),
        ("StatefulSet", "prometheus", (*C0, "livenesProbe"), {}, "there is no field 'livenesProbe'"),
        ("StatefulSet", "prometheus", (*POD, "securityContext", "runAsUser"), 0, "0 is no whole number from 1"),
        ("StatefulSet", "prometheus", (*POD, "securityContext", "runAsNonRoot"), False, "it may run as root"),
        ("StatefulSet", "prometheus", (*POD, "securityContext", "seccompProfile", "type"), "Unconfined", "seccomp"),
        ("StatefulSet", "prometheus", ("spec", "selector"), None, "selector is missing"),
        ("StatefulSet", "prometheus", ("spec", "selector", "matchLabels", "x"), "y", "own pods do not have these"),
        ("StatefulSet", "prometheus", ("spec", "serviceName"), None, "serviceName is missing"),
        ("Deployment", "grafana", (*C0, "env", 1, "name"), "DB_PASSWORD", "is a secret as a value"),
        ("Deployment", "grafana", (*C0, "env", 0, "valueFrom"), {"fieldRef": {"fieldPath": "x"}}, "either a value or"),
        ("Deployment", "grafana", (*POD, "volumes", 0, "configMap"), {"name": "x"}, "a volume has one source"),
        ("Deployment", "grafana", (*POD, "volumes", 0, "name"), "other", "nothing mounts other"),
        ("Service", "grafana", ("metadata", "name"), "Grafana_1", "'Grafana_1' is no DNS subdomain"),
        ("Service", "grafana", ("metadata", "namespace"), None, "namespace is missing"),
        ("Service", "grafana", ("spec", "ports", 0, "port"), 70_000, "70000 is no whole number from 1 to 65535"),
        ("ClusterRole", "acme-prometheus-pods", ("rules", 0, "verbs"), ["*"], "'*' is no verb that only reads"),
        ("Namespace", "monitoring", ("kind",), "Namespaces", "'Namespaces' is no kind of ours"),
    ],
)
def test_what_kubernetes_would_refuse_is_found(
    kind: str, name: str, keys: tuple[Any, ...], value: Any, said: str
) -> None:
    found = one(made(), kind, name)
    inner: Any = found
    for key in keys[:-1]:
        inner = inner[key]
    if value is None:
        del inner[keys[-1]]
    else:
        inner[keys[-1]] = value
    complaints = [f"{'.'.join(map(str, where))}: {why}" for where, why in refused(found)]
    assert any(said in text for text in complaints), complaints


@pytest.mark.parametrize(
    ("kind", "name", "keys", "value", "said"),
    [
        ("Service", "grafana", ("spec", "selector", "app.kubernetes.io/name"), "grafanas", "it selects no pod of ours"),
        ("Service", "grafana", ("spec", "ports", 0, "targetPort"), "web", "no container has a port 'web'"),
        ("ServiceAccount", "grafana", ("metadata", "name"), "other", "there is no account grafana"),
        ("Service", "prometheus-pods", ("metadata", "name"), "other", "there is no Service prometheus-pods"),
        ("PodDisruptionBudget", "grafana", ("metadata", "namespace"), "other", "it selects no pod of ours"),
        (
            "ClusterRole",
            "acme-prometheus-pods",
            ("metadata", "name"),
            "x",
            "there is no ClusterRole acme-prometheus-pods",
        ),
        ("Service", "grafana", ("metadata", "name"), "prometheus", "there are 2 of it"),
    ],
)
def test_what_refers_to_nothing_is_found(kind: str, name: str, keys: tuple[Any, ...], value: Any, said: str) -> None:
    found = made()
    top = yaml.safe_load(compiled()["kustomization.yaml"])
    names = {item["name"] for item in top["configMapGenerator"]}
    assert list(disconnected(found, names)) == []
    inner: Any = one(found, kind, name)
    for key in keys[:-1]:
        inner = inner[key]
    inner[keys[-1]] = value
    assert any(said in why for _, why in disconnected(found, names))


def test_a_config_map_that_nothing_mounts_is_found() -> None:
    assert [why for _, why in disconnected(made(), {"left-over"})] == [
        "nothing mounts left-over, which kustomize makes"
    ]


def test_too_much_for_a_config_map_a_file_that_is_not_there_and_one_name_twice_are_found(tmp_path: Path) -> None:
    (tmp_path / "large.json").write_text("x" * 1_048_577)
    (tmp_path / "other").mkdir()
    (tmp_path / "other/large.json").write_text("x")

    def entry(name: str, *files: str) -> dict[str, Any]:
        return {"name": name, "namespace": "n", "files": list(files)}

    top = {
        "resources": ["gone.yaml"],
        "configMapGenerator": [
            entry("a", "large.json"),
            entry("b", "gone.json"),
            entry("c", "other/large.json", "large.json"),
            entry("a", "other/large.json"),
        ],
    }
    said = list(map_faults(top, tmp_path))
    assert "2 generators make a in n" in said
    assert "a: 1048577 bytes are more than the 1048576 that Kubernetes takes" in said
    assert "b: there is no gone.json" in said
    assert "c: 2 files are called large.json" in said
    assert "there is no gone.yaml" in said


# As the pipeline asks


def verified(fleet: Fleet, files: Mapping[str, str], environ: Mapping[str, str] = os.environ) -> list[str]:
    """What is said of these files."""
    prepare(fleet)
    plan, _ = pipeline.planned(pipeline.read([Path("specs")]))
    assert plan.deploy
    assert TARGET.verify
    origins: dict[Keys, Origin] = {(): plan.deploy.origin}
    mine = [Written(PurePosixPath(path), origins, "specs/fleet.yaml") for path in files if path.startswith(str(FOLDER))]
    put(files, fleet.root / "out")
    found = TARGET.verify(plan, (), fleet.root / "out", mine, Tools(fleet.root / "out", environ))
    return [item.what if isinstance(item, Unverified) else item.message for item in found]


def test_kustomize_itself_is_asked(fleet: Fleet) -> None:
    if not shutil.which("kubectl"):
        pytest.skip(TOOLS["kubectl"].hint)
    files = dict(compiled())
    assert verified(fleet, files) == []
    files[str(ROOT)] += "resourcez: []\n"
    (said,) = verified(fleet, files)
    assert said.startswith("kustomization.yaml: kubectl kustomize: ")
    assert "resourcez" in said


def test_without_kubectl_it_is_said_and_our_own_checks_remain(fleet: Fleet) -> None:
    files, nowhere = dict(compiled()), {"PATH": str(fleet.root)}
    assert verified(fleet, files, nowhere) == ["the kustomization, by kustomize itself"]
    path = "deployment/grafana.yaml"
    files[path] = files[path].replace("runAsNonRoot: true", "runAsNonRoot: false")
    assert verified(fleet, files, nowhere) == [
        f"{path}: Deployment grafana: spec.template.spec.securityContext: it may run as root"
    ]


def test_a_broken_object_is_an_error_of_generate_at_its_part(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("llmmon.lower.deploy._three", lambda _: "latest")
    prepare(fleet)
    ran = fleet.run("generate")
    assert ran.code == 1
    line = FLEET.count("\n") + 4
    assert f"specs/fleet.yaml:{line}:3: error: deployment/grafana.yaml: Deployment grafana: " in ran.out
    assert not (fleet.root / "generated").exists()
