"""Spec files become validated specs; every mistake of every file becomes a problem with its place."""

from __future__ import annotations

import difflib
import re
import types
import typing
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError

from llmmon import preset
from llmmon.classes import frozen
from llmmon.problem import Keys, Level, Origin, Problem
from llmmon.spec.fleet import Fleet
from llmmon.spec.model import shown
from llmmon.spec.service import Service, SpecFile, System
from llmmon.spec.signals import KINDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from llmmon.preset import Expanded
    from llmmon.source.document import Document
    from llmmon.source.values import Value

FLEET_FILES = ("fleet.yaml", "fleet.yml")
M = TypeVar("M", bound=BaseModel)
_NAMED = {  # maps by name, of which one entry can be wrong alone
    (section,)
    for section in (
        "alerts",
        "baselines",
        "budgets",
        "dashboards",
        "environments",
        "metrics",
        "signals",
        "slos",
        "teams",
        "trends",
    )
}
_EXAMPLES = {  # of keys that somebody who begins leaves out
    "catch_all": 'catch_all: [{slack: "#alerts"}]',
    "environments": "environments: {production: {selector: {env: production}}}",
    "objective": "objective: 99.5%",
    "selector": "selector: {env: production}, or {} where the environment has a Prometheus of its own",
    "services": "services: {chat: {selector: {job: chat}}}",
    "teams": 'teams: {platform: {critical: [{slack: "#alerts"}]}}',
}
_FEW = 8  # keys that a message lists
_NEVER_SHARED = frozenset({"depends_on", "description", "scrape", "selector", "team", "uses", "workload"})


@frozen
class LoadedService:
    """A service's spec with its presets, and where each key was written."""

    name: str
    system: str | None
    spec: Service
    source: Expanded
    broken: frozenset[Keys] = frozenset()  # parts that were left out because they are wrong, such as ("alerts", "X")

    def origin(self, *keys: str | int) -> Origin:
        """Where a key was written."""
        return self.source.origin(keys)


@frozen
class LoadedFleet:
    """The fleet's spec."""

    spec: Fleet
    document: Document
    broken: frozenset[Keys] = frozenset()

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


def is_fleet(data: Value) -> bool:
    """Whether a document is the fleet's."""
    return isinstance(data, dict) and "fleet" in data


def fleet(data: preset.Data, document: Document) -> tuple[LoadedFleet | None, list[Problem]]:
    """The fleet's spec."""
    spec, problems, broken = _most(Fleet, data, lambda keys: Origin(document, keys))
    return (LoadedFleet(spec, document, broken) if spec else None), problems


def services(data: preset.Data, document: Document) -> tuple[list[LoadedService], list[Problem]]:
    """The services of one spec file; of those with mistakes only the problems."""
    if "system" not in data and "service" not in data:
        near = [
            key for word in ("service", "system", "fleet") for key in difflib.get_close_matches(word, data, 1, 0.75)
        ]
        if near:
            message = f"unknown key {near[0]!r}: write service:, system: or fleet:"
        else:
            message = "neither service: nor system: nor fleet: is here: write `service: NAME` first"
        return [], [Problem(Origin(document, (near[0],) if near else ()), message, "no-service")]
    if "system" not in data:
        return _one(str(data.get("service")), None, data, document, (), SpecFile)
    inner = data.get("services")
    shell: preset.Data = dict(data)
    if isinstance(inner, dict):
        shell["services"] = {name: {} for name in inner}  # only their names: each service comes below
    every, problems = _every(data.get("every"), document)
    shell["every"] = {}
    problems += _validate(System, shell, lambda keys: Origin(document, keys))[1]
    out: list[LoadedService] = []
    for name, part in inner.items() if isinstance(inner, dict) else ():
        keys = ("services", name)
        if not isinstance(part, dict):
            problems.append(
                Problem(Origin(document, keys), f"{shown(part)} is no service: write a map, or {{}}", "not-a-map")
            )
            continue
        shared = {"team": data["team"]} if "team" in data and "team" not in part else {}
        more, found = _one(name, str(data["system"]), {**part, **shared}, document, keys, Service, every)
        out += more
        problems += [problem for problem in found if problem not in problems]  # what is shared is wrong once
    if isinstance(inner, dict) and len(out) == len(inner):
        used = {name for service in out for name in service.source.shared}
        problems += [_idle(name, out, Origin(document, ("every", name))) for name in every if name not in used]
    return out, problems


def _every(written: Value, document: Document) -> tuple[dict[str, preset.Data], list[Problem]]:
    """What the services of a system have in common, by preset."""
    at = Origin(document, ("every",))
    if not isinstance(written, dict | None):
        return {}, [Problem(at, f"{shown(written)} is no map: write every: {{PRESET: {{alerts: ...}}}}", "not-a-map")]
    out, problems = {}, list[Problem]()
    for name, part in (written or {}).items():
        if not isinstance(part, dict):
            problems.append(Problem(at.at(name), f"{shown(part)} is no map: write {{alerts: ...}}", "not-a-map"))
            continue
        for key in sorted(part.keys() & _NEVER_SHARED):
            message = f"{key}: is of one service: write it there, not for every one that uses {name}"
            problems.append(Problem(at.at(name, key), message, "never-shared"))
        out[name] = {key: value for key, value in part.items() if key not in _NEVER_SHARED}
    return out, problems


def _idle(name: str, services: Sequence[LoadedService], origin: Origin) -> Problem:
    known = sorted({used.name for service in services for used in service.source.presets})
    near = difflib.get_close_matches(name, known, 1)
    hint = f"did you mean {near[0]!r}?" if near else f"they use {', '.join(known)}"
    return Problem(origin, f"no service here uses {name!r}: {hint}", "unused-every", Level.WARNING)


def _one(
    name: str,
    system: str | None,
    data: preset.Data,
    document: Document,
    keys: Keys,
    model: type[Service],
    every: Mapping[str, preset.Data] | None = None,
) -> tuple[list[LoadedService], list[Problem]]:
    expanded, problems = preset.expand(data, document, keys, every)
    spec, found, broken = _most(model, expanded.data, expanded.origin)
    problems += found
    return ([LoadedService(name, system, spec, expanded, broken)] if spec else []), problems


def _most(
    model: type[M], data: preset.Data, origin: Callable[[Keys], Origin]
) -> tuple[M | None, list[Problem], frozenset[Keys]]:
    """A spec without its broken parts, so that what is wrong with the rest is said in the same run; and those parts."""
    try:
        return model.model_validate(data), [], frozenset()
    except ValidationError as error:
        errors = error.errors(include_url=False)
    problems = list(_problems(model, errors, origin))
    broken = frozenset(_keys(error)[: 2 if _keys(error)[:1] in _NAMED else 1] for error in errors)
    try:
        return model.model_validate(_without(data, broken)), problems, broken
    except ValidationError:
        return None, problems, broken


def _without(data: preset.Data, broken: Iterable[Keys]) -> preset.Data:
    out = dict(data)
    for section, *names in broken:
        inner = out.get(str(section))
        if names and isinstance(inner, dict):
            out[str(section)] = {key: value for key, value in inner.items() if key != names[0]}
        else:
            out.pop(str(section), None)
    return out


def _validate(model: type[M], data: preset.Data, origin: Callable[[Keys], Origin]) -> tuple[M | None, list[Problem]]:
    try:
        return model.model_validate(data), []
    except ValidationError as error:
        return None, list(_problems(model, error.errors(include_url=False), origin))


def _problems(model: type[BaseModel], errors: Iterable[Any], origin: Callable[[Keys], Origin]) -> Iterator[Problem]:
    errors = list(errors)
    meant = {(*_keys(error)[:-1], near) for error in errors if (near := _meant(model, error))}
    for error in errors:
        keys = _keys(error)
        if error["type"] == "missing" and keys in meant:
            continue  # it is there, misspelt
        yield Problem(origin(keys), _message(model, keys, error), f"spec-{error['type'].replace('_', '-')}")


def _keys(error: Any) -> Keys:
    return tuple(key for key in error["loc"] if not _is_tag(key))


def _meant(model: type[BaseModel], error: Any) -> str | None:
    """The key that a misspelt one stands for."""
    if error["type"] != "extra_forbidden":
        return None
    keys = _keys(error)
    near = difflib.get_close_matches(str(keys[-1]), list(_fields_at(model, keys[:-1], error["loc"])), 1, 0.5)
    return near[0] if near else None


def _is_tag(key: str | int) -> bool:
    return (isinstance(key, str) and key.startswith("<") and key.endswith(">")) or key == "[key]"


def _message(model: type[BaseModel], keys: Keys, error: Any) -> str:
    value = shown(error["input"])
    match error["type"]:
        case "extra_forbidden":
            near = _meant(model, error)
            known = ", ".join(sorted(_fields_at(model, keys[:-1], error["loc"])))
            hint = f"did you mean {near!r}?" if near else f"known here: {known}"
            return f"unknown key {str(keys[-1])!r}: {hint}"
        case "missing":
            example = _EXAMPLES.get(str(keys[-1]))
            return f"the key {str(keys[-1])!r} is missing: write it here" + (f", such as {example}" if example else "")
        case "value_error":
            return str(error["ctx"]["error"])
        case "signal_kind":
            return str(error["msg"]) + _meant_kind(error["input"])
        case "literal_error" | "enum":
            choices = re.findall(r"'([^']*)'", error["ctx"]["expected"])
            close = difflib.get_close_matches(str(error["input"]), choices, 1)
            return f"{value} is not one of {', '.join(choices)}" + (f": did you mean {close[0]!r}?" if close else "")
        case "string_type" if isinstance(error["input"], bool | int | float):
            return f"expected a text, got {value}: put it in quotes"
        case "string_type":
            return f"expected a text, got {value}: write one value, or remove the key"
        case "dict_type" | "model_type" | "model_attributes_type" if error["input"] is False:
            return f"false removes what a preset brings, and no preset here brings {str(keys[-1])!r}: remove the line"
        case "dict_type" | "model_type" | "model_attributes_type":
            fields = sorted(_fields_at(model, keys, error["loc"]))
            hint = f", of {', '.join(fields)}" if error["input"] is not None and 0 < len(fields) <= _FEW else ""
            return f"expected a map of keys, got {value}: write {_map_of(error['input'])}{hint}"
        case "list_type" | "tuple_type":
            return f"expected a list, got {value}: write [{'...' if error['input'] is None else value}]"
        case "bool_type" | "bool_parsing":
            return f"expected true or false, got {value}"
        case "too_short":
            return f"{str(keys[-1])!r} is empty: write at least one"
        case "string_too_short":
            return f"{str(keys[-1])!r} is empty: write some text"
        case _:
            return f"{error['msg'][:1].lower()}{error['msg'][1:]}, got {value}"


def _map_of(value: Any) -> str:
    """A map instead of what was written; of a list of names, one with these names."""
    if isinstance(value, list) and value and all(isinstance(item, str) and item.isidentifier() for item in value):
        return f"{{{', '.join(f'{name}: ...' for name in value[:_FEW])}}}"
    return "{key: value}"


def _meant_kind(value: Any) -> str:
    keys = value if isinstance(value, dict) else ()
    near = sorted({kind for key in keys for kind in difflib.get_close_matches(key, KINDS, 2)})
    return f" (did you mean {' or '.join(near)}?)" if near else ""


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
