"""Objects of Kubernetes as files of `llmmon lint`: several documents, several files, places."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Fleet

SERVICE = """\
apiVersion: v1
kind: Service
metadata: {name: chat, labels: {app: chat}}
spec: {ports: [{name: http, port: 80}]}
"""
MONITOR = """\
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata: {name: chat}
spec:
  selector: {matchLabels: {app: chat}}
  endpoints:
    - port: metrics
"""
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: chat}
spec:
  template:
    spec:
      containers:
        - name: chat
          image: chat
          readinessProbe:
            httpGet: {path: /ready, port: web}
"""


def test_documents_of_one_file_know_each_other(fleet: Fleet) -> None:
    fleet.write("k8s/all.yaml", f"{SERVICE}---\n{MONITOR}")
    message = "chat has no port named metrics: write one of http"
    problems = fleet.run("lint", "k8s").problems
    assert problems == [f"k8s/all.yaml:12:7: error: {message} [monitor-selects-nothing]"]


def test_files_of_one_run_know_each_other(fleet: Fleet) -> None:
    fleet.write("k8s/service.yaml", SERVICE)
    fleet.write("k8s/monitor.yaml", MONITOR.replace("app: chat", "app: chad"))
    ran = fleet.run("lint", "k8s")
    assert "k8s/monitor.yaml:5:3: warning: this selects no Service" in ran.out
    assert fleet.run("lint", "k8s/monitor.yaml", "--fail-on", "note").out == ""


@pytest.mark.parametrize("key", ["commonLabels: {app: chad}", "labels: [{pairs: {app: chad}}]", "components: [../x]"])
def test_what_kustomize_labels_may_be_selected(fleet: Fleet, key: str) -> None:
    fleet.write("k8s/service.yaml", SERVICE)
    fleet.write("k8s/monitor.yaml", MONITOR.replace("app: chat", "app: chad"))
    head = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n"
    fleet.write("k8s/kustomization.yaml", f"{head}resources: [service.yaml, monitor.yaml]\n")
    assert "selects no Service" in fleet.run("lint", "k8s").out
    fleet.write("k8s/kustomization.yaml", f"{head}{key}\n")
    assert fleet.run("lint", "k8s").problems == []


def test_a_label_that_flux_fills_in_may_be_any(fleet: Fleet) -> None:
    fleet.write("k8s/service.yaml", SERVICE.replace("labels: {app: chat}", "labels: {app: '${name}'}"))
    fleet.write("k8s/monitor.yaml", MONITOR.replace("app: chat", "app: chad"))
    assert fleet.run("lint", "k8s").problems == []


def test_a_probe_is_at_its_port(fleet: Fleet) -> None:
    fleet.write("k8s/app.yaml", DEPLOYMENT)
    assert [line.split(" ")[0] for line in fleet.run("lint", "k8s").problems] == ["k8s/app.yaml:11:37:"]


def test_what_others_release_with_their_definitions_is_theirs(fleet: Fleet) -> None:
    definition = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: a}\n"
    fleet.write("k8s/install.yaml", f"{DEPLOYMENT}---\n{definition}")
    assert fleet.run("lint", "k8s", "--fail-on", "note").out == ""
    assert fleet.run("lint", "k8s/install.yaml", "--fail-on", "note").out != ""


def test_a_list_is_read_as_what_it_holds(fleet: Fleet) -> None:
    inside = "".join(f"  {line}\n" for line in DEPLOYMENT.splitlines()).replace("  apiVersion", "- apiVersion", 1)
    fleet.write("k8s/list.yaml", f"apiVersion: v1\nkind: List\nitems:\n{inside}")
    assert [line.split(" ")[0] for line in fleet.run("lint", "k8s/list.yaml").problems] == ["k8s/list.yaml:14:39:"]


def test_objects_without_form_say_nothing(fleet: Fleet) -> None:
    for index, text in enumerate(("spec: []", "spec: {template: 5}", "spec: {template: {spec: {containers: {a: b}}}}")):
        fleet.write(f"k8s/{index}.yaml", f"apiVersion: apps/v1\nkind: Deployment\n{text}\n")
    fleet.write("k8s/helm.yaml", "apiVersion: apps/v1\nkind: Deployment\nspec: {{ include x }}\n")
    fleet.write("k8s/other.yaml", "apiVersion: v1\nkind: Service\nmetadata: [a]\nspec: {ports: 80}\n")
    assert fleet.run("lint", "k8s", "--fail-on", "note").out == ""


def test_a_service_of_another_name_and_file_may_have_other_ports(fleet: Fleet) -> None:
    fleet.write("k8s/service.yaml", SERVICE.replace("name: chat,", "name: chat-web,"))
    fleet.write("k8s/monitor.yaml", MONITOR)
    assert fleet.run("lint", "k8s", "--fail-on", "note").out == ""
    fleet.write("k8s/service.yaml", SERVICE)
    assert "chat has no port named metrics" in fleet.run("lint", "k8s").out
