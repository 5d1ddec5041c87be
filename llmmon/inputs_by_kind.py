"""What was read becomes what rules look at: finds out of what kind each document is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from llmmon import pinned
from llmmon.documents import envelopes, form, kinds, metricsql, residue
from llmmon.documents import rules as rule_files
from llmmon.problem import Level, Origin, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from llmmon.documents.dashboards import Dashboard
    from llmmon.documents.envelopes import Inside
    from llmmon.documents.held import Held
    from llmmon.documents.pipeline_settings import Settings
    from llmmon.documents.routes import Configuration
    from llmmon.inputs import File
    from llmmon.rule import Facts, Rules, UnitTests
    from llmmon.source.document import Document
    from llmmon.source.values import Value


class InputsByKind:
    """Documents become what rules look at; what is wrong with their form is said on the way."""

    def __init__(self, around: Facts, dialect: str | None, names: frozenset[str]) -> None:
        self.around = around
        self.names = names  # of all files of the run
        self.dialect = dialect
        self.rules: list[Rules] = []
        self.configurations: list[Configuration] = []
        self.partial: list[Configuration] = []  # what the operator makes of objects, each a part of a whole
        self.indirect = False  # some of them are written in another form
        self.dashboards: list[Dashboard] = []
        self.tests: list[UnitTests] = []
        self.settings: list[Settings] = []
        self.held: list[Held] = []
        self.specs: list[Path] = []
        self.sources: set[str] = set()
        self.loaded: set[str] = set()  # folders of dashboards that Grafana loads by itself
        self.fixed: set[str] = set()
        self.running: list[Mapping[str, Any]] = []  # objects that say which image runs
        self.objects: list[tuple[Mapping[str, Any], Origin]] = []
        self.released: set[str] = set()  # paths of objects that others wrote
        self.problems: list[Problem] = []
        self.named: dict[str, Document] = {}
        self.known: dict[str, Document] = {}

    def take(self, file: File) -> None:
        """All that is in a document."""
        if not (isinstance(file.value, dict) and "groups" in file.value) and self.takes_other(file):
            return
        if file.named:
            self.named.setdefault(file.document.path, file.document)
        for part in envelopes.unwrap(file.value, Origin(file.document)):
            self.problems += _rendered(file, part.problems)
            if part.problems or self.takes(part, file):
                self.known.setdefault(file.document.path, file.document)

    def takes_other(self, file: File) -> bool:
        """Whether it is a spec or a list of pipelines; objects of Kubernetes may hold rules as well."""
        from llmmon import specfiles, texts
        from llmmon.documents import datasources, held, objects, pipeline_settings, scraped

        self.loaded |= datasources.loaded(file.document)
        self.sources |= datasources.provisioned(file.document.text)
        value, origin = file.value, Origin(file.document)
        if isinstance(value, dict) and "scrape_configs" in value:
            self.fixed |= scraped.fixed(value)
        if pinned.is_running(value):
            self.running.append(value)
        if specfiles.is_spec(value, file.document, file.named):
            self.specs.append(Path(file.document.path))
            return True
        if pipeline_settings.is_settings(value):
            self.settings.append(pipeline_settings.read(value, origin))
            return True
        inside = [one for one in held.held(value, origin) if texts.is_known(one.document.text)]
        self.held += inside
        if objects.is_object(value):
            self.objects += [(value, origin)] if "{{" not in file.document.text else []
            self.released |= {file.document.path} if file.released else set()
        if inside or objects.is_object(value):
            self.known.setdefault(file.document.path, file.document)
        return False

    def takes(self, inside: Inside, file: File) -> bool:
        """Whether it is of a kind that we know."""
        whole = not inside.origin.keys  # not inside of something of Kubernetes
        bare = inside.origin.document is file.document
        if boards := envelopes.dashboards(inside.value, inside.origin):
            from llmmon.documents import dashboardfiles

            self.dashboards += (dashboardfiles.read(board, origin, self.around.version) for board, origin in boards)
        elif rule_files.is_rules(inside.value, file.named):
            if (
                file.several
                and whole
                and bare
                and not (self.dialect in (None, "mimir") and _has_namespace(inside.value))
                and not (self.dialect is None and metricsql.is_meant(file.document))
            ):
                message = "Prometheus reads the first document of a file alone: write these groups there"
                self.problems.append(Problem(inside.origin, message, "multi-document", Level.WARNING))
                if self.dialect:
                    return True
            read = rule_files.read(
                inside.value,
                inside.origin,
                self.around.version,
                self.dialect,
                strict=bool(inside.origin.keys),
                features=self.around.features,
                named=file.named,
            )
            self.problems += read.problems
            self.rules.append(read.rules)
        elif kinds.is_partial(inside.value):
            self.takes_partial(inside)
        elif kinds.may_be_tests(inside.value) and self.takes_tests(inside, file):
            pass
        elif kinds.may_be_configuration(inside.value) and whole and not (file.several and bare):
            return self.takes_configuration(inside, file)
        else:
            return False
        return True

    def takes_partial(self, inside: Inside) -> None:
        """An AlertmanagerConfig."""
        from llmmon.documents import operator

        configuration, wrong = operator.read(inside.origin, self.around.alertmanager)
        self.problems += wrong
        self.partial.append(configuration)
        self.indirect = True

    def takes_tests(self, inside: Inside, file: File) -> bool:
        """Whether it is a file of promtool's unit tests."""
        from llmmon.documents import unittests

        if not isinstance(inside.value, dict) or not unittests.is_tests(inside.value):
            return False
        tests, wrong = unittests.read(inside.value, inside.origin, unittests.loader(file.document.path, self.names))
        self.problems += wrong
        self.tests.append(tests)
        return True

    def takes_configuration(self, inside: Inside, file: File) -> bool:
        """Whether it is one of Alertmanager's."""
        from llmmon.documents import routes

        asked = file.named or self.dialect is not None
        if not routes.is_configuration(inside.value) or not (asked or routes.is_of_alertmanager(inside.value)):
            return False
        document = inside.origin.document
        text = getattr(document, "inner", file.document)  # of a text inside of something else
        self.indirect |= not isinstance(document, envelopes.Embedded) and document is not file.document
        configuration, wrong = routes.load(text, inside.origin, self.around.alertmanager, file.named)
        self.problems += wrong
        self.configurations += [configuration] if configuration else []
        return True

    def unknown(self) -> Iterator[Problem]:
        """What is odd in the text of a file, and files that were named and are of no kind that we know."""
        for document in self.known.values():
            yield from form.oddities(document)
        for path, document in self.named.items():
            if path not in self.known:
                message = "this is no file that is linted: name rules, routes, a dashboard, a pipeline or metrics"
                said = Problem(Origin(document), message, "unknown-file-kind", Level.WARNING)
                yield said if form.says_something(document.text) else form.nothing(document)


def _rendered(file: File, wrong: list[Problem]) -> list[Problem]:
    """What is wrong inside an object, unless nobody has rendered what stands there."""
    unrendered = residue.of_template(file.document, wrong, file.named) if wrong else None
    return [unrendered] if unrendered else wrong


def _has_namespace(value: Value) -> bool:
    """Whether a document is of those that the tools of Mimir, Cortex and Loki load, each into a namespace."""
    return isinstance(value, dict) and isinstance(value.get("namespace"), str)
