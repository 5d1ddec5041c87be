"""What metrics exist: the catalogues, one JSON file per technology, read when they are asked for."""

from __future__ import annotations

from llmmon.catalogue.entry import Catalogue, Form, Source, exposed, prefix
from llmmon.catalogue.reader import load, names, naming, read
from llmmon.catalogue.version import Version

__all__ = ["Catalogue", "Form", "Source", "Version", "exposed", "load", "names", "naming", "prefix", "read"]
