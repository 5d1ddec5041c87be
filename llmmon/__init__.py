"""llmmon: monitoring as code for LLM platforms."""

__version__ = "0.1.0"
