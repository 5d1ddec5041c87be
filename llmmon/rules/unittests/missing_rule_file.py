"""A unit test of rule files that are not there.

promtool warns of a pattern that matches no file, and goes on: what expects no alert passes. Mostly the file is made of
something else before the test runs, from Jsonnet or out of an object of Kubernetes, so this is said only where it is
asked for.

Bad:

    rule_files: [missing.yml]
    tests: []

Good:

    rule_files: [rules.yml]
    tests: []

    rule_files: []
    tests: []
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.problem import Level
from llmmon.rule import Finding, Rule, UnitTests

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.rule import Facts


def check(tests: UnitTests, facts: Facts) -> Iterator[Finding]:
    del facts
    for files, origin in tests.files:
        if not files.found:
            message = f"no file matches {files.pattern}, so nothing of it is tested: name one that is there, or make it"
            yield Finding("R046", message, origin=origin)


RULE = Rule(UnitTests, check, {"R046": Level.WARNING}, peers=("promtool test rules",), default=False)
