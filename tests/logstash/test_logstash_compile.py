"""What the grammar takes and the compiler rejects; the quiet cases come first."""

from __future__ import annotations

import pytest

from llmmon.logstash import compile_problems, parse


def found(text: str, version: tuple[int, int] = (9, 0)) -> list[tuple[str, str]]:
    config = parse(text)
    return [(code, text[slice(*span)]) for _, span, code in compile_problems(config, version)]


def in_plugin(value: str) -> list[tuple[str, str]]:
    return found(f"filter {{ x {{ a => {value} }} }}")


def in_condition(condition: str) -> list[tuple[str, str]]:
    return found(f"filter {{ if {condition} {{ }} }}")


@pytest.mark.parametrize("value", ["0", "-1", "5000", "5.0", "0.5", "08.5", "00", "007", '"08"', "[1, 2]"])
def test_quiet_values(value: str) -> None:
    assert in_plugin(value) == []


@pytest.mark.parametrize(
    "condition",
    [
        "[a]",
        '"b"',
        "[a] xor [b]",
        "[a] nand [b]",
        "([a] xor [b]) and [c]",
        '[a] == "b" and [c] != "d" or ![e]',
        '"x" =~ /y/',
        "[a] in [1, 2]",
        '[a] in ["x"]',
        "!([a] =~ /x/)",
    ],
)
def test_quiet_conditions(condition: str) -> None:
    assert in_condition(condition) == []


def test_repeated_attributes_merge() -> None:
    assert found('filter { x { a => { "b" => 1 } a => { "b" => 2 } c => 1 c => 2 } }') == []


def test_one_key_may_stand_in_two_hashes() -> None:
    assert in_plugin('{ "a" => { "a" => 1 } "b" => { "a" => 1 } }') == []


@pytest.mark.parametrize(
    ("value", "code", "at"),
    [
        ("08", "bad-number", "08"),
        ("-09", "bad-number", "-09"),
        ("5.", "bad-number", "5."),
        ("05000", "octal-number", "05000"),
        ("[1, 010]", "octal-number", "010"),
        ("{ 010 => 1 }", "octal-number", "010"),
        ('{ "a" => 1 "b" => 2 "a" => 3 }', "duplicate-key", '"a"'),
        ("{ ab => 1 ab => 2 ab => 3 }", "duplicate-key", "ab"),
        ('{ "a" => json { } }', "misplaced-plugin", "json { }"),
        ("[json { }]", "misplaced-plugin", "json { }"),
    ],
)
def test_rejected_values(value: str, code: str, at: str) -> None:
    assert in_plugin(value) == [(code, at)]


@pytest.mark.parametrize(
    ("condition", "code", "at"),
    [
        ("/re/", "bare-regex", "/re/"),
        ('[a] and "b"', "literal-operand", '"b"'),
        ('"b" or [a]', "literal-operand", '"b"'),
        ("[a] and /re/", "literal-operand", "/re/"),
        ("[a] and (5)", "literal-operand", "5"),
        ('!("b")', "literal-operand", '"b"'),
        ("[a] xor [b] and [c]", "mixed-operators", "[a] xor [b] and [c]"),
        ("[a] nand [b] nand [c]", "mixed-operators", "[a] nand [b] nand [c]"),
        ("[c] and ([a] or [b] xor [d])", "mixed-operators", "[a] or [b] xor [d]"),
        ("[a] == [1, 2]", "list-comparison", "[1, 2]"),
        ("[a] == /x/", "regex-comparison", "/x/"),
        ("5 =~ /x/", "bad-match", "5"),
        ("fn([a])", "function-call", "fn([a])"),
        ("[a] == 08", "bad-number", "08"),
    ],
)
def test_rejected_conditions(condition: str, code: str, at: str) -> None:
    assert in_condition(condition) == [(code, at)]


def test_two_codecs() -> None:
    assert found("input { stdin { codec => json codec => plain } }") == [("two-codecs", "codec => plain")]


def test_a_hash_does_not_merge_with_anything_else() -> None:
    assert found('filter { x { a => { "b" => 1 } a => "c" } }') == [("unmergeable", 'a => "c"')]


def test_an_octal_number_is_explained() -> None:
    complaint = next(compile_problems(parse("input { tcp { port => 05000 } }")))
    assert complaint.message == "05000 is octal, which is 2560: write 5000"


@pytest.mark.parametrize(
    ("text", "code", "at"),
    [
        ("input { }\n# end", "last-line-comment", "# end"),
        ("# all", "last-line-comment", "# all"),
        ('filter { x { a => { "b" => 1 # c\n "d" => 2 } } }', "hash-comment", " # c\n "),
        ('filter { x { a => { "b" => "1""d" => 2 } } }', "no-space", ""),
    ],
)
def test_older_versions_take_fewer_comments(text: str, code: str, at: str) -> None:
    assert found(text) == []
    assert found(text, (8, 9)) == [(code, at)]


@pytest.mark.parametrize("text", ["input { } # end\n", 'filter { x { a => { # b\n "c" => 1 # d\n } } }', "", "\n"])
def test_comments_that_all_versions_take(text: str) -> None:
    assert found(text, (7, 0)) == []
