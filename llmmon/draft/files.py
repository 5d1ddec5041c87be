"""The folder of specs that a draft goes into: whose fleet is there, which names are taken, and writing without harm."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from llmmon import load
from llmmon.classes import frozen
from llmmon.source import reading, values

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from llmmon.source.values import Value

_TEMPORARY = ".llmmon-"


@frozen
class Folder:
    """What stands in a folder of specs."""

    path: Path
    fleet: Path | None = None
    teams: tuple[str, ...] = ()
    environments: tuple[str, ...] = ()
    scrapes: bool = False  # whether the fleet has the configuration of a Prometheus
    services: tuple[tuple[str, Path], ...] = ()

    def has(self, service: str) -> Path | None:
        """The file in which a service of this name is."""
        return next((path for name, path in self.services if name == service), None)


def look(path: Path) -> Folder:
    """What is there already; a file that does not parse is left to `check`."""
    near = (here / name for here in (path, path.absolute().parent) for name in load.FLEET_FILES)
    fleet = next((file for file in near if file.is_file()), None)
    services: list[tuple[str, Path]] = []
    for file in load.find([path])[0] if path.is_dir() else ():
        data = _read(file)
        if load.is_fleet(data):
            fleet = file
        services += [(name, file) for name in _services(data)]
    said = _read(fleet) if fleet else {}
    return Folder(path, fleet, _keys(said, "teams"), _keys(said, "environments"), "prometheus" in said, tuple(services))


def write(path: Path, text: str, replacing: bool) -> None:
    """A whole file or none; one that exists is kept unless it is to be replaced. OSError says why it cannot be."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{_TEMPORARY}{os.getpid()}")
    try:
        with temporary.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if replacing:
            temporary.replace(path)
        else:
            path.hardlink_to(temporary)  # unlike a rename, it fails where something has come in between
    finally:
        temporary.unlink(missing_ok=True)


def _read(path: Path) -> dict[str, Value]:
    document, problems = reading.read(path, str(path))
    data, _ = values.parse(document) if not problems else (None, [])
    return data or {}


def _keys(data: dict[str, Value], section: str) -> tuple[str, ...]:
    found = data.get(section)
    return tuple(found) if isinstance(found, dict) else ()


def _services(data: dict[str, Value]) -> Iterator[str]:
    inner = data.get("services")
    for name in (data.get("service"), *(inner if isinstance(inner, dict) else ())):
        if isinstance(name, str):
            yield name
