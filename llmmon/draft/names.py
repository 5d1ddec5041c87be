"""Names of services: what is one, and which one an address or a file speaks for."""

from __future__ import annotations

import ipaddress
import re
import urllib.parse
from pathlib import PurePath

NAME = re.compile(r"[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?\Z")
_IN_CLUSTER = re.compile(r"([a-z0-9-]+)\.([a-z0-9-]+)\.svc(?:\..*)?\Z")
_HERE = frozenset({"localhost", "host", "127", "metrics"})
_PLAIN = frozenset({"metrics", "page", "dump", "metadata"})


def is_name(text: str) -> bool:
    """Whether a service, a team or a workload may be called like this."""
    return bool(NAME.match(text))


def near(text: str) -> str:
    """The name that is nearest to what somebody wrote; empty where nothing of it can stay."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:63].strip("-")


def of_place(where: str) -> str:
    """The service that an address or a file is named after; empty where it says nothing, as localhost does."""
    if urllib.parse.urlsplit(where).scheme in ("http", "https"):
        host = urllib.parse.urlsplit(where).hostname or ""
        return "" if _is_address(host) or host.split(".")[0] in _HERE else near(host.split(".")[0])
    stem = PurePath(where).name.partition(".")[0] if where != "-" else ""
    return "" if stem in _PLAIN else near(stem)


def of_cluster(where: str) -> tuple[str, str] | None:
    """Name and namespace of an address inside a cluster: `http://vllm.llm.svc:8000/metrics`."""
    host = urllib.parse.urlsplit(where).hostname or ""
    found = _IN_CLUSTER.match(host)
    return (found[1], found[2]) if found else None


def shown(where: str) -> str:
    """A place without what may be a secret in it."""
    parts = urllib.parse.urlsplit(where)
    if parts.scheme in ("http", "https"):
        return urllib.parse.urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
    return "standard input" if where == "-" else where


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
