"""`make differential`: many thousands of expressions, regexes, templates and rule files, at every version that is
installed; and as many configurations of Alertmanager.

    python -m differential [--count 20000] [--seed 1] [--promtool PATH]... [--amtool PATH]... [FOLDER]...

Folders of real rule files and configurations may be named; only the installed promtool and amtool are asked without
`--promtool` and `--amtool`.
"""

from __future__ import annotations

import argparse
import random
import re
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

HERE = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(HERE / name) for name in ("promql", "rules", "gotemplate", "alertmanager")]

import amtool_verdicts as amtool  # noqa: E402
from promql_examples import INVALID, VALID  # noqa: E402
from rule_file_cases import CASES  # noqa: E402
from template_examples import GOOD  # noqa: E402

from differential import compare, mutants  # noqa: E402
from differential.promtool import Promtool  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

GENERATED = HERE.parent / "generated"
SHOWN = 20


def main() -> int:
    """Print the disagreements; 1 where a real file has one, or more than one mutant in a thousand."""
    asked = argparse.ArgumentParser(prog="differential")
    asked.add_argument("--count", type=int, default=20_000)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--promtool", action="append", default=[])
    asked.add_argument("--amtool", action="append", default=[])
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
    for path in given.amtool or [found for found in (shutil.which("amtool"),) if found]:
        with tempfile.TemporaryDirectory() as folder:
            failed |= _configurations(path, given.count, given.seed, given.folders, Path(folder))
    return int(failed)


def _configurations(path: str, count: int, seed: int, folders: Sequence[Path], scratch: Path) -> bool:
    version = amtool.version(path)
    name = f"amtool {'.'.join(map(str, version))}"
    made = amtool.sample(count, seed)
    ours = [*_real([GENERATED / "alertmanager"], "route:", "scrape_configs:")]
    spoiled = mutants.files(ours, count // 10, random.Random(seed))
    real = [*ours, *_real(folders, "route:", "scrape_configs:")]
    each = (
        ("configurations", made, 0.001),
        ("spoiled configurations", spoiled, 0.001),
        ("real configurations", real, 0),
    )
    failed = False
    for what, texts, allowed in each:
        failed |= _report(what, name, len(texts), amtool.disagreements(texts, path, version, scratch), allowed)
    return failed


def _all(promtool: Promtool, count: int, seed: int, folders: Sequence[Path], scratch: Path) -> bool:
    chance = random.Random(seed)
    expressions = mutants.expressions([*VALID, *INVALID], count, chance)
    regexes = mutants.regexes(count // 4, chance)
    templates = mutants.templates(GOOD, count // 4, chance)
    files = mutants.files([*CASES.values()], count // 10, chance)
    real = [*_real([*folders, GENERATED / "prometheus"], "groups:", "rule_files:")]
    name = f"promtool {'.'.join(map(str, promtool.version))}"
    return any(
        [
            _report("expressions", name, len(expressions), compare.expressions(expressions, promtool, scratch)),
            _report("regexes", name, len(regexes), compare.expressions(regexes, promtool, scratch)),
            _report("templates", name, len(templates), compare.templates(templates, promtool, scratch)),
            _report("spoiled rule files", name, len(files), compare.files(files, promtool, scratch)),
            _report("real rule files", name, len(real), compare.files(real, promtool, scratch), allowed=0),
        ]
    )


def _real(folders: Sequence[Path], has: str, not_has: str) -> Iterator[str]:
    """Files of a kind below the folders, as servers read them: no objects of Kubernetes."""
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.suffix in (".yml", ".yaml", ".rules") and path.is_file():
                text = path.read_text(encoding="utf-8", errors="replace")
                line = re.search(rf"^{has}", text, re.MULTILINE)
                if line and not_has not in text and "apiVersion:" not in text:
                    yield text


def _report(what: str, tool: str, count: int, found: Sequence[str], allowed: float = 0.001) -> bool:
    share = 1 - len(found) / max(count, 1)
    print(f"{tool}, {what}: {count}, {len(found)} disagreements ({share:.2%} agree)")
    for text in found[:SHOWN]:
        print(f"  {text}")
    return len(found) > count * allowed


if __name__ == "__main__":
    sys.exit(main())
