"""The form of Alertmanager's configurations: its fields by version, what each may hold, and what belongs together."""

from __future__ import annotations

from llmmon.documents.alertmanager.form import problems

__all__ = ["problems"]
