"""Alertmanager's configuration as a value: for its file, and for the Secret from which the operator takes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmmon.alertmanagerfile.configuration import TEMPLATES, configuration, secrets
from llmmon.alertmanagerfile.join import join
from llmmon.inhibition import inhibitions
from llmmon.template import render

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llmmon.plan import Facts, Fleet
    from llmmon.problem import Keys, Origin

__all__ = ["TEMPLATES", "secrets", "templates", "whole"]


def whole(fleet: Fleet, facts: Sequence[Facts]) -> tuple[dict[str, Any], dict[Keys, Origin]]:
    """The configuration, joined to the user's own where there is one. A file that ours cannot join is `Rejected`."""
    ours, origins = configuration(fleet, inhibitions(fleet, facts))
    if fleet.base is None:
        return ours, origins
    return join(fleet.base, fleet.base_origin or fleet.origin, ours, origins)


def templates(fleet: Fleet, notice: str) -> str:
    """The text of the notification templates."""
    return render("alertmanager/llmmon.tmpl.j2", notice=notice, severities=fleet.severities)
