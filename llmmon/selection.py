"""Which lint rules speak, and how loudly: by slug, code, beginning of a code, or family; from options and settings."""

from __future__ import annotations

import functools
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from llmmon import duration, plugins
from llmmon.classes import field, frozen, replace
from llmmon.classes import names as fields_of
from llmmon.lazily import get_close_matches
from llmmon.problem import Level
from llmmon.source import values
from llmmon.source.document import Document
from llmmon.structure import KINDS, is_advice

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from llmmon.policy import Policy
    from llmmon.problem import Problem
    from llmmon.rule import Rule

PROFILES: dict[str, tuple[str, ...]] = {  # whose checks they are; `strict` and no profile are everything
    "promtool": ("promtool", "amtool"),
    "pint": ("promtool", "amtool", "pint"),
    "mixin": ("promtool", "amtool", "mixtool", "dashboard-linter"),
    "strict": (),
}
FILES = ("pyproject.toml", ".llmmon.yaml")
SPECS = "specs"  # as if it were a family: what `llmmon check` says of specs
_ALWAYS = ("run", "yaml")  # said whatever is selected


class About(NamedTuple):
    """What is known of a rule without asking it."""

    slug: str
    family: str
    codes: tuple[str, ...]
    levels: tuple[Level, ...]  # of each code
    peers: tuple[str, ...]
    says: str
    advice: tuple[str, ...] = ()  # of these codes those of which only an author can judge

    @property
    def level(self) -> str:
        """The levels of its codes, the worst first."""
        return ", ".join(str(level) for level in sorted(set(self.levels), reverse=True))

    @property
    def graded(self) -> str:
        """Its codes, with the level of each where they differ, and which of them are advice."""
        of_codes = [
            str(level) + " (advice)" * (code in self.advice)
            for code, level in zip(self.codes, self.levels, strict=True)
        ]
        if len(set(of_codes)) == 1:
            return f"{' '.join(self.codes)}, {of_codes[0]}"
        return ", ".join(map(" ".join, zip(self.codes, of_codes, strict=True)))


@frozen
class Settings:
    """What `[tool.llmmon.lint]` may say; the keys have dashes there."""

    profile: str | None = None
    advice: bool | None = None  # None: of files that are named, and not of what is in a folder
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    levels: Mapping[str, str] = field(default_factory=dict)
    exclude: tuple[str, ...] = ()
    prometheus_version: str | None = None
    alertmanager_version: str | None = None
    features: tuple[str, ...] = ()
    scrape_interval: str | None = None
    evaluation_interval: str | None = None
    retention: str | None = None
    external_labels: Mapping[str, str] | None = None
    baseline: str | None = None
    locked: tuple[str, ...] = ()  # rules that no comment mutes
    schema: tuple[str, ...] = ()
    namespaces: tuple[str, ...] = ()
    policy: Policy | None = None
    folder: Path = field(default_factory=Path)

    @property
    def chooses(self) -> bool:
        """Whether not all rules speak at their own levels."""
        return bool(self.profile or self.select or self.ignore or self.levels)


@functools.cache
def known() -> dict[str, About]:
    """All rules by slug, those of form first."""
    out = {
        slug: About(slug, kind.family, (kind.code,), (kind.level,), kind.peers, kind.says, (kind.code,) * kind.advice)
        for slug, kind in KINDS.items()
    }
    for family in plugins.families():
        for slug, rule in plugins.rules(family).items():
            says = plugins.page(family, slug).partition("\n")[0]
            advice = tuple(code for code in rule.codes if code in rule.advice)
            out[slug] = About(slug, family, tuple(rule.codes), tuple(rule.codes.values()), rule.peers, says, advice)
    return out


class Selection:
    """Which problems are said. What does not concern rules of lint is always said."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def speaks(self, slug: str, code: str = "") -> bool:
        """Whether a rule is chosen, or what it says under one of its codes."""
        if not self.settings.chooses:
            return True
        about = known().get(slug)
        if about is None:  # what the specs themselves are told
            others = self.settings.select or PROFILES[self.settings.profile or "strict"]
            return SPECS not in self.settings.ignore and (not others or SPECS in self.settings.select)
        if about.family == "yaml":
            return True  # what cannot be read cannot be left out either
        if any(_names(text, about, code) for text in self.settings.ignore):
            return False
        if about.family in _ALWAYS:
            return True
        wanted = PROFILES[self.settings.profile] if self.settings.profile else ()
        if wanted and not any(peer.partition(" ")[0] in wanted for peer in about.peers):
            return False
        chosen = self.settings.select
        return not chosen or any(_names(text, about, code) for text in chosen)

    def asks(self, slug: str, rule: Rule[Any]) -> bool:
        """Whether a rule is asked at all: one of taste only where somebody named it, or chose a profile that has it."""
        asked = rule.default or self._named(slug, rule.codes) or self.settings.profile is not None
        return asked and self.speaks(slug)

    def _named(self, slug: str, codes: Iterable[str]) -> bool:
        return any(text in (slug, *codes) for text in (*self.settings.select, *self.settings.levels))

    def heard(self, problems: Iterable[Problem], paths: Sequence[Path]) -> list[Problem]:
        """The problems, with advice where it is asked for: by an option, or for a file or a rule that is named."""
        asked = self.settings.advice
        if asked is None:
            asked = self.settings.profile is not None or not any(path.is_dir() for path in paths)
        if asked:
            return list(problems)
        named = {path.as_posix() for path in paths if self.settings.advice is None}
        return [
            one
            for one in problems
            if not is_advice(one) or one.origin.document.path in named or self._named(one.rule, (one.code,))
        ]

    @property
    def tastes(self) -> frozenset[str]:
        """What is said of comments only where somebody asked for it."""
        all_ = self.settings.profile == "strict"
        kinds = ((slug, kind) for slug, kind in KINDS.items() if not kind.default)
        return frozenset(
            slug for slug, kind in kinds if (all_ or self._named(slug, (kind.code,))) and self.speaks(slug)
        )

    @property
    def locked(self) -> frozenset[str]:
        """The slugs of the rules that no comment mutes."""
        named = self.settings.locked
        every = known().values() if named else ()
        return frozenset(about.slug for about in every if any(_names(text, about) for text in named))

    def chosen(self, problems: Iterable[Problem]) -> Iterator[Problem]:
        """The problems that are said, at the levels that the settings give them."""
        if not self.settings.chooses:
            yield from problems
            return
        for problem in problems:
            if self.speaks(problem.rule, problem.code):
                level = self.settings.levels.get(problem.rule)
                yield replace(problem, level=Level[level.upper()]) if level else problem


def _names(text: str, about: About, code: str = "") -> bool:
    """`rate-on-gauge`, `promql`, `Q020`, `Q0`: each names rules, or one of the things that a rule finds."""
    return text in (about.slug, about.family) or any(c.startswith(text) for c in ((code,) if code else about.codes))


def faults(settings: Settings) -> Iterator[str]:
    """What is wrong with names of rules, levels and the profile, in words."""
    every = known() if settings.chooses or settings.locked else {}
    families = {about.family for about in every.values()}
    if settings.profile and settings.profile not in PROFILES:
        yield f"there is no profile {settings.profile!r}: write one of {', '.join(PROFILES)}"
    for text in (*settings.select, *settings.ignore, *settings.levels, *settings.locked):
        if text != SPECS and not any(_names(text, about) for about in every.values()):
            near = get_close_matches(text, (*every, *families), 1)
            yield f"no rule is named {text!r}: " + (f"did you mean {near[0]!r}?" if near else "see `llmmon rules`")
    for name in ("scrape_interval", "evaluation_interval", "retention"):
        text = getattr(settings, name)
        if text is not None and duration.parse(text) is None:
            yield f"{name.replace('_', '-')}: {text!r} is no duration: write it like 30s"
    for slug, level in settings.levels.items():
        if level.upper() not in Level.__members__:
            yield f"levels: {slug}: {level!r} is no level: write error, warning or note"


def settings(start: Path) -> Settings:
    """Those of the nearest folder above that has any. Raises `ValueError` where they cannot be read."""
    for folder in (start.resolve(), *start.resolve().parents):
        for name in FILES:
            path = folder / name
            if path.is_file() and (found := _section(path)) is not None:
                return _settings(found, path)
    return Settings()


def _section(path: Path) -> Any:
    try:
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".toml":
            if "llmmon" not in text:
                return None  # whoever wrote a file that is no TOML, and says nothing of us, is told so by others
            import tomllib

            return tomllib.loads(text).get("tool", {}).get("llmmon", {}).get("lint")
        value, problems = values.value(Document(path.name, text))
        if problems:
            raise ValueError(problems[0].message)
        return value.get("lint") if isinstance(value, dict) else None
    except (OSError, ValueError) as error:
        raise ValueError(f"{_shown(path)}: {error}") from None


def _settings(found: Any, path: Path) -> Settings:
    if not isinstance(found, dict):
        raise ValueError(f"{_shown(path)}: lint is no table of settings")
    names = {name.replace("_", "-"): name for name in fields_of(Settings) if name != "folder"}
    out: dict[str, Any] = {"folder": path.parent}
    for key, value in found.items():
        if key not in names:
            near = get_close_matches(key, names, 1)
            hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(names)}"
            raise ValueError(f"{_shown(path)}: unknown setting {key!r}: {hint}")
        out[names[key]] = _value(key, value, path)
    return Settings(**out)


def _value(key: str, value: Any, path: Path) -> Any:
    match key:
        case "advice":
            if not isinstance(value, bool):
                raise ValueError(f"{_shown(path)}: advice is true or false")
            return value
        case "select" | "ignore" | "exclude" | "features" | "locked" | "namespaces" | "schema":
            items = [value] if isinstance(value, str) else value
            if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
                raise ValueError(f"{_shown(path)}: {key} is a list of texts")
            return tuple(items)
        case "levels" | "external-labels":
            if not isinstance(value, dict) or not all(isinstance(item, str) for item in value.values()):
                example = 'rule = "error"' if key == "levels" else 'cluster = "eu"'
                raise ValueError(f"{_shown(path)}: {key} is a table: {example}")
            return value
        case "policy":
            from llmmon import policy

            try:
                return policy.read(value)
            except ValueError as error:
                raise ValueError(f"{_shown(path)}: {error}") from None
    if not isinstance(value, str):
        raise ValueError(f"{_shown(path)}: {key} is a text: write it in quotes")
    return value


def _shown(path: Path) -> str:
    return os.path.relpath(path)
