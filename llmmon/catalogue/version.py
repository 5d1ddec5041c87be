"""Versions of what exposes metrics: `0.19`, `1.106.2`, `v0.8.5.post1`."""

from __future__ import annotations

import re

Version = tuple[int, ...]

_NUMBERS = r"v?([0-9]{1,9}(?:\.[0-9]{1,9}){0,5})"
_TEXT = re.compile(rf"{_NUMBERS}(?:[-+][0-9A-Za-z.+-]+|\.?(?:post|dev|rc|a|b)[0-9]+)?\Z")
_NEWEST = 10**9  # what a version that is said in part stands for: `0.19` is the newest 0.19


def parse(text: str) -> Version | None:
    """The numbers of a version; None where the text is none."""
    match = _TEXT.match(text.strip())
    return tuple(map(int, match[1].split("."))) if match else None


def show(version: Version) -> str:
    """A version as people write it."""
    return ".".join(map(str, version))


def reaches(version: Version, bound: Version) -> bool:
    """Whether a version is the bound or newer; one said in part is taken for its newest."""
    return version + (_NEWEST,) * (len(bound) - len(version)) >= bound


def within(version: Version, since: Version | None, removed: Version | None) -> bool:
    """Whether something that exists from `since` up to before `removed` exists in a version."""
    return (since is None or reaches(version, since)) and not (removed is not None and reaches(version, removed))


def newer(version: Version, known: Version) -> bool:
    """Whether a version is newer than any that begins with the known one."""
    return version[: len(known)] > known


def older(version: Version, known: Version) -> bool:
    """Whether a version is older than the known one."""
    return not reaches(version, known)
