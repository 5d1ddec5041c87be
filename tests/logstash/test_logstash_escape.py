"""What we write is what Logstash reads."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llmmon.grok import GrokError, compile_regex
from llmmon.logstash import QuoteError, parse, quote, quote_regex, slashes, variable
from llmmon.logstash.nodes import Branch, Match, Plugin, Regex, String

TEXT = st.text(st.sampled_from("ab\"'\\/${}%[]#\n é"), max_size=12)


def read(literal: str) -> str:
    statement = parse(f"filter {{ x {{ a => {literal} b => 1 }} }}").sections[0].body[0]
    assert isinstance(statement, Plugin)
    value = statement.attributes[0].value
    assert isinstance(value, String)
    return value.text


def read_regex(literal: str) -> str:
    statement = parse(f"filter {{ if [a] =~ {literal} {{ }} }}").sections[0].body[0]
    assert isinstance(statement, Branch)
    match = statement.arms[0].condition
    assert isinstance(match, Match)
    assert isinstance(match.right, Regex)
    return match.right.source


@pytest.mark.parametrize(
    ("text", "literal"),
    [
        ("", '""'),
        ("a", '"a"'),
        ('say "a"', "'say \"a\"'"),
        ("it's", '"it\'s"'),
        (r"\d+\.", r'"\d+\."'),
        ("%{+YYYY.MM.dd}", '"%{+YYYY.MM.dd}"'),
        ("$5 ${}", '"$5 ${}"'),
        ("a\nb", '"a\nb"'),
    ],
)
def test_quote(text: str, literal: str) -> None:
    assert quote(text) == literal
    assert read(literal) == text


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("C:\\", "end in a backslash"),
        ("a\"b'c", "both kinds of quotes"),
        ("a ${HOME} b", "environment variable"),
        ("${A:default}", "environment variable"),
    ],
)
def test_what_cannot_be_written(text: str, reason: str) -> None:
    with pytest.raises(QuoteError, match=reason):
        quote(text)


def test_variables() -> None:
    assert quote("https://${HOST}:9200", variables=True) == '"https://${HOST}:9200"'
    assert variable("ES_PASSWORD") == '"${ES_PASSWORD}"'
    with pytest.raises(QuoteError, match="not the name of a variable"):
        variable("a-b")


@pytest.mark.parametrize(
    ("source", "literal"),
    [
        (r"cost\D", r'"cost\D"'),
        ("\"a\" 'b'", r'''"\x22a\x22 'b'"'''),
        (r"\"'", r'''"\x22'"'''),
    ],
)
def test_quote_regex(source: str, literal: str) -> None:
    assert quote_regex(source) == literal


@pytest.mark.parametrize(
    ("source", "literal"),
    [("a", "/a/"), ("a/b", r"/a\/b/"), (r"a\/b", r"/a\/b/"), (r"\\/", r"/\\\//"), (r"a\\", r"/a\\(?:)/")],
)
def test_slashes(source: str, literal: str) -> None:
    assert slashes(source) == literal
    assert len(read_regex(literal)) == len(literal) - 2


@settings(derandomize=True, deadline=None, max_examples=500)
@given(TEXT)
def test_every_string_that_is_written_reads_back(text: str) -> None:
    try:
        literal = quote(text)
    except QuoteError:
        return
    assert read(literal) == text


@settings(derandomize=True, deadline=None, max_examples=500)
@given(TEXT)
def test_every_regex_that_is_written_is_one_token(source: str) -> None:
    try:
        literal = slashes(source)
    except QuoteError:
        return
    assert f"/{read_regex(literal)}/" == literal


@settings(derandomize=True, deadline=None, max_examples=500)
@given(TEXT)
def test_quoting_a_regex_keeps_it_valid(source: str) -> None:
    try:
        compile_regex(source)
        literal = quote_regex(source)
    except (GrokError, QuoteError):
        return
    compile_regex(read(literal))
