"""`llmmon lint`, `llmmon rules` and `llmmon rule`: what is wrong with anybody's files, and what the linter knows."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple, NoReturn

import typer

from llmmon.outcome import CLEAN, FOUND, Fail, FailOn, Fmt, Format, Quiet, end, say, usage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import timedelta

    from llmmon.declared import Schema
    from llmmon.foreign import Linted
    from llmmon.problem import Problem
    from llmmon.rule import Facts
    from llmmon.selection import Selection, Settings

_NEWEST = "3.5"
_ALERTMANAGER = "0.28"
_VERSION = re.compile(r"[0-9]+\.[0-9]+(?:\.[0-9]+)?")
_LISTED = re.compile(r"[,\s]+")


def lint(
    paths: Annotated[
        list[Path], typer.Argument(metavar="PATHS...", help="Files or folders; - is standard input.", allow_dash=True)
    ],
    select: Annotated[list[str] | None, typer.Option("--select", help="Only these: slugs, codes, families.")] = None,
    ignore: Annotated[list[str] | None, typer.Option("--ignore", help="Not these: slugs, codes, families.")] = None,
    schema: Annotated[
        list[str] | None,
        typer.Option(
            "--schema", help="Which metrics exist: specs, a page of /metrics, or a catalogue (vllm, vllm@0.8)."
        ),
    ] = None,
    profile: Annotated[str | None, typer.Option("--profile", help="promtool, pint, mixin or strict.")] = None,
    prometheus_version: Annotated[
        str | None, typer.Option("--prometheus-version", help=f"Which Prometheus will read them [default: {_NEWEST}].")
    ] = None,
    alertmanager_version: Annotated[
        str | None,
        typer.Option("--alertmanager-version", help=f"Which Alertmanager will read them [default: {_ALERTMANAGER}]."),
    ] = None,
    baseline: Annotated[Path | None, typer.Option("--baseline", help="What is accepted, and not said again.")] = None,
    write_baseline: Annotated[
        Path | None, typer.Option("--write-baseline", help="Accept all that is found now, in this file.")
    ] = None,
    since: Annotated[
        str | None, typer.Option("--since", metavar="REV", help="Only rules that differ from a git revision.")
    ] = None,
    fix: Annotated[bool, typer.Option("--fix", help="Repair what can be repaired without another meaning.")] = False,
    unsafe_fixes: Annotated[
        bool, typer.Option("--unsafe-fixes", help="Repair also where the meaning becomes another one.")
    ] = False,
    diff: Annotated[bool, typer.Option("--diff", help="Write nothing; print what the repairs would change.")] = False,
    stdin_filename: Annotated[str, typer.Option("--stdin-filename", help="What - is called.")] = "<stdin>",
    stats: Annotated[bool, typer.Option("--stats", help="How often each rule speaks.")] = False,
    format: Fmt = Format.text,  # noqa: A002 - the option's name
    fail_on: Fail = FailOn.error,
    quiet: Quiet = False,
) -> None:
    """Say what is wrong with rules, routes, dashboards, pipelines, Kubernetes objects and metrics, whoever wrote them.

    Needs no spec, no server and no other program. Settings may stand in pyproject.toml, [tool.llmmon.lint], or in
    .llmmon.yaml, below lint:. A comment `# llmmon: ignore[RULE] reason` mutes a rule in one place.

    \b
    Examples:
      llmmon lint rules/
      llmmon lint alerts.yml --prometheus-version 2.42 --fail-on warning
      llmmon lint rules/ --schema specs/
      llmmon lint rules/ --since origin/main --format github
      llmmon lint rules/ --fix
      llmmon lint rules/ --unsafe-fixes --diff
      llmmon lint rules/ --write-baseline .llmmon-baseline.json
    """
    from llmmon import foreign, inputs
    from llmmon.selection import Selection

    chosen = _settings(select, ignore, profile, prometheus_version, alertmanager_version, baseline, schema)
    selection = Selection(chosen)
    version = tuple(int(part) for part in (chosen.prometheus_version or _NEWEST).split("."))
    dialect = "prometheus" if chosen.profile == "promtool" else None  # whose fields promtool refuses
    around = _around(chosen, since)

    def find(instead: Mapping[str, bytes]) -> tuple[list[Problem], Linted]:
        linted = foreign.lint_paths(
            paths,
            version,
            excluded=chosen.exclude,
            stdin=stdin_filename,
            dialect=dialect,
            wanted=selection.asks,
            around=around,
            instead=instead,
        )
        return _kept(linted, selection), linted

    if fix or unsafe_fixes or diff:
        if write_baseline:
            usage("--write-baseline accepts what is there: repair first, and call it without --fix")
        given = {stdin_filename: sys.stdin.buffer.read()} if inputs.STDIN in paths else {}
        _repair(
            lambda instead: _news(*find(instead), chosen, since),
            given,
            _How(unsafe_fixes, diff, format, fail_on, quiet, most=1 if since else None),
        )
    problems, linted = find({})
    if write_baseline:
        _accept(problems, write_baseline, quiet)
    problems = _news(problems, linted, chosen, since)
    if stats:
        _stats(problems)
    end(problems, [], format, fail_on, quiet, require_tools=False, advice=_repairable(problems))


def _repairable(problems: Iterable[Problem]) -> str:
    """How many problems an option repairs."""
    fixes = [problem.fix for problem in problems if problem.fix]
    safe = sum(fix.safe for fix in fixes)
    counted = {"--fix": safe, "--unsafe-fixes": len(fixes)}
    said = [f"{option} repairs {count}" for option, count in counted.items() if count > (option != "--fix") * safe]
    return f"; {', '.join(said)}" if said else ""


class _How(NamedTuple):
    """How repairs are made and shown."""

    unsafe: bool
    diff: bool
    format: Format
    fail_on: FailOn
    quiet: bool
    most: int | None  # rounds


def _repair(find: Callable[[Mapping[str, bytes]], list[Problem]], given: Mapping[str, bytes], how: _How) -> NoReturn:
    """Repair files, or show how, and say what is left. What came from standard input goes to standard output."""
    from llmmon import fix
    from llmmon.report import shown

    repaired = fix.rounds(find, given, how.unsafe, how.most or fix.ROUNDS)
    for problem in repaired.refused:
        say(how.quiet, shown(f"{problem.origin}: not repaired, do it by hand: {problem.message} [{problem.rule}]"))
    if how.diff:
        typer.echo(repaired.difference(), nl=False)
        say(how.quiet, f"{repaired.fixed} would be fixed")
        raise typer.Exit(FOUND if repaired.files else CLEAN)
    for name in given:
        sys.stdout.buffer.write(repaired.files.pop(name, given[name]))
    unwritten = list(fix.write(repaired))
    left = [*(find({}) if how.most and not given else repaired.problems), *unwritten]  # git looks at what is on disk
    end(left, [], how.format, how.fail_on, how.quiet, require_tools=False, fixed=repaired.fixed, err=bool(given))


def _settings(
    select: list[str] | None,
    ignore: list[str] | None,
    profile: str | None,
    prometheus: str | None,
    alertmanager: str | None,
    baseline: Path | None,
    schema: list[str] | None,
) -> Settings:
    """What the files say, and what the options say over it."""
    from dataclasses import replace

    from llmmon import selection

    try:
        found = selection.settings(Path())
    except ValueError as error:
        usage(str(error))
    if select:
        found = replace(found, select=_split(select))
    if ignore:
        found = replace(found, ignore=(*found.ignore, *_split(ignore)))
    if baseline or found.baseline:
        found = replace(found, baseline=str(baseline or found.folder / str(found.baseline)))
    inside = tuple(str(found.folder / name) if (found.folder / name).exists() else name for name in found.schema)
    found = replace(
        found,
        schema=tuple(schema) if schema else inside,
        profile=profile or found.profile,
        prometheus_version=prometheus or found.prometheus_version,
        alertmanager_version=alertmanager or found.alertmanager_version,
    )
    wrong = list(selection.faults(found))
    for version, like in ((found.prometheus_version, _NEWEST), (found.alertmanager_version, _ALERTMANAGER)):
        if version and not _VERSION.fullmatch(version):
            wrong.append(f"{version!r} is no version: write it like {like}")
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
    return Facts(
        schema=known.series if known else None,
        declared=frozenset(known.known) if known else frozenset(),
        namespaces=known.namespaces if known else (),
        alertmanager=tuple(int(part) for part in (chosen.alertmanager_version or _ALERTMANAGER).split(".")),
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
    return list(selection.chosen(unmuted))


def _accept(problems: list[Problem], path: Path, quiet: bool) -> None:
    from llmmon import baseline

    path.write_text(baseline.text(problems), encoding="utf-8")
    say(quiet, f"{path}: {len(problems)} accepted")
    raise typer.Exit


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
        typer.echo(f"{count:>6} {level:<8} {rule}", err=True)


def rules(
    family: Annotated[str | None, typer.Argument(help="Only this family, such as promql.")] = None,
    format: Annotated[str, typer.Option("--format", help="text or json")] = "text",  # noqa: A002 - the option's name
) -> None:
    """List what the linter looks for, with codes, levels, and who else finds it.

    \b
    Examples:
      llmmon rules
      llmmon rules promql --format json
    """
    import json

    from llmmon.selection import known

    found = [about for about in known().values() if family in (None, about.family)]
    if not found:
        usage(f"there is no family {family!r}: write one of {', '.join(sorted({a.family for a in known().values()}))}")
    if format == "json":
        typer.echo(json.dumps([{**about._asdict(), "level": str(about.level)} for about in found], indent=1))
        return
    for about in found:
        peers = f" ({', '.join(about.peers)})" if about.peers else ""
        codes = " ".join(about.codes)
        typer.echo(f"{about.slug:<24} {codes:<20} {about.level!s:<8} {about.family:<8} {about.says}{peers}")


def rule(slug: Annotated[str, typer.Argument(help="A slug, or a code.")]) -> None:
    """Print the page of a rule: what it finds, why that hurts, and examples.

    \b
    Examples:
      llmmon rule rate-on-gauge
      llmmon rule Q020
    """
    from difflib import get_close_matches

    from llmmon import plugins
    from llmmon.selection import known

    every = known()
    about = every.get(slug) or next((one for one in every.values() if slug in one.codes), None)
    if about is None:
        near = get_close_matches(slug, every, 1)
        usage(f"there is no rule {slug!r}: " + (f"did you mean {near[0]!r}?" if near else "`llmmon rules` lists them"))
    in_family = about.family in plugins.families() and about.slug in plugins.rules(about.family)
    typer.echo(f"{about.slug} ({', '.join(about.codes)}), {about.level}")
    if about.peers:
        typer.echo(f"Also found by: {', '.join(about.peers)}")
    typer.echo()
    typer.echo((plugins.page(about.family, about.slug) if in_family else about.says).strip())
