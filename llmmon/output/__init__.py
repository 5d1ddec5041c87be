"""The folder of generated files: what changes, what drifted, and writing that a kill cannot tear."""
