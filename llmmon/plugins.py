"""A registry is a directory listing: every module in targets/ that ends with TARGET is a target."""

from __future__ import annotations

import functools
import importlib
import pkgutil
from typing import TYPE_CHECKING

import llmmon.targets

if TYPE_CHECKING:
    from llmmon.target import Target


@functools.cache
def targets() -> tuple[Target, ...]:
    """All targets, by name."""
    names = sorted(module.name for module in pkgutil.iter_modules(llmmon.targets.__path__))
    return tuple(importlib.import_module(f"llmmon.targets.{name}").TARGET for name in names)
