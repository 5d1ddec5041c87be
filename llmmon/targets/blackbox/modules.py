"""One module of the blackbox exporter, in the words of its configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmmon import duration
from llmmon.httpclient import http_client
from llmmon.plan.outside import SECRETS

if TYPE_CHECKING:
    from llmmon.plan.outside import Module


def module(asked: Module) -> dict[str, Any]:
    """What stands under its name; defaults of the exporter's are left out."""
    said = _http(asked) if asked.prober == "http" else _tcp(asked)
    return {"prober": asked.prober, "timeout": duration.text(asked.timeout), asked.prober: said}


def _http(asked: Module) -> dict[str, Any]:
    return {
        **({"method": asked.method} if asked.method != "GET" else {}),
        **({"valid_status_codes": list(asked.status)} if asked.status else {}),
        **({"headers": dict(asked.headers)} if asked.headers else {}),
        **({} if asked.redirects else {"follow_redirects": False}),
        **({"fail_if_not_ssl": True} if asked.encrypted else {}),
        **({"fail_if_body_not_matches_regexp": list(asked.body)} if asked.body else {}),
        **({"fail_if_body_matches_regexp": list(asked.without)} if asked.without else {}),
        **http_client(asked.access, SECRETS),
        "preferred_ip_protocol": "ip4",  # the exporter's own default is IPv6, of which few clusters have a route
    }


def _tcp(asked: Module) -> dict[str, Any]:
    return {
        **({"tls": True} if asked.encrypted else {}),
        **http_client(asked.access, SECRETS),
        "preferred_ip_protocol": "ip4",
    }
