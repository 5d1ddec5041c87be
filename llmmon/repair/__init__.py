"""Repairs files: an edit becomes a place in the text, and nothing else in it changes."""
