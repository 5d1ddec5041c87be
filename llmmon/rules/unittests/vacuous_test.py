"""A unit test that passes because it tests nothing.

promtool asks whether an alert fires, and of an alert that no rule raises it says: it does not, as expected. When an
alert is renamed and its test is not, the test goes on passing. So does one whose rule files are not there, as long as
it expects nothing; files that may be made before the tests run are not missed.

Bad (alerts: HighErrorRate):

    rule_files: [rules.yml]
    tests:
      - alert_rule_test:
          - {eval_time: 5m, alertname: HighErrorsRate, exp_alerts: []}

    rule_files: [missing.yaml]
    tests: []

Good (alerts: HighErrorRate):

    rule_files: [rules.yml]
    tests:
      - alert_rule_test:
          - {eval_time: 5m, alertname: HighErrorRate, exp_alerts: []}

    rule_files: [unreadable.yml]
    tests:
      - alert_rule_test:
          - {eval_time: 5m, alertname: Other, exp_alerts: []}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.lazily import get_close_matches
from llmmon.problem import Level
from llmmon.rule import Edit, Finding, Rule, UnitTests

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.rule import Facts

_HINTS = 10  # of a file; each is looked for among all alerts


def check(tests: UnitTests, facts: Facts) -> Iterator[Finding]:
    del facts
    for files, origin in tests.files:
        if files.meant:  # else it may be made before the tests run
            message = f"no file matches {files.pattern}, so nothing of it is tested: did you mean {files.meant}?"
            yield Finding("R046", message, origin=origin)
    known: set[str] = set()
    for files, _ in tests.files:
        if files.alerts is None or not files.found:
            return  # what is in there nobody knows
        known |= files.alerts
    unknown = [asked for asked in tests.alerts if asked[0] not in known] if tests.files else []
    for number, (name, fires, origin) in enumerate(unknown):
        near = get_close_matches(name, known, 1) if number < _HINTS else []
        hint = f"did you mean {near[0]}?" if near else "test an alert that they have"
        edits = (Edit(near[0], (0, len(name))),) if near else ()
        result = "fails" if fires else "passes"
        message = f"no rule of these files raises {name}, so this {result} whatever happens: {hint}"
        yield Finding("R044", message, origin=origin, edits=edits)


RULE = Rule(UnitTests, check, {"R044": Level.ERROR, "R046": Level.WARNING}, peers=("promtool test rules",))
