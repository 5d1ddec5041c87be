"""What `logstash -t` lets pass, and what then kills the pipeline, mutes it, or leaks a secret."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.logstash.checks.conditions import conditions
from llmmon.logstash.checks.fields import fields
from llmmon.logstash.checks.filters import convert, mutate
from llmmon.logstash.checks.grok import grok
from llmmon.logstash.checks.options import options
from llmmon.logstash.checks.outputs import elasticsearch, http
from llmmon.logstash.checks.secrets import secrets
from llmmon.logstash.compile import NEWEST
from llmmon.logstash.nodes import Complaint, Config, Plugin, plugins, walk
from llmmon.logstash.values import text_of, texts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from llmmon.logstash.options import PluginKind


def problems(config: Config, version: tuple[int, int] = NEWEST) -> Iterator[Complaint]:
    """Every complaint about a configuration that parses, in the order of the text; pure and offline.

    Regular expressions are compiled only where onigurumacffi is installed.
    """
    yield from _ends(config)
    ids: dict[str, Plugin] = {}
    for kind, plugin in plugins(config):
        yield from options(kind, plugin, version)
        yield from _identity(plugin, ids)
        yield from secrets(plugin)
        yield from fields(kind, plugin)
        if check := _CHECKS.get((kind, plugin.name)):
            yield from check(plugin)
    for node in walk(config):
        yield from conditions(node)


def _ends(config: Config) -> Iterator[Complaint]:
    kinds = {kind for kind, _ in plugins(config)}
    start = (0, min(1, len(config.text)))
    for kind, article in (("input", "an"), ("output", "an")):
        if kind not in kinds:
            yield Complaint(f"this pipeline has no {kind}: add {article} {kind}", start, f"no-{kind}")


def _identity(plugin: Plugin, ids: dict[str, Plugin]) -> Iterator[Complaint]:
    for _, value in texts(plugin, "id"):
        if ids.setdefault(text_of(value), plugin) is not plugin:
            yield Complaint(f"two plugins have the id {text_of(value)}", value.span, "duplicate-id")


_CHECKS: dict[tuple[PluginKind, str], Callable[[Plugin], Iterator[Complaint]]] = {
    ("filter", "grok"): grok,
    ("filter", "mutate"): mutate,
    ("filter", "dissect"): convert,
    ("output", "elasticsearch"): elasticsearch,
    ("output", "http"): http,
}
