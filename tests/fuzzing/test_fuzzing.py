"""The fuzzer finds nothing in a short run, and keeps what it does find."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest

from fuzzing.__main__ import KINDS, Fuzzer

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("kind", KINDS)
def test_spoiled_input_ends_well(kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Fuzzer(kind, 7, tmp_path).until(math.inf, 60)
    assert capsys.readouterr().out == f"{kind}: 60 spoiled inputs, 0 ended badly\n"
    assert not list(tmp_path.iterdir())


def test_what_ends_badly_is_kept_with_its_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(_: object) -> None:
        raise IndexError("we are wrong")

    fuzzer = Fuzzer("promql", 7, tmp_path)
    monkeypatch.setattr(fuzzer, "judge", broken)
    fuzzer.until(math.inf, 2)
    assert "2 ended badly" in capsys.readouterr().out
    assert "IndexError: we are wrong" in (tmp_path / "promql-2.txt").read_text()
    assert (tmp_path / "promql-2").read_bytes()
