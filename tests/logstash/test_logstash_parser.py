"""The Logstash language: what parses, where each node stands, and what a mistake says."""

from __future__ import annotations

import pytest

from llmmon.logstash import LogstashError, parse, walk
from llmmon.logstash.nodes import (
    Array,
    Attribute,
    Bareword,
    Branch,
    Comparison,
    Condition,
    FieldReference,
    Hash,
    In,
    Logic,
    Match,
    MethodCall,
    Node,
    Not,
    Number,
    Plugin,
    Regex,
    String,
    Value,
    plugins,
)

PIPELINE = """\
# collects
input { tcp { port => 5000 codec => json_lines { target => "[a]" } } }
filter {
  if [message] =~ /cost.*\\$/ and ![x] or ([a][b] in ["x", 'y'] and "q" not in [tags]) {
    grok { match => { "message" => "é %{NUMBER:n}" 5 => [1, -2.5, word] } }
  } else if [n] >= 5 { drop {} } else { mutate { "add_tag" => ["t"] } }  # why
}
output { stdout { } }
"""


def value(text: str) -> Value:
    statement = parse(f"filter {{ x {{ a1 => {text} }} }}").sections[0].body[0]
    assert isinstance(statement, Plugin)
    return statement.attributes[0].value


def condition(text: str) -> Condition:
    statement = parse(f"filter {{ if {text} {{ }} }}").sections[0].body[0]
    assert isinstance(statement, Branch)
    return statement.arms[0].condition


def rejected(text: str) -> LogstashError:
    with pytest.raises(LogstashError) as caught:
        parse(text)
    return caught.value


def bare(node: Node) -> str:
    return type(node).__name__


def test_nodes_come_in_the_order_of_the_text_and_inside_their_parents() -> None:
    config = parse(PIPELINE)
    starts = [node.span[0] for node in walk(config)]
    assert starts == sorted(starts)
    assert all(config.span[0] <= node.span[0] < node.span[1] <= config.span[1] for node in walk(config))


def test_each_node_is_what_stands_at_its_span() -> None:
    leaves = {bare(node): PIPELINE[slice(*node.span)] for node in walk(parse(PIPELINE))}
    assert leaves["Bareword"] == "word"
    assert leaves["Number"] == "5"
    assert leaves["Regex"] == "/cost.*\\$/"
    assert leaves["Not"] == "![x]"
    assert leaves["In"] == '"q" not in [tags]'
    assert leaves["Match"] == "[message] =~ /cost.*\\$/"
    assert leaves["Else"] == 'else { mutate { "add_tag" => ["t"] } }'
    assert leaves["Arm"] == "else if [n] >= 5 { drop {} }"
    assert leaves["Attribute"] == '"add_tag" => ["t"]'
    assert leaves["Section"] == "output { stdout { } }"


def test_each_plugin_parses_to_itself_from_its_own_text() -> None:
    for kind, plugin in plugins(parse(PIPELINE)):
        text = PIPELINE[slice(*plugin.span)]
        again = parse(f"filter {{{text}}}").sections[0].body[0]
        assert isinstance(again, Plugin)
        assert (again.name, len(again.attributes)) == (plugin.name, len(plugin.attributes)), kind


def test_codecs_are_told_from_the_plugins_around_them() -> None:
    assert [(kind, plugin.name) for kind, plugin in plugins(parse(PIPELINE))] == [
        ("input", "tcp"),
        ("codec", "json_lines"),
        ("filter", "grok"),
        ("filter", "drop"),
        ("filter", "mutate"),
        ("output", "stdout"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# only a comment",
        "input{}filter{}output{}",
        "input { } input { }",
        "input { stdin { } # no newline behind\n}\r\n",
        "filter { if{} }",  # a plugin named if
        "filter { if5 { a => 1 } }",
        "filter { if [a] { } else { x => 12 } }",  # a plugin named else
        "filter { if [a] { } elseif [b] { } }",
        "filter { elsewhere { } }",
        'filter { if "x"in[a]and![b]{} }',
        "filter { if [a]==1or[b]!=2{} }",
        "filter { x { a => [ ] b => { } } }",
        "filter { x { a => { b1 => 1 # comment\n c1 => 2 } } }",
        "filter { x { a => 1 # comment\n b => 2 } }",
        'filter { "quoted" { "a b" => 1 } }',
        "filter { 5 { } }",
        "filter { if f1([a], 1) { } }",
    ],
)
def test_accepts(text: str) -> None:
    parse(text)


@pytest.mark.parametrize(
    ("text", "kind", "content"),
    [
        ("word", Bareword, "word"),
        ("_1", Bareword, "_1"),
        ("-12.5", Number, "-12.5"),
        ("08", Number, "08"),
        ("5.", Number, "5."),
        (r'"a\"b"', String, r"a\"b"),
        (r"'a\'b'", String, r"a\'b"),
        (r'"C:\dir"', String, r"C:\dir"),
        ('"two\nlines"', String, "two\nlines"),
    ],
)
def test_scalars(text: str, kind: type, content: str) -> None:
    found = value(text)
    assert type(found) is kind
    assert getattr(found, "source" if kind is Number else "text") == content


def test_collections_and_codecs() -> None:
    assert [bare(item) for item in _array("[one, 2, [3], {}]").values] == ["Bareword", "Number", "Array", "Hash"]
    assert isinstance(value('{ "a" => { b1 => [1] } }'), Hash)
    assert isinstance(value("json { }"), Plugin)
    assert isinstance(value('"json" { }'), Plugin)


def _array(text: str) -> Array:
    found = value(text)
    assert isinstance(found, Array)
    return found


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("[a]", FieldReference),
        ("([a])", FieldReference),
        ('"x"', String),
        ("/x/", Regex),
        ("fn(1)", MethodCall),
        ("[a] == 1", Comparison),
        ("1 <= [a]", Comparison),
        ("[a] =~ /x/", Match),
        ('[a] !~ "x"', Match),
        ("[a] in [1, 2]", In),
        ('"a" not in [b]', In),
        ("![a]", Not),
        ("! ( [a] and [b] )", Not),
        ("[a] xor [b]", Logic),
    ],
)
def test_conditions(text: str, kind: type) -> None:
    assert type(condition(text)) is kind


def test_a_list_of_one_string_is_a_field_reference() -> None:
    found = condition('[a] in ["x"]')
    assert isinstance(found, In)
    assert found.right == FieldReference(found.right.span, ('"x"',))


def test_a_list_of_two_strings_is_a_list() -> None:
    found = condition('[a] in ["x", "y"]')
    assert isinstance(found, In)
    assert isinstance(found.right, Array)


def test_operators_stay_flat_and_parentheses_nest() -> None:
    found = condition("[a] and ([b] or [c]) and [d]")
    assert isinstance(found, Logic)
    assert found.operators == ("and", "and")
    assert [bare(operand) for operand in found.operands] == ["FieldReference", "Logic", "FieldReference"]


def test_field_references_have_a_path() -> None:
    found = condition("[@metadata][a b][c]")
    assert isinstance(found, FieldReference)
    assert found.path == ("@metadata", "a b", "c")


def test_attributes_may_repeat() -> None:
    statement = parse("filter { x { a => 1 a => 2 } }").sections[0].body[0]
    assert isinstance(statement, Plugin)
    last = statement.attribute("a")
    assert isinstance(last, Attribute)
    assert last.value == Number(last.value.span, "2")
    assert statement.attribute("b") is None


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        ("inputs {}", 1, 6, '"{" after "input"'),
        ("x", 1, 1, '"input", "filter" or "output"'),
        ("\ufeffinput {}", 1, 1, "byte order mark"),
        ("input {\n  tcp { port = 5000 }\n}", 2, 14, 'write "=>"'),
        ("input {\n  tcp { port: 5000 }\n}", 2, 13, 'write "=>"'),
        ("input { tcp { port => } }", 1, 23, "a value for the option port"),
        ("input { tcp { port => 1, host => a1 } }", 1, 24, "whitespace alone"),
        ('input { tcp { port => 1host => "a" } }', 1, 24, "whitespace"),
        ("input { tcp { port => 1# c\n host => ab } }", 1, 24, "whitespace"),
        ("input { tcp { port => 1 }", 1, 26, 'closes the "{" of line 1, column 7'),
        ("input { stdin }", 1, 15, '"{" after the plugin name stdin'),
        ("input { a => 5 }", 1, 11, '"{" after the plugin name a'),
        ("filter { x { a => b } }", 1, 19, "a word of one letter needs quotes"),
        ("filter { x { a => { b => 1 } } }", 1, 21, "a word of two letters or more"),
        ("filter { x { a => [1, 2,] } }", 1, 24, "the last element of an array has no comma"),
        ("filter { x { a => [1 2] } }", 1, 22, '"," or "]"'),
        ('filter { x { a => { "b" => 1, } } }', 1, 29, "whitespace alone"),
        ("filter { if [a] && [b] { } }", 1, 17, 'write "and"'),
        ("filter { if [a] = 1 { } }", 1, 17, '"==" in a condition'),
        ("filter { if [a] == { } }", 1, 20, 'a value after "=="'),
        ("filter { if [a] =~ b { } }", 1, 20, "a regular expression"),
        ("filter { if [a] not\tin [b] { } }", 1, 17, '"not in" with one space'),
        ("filter { if not [a] { } }", 1, 13, 'write "!"'),
        ("filter { if ![a { } }", 1, 14, "a field reference"),
        ("filter { if ([a] { } }", 1, 18, '")"'),
        ("filter { if [a] { } elsif [b] { } }", 1, 27, 'write "else if"'),
        ("filter { if [a] == 1 drop { } }", 1, 22, '"{" after the condition'),
        ("filter {\n  if [a] {\n    mutate { x => }\n  }\n}", 3, 19, "a value for the option x"),
        ('output { x { a => "b } }', 1, 19, 'not closed by a "'),
        ('output { x { a => "C:\\" } }', 1, 19, "a string cannot end in a backslash"),
        ("filter { if [a] =~ /b { } }", 1, 20, 'not closed by a "/"'),
        ("# c\rinput {}", 1, 1, "section"),
    ],
)
def test_a_mistake_says_where_and_what_was_expected(text: str, line: int, column: int, message: str) -> None:
    error = rejected(text)
    assert (error.line, error.column) == (line, column), error
    assert message in error.message


@pytest.mark.parametrize(
    "text",
    [
        "input { a1 {" + " b1 => c1 {" * 10_000,
        "filter { x { a => " + "[" * 10_000,
        "filter { x { a => " + '{ "b" => ' * 10_000,
        "filter { " + "if [a] { " * 10_000,
        "filter { if " + "(" * 10_000,
        "filter { if " + "!(" * 10_000,
        "filter { " + "if [a] { } else { " * 10_000,
        "filter { if " + "ab(" * 10_000,
    ],
)
def test_deep_nesting_is_refused(text: str) -> None:
    assert "levels deep" in rejected(text).message


def test_a_long_chain_is_not_deep() -> None:
    parse("filter { if [a] { }" + " else if [b] { }" * 5_000 + " }")
    parse("filter { if [a]" + " or [b]" * 5_000 + " { } }")


def test_ambiguous_names_do_not_take_exponential_time() -> None:
    rejected("filter { " + "if5 { " * 60)
    rejected("filter { if [a] { } " + "else5 { " * 60)
