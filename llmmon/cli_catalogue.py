"""`llmmon catalogue`: what each technology exposes, and what a server's page of metrics is."""

from __future__ import annotations

import json
import sys
from enum import StrEnum
from pathlib import Path  # noqa: TC003 - typer reads the annotations
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from llmmon.catalogue import Version
    from llmmon.catalogue.page import Family
    from llmmon.catalogue.recognise import Recognised
    from llmmon.catalogue.renamed import Plain

FOUND, USAGE = 1, 2

app = typer.Typer(
    help="What each technology exposes: metrics by version, with their types, labels, buckets and traps.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


class Format(StrEnum):
    """How rows are printed."""

    text = "text"
    json = "json"


class ReportFormat(StrEnum):
    """How a report is printed; `yaml` is `metrics:` of a spec, `json` a catalogue file with the report."""

    text = "text"
    json = "json"
    yaml = "yaml"


Fmt = Annotated[Format, typer.Option("--format", help="text or json")]


@app.command("list")
def list_all(format: Fmt = Format.text) -> None:  # noqa: A002 - the option's name
    """List the catalogues, with the versions that they know."""
    from llmmon.catalogue import shown

    _rows(shown.OVERVIEW, shown.overview(), format)


@app.command()
def show(
    name: Annotated[str, typer.Argument(help="A catalogue, such as vllm, or a metric.")],
    version: Annotated[str | None, typer.Option("--version", help="Only what this version has.")] = None,
    format: Fmt = Format.text,  # noqa: A002 - the option's name
) -> None:
    """Show a catalogue, or all that is known of a metric.

    \b
    Examples:
      llmmon catalogue show vllm --version 0.19
      llmmon catalogue show vllm:kv_cache_usage_perc
    """
    from llmmon import catalogue
    from llmmon.catalogue import shown

    if name not in catalogue.names():
        _show_metric(name, format)
        return
    read = catalogue.read(name)
    wanted = _version(version)
    assumed = read.assumed(wanted) if wanted else ""
    rows = list(shown.metrics(read, wanted))
    if format is Format.json:
        _json({**shown.facts(read), "metrics": [dict(zip(shown.METRICS, row, strict=True)) for row in rows]})
        return
    _facts(shown.facts(read))
    if assumed:
        typer.echo(f"note: {assumed}", err=True)
    typer.echo()
    _rows(shown.METRICS, rows, format)


@app.command()
def search(
    word: Annotated[str, typer.Argument(help="Part of a name, a help text or a label.")],
    format: Fmt = Format.text,  # noqa: A002 - the option's name
) -> None:
    """Find metrics in all catalogues."""
    from llmmon.catalogue import shown

    rows = list(shown.search(word))
    if not rows and format is Format.text:
        typer.echo(f"no metric has {word!r} in its name, help or labels", err=True)
        raise typer.Exit(FOUND)
    _rows(shown.FOUND, rows, format)


@app.command("import")
def import_page(
    where: Annotated[str, typer.Argument(metavar="URL|FILE|-", help="A /metrics page, or /api/v1/metadata.")],
    bearer_file: Annotated[Path | None, typer.Option("--bearer-file", help="A file with the token to send.")] = None,
    timeout: Annotated[float, typer.Option("--timeout", min=0.1, max=600, help="Seconds to wait.")] = 10,
    format: Annotated[  # noqa: A002 - the option's name
        ReportFormat, typer.Option("--format", help="text; yaml: metrics: for a spec; json: all of it")
    ] = ReportFormat.text,
) -> None:
    """Recognise what a server exposes, and write entries for what no catalogue knows.

    \b
    Examples:
      llmmon catalogue import http://localhost:8000/metrics
      llmmon catalogue import http://localhost:4000/metrics --bearer-file key.txt
      curl -s localhost:9090/api/v1/metadata | llmmon catalogue import - --format yaml
    """
    from llmmon.catalogue import fetch, page, renamed
    from llmmon.catalogue.recognise import recognise

    try:
        families = page.read(fetch.fetch(where, bearer_file, timeout))
    except page.Unreadable as error:
        typer.echo(f"Error: {_printable(str(error))}", err=True)
        raise typer.Exit(FOUND) from None
    plain = renamed.plain(families)
    found, unknown = recognise(plain.page)
    match format:
        case ReportFormat.json:
            _json(_report(where, found, unknown, plain))
        case ReportFormat.yaml:
            _yaml(where, unknown)
        case ReportFormat.text:
            for line in _story(found, unknown, plain):
                typer.echo(_printable(line))


def _show_metric(name: str, format: Format) -> None:  # noqa: A002 - the option's name
    import difflib

    from llmmon import catalogue
    from llmmon.catalogue import shown

    known = [
        shown.form(catalogue.read(c), form) for c in catalogue.naming(name) for form in catalogue.read(c).forms[name]
    ]
    if not known:
        words = [*catalogue.names(), *(key for c in catalogue.names() for key in catalogue.read(c).forms)]
        near = difflib.get_close_matches(name, words, 3, 0.6)
        _usage(
            f"no catalogue and no metric is called {name!r}" + (f": did you mean {' or '.join(near)}?" if near else "")
        )
    if format is Format.json:
        _json(known)
        return
    for index, facts in enumerate(known):
        if index:
            typer.echo()
        _facts(facts)


def _report(where: str, found: list[Recognised], unknown: list[Family], plain: Plain) -> dict[str, Any]:
    from llmmon.catalogue import entries
    from llmmon.catalogue import version as versions

    return {
        "recognised": [
            {
                "catalogue": item.catalogue.name,
                "technology": item.catalogue.technology,
                "from": versions.show(item.since) if item.since else None,
                "to": versions.show(item.until) if item.until else None,
                "names": plain.names[item.catalogue.name].said() if item.catalogue.name in plain.names else {},
                "known": list(item.known),
                "deprecated": dict(item.deprecated),
                "gone": dict(item.gone),
                "differences": [{"metric": other.name, "what": other.what} for other in item.differences],
            }
            for item in found
        ],
        "unknown": entries.file("unknown", where, unknown),
    }


def _yaml(where: str, unknown: list[Family]) -> None:
    from llmmon import dump
    from llmmon.catalogue import entries

    metrics = entries.declared(unknown)
    if not metrics:
        typer.echo("every metric is known", err=True)
        return
    typer.echo(dump.yaml_text({"metrics": metrics}, f"What no catalogue knows of {where}."), nl=False)


def _story(found: list[Recognised], unknown: list[Family], plain: Plain) -> Iterable[str]:
    from llmmon import dump
    from llmmon.catalogue import entries

    for item in found:
        total = len(item.known) + len(item.gone)
        yield f"{item.says()}: {_metrics(total)}, catalogue {item.catalogue.name}"
        if item.catalogue.name in plain.names:
            yield f"  renamed     write {dump.flow_text(plain.names[item.catalogue.name].said())} under uses:"
        for name, other in item.deprecated:
            yield f"  deprecated  {name}" + (f": write {other}" if other else "")
        for name, why in item.gone:
            yield f"  unexpected  {name}: {why}"
        for difference in item.differences:
            yield f"  different   {difference.name} {difference.what}"
    if unknown:
        yield f"unknown: {_metrics(len(unknown))}; --format yaml writes them as metrics: for a spec"
        for family in unknown:
            note = "" if entries.writable(family) else ", which no spec can name"
            yield f"  {family.name}: {entries.guessed_type(family)}{note}"


def _metrics(count: int) -> str:
    return "1 metric" if count == 1 else f"{count} metrics"


def _rows(headers: tuple[str, ...], rows: Iterable[tuple[str, ...]], format: Format) -> None:  # noqa: A002
    found = list(rows)
    if format is Format.json:
        _json([dict(zip(headers, row, strict=True)) for row in found])
    elif sys.stdout.isatty():
        _table(headers, found)
    else:
        widths = [max(map(len, column)) for column in zip(headers, *found, strict=True)]
        for row in found:
            cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
            typer.echo("  ".join(cells).rstrip())


def _table(headers: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(*headers, box=None, pad_edge=False)
    for row in rows:
        table.add_row(*map(Text, row))
    Console().print(table)


def _facts(facts: dict[str, Any]) -> None:
    width = max(map(len, facts))
    for key, value in facts.items():
        lines = list(_lines(value)) or [""]
        for index, line in enumerate(lines):
            typer.echo(f"{'' if index else key:<{width}}  {line}".rstrip())


def _lines(value: Any) -> Iterable[str]:
    match value:
        case dict():
            for key, inner in value.items():
                yield f"{key}: {', '.join(inner)}" if inner else str(key)
        case [str() as first, *_] if first and not first.endswith("."):
            yield ", ".join(value)
        case list():
            for item in value:
                if isinstance(item, dict):
                    yield f"{item['repository']}, {item['version']}"
                    yield from (f"  {file}" for file in item.get("files", ()))
                else:
                    yield str(item)
        case _:
            yield str(value)


def _json(value: Any) -> None:
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False))


def _version(text: str | None) -> Version | None:
    from llmmon.catalogue import version as versions

    if text is None:
        return None
    parsed = versions.parse(text)
    if parsed is None:
        _usage(f"{text!r} is no version: write one such as 0.19")
    return parsed


def _printable(text: str) -> str:
    """A server's own words, without what would steer a terminal."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def _usage(message: str) -> NoReturn:
    typer.echo(f"Error: {message}", err=True)
    raise typer.Exit(USAGE)
