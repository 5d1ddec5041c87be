"""`llmmon init`: a first spec, from what a server exposes or from presets."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

if TYPE_CHECKING:
    from llmmon.draft.wishes import Made

FOUND, USAGE = 1, 2


def init(
    where: Annotated[
        str | None, typer.Option("--from", metavar="URL|FILE|-", help="A /metrics page, or /api/v1/metadata.")
    ] = None,
    preset: Annotated[
        list[str] | None, typer.Option("--preset", metavar="NAME[@VERSION]", help="May be given several times.")
    ] = None,
    service: Annotated[str | None, typer.Option("--service", help="What it is called.")] = None,
    team: Annotated[str | None, typer.Option("--team", help="Who answers.")] = None,
    job: Annotated[str | None, typer.Option("--job", help="Prometheus's job [default: the service].")] = None,
    namespace: Annotated[str | None, typer.Option("--namespace", help="Where Kubernetes runs it.")] = None,
    workload: Annotated[str | None, typer.Option("--workload", help="As what [default: the service].")] = None,
    out: Annotated[Path, typer.Option("--out", "-o", help="The folder of specs; - prints the spec.")] = Path("specs"),
    force: Annotated[bool, typer.Option("--force", help="Replace a spec that exists; never a fleet.")] = False,
    laptop: Annotated[bool, typer.Option("--laptop", help="With Prometheus and Grafana on this machine.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print what would be written.")] = False,
    bearer_file: Annotated[Path | None, typer.Option("--bearer-file", help="A file with the token to send.")] = None,
    timeout: Annotated[float, typer.Option("--timeout", min=0.1, max=600, help="Seconds to wait.")] = 10,
) -> None:
    """Write a first spec: from what a server exposes, or from presets; asks where neither is given.

    A fleet is written too where there is none. What exists is kept.

    \b
    Examples:
      llmmon init --from http://localhost:8000/metrics
      llmmon init --preset vllm@0.19 --service chat --team inference --namespace llm
      llmmon init --from page.txt --out -
    """
    from llmmon.draft import mistakes, questions, wishes

    wanted = mistakes.Wishes(
        where=where,
        presets=tuple(preset or ()),
        service=service,
        team=team,
        job=job,
        namespace=namespace,
        workload=workload,
        out=out,
        laptop=laptop,
        force=force,
        bearer=bearer_file,
        timeout=timeout,
    )
    asks = not where and not preset
    if asks and not sys.stdin.isatty():
        _fail(["nothing to begin with: write --from URL|FILE, or --preset NAME; on a terminal it asks"], USAGE)
    try:
        made = wishes.grant(*questions.ask(wanted)) if asks else wishes.grant(wanted)
    except OSError as error:
        _fail([f"{out} cannot be used: {error.strerror or error}"], FOUND)
    if made.mistakes:
        _fail(made.mistakes, USAGE if made.usage else FOUND)
    for note in made.notes:
        typer.echo(f"note: {note}", err=True)
    if str(out) == "-":
        typer.echo(made.files[-1].text, nl=False)
    elif dry_run:
        for file in made.files:
            typer.echo(f"# {file.path}\n{file.text}", nl=False)
    else:
        _write(made, force, out)


def _write(made: Made, force: bool, out: Path) -> None:
    from llmmon.draft import files

    for file in made.files:
        try:
            files.write(file.path, file.text, replacing=force and file is made.files[-1])
        except FileExistsError:
            _fail([f"{file.path} exists and is kept"], FOUND)
        except OSError as error:
            _fail([f"{file.path} cannot be written: {error.strerror or error}"], FOUND)
        typer.echo(f"{file.path}: {file.story}", err=True)
    specs = "" if str(out) == "specs" else f" {out}"
    typer.echo(f"next: llmmon generate{specs}; llmmon check{specs}", err=True)
    typer.echo("  Prometheus, rule_files: generated/prometheus/rules/*/*.yaml", err=True)
    typer.echo(f"  Grafana: {', '.join(f'generated/grafana/dashboards/{name}/' for name in made.services)}", err=True)


def _fail(messages: list[str], code: int) -> NoReturn:
    for message in messages:
        typer.echo(f"Error: {message}", err=True)
    raise typer.Exit(code)
