"""The shapes of what runs the stack: the fields of Kubernetes's and Istio's objects that we write, and no others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmmon.shape import (
    ANY,
    FLAG,
    FULL,
    KEY,
    LABELS,
    NAME,
    PATH,
    PORT,
    PORT_NAME,
    SECRET_KEY,
    SUBDOMAIN,
    Each,
    Either,
    Whole,
    text,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

AMOUNT = text(r"\d+(?:\.\d+)?(?:m|[KMGTPE]i|[kMGTPE])?", "quantity such as 500m or 8Gi")
PINNED = text(
    r"[a-z0-9][-a-z0-9._/]*:[A-Za-z0-9_][-A-Za-z0-9_.]{0,127}", "image with a version, such as prom/prometheus:v3.5.0"
)
VARIABLE = text(r"[A-Za-z_][A-Za-z0-9_]*", "name of an environment variable")
CRON = text(r"\S+(?: \S+){4}", "cron schedule of five fields")
CIDR = text(r"\d{1,3}(?:\.\d{1,3}){3}/\d{1,2}|[0-9a-f:]+/\d{1,3}", "range of addresses such as 10.0.0.0/8")
HOSTNAME = text(
    r"(?=.{1,253}\Z)[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?)*", "host name"
)
PORT_NUMBER = text(r"[1-9]\d{0,4}", "number of a port")
PROTOCOL = text(r"TCP|UDP", "protocol: TCP or UDP")
WEB = text(r"https?|HTTPS?", "HTTP or HTTPS")
SECONDS = text(r"\d+s", "time such as 15s")
COUNT = Whole(0, 2**31 - 1)
SOME = Whole(1, 2**31 - 1)
MODE = Whole(0, 0o777)
USER = Whole(1, 2**31 - 1)  # never root
NUMBER_OR_NAME = Either((PORT_NAME, PORT))
TO_SELECT = {"matchLabels!": LABELS}
ITEMS = [{"key!": SECRET_KEY, "path!": FULL, "mode": MODE}]
OF_KEY = {"name!": SUBDOMAIN, "key!": SECRET_KEY}

PROBE = {
    "httpGet!": {"path!": PATH, "port!": NUMBER_OR_NAME},
    "periodSeconds": SOME,
    "failureThreshold": SOME,
    "timeoutSeconds": SOME,
}
SECURED = {
    "allowPrivilegeEscalation!": FLAG,
    "readOnlyRootFilesystem!": FLAG,
    "capabilities!": {"drop!": [FULL]},
    "runAsUser": COUNT,
}
CONTAINER = {
    "name!": NAME,
    "image!": PINNED,
    "command": [ANY],
    "args": [ANY],
    "env": [
        {
            "name!": VARIABLE,
            "value": ANY,
            "valueFrom": Either(
                (
                    {"secretKeyRef!": OF_KEY},
                    {"configMapKeyRef!": OF_KEY},
                    {"fieldRef!": {"fieldPath!": FULL}},
                )
            ),
        }
    ],
    "ports": [{"name!": PORT_NAME, "containerPort!": PORT, "protocol": PROTOCOL}],
    "startupProbe": PROBE,
    "livenessProbe": PROBE,
    "readinessProbe": PROBE,
    "resources!": {
        "requests!": {"cpu!": AMOUNT, "memory!": AMOUNT},
        "limits!": {"memory!": AMOUNT},
    },
    "securityContext!": SECURED,
    "volumeMounts": [{"name!": NAME, "mountPath!": PATH, "subPath": FULL, "readOnly": FLAG}],
}
VOLUME = {
    "name!": NAME,
    "configMap": {"name!": SUBDOMAIN, "items": ITEMS, "defaultMode": MODE},
    "secret": {"secretName!": SUBDOMAIN, "items": ITEMS, "defaultMode": MODE},
    "emptyDir": {"sizeLimit": AMOUNT},
    "hostPath": {"path!": PATH, "type": FULL},
    "persistentVolumeClaim": {"claimName!": SUBDOMAIN, "readOnly": FLAG},
    "projected": {
        "sources!": [
            {
                "configMap": {"name!": SUBDOMAIN, "items": ITEMS},
                "serviceAccountToken": {"path!": FULL, "expirationSeconds": SOME},
                "downwardAPI": {"items!": [{"path!": FULL, "fieldRef!": {"apiVersion": FULL, "fieldPath!": FULL}}]},
            }
        ]
    },
}
TERM = {"labelSelector!": TO_SELECT, "topologyKey!": KEY, "namespaces": [NAME]}
POD = {
    "serviceAccountName!": SUBDOMAIN,
    "automountServiceAccountToken!": FLAG,
    "restartPolicy": FULL,
    "securityContext!": {
        "runAsNonRoot!": FLAG,
        "runAsUser!": USER,
        "runAsGroup!": USER,
        "fsGroup": USER,
        "fsGroupChangePolicy": FULL,
        "seccompProfile!": {"type!": text("RuntimeDefault", "seccomp profile but RuntimeDefault")},
    },
    "terminationGracePeriodSeconds": SOME,
    "affinity": {
        "podAntiAffinity": {
            "preferredDuringSchedulingIgnoredDuringExecution!": [{"weight!": Whole(1, 100), "podAffinityTerm!": TERM}]
        },
        "podAffinity": {"requiredDuringSchedulingIgnoredDuringExecution!": [TERM]},
    },
    "initContainers": [CONTAINER],
    "containers!": [CONTAINER],
    "volumes": [VOLUME],
}
TEMPLATE = {"metadata!": {"labels!": LABELS}, "spec!": POD}
RULES = [{"apiGroups!": [ANY], "resources!": [FULL], "verbs!": [text(r"get|list|watch", "verb that only reads")]}]
BINDING = {
    "roleRef!": {"apiGroup!": FULL, "kind!": text("ClusterRole|Role", "role"), "name!": SUBDOMAIN},
    "subjects!": [{"kind!": text("ServiceAccount", "account"), "name!": SUBDOMAIN, "namespace!": NAME}],
}
PEER = {
    "namespaceSelector": TO_SELECT,
    "podSelector": {"matchLabels": LABELS},
    "ipBlock": {"cidr!": CIDR, "except": [CIDR]},
}
FLOW_PORTS = [{"port!": PORT, "protocol!": PROTOCOL}]
CLAIM = {
    "accessModes!": [FULL],
    "storageClassName": SUBDOMAIN,
    "resources!": {"requests!": {"storage!": AMOUNT}},
}
DESTINATION = {"destination!": {"host!": HOSTNAME, "port!": {"number!": PORT}}}

BODIES: Mapping[str, Any] = {
    "Namespace": {},
    "ServiceAccount": {"automountServiceAccountToken!": FLAG},
    "Role": {"rules!": RULES},
    "ClusterRole": {"rules!": RULES},
    "RoleBinding": BINDING,
    "ClusterRoleBinding": BINDING,
    "Service": {
        "spec!": {
            "clusterIP": text("None", "address but None"),
            "publishNotReadyAddresses": FLAG,
            "selector!": LABELS,
            "sessionAffinity": text("ClientIP|None", "affinity"),
            "ports!": [{"name!": PORT_NAME, "port!": PORT, "targetPort!": NUMBER_OR_NAME, "protocol": PROTOCOL}],
        }
    },
    "Deployment": {
        "spec!": {
            "replicas": COUNT,
            "strategy": {
                "type!": text("RollingUpdate|Recreate", "strategy"),
                "rollingUpdate": {"maxUnavailable!": COUNT, "maxSurge!": COUNT},
            },
            "selector!": TO_SELECT,
            "template!": TEMPLATE,
        }
    },
    "StatefulSet": {
        "spec!": {
            "replicas": COUNT,
            "serviceName!": NAME,
            "podManagementPolicy": text("Parallel|OrderedReady", "policy"),
            "selector!": TO_SELECT,
            "template!": TEMPLATE,
            "volumeClaimTemplates": [{"metadata!": {"name!": NAME}, "spec!": CLAIM}],
        }
    },
    "CronJob": {
        "spec!": {
            "schedule!": CRON,
            "timeZone!": FULL,
            "concurrencyPolicy!": text("Forbid", "policy but Forbid"),
            "startingDeadlineSeconds!": SOME,
            "successfulJobsHistoryLimit": COUNT,
            "failedJobsHistoryLimit": COUNT,
            "jobTemplate!": {
                "spec!": {"backoffLimit!": COUNT, "activeDeadlineSeconds!": SOME, "template!": TEMPLATE},
            },
        }
    },
    "PodDisruptionBudget": {"spec!": {"maxUnavailable!": SOME, "selector!": TO_SELECT}},
    "HorizontalPodAutoscaler": {
        "spec!": {
            "scaleTargetRef!": {"apiVersion!": FULL, "kind!": FULL, "name!": SUBDOMAIN},
            "minReplicas!": SOME,
            "maxReplicas!": SOME,
            "metrics!": [
                {
                    "type!": FULL,
                    "resource!": {
                        "name!": FULL,
                        "target!": {"type!": FULL, "averageUtilization!": Whole(1, 100)},
                    },
                }
            ],
        }
    },
    "NetworkPolicy": {
        "spec!": {
            "podSelector!": {"matchLabels": LABELS},
            "policyTypes!": [text("Ingress|Egress", "direction")],
            "ingress": [{"from": [PEER], "ports": FLOW_PORTS}],
            "egress": [{"to": [PEER], "ports": FLOW_PORTS}],
        }
    },
    "Gateway": {
        "spec!": {
            "selector!": LABELS,
            "servers!": [
                {
                    "port!": {"number!": PORT, "name!": FULL, "protocol!": WEB},
                    "hosts!": [HOSTNAME],
                    "tls!": {
                        "httpsRedirect": FLAG,
                        "mode": text("SIMPLE", "mode but SIMPLE"),
                        "credentialName": SUBDOMAIN,
                        "minProtocolVersion": text("TLSV1_[23]", "version of TLS"),
                    },
                }
            ],
        }
    },
    "VirtualService": {
        "spec!": {
            "hosts!": [HOSTNAME],
            "gateways!": [FULL],
            "http!": [
                {
                    "match": [{"uri!": {"prefix!": PATH}}],
                    "directResponse": {"status!": Whole(200, 599)},
                    "route": [DESTINATION],
                }
            ],
        }
    },
    "AuthorizationPolicy": {
        "spec!": {
            "selector!": TO_SELECT,
            "action!": text("CUSTOM|DENY|ALLOW", "action"),
            "provider": {"name!": FULL},
            "rules!": [
                {
                    "from": [{"source!": {"namespaces!": [NAME]}}],
                    "to!": [{"operation!": {"hosts": [FULL], "ports": [PORT_NUMBER]}}],
                }
            ],
        }
    },
    "Telemetry": {
        "spec!": {
            "tracing!": [{"providers!": [{"name!": FULL}], "randomSamplingPercentage!": Either((Whole(0, 100), float))}]
        }
    },
}
COMPOSED = {
    "name!": NAME,
    "services!": Each(
        NAME,
        {
            "image!": PINNED,
            "restart!": text("unless-stopped", "policy"),
            "read_only!": FLAG,
            "cap_drop!": [text("ALL", "ALL")],
            "security_opt!": [text("no-new-privileges:true", "option but no-new-privileges:true")],
            "tmpfs": [PATH],
            "ports!": [text(r"127\.0\.0\.1:\d{1,5}:\d{1,5}", "port of this machine alone, 127.0.0.1:HERE:INSIDE")],
            "healthcheck!": {
                "test!": [FULL],
                "interval!": SECONDS,
                "timeout!": SECONDS,
                "retries!": SOME,
                "start_period!": SECONDS,
            },
            "command": [ANY],
            "environment": Each(VARIABLE, ANY),
            "extra_hosts": [FULL],
            "volumes": [{"type!": text("bind|volume", "type"), "source!": FULL, "target!": PATH, "read_only": FLAG}],
            "secrets": [{"source!": SECRET_KEY, "target!": PATH}],
        },
    ),
    "volumes": Each(NAME, {}),
    "secrets": Each(SECRET_KEY, {"file!": text(r"\$\{SECRETS_DIR:\?[^}]+\}/.+", "file below SECRETS_DIR")}),
}
WIDE = frozenset({"Namespace", "ClusterRole", "ClusterRoleBinding"})  # in no namespace


def of_object(kind: str) -> dict[str, Any]:
    """The shape of a whole object."""
    where = {} if kind in WIDE else {"namespace!": NAME}
    meta = {"name!": SUBDOMAIN, **where, "labels": LABELS, "annotations": Each(KEY, ANY)}
    return {"apiVersion!": FULL, "kind!": FULL, "metadata!": meta, **BODIES[kind]}
