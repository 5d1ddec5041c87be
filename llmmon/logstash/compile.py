"""What Logstash's grammar takes and its compiler then rejects or reads in a way that nobody meant."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING

from llmmon import lazily
from llmmon.logstash.nodes import (
    Arm,
    Array,
    Attribute,
    Bareword,
    Comparison,
    Complaint,
    Condition,
    Config,
    Entry,
    Hash,
    Logic,
    Match,
    MethodCall,
    Node,
    Not,
    Number,
    Plugin,
    Regex,
    String,
    walk,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

NEWEST = (9, 0)
FREE_COMMENTS = (8, 15)  # from here on between hash entries and at the end of the file: elastic/logstash#16058

_LAST_COMMENT = lazily.pattern(r"#[^\r\n]*\Z")
_OPERAND = {String: "a string", Number: "a number", Array: "a list", Regex: "a regular expression"}


def compile_problems(config: Config, version: tuple[int, int] = NEWEST) -> Iterator[Complaint]:
    """Every complaint that the compiler of that Logstash version would raise, in the order of the text."""
    for node in walk(config):
        yield from _node(node)
    if version < FREE_COMMENTS:
        yield from _comments(config)


def _node(node: Node) -> Iterator[Complaint]:
    match node:
        case Number():
            yield from _number(node)
        case Hash():
            yield from _hash(node)
        case Plugin():
            yield from _plugin(node)
        case Array():
            for value in node.values:
                if isinstance(value, Plugin):
                    yield Complaint("a plugin cannot be an element of a list", value.span, "misplaced-plugin")
        case Arm(condition=Regex() as regex):
            yield Complaint(
                "a regular expression alone is no condition: write [field] =~ /.../", regex.span, "bare-regex"
            )
        case MethodCall():
            yield Complaint(f"no Logstash implements the function {node.name}", node.span, "function-call")
        case Logic():
            yield from _logic(node)
        case Not():
            yield from _operand(node.operand, '"!"')
        case Comparison():
            yield from _comparison(node)
        case Match(left=Number() | Array() as left):
            yield Complaint("only a field or a string can be matched with a regular expression", left.span, "bad-match")
        case _:
            pass


def _number(number: Number) -> Iterator[Complaint]:
    digits = number.source.lstrip("-")
    if digits.endswith("."):
        yield Complaint(f"Logstash cannot read {number.source}: write {number.source}0", number.span, "bad-number")
    elif digits.isdigit() and digits.startswith("0"):
        plain = number.source[: -len(digits)] + (digits.lstrip("0") or "0")
        if not set(digits) <= set("01234567"):
            yield Complaint(
                f"Logstash cannot read {number.source}: a leading 0 means octal; write {plain}",
                number.span,
                "bad-number",
            )
        elif int(digits, 8) != int(digits):
            yield Complaint(
                f"{number.source} is octal, which is {int(number.source, 8)}: write {plain}",
                number.span,
                "octal-number",
            )


def _hash(node: Hash) -> Iterator[Complaint]:
    seen = Counter[tuple[type, str]]()
    for entry in node.entries:
        key = (type(entry.key), _written(entry.key))
        seen[key] += 1
        if seen[key] == 2:
            yield Complaint(f"the key {key[1]} stands twice in this hash", entry.key.span, "duplicate-key")
        if isinstance(entry.value, Plugin):
            yield Complaint("a plugin cannot be a value in a hash", entry.value.span, "misplaced-plugin")


def _written(key: String | Number | Bareword) -> str:
    return key.source if isinstance(key, Number) else key.text


def _plugin(plugin: Plugin) -> Iterator[Complaint]:
    first: dict[str, Attribute] = {}
    for attribute in plugin.attributes:
        before = first.setdefault(attribute.name, attribute)
        if before is attribute:
            continue
        if attribute.name == "codec":
            yield Complaint("a plugin has one codec: remove the second", attribute.span, "two-codecs")
        elif isinstance(before.value, Hash) != isinstance(attribute.value, Hash):
            yield Complaint(
                f"the option {attribute.name} is a hash in one place and not in the other: they cannot be merged",
                attribute.span,
                "unmergeable",
            )


def _logic(node: Logic) -> Iterator[Complaint]:
    if len(node.operators) > 1 and (odd := set(node.operators) & {"xor", "nand"}):
        yield Complaint(
            f'"{sorted(odd)[0]}" cannot stand beside another operator: put it and its two operands in parentheses',
            node.span,
            "mixed-operators",
        )
    for operand in node.operands:
        yield from _operand(operand, f'"{node.operators[0]}"')


def _operand(operand: Condition, operator: str) -> Iterator[Complaint]:
    if kind := _OPERAND.get(type(operand)):
        yield Complaint(
            f"{kind} cannot be an operand of {operator}: compare it with a field", operand.span, "literal-operand"
        )


def _comparison(node: Comparison) -> Iterator[Complaint]:
    for side in (node.left, node.right):
        if isinstance(side, Array):
            yield Complaint(f'"{node.operator}" does not compare lists: write in [...]', side.span, "list-comparison")
        if isinstance(side, Regex):
            yield Complaint(f'"{node.operator}" does not match: write =~ or !~', side.span, "regex-comparison")


def _comments(config: Config) -> Iterator[Complaint]:
    for node in walk(config):
        if isinstance(node, Hash):
            yield from _between(node.entries, config.text)
    end = max((section.span[1] for section in config.sections), default=0)
    if comment := _LAST_COMMENT.search(config.text, end):
        yield Complaint(
            "before Logstash 8.15 the comment on the last line needs a newline behind it",
            comment.span(),
            "last-line-comment",
        )


def _between(entries: tuple[Entry, ...], text: str) -> Iterator[Complaint]:
    for before, after in pairwise(entries):
        gap = (before.span[1], after.span[0])
        between = text[slice(*gap)]
        if not between:
            yield Complaint("before Logstash 8.15 hash entries are separated by whitespace", gap, "no-space")
        elif "#" in between:
            yield Complaint("before Logstash 8.15 no comment can stand between hash entries", gap, "hash-comment")
