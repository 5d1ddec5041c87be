"""Specs become the plan: every decision that a spec leaves open is taken here, once."""

from __future__ import annotations

from llmmon.lower.fleet import lower_fleet
from llmmon.lower.service import lower_service

__all__ = ["lower_fleet", "lower_service"]
