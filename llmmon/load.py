"""Spec files become validated specs; every mistake of every file becomes a problem with its place."""

from __future__ import annotations

import difflib
import types
import typing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError

from llmmon import preset, source
from llmmon.problem import Keys, Origin, Problem
from llmmon.spec.fleet import Fleet
from llmmon.spec.model import shown
from llmmon.spec.service import Service, SpecFile, System

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from llmmon.preset import Expanded
    from llmmon.source import Document

FLEET_FILES = ("fleet.yaml", "fleet.yml")
M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class LoadedService:
    """A service's spec with its presets, and where each key was written."""

    name: str
    system: str | None
    spec: Service
    source: Expanded

    def origin(self, *keys: str | int) -> Origin:
        """Where a key was written."""
        return self.source.origin(keys)


@dataclass(frozen=True, slots=True)
class LoadedFleet:
    """The fleet's spec."""

    spec: Fleet
    document: Document

    def origin(self, *keys: str | int) -> Origin:
        """Where a key was written."""
        return Origin(self.document, keys)


def find(inputs: Sequence[Path]) -> tuple[list[Path], list[Path]]:
    """Spec files below the inputs, and the inputs that do not exist. Runbooks and hidden files are no specs."""
    found: dict[Path, None] = {}
    missing = []
    for path in inputs:
        if path.is_dir():
            files = sorted(p for pattern in ("*.yaml", "*.yml") for p in path.rglob(pattern))
            shown_files = [p for p in files if not any(part.startswith(".") for part in p.relative_to(path).parts)]
            found.update(dict.fromkeys(p for p in shown_files if not p.name.endswith((".base.yaml", ".base.yml"))))
        elif path.exists():
            found[path] = None
        else:
            missing.append(path)
    return list(found), missing


def is_fleet(data: source.Value) -> bool:
    """Whether a document is the fleet's."""
    return isinstance(data, dict) and "fleet" in data


def fleet(data: preset.Data, document: Document) -> tuple[LoadedFleet | None, list[Problem]]:
    """The fleet's spec."""
    spec, problems = _validate(Fleet, data, lambda keys: Origin(document, keys))
    return (LoadedFleet(spec, document) if spec else None), problems


def services(data: preset.Data, document: Document) -> tuple[list[LoadedService], list[Problem]]:
    """The services of one spec file; of those with mistakes only the problems."""
    if "system" not in data and "service" not in data:
        near = difflib.get_close_matches("service", data, 1) or difflib.get_close_matches("system", data, 1)
        hint = f" (did you mean it by {near[0]!r}?)" if near else ""
        message = f"neither service: nor system: nor fleet: is here{hint}: write `service: NAME` first"
        return [], [Problem(Origin(document), message, "no-service")]
    if "system" not in data:
        return _one(str(data.get("service")), None, data, document, (), SpecFile)
    shell = {key: ({} if key == "services" else value) for key, value in data.items()}
    inner = data.get("services")
    _, problems = _validate(
        System,
        {**shell, "services": {"placeholder": {}} if isinstance(inner, dict) and inner else inner},
        lambda keys: Origin(document, keys),
    )
    out: list[LoadedService] = []
    for name, part in inner.items() if isinstance(inner, dict) else ():
        keys = ("services", name)
        if not isinstance(part, dict):
            problems.append(
                Problem(Origin(document, keys), f"{shown(part)} is no map of a service's keys", "not-a-map")
            )
            continue
        shared = {"team": data["team"]} if "team" in data and "team" not in part else {}
        more, found = _one(name, str(data["system"]), {**part, **shared}, document, keys, Service)
        out += more
        problems += found
    return out, problems


def _one(
    name: str, system: str | None, data: preset.Data, document: Document, keys: Keys, model: type[Service]
) -> tuple[list[LoadedService], list[Problem]]:
    expanded, problems = preset.expand(data, document, keys)
    spec, found = _validate(model, expanded.data, expanded.origin)
    problems += found
    return ([LoadedService(name, system, spec, expanded)] if spec else []), problems


def _validate(model: type[M], data: preset.Data, origin: Callable[[Keys], Origin]) -> tuple[M | None, list[Problem]]:
    try:
        return model.model_validate(data), []
    except ValidationError as error:
        return None, list(_problems(model, error.errors(include_url=False), origin))


def _problems(model: type[BaseModel], errors: Iterable[Any], origin: Callable[[Keys], Origin]) -> Iterator[Problem]:
    for error in errors:
        keys: Keys = tuple(key for key in error["loc"] if not _is_tag(key))
        yield Problem(origin(keys), _message(model, keys, error), f"spec-{error['type'].replace('_', '-')}")


def _is_tag(key: str | int) -> bool:
    return (isinstance(key, str) and key.startswith("<") and key.endswith(">")) or key == "[key]"


def _message(model: type[BaseModel], keys: Keys, error: Any) -> str:
    value = shown(error["input"])
    match error["type"]:
        case "extra_forbidden":
            known = list(_fields_at(model, keys[:-1], error["loc"]))
            near = difflib.get_close_matches(str(keys[-1]), known, 1, 0.5)
            hint = f"did you mean {near[0]!r}?" if near else f"known here: {', '.join(known)}"
            return f"unknown key {str(keys[-1])!r}: {hint}"
        case "missing":
            return f"the key {str(keys[-1])!r} is missing"
        case "value_error":
            return str(error["ctx"]["error"])
        case "signal_kind":
            return str(error["msg"])
        case "literal_error" | "enum":
            near = difflib.get_close_matches(
                str(error["input"]), error["ctx"]["expected"].replace("'", "").split(", "), 1
            )
            hint = f" (did you mean {near[0]!r}?)" if near else ""
            return f"{value} is not one of {error['ctx']['expected'].replace(chr(39), '')}{hint}"
        case "string_type":
            return f"expected a text, got {value}: put it in quotes if you mean the text"
        case "dict_type" | "model_type" | "model_attributes_type":
            return f"expected a map of keys, got {value}"
        case "list_type" | "tuple_type":
            return f"expected a list, got {value}"
        case "too_short" | "string_too_short":
            return "must not be empty"
        case _:
            return f"{error['msg'][:1].lower()}{error['msg'][1:]}, got {value}"


def _fields_at(model: type[BaseModel], keys: Keys, loc: Sequence[str | int]) -> Iterator[str]:
    """The keys that may stand at a place: follows the annotations along the way."""
    kinds = {str(key)[1:-1] for key in loc if _is_tag(key)}
    places: list[Any] = [model]
    for key in keys:
        places = [step for place in places for step in _step(place, key)]
    for place in places:
        if isinstance(place, type) and issubclass(place, BaseModel):
            if kinds and len(places) > 1 and not kinds & place.model_fields.keys():
                continue
            yield from (info.alias or name for name, info in place.model_fields.items())


def _step(annotation: Any, key: str | int) -> Iterator[Any]:
    for part in _flat(annotation):
        if isinstance(part, type) and issubclass(part, BaseModel):
            for name, info in part.model_fields.items():
                if key in (name, info.alias):
                    yield from _flat(info.annotation)
        elif typing.get_origin(part) is dict:
            yield from _flat(typing.get_args(part)[1])
        elif typing.get_origin(part) in (list, tuple):
            yield from _flat(typing.get_args(part)[0])


def _flat(annotation: Any) -> Iterator[Any]:
    origin = typing.get_origin(annotation)
    if origin is typing.Annotated:
        yield from _flat(typing.get_args(annotation)[0])
    elif origin in (typing.Union, types.UnionType):
        for part in typing.get_args(annotation):
            yield from _flat(part)
    else:
        yield annotation
