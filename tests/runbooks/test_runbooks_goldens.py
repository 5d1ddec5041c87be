"""The pages of one small service, and those of its fleet."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import golden

if TYPE_CHECKING:
    from conftest import Fleet

GOLDEN = Path(__file__).parent / "golden"
MORE = "workload: {namespace: llm, name: litellm}\nhealth: {port: 4000, liveness: /live, readiness: /ready}\n"


def test_the_pages_of_a_service_and_of_the_fleet(fleet: Fleet) -> None:
    fleet.write("specs/chat.yaml", (fleet.root / "specs/chat.yaml").read_text() + MORE)
    ran = fleet.run("generate")
    assert ran.code == 0, ran.out
    golden.same(GOLDEN, fleet.files("generated/runbooks"))
