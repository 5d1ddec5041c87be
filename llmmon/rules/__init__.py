"""Lint rules: one file per pattern, in a folder per family."""
