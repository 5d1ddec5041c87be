"""Plays what a catalogue says: the same names, labels and buckets, with values that hang together."""

from __future__ import annotations

from llmmon.play.page import Scenario, page
from llmmon.play.server import Server

__all__ = ["Scenario", "Server", "page"]
