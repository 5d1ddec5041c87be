"""What a http_config and its TLS settings may not say at once, as Prometheus' common library has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.documents.alertmanager.parts import Fault, flag, has, inner

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.documents.alertmanager.parts import Map, Version

_TLS: Version = (0, 26)  # the first that looks at TLS settings
_NO_SECRET: Version = (0, 28)  # the first that takes OAuth2 without a secret
_JWT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_ALGORITHMS = ("RS256", "RS384", "RS512")
_RESERVED = frozenset(
    (
        *("authorization", "host", "content-encoding", "content-length", "content-type", "user-agent", "connection"),
        *("keep-alive", "proxy-authenticate", "proxy-authorization", "www-authenticate", "accept-encoding"),
        *("x-prometheus-remote-write-version", "x-prometheus-remote-read-version"),
        *("x-prometheus-scrape-timeout-seconds", "x-amz-date", "x-amz-security-token", "x-amz-content-sha256"),
    )
)


def of(part: Map, version: Version) -> Iterator[Fault]:
    """What is wrong with a http_config as a whole."""
    basic, oauth2, authorization = (inner(part, name) for name in ("basic_auth", "oauth2", "authorization"))
    tokens = [name for name in ("bearer_token", "bearer_token_file") if has(part, name)]
    ways = [name for name in ("basic_auth", "oauth2", "authorization") if inner(part, name) is not None]
    if len(tokens) > 1:
        yield _one(tokens)
    if tokens and ways:
        yield _one([*tokens[:1], *ways[:1]])
    if len(ways) > 1:
        yield _one(ways)
    yield from _secrets(basic, "basic_auth", ("username", "password"))
    yield from _secrets(authorization, "authorization", ("credentials",))
    if authorization is not None and str(authorization.get("type") or "").strip().lower() == "basic":
        message = "for a user and a password write basic_auth: {username: ..., password_file: ...}"
        yield Fault("http-options", message, ("authorization", "type"))
    if oauth2 is not None:
        yield from _oauth2(oauth2, version)
    yield from _proxy(part, ())
    yield from _proxy(oauth2 or {}, ("oauth2",))
    for name in inner(part, "http_headers") or {}:
        if name.lower() in _RESERVED:
            message = f"the header {name} cannot be set here: remove it"
            yield Fault("http-options", message, ("http_headers", name))


def tls(part: Map, version: Version) -> Iterator[Fault]:
    """What is wrong with TLS settings as a whole."""
    if version < _TLS:
        return
    yield from _secrets(part, "", ("ca", "cert", "key"))
    cert, key = (any(has(part, f"{name}{end}") for end in ("", "_file", "_ref")) for name in ("cert", "key"))
    if cert != key:
        missing = "key_file" if cert else "cert_file"
        yield Fault("http-options", f"a certificate and its key belong together: write {missing}: PATH")


def _oauth2(part: Map, version: Version) -> Iterator[Fault]:
    for name in ("client_id", "token_url"):
        if not has(part, name):
            yield Fault("http-options", f"oauth2 needs {name}: write {name}: ...", ("oauth2",))
    if part.get("grant_type") == _JWT:
        yield from _secrets(part, "oauth2", ("client_certificate_key",))
        algorithm = part.get("signature_algorithm")
        if algorithm not in (None, "", *_ALGORITHMS):
            message = f"{algorithm!r} is no signature algorithm: write one of {', '.join(_ALGORITHMS)}"
            yield Fault("http-options", message, ("oauth2", "signature_algorithm"))
        return
    yield from _secrets(part, "oauth2", ("client_secret",))
    if version < _NO_SECRET and not has(part, "client_secret") and not has(part, "client_secret_file"):
        yield Fault("http-options", "oauth2 needs a secret: write client_secret_file: PATH", ("oauth2",))


def _proxy(part: Map, inside: tuple[str, ...]) -> Iterator[Fault]:
    proxy, no_proxy, environment = has(part, "proxy_url"), has(part, "no_proxy"), flag(part, "proxy_from_environment")
    if has(part, "proxy_connect_header") and not environment and not proxy:
        message = "proxy_connect_header needs proxy_url: write it"
        yield Fault("http-options", message, (*inside, "proxy_connect_header"))
    for name in ("proxy_url", "no_proxy"):
        if environment and has(part, name):
            yield Fault("http-options", f"proxy_from_environment says what {name} says: remove one", (*inside, name))
    if no_proxy and not environment and part.get("proxy_url") is None:
        message = "no_proxy needs proxy_url: write it, or remove no_proxy"
        yield Fault("http-options", message, (*inside, "no_proxy"))


def _secrets(part: Map | None, inside: str, names: tuple[str, ...]) -> Iterator[Fault]:
    for name in names:
        said = [f"{name}{end}" for end in ("", "_file", "_ref") if part and has(part, f"{name}{end}")]
        if len(said) > 1:
            keys = (inside, said[0]) if inside else (said[0],)
            yield Fault("http-options", f"{' and '.join(said)} are both set, and one is enough: remove {said[0]}", keys)


def _one(names: list[str]) -> Fault:
    return Fault("http-options", f"{' and '.join(names)} each say who we are: keep one", (names[0],))
