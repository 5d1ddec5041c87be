"""What an operator gets for one service, and for the fleet."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import golden
import pytest
from operator_examples import MOST, OTHER, prepare

if TYPE_CHECKING:
    from conftest import Fleet

GOLDEN = Path(__file__).parent / "golden"
# Rules and Alertmanager's files as other targets' cases show them; of rules, the Watchdog's are enough.
COPIED = (
    "chat/production/prometheusrule.yaml",
    "chat/production/vmrule.yaml",
    "alertmanager-config.yaml",
    "-templates.yaml",
)


@pytest.mark.parametrize(("case", "kinds"), [("most", MOST), ("other", OTHER)])
def test_the_objects_of_one_service_and_of_the_fleet(fleet: Fleet, case: str, kinds: str) -> None:
    prepare(fleet, kinds)
    ran = fleet.run("generate")
    assert ran.code == 0, ran.out
    made = fleet.files("generated/kubernetes")
    golden.same(
        GOLDEN / case,
        {path: text for path, text in made.items() if not path.endswith(COPIED) and "chat/staging" not in path},
    )
