"""`llmmon fmt`: the PromQL in anybody's rule files, formatted."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from llmmon.cli_options import Quiet  # noqa: TC001 - typer reads them
from llmmon.outcome import CLEAN, FOUND, say, usage

if TYPE_CHECKING:
    from llmmon.problem import Problem


def fmt(
    paths: Annotated[
        list[Path], typer.Argument(metavar="PATHS...", help="Files or folders; - is standard input.", allow_dash=True)
    ],
    check: Annotated[bool, typer.Option("--check", help="Write nothing; exit 1 where something would change.")] = False,
    diff: Annotated[bool, typer.Option("--diff", help="Write nothing; print what would change.")] = False,
    line_width: Annotated[
        int, typer.Option("--line-width", min=20, help="Longer expressions get several lines.")
    ] = 120,
    quiet: Quiet = False,
) -> None:
    """Format the PromQL in rule files, objects of Kubernetes too: short expressions on one line, long ones in a block.

    Everything else in a file stays as it is, comments too. An expression with comments inside is left alone, and so is
    one that does not parse, which is said.

    \b
    Examples:
      llmmon fmt rules/
      llmmon fmt rules/ --check
      llmmon fmt - < alerts.yml
    """
    from llmmon import fmt as formatter
    from llmmon import inputs, selection
    from llmmon.repair import fix
    from llmmon.report import shown

    try:
        excluded = selection.settings(Path()).exclude
    except ValueError as error:
        usage(str(error))
    done = fix.Repaired([])
    wrong: list[Problem] = []
    for path, named in inputs.found(paths, excluded):
        name = "<stdin>" if path == inputs.STDIN else path.as_posix()
        try:
            data = sys.stdin.buffer.read() if path == inputs.STDIN else path.read_bytes()
        except OSError as error:
            wrong.append(_unreadable(name, error))
            continue
        if not named and b"groups" not in data:
            continue
        file = formatter.formatted(data, name, line_width)
        if named or any(inputs.LIKELY.search(problem.origin.document.text) for problem in file.problems):
            wrong += file.problems
        if path == inputs.STDIN and not (check or diff):
            sys.stdout.buffer.write(file.data)
        elif file.data != data:
            done.before[name], done.files[name] = data, file.data
    if diff:
        typer.echo(done.difference(), nl=False)
    elif not check:
        wrong += fix.write(done)
    for problem in wrong:
        say(False, shown(f"{problem.origin}: {problem.message}"))
    count = f"{len(done.files)} file{'s' * (len(done.files) != 1)}"
    say(quiet, f"{count} would change" if check or diff else f"{count} formatted")
    raise typer.Exit(FOUND if wrong or (check and done.files) else CLEAN)


def _unreadable(name: str, error: OSError) -> Problem:
    from llmmon.problem import Origin, Problem
    from llmmon.source.document import Document

    return Problem(Origin(Document(name, "")), f"cannot be read: {error.strerror}", "unreadable")
