"""What notifications say: each template of a receiver is executed on alerts that nobody has seen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from llmmon.documents.notifications import below, parsed, place
from llmmon.gotemplate import Template, alertmanager, commands
from llmmon.gotemplate.constants import constant
from llmmon.gotemplate.execute import execute
from llmmon.gotemplate.nodes import called
from llmmon.gotemplate.notification import KV, STATES, alert, data
from llmmon.gotemplate.values import Standin

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from llmmon.documents.notifications import File
    from llmmon.documents.routes import Configuration, Integration
    from llmmon.gotemplate.functions import Version
    from llmmon.gotemplate.nodes import Node
    from llmmon.gotemplate.result import Result
    from llmmon.gotemplate.values import Struct
    from llmmon.problem import Origin, Span
    from llmmon.rule import Facts

FIRES = ("an alert fires", "several alerts fire")
RESOLVED = "an alert is resolved"
_LITTLE = ("alerts fire that have nothing in common", "an alert fires that has only a name")
_SILENT = ("email_configs", "rocketchat_configs", "slack_configs", "wechat_configs")  # tell unasked only what fires
_MOST_WORDS = 6
_MOST_STEPS = 500_000


class Told(NamedTuple):
    """A text of a receiver, and what comes of it, by what has happened."""

    way: Integration
    field: str
    origin: Origin
    text: str
    template: Template
    results: tuple[tuple[str, Result], ...]
    files: Mapping[str, File]  # that define templates, by the names of those

    @property
    def html(self) -> bool:
        """Whether it is filled as HTML, where nothing is shown as such."""
        value = self.way.value
        match self.way.kind, self.field:
            case "email_configs", "html":
                return True
            case "telegram_configs", "message":
                return str(value.get("parse_mode", "HTML")) == "HTML"
            case "pushover_configs", "message":
                return value.get("html") is True
        return False

    def at(self, span: Span, template: str) -> Origin:
        """Where a part of it stands, which may be in the template of another file."""
        if template in self.template.defined or template not in self.files:
            return self.origin.at(span=span)
        return place(self.files[template], span)


_last: list[tuple[Configuration, Facts, list[Told]]] = []  # several rules ask, about one configuration after the other


def told(configuration: Configuration, facts: Facts) -> list[Told]:
    """Every template in a receiver that parses; of what has not been read nothing is said."""
    if not _last or _last[0][0] is not configuration or _last[0][1] is not facts:
        _last[:] = [(configuration, facts, list(_each(configuration, facts.alertmanager)))]
    return _last[0][2]


def _each(configuration: Configuration, version: Version) -> Iterator[Told]:
    files = {name: file for file in configuration.templates.files for name in file.defined}
    shared = {name: file.defined[name] for name, file in files.items()}
    whole = configuration.templates.all or not configuration.value.get("templates")
    built_in = alertmanager.built_in if whole else alertmanager.perhaps_built_in
    run = _Runs(shared, built_in, version)
    for way in configuration.integrations:
        for name in way.value:
            for origin, text in below(way, name):
                found = parsed(text, version)
                if isinstance(found, Template):
                    yield Told(way, name, origin, text, found, run.results(text, found, resolves(way)), files)


class _Runs:
    """What comes of each text, once for those that are the same; after many steps nothing more is found out."""

    def __init__(
        self, shared: Mapping[str, tuple[Node, ...]], built_in: Callable[[str, Any], str | None], version: Version
    ) -> None:
        self.shared = shared
        self.built_in = built_in
        self.version = version
        self.known: dict[tuple[str, bool], tuple[tuple[str, Result], ...]] = {}
        self.steps = 0

    def results(self, text: str, found: Template, resolved: bool) -> tuple[tuple[str, Result], ...]:
        key = text, resolved
        if key not in self.known:
            self.known[key] = tuple(self.each(Template(found.body, {**self.shared, **found.defined}), resolved))
        return self.known[key]

    def each(self, template: Template, resolved: bool) -> Iterator[tuple[str, Result]]:
        functions = alertmanager.functions(self.version)
        for about, sample in _samples(resolved, _words(template), self.version):
            if self.steps > _MOST_STEPS:
                return
            result = execute(template, functions, sample, built_in=self.built_in)
            self.steps += result.steps + 1
            yield about, result


def resolves(way: Integration) -> bool:
    """Whether somebody is told when an alert is resolved."""
    said = way.value.get("send_resolved")
    return bool(said) if isinstance(said, bool) else way.kind not in _SILENT


def _words(template: Template) -> list[str]:
    """What labels are compared with: each decides about a branch."""
    bodies = (template.body, *(template.defined[name] for name in _reached(template)))
    found = {
        str(constant(operand)): None
        for body in bodies
        for command in commands(Template(body))
        if command[0].text in ("eq", "ne")
        for operand in command[1:]
        if operand.kind == "string"
    }
    return [word for word in found if word and word not in STATES][:_MOST_WORDS]


def _reached(template: Template) -> list[str]:
    """The templates that a template calls, and those that they call."""
    found: dict[str, None] = {}
    todo = [template.body]
    while todo:
        for name in called(todo.pop()):
            if name not in found and name in template.defined:
                found[name] = None
                todo.append(template.defined[name])
    return list(found)


def _samples(resolved: bool, words: list[str], version: Version) -> Iterator[tuple[str, Struct]]:
    """What may happen, and what Alertmanager then says of it."""
    name = {"alertname": Standin("SomeAlert")}

    def sample(*states: str, word: str = "", common: bool = True, labels: bool = True) -> Struct:
        open_, bare = KV(name, open_=True, word=word), KV(name, vague=True)
        none = KV({}, vague=True)
        own = open_ if labels else bare
        alerts = [alert(state, own, own if labels else none, i) for i, state in enumerate(states)]
        shared = open_ if common and labels else none
        return data(alerts, version, open_, shared, shared)

    yield FIRES[0], sample("firing")
    yield FIRES[1], sample("firing", "firing")
    for word in words:
        yield FIRES[0], sample("firing", word=word)
    if resolved:
        yield RESOLVED, sample("resolved")
        yield "one alert fires and another is resolved", sample("firing", "resolved")
        for word in words:
            yield RESOLVED, sample("resolved", word=word)
    yield _LITTLE[0], sample("firing", "firing", common=False)
    yield _LITTLE[1], sample("firing", labels=False)
