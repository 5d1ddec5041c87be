# ruff: noqa: A002, N803, N815 - the names are grafanalib's own
# The part of grafanalib 0.7 that composes dashboards here; it has no annotations of its own.
from typing import Any

class _Json:
    def to_json_data(self) -> dict[str, Any]: ...

class GridPos(_Json):
    def __init__(self, *, h: int, w: int, x: int, y: int) -> None: ...

class Annotations(_Json):
    def __init__(self, *, list: list[Any]) -> None: ...

class DashboardLink(_Json):
    def __init__(
        self,
        *,
        title: str,
        tags: list[str],
        asDropdown: bool,
        includeVars: bool,
        keepTime: bool,
    ) -> None: ...

class Template(_Json):
    def __init__(self, **kwargs: Any) -> None: ...

class Templating(_Json):
    def __init__(self, *, list: list[Template]) -> None: ...

class Time(_Json):
    def __init__(self, *, start: str, end: str) -> None: ...

class Target(_Json):
    expr: str
    format: str
    instant: bool
    legendFormat: str
    refId: str
    datasource: Any
    def __init__(self, **kwargs: Any) -> None: ...

class Panel(_Json):
    def __init__(self, **kwargs: Any) -> None: ...
    def panel_json(self, overrides: dict[str, Any]) -> dict[str, Any]: ...

class RowPanel(Panel): ...
class TimeSeries(Panel): ...
class Stat(Panel): ...
class PieChartv2(Panel): ...
class Text(Panel): ...

class Dashboard(_Json):
    def __init__(self, **kwargs: Any) -> None: ...
