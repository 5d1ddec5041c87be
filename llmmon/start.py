"""Where the console script begins: calls the command, and chooses the exit code where one ends badly."""

from __future__ import annotations

import gc
import os
import sys
from typing import NoReturn

from llmmon.outcome import BUG, CLEAN, FOUND, say

BUG_FOUND = "This is a bug of llmmon, not a mistake in your spec. Please report it with the lines above."


def main() -> None:
    """The console script: a mistake of ours ends with its traceback and exit code 4."""
    gc.disable()  # a run is short and makes next to no cycles; looking for them takes an eighth of its time
    try:
        _run(sys.argv[1:])
    except SystemExit as end:
        _leave(end)
    except KeyboardInterrupt:
        sys.exit(130)  # as shells say it
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(FOUND)
    except Exception:  # the one place where anything is caught: to choose the exit code
        import traceback

        traceback.print_exc()
        say(False, BUG_FOUND)
        sys.exit(BUG)


def _run(arguments: list[str]) -> NoReturn:
    """`llmmon lint PATHS`, as hooks call it, needs no parser of options, whose import is half of a short run."""
    if arguments[:1] == ["lint"] and arguments[1:] and not any(argument.startswith("-") for argument in arguments[1:]):
        from pathlib import Path

        from llmmon import linting

        linting.lint([Path(argument) for argument in arguments[1:]], linting.Options())
    from llmmon import cli

    cli.run(arguments)


def _leave(end: SystemExit) -> NoReturn:
    """End the process without taking apart what it has built, which takes a fifth of a run."""
    if end.code is not None and not isinstance(end.code, int):
        raise end
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except BrokenPipeError:
        os._exit(FOUND)
    os._exit(end.code or CLEAN)
