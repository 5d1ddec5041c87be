"""`make differential`: many thousands of expressions, templates and rule files, at every version that is installed.

    python -m differential [--count 20000] [--seed 1] [--promtool PATH]... [FOLDER]...

Folders of real rule files may be named; only the installed promtool is asked without `--promtool`.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

HERE = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(HERE / name) for name in ("promql", "rules", "gotemplate")]

from promql_examples import INVALID, VALID  # noqa: E402
from rule_file_cases import CASES  # noqa: E402
from template_examples import GOOD  # noqa: E402

from differential import compare, mutants  # noqa: E402
from differential.promtool import Promtool  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SHOWN = 20


def main() -> int:
    """Print the disagreements; 1 where a real file has one, or more than one mutant in a thousand."""
    asked = argparse.ArgumentParser(prog="differential")
    asked.add_argument("--count", type=int, default=20_000)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--promtool", action="append", default=[])
    asked.add_argument("folders", nargs="*", type=Path)
    given = asked.parse_args()
    paths = given.promtool or [path for path in (shutil.which("promtool"),) if path]
    if not paths:
        print("there is no promtool on PATH: name one with --promtool")
        return 1
    failed = False
    for path in paths:
        with tempfile.TemporaryDirectory() as folder:
            failed |= _all(Promtool(path), given.count, given.seed, given.folders, Path(folder))
    return int(failed)


def _all(promtool: Promtool, count: int, seed: int, folders: Sequence[Path], scratch: Path) -> bool:
    chance = random.Random(seed)
    expressions = mutants.expressions([*VALID, *INVALID], count, chance)
    templates = mutants.templates(GOOD, count // 4, chance)
    files = mutants.files([*CASES.values()], count // 10, chance)
    real = [*_real([*folders, HERE.parent / "generated" / "prometheus"])]
    return any(
        [
            _report("expressions", promtool, len(expressions), compare.expressions(expressions, promtool, scratch)),
            _report("templates", promtool, len(templates), compare.templates(templates, promtool, scratch)),
            _report("spoiled rule files", promtool, len(files), compare.files(files, promtool, scratch)),
            _report("real rule files", promtool, len(real), compare.files(real, promtool, scratch), allowed=0),
        ]
    )


def _real(folders: Sequence[Path]) -> Iterator[str]:
    """Rule files below the folders, as Prometheus reads them: no objects of Kubernetes."""
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.suffix in (".yml", ".yaml", ".rules") and path.is_file():
                text = path.read_text(encoding="utf-8", errors="replace")
                if "groups:" in text and "rule_files:" not in text and "apiVersion:" not in text:
                    yield text


def _report(what: str, promtool: Promtool, count: int, found: Sequence[str], allowed: float = 0.001) -> bool:
    share = 1 - len(found) / max(count, 1)
    version = ".".join(map(str, promtool.version))
    print(f"promtool {version}, {what}: {count}, {len(found)} disagreements ({share:.2%} agree)")
    for text in found[:SHOWN]:
        print(f"  {text}")
    return len(found) > count * allowed


if __name__ == "__main__":
    sys.exit(main())
