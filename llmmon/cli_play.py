"""`llmmon play`: an exporter that needs no server, and no GPU."""

from __future__ import annotations

import difflib
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.catalogue import Version

USAGE = 2


class Scenario(StrEnum):
    """How the service is."""

    healthy = "healthy"
    incident = "incident"


def play(
    preset: Annotated[list[str], typer.Option("--preset", help="A preset or a catalogue; may be given several times.")],
    version: Annotated[str | None, typer.Option("--version", help="Of the first preset, such as 0.19.")] = None,
    scenario: Annotated[Scenario, typer.Option("--scenario", help="healthy or incident")] = Scenario.healthy,
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="On 127.0.0.1; 0 takes any.")] = 0,
    opt_in: Annotated[bool, typer.Option("--opt-in", help="Also what has to be turned on.")] = False,
    once: Annotated[bool, typer.Option("--once", help="Print one page instead of serving it.")] = False,
) -> None:
    """Play an exporter: the names, labels and buckets of a preset, with made-up values.

    \b
    Examples:
      llmmon play --preset vllm --version 0.19 --port 8000
      llmmon play --preset litellm --scenario incident --once
    """
    from llmmon import play as playing

    uses = tuple(_catalogues(preset, version))
    wanted = playing.Scenario(scenario.value)
    if once:
        typer.echo(playing.page(uses, wanted, opt_in=opt_in), nl=False)
        return
    try:
        server = playing.Server(uses, wanted, port, opt_in=opt_in)
    except OSError as error:
        typer.echo(f"Error: port {port} cannot be had: {error.strerror}: write another --port, or 0", err=True)
        raise typer.Exit(USAGE) from None
    typer.echo(f"{', '.join(preset)}, {scenario}, on {server.url} until Ctrl-C", err=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        server.server_close()


def _catalogues(presets: list[str], version: str | None) -> Iterator[tuple[str, Version | None]]:
    from llmmon import catalogue, preset
    from llmmon.catalogue import version as versions

    parsed = versions.parse(version) if version else None
    if version and parsed is None:
        _usage(f"{version!r} is no version: write one such as 0.19")
    known = sorted({*preset.names(), *catalogue.names()})
    seen = set()
    for name in presets:
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            _usage(
                f"unknown preset {name!r}: "
                + (f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(known)}")
            )
        loaded = preset.load(name)
        for item in loaded.catalogues:
            if item not in seen:
                seen.add(item)
                yield item, parsed if name == presets[0] and item == loaded.versioned else None


def _usage(message: str) -> NoReturn:
    typer.echo(f"Error: {message}", err=True)
    raise typer.Exit(USAGE)
