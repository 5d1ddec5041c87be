"""Drafts specs from what a server exposes, or from presets: `llmmon init`."""
