"""Secrets that stand in a pipeline as they are; a message never repeats one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from llmmon import lazily, placeholders
from llmmon.logstash.escape import VARIABLE
from llmmon.logstash.nodes import Complaint, Plugin
from llmmon.logstash.values import scalars, text_of, texts

if TYPE_CHECKING:
    from collections.abc import Iterator

_SECRET = lazily.pattern(r"(?:^|_)(?:password|passphrase|secret|api_key|cloud_auth|token)$|^(?:http_)?basic_auth$")
_URL_SECRET = lazily.pattern(r"^[a-z+]+://[^/@\s:]*:([^/@\s]+)@", re.IGNORECASE)
# The methods of fingerprint whose key, if they have one, is no secret.
_SALTS = ("elasticsearch", "fingerprint", "logstash")  # what stands there only because something must
_SAMPLES = ("changeit", "changeme", "password", "secret")  # of documentation; nobody has to be told that they are none
_RENDERED = lazily.pattern(r"\{\{|\{%|<%")  # by whatever deploys the pipeline
_UNKEYED = ("IPV4_NETWORK", "MURMUR3", "MURMUR3_128", "UUID", "PUNCTUATION")
_JAAS_SECRET = lazily.pattern(r"password\s*=\s*[\"']?(?!\$\{)[^\s\"';]+")


def secrets(plugin: Plugin) -> Iterator[Complaint]:
    """The values of this plugin that nobody else should read."""
    for attribute in plugin.attributes:
        secret = bool(_SECRET.search(attribute.name)) or (attribute.name == "key" and _is_keyed(plugin))
        for value in scalars(attribute.value):
            text = text_of(value)
            if secret and text and not VARIABLE.search(text) and not _is_sample(text):
                yield Complaint(
                    f"the option {attribute.name} holds a secret in plain text: write "
                    f'"${{{attribute.name.upper()}}}" and put it in the keystore',
                    value.span,
                    "literal-secret",
                )
            elif (found := _URL_SECRET.search(text)) and not VARIABLE.search(found[1]):
                yield Complaint(
                    'the address holds a password in plain text: write "${NAME}" instead', value.span, "literal-secret"
                )
            elif attribute.name == "sasl_jaas_config" and _JAAS_SECRET.search(text):
                yield Complaint(
                    'the JAAS configuration holds a password in plain text: write "${NAME}" instead',
                    value.span,
                    "literal-secret",
                )


def _is_sample(text: str) -> bool:
    return text.lower() in _SAMPLES or bool(_RENDERED.search(text)) or placeholders.is_to_be_replaced(text)


def _is_keyed(plugin: Plugin) -> bool:
    methods = {text_of(value) for _, value in texts(plugin, "method")}
    keys = {text_of(value) for _, value in texts(plugin, "key")}
    worded = any(" " in key for key in keys)  # says what it is for
    return plugin.name == "fingerprint" and not methods & {*_UNKEYED} and not keys & {*_SALTS} and not worded
