"""From logs as they are written to a pipeline with every default taken, and what is wrong with them."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from llmmon.classes import replace
from llmmon.grok import GrokError, UnknownPatternError, expand, needed
from llmmon.logstash import QuoteError, quote, quote_regex
from llmmon.lower.logstack import lower_analysis
from llmmon.plan.logs import Extraction, Input, Levels, Pipeline, Redaction, Sample, Timestamp
from llmmon.problem import Level, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from llmmon.plan.fleet import Fleet
    from llmmon.problem import Origin
    from llmmon.spec import logs as written

OLDEST = (8, 12)  # the first whose plugins all know ssl_enabled and its family
WORDS: Mapping[written.LogLevel, tuple[str, ...]] = {
    "debug": ("debug", "dbg", "trace", "verbose", "fine", "finer", "finest"),
    "info": ("info", "inf", "information", "informational", "notice", "config"),
    "warning": ("warning", "warn", "wrn"),
    "error": ("error", "err", "severe"),
    "critical": ("critical", "crit", "fatal", "panic", "alert", "emerg", "emergency"),
}
JSON_FAILURES = ("_jsonparsefailure", "_timestampparsefailure")
DATE_FAILURE = "_dateparsefailure"
CONVERT_FAILURE = "_mutate_error"
TIMEOUT = "_groktimeout"

_CODECS = {"tcp": "json_lines", "http": "json", "kafka": "json"}
_BUILT_IN = re.compile(r"(?:logs|metrics|traces|synthetics|profiling)-")  # data streams of Elasticsearch's own
_FORMATS = ("ISO8601", "UNIX", "UNIX_MS", "TAI64N")
# What takes all it can, right before a number is captured, or with one literal character between.
_GREEDY = re.compile(
    r"""((?<!\\)\.[*+](?![?+])|%\{GREEDYDATA\})(?:\\?[^\\(\s%\w]|\\\s)?(?:\(\?<\w+>\[0-9|\(\?<\w+>\\d|%\{(?:BASE10)?(?:NUM|INT)\w*:)"""
)
_JODA = re.compile(r"(?:'[^']*'|[GCxweEyYDMdaKhHkSsmzZ]|[^A-Za-z'])+\Z")


def lower_logs(spec: written.Logs, service: str, fleet: Fleet, origin: Origin) -> tuple[Pipeline | None, list[Problem]]:
    """The log pipeline of the service at `origin`; None where an error leaves nothing that could be emitted."""
    here = origin.at("logs")
    index = spec.index or f"app-{service}"
    extractions, problems = _extractions(spec, here.at("extract"))
    problems += _fleet_problems(fleet, here)
    problems += _input_problems(spec.input, here.at("input"))
    problems += _time_problems(spec.timestamp, here.at("timestamp"))
    problems += _level_problems(spec.level, here.at("level", "synonyms"))
    problems += _index_problems(spec, index, fleet.logs is not None and fleet.logs.kibana, here)
    if any(problem.level == Level.ERROR for problem in problems):
        return None, problems
    inputs = tuple(_inputs(spec.input, service, here.at("input")))
    pipeline = Pipeline(
        service,
        inputs,
        spec.json_,
        _timestamp(spec.timestamp, here.at("timestamp")),
        _levels(spec.level, here.at("level")),
        extractions,
        tuple(Redaction(field, how, here.at("redact", field)) for field, how in spec.redact.items()),
        index,
        spec.failures,
        tuple(_failed(spec, inputs, extractions)),
        here,
    )
    analysis, found = lower_analysis(spec.analysis, pipeline)
    return replace(pipeline, analysis=analysis), problems + found


def port_conflicts(pipelines: Iterable[Pipeline]) -> Iterator[Problem]:
    """Pipelines of one Logstash that listen on one port: the second would not start."""
    taken: dict[int, tuple[str, Origin]] = {}
    for pipeline in pipelines:
        for port, origin in pipeline.ports.items():
            other, first = taken.setdefault(port, (pipeline.service, origin))
            if other != pipeline.service:
                message = f"the pipeline of {other} listens on port {port} already: give each pipeline its own"
                yield Problem(origin, message, "port-taken", related=(first,))


def _fleet_problems(fleet: Fleet, here: Origin) -> Iterator[Problem]:
    if not fleet.elasticsearch:
        message = "logs have nowhere to go: write `elasticsearch: {hosts: ['https://...:9200']}` in the fleet's file"
        yield Problem(here, message, "no-elasticsearch", related=(fleet.origin,))
    for key, value in fleet.elasticsearch.items():
        for text in value if isinstance(value, tuple) else (value,):
            if isinstance(text, str):
                yield from _unwritable(text, fleet.origin.at("elasticsearch", key), partial(quote, variables=True))
    version = fleet.versions.get("logstash", OLDEST)
    if version < OLDEST:
        text = ".".join(map(str, version))
        message = (
            f'Logstash {text} has other TLS options than we write: use 8.12 or newer, `versions: {{logstash: "8.15"}}`'
        )
        yield Problem(here, message, "old-logstash", related=(fleet.origin.at("versions", "logstash"),))


def _input_problems(spec: written.Input, here: Origin) -> Iterator[Problem]:
    for kind in ("tcp", "beats", "http"):
        port = getattr(spec, kind)
        if port and port < 1024:
            message = f"Logstash does not run as root and cannot listen on port {port}: take one from 1024 on"
            yield Problem(here.at(kind), message, "privileged-port", Level.WARNING)


def _time_problems(spec: written.Timestamp | None, here: Origin) -> Iterator[Problem]:
    for index, text in enumerate(spec.formats if spec else ()):
        at = here.at("formats", index)
        if "%" in text:
            yield Problem(at, f"{text!r} is strftime's notation: write it like yyyy-MM-dd HH:mm:ss,SSS", "date-format")
        elif text not in _FORMATS and not _JODA.match(text):
            message = (
                f"{text!r} is no date format: write {', '.join(_FORMATS)} or letters such as yyyy-MM-dd HH:mm:ss,SSS"
            )
            yield Problem(at, f"{message} (text in single quotes)", "date-format")
        else:
            yield from _unwritable(text, at)


def _level_problems(spec: written.LevelField | None, here: Origin) -> Iterator[Problem]:
    seen: dict[str, str] = {level: level for level in WORDS}
    for level, words in (spec.synonyms if spec else {}).items():
        for word in words:
            other = seen.setdefault(word.lower(), level)
            if other != level:
                yield Problem(here.at(level), f"{word!r} is a word for {other} already", "level-word")


def _index_problems(spec: written.Logs, index: str, viewed: bool, here: Origin) -> Iterator[Problem]:
    for key, name in (("index", index), ("failures", spec.failures)):
        if found := _BUILT_IN.match(name):
            pattern = f"{found[0]}*-*"
            message = f"{name}-<day> falls under Elasticsearch's own data stream template {pattern}: write app-{name}"
            yield Problem(here.at(key), message, "index-collision")
        elif viewed and key == "index" and not name.startswith("app-"):
            message = f"no data view of Kibana shows {name}-<day>: write app-{name}"
            yield Problem(here.at(key), message, "index-without-view", Level.WARNING)
    if index == spec.failures:
        yield Problem(
            here.at("failures"), f"failures go to the index of all events, {index}: name another", "index-collision"
        )


def _inputs(spec: written.Input, service: str, here: Origin) -> Iterator[Input]:
    host = spec.host or ("127.0.0.1" if spec.tls == "off" else "0.0.0.0")  # noqa: S104 - behind TLS
    for kind in ("tcp", "beats", "http"):
        if port := getattr(spec, kind):
            codec = None if kind == "beats" else spec.codec or _CODECS[kind]
            yield Input(kind, codec, spec.tls, here.at(kind), host, port)
    if spec.kafka:
        codec = spec.codec or _CODECS["kafka"]
        group = f"logstash-{service}"  # with the plugin's own default, two pipelines would share the messages
        yield Input("kafka", codec, spec.tls, here.at("kafka"), topics=spec.kafka, servers=spec.servers, group=group)


def _timestamp(spec: written.Timestamp | None, here: Origin) -> Timestamp | None:
    return Timestamp(spec.field, spec.formats, spec.timezone, here) if spec else None


def _levels(spec: written.LevelField | None, here: Origin) -> Levels | None:
    if not spec:
        return None
    own = {word.lower(): level for level, words in spec.synonyms.items() for word in words}
    words: dict[str, tuple[str, ...]] = {
        level: tuple(dict.fromkeys([*(word for word in known if own.get(word, level) == level), *_own(own, level)]))
        for level, known in WORDS.items()
    }
    return Levels(spec.field, words, here)


def _own(words: Mapping[str, str], level: str) -> list[str]:
    return [word for word, meant in words.items() if meant == level]


def _extractions(spec: written.Logs, here: Origin) -> tuple[tuple[Extraction, ...], list[Problem]]:
    problems: list[Problem] = []
    found: list[Extraction] = []
    for field, extraction in spec.extract.items():
        wrong = list(_pattern_problems(field, extraction, spec.patterns, here.at(field)))
        problems += wrong
        if all(problem.level < Level.ERROR for problem in wrong):
            found.append(_extraction(field, extraction, spec.patterns, here.at(field)))
    return tuple(found), problems


def _extraction(field: str, spec: written.Extraction, patterns: Mapping[str, str], here: Origin) -> Extraction:
    typed = any(capture.type for capture in expand(spec.pattern, patterns).captures if capture.field == field)
    numbers = any(isinstance(value, int | float) for value in spec.proofs.values())
    wanted = spec.type or ("float" if numbers else "string")
    return Extraction(
        field,
        spec.pattern,
        spec.source,
        spec.when,
        None if typed or wanted == "string" else wanted,
        needed(spec.pattern, patterns),
        spec.tag,
        f"_grokparsefailure_{field}" if spec.when else None,
        tuple(_samples(spec, here)),
        here,
    )


def _samples(spec: written.Extraction, here: Origin) -> Iterator[Sample]:
    if spec.sample is not None:
        yield Sample(spec.sample, spec.gives, here.at("gives"))
    for line, value in spec.samples.items():
        yield Sample(line, value, here.at("samples", line))


def _pattern_problems(
    field: str, spec: written.Extraction, patterns: Mapping[str, str], here: Origin
) -> Iterator[Problem]:
    at = here.at("pattern")
    try:
        fields = dict.fromkeys(capture.field for capture in expand(spec.pattern, patterns).captures)
        definitions = needed(spec.pattern, patterns)
    except UnknownPatternError as error:
        start = max(spec.pattern.find(f"%{{{error.name}"), 0)
        message = str(error).replace("pattern_definitions", "`patterns`")
        yield Problem(here.at("pattern", span=(start, start + len(error.name) + 2)), message, "grok-pattern")
        return
    except GrokError as error:
        yield Problem(at, str(error), "grok-pattern")
        return
    if field not in fields:
        captured = f"captures {', '.join(fields)}" if fields else "captures nothing"
        message = f"the pattern {captured}, not {field}: write (?<{field}>...) or %{{NUMBER:{field}}}"
        yield Problem(at, message, "grok-pattern")
    if greedy := _GREEDY.search(spec.pattern):
        message = f"{greedy[1]} takes all it can, so the last match counts, or its last digit: write .*? or \\D*?"
        yield Problem(at.at(span=greedy.span(1)), message, "greedy-pattern", Level.WARNING)
    for text in (spec.pattern, *definitions.values()):
        yield from _unwritable(text, at, quote_regex)
    if spec.when:
        yield from _unwritable(spec.when, here.at("when"))


def _unwritable(text: str, at: Origin, write: Callable[[str], str] = quote) -> Iterator[Problem]:
    try:
        write(text)
    except QuoteError as error:
        yield Problem(at, str(error), "logstash-string")


def _failed(spec: written.Logs, inputs: tuple[Input, ...], extractions: tuple[Extraction, ...]) -> Iterator[str]:
    if spec.json_ or any((entry.codec or "").startswith("json") for entry in inputs):
        yield from JSON_FAILURES
    if spec.timestamp:
        yield DATE_FAILURE
    if spec.level or any(extraction.convert for extraction in extractions):
        yield CONVERT_FAILURE
    if extractions:
        yield TIMEOUT
    yield from (extraction.failure for extraction in extractions if extraction.failure)
