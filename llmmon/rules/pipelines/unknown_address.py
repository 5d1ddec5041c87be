"""An output to a pipeline whose address no pipeline of the run has, but one that is spelled almost so.

Logstash waits for a pipeline of that address, and the queue of this one fills. Other addresses are left alone: their
pipelines may be in files that are not in the run.

Bad:

    input { pipeline { address => "metrics" } }
    output { pipeline { send_to => "metrcis" } }

Good:

    input { pipeline { address => "metrics" } }
    output { pipeline { send_to => ["metrics", "elsewhere"] } }

    output { pipeline { send_to => "metrics" } }
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.documents.pipelines import Neighbours
from llmmon.lazily import get_close_matches
from llmmon.logstash.escape import VARIABLE
from llmmon.logstash.nodes import plugins
from llmmon.logstash.values import text_of, texts
from llmmon.problem import Level
from llmmon.rule import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.rule import Facts

_MANY = 200  # addresses that are compared one by one; nobody has as many


def check(neighbours: Neighbours, facts: Facts) -> Iterator[Finding]:
    del facts
    used = [
        (kind, text_of(value), part.origin.at(span=value.span))
        for part in neighbours.parts
        for kind, plugin in plugins(part.config)
        if plugin.name == "pipeline"
        for _, value in texts(plugin, "address" if kind == "input" else "send_to")
    ]
    addresses = {name for kind, name, _ in used if kind == "input"}
    sent = {name for kind, name, _ in used if kind == "output"}
    if len(addresses) > _MANY:
        return
    for kind, name, origin in used:
        if kind == "output" and name not in addresses and not VARIABLE.search(name):
            near = get_close_matches(name, addresses - sent, 1, 0.8)
            if near:
                message = f"no pipeline of this run has the address {name}: did you mean {near[0]}?"
                yield Finding("L024", message, origin=origin)


RULE = Rule(Neighbours, check, {"L024": Level.WARNING})
