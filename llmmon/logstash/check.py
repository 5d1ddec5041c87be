"""What `logstash -t` lets pass, and what then kills the pipeline, mutes it, or leaks a secret."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING

from llmmon.grok.engine import compile_pattern, compile_regex
from llmmon.grok.expand import REFERENCE, GrokError, MissingEngineError, UnknownPatternError
from llmmon.grok.patterns import PATTERNS
from llmmon.grok.shipped import SHIPPED
from llmmon.logstash.compile import NEWEST
from llmmon.logstash.escape import VARIABLE
from llmmon.logstash.nodes import (
    Array,
    Attribute,
    Bareword,
    Comparison,
    Complaint,
    Config,
    Entry,
    FieldReference,
    Hash,
    In,
    Logic,
    Match,
    Node,
    Number,
    Plugin,
    String,
    Value,
    plugins,
    walk,
)
from llmmon.logstash.options import COMMON, NAMES, PLUGINS, PluginKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Text = String | Bareword | Number

CONVERSIONS = {
    ("mutate", "convert"): ("integer", "integer_eu", "float", "float_eu", "string", "boolean"),
    ("dissect", "convert_datatype"): ("int", "float"),
}
_INTENDED = {
    "int": "integer",
    "integer": "int",
    "bool": "boolean",
    "str": "string",
    "double": "float",
    "number": "float",
}
# Options whose values, keys or elements name fields.
_FIELD_VALUES = {"source", "target", "remove_field", "lowercase", "uppercase", "capitalize", "strip", "overwrite"}
_FIELD_KEYS = {"add_field", "convert", "copy", "rename", "replace", "update", "join", "merge", "split", "coerce"}

_SECRET = re.compile(r"(?:^|_)(?:password|passphrase|secret|api_key|cloud_auth|token)$|^(?:http_)?basic_auth$")
_URL_SECRET = re.compile(r"^[a-z+]+://[^/@\s:]*:([^/@\s]+)@", re.IGNORECASE)
_JAAS_SECRET = re.compile(r"password\s*=\s*[\"']?(?!\$\{)[^\s\"';]+")
_LOCAL = re.compile(r"(?:[a-z]+://)?(?:localhost|127\.[0-9.]+|\[::1\]|::1)(?::\d+)?(?:/.*)?$", re.IGNORECASE)
_REFERENCE = re.compile(r"(?:\[[^\[\]]+\])+|[^\[\]]+")


def problems(config: Config, version: tuple[int, int] = NEWEST) -> Iterator[Complaint]:
    """Every complaint about a configuration that parses, in the order of the text; pure and offline.

    Regular expressions are compiled only where onigurumacffi is installed.
    """
    yield from _ends(config)
    ids: dict[str, Plugin] = {}
    for kind, plugin in plugins(config):
        yield from _options(kind, plugin, version)
        yield from _identity(plugin, ids)
        yield from _secrets(plugin)
        yield from _fields(kind, plugin)
        if check := _CHECKS.get((kind, plugin.name)):
            yield from check(plugin)
    for node in walk(config):
        yield from _condition(node)


def valid_reference(text: str) -> bool:
    """Whether Logstash can read this as the name of a field: `a`, `[a]`, `[a][b]`, and also `[[a][b]]`."""
    while text.startswith("[[") and text.endswith("]]"):
        text = text[1:-1]
    return bool(_REFERENCE.fullmatch(text))


def _ends(config: Config) -> Iterator[Complaint]:
    kinds = {kind for kind, _ in plugins(config)}
    start = (0, min(1, len(config.text)))
    for kind, article in (("input", "an"), ("output", "an")):
        if kind not in kinds:
            yield Complaint(f"this pipeline has no {kind}: add {article} {kind}", start, f"no-{kind}")


def _options(kind: PluginKind, plugin: Plugin, version: tuple[int, int]) -> Iterator[Complaint]:
    options = PLUGINS.get((kind, plugin.name))
    if not options:
        if plugin.name not in NAMES[kind]:
            advice = _meant(plugin.name.strip("\"'"), NAMES[kind]) or "install it, or correct the name"
            yield Complaint(f"unknown {kind} plugin {plugin.name}: {advice}", plugin.name_span, "unknown-plugin")
        return
    known = options.known | COMMON[kind]
    for attribute in plugin.attributes:
        name = attribute.name
        if name in options.obsolete:
            if version >= NEWEST:
                yield Complaint(
                    f"{plugin.name} no longer has the option {name}: write {options.obsolete[name]}",
                    attribute.name_span,
                    "obsolete-option",
                )
        elif name not in known and ((meant := _meant(name, known)) or options.complete):
            yield Complaint(
                f"{plugin.name} has no option {name}: {meant or 'remove it'}", attribute.name_span, "unknown-option"
            )
    for name in sorted(options.required - {attribute.name for attribute in plugin.attributes}):
        yield Complaint(f"{plugin.name} needs the option {name}", plugin.name_span, "missing-option")


def _identity(plugin: Plugin, ids: dict[str, Plugin]) -> Iterator[Complaint]:
    for _, value in _texts(plugin, "id"):
        if ids.setdefault(_text(value), plugin) is not plugin:
            yield Complaint(f"two plugins have the id {_text(value)}", value.span, "duplicate-id")


def _secrets(plugin: Plugin) -> Iterator[Complaint]:
    for attribute in plugin.attributes:
        secret = bool(_SECRET.search(attribute.name)) or (plugin.name, attribute.name) == ("fingerprint", "key")
        for value in _scalars(attribute.value):
            text = _text(value)
            if secret and text and not VARIABLE.search(text):
                yield Complaint(
                    f"the option {attribute.name} holds a secret in plain text: write "
                    f'"${{{attribute.name.upper()}}}" and put it in the keystore',
                    value.span,
                    "literal-secret",
                )
            elif (found := _URL_SECRET.search(text)) and not VARIABLE.search(found[1]):
                yield Complaint(
                    'the address holds a password in plain text: write "${NAME}" instead', value.span, "literal-secret"
                )
            elif attribute.name == "sasl_jaas_config" and _JAAS_SECRET.search(text):
                yield Complaint(
                    'the JAAS configuration holds a password in plain text: write "${NAME}" instead',
                    value.span,
                    "literal-secret",
                )


def _fields(kind: PluginKind, plugin: Plugin) -> Iterator[Complaint]:
    if kind != "filter":
        return
    for attribute in plugin.attributes:
        names: list[Text] = []
        if attribute.name in _FIELD_VALUES:
            names += _scalars(attribute.value)
        if attribute.name in _FIELD_KEYS or (plugin.name, attribute.name) == ("grok", "match"):
            names += [entry.key for entry in _entries(attribute.value)]
        if attribute.name in ("rename", "copy"):
            names += [value for entry in _entries(attribute.value) for value in _scalars(entry.value)]
        for name in names:
            if "%{" not in _text(name) and _text(name) and not valid_reference(_text(name)):
                yield Complaint(
                    f"{_text(name)} is not the name of a field: write [a][b]", name.span, "bad-field-reference"
                )


def _grok(plugin: Plugin) -> Iterator[Complaint]:
    definitions = dict.fromkeys(SHIPPED - PATTERNS.keys(), ".*?")
    for entry in _hash_entries(plugin, "pattern_definitions"):
        for value in _scalars(entry.value):
            definitions[_text(entry.key)] = _text(value)
    own_patterns = plugin.attribute("patterns_dir") is not None
    for pattern in _patterns(plugin):
        yield from _pattern(pattern, definitions, own_patterns)


def _patterns(plugin: Plugin) -> Iterator[Text]:
    for attribute in plugin.attributes:
        if attribute.name != "match":
            continue
        if isinstance(attribute.value, Array):  # the older form: field, pattern, field, pattern
            yield from _scalars(attribute.value)[1::2]
        for entry in _entries(attribute.value):
            yield from _scalars(entry.value)


def _pattern(pattern: Text, definitions: dict[str, str], own_patterns: bool) -> Iterator[Complaint]:
    text = _text(pattern)
    if VARIABLE.search(text):
        return
    for reference in REFERENCE.finditer(text):
        kind = (reference["field"] or "").partition(":")[2]
        span = _inside(pattern, reference)
        if kind and kind not in ("int", "float"):
            yield Complaint(
                f"grok knows no type {kind}, the value stays text: write int or float", span, "unknown-type"
            )
        if reference["rest"]:
            yield Complaint(
                f"grok ignores {reference['rest']!r} in {reference[0]}: a field name has letters, digits, @ _ . - [ ]",
                span,
                "ignored-text",
            )
    try:
        compile_pattern(text, definitions)
    except MissingEngineError:
        return
    except UnknownPatternError as error:
        if not own_patterns:
            yield Complaint(str(error), _place(pattern, error.name), "unknown-pattern")
    except GrokError as error:
        yield Complaint(str(error), pattern.span, "bad-regex")


def _place(pattern: Text, name: str) -> tuple[int, int]:
    """Where the pattern refers to that name; the whole pattern when a definition does."""
    for reference in REFERENCE.finditer(_text(pattern)):
        if reference["pattern"] == name:
            return _inside(pattern, reference)
    return pattern.span


def _inside(pattern: Text, found: re.Match[str]) -> tuple[int, int]:
    start = pattern.span[0] + isinstance(pattern, String)  # behind the quote
    return start + found.start(), start + found.end()


def _mutate(plugin: Plugin) -> Iterator[Complaint]:
    yield from _convert(plugin)
    for attribute in plugin.attributes:
        if attribute.name == "gsub":
            yield from _gsub(attribute)
    for entry in _hash_entries(plugin, "rename"):
        if isinstance(entry.value, Array):
            yield Complaint("rename takes a name, not a list of names", entry.value.span, "bad-rename")


def _gsub(attribute: Attribute) -> Iterator[Complaint]:
    values = _scalars(attribute.value)
    if len(values) % 3:
        yield Complaint(
            f"gsub takes threes of field, regular expression and replacement: here are {len(values)} strings",
            attribute.value.span,
            "bad-gsub",
        )
        return
    for field, pattern in zip(values[::3], values[1::3], strict=True):
        if not valid_reference(_text(field)) and "%{" not in _text(field):
            yield Complaint(
                f"{_text(field)} is not the name of a field: write [a][b]", field.span, "bad-field-reference"
            )
        if "%{" not in _text(pattern):
            yield from _regex(_text(pattern), pattern.span)


def _convert(plugin: Plugin) -> Iterator[Complaint]:
    for (name, option), known in CONVERSIONS.items():
        if plugin.name != name:
            continue
        for entry in _hash_entries(plugin, option):
            for value in _scalars(entry.value):
                kind = _text(value)
                if kind not in known and not VARIABLE.search(kind):
                    meant = _INTENDED.get(kind)
                    advice = f"write {meant}" if meant in known else f"one of {', '.join(known)}"
                    yield Complaint(f"{name} cannot convert to {kind}: {advice}", value.span, "unknown-type")


def _elasticsearch(plugin: Plugin) -> Iterator[Complaint]:
    secured = any(_text(value) == "true" for _, value in _texts(plugin, "ssl_enabled"))
    for _, host in _texts(plugin, "hosts"):
        text = _text(host)
        if _LOCAL.match(text) or VARIABLE.match(text):
            continue
        if text.lower().startswith("http://"):
            yield Complaint(f"{text} is not encrypted: write https://", host.span, "plain-http")
        elif "://" not in text and not secured:
            yield Complaint(f"{text} means http://{text}: write https://{text}", host.span, "plain-http")
    user, password = plugin.attribute("user"), plugin.attribute("password")
    if user and not password:
        yield Complaint(
            "a user without a password: Logstash sends no credentials at all; add password",
            user.span,
            "user-without-password",
        )
    yield from _data_stream(plugin)


def _data_stream(plugin: Plugin) -> Iterator[Complaint]:
    if not any(_text(value) == "true" for _, value in _texts(plugin, "data_stream")):
        return
    for attribute in plugin.attributes:
        if attribute.name in ("index", "document_id", "template_name") or attribute.name.startswith("ilm_"):
            yield Complaint(
                f"a data stream does not take the option {attribute.name}: remove it, or set data_stream to false",
                attribute.span,
                "data-stream-option",
            )


def _http(plugin: Plugin) -> Iterator[Complaint]:
    for _, url in _texts(plugin, "url"):
        if _text(url).lower().startswith("http://") and not _LOCAL.match(_text(url)):
            yield Complaint(f"{_text(url)} is not encrypted: write https://", url.span, "plain-http")


def _condition(node: Node) -> Iterator[Complaint]:
    match node:
        case In(right=FieldReference(path=(only,)) as right) if only[0] in "\"'" or only.lstrip("-").isdigit():
            quote = "=" if not node.negated else "!"
            yield Complaint(
                f"[{only}] is the field of that name, not a list of one: write {quote}= {only}",
                right.span,
                "single-element-list",
            )
        case Comparison() | In():
            for side in (node.left, node.right):
                if isinstance(side, FieldReference) and any(part[0] in "\"'" for part in side.path):
                    name = "".join(f"[{part}]" for part in side.path)
                    plain = name.replace('"', "").replace("'", "")
                    yield Complaint(
                        f"{name} is a field whose name has quotes: write {plain}", side.span, "quoted-field"
                    )
        case Match(right=right):
            source = right.text if isinstance(right, String) else right.source
            if not VARIABLE.search(source):
                yield from _regex(source, right.span)
        case Logic():
            yield from _precedence(node)
        case _:
            pass


def _precedence(node: Logic) -> Iterator[Complaint]:
    """Logstash takes one waiting operator from its stack where it should take all: `a and b and c or d` goes wrong."""
    waiting: list[str] = []
    for operator in node.operators:
        if operator == "or" and waiting[-2:] == ["and", "and"]:
            yield Complaint(
                'Logstash reads "a and b and c or d" as "a and ((b and c) or d)": add parentheses',
                node.span,
                "and-before-or",
            )
            return
        if operator == "or" and waiting[-1:] == ["and"]:
            waiting.pop()
        waiting.append(operator)


def _regex(source: str, span: tuple[int, int]) -> Iterator[Complaint]:
    try:
        compile_regex(source)
    except MissingEngineError:
        return
    except GrokError as error:
        yield Complaint(str(error), span, "bad-regex")


def _meant(name: str, known: frozenset[str]) -> str:
    close = get_close_matches(name, sorted(known), 1, 0.75)
    return f"did you mean {close[0]}?" if close else ""


def _texts(plugin: Plugin, name: str) -> Iterator[tuple[Attribute, Text]]:
    for attribute in plugin.attributes:
        if attribute.name == name:
            for value in _scalars(attribute.value):
                yield attribute, value


def _scalars(value: Value) -> list[Text]:
    """The value itself, or the elements of a list."""
    values = value.values if isinstance(value, Array) else (value,)
    return [value for value in values if isinstance(value, String | Bareword | Number)]


def _hash_entries(plugin: Plugin, name: str) -> Iterator[Entry]:
    for attribute in plugin.attributes:
        if attribute.name == name:
            yield from _entries(attribute.value)


def _entries(value: Value) -> tuple[Entry, ...]:
    return value.entries if isinstance(value, Hash) else ()


def _text(value: Text) -> str:
    return value.source if isinstance(value, Number) else value.text


_CHECKS: dict[tuple[PluginKind, str], Callable[[Plugin], Iterator[Complaint]]] = {
    ("filter", "grok"): _grok,
    ("filter", "mutate"): _mutate,
    ("filter", "dissect"): _convert,
    ("output", "elasticsearch"): _elasticsearch,
    ("output", "http"): _http,
}
