"""The fields of rules and groups: texts, durations, maps and lists, and what is wrong with the form of each."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

from llmmon import duration, lazily
from llmmon.documents import residue
from llmmon.lazily import get_close_matches
from llmmon.problem import Fix, Level, Problem
from llmmon.source.scalars import Plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.problem import Keys, Origin
    from llmmon.promql import Version
    from llmmon.source.values import Value

UTF8: Version = (3, 0)  # the first that takes any text as a name
_LABEL = lazily.pattern(r"[a-zA-Z_][a-zA-Z0-9_]*\Z")
_ANNOTATIONS = ("summary", "description", "runbook_url", "message")
DIALECTS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {  # fields of groups and of files, beside Prometheus's
    "thanos": (("partial_response_strategy",), ()),
    "mimir": (("source_tenants",), ("namespace",)),
    "victoriametrics": (
        (
            *("concurrency", "debug", "eval_alignment", "eval_delay", "eval_offset", "extra_filter_labels", "headers"),
            *("notifier_headers", "params", "type"),
        ),
        (),
    ),
}
_OF_GROUP = {name: owner for owner, (fields, _) in DIALECTS.items() for name in fields}
_OF_FILE = {name: owner for owner, (_, fields) in DIALECTS.items() for name in fields}


class Fields:
    """Reads the fields of a map at an origin; what is wrong is added to `problems`."""

    def __init__(self, version: Version, strict: bool) -> None:
        self.version = version
        self.strict = strict  # whoever reads it takes no number for a text, as Kubernetes does
        self.problems: list[Problem] = []

    def add(self, origin: Origin, message: str, rule: str, level: Level = Level.ERROR, fix: Fix | None = None) -> None:
        self.problems.append(Problem(origin, message, rule, level, fix))

    def names(self, found: dict[str, str], what: str, here: Origin) -> None:
        """The names of labels or annotations, and what labels cannot be."""
        if self.version >= UTF8 and "__name__" not in found and "" not in found:
            return
        kind = what.removesuffix("s")
        for name in found:
            at = here.at(what, name)
            if what == "labels" and name == "__name__":
                message = "__name__ is the name of the metric, and no rule sets it: remove it"
                self.add(at, message, "bad-label-name", fix=Fix(((at, None),)))
            elif not name or (self.version < UTF8 and not _LABEL.match(name)):
                hint = re.sub(r"[^a-zA-Z0-9_]", "_", name)
                hint = f"write {hint}" if _LABEL.match(hint) else "use letters, digits and _"
                self.add(at, f"{name!r} is no name of a {kind}: {hint}", f"bad-{kind}-name")

    def time(self, value: dict[str, Value], key: str, here: Origin) -> timedelta | None:
        """A duration, where it is one."""
        text = self.text(value, key, here)
        if text is None:
            return None
        found = timedelta(0) if text == "0" else duration.parse(text)
        if found is None:
            likely = duration.meant(text)
            fix = Fix(((here.at(key), likely),)) if likely else None
            hint = (
                f"write {likely}" if likely else f"write it with its unit, {text}s or {text}m" if text.isdigit() else ""
            )
            self.add(here.at(key), f"{text!r} is no duration: {hint or 'write it like 5m'}", "no-duration", fix=fix)
        return found

    def text(self, value: dict[str, Value], key: str, here: Origin) -> str | None:
        """A text; every scalar is one."""
        found = value.get(key)
        if type(found) is str:
            return found
        if isinstance(found, dict | list):
            kind = "map" if isinstance(found, dict) else "list"
            self.add(here.at(key), f"{key} is a text, and this is a {kind}", "wrong-type")
            return None
        return None if found is None else str(found)

    def texts(self, value: dict[str, Value], key: str, here: Origin) -> dict[str, str]:
        """A map of texts."""
        found = value.get(key) or {}
        if not isinstance(found, dict):
            self.add(here.at(key), f"{key} is no map: write {key}: {{name: value}}", "not-a-map")
            return {}
        out: dict[str, str] = {}
        for name, said in found.items():
            if isinstance(said, Plain):
                self.plain(said, name, here.at(key, name))
            out[name] = said if isinstance(said, str) else self.text(found, name, here.at(key)) or ""
        return out

    def plain(self, said: Plain, name: str, at: Origin) -> None:
        """A number or the like where everybody but Go wants a text."""
        quoted = f'"{said}"'
        fix = Fix(((at, quoted),), safe=True)
        if self.strict:
            message = f"Kubernetes refuses {name}: {said}, because it is no text: write {quoted}"
            self.add(at, message, "implicit-type", fix=fix)
        else:
            message = f"{name}: {said} is no text to whoever else reads this: write {quoted}"
            self.add(at, message, "implicit-type", Level.NOTE, fix)

    def maps(self, value: Value, origin: Origin, what: str) -> Iterator[tuple[Keys, dict[str, Value]]]:
        """The maps of a list, each with the way to it."""
        if isinstance(value, str) and residue.in_value(value):
            return  # what renders the file makes a list of it
        if value is not None and not isinstance(value, list):
            advice = "write []" if value == {} else "write - before it"
            self.add(origin, f"{what} is expected in a list: {advice}", "not-a-list")
        for index, item in enumerate(value if isinstance(value, list) else ()):
            if isinstance(item, dict):
                yield (index,), item
            elif item is None:
                message = f"{what} is empty here, and Prometheus passes over it: remove the -"
                at = origin.at(index)
                self.add(at, message, "empty-entry", Level.WARNING, Fix(((at, None),)))
            else:
                self.add(origin.at(index), f"{what} is a map of keys, and this is none", "not-a-map")

    def unknown(self, at: Origin, key: str, known: tuple[str, ...]) -> None:
        """A key that nobody reads."""
        owner = _OF_FILE.get(key) if "groups" in known else _OF_GROUP.get(key) if "rules" in known else None
        if owner:
            message = f"{key} is a field of {owner.title()}, and Prometheus refuses the file: remove it"
            self.add(at, message, "dialect-field", fix=Fix(((at, None),)))
            return
        near = get_close_matches(key, known, 1)
        hint = f"did you mean {near[0]!r}?" if near else f"known here: {', '.join(known)}"
        if "annotations" in known and key in (*_ANNOTATIONS, "severity"):
            hint = f"write it under {'annotations' if key in _ANNOTATIONS else 'labels'}:"
        self.add(at, f"unknown field {key!r}: {hint}", "unknown-field")
