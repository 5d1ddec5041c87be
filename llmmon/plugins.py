"""A registry is a directory listing: every module in targets/ ends with TARGET, every one in rules/<family>/ with
RULE."""

from __future__ import annotations

import functools
import importlib
import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from llmmon.rule import Rule
    from llmmon.target import Target


@functools.cache
def targets() -> tuple[Target, ...]:
    """All targets, by name."""
    return tuple(importlib.import_module(name).TARGET for name in _modules("llmmon.targets"))


@functools.cache
def rules(family: str) -> dict[str, Rule[Any]]:
    """The lint rules of a family by slug: `rate-on-gauge` is in `rules/<family>/rate_on_gauge.py`."""
    modules = _modules(f"llmmon.rules.{family}")
    return {name.rpartition(".")[2].replace("_", "-"): importlib.import_module(name).RULE for name in modules}


def page(family: str, slug: str) -> str:
    """What a rule says of itself: what it finds and why that hurts, with examples."""
    return importlib.import_module(f"llmmon.rules.{family}.{slug.replace('-', '_')}").__doc__ or ""


@functools.cache
def families() -> tuple[str, ...]:
    """The families of lint rules."""
    return tuple(name.rpartition(".")[2] for name in _modules("llmmon.rules"))


def _modules(package: str) -> list[str]:
    path = importlib.import_module(package).__path__
    inside = (name for folder in path for name in os.listdir(folder))  # noqa: PTH208 - pkgutil reads half of the library
    names = {name.removesuffix(".py") for name in inside if not name.startswith("_")}
    return sorted(f"{package}.{name}" for name in names if "." not in name)
