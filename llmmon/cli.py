"""The command line: parse arguments, call the pipeline, choose the exit code. Imports lazily, so --help is instant."""

from __future__ import annotations

import os
import sys
import tempfile
from contextlib import contextmanager
from copy import copy
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from llmmon import __version__, cli_catalogue, cli_fmt, cli_init, cli_interchange, cli_lint, cli_play
from llmmon.cli_options import Fail, Fmt, Quiet  # noqa: TC001 - typer reads them
from llmmon.outcome import FOUND, FailOn, Format, end, say, usage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from llmmon.pipeline import Built, Specs
    from llmmon.plan import Service
    from llmmon.problem import Problem

LARGE = 50  # services of a fleet that is worth a progress bar
HELP = """Monitoring as code for LLM platforms.

A short spec per service becomes Prometheus rules, Alertmanager routing, Grafana dashboards, Logstash pipelines,
Kubernetes probes and runbooks, each judged by the tool that will read it.

Examples:

\b
  llmmon init --from URL              a first spec, from what a server exposes
  llmmon generate                     specs/ into generated/
  llmmon generate specs/chat.yaml     one service only
  llmmon check                        what CI runs: nothing is written
  llmmon lint rules/                  what is wrong with anybody's rule files
  llmmon explain chat/HighErrorRate   where an alert comes from and where it goes
"""

app = typer.Typer(
    help=HELP,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)

app.add_typer(cli_catalogue.app, name="catalogue")
app.command()(cli_init.init)
app.command("import")(cli_interchange.import_objectives)
app.command()(cli_interchange.export)
app.command()(cli_fmt.fmt)
app.command()(cli_lint.lint)
app.command()(cli_lint.rule)
app.command()(cli_lint.rules)
app.command()(cli_play.play)


Inputs = Annotated[
    list[Path] | None, typer.Argument(metavar="[SPECS]...", help="Spec files or folders [default: specs]")
]
Out = Annotated[Path, typer.Option("--out", "-o", help="Where generated files go.")]
RequireTools = Annotated[bool, typer.Option("--require-tools", help="A missing tool is an error (exit code 3).")]


@app.callback(invoke_without_command=True)
def _root(version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False) -> None:
    if version:
        typer.echo(f"llmmon {__version__}")
        raise typer.Exit


@app.command()
def generate(
    inputs: Inputs = None,
    out: Out = Path("generated"),
    check_only: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit 1 where files are not current.")
    ] = False,
    diff: Annotated[bool, typer.Option("--diff", help="Write nothing; print what would change.")] = False,
    format: Fmt = Format.text,  # noqa: A002 - the option's name
    fail_on: Fail = FailOn.error,
    require_tools: RequireTools = False,
    quiet: Quiet = False,
) -> None:
    """Compile specs into verified artifacts.

    Nothing is written before all of it has been judged. A single file writes only its services' files and removes none.

    \b
    Examples:
      llmmon generate --diff
      llmmon generate specs/chat.yaml --out /tmp/preview
    """
    from llmmon.output import applying, comparing

    with _built(inputs, format) as (_, built, scratch):
        problems = list(built.problems)
        if not built.failed:
            if check_only:
                problems += comparing.drift(out, scratch, built.written, built.partial)
            else:
                changes = comparing.plan_write(out, scratch, built.written, built.partial)
                if diff:
                    for text in comparing.diff(out, scratch, changes):
                        typer.echo(text, nl=False)
                    problems += [*changes.foreign, *changes.kept]
                else:
                    problems += applying.apply(out, scratch, changes)
                    say(quiet, _story(changes, out, problems))
        end(problems, built.unverified, format, fail_on, quiet, require_tools)


@app.command()
def check(
    inputs: Inputs = None,
    out: Out = Path("generated"),
    format: Fmt = Format.text,  # noqa: A002 - the option's name
    fail_on: Fail = FailOn.error,
    quiet: Quiet = False,
) -> None:
    """Prove that specs are right and files current; for CI.

    Nothing is written. A tool that is missing is an error (exit code 3).

    \b
    Examples:
      llmmon check --format github --fail-on warning
      llmmon check specs/chat.yaml
    """
    from datetime import UTC, datetime

    from llmmon import pipeline
    from llmmon.output import comparing

    with _built(inputs, format) as (specs, built, scratch):
        problems = [*built.problems, *pipeline.unwatched(specs), *pipeline.expired(specs, datetime.now(UTC).date())]
        if not built.failed:
            problems += comparing.drift(out, scratch, built.written, built.partial)
        end(problems, built.unverified, format, fail_on, quiet, require_tools=True)


@app.command()
def explain(
    alert: Annotated[str, typer.Argument(help="service/Alert, such as chat/HighErrorRate")],
    inputs: Annotated[list[Path] | None, typer.Option("--specs", help="Spec files or folders [default: specs]")] = None,
    environment: Annotated[str | None, typer.Option("--environment", "-e", help="Only this environment.")] = None,
    at: Annotated[
        str | None, typer.Option("--at", help="A moment, such as 2026-11-21T03:00+01:00 [default: now]")
    ] = None,
) -> None:
    """Say everything about an alert.

    Where it is defined, its expression, labels, route, inhibitions, panel and runbook.

    \b
    Examples:
      llmmon explain chat/HighErrorRate
      llmmon explain chat/HighErrorRate --environment production --at 2026-11-21T03:00+01:00
    """
    from llmmon import explain as explaining
    from llmmon import report
    from llmmon.problem import Rejected

    try:
        moment = explaining.moment(at)
        lines = explaining.explain(alert, inputs or [Path("specs")], environment, moment)
    except ValueError as error:
        usage(str(error))
    except Rejected as rejected:
        typer.echo(report.render(rejected.problems, "text", report.wants_color(sys.stdout)), nl=False)
        raise typer.Exit(FOUND) from None
    for line in lines:
        typer.echo(line)


@app.command()
def schema(
    kind: Annotated[str, typer.Argument(help="service, system or fleet")] = "service",
    write: Annotated[Path | None, typer.Option("--write", help="Write all schemas into this folder.")] = None,
) -> None:
    """Print the JSON Schema of a kind of spec, for editors.

    A spec names it in its first line: # yaml-language-server: $schema=schema/service.json

    \b
    Examples:
      llmmon schema fleet
      llmmon schema --write specs/schema
    """
    from llmmon import schema as schemas

    if write:
        for path in schemas.write(write):
            typer.echo(path)
        return
    if kind not in schemas.KINDS:
        usage(f"{kind!r} is no kind of spec: write one of {', '.join(schemas.KINDS)}")
    typer.echo(schemas.text(kind), nl=False)


@app.command()
def tools() -> None:
    """List the validators that are found, and how to get the rest."""
    from llmmon.tool import TOOLS, Missing, Tools

    with tempfile.TemporaryDirectory(prefix="llmmon-") as scratch:
        known = Tools(Path(scratch), os.environ)
        for name in TOOLS:
            found = known.find(name)
            if isinstance(found, Missing):
                typer.echo(f"{name:<10} missing    {found.hint}")
            else:
                version = ".".join(map(str, found.version or ())) or "unknown version"
                typer.echo(f"{name:<10} {version:<10} {found.how}: {' '.join(found.command)}")


def run(arguments: list[str]) -> NoReturn:
    """The command that these arguments ask for."""
    _asked(arguments[:1])(arguments)
    sys.exit()


def _asked(command: list[str]) -> typer.Typer:
    """Only the command that is asked for: typer builds all of them at every start, longer than a short run takes."""
    known = {info.name or getattr(info.callback, "__name__", ""): info for info in app.registered_commands}
    if not command or command[0] not in known:
        return app
    only = copy(app)
    only.registered_commands, only.registered_groups = [known[command[0]]], []
    return only


def _watch(services: Iterable[Service], total: int) -> Iterable[Service]:
    """A progress bar on a terminal, for a fleet that takes a while; never in a log."""
    if total < LARGE or not sys.stderr.isatty() or os.environ.get("CI"):
        return services
    from rich.console import Console
    from rich.progress import track

    return track(services, "services", total, console=Console(stderr=True), transient=True)


@contextmanager
def _built(inputs: list[Path] | None, format: Format) -> Iterator[tuple[Specs, Built, Path]]:  # noqa: A002 - the option's name
    """Everything generated into a scratch folder that goes away; problems of a rejected stage are printed here."""
    from llmmon import pipeline, report
    from llmmon.problem import Rejected

    with tempfile.TemporaryDirectory(prefix="llmmon-") as folder:
        try:
            specs = pipeline.read(inputs or [Path("specs")])
            yield specs, pipeline.build(specs, Path(folder), watch=_watch), Path(folder)
        except Rejected as rejected:
            color = report.wants_color(sys.stdout)
            typer.echo(report.render(rejected.problems, format.value, color), nl=False)
            typer.echo(report.summary(rejected.problems), err=True)
            raise typer.Exit(FOUND) from None


def _story(changes: object, out: Path, problems: Iterable[Problem]) -> str:
    from llmmon.output.comparing import Changes
    from llmmon.problem import Level

    assert isinstance(changes, Changes)
    if any(problem.level is Level.ERROR for problem in problems):
        return f"{out}: not written"
    counts = {
        "new": changes.new,
        "changed": changes.changed,
        "removed": changes.removed,
        "unchanged": changes.unchanged,
    }
    return f"{out}: " + ", ".join(f"{len(files)} {name}" for name, files in counts.items() if files)
