"""The promtool tests of one small service."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import golden

if TYPE_CHECKING:
    from conftest import Fleet

GOLDEN = Path(__file__).parent / "golden"


def test_the_tests_of_a_service(fleet: Fleet) -> None:
    ran = fleet.run("generate")
    assert ran.code == 0, ran.out
    golden.same(GOLDEN, fleet.files("generated/prometheus/tests/production"))
