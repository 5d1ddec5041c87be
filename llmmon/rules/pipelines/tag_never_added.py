"""A condition on a tag that nothing adds.

The tag of a failure is misspelled, or was renamed with `tag_on_failure`: what handles the failure never runs. Other
tags are said only where no input can bring its own.

Bad:

    input { beats { port => 5044 } }
    filter { grok { match => { "message" => "%{INT:a}" } } if "_grokparsefail" in [tags] { drop { } } }
    output { stdout { } }

Good:

    input { beats { port => 5044 } }
    filter { grok { match => { "message" => "%{INT:a}" } } if "_grokparsefailure" in [tags] { drop { } } }
    output { stdout { } }

    input { beats { port => 5044 } }
    filter { if "from-the-edge" in [tags] { drop { } } }
    output { stdout { } }
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.documents.pipelines import Joined
from llmmon.lazily import get_close_matches
from llmmon.logstash.escape import VARIABLE
from llmmon.logstash.flow import FAILURES, Produced, is_lines
from llmmon.logstash.nodes import FieldReference, In, String, walk
from llmmon.logstash.values import hash_entries, scalars, text_of
from llmmon.problem import Level
from llmmon.rule import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.rule import Facts

_ADDING = ("add_tag", "multiline_tag", "tag_on_exception", "tag_on_failure", "tag_on_timeout", "tags")
_MANY = 200  # tags that one by one are compared with another
_STANDARD = frozenset(tag for tags in FAILURES.values() for tag in tags)


def check(whole: Joined, facts: Facts) -> Iterator[Finding]:
    del facts
    if not whole.complete:
        return
    added, closed = _added(whole)
    if any("%{" in tag or VARIABLE.search(tag) for tag in added):
        return
    known = (added | _STANDARD) if len(added) < _MANY else _STANDARD
    likes: dict[str, list[str]] = {}
    for part in whole.parts:
        for node in walk(part.config):
            match node:
                case In(left=String(text=tag), right=FieldReference(path=("tags",))) if tag not in added:
                    if VARIABLE.search(tag):
                        continue
                    if tag not in likes:
                        likes[tag] = get_close_matches(tag, known, 1, 0.8)
                    near = likes[tag]
                    typo = tag.startswith("_") and bool(near) and tag not in _STANDARD
                    if closed or typo:
                        hint = f"did you mean {near[0]}?" if near and near[0] != tag else "add it, or remove this"
                        at = part.origin.at(span=node.left.span)
                        yield Finding("L017", f"nothing in this pipeline adds the tag {tag}: {hint}", origin=at)
                case _:
                    pass


def _added(whole: Joined) -> tuple[set[str], bool]:
    """The tags that the pipeline adds, and whether nothing else can bring any."""
    added: set[str] = set()
    fields = Produced()
    for kind, plugin, _ in whole.plugins():
        fields.add(kind, plugin)
        said = {attribute.name for attribute in plugin.attributes}
        added |= {tag for tag in FAILURES.get(plugin.name, ()) if "tag_on_failure" not in said or "time" in tag}
        for attribute in plugin.attributes:
            if attribute.name in _ADDING:
                added |= {text_of(value) for value in scalars(attribute.value)}
        for option in ("add_field", "replace", "merge"):
            for entry in hash_entries(plugin, option):
                if text_of(entry.key).strip("[]") == "tags":
                    added |= {text_of(value) for value in scalars(entry.value)} | {"%{}" if option == "merge" else ""}
        if kind == "input" and plugin.name == "syslog":
            added |= {"_grokparsefailure_sysloginput", "_dateparsefailure"}
    return added, not fields.open and all(is_lines(k, p) for k, p, _ in whole.plugins() if k == "input")


RULE = Rule(Joined, check, {"L017": Level.WARNING}, advice=frozenset(("L017",)))
