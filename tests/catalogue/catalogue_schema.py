"""What a catalogue file may hold, as a JSON Schema."""

from __future__ import annotations

from typing import Any, get_args

from llmmon.plan.service import MetricType, Scope

TEXT = {"type": "string", "minLength": 1}
VERSION = {"type": "string", "pattern": r"^[0-9]+(\.[0-9]+)*$"}
NUMBERS = {"type": "array", "minItems": 1, "items": {"type": "string", "pattern": r"^[0-9]+(\.[0-9]+)?$"}}
VALUES = {"type": ["array", "null"], "items": {"type": "string"}}
LABEL = r"^@?[a-zA-Z_][a-zA-Z0-9_]*$"
LABELS = {
    "anyOf": [
        {"type": "array", "items": {"type": "string", "pattern": LABEL}, "uniqueItems": True},
        {"type": "object", "patternProperties": {LABEL: VALUES}, "additionalProperties": False},
    ]
}


def closed(required: str, **properties: Any) -> dict[str, Any]:
    """An object that has no other keys."""
    wanted = required.split()
    return {"type": "object", "properties": properties, "required": wanted, "additionalProperties": False}


FORM = closed(
    "type help",
    type={"enum": list(get_args(MetricType))},
    unit=TEXT,
    labels=LABELS,
    buckets={"anyOf": [NUMBERS, TEXT]},
    scope={"enum": list(get_args(Scope))},
    since=VERSION,
    deprecated=VERSION,
    removed=VERSION,
    replaced_by=TEXT,
    opt_in=TEXT,
    wire=TEXT,
    family=TEXT,
    traps={"type": "array", "minItems": 1, "items": {"type": "string", "pattern": r"^\S.*[.!]$"}},
    help={"type": "string", "pattern": r"^[A-Z0-9].*\.$"},
)
SOURCE = closed(
    "repository version", repository=TEXT, version=TEXT, files={"type": "array", "items": TEXT}, unverified=TEXT
)
FILE = closed(
    "technology metrics",
    technology=TEXT,
    source=TEXT,
    version=TEXT,
    sources={"type": "array", "minItems": 1, "items": SOURCE},
    versions=closed("from to", **{"from": VERSION, "to": VERSION, "default": VERSION}),
    common=LABELS,
    labels={"type": "object", "additionalProperties": LABELS},
    buckets={"type": "object", "additionalProperties": NUMBERS},
    attributes={"type": "object", "additionalProperties": TEXT},
    examples={"type": "object", "additionalProperties": {"type": "array", "minItems": 1, "items": {"type": "string"}}},
    build={"type": "array", "items": TEXT, "minItems": 2, "maxItems": 2},
    metrics={
        "type": "object",
        "minProperties": 1,
        "additionalProperties": {"anyOf": [FORM, {"type": "array", "minItems": 2, "items": FORM}]},
    },
)
