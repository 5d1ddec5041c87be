"""Places panels on Grafana's grid of 24 columns: rows one under the other, nothing overlaps, lines are filled."""

from __future__ import annotations

from hashlib import sha256
from itertools import groupby
from typing import TYPE_CHECKING

from llmmon.classes import frozen

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from llmmon.plan import Panel, Row
    from llmmon.plan.dashboards import Kind

COLUMNS = 24
HEADING = 1  # the height of a row's own line
SIZES: dict[Kind, tuple[int, int]] = {  # width and height where the plan leaves them open
    "stat": (6, 4),
    "gauge": (6, 6),
    "timeseries": (12, 8),
    "heatmap": (12, 8),
    "table": (12, 8),
    "barchart": (12, 8),
    "bargauge": (8, 8),
    "piechart": (8, 8),
    "text": (24, 3),
}
STRETCHES: frozenset[Kind] = frozenset({"timeseries", "heatmap", "table", "barchart", "bargauge"})
NARROWEST_STAT = 4


@frozen
class Place:
    """A rectangle on the grid."""

    x: int
    y: int
    w: int
    h: int


@frozen
class PlacedRow:
    """A row with its line, if it has a title, and its panels' places in the plan's order."""

    row: Row
    line: Place | None
    places: tuple[Place, ...]


def placed(rows: Sequence[Row]) -> Iterator[PlacedRow]:
    """Every row with its panels. What stands in a collapsed row takes no room outside it."""
    y = 0
    for row in rows:
        line = Place(0, y, COLUMNS, HEADING) if row.title else None
        top = y + HEADING if line else y
        places, bottom = _flow(row.panels, top)
        yield PlacedRow(row, line, places)
        y = top if line and row.collapsed else bottom


def panel_id(key: str) -> int:
    """A number from 1 to 2^31 - 1 that depends on the key alone, so that an added panel renumbers no other."""
    return int.from_bytes(sha256(key.encode()).digest()[:4], "big") % (2**31 - 1) + 1


def _flow(panels: Sequence[Panel], top: int) -> tuple[tuple[Place, ...], int]:
    """Panels from left to right, a new line where the next does not fit; and where the last line ends."""
    places: list[Place] = []
    for line in _lines(panels, _widths(panels)):
        filled = _fill(line)
        height = max(_height(panel) for panel, _ in line)
        x = 0
        for (panel, _), width in zip(line, filled, strict=True):
            places.append(Place(x, top, width, _height(panel) if panel.height else height))
            x += width
        top += height
    return tuple(places), top


def _lines(panels: Sequence[Panel], widths: Sequence[int]) -> Iterator[list[tuple[Panel, int]]]:
    line: list[tuple[Panel, int]] = []
    for panel, width in zip(panels, widths, strict=True):
        if line and sum(w for _, w in line) + width > COLUMNS:
            yield line
            line = []
        line.append((panel, width))
    if line:
        yield line


def _widths(panels: Sequence[Panel]) -> list[int]:
    """Neighbouring stats share their lines evenly, 6 to a line at most; everything else has its kind's width."""
    widths: list[int] = []
    for is_free_stat, run in groupby(panels, lambda p: p.kind == "stat" and not p.width):
        found = list(run)
        if is_free_stat:
            widths += _even(len(found))
        else:
            widths += [min(max(p.width or SIZES[p.kind][0], 1), COLUMNS) for p in found]
    return widths


def _even(count: int) -> list[int]:
    most = COLUMNS // NARROWEST_STAT
    lines = -(-count // most)
    shares = [count // lines + (index < count % lines) for index in range(lines)]
    return [width for share in shares for width in _share(share)]


def _share(count: int) -> list[int]:
    """24 columns for 4 to 6 stats; fewer keep the width of their kind."""
    if count < 4:
        return [SIZES["stat"][0]] * count
    return [COLUMNS // count + (index < COLUMNS % count) for index in range(count)]


def _fill(line: Sequence[tuple[Panel, int]]) -> list[int]:
    """What is left of a line goes to its wide panels, as long as the plan did not fix their widths."""
    widths = [width for _, width in line]
    spare = COLUMNS - sum(widths)
    free = [index for index, (panel, _) in enumerate(line) if panel.kind in STRETCHES and not panel.width]
    for turn, index in enumerate(free):
        widths[index] += spare // len(free) + (turn < spare % len(free))
    return widths


def _height(panel: Panel) -> int:
    return max(panel.height or SIZES[panel.kind][1], 1)
