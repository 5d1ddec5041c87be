"""What a user may write about asking from outside: the blackbox exporter, and what it asks of a service."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from llmmon.promql.regex import regex_fault
from llmmon.spec.health import Path
from llmmon.spec.model import Model, Name, PositiveDuration, as_list, shown
from llmmon.spec.server import Access, Address, Url

_HEADER = re.compile(r"[-!#$%&'*+.^_`|~0-9A-Za-z]+\Z")  # RFC 9110, section 5.6.2
_SECRETS = re.compile(r"(?i)(?:authori[sz]ation|cookie|token|secret|password|api-?key|credential)")
_QUERY = re.compile(r"(?i)[?&][^=&#]*(?:token|secret|passw|api_?-?key|credential)[^=&#]*=")
_BY_ENVIRONMENT = "; with several environments, a map from each to its own."


def _each(value: Any) -> Any:
    """One for all environments, or a map from environments."""
    return value if isinstance(value, dict) else {"": value}


def _each_schema(what: str) -> WithJsonSchema:
    one = {"type": "string"}
    each = {"type": "object", "additionalProperties": one}
    return WithJsonSchema({"description": what + _BY_ENVIRONMENT, "anyOf": [one, each]})


def _without_secret(value: Any) -> Any:
    """Never shows the value: it could be the secret itself."""
    if isinstance(value, str) and _QUERY.search(value):
        raise ValueError("a secret is never written into a URL: write bearer: {secret: name/key}, or basic:")
    return value


def _headers(value: Any) -> Any:
    for name, text in value.items() if isinstance(value, dict) else ():
        if not _HEADER.match(str(name)):
            raise ValueError(f"{shown(name)} is no name of a header: write one such as Accept")
        if _SECRETS.search(str(name)):
            raise ValueError(f"{name} holds a secret, which is never written into a spec: write bearer: or basic:")
        if not isinstance(text, str) or not text.isprintable():
            raise ValueError(f"{shown(text)} is no value of a header: write one line of text, numbers in quotes")
    return value


def _regex(value: Any) -> Any:
    fault = regex_fault(value, named=False) if isinstance(value, str) else "it is no text"
    if fault or not value:
        raise ValueError(f"{shown(value)} is no regular expression of Go: {fault or 'it is empty'}")
    return value


def _tcp(value: Any) -> Any:
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 65_535:
        return value
    text = str(value)
    if not isinstance(value, str) or not re.search(r":[0-9]+\Z", text):
        raise ValueError(f"{shown(value)} is no address with a port: write host:5432, or 5432 alone for the service's")
    return text


def _check(value: Any) -> Any:
    if isinstance(value, str):
        return {"url" if "://" in value else "path": value}
    if not isinstance(value, dict | Model):
        raise ValueError(f"{shown(value)} is no check: write a path such as /login, a URL, or a map")
    return value


PublicUrl = Annotated[Url, BeforeValidator(_without_secret)]
Urls = Annotated[
    dict[str, PublicUrl], BeforeValidator(_each), _each_schema("A whole URL, where it is not the service's own")
]
Tcp = Annotated[Address | int, BeforeValidator(_tcp)]
Tcps = Annotated[
    dict[str, Tcp],
    BeforeValidator(_each),
    WithJsonSchema(
        {
            "description": "A connection that opens, to host:port, or to a port of the service" + _BY_ENVIRONMENT,
            "anyOf": [
                {"type": "integer", "minimum": 1, "maximum": 65_535},
                {"type": "string"},
                {"type": "object", "additionalProperties": {"type": ["string", "integer"]}},
            ],
        }
    ),
]
Statuses = Annotated[
    tuple[Annotated[int, Field(strict=True, ge=100, le=599)], ...],
    BeforeValidator(as_list),
    WithJsonSchema(
        {
            "description": "Status codes that are well; else 200 to 299.",
            "anyOf": [{"type": "integer"}, {"type": "array", "items": {"type": "integer"}}],
        }
    ),
]
Regexes = Annotated[
    tuple[Annotated[str, BeforeValidator(_regex)], ...],
    BeforeValidator(as_list),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
]
Holds = Annotated[
    dict[str, Annotated[tuple[str, ...], BeforeValidator(as_list), Field(min_length=1)]],
    WithJsonSchema(
        {
            "type": "object",
            "additionalProperties": {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]},
        }
    ),
]
Headers = Annotated[
    dict[str, str],
    BeforeValidator(_headers),
    WithJsonSchema({"type": "object", "additionalProperties": {"type": "string"}}),
]


class Check(Access):
    """One question from outside, with what the answer must be. Text is a path, or a URL."""

    path: Annotated[Path, BeforeValidator(_without_secret)] | None = None
    url: Urls = Field(default_factory=dict)
    tcp: Tcps = Field(default_factory=dict)
    method: Literal["GET", "HEAD", "POST"] = "GET"
    status: Statuses = ()
    body: Regexes = Field((), description="Each must be found in the body.")
    without: Regexes = Field((), description="None may be found in the body.")
    holds: Holds = Field(default_factory=dict, description="Keys of a JSON body, each with the texts that are well.")
    headers: Headers = Field(default_factory=dict, description="Sent with the request; never a secret.")
    redirects: bool = Field(True, description="Follows them.")
    timeout: PositiveDuration | None = Field(None, description="Else that of the fleet's blackbox.")

    @model_validator(mode="after")
    def _asks(self) -> Check:
        said = [name for name in ("path", "url", "tcp") if getattr(self, name)]
        if len(said) != 1:
            raise ValueError("a check asks one thing: write path: /login, url: https://..., or tcp: host:5432")
        http = {"method", "status", "body", "without", "holds", "headers", "redirects", "bearer", "basic"}
        if self.tcp and (wrong := sorted(http & self.model_fields_set)):
            raise ValueError(f"{' and '.join(wrong)} belong to HTTP, not to a TCP connection: write path: or url:")
        if self.method == "HEAD" and (self.body or self.without or self.holds):
            raise ValueError("the answer to HEAD has no body: leave method: out")
        return self


class Outside(Model):
    """What the blackbox exporter asks of this service. Without checks it is the readiness probe, if it has a port."""

    address: Urls = Field(
        default_factory=dict, description="Else http://<workload>.<namespace>.svc:<port of health>" + _BY_ENVIRONMENT
    )
    checks: dict[Name, Annotated[Check, BeforeValidator(_check)]] = Field(default_factory=dict)


class Blackbox(Model):
    """The blackbox exporter, which asks services from outside."""

    address: Annotated[
        dict[str, Address],
        BeforeValidator(_each),
        _each_schema("host:port of the exporter, such as blackbox-exporter.monitoring:9115"),
    ]
    interval: PositiveDuration | None = Field(None, description="Else the fleet's scrape_interval.")
    timeout: PositiveDuration = Field("5s", validate_default=True, description="How long one answer may take.")
