"""`llmmon lint`, `llmmon rules` and `llmmon rule`: what is wrong with anybody's files, and what the linter knows."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - typer reads it
from typing import Annotated

import typer

from llmmon import linting
from llmmon.cli_options import Fail, Fmt, Quiet  # noqa: TC001 - typer reads them
from llmmon.linting import ALERTMANAGER, PROMETHEUS
from llmmon.outcome import FailOn, Format, usage


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
    advice: Annotated[
        bool | None,
        typer.Option(
            "--advice/--no-advice",
            help="Also what needs a judgement, or not at all [default: of files that are named, not of folders].",
            show_default=False,
        ),
    ] = None,
    prometheus_version: Annotated[
        str | None,
        typer.Option("--prometheus-version", help=f"Which Prometheus will read them [default: {PROMETHEUS}]."),
    ] = None,
    alertmanager_version: Annotated[
        str | None,
        typer.Option("--alertmanager-version", help=f"Which Alertmanager will read them [default: {ALERTMANAGER}]."),
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
    linting.lint(
        paths,
        linting.Options(
            select=select,
            ignore=ignore,
            schema=schema,
            profile=profile,
            advice=advice,
            prometheus_version=prometheus_version,
            alertmanager_version=alertmanager_version,
            baseline=baseline,
            write_baseline=write_baseline,
            since=since,
            fix=fix,
            unsafe_fixes=unsafe_fixes,
            diff=diff,
            stdin_filename=stdin_filename,
            stats=stats,
            format=format,
            fail_on=fail_on,
            quiet=quiet,
        ),
    )


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
        levels = ({"level": str(max(about.levels)), "levels": [*map(str, about.levels)]} for about in found)
        listed = [{**about._asdict(), **more} for about, more in zip(found, levels, strict=True)]
        typer.echo(json.dumps(listed, indent=1))
        return
    for about in found:
        peers = f" ({', '.join(about.peers)})" if about.peers else ""
        codes = " ".join(about.codes)
        typer.echo(f"{about.slug:<24} {codes:<20} {about.level:<14} {about.family:<14} {about.says}{peers}")


def rule(slug: Annotated[str, typer.Argument(help="A slug, or a code.")]) -> None:
    """Print the page of a rule: what it finds, why that hurts, and examples.

    \b
    Examples:
      llmmon rule rate-on-gauge
      llmmon rule Q020
    """
    from llmmon import plugins
    from llmmon.lazily import get_close_matches
    from llmmon.selection import known

    every = known()
    about = every.get(slug) or next((one for one in every.values() if slug in one.codes), None)
    if about is None:
        near = get_close_matches(slug, every, 1)
        usage(f"there is no rule {slug!r}: " + (f"did you mean {near[0]!r}?" if near else "`llmmon rules` lists them"))
    in_family = about.family in plugins.families() and about.slug in plugins.rules(about.family)
    typer.echo(f"{about.slug}: {about.graded}")
    if about.peers:
        typer.echo(f"Also found by: {', '.join(about.peers)}")
    typer.echo()
    typer.echo((plugins.page(about.family, about.slug) if in_family else about.says).strip())
