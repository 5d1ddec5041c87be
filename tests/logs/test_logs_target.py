"""What Logstash reads: one small golden, and claims about the parts of a pipeline."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath

import logs_examples as examples
import pytest
import yaml
from pydantic import ValidationError

from llmmon.logstash import parse, walk
from llmmon.logstash.nodes import Config, Plugin, String, plugins
from llmmon.problem import Level, Problem, Unverified
from llmmon.target import Artifact, Written
from llmmon.targets.logstash import TARGET
from llmmon.targets.logstash.real import projection
from llmmon.tool import Missing, Tools

GOLDEN = Path(__file__).parent / "golden"
EVERYTHING = r"""
input: {tcp: 5000, beats: 5044, http: 8080, kafka: [chat, audit], servers: ['k1:9093', 'k2:9093'], tls: mutual}
json: message
timestamp: {field: '[time][stamp]', formats: [ISO8601, UNIX_MS, "dd/MMM/yyyy 'at' HH:mm:ss"], timezone: Europe/Berlin}
level: {field: '[log][level]', synonyms: {warning: [uh-oh], info: ['30']}}
redact: {user_id: hash, '[user][mail]': hash, authorization: remove}
patterns: {MODEL: '[a-z0-9.-]+'}
extract:
  model: {pattern: 'model=%{MODEL:model}', sample: model=gpt-4o, gives: gpt-4o}
  quoted: {pattern: '"(?<quoted>[^"'']+)"', source: '[fields][text]', when: '"', sample: '"a"', gives: a}
index: app-everything
failures: broken
"""
HOSTILE = [
    'a"b',
    "a'b",
    "a\"b'c",
    'x" } } output { stdout { } } #',
    "x' } } output { stdout { } } #",
    "%{[secret]}",
    "${HOME}",
    "${HOME:x}",
    "a\\",
    "a\nb",
    "# {",
    "[a][b",
    "<% raise %>",
    "<< 7 * 7 >>",
    "\u2028é\x00",
]


def by_id(config: Config) -> dict[str, Plugin]:
    """The plugins of a pipeline, without `chat-`."""
    found = {}
    for kind, plugin in plugins(config):
        attribute = plugin.attribute("id")
        if kind != "codec":
            assert attribute
            assert isinstance(attribute.value, String)
            found[attribute.value.text.removeprefix("chat-")] = plugin
    return found


def test_the_cost_tracker_of_the_seeds() -> None:
    assert examples.emitted(examples.COST_TRACKER) == (GOLDEN / "llm-cost-tracker.conf").read_text()
    assert examples.checked(examples.COST_TRACKER) == []


def test_everything_that_a_spec_may_say() -> None:
    assert examples.emitted(examples.spec(EVERYTHING)) == (GOLDEN / "everything.conf").read_text()


@pytest.mark.parametrize("version", [(8, 12), (8, 15), (9, 0), (9, 1, 2)])
@pytest.mark.parametrize(
    "lines",
    [
        "level: level",
        EVERYTHING,
        "input: {tcp: 5000, codec: line, tls: false}",
        "input: {beats: 5044}",
        "input: {http: 8080, codec: plain, host: '::'}",
        "input: {kafka: chat, servers: 'k:9093', tls: mutual}",
        "input: {kafka: chat, servers: 'k:9092', tls: false, codec: plain}",
        "redact: [prompt]",
    ],
)
def test_our_own_judges_find_nothing(lines: str, version: tuple[int, ...]) -> None:
    assert examples.checked(examples.spec(lines), examples.fleet(version)) == []


def test_a_client_that_sends_no_newline_is_cut_off_where_logstash_can() -> None:
    assert "decode_size_limit_bytes" in examples.emitted(examples.spec("level: l"), examples.fleet((9, 0)))
    assert "decode_size_limit_bytes" not in examples.emitted(examples.spec("level: l"))


def test_the_service_is_added_only_where_it_is_absent() -> None:
    assert "  if ![service] {\n    mutate {" in examples.emitted(examples.spec("level: level"))


def test_a_line_that_is_no_failure_gets_no_failure_tag() -> None:
    without = examples.emitted(examples.extraction("x=(?<x>1)"))
    assert "tag_on_failure => []" in without
    assert "_grokparsefailure_x" not in without
    guarded = examples.emitted(examples.extraction("x=(?<x>1)", more=", when: x"))
    assert guarded.count('"_grokparsefailure_x"') == 2  # where it is set, and where it decides


def test_credentials_are_never_in_the_file() -> None:
    plain = examples.emitted(examples.spec("level: l"), examples.fleet(user=None, password=None))
    assert 'user => "${ES_USER}"' in plain
    assert 'password => "${ES_PASSWORD}"' in plain
    secret = examples.ELASTICSEARCH["password"]
    keyed = examples.emitted(examples.spec("level: l"), examples.fleet(user=None, password=None, api_key=secret))
    assert 'api_key => "${ELASTICSEARCH_PASSWORD}"' in keyed
    assert "user =>" not in keyed


def test_a_host_without_a_scheme_gets_https() -> None:
    text = examples.emitted(examples.spec("level: l"), examples.fleet(hosts=("es:9200",)))
    assert 'hosts => ["https://es:9200"]' in text
    assert "ssl_enabled => true\n    ssl_certificate_authorities" in text


def test_plain_http_is_a_warning_at_the_fleets_line() -> None:
    [problem] = examples.checked(examples.spec("level: l"), examples.fleet(hosts=("http://es:9200",)))
    assert (problem.rule, problem.level) == ("logstash-plain-http", Level.WARNING)
    assert str(problem.origin) == "specs/fleet.yaml:3:1"


def test_the_raw_line_is_not_kept_beside_redacted_fields() -> None:
    assert '"[event][original]"' in examples.emitted(examples.spec("redact: {user_id: hash}"))


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize(
    "where",
    ["when", "pattern", "source", "tag", "user", "index", "json", "format", "level", "redact", "zone", "word", "spec"],
)
def test_hostile_text_is_refused_or_stays_text(text: str, where: str) -> None:
    shape = [type(node).__name__ for node in walk(parse(examples.emitted(specimen(where, "a"))))]
    around = examples.fleet(user=text) if where == "user" else None
    try:
        pipeline, problems = examples.lowered(specimen(where, text), around)
    except ValidationError:
        return
    if pipeline is None:
        assert problems
        return
    [artifact] = examples.artifacts(pipeline, around)
    config = parse(artifact.text)
    assert [type(node).__name__ for node in walk(config)] == shape
    if where in ("when", "user"):
        assert text in [node.text for node in walk(config) if isinstance(node, String)]


def specimen(where: str, text: str) -> str:
    """A spec with that text in one place."""
    logs: dict[str, object] = {"input": {"tcp": 5000}, "timestamp": {"field": "t", "formats": ["yyyy"]}, "level": "l"}
    extraction = {"pattern": "(?<x>1)", "sample": "1", "gives": 1, "when": "1", "tag": "t"}
    match where:
        case "when" | "source" | "tag":
            extraction[where] = text
        case "pattern":
            extraction["pattern"] = "(?<x>1)" + text
        case "format":
            logs["timestamp"] = {"field": "t", "formats": [text if text != "a" else "yyyy"]}
        case "zone":
            logs["timestamp"] = {"field": "t", "timezone": text}
        case "redact":
            logs["redact"] = {text: "hash"}
        case "word":
            logs["level"] = {"field": "l", "synonyms": {"info": [text]}}
        case "index" | "json" | "level":
            logs[where] = text
    logs["extract"] = {"x": extraction}
    return yaml.safe_dump({"service": "chat", "logs": logs}, allow_unicode=True)


def test_a_pattern_with_both_kinds_of_quotes_is_written_so_that_it_matches_the_same() -> None:
    pattern = by_id(parse(examples.emitted(examples.spec(EVERYTHING))))["grok-quoted"].attribute("match")
    assert pattern
    [text] = [node.text for node in walk(pattern) if isinstance(node, String) and "quoted" in node.text]
    assert text == r"\x22(?<quoted>[^\x22']+)\x22"


def test_each_plugin_points_at_the_line_that_asked_for_it() -> None:
    [artifact] = examples.artifacts(examples.plan(examples.COST_TRACKER))
    places = {keys[0]: str(origin).rpartition("yaml:")[2] for keys, origin in artifact.origins.items() if keys}
    assert places["llm-cost-tracker-tcp"] == "3:11"
    assert places["llm-cost-tracker-grok-cost_usd"] == "10:7"
    assert places["llm-cost-tracker-hash-user_id"] == "6:12"
    assert set(by_id(parse(artifact.text))) - set(places) == {"llm-cost-tracker-service"}


def test_a_mistake_in_the_text_comes_home_to_the_spec() -> None:
    pipeline = examples.plan(examples.COST_TRACKER)
    [artifact] = examples.artifacts(pipeline)
    assert TARGET.check
    worse = artifact.text.replace("%{GROUPEDNUM:cost_usd}", "%{GROUPEDNUN:cost_usd}")
    spoiled = Artifact(artifact.path, worse, artifact.origins, artifact.owner)
    [problem] = examples.problems(TARGET.check(examples.fleet(), examples.service(pipeline), [spoiled]))
    assert problem.rule == "logstash-unknown-pattern"
    assert str(problem.origin) == "specs/llm-cost-tracker.yaml:10:7"
    broken = Artifact(artifact.path, artifact.text[:-3], artifact.origins, artifact.owner)
    [problem] = examples.problems(TARGET.check(examples.fleet(), examples.service(pipeline), [broken]))
    assert problem.message.startswith("logstash/pipeline/llm-cost-tracker.conf:")


def test_the_list_of_pipelines() -> None:
    assert TARGET.of_fleet
    [artifact] = TARGET.of_fleet(examples.fleet(), ())
    assert artifact.path == PurePosixPath("logstash/pipelines.yml")
    assert [entry["pipeline.id"] for entry in yaml.safe_load(artifact.text)] == ["chat", "llm-cost-tracker"]
    assert "pipeline}/chat.conf" in artifact.text


def test_a_service_without_logs_has_no_pipeline() -> None:
    assert TARGET.of_service
    assert list(TARGET.of_service(examples.fleet(), examples.service(None))) == []


def test_the_projection_names_no_file_that_is_not_there_and_no_variable_that_is_unset() -> None:
    text = projection(examples.emitted(examples.spec(EVERYTHING)), "here.conf")
    assert 'ssl_key => "here.conf"' in text
    assert 'ssl_certificate_authorities => ["here.conf"]' in text
    assert 'key => "${REDACT_KEY:unset}"' in text
    assert "/etc/ssl" not in text
    parse(text)


def test_without_logstash_the_pipelines_are_unverified(tmp_path: Path) -> None:
    found = verified(tmp_path, Tools(tmp_path, {"PATH": ""}))
    assert [entry.what for entry in found if isinstance(entry, Unverified)] == [
        "Logstash pipelines, by Logstash itself"
    ]


def test_the_real_logstash_takes_them(tmp_path: Path) -> None:
    tools = Tools(tmp_path, os.environ)
    found = tools.find("logstash")
    if isinstance(found, Missing):
        pytest.skip(found.hint)
    assert verified(tmp_path, tools) == []


def verified(scratch: Path, tools: Tools) -> list[Problem | Unverified]:
    """What the target's `verify` says of two pipelines."""
    written = []
    for text in (examples.COST_TRACKER, examples.spec(EVERYTHING)):
        [artifact] = examples.artifacts(examples.plan(text))
        path = scratch / artifact.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(artifact.text)
        written.append(Written(artifact.path, artifact.origins, artifact.owner))
    assert TARGET.verify
    return list(TARGET.verify(examples.fleet(), (), scratch, written, tools))
