"""The reference page of the spec language, made from its models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmmon import preset, schema

if TYPE_CHECKING:
    from collections.abc import Iterator

_HEAD = """\
# The spec, key by key

Made by `make schema` from the models that check a spec; edits are lost. Two kinds of file: one fleet, and one file per
service or system of services. Strings carry units (`200ms`, `99.9%`, `500 USD`, `90GB`, `10/s`), durations are written
like `30s`, `5m`, `1h30m`, `7d`. An unknown key is an error.
"""
_TITLES = {
    "service": "A service: `specs/NAME.yaml`",
    "system": "A system of services: `specs/NAME.yaml`",
    "fleet": "The fleet: `specs/fleet.yaml`",
}


def markdown() -> str:
    """The whole page."""
    parts = [_HEAD, _presets()]
    told: set[str] = set()
    for kind, title in _TITLES.items():
        found = schema.data(kind)
        parts.append(f"## {title}\n\n{_words(found)}\n\n{_table(found)}")
        for name, definition in found.get("$defs", {}).items():
            if name not in told and "properties" in definition:
                told.add(name)
                parts.append(f"### {name}\n\n{_words(definition)}\n\n{_table(definition)}")
    return "\n".join(part.rstrip() + "\n" for part in parts)


def _presets() -> str:
    lines = ["## Presets: `uses: [...]`\n", "| preset | signals | alerts |", "|---|---|---|"]
    for name in preset.names():
        data = preset.load(name).data
        signals, alerts = (", ".join(f"`{key}`" for key in _keys(data.get(part))) for part in ("signals", "alerts"))
        shown = f"`{name}`, always used" if name == preset.ALWAYS else f"`{name}`"
        lines.append(f"| {shown} | {signals} | {alerts} |")
    return "\n".join(lines)


def _keys(value: object) -> list[str]:
    return list(value) if isinstance(value, dict) else []


def _words(definition: dict[str, Any]) -> str:
    return str(definition.get("description", "")).strip()


def _table(definition: dict[str, Any]) -> str:
    required = set(definition.get("required", ()))
    rows = ["| key | value | default | meaning |", "|---|---|---|---|"]
    for key, value in definition["properties"].items():
        default = "required" if key in required else _default(value.get("default"))
        rows.append(f"| `{key}` | {' or '.join(dict.fromkeys(_types(value)))} | {default} | {_words(value)} |")
    return "\n".join(rows)


def _default(value: object) -> str:
    return "" if value in (None, "", [], {}) else f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _types(value: dict[str, Any]) -> Iterator[str]:
    for part in value.get("anyOf") or value.get("oneOf") or ():
        yield from _types(part)
    if reference := value.get("$ref"):
        name = str(reference).rpartition("/")[2]
        yield f"[{name}](#{name.lower()})"
    elif words := value.get("enum"):
        yield ", ".join(f"`{word}`" for word in words)
    elif "const" in value:
        yield f"`{value['const']}`"
    elif kinds := value.get("type"):
        for kind in kinds if isinstance(kinds, list) else [kinds]:
            if kind != "null":
                yield _shape(kind, value)


def _shape(kind: str, value: dict[str, Any]) -> str:
    patterns = list(value.get("patternProperties", {}).values())
    inner = value.get("items") if kind == "array" else next(iter(patterns), value.get("additionalProperties"))
    if not isinstance(inner, dict):
        return {"array": "list", "object": "map"}.get(kind, kind)
    of = " or ".join(dict.fromkeys(_types(inner))) or "anything"
    return f"list of {of}" if kind == "array" else f"map of {of}"
