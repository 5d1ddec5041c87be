"""Spoiled input of every kind, for as long as somebody likes: `make fuzz`."""
