"""Our verdicts beside those of the tools that read the same files: `make differential`."""
