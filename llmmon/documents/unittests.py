"""Unit tests of promtool: which rule files each loads, and which alerts it asks about."""

from __future__ import annotations

import glob
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from llmmon.documents.fields import Fields
from llmmon.documents.names import names
from llmmon.rule import RuleFiles, UnitTests
from llmmon.source import reading

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from llmmon.problem import Origin, Problem
    from llmmon.source.values import Value

    Loader = Callable[[str], RuleFiles]

_TOP = ("rule_files", "evaluation_interval", "group_eval_order", "tests", "fuzzy_compare")
_TEST = (
    *("interval", "input_series", "name", "alert_rule_test", "promql_expr_test", "external_labels", "external_url"),
    "start_timestamp",
)
_ALERT = ("eval_time", "alertname", "exp_alerts")
_MOST_FILES = 1000
_MOST_BYTES = 50_000_000


def is_tests(value: Value) -> bool:
    """Whether a document holds unit tests of rules."""
    return isinstance(value, dict) and "rule_files" in value and isinstance(value.get("tests"), list)


def read(value: dict[str, Value], origin: Origin, load: Loader) -> tuple[UnitTests, list[Problem]]:
    """The tests of a document, and what is wrong with their form; `load` finds the rule files of a pattern."""
    fields = Fields((3, 5), strict=False)
    _unknown(fields, value, origin, _TOP)
    alerts: list[tuple[str, bool, Origin]] = []
    for keys, test in fields.maps(value.get("tests"), origin.at("tests"), "a test"):
        here = origin.at("tests", *keys)
        _unknown(fields, test, here, _TEST)
        for inner, asked in fields.maps(test.get("alert_rule_test"), here.at("alert_rule_test"), "an alert's test"):
            at = here.at("alert_rule_test", *inner)
            _unknown(fields, asked, at, _ALERT)
            if name := fields.text(asked, "alertname", at):
                alerts.append((name, bool(asked.get("exp_alerts")), at.at("alertname")))
    patterns = value.get("rule_files")
    files = tuple(
        (load(pattern), origin.at("rule_files", index))
        for index, pattern in enumerate(patterns if isinstance(patterns, list) else ())
        if isinstance(pattern, str)
    )
    return UnitTests(files, tuple(alerts), origin), fields.problems


def _unknown(fields: Fields, value: dict[str, Value], here: Origin, known: tuple[str, ...]) -> None:
    for key in value:
        if key not in known:
            fields.unknown(here.at(key), key, known)


def loader(path: str, made: Collection[str] = ()) -> Loader:
    """Finds rule files as a test file at this path does; those that are not there are perhaps `made` before it runs."""
    folder = glob.escape(str(Path(path).parent))

    def load(pattern: str) -> RuleFiles:
        try:
            found = glob.iglob(str(Path(folder) / pattern))  # noqa: PTH207 - the pattern may be absolute
            paths = [Path(name) for name in islice(found, _MOST_FILES)]
            inside = [_alerts(file) for file in paths]
        except (OSError, ValueError):  # a NUL byte is in no name
            return RuleFiles(pattern, False, None)
        known = None if any(one is None for one in inside) else frozenset(name for one in inside for name in one or ())
        if not paths and Path(pattern).name in made:
            return RuleFiles(pattern, True, None)
        return RuleFiles(pattern, bool(paths), known, None if paths else _meant(pattern, Path(folder)))

    return load


def _meant(pattern: str, folder: Path) -> str | None:
    """The pattern with `.yml` for `.yaml`, or the other way round, where that leads to a file."""
    for one, other in ((".yml", ".yaml"), (".yaml", ".yml")):
        if pattern.endswith(one):
            instead = pattern.removesuffix(one) + other
            if next(glob.iglob(str(folder / instead)), None):  # noqa: PTH207 - the pattern may be absolute
                return instead
    return None


def _alerts(path: Path) -> frozenset[str] | None:
    """The alerts of a rule file; None where it cannot be read."""
    about = path.stat()
    if not path.is_file() or about.st_size > _MOST_BYTES:
        return None
    return _read(path, about.st_mtime_ns, about.st_size)


@lru_cache(maxsize=4096)
def _read(path: Path, changed: int, size: int) -> frozenset[str] | None:
    """Of a file as it was at this moment: many tests name the same one."""
    del changed, size
    document, wrong = reading.read(path, path.as_posix())
    found = None if wrong else names(document)
    return found.alerts if found else None
