"""Messages that go over the internet where everybody can read or change them.

A webhook on `http://` sends every alert, with all its labels, in the open; `insecure_skip_verify` takes whoever
answers for the right one. Names inside a cluster or a company are not looked at.

Bad:

    receivers: [{name: a, webhook_configs: [{url: "http://alerts.company.com/hook"}]}]

    receivers: [{name: a, webhook_configs: [{http_config: {tls_config: {insecure_skip_verify: true}}}]}]

Good:

    receivers: [{name: a, webhook_configs: [{url: "https://alerts.company.com/hook"}]}]

    receivers: [{name: a, webhook_configs: [{url: "http://bridge.monitoring.svc:8080"}, {url: "http://10.0.0.1/x"}]}]
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon import lazily
from llmmon.documents.alertmanager import fields
from llmmon.documents.routes import Configuration
from llmmon.problem import Level
from llmmon.rule import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from llmmon.problem import Origin
    from llmmon.rule import Facts

_URLS = ("secreturl", "url", "webhookurl")
_OUTSIDE = lazily.pattern(  # endings under which anybody can have a name
    r"http://(?:[^/@\s]*@)?(?!(?:[\w-]+\.)*example\.)[\w-]+(?:\.[\w-]+)*\.(?:com|net|org|io|dev|app|cloud|eu|de|co|ai|info|me|us|uk|fr|ru|cn|in|br)(?::\d+)?(?:[/?#]|\Z)"
)


def check(configuration: Configuration, facts: Facts) -> Iterator[Finding]:
    del facts
    shared = configuration.value.get("global")
    every = [way.value for way in configuration.integrations]
    yield from _part("global", shared, configuration.origin.at("global"), _are_open(every))
    for way in configuration.integrations:
        yield from _part(way.kind.removesuffix("_configs"), way.value, way.origin, _are_open([way.value]))


def _are_open(ways: Sequence[Mapping[str, object]]) -> bool:
    """Whether nothing is encrypted, so that there is nothing to verify."""
    urls = [value for way in ways for value in way.values() if isinstance(value, str) and "://" in value]
    return bool(urls) and all(url.startswith("http://") for url in urls)


def _part(structure: str, part: object, origin: Origin, is_open: bool) -> Iterator[Finding]:
    if not isinstance(part, dict) or structure not in fields.structures():
        return
    for name, field in fields.of(structure).items():
        value = part.get(name)
        if field.kind in _URLS and isinstance(value, str) and _OUTSIDE.match(value):
            yield Finding("C044", f"{name} goes over the internet in the open: write https://", origin=origin.at(name))
        elif name == "insecure_skip_verify" and value is True and not is_open:
            message = "this takes whoever answers for the right one: write ca_file: PATH"
            yield Finding("C044", message, origin=origin.at(name))
        elif field.kind.startswith("{"):
            yield from _part(field.kind[1:-1], value, origin.at(name), is_open)


RULE = Rule(Configuration, check, {"C044": Level.NOTE}, default=False)
