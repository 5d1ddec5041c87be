"""Brings a metrics page: a file, standard input, or http(s); nothing else is asked for."""

from __future__ import annotations

import gzip
import io
import sys
import urllib.error
import urllib.parse
import urllib.request
import zlib
from http.client import HTTPException
from pathlib import Path
from typing import IO, TYPE_CHECKING

from llmmon.catalogue.page import Unreadable

if TYPE_CHECKING:
    from http.client import HTTPMessage

TIMEOUT = 10.0  # seconds
LARGEST = 256 * 2**20  # bytes, unpacked
_ACCEPT = (
    "text/plain;version=0.0.4, application/openmetrics-text;version=1.0.0;q=0.5, application/json;q=0.3, */*;q=0.1"
)
_GZIP = b"\x1f\x8b"


def fetch(where: str, bearer: Path | None = None, timeout: float = TIMEOUT) -> str:
    """The text of a page; `Unreadable` says why there is none. `bearer` is a file with a token."""
    if where == "-":
        return _text(sys.stdin.buffer.read(LARGEST + 1), "standard input")
    try:
        scheme = urllib.parse.urlsplit(where).scheme
    except ValueError as error:
        raise Unreadable(f"{where} is no address: {error}") from None
    if scheme in ("http", "https"):
        return _text(_get(where, bearer, timeout), where.partition("?")[0])
    path = Path(urllib.request.url2pathname(urllib.parse.urlsplit(where).path)) if scheme == "file" else Path(where)
    if scheme and scheme != "file" and "://" in where:
        raise Unreadable(f"{scheme}:// is not read: write a file, http:// or https://")
    try:
        with path.open("rb") as file:
            return _text(file.read(LARGEST + 1), str(path))
    except OSError as error:
        raise Unreadable(f"{path}: {error.strerror or error}") from None


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects (LiteLLM sends /metrics to /metrics/); a token goes to the same server only."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> urllib.request.Request | None:
        if urllib.parse.urlsplit(newurl).scheme not in ("http", "https"):
            fp.close()
            raise Unreadable(f"{req.full_url} redirects to {newurl}, which is not read")
        new = super().redirect_request(req, fp, code, msg, headers, newurl)
        if new is not None and _server(newurl) != _server(req.full_url):
            new.remove_header("Authorization")
        return new


def _get(url: str, bearer: Path | None, timeout: float) -> bytes:
    if urllib.parse.urlsplit(url).username is not None:
        raise Unreadable("a password in a URL ends in logs: write the token to a file, and --bearer-file FILE")
    said = url.partition("?")[0]  # what is asked for may hold a token
    headers = {"Accept": _ACCEPT, "Accept-Encoding": "gzip", "User-Agent": "llmmon"}
    if bearer is not None:
        headers["Authorization"] = f"Bearer {_token(bearer)}"
    try:
        request = urllib.request.Request(url, headers=headers)  # noqa: S310 - http and https only
        with urllib.request.build_opener(_Redirects).open(request, timeout=timeout) as answer:
            body: bytes = answer.read(LARGEST + 1)
            return body
    except urllib.error.HTTPError as error:
        error.close()
        raise Unreadable(f"{said} answers {error.code} {error.reason}{_advice(error.code, bearer)}") from None
    except TimeoutError:
        raise Unreadable(f"{said} did not answer within {timeout:g} s: --timeout SECONDS waits longer") from None
    except urllib.error.URLError as error:
        if isinstance(error.reason, TimeoutError):
            raise Unreadable(f"{said} did not answer within {timeout:g} s: --timeout SECONDS waits longer") from None
        raise Unreadable(f"{said} cannot be reached: {error.reason}") from None
    except (OSError, HTTPException, ValueError) as error:
        raise Unreadable(f"{said} cannot be read: {error or type(error).__name__}") from None


def _advice(code: int, bearer: Path | None) -> str:
    match code:
        case 401 | 403 if bearer is None:
            return ": it wants a token, so write one to a file, and --bearer-file FILE"
        case 401 | 403:
            return f": it does not take the token in {bearer}"
        case 404:
            return ": the path is most often /metrics"
    return ""


def _token(path: Path) -> str:
    try:
        token = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise Unreadable(f"{path} cannot be read as a token") from None
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        raise Unreadable(f"{path} holds no token: it should be one word, and nothing else")
    return token


def _server(url: str) -> tuple[str, str]:
    parts = urllib.parse.urlsplit(url)
    return parts.scheme, parts.netloc


def _text(body: bytes, where: str) -> str:
    if body.startswith(_GZIP):
        body = _unpacked(body, where)
    if len(body) > LARGEST:
        raise Unreadable(f"{where} is larger than {LARGEST // 2**20} MiB, which no metrics page is")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        raise Unreadable(f"{where} is not UTF-8: the byte 0x{body[error.start]:02x} in line {line}") from None


def _unpacked(body: bytes, where: str) -> bytes:
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(body)) as file:
            return file.read(LARGEST + 1)
    except (OSError, EOFError, zlib.error):
        raise Unreadable(f"{where} begins like gzip and cannot be unpacked") from None
