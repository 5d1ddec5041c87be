"""What a spec may say of logs, what it becomes, and what is said of one that is wrong."""

from __future__ import annotations

import sys
from typing import Any

import logs_examples as examples
import pytest
import yaml
from pydantic import ValidationError

from llmmon.classes import replace
from llmmon.lower.logs import WORDS, port_conflicts
from llmmon.lower.samples import prove_samples
from llmmon.problem import Level, Problem, Unverified
from llmmon.spec.logs import Logs

SEED_COST = r"cost.*\$(?<x>[0-9.]+)"
SEED_LATENCY = r"latency.*(?<x>[0-9.]+)ms"


def refused(text: str) -> tuple[tuple[str | int, ...], str]:
    """Where pydantic finds the mistake, and what it says."""
    with pytest.raises(ValidationError) as caught:
        Logs.model_validate(yaml.safe_load(text)["logs"])
    [error] = caught.value.errors()
    return error["loc"], error["msg"]


def proved(text: str) -> list[str]:
    """What the sample proof says."""
    found = prove_samples(examples.plan(text))
    return [problem.message for problem in found if isinstance(problem, Problem)]


def test_the_corrected_patterns_give_what_the_samples_say() -> None:
    assert proved(examples.COST_TRACKER) == []


@pytest.mark.parametrize(
    ("pattern", "sample", "gives", "said"),
    [
        (SEED_COST, "total cost $1.20 of budget $50.00", "1.2", "gives 50.0, and the spec says 1.2"),
        (SEED_COST, "the cost was $3.50.", "3.5", "gives '3.50.', which is no number"),
        (SEED_COST, "cost $12,345.67", "12345.67", "gives 12.0, and the spec says 12345.67"),
        (SEED_LATENCY, "latency 123ms", "123", "gives 3.0, and the spec says 123"),
        (SEED_LATENCY, "latency: 1234.5ms", "1234.5", "gives 5.0, and the spec says 1234.5"),
        (r"cost=%{NUMBER:x}", "cost is 3", "3", "gives nothing: the pattern does not match"),
        (r"cost=%{NUMBER:x}", "cost=3", "'3 USD'", "gives '3', and the spec says '3 USD'"),
        (r"%{WORD:x} %{WORD:x}", "a b", "a", "gives x several times: ['a', 'b']"),
        (r"cost=%{NUMBER:x:float}", "cost=3", "'3'", "gives 3.0, a number, and the spec says '3'"),
        (r"cost=%{NUMBER:x:int}", "cost=3.7", "3.7", "gives 3, and the spec says 3.7"),
    ],
)
def test_a_pattern_that_gives_another_value_is_an_error(pattern: str, sample: str, gives: str, said: str) -> None:
    [message] = proved(examples.extraction(pattern, gives, sample))
    assert said in message


def test_a_wrong_sample_is_shown_at_its_line_with_the_pattern_beside_it() -> None:
    text = examples.COST_TRACKER.replace("budget $50.00: 1.2", "budget $50.00: 50")
    [problem] = prove_samples(examples.plan(text))
    assert isinstance(problem, Problem)
    assert str(problem.origin) == "specs/llm-cost-tracker.yaml:12:9"
    assert str(problem.related[0]) == "specs/llm-cost-tracker.yaml:10:7"
    assert problem.level is Level.ERROR


@pytest.mark.parametrize(
    ("pattern", "gives", "sample", "more"),
    [
        (r"x=%{NUMBER:x}", "1234.5", "x=1234.5", ""),
        (r"x=%{NUMBER:x:float}", "1234.5", "x=1234.5", ""),
        (r"x=%{GROUPEDNUM:x}", "12345", "x=12,345", ", type: integer"),
        (r"x=%{NUMBER:x}", "1", "x=1.9", ", type: integer"),
        (r"x=(?<x>\w+)", "'7'", "x=7", ""),
        (r"x=(?<x>\S+)", "é", "x=é y", ""),
        (r"x=%{NUMBER:x}", "1", "x=1", ", samples: {'x=': null, 'y=2': null}"),
        (r"x=%{NUMBER:x}", "1", "x=1", ", when: 'x=', samples: {'y=2': null}"),
    ],
)
def test_a_pattern_that_gives_what_the_samples_say_is_quiet(pattern: str, gives: str, sample: str, more: str) -> None:
    assert proved(examples.extraction(pattern, gives, sample, more)) == []


def test_a_line_without_the_text_of_when_gives_nothing() -> None:
    [message] = proved(examples.extraction(r"x=%{NUMBER:x}", more=", when: total"))
    assert message == "'x=1' gives nothing: the line does not hold `when`, 'total'"


def test_a_line_that_must_not_match_and_does_is_an_error() -> None:
    [message] = proved(examples.extraction(r"%{NUMBER:x}", sample="1", more=", samples: {'build 7': null}"))
    assert message == "'build 7' gives 7.0, and the spec says that it gives nothing"


def test_catastrophic_backtracking_is_an_error() -> None:
    [message] = proved(examples.extraction(r"(?<x>(a|aa)+)$", "a", "a" * 60 + "!"))
    assert message.startswith("catastrophic backtracking")


def test_without_the_extra_the_samples_are_unverified(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onigurumacffi", None)
    pipeline = examples.plan(examples.extraction(r"no other test has this pattern x=(?<x>1)"))
    [found] = prove_samples(pipeline)
    assert isinstance(found, Unverified)
    assert "llmmon[logs]" in found.why


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        (examples.extraction("%{NUMBR:x}"), "5:19", "unknown grok pattern NUMBR: did you mean NUMBER?"),
        (examples.extraction("a %{ZZTOP:x}"), "5:21", "unknown grok pattern ZZTOP: define it in `patterns`"),
        (examples.extraction("%{NUMBER:y}"), "5:9", "captures y, not x: write (?<x>...) or %{NUMBER:x}"),
        (examples.extraction("[0-9]+"), "5:9", "captures nothing, not x"),
        (examples.extraction("${HOME}(?<x>1)"), "5:9", "Logstash would replace ${HOME}"),
        (
            examples.spec("patterns: {AA: '%{AA}'}\nextract: {x: {pattern: '%{AA:x}', sample: a, gives: a}}"),
            "5:17",
            "refers to itself",
        ),
        (examples.extraction("(?<x>1)", more=', when: "a\'b\\"c"'), "5:54", "both kinds of quotes"),
        (examples.extraction("(?<x>1)", more=r", when: 'a\'"), "5:54", "cannot end in a backslash"),
        (examples.spec("timestamp: {field: ts, formats: '%Y-%m-%d'}"), "4:35", "strftime's notation"),
        (examples.spec("timestamp: {field: ts, formats: [ISO8601, YYYY-QQ]}"), "4:45", "'YYYY-QQ' is no date format"),
        (
            examples.spec(f"timestamp: {{field: ts, formats: {'d' * 200}b}}"),
            "4:35",
            "b' is no date format",
        ),  # and that soon
        (examples.spec("level: {field: l, synonyms: {info: [error]}}"), "4:32", "'error' is a word for error already"),
        (examples.spec("level: {field: l, synonyms: {info: [a], error: [A]}}"), "4:43", "'A' is a word for info"),
        (examples.spec("index: logs-chat"), "4:3", "Elasticsearch's own data stream template logs-*-*: write app-"),
        (examples.spec("failures: app-chat"), "4:3", "failures go to the index of all events, app-chat"),
    ],
)
def test_a_mistake_is_shown_where_it_stands(text: str, place: str, said: str) -> None:
    pipeline, problems = examples.lowered(text)
    [problem] = problems
    assert pipeline is None
    assert said in problem.message
    assert str(problem.origin) == f"specs/chat.yaml:{place}"


@pytest.mark.parametrize(
    ("text", "keys", "said"),
    [
        ("input: {}", ("input",), "an input needs tcp, beats or http with a port, or kafka with topics"),
        ("input: {tcp: 70000}", ("input", "tcp"), "70000 is no port"),
        ("input: {tcp: true}", ("input", "tcp"), "true is no port"),
        ("input: {kafka: [chat]}", ("input",), "kafka needs both topics and servers"),
        ("input: {kafka: [chat], servers: [kafka]}", ("input", "servers", 0), "'kafka' is no Kafka server"),
        ("input: {tcp: 5000, http: 5000}", ("input",), "two inputs listen on one port"),
        ("input: {tcp: 5000, codec: json}", ("input",), "tcp takes the codec json_lines or line, not json"),
        ("input: {beats: 5044, codec: json}", ("input",), "beats frames its own messages"),
        ("redact: ['a b']", ("redact", "a b", "[key]"), "'a b' is no field"),
        ("redact: ['[a][b']", ("redact", "[a][b", "[key]"), "'[a][b' is no field"),
        ("redact: ['@metadata']", ("redact", "@metadata", "[key]"), "is Logstash's own field"),
        ("redact: {a: mask}", ("redact", "a"), "Input should be 'remove' or 'hash'"),
        ('json: "a\\"]"', ("json",), "is no field"),
        ("index: App", ("index",), "'App' is no index name"),
        ("index: 'app-%{x}'", ("index",), "is no index name"),
        ("extract: {x: {pattern: a}}", ("extract", "x"), "needs a sample line and the value that it gives"),
        ("extract: {x: {pattern: a, sample: a}}", ("extract", "x"), "sample and gives belong together"),
        ("extract: {x: {pattern: a, samples: {a: null}}}", ("extract", "x"), "needs a sample line"),
        ("extract: {x: {pattern: a, sample: a, gives: true}}", ("extract", "x", "gives"), "is no value of a field"),
        ("extract: {x: {pattern: a, sample: a, gives: 1, tag: 'a b'}}", ("extract", "x", "tag"), "is no tag"),
        ("patterns: {'A}': x}", ("patterns", "A}", "[key]"), "is no pattern name"),
        ("timestamp: {field: '@timestamp'}", ("timestamp", "field"), "is Logstash's own field"),
    ],
)
def test_what_cannot_be_meant_is_refused(text: str, keys: tuple[str | int, ...], said: str) -> None:
    place, message = refused(examples.spec(text))
    assert (place, said in message) == (keys, True), message


def test_without_an_elasticsearch_logs_are_an_error() -> None:
    around = replace(examples.fleet(), elasticsearch={})
    pipeline, [problem] = examples.lowered(examples.COST_TRACKER, around)
    assert pipeline is None
    assert str(problem.origin) == "specs/llm-cost-tracker.yaml:2:1"
    assert "`elasticsearch: {hosts:" in problem.message


def test_a_logstash_with_other_options_is_refused() -> None:
    _, [problem] = examples.lowered(examples.COST_TRACKER, examples.fleet((8, 5)))
    assert "Logstash 8.5 has other TLS options" in problem.message


@pytest.mark.parametrize(("key", "value"), [("user", "a'b\"c"), ("hosts", ("https://a\\",)), ("ca", "\"'")])
def test_what_no_string_can_hold_is_shown_in_the_fleets_file(key: str, value: Any) -> None:
    _, [problem] = examples.lowered(examples.COST_TRACKER, examples.fleet(**{key: value}))
    assert str(problem.origin).startswith("specs/fleet.yaml:")


def test_a_privileged_port_is_a_warning() -> None:
    pipeline, [problem] = examples.lowered(examples.spec("input: {tcp: 514}"))
    assert pipeline
    assert problem.level is Level.WARNING


def test_two_pipelines_on_one_port_are_an_error() -> None:
    chat, cost = examples.plan(examples.spec("level: level")), examples.plan(examples.COST_TRACKER)
    [problem] = port_conflicts([chat, cost])
    assert problem.message.startswith("the pipeline of chat listens on port 5000 already")
    assert str(problem.origin) == "specs/llm-cost-tracker.yaml:3:11"
    assert list(port_conflicts([chat, examples.plan(examples.spec("input: {beats: 5044}"))])) == []


def test_no_word_means_two_levels() -> None:
    words = [word for known in WORDS.values() for word in known]
    assert len(words) == len(set(words))


def test_a_synonym_moves_a_word_to_another_level() -> None:
    level = examples.plan(examples.spec("level: {field: l, synonyms: {critical: [Severe, dead]}}")).level
    assert level
    assert "severe" not in level.words["error"]
    assert level.words["critical"][-2:] == ("severe", "dead")


def test_without_tls_only_this_machine_is_heard() -> None:
    [entry] = examples.plan(examples.spec("input: {tcp: 5000, tls: false}")).inputs
    assert entry.host == "127.0.0.1"
    [entry] = examples.plan(examples.spec("input: {tcp: 5000, tls: false, host: 10.0.0.7}")).inputs
    assert entry.host == "10.0.0.7"
