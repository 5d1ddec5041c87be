"""Prometheus and Alertmanager as objects, and the same as values of the Helm chart kube-prometheus-stack."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmmon import duration
from llmmon.alertmanagerfile import TEMPLATES, secrets
from llmmon.dump import yaml_text
from llmmon.targets.operator.objects import of_kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from llmmon.plan import Fleet
    from llmmon.plan.fleet import Version
    from llmmon.plan.operator import Operator

SELECTED = ("rule", "serviceMonitor", "podMonitor", "probe")
TEMPLATE = "llmmon.tmpl"
# The operator mounts what else the Secret holds here. A relative path would start at another folder, which is
# read-only, so nothing can be mounted there.
MOUNTED = f"/etc/alertmanager/config/{TEMPLATE}"


def prometheus(fleet: Fleet, operator: Operator) -> dict[str, Any]:
    """The Prometheus that selects our objects, in all namespaces."""
    said = operator.prometheus
    asks = {"name": "alertmanager-operated", "namespace": operator.namespace, "port": "web"}
    spec = {
        "replicas": said.replicas,
        "version": _version(fleet.versions["prometheus"]),
        "serviceAccountName": said.service_account,
        **_times(fleet),
        **_kept(operator),
        **{f"{kind}Selector": _selector(operator) for kind in SELECTED},
        **{f"{kind}NamespaceSelector": {} for kind in SELECTED},
        **({"alerting": {"alertmanagers": [asks]}} if "Alertmanager" in operator.kinds else {}),
        **_storage(said.storage),
    }
    return of_kind(operator, "Prometheus", fleet.name, {"spec": spec})


def alertmanager(fleet: Fleet, operator: Operator) -> dict[str, Any]:
    """The Alertmanager; it takes the whole generated file from a Secret, or all of it from our AlertmanagerConfig."""
    said = operator.alertmanager
    spec = {
        "replicas": said.replicas,
        "version": _version(fleet.versions["alertmanager"]),
        **_configured(fleet, operator),
        **_storage(said.storage),
    }
    return of_kind(operator, "Alertmanager", fleet.name, {"spec": spec})


def templates(fleet: Fleet, operator: Operator, text: str) -> dict[str, Any]:
    """The notification templates in a ConfigMap."""
    return of_kind(operator, "ConfigMap", templates_name(fleet), {"data": {TEMPLATE: text}})


def config_secret(operator: Operator, value: Mapping[str, Any], text: str, notice: str) -> dict[str, Any]:
    """The whole generated file and its templates. It says where secrets are mounted, and holds none of ours."""
    moved = [MOUNTED if path == TEMPLATES else path for path in value["templates"]]
    data = {"alertmanager.yaml": yaml_text({**value, "templates": moved}, notice), TEMPLATE: text}
    return of_kind(operator, "Secret", operator.alertmanager.secret, {"type": "Opaque", "stringData": data})


def values(fleet: Fleet, operator: Operator) -> dict[str, Any]:
    """What to merge into the values of kube-prometheus-stack."""
    open_to_all = (
        {} if "release" in operator.labels else {f"{kind}SelectorNilUsesHelmValues": False for kind in SELECTED}
    )
    config = _configured(fleet, operator)
    existing = {"useExistingSecret": True} if "configSecret" in config else {}
    return {
        "prometheus": {"prometheusSpec": {**_times(fleet), **_kept(operator), **open_to_all}},
        "alertmanager": {"alertmanagerSpec": {**existing, **config}},
    }


def templates_name(fleet: Fleet) -> str:
    """The name of the ConfigMap with the templates."""
    return f"{fleet.name}-alertmanager-templates"


def mounted(fleet: Fleet) -> list[str]:
    """The names of all Secrets that Alertmanager reads from files."""
    return sorted({secret.name for secret in secrets(fleet)})


def _configured(fleet: Fleet, operator: Operator) -> dict[str, Any]:
    """The operator mounts a Secret `name` at /etc/alertmanager/secrets/name, where the generated file looks for it."""
    source = {"name": templates_name(fleet), "key": TEMPLATE}
    if "AlertmanagerConfig" in operator.kinds:
        return {"alertmanagerConfiguration": {"name": fleet.name, "templates": [{"configMap": source}]}}
    return {
        "configSecret": operator.alertmanager.secret,
        **({"secrets": names} if (names := mounted(fleet)) else {}),
    }


def _times(fleet: Fleet) -> dict[str, str]:
    interval = duration.text(fleet.scrape_interval)
    return {"scrapeInterval": interval, "evaluationInterval": interval}


def _kept(operator: Operator) -> dict[str, Any]:
    return dict(_retention(operator))


def _retention(operator: Operator) -> Iterator[tuple[str, str]]:
    if operator.prometheus.retention:
        yield "retention", duration.text(operator.prometheus.retention)
    if operator.prometheus.size:
        yield "retentionSize", operator.prometheus.size


def _selector(operator: Operator) -> dict[str, Any]:
    return {"matchLabels": dict(operator.labels)} if operator.labels else {}


def _storage(size: str | None) -> dict[str, Any]:
    if size is None:
        return {}
    return {"storage": {"volumeClaimTemplate": {"spec": {"resources": {"requests": {"storage": size}}}}}}


def _version(version: Version) -> str:
    """The operator makes an image's tag of it, which has three numbers."""
    return "v" + ".".join(map(str, (*version, 0, 0)[:3]))
