"""What `logstash -t` misses; the quiet cases come first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from llmmon.logstash import parse
from llmmon.logstash.check import problems
from llmmon.logstash.checks.fields import valid_reference

if TYPE_CHECKING:
    from llmmon.logstash.nodes import Complaint

ENDS = "input { stdin { } } output { stdout { } } "


def complaints(text: str, version: tuple[int, int] = (9, 0)) -> list[Complaint]:
    return list(problems(parse(text), version))


def found(text: str) -> list[tuple[str, str]]:
    text = ENDS + text
    return [(code, text[slice(*span)]) for _, span, code in complaints(text)]


def in_filter(text: str) -> list[tuple[str, str]]:
    return found(f"filter {{ {text} }}")


def in_condition(text: str) -> list[tuple[str, str]]:
    return in_filter(f"if {text} {{ }}")


def in_output(text: str) -> list[tuple[str, str]]:
    return found(f"output {{ {text} }}")


@pytest.mark.parametrize(
    "text",
    [
        'grok { match => { "message" => "%{IP:client} %{NUMBER:cost:float} (?<rest>.*)" } }',
        'grok { match => { "message" => ["%{COMBINEDAPACHELOG}", "%{WORD:a}"] } }',  # comes with Logstash
        'grok { match => ["message", "%{MINE:a}"] pattern_definitions => { "MINE" => "%{INT}" } }',
        'grok { match => { "message" => "%{MINE:a}" } patterns_dir => ["/etc/patterns"] }',
        'grok { match => { "[event][original]" => "${PATTERN}" } }',
        'mutate { convert => { "a" => "float" "[b][c]" => "integer" } }',
        'mutate { gsub => ["a", ",", "", "b", "[\\\\?#-]", "."] }',
        'mutate { remove_field => ["a", "[b][c]", "%{d}"] rename => { "a" => "[b]" } id => "one" }',
        'dissect { mapping => { "message" => "%{a} %{b}" } convert_datatype => { "a" => "int" } }',
        'fingerprint { source => "a" method => "SHA256" key => "${KEY}" }',
        "translate { anything => 1 }",  # no table for it
    ],
)
def test_quiet_filters(text: str) -> None:
    assert in_filter(text) == []


@pytest.mark.parametrize(
    "text",
    [
        '[a] in ["x", "y"]',
        "[a] in [b]",
        "[a] and [b] or [c]",
        "[a] or [b] and [c] and [d]",
        '[a] =~ "^x$"',
        "[a] =~ /x/",
    ],
)
def test_quiet_conditions(text: str) -> None:
    assert in_condition(text) == []


@pytest.mark.parametrize(
    "text",
    [
        'elasticsearch { hosts => ["https://es:9200"] user => "u" password => "${ES_PASSWORD}" }',
        'elasticsearch { hosts => "localhost:9200" }',
        'elasticsearch { hosts => ["es:9200"] ssl_enabled => true api_key => "${KEY:}" }',
        'elasticsearch { hosts => ["${HOSTS}"] data_stream => true data_stream_dataset => "llm" }',
        'elasticsearch { cloud_id => "x" index => "a-%{+YYYY.MM.dd}" }',
        'http { url => "https://${USER}:${PASSWORD}@hooks.example/x" http_method => post }',
        'kafka { topic_id => "logs" some_new_option => 1 }',
    ],
)
def test_quiet_outputs(text: str) -> None:
    assert in_output(text) == []


@pytest.mark.parametrize(
    ("text", "code", "at"),
    [
        ('grok { match => { "message" => "a %{NUMBRE:n}" } }', "unknown-pattern", "%{NUMBRE:n}"),
        ('grok { match => { "message" => "%{NUMBER:n:integer}" } }', "unknown-grok-type", "%{NUMBER:n:integer}"),
        ('grok { match => { "message" => "%{NUMBER:cost usd}" } }', "ignored-text", "%{NUMBER:cost usd}"),
        ('grok { match => { "message" => "(?<a>[" } }', "bad-regex", '"(?<a>["'),
        (
            'grok { match => { "message" => "%{A}" } pattern_definitions => { "A" => "%{B}" "B" => "%{A}" } }',
            "bad-regex",
            '"%{A}"',
        ),
        ('mutate { gsub => ["a", "(", ""] }', "bad-regex", '"("'),
        ('mutate { gsub => ["a", "b"] }', "bad-gsub", '["a", "b"]'),
        ('mutate { convert => { "a" => "int" } }', "unknown-type", '"int"'),
        ('mutate { convert => { "[a][b" => "float" } }', "bad-field-reference", '"[a][b"'),
        ('mutate { remove_field => ["a[b]"] }', "bad-field-reference", '"a[b]"'),
        ('mutate { rename => { "a" => ["b"] } }', "bad-rename", '["b"]'),
        ('dissect { convert_datatype => { "a" => "integer" } }', "unknown-type", '"integer"'),
        ('fingerprint { source => "a" key => "hunter2" }', "literal-secret", '"hunter2"'),
        ("json { target => a1 }", "missing-option", "json"),
        ("json { source => a1 sorce => b1 }", "unknown-option", "sorce"),
        ("truncate { }", "missing-option", "truncate"),
        ("mutat { }", "unknown-plugin", "mutat"),
        ('"mutate" { }', "unknown-plugin", '"mutate"'),
        ("json { source => a1 id => x1 } drop { id => x1 }", "duplicate-id", "x1"),
    ],
)
def test_filters(text: str, code: str, at: str) -> None:
    assert in_filter(text) == [(code, at)]


@pytest.mark.parametrize(
    ("text", "code", "at"),
    [
        ('[a] in ["x"]', "single-element-list", '["x"]'),
        ("[a] not in [5]", "single-element-list", "[5]"),
        ('["a"] == 1', "quoted-field", '["a"]'),
        ("[a] =~ /(/", "bad-regex", "/(/"),
        ('[a] !~ "["', "bad-regex", '"["'),
        ("[a] and [b] and [c] or [d]", "and-before-or", "[a] and [b] and [c] or [d]"),
    ],
)
def test_conditions(text: str, code: str, at: str) -> None:
    assert in_condition(text) == [(code, at)]


@pytest.mark.parametrize(
    ("text", "code", "at"),
    [
        ('elasticsearch { hosts => ["http://es:9200"] }', "plain-http", '"http://es:9200"'),
        ('elasticsearch { hosts => ["es:9200"] }', "plain-http", '"es:9200"'),
        ('elasticsearch { cacert => "/ca.pem" }', "obsolete-option", "cacert"),
        ("elasticsearch { ssl => true }", "obsolete-option", "ssl"),
        ('elasticsearch { user => "u" }', "user-without-password", 'user => "u"'),
        ('elasticsearch { api_key => "abc" }', "literal-secret", '"abc"'),
        ('elasticsearch { data_stream => true index => "a" }', "data-stream-option", 'index => "a"'),
        ('elasticsearch { hosts => ["https://u:pw@es:9200"] }', "literal-secret", '"https://u:pw@es:9200"'),
        ('http { url => "http://hooks.example" http_method => post }', "plain-http", '"http://hooks.example"'),
        ('kafka { topic_id => "a" batch_sise => 1 }', "unknown-option", "batch_sise"),
        ('kafka { topic_id => "a" sasl_jaas_config => "x password=pw;" }', "literal-secret", '"x password=pw;"'),
        ("stdout { codec => rubydebgu { } }", "unknown-plugin", "rubydebgu"),
    ],
)
def test_outputs(text: str, code: str, at: str) -> None:
    assert in_output(text) == [(code, at)]


@pytest.mark.parametrize(
    ("plugin", "old", "new"),
    [
        ("tcp", "ssl_enable", "ssl_enabled"),
        ("tcp", "ssl_cert", "ssl_certificate"),
        ("tcp", "ssl_verify", "ssl_client_authentication"),
        ("beats", "ssl", "ssl_enabled"),
        ("http", "keystore", "ssl_keystore_path"),
    ],
)
def test_obsolete_options_of_inputs(plugin: str, old: str, new: str) -> None:
    text = f"input {{ {plugin} {{ port => 5000 {old} => true }} }} output {{ stdout {{ }} }}"
    values = ", and none, optional or required for its value" if new == "ssl_client_authentication" else ""
    assert [complaint.message for complaint in complaints(text)] == [
        f"Logstash 9 does not start with the option {old} of {plugin}: write {new}, its name since version 8{values}"
    ]
    assert complaints(text, (8, 19)) == []


def test_a_pipeline_needs_both_ends() -> None:
    assert [complaint.code for complaint in complaints("filter { drop { } }")] == ["no-input", "no-output"]
    assert [complaint.code for complaint in complaints("")] == ["no-input", "no-output"]
    assert [complaint.code for complaint in complaints("input { } output { stdout { } }")] == ["no-input"]


@pytest.mark.parametrize("text", ["a", "@timestamp", "[a]", "[a][b c]", "[[a][b]]"])
def test_field_references(text: str) -> None:
    assert valid_reference(text)


@pytest.mark.parametrize("text", ["", "[a", "a]", "[a]b", "a[b]", "[]", "[a][]", "[a][b"])
def test_bad_field_references(text: str) -> None:
    assert not valid_reference(text)


def test_without_oniguruma_only_the_regular_expressions_go_unchecked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "onigurumacffi", None)
    text = ENDS + 'filter { grok { match => { "m" => "(unchecked here" } } grok { match => { "m" => "%{NUMBRE:n}" } } }'
    assert [complaint.code for complaint in complaints(text)] == ["unknown-pattern"]
