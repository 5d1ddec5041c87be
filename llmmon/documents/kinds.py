"""What a document may be, at a first look: whoever reads it decides, and is not loaded where there is no such file."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from llmmon.source.values import Value

_OF_CONFIGURATIONS = frozenset(("route", "receivers", "inhibit_rules", "time_intervals", "mute_time_intervals"))
_OF_TESTS = frozenset(("rule_files", "tests"))


def may_be_configuration(value: Value) -> bool:
    """Whether a document may be an Alertmanager configuration."""
    return isinstance(value, dict) and not _OF_CONFIGURATIONS.isdisjoint(value)


def may_be_tests(value: Value) -> bool:
    """Whether a document may be one of promtool's unit tests."""
    return isinstance(value, dict) and not _OF_TESTS.isdisjoint(value)


def is_partial(value: Value) -> bool:
    """Whether a document is a part of a configuration that the Prometheus operator puts together."""
    return isinstance(value, dict) and value.get("kind") == "AlertmanagerConfig"
