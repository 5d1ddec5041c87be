"""`make fuzz`: whatever bytes stand in a file, there is a list of problems or an error with a place, and that soon.

And what is read without libyaml (`blocks`) is what libyaml reads.

    python -m fuzzing [--minutes 60] [--count N] [--seed 1] [--keep FOLDER] [promql] [files] [pipelines] [blocks]

An input that ends in another way is kept, with its traceback.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
import traceback
from pathlib import Path

HERE = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(HERE / name) for name in ("promql", "rules")]

from differential import mutants  # noqa: E402
from promql_examples import INVALID, VALID  # noqa: E402
from rule_file_cases import CASES  # noqa: E402

from fuzzing import blocks  # noqa: E402
from llmmon import foreign, promql, report  # noqa: E402

GENERATED = HERE.parent / "generated"
LARGEST = 40_000  # bytes of a file that is spoiled
SLOW = 5.0  # seconds of CPU for one input
VERSIONS = ((2, 42), (3, 5), (3, 12))
ENDINGS = {
    "files": (".yml", ".yml", ".yaml", ".json", ".prom", ".rules"),
    "pipelines": (".conf",),
    "blocks": (".yml", ".yaml"),
}
ODD = (0, 0xFF, 0xEF, 0xBB, 0xBF, 0x80, 0x0D, 0x09, 0x85, 0x7F, *range(32, 127))
KINDS = ("promql", "files", "pipelines", "blocks")


class Fuzzer:
    """Inputs of one kind, each a few bytes away from a good one; what ended badly is in `kept`."""

    def __init__(self, kind: str, seed: int, kept: Path) -> None:
        self.kind = kind
        self.chance = random.Random(seed)
        self.kept = kept
        known = VALID + INVALID if kind == "promql" else _files(kind)
        self.known = [text for text in known if text.strip()]
        self.bad = 0

    def until(self, end: float, most: int | None) -> None:
        count = 0
        while time.monotonic() < end and count != most:
            count += 1
            text = self.spoiled()
            start = time.process_time()
            try:
                self.judge(text)
            except Exception:
                self.keep(text, traceback.format_exc())
            else:
                if time.process_time() - start > SLOW:
                    self.keep(text, f"it took more than {SLOW:g} s")
        print(f"{self.kind}: {count} spoiled inputs, {self.bad} ended badly" + (f", see {self.kept}" * bool(self.bad)))

    def spoiled(self) -> bytes:
        if self.kind == "blocks":
            return blocks.spoiled(self.known, self.chance).encode()
        make = mutants.expressions if self.kind == "promql" else mutants.files
        found = make([self.chance.choice(self.known), self.chance.choice(self.known)], 1, self.chance)
        text = bytearray("".join(found).encode("utf-8", "surrogatepass"))
        for _ in range(self.chance.choice((0, 0, 0, 1, 2, 5))):
            at = self.chance.randrange(len(text) + 1)
            text[at:at] = bytes([self.chance.choice(ODD)])
        if self.chance.random() < 0.02:
            at = self.chance.randrange(len(text) + 1)
            text[at:at] = bytes(text[max(0, at - 20) : at]) * self.chance.randrange(1, 400)
        return bytes(text)

    def judge(self, text: bytes) -> None:
        if self.kind == "promql":
            _expression(text.decode("utf-8", "replace"), self.chance.choice(VERSIONS))
            return
        if self.kind == "blocks":
            blocks.is_read(text.decode())
            return
        path = self.kept / f"input{self.chance.choice(ENDINGS[self.kind])}"
        path.write_bytes(text)
        found = foreign.lint_paths([path], self.chance.choice(VERSIONS)).problems
        for style in ("text", "json"):
            report.render(found, style)
        path.unlink()

    def keep(self, text: bytes, why: str) -> None:
        self.bad += 1
        path = self.kept / f"{self.kind}-{self.bad}"
        path.write_bytes(text)
        path.with_suffix(".txt").write_text(why)


def _expression(text: str, version: promql.Version) -> None:
    try:
        expr = promql.parse(text, version=version)
    except promql.PromqlError as error:
        if not 0 <= error.span[0] <= error.span[1] <= len(text) + 2:
            raise ValueError(f"{error.span} is no place in this text") from error
        return
    promql.parse(promql.to_text(expr), version=version)
    promql.pretty(expr, 40)
    promql.flow(expr, lambda _: None)


def _files(kind: str) -> list[str]:
    """What there is to spoil: the cases of the tests, and what llmmon writes."""
    written = [path for path in sorted(GENERATED.rglob("*")) if path.suffix in ENDINGS[kind]]
    small = [path.read_text(encoding="utf-8") for path in written if path.stat().st_size < LARGEST]
    return small if kind == "pipelines" else [*CASES.values(), *small]


def main() -> int:
    parser = argparse.ArgumentParser(prog="fuzzing")
    parser.add_argument("kinds", nargs="*", default=list(KINDS))
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--count", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path)
    options = parser.parse_args()
    kept = options.keep or Path(tempfile.mkdtemp(prefix="llmmon-fuzz-"))
    kept.mkdir(parents=True, exist_ok=True)
    fuzzers = [Fuzzer(kind, options.seed, kept) for kind in options.kinds]
    for fuzzer in fuzzers:
        fuzzer.until(time.monotonic() + 60 * options.minutes, options.count)
    return int(any(fuzzer.bad for fuzzer in fuzzers))


if __name__ == "__main__":
    sys.exit(main())
