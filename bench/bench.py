"""Measures llmmon: start-up, this repository's specs, and fleets of many services, against promtool on the output.

CPU seconds are user and system time of one child process on one core, the median of several runs; peak memory is
the largest of them. Goals are of CPU time, save start-up, which is what a person waits.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import yaml
from measure import LLMMON, MISSED, ROOT, head, line, measure, one_core

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SERVICE = Path(__file__).with_name("service.yaml")
BOTH = ("llm-config-manager", "llm-cost-tracker")
NAMING = ("deploy", "tracing")  # what the fleet says of services by their names


def main() -> int:
    """Print the table; 1 where a goal was missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--services", type=int, default=1000, help="size of the fleet [default: 1000]")
    parser.add_argument("--runs", type=int, default=3, help="of the larger measurements [default: 3]")
    parser.add_argument("--quick", action="store_true", help="100 services, one run")
    args = parser.parse_args()
    services, runs = (100, 1) if args.quick else (args.services, args.runs)
    one_core()
    head()
    good = [start(), own_specs(max(runs, 5))]
    template = SERVICE.read_text()
    good.append(fleet(f"{services} copies of bench/service.yaml", template, services, runs, {}, goal=True))
    template = (ROOT / "specs/llm-config-manager.yaml").read_text().replace("llm-config-manager", "NAME")
    pages = {
        path.name: path.read_text().replace("llm-config-manager", "NAME")
        for path in (ROOT / "specs/runbooks/llm-config-manager").glob("*.md")
    }
    few = services // 10
    good.append(fleet(f"{few} copies of specs/llm-config-manager.yaml", template, few, 1, pages, goal=False))
    return 0 if all(good) else MISSED


def start() -> bool:
    """How long it takes until a person sees something."""
    bare = measure([sys.executable, "-I", "-c", "pass"], runs=15)
    line("python -I -c pass", bare)
    good = True
    for option in ("--version", "--help"):
        cost = measure([LLMMON, option], runs=15)
        good &= line(f"llmmon {option}", cost, f"wall < 0.15 s ({cost.wall / bare.wall:.1f}x python)", cost.wall < 0.15)
    return good


def own_specs(runs: int) -> bool:
    """The two systems with a goal, then all of the repository's specs, generated anew each time."""
    with tempfile.TemporaryDirectory(prefix="llmmon-bench-") as folder:
        here = Path(folder)
        fleet_file(here / "specs")
        for name in BOTH:
            shutil.copy(ROOT / f"specs/{name}.yaml", here / "specs")
            shutil.copytree(ROOT / f"specs/runbooks/{name}", here / f"specs/runbooks/{name}")
        out = here / "generated"
        cost = measure([LLMMON, "generate", "-q"], runs, cwd=here, before=lambda: remove(out))
        good = line(f"generate {' and '.join(BOTH)}, no tools", cost, "CPU < 1.5 s", cost.cpu < 1.5)
        cost = measure([LLMMON, "generate", "-q", "--out", out], runs, cwd=ROOT, before=lambda: remove(out))
        line("generate specs/, no tools", cost)
        return good


def fleet(what: str, template: str, services: int, runs: int, pages: Mapping[str, str], *, goal: bool) -> bool:
    """Many services in one fleet, and promtool on their rules."""
    with tempfile.TemporaryDirectory(prefix="llmmon-bench-") as folder:
        here = Path(folder)
        write_fleet(here / "specs", template, services, pages)
        out = here / "generated"
        cost = measure([LLMMON, "generate", "-q"], runs, cwd=here, before=lambda: remove(out))
        files = [path for path in out.rglob("*") if path.is_file()]
        rules = sorted(out.glob("prometheus/rules/*/*.yaml"))
        size = sum(path.stat().st_size for path in files) / 1e6
        print(f"{what}: {len(files)} files, {size:.0f} MB, {count_rules(rules)} rules")
        promtool = shutil.which("promtool")
        if promtool is None:
            line("  generate, no tools", cost, "promtool is not on PATH: no ratio", False)
            return False
        judge = measure([promtool, "check", "rules", *rules], runs)
        line("  promtool check rules", judge)
        ratio = cost.cpu / judge.cpu
        verdict = ratio <= 4 and cost.megabytes <= 500 if goal else None
        return line("  generate, no tools", cost, f"{ratio:.2f}x promtool's CPU <= 4x, <= 500 MB", verdict)


def write_fleet(folder: Path, template: str, services: int, pages: Mapping[str, str]) -> None:
    """Copies of a service and of its runbooks' words, each with its own name and port, and a fleet around them."""
    fleet_file(folder)
    for number in range(services):
        name = f"service-{number:04}"
        text = template.replace("NAME", name).replace("PORT", str(10000 + number))
        (folder / f"{name}.yaml").write_text(text)
        for page, words in pages.items():
            path = folder / "runbooks" / name / page
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(words.replace("NAME", name))


def fleet_file(folder: Path) -> None:
    """The repository's fleet, without the parts that name one of its services."""
    folder.mkdir()
    said = yaml.safe_load((ROOT / "specs/fleet.yaml").read_text())
    (folder / "fleet.yaml").write_text(yaml.safe_dump({key: said[key] for key in said if key not in NAMING}))


def count_rules(files: Sequence[Path]) -> int:
    """Recording and alerting rules."""
    return sum(path.read_text().count("\n  - record: ") + path.read_text().count("\n  - alert: ") for path in files)


def remove(folder: Path) -> None:
    """So that every run writes everything."""
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
