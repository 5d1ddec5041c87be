"""`llmmon import` and `llmmon export`: objectives of OpenSLO, Sloth and Pyrra become a spec, and a spec's OpenSLO."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from llmmon.cli_options import Fail, Fmt, Quiet  # noqa: TC001 - typer reads them
from llmmon.outcome import FOUND, FailOn, Format, say, usage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llmmon.problem import Problem

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

    teams = drafts.look(fleet).teams
    if team is not None and teams and team not in teams:
        usage(f"there is no team {team!r} in the fleet: it has {', '.join(teams)}")
    made = imported.run(tool.value, files, sys.stdin.buffer, team, teams, out.stem if out else SYSTEM)
    typer.echo(report.render(made.problems, format.value, report.wants_color(sys.stderr)), nl=False, err=True)
    if made.text:
        _write(made.text, out, force)
        say(quiet, f"{'1 objective' if made.count == 1 else f'{made.count} objectives'} of {tool.value} written")
    _end(made.text, made.problems, fail_on)


def export(
    tool: Annotated[Written, typer.Argument(help="openslo")],
    inputs: Annotated[
        list[Path] | None, typer.Argument(metavar="[SPECS]...", help="Spec files or folders [default: specs]")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="A file [default: standard output]")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that exists.")] = False,
    format: Fmt = Format.text,  # noqa: A002 - the option's name
    fail_on: Fail = FailOn.error,
    quiet: Quiet = False,
) -> None:
    """Write the objectives of specs as documents of OpenSLO v1.

    Queries are those of the service in any environment. What OpenSLO cannot say is told on standard error.

    \b
    Examples:
      llmmon export openslo
      llmmon export openslo specs/chat.yaml --out chat.openslo.yaml
    """
    from llmmon import report
    from llmmon.interchange import exported
    from llmmon.problem import Rejected

    del tool  # there is one
    try:
        made = exported.run(inputs or [Path("specs")])
    except Rejected as rejected:
        made = exported.Made("", tuple(rejected.problems), 0)
    typer.echo(report.render(made.problems, format.value, report.wants_color(sys.stderr)), nl=False, err=True)
    if made.text:
        _write(made.text, out, force)
        say(quiet, f"{'1 objective' if made.count == 1 else f'{made.count} objectives'} written")
    _end(made.text, made.problems, fail_on)


def _end(text: str, problems: Sequence[Problem], fail_on: FailOn) -> None:
    from llmmon.problem import Level, worst

    level = worst(problems)
    if not text or (level is not None and level >= Level[fail_on.name.upper()]):
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
