"""`llmmon import` and `llmmon export`: objectives of OpenSLO, Sloth and Pyrra become a spec, and a spec's OpenSLO."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from llmmon.outcome import FOUND, Fail, FailOn, Fmt, Format, Quiet, say, usage

SYSTEM = "imported"


class Tool(StrEnum):
    """Whose files are read."""

    openslo = "openslo"
    sloth = "sloth"
    pyrra = "pyrra"


class Written(StrEnum):
    """What is written."""

    openslo = "openslo"


def import_objectives(
    tool: Annotated[Tool, typer.Argument(help="openslo, sloth or pyrra")],
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="YAML files; - is standard input.")],
    out: Annotated[Path | None, typer.Option("--out", "-o", help="A file [default: standard output]")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that exists.")] = False,
    team: Annotated[str | None, typer.Option("--team", help="Who answers [default: as the file says]")] = None,
    fleet: Annotated[Path, typer.Option("--fleet", help="The folder of specs whose fleet has the teams.")] = Path(
        "specs"
    ),
    format: Fmt = Format.text,  # noqa: A002 - the option's name
    fail_on: Fail = FailOn.error,
    quiet: Quiet = False,
) -> None:
    """Write a spec with the objectives of another tool's files.

    What Prometheus or a spec cannot say is told with its place, on standard error, and the rest is kept.

    \b
    Examples:
      llmmon import sloth slos/checkout.yaml --team payments --out specs/checkout.yaml
      llmmon import openslo slo.yaml indicators.yaml
      kubectl get slo -A -o yaml | llmmon import pyrra -
    """
    from llmmon import report
    from llmmon.draft import files as drafts
    from llmmon.interchange import imported
    from llmmon.problem import Level, worst

    teams = drafts.look(fleet).teams
    if team is not None and teams and team not in teams:
        usage(f"there is no team {team!r} in the fleet: it has {', '.join(teams)}")
    made = imported.run(tool.value, files, sys.stdin.buffer, team, teams, out.stem if out else SYSTEM)
    typer.echo(report.render(made.problems, format.value, report.wants_color(sys.stderr)), nl=False, err=True)
    if made.text:
        _write(made.text, out, force)
        say(quiet, f"{'1 objective' if made.count == 1 else f'{made.count} objectives'} of {tool.value} written")
    level = worst(made.problems)
    if not made.text or (level is not None and level >= Level[fail_on.name.upper()]):
        raise typer.Exit(FOUND)


def _write(text: str, out: Path | None, force: bool) -> None:
    from llmmon.draft import files

    if out is None:
        typer.echo(text, nl=False)
        return
    try:
        files.write(out, text, replacing=force)
    except FileExistsError:
        usage(f"{out} exists and is kept: write --force to replace it")
    except OSError as error:
        usage(f"{out} cannot be written: {error.strerror or error}")
