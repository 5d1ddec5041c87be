"""What a file holds: its bytes become text, its text plain values, and a way of keys a line and a column."""

from llmmon import lazily

with lazily.patterns():
    import yaml as _yaml  # noqa: F401 - before anything here imports it
