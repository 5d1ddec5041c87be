"""Outputs that send in plain text, without credentials, or what a data stream does not take."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from llmmon import lazily
from llmmon.logstash.escape import VARIABLE
from llmmon.logstash.nodes import Complaint, Plugin
from llmmon.logstash.values import text_of, texts

if TYPE_CHECKING:
    from collections.abc import Iterator

_LOCAL = lazily.pattern(r"(?:[a-z]+://)?(?:localhost|127\.[0-9.]+|\[::1\]|::1)(?::\d+)?(?:/.*)?$", re.IGNORECASE)


def elasticsearch(plugin: Plugin) -> Iterator[Complaint]:
    """What is wrong with an elasticsearch output."""
    secured = any(text_of(value) == "true" for _, value in texts(plugin, "ssl_enabled"))
    for _, host in texts(plugin, "hosts"):
        text = text_of(host)
        if _LOCAL.match(text) or VARIABLE.match(text):
            continue
        if text.lower().startswith("http://"):
            yield Complaint(f"{text} is not encrypted: write https://", host.span, "plain-http")
        elif "://" not in text and not secured:
            yield Complaint(f"{text} means http://{text}: write https://{text}", host.span, "plain-http")
    user, password = plugin.attribute("user"), plugin.attribute("password")
    if user and not password:
        yield Complaint(
            "a user without a password: Logstash sends no credentials at all; add password",
            user.span,
            "user-without-password",
        )
    yield from _data_stream(plugin)


def _data_stream(plugin: Plugin) -> Iterator[Complaint]:
    if not any(text_of(value) == "true" for _, value in texts(plugin, "data_stream")):
        return
    for attribute in plugin.attributes:
        if attribute.name in ("index", "document_id", "template_name") or attribute.name.startswith("ilm_"):
            yield Complaint(
                f"a data stream does not take the option {attribute.name}: remove it, or set data_stream to false",
                attribute.span,
                "data-stream-option",
            )


def http(plugin: Plugin) -> Iterator[Complaint]:
    """What is wrong with an http output."""
    for _, url in texts(plugin, "url"):
        if text_of(url).lower().startswith("http://") and not _LOCAL.match(text_of(url)):
            yield Complaint(f"{text_of(url)} is not encrypted: write https://", url.span, "plain-http")
