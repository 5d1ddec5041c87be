"""Fixes change what they mean to change in a file, and no other byte."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from llmmon.documents import envelopes
from llmmon.problem import Fix, Origin, Problem
from llmmon.repair import fix
from llmmon.repair.pieces import Place, pieces
from llmmon.repair.scalars import replaced, rewritten
from llmmon.source import reading, values
from llmmon.source.document import Document

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from llmmon.problem import Keys, Span

Edits = tuple[tuple["Keys", "Span | None", str | None], ...]


def problem(document: Any, *wanted: tuple[Keys, Span | None, str | None], safe: bool = True) -> Problem:
    """A problem with a fix of these edits."""
    edits = tuple((Origin(document, keys, span), text) for keys, span, text in wanted)
    return Problem(edits[0][0], "wrong", "some-rule", fix=Fix(edits, safe))


def repaired(data: bytes, *fixes: Edits, unsafe: bool = False) -> fix.Outcome:
    """What fixes make of a file of one document."""
    document, wrong = reading.decoded(data, "rules.yaml")
    assert wrong == []
    return fix.fixed([problem(document, *edits) for edits in fixes], lambda _: data, unsafe)


def after(text: str, *edits: tuple[Keys, Span | None, str | None]) -> str | None:
    """A file after one fix; None where it is left as it is."""
    outcome = repaired(text.encode(), edits)
    return outcome.files["rules.yaml"].decode() if outcome.files else None


EXPR = ("r", 0, "expr")
PARTS = [  # up becomes down
    ("plain", "r:\n- expr: up == 0 # why\n", "r:\n- expr: down == 0 # why\n"),
    ("single", "r:\n- expr: 'up == 0' # why\n", "r:\n- expr: 'down == 0' # why\n"),
    ("double", 'r:\n- expr: "up == \\x30" # why\n', 'r:\n- expr: "down == \\x30" # why\n'),
    ("literal", "r:\n- expr: | # why\n    up == 0\n\n# end\n", "r:\n- expr: | # why\n    down == 0\n\n# end\n"),
    ("folded", "r:\n- expr: >-\n    up ==\n    0\n", "r:\n- expr: >-\n    down ==\n    0\n"),
    ("kept", "r:\n- expr: |+\n    up == 0\n\n\n# end\n", "r:\n- expr: |+\n    down == 0\n\n\n# end\n"),
    ("given", "r:\n- expr: |4-\n      up == 0\n", "r:\n- expr: |4-\n      down == 0\n"),
    ("over lines", "r:\n- expr: up ==\n     0\n  for: 1m\n", "r:\n- expr: down ==\n     0\n  for: 1m\n"),
    ("flow", "r: [{expr: up == 0, for: 1m}] # x\n", "r: [{expr: down == 0, for: 1m}] # x\n"),
    ("json", '{"r": [\n  {"expr": "up == 0"}\n]}', '{"r": [\n  {"expr": "down == 0"}\n]}'),
    ("anchor", "r:\n- expr: &a up == 0\n", "r:\n- expr: &a down == 0\n"),
    ("tag", "r:\n- expr: !!str up == 0\n", "r:\n- expr: !!str down == 0\n"),
    ("no end", "r:\n- expr: up == 0", "r:\n- expr: down == 0"),
    ("é😀", "# é😀\nr:\n- expr: up == 0 # 😀\n", "# é😀\nr:\n- expr: down == 0 # 😀\n"),
    ("tabs", "r:\n- expr:\tup == 0\t# x\n", "r:\n- expr:\tdown == 0\t# x\n"),
]


@pytest.mark.parametrize(("before", "wanted"), [case[1:] for case in PARTS], ids=[case[0] for case in PARTS])
def test_a_part_of_a_scalar_is_replaced_in_every_style(before: str, wanted: str) -> None:
    value: Any = values.value(Document("", before))[0]["r"][0]["expr"]  # type: ignore[index, call-overload]
    at = value.index("up")
    assert after(before, (EXPR, (at, at + 2), "down")) == wanted


WHOLES = [
    ("r:\n- expr: up # why\n", "it's: # 'x'", "r:\n- expr: 'it''s: # ''x''' # why\n"),
    ("r:\n- expr: up # why\n", "a\nb\n", "r:\n- expr: |+ # why\n    a\n    b\n"),
    ('r:\n- expr: "up"\n', 'say "x"\\\n', 'r:\n- expr: "say \\"x\\"\\\\\\n"\n'),
    ("r:\n- for: 5\n", "7", "r:\n- for: 7\n"),
    ("r:\n- for: x\n", "true", "r:\n- for: 'true'\n"),
    ('{"r": [{"expr": true}]}\n', "false", '{"r": [{"expr": false}]}\n'),
    ('{"r": [{"expr": true}]}\n', "no\n", '{"r": [{"expr": "no\\n"}]}\n'),
    ("r: [{expr: up}]\n", "a, b", "r: [{expr: 'a, b'}]\n"),
    ("r:\n- expr: |-\n    up\n", "\x07", 'r:\n- expr: "\\u0007"\n'),
    ("r:\n- expr:\n  for: 1m\n", "up", "r:\n- expr: up\n  for: 1m\n"),
]


@pytest.mark.parametrize(("before", "value", "wanted"), WHOLES)
def test_a_whole_value_is_replaced_as_its_style_needs(before: str, value: str, wanted: str) -> None:
    key = "for" if "for: " in before and "expr" not in before else "expr"
    found = after(before, (("r", 0, key), None, value))
    assert found is not None
    assert yaml.safe_load(found)["r"][0][key] == yaml.safe_load(wanted)["r"][0][key]
    assert found == wanted.replace("|+", "|")


REMOVALS = [
    ("first of an item", ("r", 0, "a"), "r:\n- a: 1 # a\n  # b\n  b: 2 # b\n", "r:\n- # b\n  b: 2 # b\n"),
    ("middle", ("r", 0, "b"), "r:\n- a: 1\n  # b\n  b: 2 # b\n\n  c: 3\n", "r:\n- a: 1\n  # b\n\n  c: 3\n"),
    ("last", ("r", 0, "b"), "r:\n- a: 1\n  b: |\n    x\n\n# end\n", "r:\n- a: 1\n\n# end\n"),
    ("a map", ("r", 0, "b"), "r:\n- a: 1\n  b:\n    x: y # x\n    z: w\n  c: 3\n", "r:\n- a: 1\n  c: 3\n"),
    ("the only one", ("r", "a"), "r: # r\n  a: 1 # a\ns: 2\n", "r: {} # r\ns: 2\n"),
    ("the only one of an item", ("r", 0, "a"), "r:\n- a: 1 # a\n", "r:\n- {} # a\n"),
    ("the first of a flow", ("r", "a"), "r: {a: 1, b: 2} # r\n", "r: {b: 2} # r\n"),
    ("the last of a flow", ("r", "b"), "r: {a: 1, b: 2} # r\n", "r: {a: 1} # r\n"),
    ("the only one of a flow", ("r", "b"), "r: { b: 2 } # r\n", "r: {} # r\n"),
    ("json", ("b",), '{\n  "a": 1,\n  "b": [\n    2\n  ]\n}\n', '{\n  "a": 1\n}\n'),
    ("json's first", ("a",), '{\n  "a": 1,\n  "b": 2\n}\n', '{\n  "b": 2\n}\n'),
    ("an item", ("r", 1), "r:\n  - a: 1\n  - b: 2 # b\n    c: 3\n  - d\n", "r:\n  - a: 1\n  - d\n"),
    ("the first item", ("r", 0), "r:\n- a\n- b\n", "r:\n- b\n"),
    ("an item of a flow", ("r", 1), "r: [a, b, c]\n", "r: [a, c]\n"),
    ("an empty value", ("r", "a"), "r:\n  a:\n  b: 2\n", "r:\n  b: 2\n"),
    ("without an end", ("b",), "a: 1\nb: 2", "a: 1"),
    ("comments before it", ("r", "a"), "r:\n  # of a\n  a: 1\ns: 2\n", "r: {}\n  # of a\ns: 2\n"),
]


@pytest.mark.parametrize(
    ("keys", "before", "wanted"), [case[1:] for case in REMOVALS], ids=[case[0] for case in REMOVALS]
)
def test_an_entry_goes_with_its_lines_and_its_comment(keys: Keys, before: str, wanted: str) -> None:
    assert after(before, (keys, None, None)) == wanted


ADDITIONS = [
    ("r:\n- a: 1 # a\n  # end\n", ((("r", 0, "b"), "x: y"),), "r:\n- a: 1 # a\n  b: 'x: y'\n  # end\n"),
    ("a: 1", ((("b",), "2"),), 'a: 1\nb: "2"'),
    ("r: {a: 1}\n", ((("r", "b"), "x"),), "r: {a: 1, b: x}\n"),
    ('{"a": 1}\n', ((("b",), "x"),), '{"a": 1, "b": "x"}\n'),
    ("a: 1\n", ((("m", 0), "x"), (("m", 1), "z")), "a: 1\nm:\n  - x\n  - z\n"),
    ("a: 1\n", ((("l", "x"), "z"), (("l", "z"), "w")), "a: 1\nl:\n  x: z\n  z: w\n"),
    ("a:\n- x\nb: 1\n", ((("a", 1), "z"),), "a:\n- x\n- z\nb: 1\n"),
    ("a: [x]\n", ((("a", 1), "z"),), "a: [x, z]\n"),
]


@pytest.mark.parametrize(("before", "added", "wanted"), ADDITIONS)
def test_what_is_not_there_is_added_behind_the_last_entry(
    before: str, added: tuple[tuple[Keys, str], ...], wanted: str
) -> None:
    assert after(before, *((keys, None, text) for keys, text in added)) == wanted


def test_an_old_key_becomes_a_new_one_at_once() -> None:
    before = "route:\n  match: {a: b} # old\n  receiver: x\n"
    edits: Edits = ((("route", "match"), None, None), (("route", "matchers", 0), None, 'a="b"'))
    assert after(before, *edits) == 'route:\n  receiver: x\n  matchers:\n    - a="b"\n'


LEFT = [
    ("an alias", "a: &x up\nr:\n- expr: *x\n", (EXPR, None, "down")),
    ("an anchor that is used", "r:\n- expr: &x up\n- expr: *x\n", (EXPR, None, "down")),
    ("a merge", "a: &m {expr: up}\nr:\n- <<: *m\n", (EXPR, (0, 2), "down")),
    ("a span that is not there", "r:\n- expr: up\n", (EXPR, (1, 9), "down")),
    ("nothing to remove", "r:\n- for: 1m\n", (EXPR, None, None)),
    ("a map instead of a text", "r:\n- expr: {a: b}\n", (EXPR, None, "down")),
    ("a hole in a list", "r:\n- expr: up\n", (("r", 5, "expr"), None, "down")),
    ("an explicit key", "r:\n- a: b\n  ? expr\n  : up\n", (EXPR, None, None)),
    ("the only entry of a file", "r: up\n", (("r",), None, None)),
]


@pytest.mark.parametrize(("before", "edit"), [case[1:] for case in LEFT], ids=[case[0] for case in LEFT])
def test_what_cannot_be_done_alone_is_left_and_said(before: str, edit: Any) -> None:
    outcome = repaired(before.encode(), (edit,))
    assert (outcome.files, outcome.fixed, len(outcome.refused)) == ({}, [], 1)


def test_one_that_cannot_be_done_does_not_keep_others_from_it() -> None:
    before = b"r:\n- expr: &x up\n- expr: *x\n- expr: down\n"
    outcome = repaired(before, ((EXPR, None, "gone"),), ((("r", 2, "expr"), None, "gone"),))
    assert outcome.files == {"rules.yaml": b"r:\n- expr: &x up\n- expr: *x\n- expr: gone\n"}
    assert (len(outcome.fixed), len(outcome.refused)) == (1, 1)


def test_of_two_at_one_place_the_first_wins_and_the_same_one_twice_is_one() -> None:
    before = b"r:\n- expr: up == 0\n"
    first, second, third = ((EXPR, (0, 2), "a"),), ((EXPR, (0, 5), "b"),), ((EXPR, (0, 2), "a"),)
    outcome = repaired(before, first, second, third)
    assert outcome.files["rules.yaml"] == b"r:\n- expr: a == 0\n"
    assert (len(outcome.fixed), len(outcome.refused)) == (2, 0)


def test_unsafe_fixes_are_made_only_where_they_are_wanted() -> None:
    document = Document("rules.yaml", "a: 1\n")
    unsafe = problem(document, (("a",), None, "2"), safe=False)
    assert fix.fixed([unsafe], lambda _: b"a: 1\n").files == {}
    assert fix.fixed([unsafe], lambda _: b"a: 1\n", unsafe=True).files == {"rules.yaml": b"a: 2\n"}


@pytest.mark.parametrize(
    ("before", "wanted"),
    [
        (
            b"\xef\xbb\xbfr:\r\n- expr: up # \xc3\xa9\r\n",
            b"\xef\xbb\xbfr:\r\n- expr: |- # \xc3\xa9\r\n    a\r\n    b\r\n",
        ),
        (b"x: y\rr:\r- expr: up", b"x: y\rr:\r- expr: |-\n    a\n    b"),
        (b"x: y\r\nz: w\r\n\r\nr:\n- expr: up\n", b"x: y\r\nz: w\r\n\r\nr:\n- expr: |-\r\n    a\r\n    b\n"),
    ],
)
def test_bytes_outside_stay_as_they_are(before: bytes, wanted: bytes) -> None:
    assert repaired(before, ((EXPR, None, "a\nb"),)).files["rules.yaml"] == wanted


CONFIG_MAP = """\
apiVersion: v1
kind: ConfigMap
data:
  rules.yml: %s
"""
INNER = "groups:\n- name: g # g\n  rules:\n  - alert: A\n    expr: up == 0\n    for: 0m # none\n"


@pytest.mark.parametrize(
    "text",
    [
        CONFIG_MAP % ("|\n" + "".join(f"    {line}\n" for line in INNER.splitlines())),
        CONFIG_MAP % ("|2\n" + "".join(f"    {line}\n" for line in INNER.splitlines())),
        CONFIG_MAP % yaml.safe_dump(INNER, default_style='"', width=40).strip(),
        CONFIG_MAP % yaml.safe_dump(INNER, default_style="'", width=40).strip(),
        json.dumps({"apiVersion": "v1", "kind": "ConfigMap", "data": {"rules.yml": INNER}}),
        "a: 1\n---\n" + CONFIG_MAP % ("|-\n" + "".join(f"    {line}\n" for line in INNER.splitlines())) + "---\nb: 2\n",
    ],
)
def test_a_document_in_a_text_of_another_one_is_repaired_there(text: str) -> None:
    def inside(text: str) -> tuple[envelopes.Inside, str]:
        document, _ = reading.decoded(text.encode(), "map.yaml")
        part = next(part for part in envelopes.documents(document) if "ConfigMap" in part.text)
        value, _ = values.value(part, as_go=True)
        (found,) = envelopes.unwrap(value, Origin(part))
        assert isinstance(found.origin.document, envelopes.Embedded)
        return found, found.origin.document.inner.text

    found, before = inside(text)
    rule: Keys = ("groups", 0, "rules", 0)
    wanted: Edits = (((*rule, "expr"), (0, 2), "down"), ((*rule, "for"), None, None))
    outcome = fix.fixed([problem(found.origin.document, *wanted)], lambda _: text.encode())
    _, now = inside(outcome.files["map.yaml"].decode())
    wanted_text = before.replace("up ==", "down ==").replace("    for: 0m # none", "")
    assert now.rstrip() == wanted_text.rstrip()


def test_each_document_of_a_file_is_repaired_at_its_own_place() -> None:
    text = "\n# head\n---\na: 1\n---\n# two\na: 2 # b\n...\n---\na: 3\n"
    parts = envelopes.documents(Document("rules.yaml", text))
    problems = [problem(part, (("a",), None, f"x{number}")) for number, part in enumerate(parts)]
    outcome = fix.fixed(problems, lambda _: text.encode())
    assert outcome.files["rules.yaml"].decode() == text.replace("a: 1", "a: x0").replace("a: 2", "a: x1").replace(
        "a: 3", "a: x2"
    )


def test_a_file_that_is_not_what_was_read_is_left() -> None:
    outcome = fix.fixed([problem(Document("rules.yaml", "a: 1\n"), (("a",), None, "2"))], lambda _: b"a: 1 # new\n")
    assert (outcome.files, len(outcome.refused)) == ({}, 1)


def test_a_fix_in_two_files_is_left_also_where_they_say_the_same() -> None:
    one, other = (Document(path, "a: 1\n") for path in ("one.yaml", "other.yaml"))
    both = Fix(((Origin(one, ("a",)), "2"), (Origin(other, ("a",)), "3")), safe=True)
    outcome = fix.fixed([Problem(Origin(one), "wrong", "some-rule", fix=both)], lambda _: b"a: 1\n")
    assert (outcome.files, len(outcome.refused)) == ({}, 1)


def test_what_is_not_utf8_any_more_or_gone_is_left() -> None:
    def read(path: str) -> bytes:
        if path == "gone":
            raise FileNotFoundError(path)
        return b"\xff"

    problems = [problem(Document(path, "a: 1\n"), (("a",), None, "2")) for path in ("gone", "odd")]
    assert len(fix.fixed(problems, read).refused) == 2


def test_rounds_go_on_until_nothing_changes_and_not_for_ever() -> None:
    def find(now: Mapping[str, bytes]) -> list[Problem]:
        document, _ = reading.decoded(now.get("rules.yaml", b"a: x\n"), "rules.yaml")
        length = len(document.text)
        return [problem(document, (("a",), (0, 0), "x"))] if length < 9 else []

    done = fix.rounds(find, {"rules.yaml": b"a: x\n"})
    assert (done.fixed, done.files, done.problems) == (4, {"rules.yaml": b"a: xxxxx\n"}, [])
    assert done.difference() == "--- a/rules.yaml\n+++ b/rules.yaml\n@@ -1 +1 @@\n-a: x\n+a: xxxxx\n"
    assert fix.rounds(find, {"rules.yaml": b"a: x\n"}, most=2).files == {"rules.yaml": b"a: xxx\n"}


def test_a_file_keeps_its_permissions_and_a_link_stays_a_link(tmp_path: Path) -> None:
    file, link = tmp_path / "rules.yaml", tmp_path / "link.yaml"
    file.write_bytes(b"a: 1\n")
    file.chmod(0o640)
    link.symlink_to(file)
    done = fix.Repaired([], {str(link): b"a: 1\n"}, {str(link): b"a: 2\n"})
    assert list(fix.write(done)) == []
    assert (file.read_bytes(), file.stat().st_mode & 0o777, link.is_symlink()) == (b"a: 2\n", 0o640, True)
    (left,) = fix.write(done)  # it is not what was read any more
    assert "was not written" in left.message
    assert file.read_bytes() == b"a: 2\n"


TEXTS = st.text(st.sampled_from("ab \n'\"\\:#-{}[],|>&*!%@`?é😀\t\x07"), max_size=12)


@settings(max_examples=300)
@given(st.data(), TEXTS, TEXTS, st.sampled_from([None, "'", '"', "|", ">"]), st.booleans(), st.sampled_from([4, 80]))
def test_any_text_comes_into_any_scalar(
    data: st.DataObject, value: str, new: str, style: str | None, flow: bool, width: int
) -> None:
    string = "tag:yaml.org,2002:str"
    entries = [(yaml.ScalarNode(string, "k"), yaml.ScalarNode(string, value, style=style))]
    entries.append((yaml.ScalarNode(string, "z"), yaml.ScalarNode(string, "end")))
    text: Any = yaml.serialize(
        yaml.MappingNode("tag:yaml.org,2002:map", entries, flow_style=flow), Dumper=yaml.SafeDumper, width=width,
        allow_unicode=True,
    )  # fmt: skip
    root = Document("", text).root()
    assert isinstance(root, yaml.MappingNode)
    node = root.value[0][1]
    place = Place(text, node, 0, bool(root.flow_style))
    assert len(pieces(place)) == len(node.value)
    first = data.draw(st.integers(0, len(node.value)))
    last = data.draw(st.integers(first, len(node.value)))
    for change, wanted in (
        (replaced(place, (first, last), new), node.value[:first] + new + node.value[last:]),
        (rewritten(place, new, block=True), new),
    ):
        assert change
        written = text[: change.start] + change.text + text[change.end :]
        assert yaml.safe_load(written) == {"k": wanted, "z": "end"}


JSON = [
    ('{\n\t"a": "x \\ud83d\\ude00 up \\/ y"\n}', ("a",), (4, 6), "down", '{\n\t"a": "x \\ud83d\\ude00 down \\/ y"\n}'),
    ('{"a": ["it\'s", "b"]}', ("a", 0), (0, 0), 'say "', '{"a": ["say \\"it\'s", "b"]}'),
    ('{"a": ["b"]}', ("a", 0), None, "no: #", '{"a": ["no: #"]}'),
    ('{"a": [1, 2]}', ("a", 1), None, "3", '{"a": [1, 3]}'),
    ('{"a": null}', ("a",), None, "x\n", '{"a": "x\\n"}'),
    ('{"a": "1"}', ("a",), None, "2", '{"a": "2"}'),
    ('{"a": {"b": 1, "c": 2}}', ("a", "b"), None, None, '{"a": {"c": 2}}'),
    ('{"a": {"b": 1}}', ("a", "b"), None, None, '{"a": {}}'),
    ('{"a": [\n\t1,\n\t2\n]}', ("a", 1), None, None, '{"a": [\n\t1\n]}'),
    ('{"a": 1}', ("b",), None, "x", '{"a": 1, "b": "x"}'),
    ('{"a": ["x"]}', ("a", 1), None, "y", '{"a": ["x", "y"]}'),
]


@pytest.mark.parametrize(("before", "keys", "span", "text", "wanted"), JSON)
def test_json_stays_json(before: str, keys: Keys, span: Span | None, text: str | None, wanted: str) -> None:
    document = Document("board.json", before, json=True)
    outcome = fix.fixed([problem(document, (keys, span, text))], lambda _: before.encode())
    assert outcome.files["board.json"].decode() == wanted
    outer = yaml.safe_dump({"data": {"board.json": before}})
    inner = envelopes.Embedded(document, Origin(Document("map.yaml", outer), ("data", "board.json")))
    outcome = fix.fixed([problem(inner, (keys, span, text))], lambda _: outer.encode())
    assert yaml.safe_load(outcome.files["map.yaml"]) == {"data": {"board.json": wanted}}


def test_a_key_that_stands_twice_in_json_is_left() -> None:
    before = '{"a": 1, "a": 2}'
    wanted = problem(Document("board.json", before, json=True), (("a",), None, "3"))
    assert fix.fixed([wanted], lambda _: before.encode()).files == {}
