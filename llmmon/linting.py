"""What `llmmon lint` does, once its options are read; nothing here knows the library that reads them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from llmmon import lazily
from llmmon.classes import frozen, replace
from llmmon.outcome import CLEAN, FOUND, FailOn, Format, end, out, say, usage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import timedelta

    from llmmon.declared import Schema
    from llmmon.foreign import Linted
    from llmmon.problem import Problem
    from llmmon.rule import Facts
    from llmmon.selection import Selection, Settings

PROMETHEUS = "3.5"
ALERTMANAGER = "0.28"
_ALERTMANAGER = (0, 28)
_TOO_OLD = lazily.pattern(r"0\.(?:\d|1\d|2[01])(?:\.|\Z)")  # had no matchers, which all here have
_VERSION = lazily.pattern(r"[0-9]+\.[0-9]+(?:\.[0-9]+)?")
_LISTED = lazily.pattern(r"[,\s]+")

_ONCE = ("Q018", "Q067")  # codes that many rules of a file have for one reason


@frozen
class Options:
    """What may stand behind `llmmon lint`; what is None or empty is left to the settings."""

    select: list[str] | None = None
    ignore: list[str] | None = None
    schema: list[str] | None = None
    profile: str | None = None
    advice: bool | None = None
    prometheus_version: str | None = None
    alertmanager_version: str | None = None
    baseline: Path | None = None
    write_baseline: Path | None = None
    since: str | None = None
    fix: bool = False
    unsafe_fixes: bool = False
    diff: bool = False
    stdin_filename: str = "<stdin>"
    stats: bool = False
    format: Format = Format.text
    fail_on: FailOn = FailOn.error
    quiet: bool = False


def lint(paths: list[Path], asked: Options) -> NoReturn:
    """Print what is wrong with the files, and end the process."""
    from llmmon import foreign, inputs
    from llmmon.selection import Selection

    chosen = _settings(asked)
    selection = Selection(chosen)
    version = tuple(int(part) for part in (chosen.prometheus_version or PROMETHEUS).split("."))
    dialect = "prometheus" if chosen.profile == "promtool" else None  # whose fields promtool refuses
    around = _around(chosen, asked.since)

    def find(instead: Mapping[str, bytes]) -> tuple[list[Problem], Linted]:
        linted = foreign.lint_paths(
            paths,
            version,
            excluded=chosen.exclude,
            stdin=asked.stdin_filename,
            dialect=dialect,
            wanted=selection.asks,
            around=around,
            instead=instead,
        )
        return _kept(linted, selection), linted

    if asked.fix or asked.unsafe_fixes or asked.diff:
        if asked.write_baseline:
            usage("--write-baseline accepts what is there: repair first, and call it without --fix")
        given = {asked.stdin_filename: sys.stdin.buffer.read()} if inputs.STDIN in paths else {}
        _repair(lambda instead: selection.heard(_news(*find(instead), chosen, asked.since), paths), given, asked)
    problems, linted = find({})
    if asked.write_baseline:
        _accept(selection.heard(problems, paths), asked.write_baseline, asked.quiet)
    everything = _news(problems, linted, chosen, asked.since)
    problems = selection.heard(everything, paths)
    unheard = len(everything) - len(problems) if chosen.advice is None else 0
    if any(problem.code in _ONCE for problem in problems):
        from llmmon import lint

        problems = [*lint.once(problems, "in this file", _ONCE)]
    if asked.stats:
        _stats(problems)
    end(problems, [], asked.format, asked.fail_on, asked.quiet, require_tools=False, more=_more(problems, unheard))


def _more(problems: Iterable[Problem], unheard: int) -> str:
    """How many problems an option repairs, and how many another one would say."""
    fixes = [problem.fix for problem in problems if problem.fix]
    safe = sum(fix.safe for fix in fixes)
    counted = {"--fix": safe, "--unsafe-fixes": len(fixes)}
    said = [f"{option} repairs {count}" for option, count in counted.items() if count > (option != "--fix") * safe]
    said += [f"--advice says {unheard} more"] if unheard else []
    return f"; {', '.join(said)}" if said else ""


def _repair(
    find: Callable[[Mapping[str, bytes]], list[Problem]], given: Mapping[str, bytes], asked: Options
) -> NoReturn:
    """Repair files, or show how, and say what is left. What came from standard input goes to standard output."""
    from llmmon.repair import fix
    from llmmon.report import shown

    repaired = fix.rounds(find, given, asked.unsafe_fixes, 1 if asked.since else fix.ROUNDS)
    for problem in repaired.refused:
        say(asked.quiet, shown(f"{problem.origin}: not repaired, do it by hand: {problem.message} [{problem.rule}]"))
    if asked.diff:
        out(repaired.difference())
        say(asked.quiet, f"{repaired.fixed} would be fixed")
        sys.exit(FOUND if repaired.files else CLEAN)
    for name in given:
        sys.stdout.buffer.write(repaired.files.pop(name, given[name]))
    unwritten = list(fix.write(repaired))
    left = [*(find({}) if asked.since and not given else repaired.problems), *unwritten]  # git looks at what is on disk
    end(left, [], asked.format, asked.fail_on, asked.quiet, require_tools=False, fixed=repaired.fixed, err=bool(given))


def _settings(asked: Options) -> Settings:
    """What the files say, and what the options say over it."""
    from llmmon import selection

    try:
        found = selection.settings(Path())
    except ValueError as error:
        usage(str(error))
    if asked.select:
        found = replace(found, select=_split(asked.select))
    if asked.ignore:
        found = replace(found, ignore=(*found.ignore, *_split(asked.ignore)))
    if asked.baseline or found.baseline:
        found = replace(found, baseline=str(asked.baseline or found.folder / str(found.baseline)))
    inside = tuple(str(found.folder / name) if (found.folder / name).exists() else name for name in found.schema)
    found = replace(
        found,
        schema=tuple(asked.schema) if asked.schema else inside,
        profile=asked.profile or found.profile,
        advice=found.advice if asked.advice is None else asked.advice,
        prometheus_version=asked.prometheus_version or found.prometheus_version,
        alertmanager_version=asked.alertmanager_version or found.alertmanager_version,
    )
    wrong = list(selection.faults(found))
    for version, like in ((found.prometheus_version, PROMETHEUS), (found.alertmanager_version, ALERTMANAGER)):
        if version and not _VERSION.fullmatch(version):
            wrong.append(f"{version!r} is no version: write it like {like}")
    if found.alertmanager_version and _TOO_OLD.match(found.alertmanager_version):
        wrong.append(f"Alertmanager {found.alertmanager_version} is older than what is known here: write 0.22 or newer")
    if wrong:
        usage("; ".join(wrong))
    return found


def _around(chosen: Settings, since: str | None) -> Facts:
    """What the settings say of the servers, and what was there at a revision."""
    from llmmon import changed, duration
    from llmmon.rule import Facts

    def time(text: str | None) -> timedelta | None:
        return duration.parse(text) if text else None

    known = _schema(chosen)
    try:
        removed = changed.removed(since) if since else None
    except ValueError as error:
        usage(str(error))
    said = {"alertmanager": chosen.alertmanager_version, "prometheus": chosen.prometheus_version}
    versions = {program: tuple(map(int, version.split("."))) for program, version in said.items() if version}
    return Facts(
        schema=known.series if known else None,
        declared=frozenset(known.known) if known else frozenset(),
        namespaces=known.namespaces if known else (),
        alertmanager=versions.get("alertmanager", _ALERTMANAGER),
        pinned={program: (version[0], version[1]) for program, version in versions.items()},
        features=frozenset(chosen.features),
        scrape_interval=time(chosen.scrape_interval),
        evaluation_interval=time(chosen.evaluation_interval),
        retention=time(chosen.retention),
        external_labels=chosen.external_labels,
        removed=removed,
        policy=chosen.policy,
    )


def _schema(chosen: Settings) -> Schema | None:
    """Which metrics exist, where anybody says so."""
    if not chosen.schema:
        return None
    from llmmon import declared

    try:
        return declared.read(chosen.schema, chosen.namespaces)
    except ValueError as error:
        usage(f"--schema: {error}")


def _split(given: Iterable[str]) -> tuple[str, ...]:
    """`--select a,b --select c`."""
    return tuple(part for text in given for part in _LISTED.split(text) if part)


def _kept(linted: Linted, selection: Selection) -> list[Problem]:
    """What the chosen rules say and no comment mutes."""
    from datetime import UTC, datetime

    from llmmon import suppression
    from llmmon.selection import known

    def peers() -> dict[str, tuple[str, ...]]:
        return {slug: about.peers for slug, about in known().items()}

    today = datetime.now(UTC).date()
    asked = suppression.Asked(selection.speaks, selection.locked, selection.tastes)
    unmuted = suppression.apply(linted.problems, linted.documents, peers, today, asked)
    if selection.settings.alertmanager_version is None:  # which one will read it nobody has said
        unmuted = map(_doubted, unmuted)
    return list(selection.chosen(unmuted))


def _doubted(problem: Problem) -> Problem:
    if problem.rule != "option-too-new":
        return problem
    from llmmon.problem import Level

    return replace(problem, level=Level.WARNING)


def _accept(problems: list[Problem], path: Path, quiet: bool) -> None:
    from llmmon import baseline

    path.write_text(baseline.text(problems), encoding="utf-8")
    say(quiet, f"{path}: {len(problems)} accepted")
    sys.exit()


def _news(problems: list[Problem], linted: Linted, chosen: Settings, since: str | None) -> list[Problem]:
    """Without what the baseline accepts, and without what stands in rules that nobody has touched."""
    try:
        if chosen.baseline:
            from llmmon import baseline

            accepted = baseline.read(Path(chosen.baseline))
            names = {document.path for document in linted.documents}
            problems = list(baseline.new(problems, accepted, chosen.baseline, names))
        if since:
            from llmmon import changed

            problems = list(changed.news(problems, changed.since(since)))
    except ValueError as error:
        usage(str(error))
    return problems


def _stats(problems: list[Problem]) -> None:
    from collections import Counter

    counted = Counter((problem.rule, str(problem.level)) for problem in problems)
    for (rule, level), count in sorted(counted.items(), key=lambda item: (-item[1], item[0])):
        say(False, f"{count:>6} {level:<8} {rule}")
