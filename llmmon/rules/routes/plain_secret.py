"""A password or a key in the file itself.

Whoever reads the repository, or the configuration page of Alertmanager's neighbours, can send mail as you. Most such
fields have a twin that names a file. The URL of a chat's webhook is a password, too.

Bad:

    receivers: [{name: a, email_configs: [{to: a@b.example, auth_password: 9hTq2x}]}]

    receivers: [{name: a, pagerduty_configs: [{service_key_file: /etc/alertmanager/pagerduty}]}]

    receivers: [{name: a, slack_configs: [{api_url: "https://hooks.slack.com/services/T0/B0/X", channel: "#a"}]}]

    receivers: [{name: a, webhook_configs: [{url: "https://user:password@hooks.example/x"}]}]

    global: {http_config: {basic_auth: {username: u, password: p}}}

Good:

    receivers: [{name: a, email_configs: [{to: a@b.example, auth_password_file: /etc/alertmanager/smtp}]}]

    receivers: [{name: a, pagerduty_configs: [{routing_key_file: /etc/alertmanager/pagerduty}]}]

    receivers: [{name: a, webhook_configs: [{url: "http://hooks.example/alerts"}]}]

    receivers: [{name: a, slack_configs: [{api_url: "${SLACK_WEBHOOK}", channel: "#a"}]}]

    global: {http_config: {basic_auth: {username: u, password_file: /p}}}
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from llmmon import lazily, placeholders
from llmmon.classes import replace
from llmmon.documents.alertmanager import fields
from llmmon.documents.alertmanager.values import SECRET
from llmmon.documents.encoded import Encoded
from llmmon.documents.routes import Configuration
from llmmon.problem import Level
from llmmon.replaced import is_replaced
from llmmon.rule import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from llmmon.problem import Origin
    from llmmon.rule import Facts

_FILLED = lazily.pattern(
    r"\$\{?\w|\{\{|<\w[\w -]*>\Z|%\w+%|ENC\[|vault:|ref\+"
)  # something else writes the secret here
_TELLING = lazily.pattern(
    r"https?://(?:[^/@\s]+:[^/@\s]+@|hooks\.slack\.com/(?:services|workflows)/(?-i:T\w+/[BA]\w+)/\w+|(?:ptb\.|canary\.)?discord(?:app)?\.com/api/webhooks/\d"
    r"|[\w.-]*\.webhook\.office\.com/|outlook\.office\.com/webhook/|chat\.googleapis\.com/\S+[?&](?:key|token)="
    r"|api\.telegram\.org/bot\d|\S+[?&](?:access_?token|api_?key|token|key|secret|sig)=)",
    re.IGNORECASE,
)
_WORD = lazily.pattern(r"(?:[a-z]+[ _-]?)?(?:pass(?:word|wd)?|secret|token|key)\d*", re.IGNORECASE)  # stands for one
_SHORT = 12  # characters of a default that a program comes with
_OLD_KEYS = ("service_key", "service_key_file")


def check(configuration: Configuration, facts: Facts) -> Iterator[Finding]:
    if not _is_of_secret(configuration):
        for found, value in _secrets("", configuration.value, configuration.origin, facts):
            is_word = _WORD.fullmatch(value) is not None
            if configuration.named or not is_word:
                yield replace(found, level=Level.NOTE) if is_word else found
    for way in configuration.integrations:
        old = next((key for key in _OLD_KEYS if way.value.get(key)), None)
        if old and not _is_to_be_filled(str(way.value[old]), configuration.named):
            message = (
                f"{old} is PagerDuty's old Events API v1: make an Events API v2 integration, and routing_key_file: PATH"
            )
            yield Finding("C056", message, origin=way.origin.at(old))


def _is_to_be_filled(text: str, named: bool) -> bool:
    return placeholders.stands_alone(text) or (not named and placeholders.is_to_be_replaced(text))


def _is_of_secret(configuration: Configuration) -> bool:
    """Whether it stands in a Secret of Kubernetes, which is a place for secrets."""
    outer = getattr(configuration.origin.document, "outer", None)
    return isinstance(configuration.origin.document, Encoded) or (outer is not None and "stringData" in outer.keys)


def _secrets(structure: str, part: dict[str, Any] | Any, origin: Origin, facts: Facts) -> Iterator[tuple[Finding, str]]:
    """Every field that holds a secret, and those below it, each with its value."""
    known = fields.of(structure)
    for name, value in part.items() if isinstance(part, dict) else ():
        if name not in known or not value:
            continue
        kind, at = known[name].kind, origin.at(name)
        if kind.startswith("{"):
            yield from _secrets(kind[1:-1], value, at, facts)
        elif kind.startswith("[{"):
            for index, item in enumerate(value if isinstance(value, list) else ()):
                yield from _secrets(kind[2:-2], item, at.at(index), facts)
        elif kind == "headers":
            for header, item in value.items() if isinstance(value, dict) else ():
                yield from _secrets("header", item, at.at(header), facts)
        elif (
            name not in _OLD_KEYS
            and _is_plain(kind, value)
            and not _only_says(name, str(value), part)
            and not is_replaced(str(value), at.document.path)
        ):
            twin = known.get(f"{name}_file") or known.get("files")
            version = min(facts.alertmanager, facts.pinned.get("alertmanager", facts.alertmanager))
            there = twin is not None and twin.since <= version
            hint = f"${{{name.upper()}}}, and let what deploys the file fill it in"
            if there:
                hint = f"{name}_file: PATH" if name != "secrets" else "files: [PATH]"
            yield Finding("C043", f"{name} is a secret in plain text: write {hint}", origin=at), str(value)


def _only_says(name: str, text: str, part: Mapping[str, Any]) -> bool:
    """Whether a text says what belongs here, as `bot_token: bot_token` does, in words of a language, or is the default
    of a program that the user is called after."""
    if name == "password" and len(text) <= _SHORT and text.isalpha() and text in str(part.get("username")):
        return True
    return text.lower().replace("-", "_") == name or not text.isascii()


def _is_plain(kind: str, value: object) -> bool:
    if kind == "[secret]":
        return isinstance(value, list) and any(_is_plain("secret", item) for item in value)
    text = str(value)
    if text == SECRET or _FILLED.search(text) or placeholders.stands_alone(text):
        return False
    if placeholders.is_to_be_replaced(text):
        return False
    if kind in ("secret", "pointer"):
        return True
    return kind in ("secreturl", "webhookurl", "url", "anyurl") and _TELLING.match(text) is not None


RULE = Rule(
    Configuration,
    check,
    {"C043": Level.WARNING, "C056": Level.NOTE},
    peers=("amlint plaintext-secret",),
    advice=frozenset(("C056",)),
)
