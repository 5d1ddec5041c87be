"""The list of all files that we made, with what was in them, and who owns each."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from llmmon.classes import field, frozen
from llmmon.dump import json_text
from llmmon.output.files import fault
from llmmon.problem import Rejected

if TYPE_CHECKING:
    from collections.abc import Mapping

MANIFEST = "manifest.json"


@frozen
class Entry:
    """A file that we made: the SHA-256 of its content, of both contents while it is being written, and its owner."""

    hashes: tuple[str, ...]
    owner: str


@frozen
class Manifest:
    """Every generated file by its path inside the output folder."""

    files: Mapping[str, Entry] = field(default_factory=dict)


def read(out: Path) -> Manifest:
    """The manifest of an output folder, empty where there is none; one that nobody can read is Rejected."""
    path = out / MANIFEST
    try:
        files = json.loads(path.read_bytes())["files"]
        return Manifest(dict(_entry(name, **value) for name, value in files.items()))
    except FileNotFoundError:
        return Manifest()
    except NotADirectoryError:
        message = "cannot be a folder, a file is in its way: choose another --out"
        raise Rejected([fault(out, message, "output-blocked")]) from None
    except OSError as error:
        message = f"cannot be read ({error.strerror}): correct its permissions"
        raise Rejected([fault(path, message, "output-unreadable")]) from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        message = "is no manifest (a merge conflict?): take it from either side of the merge, then generate again"
        raise Rejected([fault(path, message, "output-manifest")]) from error


def text(manifest: Manifest) -> bytes:
    """The manifest as it is written."""
    files = {
        name: {"sha256": entry.hashes[0] if len(entry.hashes) == 1 else list(entry.hashes), "owner": entry.owner}
        for name, entry in sorted(manifest.files.items())
    }
    return json_text({"files": files}).encode()


def sha256(content: bytes) -> str:
    """The hash of a content, in hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def outside(path: PurePosixPath) -> bool:
    """Whether a path leads out of the folder, or nowhere."""
    return path.is_absolute() or not path.parts or ".." in path.parts or "\0" in str(path)


def _entry(name: str, sha256: str | list[str], owner: str) -> tuple[str, Entry]:
    path = PurePosixPath(name)
    hashes = (sha256,) if isinstance(sha256, str) else tuple(sha256)
    if outside(path) or not all(isinstance(text, str) for text in (*hashes, owner)):
        raise ValueError(name)
    return str(path), Entry(hashes, owner)
