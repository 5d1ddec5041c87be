"""Grok as Logstash matches it, and what the source documents' patterns really give."""

from __future__ import annotations

import pytest

from llmmon.grok import (
    PATTERNS,
    GrokError,
    MissingEngineError,
    UnknownPatternError,
    compile_pattern,
    compile_regex,
    expand,
    match,
    needed,
)
from llmmon.grok.engine import to_f, to_i
from llmmon.grok.shipped import SHIPPED
from llmmon.logstash import quote

SEED_COST = r"cost.*\$(?<cost_amount>[0-9.]+)"
SEED_LATENCY = r"latency.*(?<latency_ms>[0-9.]+)ms"
COST = r"cost[^$]*\$%{NUMBER:cost_amount:float}"
LATENCY = r"latency\D*?%{NUMBER:latency_ms:float}\s*ms"


@pytest.mark.parametrize(
    ("pattern", "line", "wrong"),
    [
        (SEED_COST, "total cost $1.20 of budget $50.00", {"cost_amount": "50.00"}),
        (SEED_COST, "the cost is $3.50.", {"cost_amount": "3.50."}),
        (SEED_COST, "cost: $12,345.67", {"cost_amount": "12"}),
        (SEED_LATENCY, "latency 123ms", {"latency_ms": "3"}),
        (SEED_LATENCY, "latency: 1234.5ms", {"latency_ms": "5"}),
    ],
)
def test_the_patterns_of_the_source_documents_give_wrong_values(pattern: str, line: str, wrong: object) -> None:
    assert match(pattern, line) == wrong


@pytest.mark.parametrize(
    ("pattern", "line", "value"),
    [
        (COST, "total cost $1.20 of budget $50.00", {"cost_amount": 1.2}),
        (COST, "the cost is $3.50.", {"cost_amount": 3.5}),
        (COST, "cost $.05", {"cost_amount": 0.05}),
        (LATENCY, "latency 123ms", {"latency_ms": 123.0}),
        (LATENCY, "latency: 1234.5ms", {"latency_ms": 1234.5}),
        (LATENCY, "latency=7 ms, size 9", {"latency_ms": 7.0}),
    ],
)
def test_corrected_patterns_give_the_right_values(pattern: str, line: str, value: object) -> None:
    assert match(pattern, line) == value


def test_a_grouped_number_is_captured_as_text_and_loses_its_commas_later() -> None:
    line = "cost: $12,345.67"
    assert match(COST, line) == {"cost_amount": 12.0}, "to_f stops where NUMBER does"
    assert match(r"cost\D*%{GROUPEDNUM:cost_amount:float}", line) == {"cost_amount": 12.0}, "to_f stops at a comma"
    assert match(r"cost\D*%{GROUPEDNUM:cost_amount}", line) == {"cost_amount": "12,345.67"}


@pytest.mark.parametrize(
    ("pattern", "line", "fields"),
    [
        ("%{WORD}", "a", {}),
        ("%{WORD:a} %{WORD:b}", "x y", {"a": "x", "b": "y"}),
        ("%{INT:a:int}", "-12", {"a": -12}),
        ("%{NUMBER:a:string}", "1", {"a": "1"}),
        (
            "%{WORD:[http][method]} %{INT:[http][code]:int}",
            "GET 200",
            {"[http][method]": "GET", "[http][code]": 200},
        ),
        ("(?<a>x)|(?<b>y)", "é y", {"b": "y"}),
        ("(?'a'x)", "x", {"a": "x"}),
        ("(?<a>x)(z)(?<b>y)", "xzy", {"a": "x", "b": "y"}),
        ("%{DATA:a}$", "", {}),  # empty captures are dropped
        ("%{DATA:a:int}$", "", {"a": 0}),  # unless they are numbers
        ("%{WORD:a} %{WORD:a}", "x y", {"a": ["x", "y"]}),
        ("%{WORD:a} %{WORD:a} %{WORD:a}", "x y z", {"a": ["x", "y", "z"]}),
        ("%{NUMBER:a:int} %{NUMBER:a:int}", "1 2", {"a": 1}),  # the second is text, and dropped
        ("(?:%{NUMBER:a:int}s|%{NUMBER:a:int}ms)", "2ms", {"a": "2"}),  # only the first is converted
        ("(?<word:a:int>[0-9]+)", "12", {"a": 12}),
        ("(?<a>.)\\k<a>", "xyy", {"a": "y"}),
        ("%{ID=[a-f]+:a}", "xyz", None),
        ("%{ID=[a-f]{2}}%{ID}", "abcd", {}),
        ("a.b %{WORD:c}", "a\nb x", {"c": "x"}),  # a dot is any character
        ("^%{WORD:a}", "- x\ny", {"a": "y"}),  # a line, not the text
        (r"[\w.-]+@(?<a>\w+)", "x-y@z", {"a": "z"}),
        (r"(?<a>[^\d]+)", "12ab", {"a": "ab"}),
        (r"(?<a>[[:alpha:]\s]+)", "1é 2", {"a": "é "}),
        (r"(?<a>[]x]+)", "a]x", {"a": "]x"}),
        (r"(?<a>\w+)", "éa", {"a": "a"}),  # \w is ASCII
        (r"(?<a>\d+)", "٣4", {"a": "4"}),
        (r"x\b(?<a>.)", "xé x-", {"a": "-"}),  # \b is not
        ("%{NUMBER junk :a}", "1", {}),
    ],
)
def test_matches_like_the_grok_filter(pattern: str, line: str, fields: object) -> None:
    assert match(pattern, line) == fields


def test_no_match_is_none() -> None:
    assert match("%{INT:a}", "x") is None


def test_a_compiled_pattern_matches_many_lines() -> None:
    grok = compile_pattern("%{INT:a:int}")
    assert [grok.match(line) for line in ("1", "x", "2")] == [{"a": 1}, None, {"a": 2}]


def test_definitions_win_over_ours() -> None:
    assert match("%{INT:a} %{MINE:b}", "x y", {"INT": "x", "MINE": "%{WORD}"}) == {"a": "x", "b": "y"}


def test_expansion_lists_its_captures_in_order() -> None:
    captures = expand("(?<a>x) %{NUMBER:b:float} %{WORD:[c][d]} %{NUMBER:b:float}").captures
    assert [(capture.field, capture.type) for capture in captures] == [
        ("a", None),
        ("b", "float"),
        ("[c][d]", None),
        ("b", None),
    ]


def test_needed_is_all_that_a_pattern_rests_on() -> None:
    assert list(needed("%{HOSTPORT:a} %{MINE}", {"MINE": "%{INT}", "OTHER": "x"})) == [
        "HOSTNAME",
        "HOSTPORT",
        "INT",
        "IP",
        "IPORHOST",
        "IPV4",
        "IPV6",
        "MINE",
        "POSINT",
    ]
    assert needed("plain (?<a>x)") == {}


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("%{NUMBRE:a}", "unknown grok pattern NUMBRE: did you mean NUMBER?"),
        ("%{number:a}", "did you mean NUMBER?"),
        ("%{ZQX:a}", "define it in pattern_definitions"),
        ("(?<a>[", "bad regular expression"),
        ("%{A=%{A}}", "A refers to itself"),
    ],
)
def test_mistakes(pattern: str, message: str) -> None:
    with pytest.raises(GrokError, match=message.replace("?", r"\?")):
        match(pattern, "x")


def test_mistakes_in_definitions() -> None:
    with pytest.raises(GrokError, match="A refers to itself: A -> B -> A"):
        expand("%{A}", {"A": "%{B}", "B": "%{A}"})
    with pytest.raises(GrokError, match="expands without end"):
        expand("%{A0}", {f"A{n}": f"%{{A{n + 1}}}" * 9 for n in range(9)} | {"A9": "x"})
    with pytest.raises(UnknownPatternError) as caught:
        needed("%{A}", {"A": "%{B}"})
    assert caught.value.name == "B"


def test_catastrophic_backtracking_is_an_error() -> None:
    with pytest.raises(GrokError, match="catastrophic backtracking"):
        match(r"^(?:(?:a|a)+)+(?<x>b)$", "a" * 40)


def test_a_missing_engine_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "onigurumacffi", None)
    with pytest.raises(MissingEngineError, match=r"install llmmon\[logs\]"):
        compile_regex("not compiled before")


@pytest.mark.parametrize(
    ("text", "integer", "number"),
    [("12", 12, 12.0), ("3.50.", 3, 3.5), (".5", 0, 0.5), ("1e3", 1, 1000.0), ("x", 0, 0.0), (" -7 ", -7, -7.0)],
)
def test_numbers_are_read_as_ruby_reads_them(text: str, integer: int, number: float) -> None:
    assert (to_i(text), to_f(text)) == (integer, number)


WHOLE = {
    "BASE10NUM": (["0", "-1.5", ".5", "+12"], ["x", "1.2.3", "1."]),
    "GROUPEDNUM": (["1,234", "12,345.67", "1234", "-1,000,000"], ["12,34", "1,2345"]),
    "BASE16NUM": (["0xff", "DEAD"], ["0xg"]),
    "IPV4": (["127.0.0.1", "255.255.255.255"], ["256.1.1.1", "1.2.3"]),
    "IPV6": (
        ["::", "::1", "1::", "fe80::1:2", "1:2:3:4:5:6:7:8", "::ffff:10.0.0.1", "1::2:3:4:5:6:7", "1:2:3:4:5:6:7::"],
        [":", "1:2", "1::2::3", "1:2:3:4:5:6:7:8:9", "g::1"],
    ),
    "HOSTNAME": (["a", "a-b.example.com", "example."], ["-a", "a..b"]),
    "HOSTPORT": (["es:9200", "10.0.0.1:80"], ["es", "es:x"]),
    "MAC": (["00:1A:2b:3c:4d:5e", "00-1A-2b-3c-4d-5e", "001a.2b3c.4d5e"], ["00:1A:2b:3c:4d"]),
    "EMAILADDRESS": (["a.b+c@example.com"], ["@example.com"]),
    "UUID": (["123e4567-e89b-12d3-a456-426614174000"], ["123e4567"]),
    "QUOTEDSTRING": (['"a b"', "'a'", "`a`", r'"a \" b"', '""'], ['"a', "a"]),
    "UNIXPATH": (["/", "/var/log/é_b", "/a/b.c"], ["a/b"]),
    "WINPATH": (["C:\\a\\b c", "\\\\host\\share"], ["C:"]),
    "URI": (
        [
            "https://example.com",
            "http://u:p@example.com:8080/a/b?c=d&e#f",
            "s3://bucket/key",
            "http://x",
        ],
        ["example.com", "http:/x"],
    ),
    "URIPATHPARAM": (["/v1/chat/completions?stream=true"], ["v1"]),
    "TIMESTAMP_ISO8601": (
        ["2024-01-02T03:04:05.678Z", "2024-01-02 03:04:05,678", "2024-01-02T03:04:05+01:00", "2024-01-02 03:04"],
        ["2024-13-02 03:04:05", "2024-01-02", "03:04:05"],
    ),
    "SYSLOGTIMESTAMP": (["Jan  2 03:04:05", "December 31 23:59:60"], ["Foo 2 03:04:05"]),
    "HTTPDATE": (["10/Oct/2000:13:55:36 -0700"], ["10/10/2000:13:55:36 -0700"]),
    "LOGLEVEL": (["INFO", "warn", "Warning", "ERROR", "critical", "FATAL", "debug"], ["verbose"]),
}


@pytest.mark.parametrize("name", WHOLE)
def test_base_patterns(name: str) -> None:
    good, bad = WHOLE[name]
    for text in good:
        assert match(f"\\A%{{{name}:it}}\\z", text) == {"it": text}, text
    for text in bad:
        assert match(f"\\A%{{{name}:it}}\\z", text) is None, text


def test_every_pattern_compiles_and_can_be_written_into_a_pipeline() -> None:
    for name, pattern in PATTERNS.items():
        compile_pattern(f"%{{{name}:it}}")
        assert pattern == pattern.strip() or name == "SPACE"
        assert quote(pattern)[1:-1] == pattern


def test_the_patterns_that_come_with_logstash_are_only_names() -> None:
    assert not SHIPPED & PATTERNS.keys()
    assert "COMBINEDAPACHELOG" in SHIPPED
