"""Odd configurations of Alertmanager, and what amtool of a version says to each of them, beside what `lint` says."""

from __future__ import annotations

import random
import re
import subprocess
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from llmmon.documents import alertmanager, envelopes
from llmmon.documents.alertmanager import fields
from llmmon.problem import Origin
from llmmon.source import values
from llmmon.source.document import Document

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from llmmon.problem import Problem

# What a structure needs; each value is YAML as it is written.
LEAST: dict[str, dict[str, Any]] = {
    "": {"route": {"receiver": "a"}, "receivers": [{"name": "a"}, {"name": "b"}]},
    "route": {"receiver": "b"},
    "receiver": {"name": "c"},
    "interval": {"name": "i"},
    "times": {"start_time": '"09:00"', "end_time": '"17:00"'},
    "tracing": {"endpoint": "localhost:4317"},
    "fileoutput": {"path": "/var/events"},
    "webhookoutput": {"url": "http://h.example"},
    "kafkaoutput": {"brokers": ["b:9092"], "topic": "t"},
    "oauth2": {"client_id": "i", "client_secret_file": "/s", "token_url": "http://t.example"},
    "discord": {"webhook_url": "http://h.example"},
    "email": {"to": "a@b.example", "from": "c@d.example", "smarthost": "m.example:25"},
    "incidentio": {"url": "http://h.example", "alert_source_token_file": "/t"},
    "jira": {"project": "P", "issue_type": "Bug", "api_url": "http://j.example"},
    "mattermost": {"webhook_url": "http://h.example"},
    "mattermostfield": {"title": "t", "value": "v"},
    "msteams": {"webhook_url": "http://h.example"},
    "msteamsv2": {"webhook_url": "http://h.example"},
    "opsgenie": {"api_key": "k"},
    "responder": {"id": "i", "type": "team"},
    "pagerduty": {"routing_key": "k"},
    "pushover": {"user_key": "u", "token": "t"},
    "rocketchat": {"token": "t", "token_id": "i"},
    "slack": {"api_url": "http://h.example"},
    "slackfield": {"title": "t", "value": "v"},
    "action": {"type": "button", "text": "t", "url": "u"},
    "confirm": {"text": "t"},
    "sns": {"topic_arn": "t", "sigv4": {"region": "eu"}},
    "telegram": {"bot_token": "t", "chat_id": "5"},
    "victorops": {"api_key": "k", "routing_key": "r"},
    "webex": {"room_id": "r", "http_config": {"authorization": {"credentials": "c"}}},
    "webhook": {"url": "http://h.example"},
    "wechat": {"api_secret": "s", "corp_id": "c"},
}
GOOD: dict[str, Any] = {
    **dict.fromkeys(("text", "secret", "pointer"), "text"),
    **dict.fromkeys(("url", "secreturl", "anyurl", "webhookurl"), "http://u.example"),
    "hostport": "h.example:25",
    "flag": "true",
    **dict.fromkeys(("whole", "natural", "number"), "5"),
    **dict.fromkeys(("time", "godur", "gotime"), "5m"),
    **{kind: {"k": "v"} for kind in ("texts", "labels", "regexes", "details", "anymap")},
    "headers": {"X-A": {"values": ["v"]}},
    "headerlists": {"X-A": ["v"]},
    "matchers": "x=y",
    "jirafield": "text",
    "any": "text",
    "zone": "Europe/Berlin",
    "tlsversion": "TLS12",
    "weekday": "monday:friday",
    "day": "'1:5'",
    "month": "'1:3'",
    "year": "'2026:2027'",
}
ODD = (
    *(
        '""',
        "null",
        "5",
        "-1",
        "0",
        "1.5",
        "1e3",
        "0x1F",
        "010",
        "1_000",
        "99999999999999999999",
        "text",
        '"5"',
        "true",
    ),
    *("yes", "Y", "off", '"true"', "2026-01-01", "12:30", "[]", "[a]", "[null]", "[[a]]", "[{}]", "{}", "{a: b}"),
    *("{a: null}", "{a: [b]}", "{a: {b: c}}", "{1: 2}", "http://a.example/b", "https://u:p@h.example:8080/x?y#z"),
    *(
        "ftp://x.example",
        "http://",
        "http:x",
        "//x.example",
        "'http://a b'",
        "http://a:b",
        "'http://a/%zz'",
        "<secret>",
    ),
    *(
        "http://[::1]:80",
        "http://[::1",
        "'http://{{ .x }}'",
        "'{{ .x }}'",
        "'{{ x'",
        "'{{ toUpper .x }}'",
        "h:25",
        "':25'",
    ),
    *(
        "'h:'",
        "'[::1]:25'",
        "'::1:25'",
        "5m",
        "1d12h",
        "1h1d",
        "-5m",
        "10ns",
        "1.5h",
        "5",
        "0s",
        "100000y",
        "Europe/Berlin",
    ),
    *(
        "Nowhere/Else",
        "Local",
        "TLS12",
        "TLS9",
        "HTML",
        "markdown",
        "basic",
        "auto",
        "none",
        "daily",
        "gzip",
        "User-Agent",
    ),
    *("monday", "Monday:Friday", "friday:monday", "'1:5'", "'-1'", "'-5:5'", "'0'", "'32'", "january:march", "'13'"),
    *("'2026:2020'", "'a:b:c'", "'x=y'", "'x'", "['x=~(']", "['x=y,z!=w']", "'...'", "[..., a]", "[a, a]", "['a b']"),
    *("!!str 5", "|\n  text", "é", "{Authorization: {values: [a]}}", "{a b: c}", "{'x-y': 'z('}", "{k: '('}", "'['"),
)
MATCHERS = (
    *(
        "",
        "{}",
        "{",
        "}",
        "a",
        "a=",
        "=b",
        "a=b",
        "a==b",
        'a="b"',
        'a="b',
        'a=b"',
        "a='b'",
        "a=`b`",
        "a=b c",
        'a="b c"',
    ),
    *(
        "a=b,c=d",
        "a=b,,c=d",
        ",a=b",
        "a=b,",
        "{a=b",
        "a=b}",
        "{{a=b}}",
        '"a"=b',
        '"a b"=c',
        "a b=c",
        "é=b",
        "a=é",
        "a.b=c",
    ),
    *(
        "a-b=c",
        "a:b=c",
        "1a=b",
        'a=~"("',
        "a=~(",
        'a=~"b|c"',
        "a=~b|c",
        'a!~"[a-"',
        "a=~b{2}",
        'a=~"\\\\d"',
        'a=~"\\d"',
    ),
    *('a="b\\"c"', 'a="b\\c"', 'a="b\\\\c"', 'a="\\x41"', 'a="\\xzz"', 'a="\\u0041"', 'a="b\\', "a=b\\", "a!b", "a!=b"),
    *(
        "a=~b",
        "a!~b",
        "a~b",
        "a=b!",
        "a=b=c",
        'a="b",c="d"',
        'a="b"c="d"',
        'a="b,c"',
        'a="b}"',
        '{a="b",}',
        "{,}",
        " a = b ",
    ),
    *(
        "a=\tb",
        'a="\n"',
        "a=b\nc",
        'a=~"(?P<x>b)"',
        'a=~"(?!b)"',
        'a=~"b{1001}"',
        'a=~"b**"',
        'a="{{x}}"',
    ),
)
_CHECKING = re.compile(r"^Checking '", re.MULTILINE)  # what it warns of may stand between this and its verdict
_FAILED = re.compile(r"  FAILED: ")
_ENDED = re.compile(r"  (?:SUCCESS|FAILED)")


class Verdict(NamedTuple):
    """One configuration, whether amtool takes it, and what `lint` says to it."""

    text: str
    taken: bool
    said: list[Problem]

    @property
    def differ(self) -> bool:
        return self.taken == bool(self.said)


def cases() -> Iterator[str]:
    """Every field of every structure with every odd value, pairs of fields, structures without a field, matchers."""
    for structure, path in _places().items():
        for name, field in fields.of(structure).items():
            for value in ODD:
                yield _with(path, {name: value})
            yield _with(path, {name: _good(field.kind)})
        for name in LEAST.get(structure, {}):
            yield _with(path, {}, without=name)
        yield _with(path, {"nothing_so_called": "a"})
        yield from _pairs(path, structure)
    for text in MATCHERS:
        for name in ("matchers", "source_matchers"):
            structure = "route" if name == "matchers" else "inhibition"
            yield _with(_places()[structure], {name: [_quoted(text)]})


def sample(count: int, seed: int = 1) -> list[str]:
    """Some of the cases, the same at every run."""
    every = list(dict.fromkeys(cases()))
    return random.Random(seed).sample(every, min(count, len(every)))


def left_out(amtool: str, version: tuple[int, ...], folder: Path) -> set[str]:
    """What this build of amtool does not know, though its version does: distributions leave some integrations out."""
    path = folder / "build.yml"
    out = set()
    for name, field in fields.of("receiver").items():
        if name.endswith("_configs") and version >= field.since:
            path.write_text(_with(("receivers", 2), {name: _good(field.kind)}), encoding="utf-8")
            out |= set() if _taken([path], amtool)[path] else {name, name.replace("_configs", "_api_url")}
    path.write_text(_with(_places()["kafkaoutput"], {"brokers": "[]"}), encoding="utf-8")
    return out | ({"kafka_outputs"} if _taken([path], amtool)[path] else set())


def verdicts(texts: Sequence[str], amtool: str, version: tuple[int, ...], folder: Path) -> Iterator[Verdict]:
    """What amtool and `lint` say to each text that concerns this build; `folder` is written to."""
    missing = left_out(amtool, version, folder)
    texts = [text for text in texts if not any(name in text for name in missing)]
    paths = []
    for index, text in enumerate(texts):
        paths.append(folder / f"{index}.yml")
        paths[-1].write_text(text, encoding="utf-8")
    taken = _taken(paths, amtool)
    for path, text in zip(paths, texts, strict=True):
        yield Verdict(text, taken[path], said(text, version))


def disagreements(texts: Sequence[str], amtool: str, version: tuple[int, ...], folder: Path) -> list[str]:
    """The texts of which amtool and `lint` think otherwise, in words."""
    out = []
    for verdict in verdicts(texts, amtool, version, folder):
        if verdict.differ:
            ours = verdict.said[0].message if verdict.said else "nothing"
            out.append(f"{verdict.text!r}: {'taken' if verdict.taken else 'refused'}, and we say {ours}")
    return out


def version(amtool: str) -> tuple[int, ...]:
    """That of an amtool."""
    run = subprocess.run([amtool, "--version"], capture_output=True, text=True, check=True)
    found = re.search(r"version (\d+)\.(\d+)", run.stdout + run.stderr)
    assert found
    return int(found[1]), int(found[2])


def said(text: str, version: tuple[int, ...]) -> list[Problem]:
    """What `lint` says to the form of a configuration."""
    document = envelopes.documents(Document("alertmanager.yml", text))[0]
    value, problems = values.value(document, plain=True)
    return problems or alertmanager.problems(value, Origin(document), version)


def _taken(paths: Sequence[Path], amtool: str) -> dict[Path, bool]:
    """Many files by one call; amtool dies of some, and then the next call begins behind that one."""
    out: dict[Path, bool] = {}
    while len(out) < len(paths):
        rest = paths[len(out) : len(out) + 500]
        call = [amtool, "check-config", *map(str, rest)]
        run = subprocess.run(call, capture_output=True, text=True, check=False, timeout=300)
        parts = _CHECKING.split(run.stdout)[1:]
        for path, part in zip(rest, parts, strict=False):
            out[path] = bool(_ENDED.search(part)) and not _FAILED.search(part)
    return out


@cache
def _places() -> dict[str, tuple[str | int, ...]]:
    """A way of keys to each structure, and whether the last is an entry of a list."""
    out: dict[str, tuple[str | int, ...]] = {"": ()}
    todo = [""]
    while todo:
        structure = todo.pop(0)
        for name, field in fields.of(structure).items():
            kind = field.kind.strip("[]{}")
            if "{" in field.kind and kind not in out:
                out[kind] = (*out[structure], name, *((0,) if field.kind.startswith("[") else ()))
                todo.append(kind)
    out["route"] = ("route", "routes", 0)
    out["receiver"] = ("receivers", 2)
    out["jirafield"] = (*out["jira"], "summary")
    out["header"] = (*out["http"], "http_headers", "X-A")
    return {
        structure: ("receivers", 2, *path[2:]) if path[:2] == ("receivers", 0) else path
        for structure, path in out.items()
    }


def _with(path: tuple[str | int, ...], said: dict[str, Any], without: str | None = None) -> str:
    """The least configuration that has this structure, with these fields in it."""
    whole = _least("")
    node: Any = whole
    names = {place: name for name, place in _places().items()}
    for depth, key in enumerate(path):
        here = names.get(path[: depth + 1])
        if isinstance(key, int):
            while len(node) <= key:
                node.append(_least(here or ""))
            node = node[key]
        else:
            following = path[depth + 1] if depth + 1 < len(path) else None
            made: Any = [] if isinstance(following, int) else _least(here or "none")
            node = node.setdefault(key, made)
    node.update(said)
    if without:
        node.pop(without, None)
    return "\n".join(f"{key}: {_yaml(value)}" for key, value in whole.items()) + "\n"


def _pairs(path: tuple[str | int, ...], structure: str) -> Iterator[str]:
    """Fields together, which may exclude each other."""
    known = fields.of(structure)
    chance = random.Random(structure)
    for one in known:
        for other in chance.sample(sorted(known), min(len(known), 3)):
            yield _with(path, {one: _good(known[one].kind), other: _good(known[other].kind)})
        if f"{one}_file" in known:
            both = {one: _good(known[one].kind), f"{one}_file": "/f"}
            yield _with(path, both)
            yield _with(path, {f"{one}_file": "/f"}, without=one)


def _least(structure: str) -> Any:
    def copy(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: copy(item) for key, item in value.items()}
        return [copy(item) for item in value] if isinstance(value, list) else value

    return copy(LEAST.get(structure, {}))


def _good(kind: str) -> Any:
    if kind.startswith("["):
        return [_good(kind[1:-1])]
    return _least(kind[1:-1]) if kind.startswith("{") else GOOD[kind]


def _yaml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_yaml(item)}" for key, item in value.items()) + "}"
    return "[" + ", ".join(map(_yaml, value)) + "]" if isinstance(value, list) else str(value)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{escaped}"'
