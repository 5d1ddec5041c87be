"""Two cores find what one does, in files of every kind of envelope."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from llmmon import foreign, parallel

if TYPE_CHECKING:
    from pathlib import Path

RULE = "  - alert: A{0}\n    expr: rate(app_{0}_ratio[5m]) > {0}\n    annotations: {{summary: '{{{{ $labels.x }}}}'}}\n"


def group(number: int, rules: int) -> str:
    return f"groups:\n- name: g{number}\n  rules:\n" + "".join(RULE.format(100 * number + i) for i in range(rules))


def said(path: Path) -> list[tuple[str, str, str]]:
    found = foreign.lint_paths([path]).problems
    return sorted((str(problem.origin), problem.rule, problem.message) for problem in found)


def test_two_cores_say_what_one_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        (tmp_path / f"{number}.yml").write_text(group(number, 7 * number + 1))
    inside = "".join(f"    {line}\n" for line in group(8, 9).splitlines())
    (tmp_path / "map.yaml").write_text(f"apiVersion: v1\nkind: ConfigMap\ndata:\n  a.yml: |\n{inside}")
    alone = said(tmp_path)
    assert len(alone) > 100
    monkeypatch.setattr(foreign, "MANY", 3)
    monkeypatch.setattr(parallel, "cores", lambda: 2)
    assert said(tmp_path) == alone


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no process can be copied here")
def test_what_a_copy_cannot_do_is_done_here() -> None:
    parent = os.getpid()

    def there() -> list[str]:
        if os.getpid() != parent:
            raise MemoryError
        return ["there"]

    assert parallel.both(lambda: ["here"], there, []) == ["here", "there"]  # type: ignore[arg-type, list-item, comparison-overlap]


def test_halves_weigh_about_the_same() -> None:
    first, second = parallel.halves([9, 1, 5, 5, 2, 2], lambda weight: weight)
    assert sorted([*first, *second]) == [1, 2, 2, 5, 5, 9]
    assert abs(sum(first) - sum(second)) <= 2
