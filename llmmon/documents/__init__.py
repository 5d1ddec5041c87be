"""Files that somebody else may have written, read into the nodes that lint rules look at."""
