"""The cases of a rule, as text, and what the rule says about each."""

from __future__ import annotations

import json
import re
import textwrap
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import yaml

from llmmon import lint, plugins, policy, promql
from llmmon.classes import replace
from llmmon.documents import dashboardfiles, objects, pages, pipeline_settings, pipelines, unittests
from llmmon.documents import routes as route_files
from llmmon.documents import rules as rule_files
from llmmon.documents.plain import Plain
from llmmon.problem import Origin
from llmmon.rule import UNKNOWN, Corpus, Expression, Facts, Generated, MetricDeclaration, RuleFiles, Rules, Series
from llmmon.source import values
from llmmon.source.document import Document

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

    from llmmon.documents.dashboards import Dashboard
    from llmmon.documents.routes import Configuration
    from llmmon.problem import Problem

# A service in production: what the examples' metrics are.
LABELS = {
    "app_requests_total": {"model", "status", "user_id", "application", "ok"},
    "app_denials_total": {"type"},
    "app_errors_total": {"type"},
    "app_events_total": {"type"},
    "app_seconds_bucket": {"le", "model"},
    "app_cache_hit_ratio": set(),
    "app_cpu_usage_ratio": {"operation"},
    "app_queue_length": {"model"},
    "app_jobs": {"state", "model"},
    "app_latency_seconds": {"quantile", "model"},
    "app_wait_seconds": {"model"},
    "app_wait_milliseconds": {"model"},
    "app_disk_bytes": {"device"},
    "app_tokens_total": {"model"},
}
UNITS = {
    "app_cache_hit_ratio": "ratio",
    "app_cpu_usage_ratio": "ratio",
    "app_seconds_bucket": "seconds",
    "app_latency_seconds": "seconds",
    "app_wait_seconds": "seconds",
    "app_wait_milliseconds": "milliseconds",
    "app_disk_bytes": "bytes",
}
TYPES = {
    "app_queue_length": "gauge",
    "app_seconds_bucket": "counter",
    "app_jobs": "gauge",
    "app_latency_seconds": "summary",
    "app_wait_seconds": "gauge",
    "app_wait_milliseconds": "gauge",
    "app_disk_bytes": "gauge",
}
VALUES = {"app_jobs": {"state": frozenset(("running", "waiting", "failed"))}}
BUCKETS = {"app_seconds_bucket": (0.1, 0.5, 1.0, 2.5)}
RENAMED = {"app_tokens_total": "app_prompt_tokens_total"}
COMMON = {"job", "instance"}
DOCUMENT = Document("rules.yaml", "")
VERSION = (3, 5)


def series(name: str) -> Series:
    """The schema of the examples."""
    if name not in LABELS:
        return UNKNOWN
    kind: Any = TYPES.get(name) or Facts().type(name)
    labels = frozenset(LABELS[name] | COMMON)
    known = VALUES.get(name, {}), BUCKETS.get(name), RENAMED.get(name)
    return Series(kind, labels, UNITS.get(name), False, *known)


FACTS = Facts(
    series,
    declared=frozenset(LABELS),
    namespaces=("app_request_", "app_requests_", "app_queue_"),
    recorded=frozenset(("llm:requests:rate5m", "job:http_requests:rate5m")),
    scrape_interval=timedelta(seconds=30),
    retention=timedelta(days=15),
    policy=policy.Policy(look_back_at_most=timedelta(days=2)),
    external_labels={"cluster": "eu"},
    alerts=(
        {"alertname": None, "service": None, "category": frozenset(("cost",)), "severity": frozenset(("critical",))},
        {"alertname": None, "service": None, "category": frozenset(("errors",)), "severity": frozenset(("warning",))},
    ),
)


def examples(module: ModuleType, title: str) -> Iterator[tuple[str, str]]:
    """The indented paragraphs below `Bad:` or `Good:` of a rule's page, each with what stands in the brackets."""
    current: str | None = None
    about = ""
    paragraph: list[str] = []
    for line in [*(module.__doc__ or "").splitlines(), "end"]:
        if paragraph and line.strip() and not line.startswith(" "):
            yield from ((about, text) for text in _split(paragraph))
            paragraph = []
        if head := re.fullmatch(r"(Bad|Good)(?: \((.*)\))?:", line):
            current, about = head[1], head[2] or ""
        elif line.strip() and not line.startswith(" "):
            current = None
        elif current == title:
            paragraph.append(line)


def _split(lines: list[str]) -> Iterator[str]:
    text = textwrap.dedent("\n".join(lines)).strip("\n")
    yield from (part for part in re.split(r"\n\n+", text) if part.strip())


def found(family: str, slug: str, text: str, about: str = "", facts: Facts = FACTS) -> list[Problem]:
    """What one rule says about one example of its family."""
    rule = plugins.rules(family)[slug]
    only = lint.Table({rule.on: [(slug, rule)]})
    origin = Origin(DOCUMENT)
    match family:
        case "promql":
            what, _, said = about.partition(", ")  # `alert, {{ $labels.job }} fails` is the text of the alert
            purposes: Any = (what,) if what else ("alert", "record", "panel")
            written = [Expression(text, promql.parse(text), purpose, texts=(said,)) for purpose in purposes]
            return [problem for one in written for problem in lint.expression(one, facts, origin, only)]
        case "panels":
            unit, _, title = about.partition(", ")
            unit = "percent" if unit.startswith("percent") else unit
            panel = Expression(text, promql.parse(text), "panel", unit or None, title, instant=False)
            return list(lint.expression(panel, facts, origin, only))
        case "routes":
            configuration = route_files.read(yaml.safe_load(text), origin)
            return list(lint.node(configuration, facts, origin, only))
        case "dashboards":
            value = yaml.safe_load(text)
            whole = isinstance(value, dict) and "dashboards" in value
            run = read_corpus(text) if whole else Corpus((), dashboards=tuple(read_dashboards(value)))
            alone = [
                problem for board in run.dashboards for problem in lint.dashboard(board, facts, only, lint.NOTHING)
            ]
            return [*alone, *lint.node(run, facts, origin, only)]
        case "groups":
            if about.startswith("policy: "):
                facts = replace(facts, policy=policy.read(yaml.safe_load(about.removeprefix("policy: "))))
            return list(lint.rules(read_file(text), facts, only))
        case "corpus":
            corpus = read_corpus(text, _routes(about))
            if about.startswith("removed: "):
                recorded = frozenset(rule.name for rules in corpus.rules for rule in rules.recordings)
                removed = frozenset(about.removeprefix("removed: ").split(", "))
                facts = replace(facts, removed=removed, recorded=recorded)
            return list(lint.node(corpus, facts, origin, only))
        case "kubernetes":
            return list(in_cluster(text, facts, only))
        case "pipelines":
            return list(in_pipeline(text, facts, only))
        case "metrics" if "\n" in text or ": " not in text:
            page = pages.read(Plain("page.prom", text))
            assert page.problems == []
            return [problem for one, at in page.metrics for problem in lint.node(one, facts, at, only)]
        case "unittests":
            names = frozenset(about.removeprefix("alerts: ").split(", "))
            loaded = {
                "rules.yml": RuleFiles("rules.yml", True, names),
                "missing.yaml": RuleFiles("missing.yaml", False, None, "missing.yml"),
                "made.yml": RuleFiles("made.yml", False, None),
            }
            tests, _ = unittests.read(
                yaml.safe_load(text), origin, lambda name: loaded.get(name, RuleFiles(name, True, None))
            )
            return list(lint.node(tests, facts, origin, only))
        case "metrics":
            name, _, kind = text.partition(": ")
            return list(lint.node(MetricDeclaration(name, kind), facts, origin, only))  # type: ignore[arg-type]
    return list(lint.rules(read_rules(text), facts, only))


def _routes(about: str) -> tuple[Configuration, ...]:
    """`routes: severity="critical"` is a configuration whose one route matches that."""
    if not about.startswith("routes: "):
        return ()
    matcher = about.removeprefix("routes: ")
    value = {"route": {"receiver": "a", "routes": [{"matchers": [matcher]}]}}
    return (route_files.read(value, Origin(DOCUMENT)),)


def read_corpus(text: str, configurations: tuple[Configuration, ...] = ()) -> Corpus:
    """Rules, and what else is in the run, each under a key of its own."""
    value = yaml.safe_load(text)
    if own := value.pop("alertmanager", None):
        configurations = (route_files.read(own, Origin(DOCUMENT)),)
    boards = tuple(read_dashboards(value.pop("dashboards", [])))
    generated = tuple(Generated(**file, origin=Origin(DOCUMENT)) for file in value.pop("generated", ()))
    runbooks = tuple((page, Origin(DOCUMENT, (page,))) for page in value.pop("runbooks", ()))
    rules = (
        (read_file(text if value.keys() == yaml.safe_load(text).keys() else yaml.safe_dump(value)),) if value else ()
    )
    return Corpus(rules, configurations, boards, generated, runbooks)


def read_dashboards(found: Any) -> Iterator[Dashboard]:
    """Dashboards, a panel or a query of one; what is not said is right."""
    for value in found if isinstance(found, list) else [found]:
        if not isinstance(value, dict):
            value = {"targets": [{"expr": value, "refId": "A"}]}
        if not {"panels", "rows", "templating"} & value.keys():
            asked = (target.get("datasource") for target in value.get("targets", ()) if isinstance(target, dict))
            source_of_data = next(filter(None, asked), {"type": "prometheus", "uid": "${datasource}"})
            value = {"panels": [{"type": "timeseries", "title": "Requests", "datasource": source_of_data, **value}]}
        value = {"title": "Service", "uid": "service", "schemaVersion": 39, "panels": [], **value}
        document = Document("service.json", json.dumps(value), json=True)
        yield dashboardfiles.read(value, Origin(document), VERSION)


def in_pipeline(text: str, facts: Facts, only: lint.Table) -> Iterator[Problem]:
    """What rules say about a pipeline of one file."""
    if text.startswith("- "):
        settings = pipeline_settings.read(yaml.safe_load(text), Origin(DOCUMENT))
        yield from lint.node(settings, facts, settings.origin, only)
        return
    read = pipelines.read(Plain("pipeline.conf", text))
    assert read.pipeline
    assert read.problems == []
    yield from lint.node(read.pipeline, facts, read.pipeline.origin, only)
    for whole in pipelines.joined([read.pipeline]):
        yield from lint.node(whole, facts, read.pipeline.origin, only)
    yield from lint.node(pipelines.Neighbours((read.pipeline,)), facts, read.pipeline.origin, only)


def in_cluster(text: str, facts: Facts, only: lint.Table) -> Iterator[Problem]:
    """What rules say about one object of Kubernetes, or about a list of them."""
    value = yaml.safe_load(text)
    values = value if isinstance(value, list) else [value]
    read = objects.read((one, Origin(DOCUMENT, (index,))) for index, one in enumerate(values))
    yield from lint.objects(read, facts, only)


def read_file(text: str) -> Rules:
    """The rules of a whole file."""
    document = Document("rules.yaml", text)
    value, problems = values.value(document, as_go=True)
    read = rule_files.read(value, Origin(document), VERSION)
    assert [*problems, *read.problems] == []
    return read.rules


def read_rules(text: str) -> Any:
    """One rule, or a list of rules; what is not said is right."""
    value = yaml.safe_load(text)
    rules = [dict(rule) for rule in (value if isinstance(value, list) else [value])]
    for rule in rules:
        if "record" not in rule:
            rule.setdefault("alert", "SomethingIsWrong")
    read = rule_files.read([*rules], Origin(DOCUMENT), VERSION)
    assert [problem for problem in read.problems if problem.rule != "rules-without-group"] == []
    return read.rules
