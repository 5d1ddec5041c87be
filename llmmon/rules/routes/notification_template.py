"""A template of a notification that fails when somebody is to be told, or that nobody uses.

Alertmanager reads the files below `templates:` when it starts, and looks at nothing else: a template written in a
receiver, a `{{ template }}` that nobody defines and a field that does not exist are errors of the moment in which the
alert comes. The notification is then not sent.

Bad:

    receivers: [{name: a, slack_configs: [{title: "{{ .CommonLabels.alertname"}]}]

    receivers: [{name: a, slack_configs: [{title: "{{ .Labels.alertname }}"}]}]

    receivers: [{name: a, slack_configs: [{text: "{{ range .Alerts }}{{ .CommonLabels.job }}, {{ end }}"}]}]

    receivers: [{name: a, slack_configs: [{title: '{{ template "slack.titel" . }}'}]}]

Good:

    receivers: [{name: a, slack_configs: [{title: "{{ .CommonLabels.alertname }} {{ .Alerts.Firing | len }}"}]}]

    receivers: [{name: a, slack_configs: [{text: "{{ range .Alerts.Firing }}{{ .Labels.job }}, {{ end }}"}]}]

    receivers: [{name: a, slack_configs: [{text: "{{ range .Alerts }}{{ $.CommonLabels.job }}, {{ end }}"}]}]

    receivers: [{name: a, slack_configs: [{title: '{{ template "slack.default.title" . }}'}]}]
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from llmmon import lazily
from llmmon.documents import other_engines
from llmmon.documents.notifications import beside, inline, is_built_in, parsed, place
from llmmon.documents.notified import reads
from llmmon.documents.routes import Configuration
from llmmon.gotemplate import Template, TemplateError
from llmmon.gotemplate.functions import SPRIG, newer_alertmanager
from llmmon.gotemplate.nodes import called
from llmmon.lazily import get_close_matches
from llmmon.problem import Level
from llmmon.rule import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from llmmon.documents.notifications import File
    from llmmon.gotemplate.nodes import Node
    from llmmon.problem import Origin
    from llmmon.rule import Facts


_OF_ALERTS = frozenset(("StartsAt", "EndsAt", "Fingerprint", "GeneratorURL"))
_CLOSE = 0.75  # how near a name must be to be the one that was meant
_NO_FUNCTION = lazily.pattern(r"there is no function (\w+)")


def check(configuration: Configuration, facts: Facts) -> Iterator[Finding]:
    version = facts.alertmanager
    path = configuration.origin.document.path
    templates = configuration.templates
    written = [(origin, text, parsed(text, version)) for origin, text in inline(configuration)]
    defined = {name for file in templates.files for name in file.defined}
    used: set[str] = set()
    yield from _files(configuration, facts)
    complete = templates.all or not configuration.value.get("templates")
    complete = complete and not any(isinstance(file.found, TemplateError) for file in templates.files)
    for origin, text, found in written:
        if isinstance(found, TemplateError):
            if not _may_be_newer(found, facts):
                message = f"this template does not parse: {_why(found, version)}"
                advice = other_engines.may_read(found, text, origin.document.text)
                yield Finding("C046", message, found.span, origin=origin, advice=advice)
            continue
        names = set(_named(found))
        used |= names
        for name in sorted(names - defined - found.defined.keys()) if complete else ():
            if not (is_built_in(name) or _is_beside(name, path)):
                at = text.find(f'"{name}"')
                span = (at, at + len(name) + 2) if at >= 0 else None
                yield Finding("C047", _undefined(name, defined), span, origin=origin)
        yield from _fields(found, origin, version)
    for file in templates.files if complete else ():
        names = set(_named(file.found)) if isinstance(file.found, Template) else set()
        for name in sorted(names - defined):
            if not (is_built_in(name) or _is_beside(name, path)):
                at = max(file.text.find(f'"{name}"'), 0)
                yield Finding("C047", _undefined(name, defined), origin=place(file, (at, at)))
    yield from _unused(configuration, used)


def _is_beside(name: str, path: str) -> bool:
    """Whether a file near the configuration defines the template, as one of Kubernetes does that is mounted there."""
    return re.search(rf'define +\\?["`]{re.escape(name)}\\?["`]', beside(path)) is not None


def _files(configuration: Configuration, facts: Facts) -> Iterator[Finding]:
    for index in configuration.templates.missing:
        message = "no file is called so, seen from here: write where the templates are"
        yield Finding("C045", message, origin=configuration.origin.at("templates", index))
    for file in configuration.templates.files:
        if isinstance(file.found, TemplateError) and not _may_be_newer(file.found, facts):
            message = f"this file of templates does not parse: {_why(file.found, facts.alertmanager)}"
            yield Finding("C046", message, origin=place(file, file.found.span))


def _may_be_newer(error: TemplateError, facts: Facts) -> bool:
    """Whether a function is not there because it came later, and nobody says that an older Alertmanager runs."""
    named = _NO_FUNCTION.match(error.message)
    since = newer_alertmanager(named[1]) if named else None
    return since is not None and facts.pinned.get("alertmanager", since) >= since


def _why(error: TemplateError, version: tuple[int, ...]) -> str:
    """Why a template does not parse: a function that is not there may be of a newer version, or of somebody else."""
    named = _NO_FUNCTION.match(error.message)
    if not named:
        return error.message
    if since := newer_alertmanager(named[1]):
        have, needed = (".".join(map(str, number)) for number in (version, since))
        return f"Alertmanager {have} has no function {named[1]}: leave it out, or run {needed} or newer"
    if named[1] in SPRIG:
        return (
            f"there is no function {named[1]}, which is Sprig's: leave it out, or write {{{{ if }}}} and {{{{ else }}}}"
        )
    return error.message


def _fields(found: Template, origin: Origin, version: tuple[int, ...]) -> Iterator[Finding]:
    for read in reads(found, version):
        if read.known is None:
            continue
        near = get_close_matches(read.field, read.known, 1, _CLOSE)
        if read.kind == "data" and read.field in ("Labels", "Annotations"):
            hint = f"write .Common{read.field}, or range over .Alerts"
        elif read.kind == "data" and read.field in _OF_ALERTS:
            hint = "that is of each alert, so range over .Alerts"
        elif read.kind == "alert" and read.field.startswith(("Common", "Group", "External", "Receiver")):
            hint = f"write $.{read.field}"
        else:
            hint = (
                f"write .{near[0]}" if near else f"there are {', '.join(read.known)}" if read.known else "leave it out"
            )
        yield Finding("C048", f"{read.called} has no .{read.field}: {hint}", read.span, origin=origin)


def _unused(configuration: Configuration, used: set[str]) -> Iterator[Finding]:
    bodies = {
        name: (file, body)
        for file in configuration.templates.files
        if isinstance(file.found, Template)
        for name, body in file.found.defined.items()
    }
    reached = _reached(bodies, {name for name in bodies if name in used or is_built_in(name)})
    if configuration.templates.all and configuration.integrations and bodies.keys() - reached:
        others = beside(configuration.origin.document.path)  # another configuration, or a line that is commented out
        named = {name for name in bodies if f'"{name}"' in others or f'"{name}\\"' in others}
        reached |= _reached(bodies, named)
    for name in bodies.keys() - reached if configuration.templates.all and configuration.integrations else ():
        file = bodies[name][0]
        at = max(file.text.find(f'"{name}"'), 0)
        message = f"no receiver uses the template {name!r}: remove it, or use it"
        yield Finding("C049", message, origin=place(file, (at, at)))


def _reached(bodies: Mapping[str, tuple[File, tuple[Node, ...]]], used: set[str]) -> set[str]:
    """The templates that these call, and themselves."""
    reached: set[str] = set()
    todo = list(used)
    while todo:
        name = todo.pop()
        if name in bodies and name not in reached:
            reached.add(name)
            todo += called(bodies[name][1])
    return reached


def _named(template: Template) -> Iterator[str]:
    for body in (template.body, *template.defined.values()):
        yield from called(body)


def _undefined(name: str, defined: set[str]) -> str:
    near = get_close_matches(name, defined, 1)
    hint = f"did you mean {near[0]!r}?" if near else "define it in a file that templates: names"
    return f"no template is called {name!r}: {hint}"


RULE = Rule(
    Configuration,
    check,
    {
        "C045": Level.WARNING,
        "C046": Level.ERROR,
        "C047": Level.ERROR,
        "C048": Level.ERROR,
        "C049": Level.NOTE,
    },
    peers=(
        *("amtool", "amlint bad-template", "amlint bad-template-file", "amlint template-file-missing"),
        *("amlint undefined-template", "amlint template-unknown-field"),
    ),
    advice=frozenset(("C045", "C049")),
)
