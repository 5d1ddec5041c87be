"""Options that several commands have."""

from __future__ import annotations

from typing import Annotated

import typer

from llmmon.outcome import FailOn, Format

Fmt = Annotated[Format, typer.Option("--format", help="How problems are printed.")]
Fail = Annotated[FailOn, typer.Option("--fail-on", help="The level from which on the exit code is 1.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print problems only.")]
