"""Names of services: what is one, and which one an address or a file speaks for."""

from __future__ import annotations

import ipaddress
import re
import urllib.parse
from pathlib import PurePath
from typing import Any

NAME = re.compile(r"[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?\Z")
_IN_CLUSTER = re.compile(r"([a-z0-9-]+)\.([a-z0-9-]+)\.svc(?:\..*)?\Z")
_HERE = frozenset({"localhost", "host", "127", "metrics"})
_PLAIN = frozenset({"metrics", "page", "dump", "metadata"})


def is_name(text: str) -> bool:
    """Whether a service, a team or a workload may be called like this."""
    return bool(NAME.match(text))


def is_url(where: str) -> bool:
    """Whether a page is at an address, and not in a file."""
    return _parts(where).scheme in ("http", "https")


def near(text: str) -> str:
    """The name that is nearest to what somebody wrote; empty where nothing of it can stay."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:63].strip("-")


def of_place(where: str) -> str:
    """The service that an address or a file is named after; empty where it says nothing, as localhost does."""
    if is_url(where):
        host = _parts(where).hostname or ""
        return "" if _is_address(host) or host.split(".")[0] in _HERE else near(host.split(".")[0])
    stem = PurePath(where).name.partition(".")[0] if where != "-" else ""
    return "" if stem in _PLAIN else near(stem)


def of_cluster(where: str) -> tuple[str, str] | None:
    """Name and namespace of an address inside a cluster: `http://vllm.llm.svc:8000/metrics`."""
    host = _parts(where).hostname or ""
    found = _IN_CLUSTER.match(host)
    return (found[1], found[2]) if found else None


def of_target(where: str) -> dict[str, Any]:
    """`scrape:` for the address of a page."""
    parts = _parts(where)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    path = {"path": parts.path} if parts.path not in ("", "/metrics") else {}
    return {"targets": [f"{host}:{port}"], **path, **({"scheme": "https"} if parts.scheme == "https" else {})}


def of_port(where: str) -> int | None:
    """The port of an address on this machine; None where it is elsewhere."""
    parts = _parts(where)
    here = parts.hostname in ("localhost", "127.0.0.1", "::1")
    return parts.port if parts.scheme == "http" and here else None


def shown(where: str) -> str:
    """A place without what may be a secret in it."""
    parts = _parts(where)
    if is_url(where):
        return urllib.parse.urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
    return "standard input" if where == "-" else where


def _parts(where: str) -> urllib.parse.SplitResult:
    """An address in its parts; what is none has no scheme."""
    try:
        parts = urllib.parse.urlsplit(where)
        parts.port  # noqa: B018 - raises where it is no number, or too large
    except ValueError:
        return urllib.parse.urlsplit("")
    return parts


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
