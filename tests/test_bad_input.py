# ruff: noqa: E501 - messages are pinned whole, one to a line
"""Bad input is met with a message at its place that says what to write instead, and nothing is written."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from conftest import CHAT, FLEET

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Fleet

    Change = Callable[[Fleet], object]

CHAT_FILE = "specs/chat.yaml"
FLEET_FILE = "specs/fleet.yaml"
ALERT = "HighErrorRate: {signal: errors, above: 5%, for: 5m}"
BOMB = "service: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{below}'] * 10)}]\n" for below, name in zip("abcdefg", "bcdefgh", strict=True)
)


def put(text: str | bytes, file: str = CHAT_FILE) -> Change:
    """A whole file."""
    return lambda fleet: fleet.write(file, text)


def edit(old: str, new: str, file: str = CHAT_FILE) -> Change:
    """One place of a file."""
    return lambda fleet: fleet.edit(file, old, new)


def add(text: str, file: str = CHAT_FILE) -> Change:
    """Text at the end of a file."""
    return lambda fleet: fleet.write(file, (fleet.root / file).read_text() + text)


def alert(text: str) -> Change:
    """Another alert in the place of the only one."""
    return edit(ALERT, text)


def expression(text: str) -> Change:
    """An alert on an expression."""
    more = "\n    category: saturation\n    summary: Queue.\n    test: {fires: ['chat_queue 9x30']}"
    return alert(f"QueueLong:\n    expr: {text}{more}")


def logs(extract: str) -> Change:
    """A log pipeline with one extraction."""
    hosts = add("elasticsearch: {hosts: ['https://es:9200']}\n", FLEET_FILE)
    return both(hosts, add("logs:\n  input: {tcp: 5000}\n" + (f"  extract:\n    {extract}\n" if extract else "")))


def folder(name: str) -> Change:
    """A folder."""
    return lambda fleet: (fleet.root / name).mkdir()


def link(name: str, target: str) -> Change:
    """A symbolic link."""
    return lambda fleet: (fleet.root / name).symlink_to(target)


def both(*changes: Change) -> Change:
    """Several changes."""
    return lambda fleet: [change(fleet) for change in changes]


CASES: list[tuple[str, Change, str | list[str]]] = [
    # YAML
    (
        "an empty file",
        put(""),
        "specs/chat.yaml:1:1: error: the file is empty: write `service: NAME` first, or `fleet: NAME` in fleet.yaml [empty-file]",
    ),
    (
        "an empty fleet",
        put("", FLEET_FILE),
        "specs/fleet.yaml:1:1: error: the file is empty: write `service: NAME` first, or `fleet: NAME` in fleet.yaml [empty-file]",
    ),
    (
        "only comments",
        put("# nothing yet\n"),
        "specs/chat.yaml:1:1: error: the file holds only comments: write `service: NAME` first, or `fleet: NAME` in fleet.yaml [empty-file]",
    ),
    (
        "an unclosed bracket",
        put("service: [chat\nteam: x\n"),
        "specs/chat.yaml:2:5: error: not YAML: while parsing a flow sequence: did not find expected ',' or ']'; close the bracket, or quote what has one inside [yaml-syntax]",
    ),
    (
        "a tab as indentation",
        put("service: chat\nalerts:\n\tX: {}\n"),
        "specs/chat.yaml:3:1: error: not YAML: while scanning for the next token: found character that cannot start any token; indent with spaces, not tabs, and quote what begins with @ ` % [yaml-syntax]",
    ),
    (
        "a colon inside a value",
        put("service: chat: more\n"),
        "specs/chat.yaml:1:14: error: not YAML: mapping values are not allowed in this context; quote a text that holds `: `, or write one key per line [yaml-syntax]",
    ),
    (
        "a reserved character",
        put("service: @chat\n"),
        "specs/chat.yaml:1:10: error: not YAML: while scanning for the next token: found character that cannot start any token; indent with spaces, not tabs, and quote what begins with @ ` % [yaml-syntax]",
    ),
    (
        "an unclosed quote",
        put("service: 'chat\n"),
        "specs/chat.yaml:2:1: error: not YAML: while scanning a quoted scalar: found unexpected end of stream; close the quote [yaml-syntax]",
    ),
    (
        "an unknown alias",
        put("service: *chat\n"),
        "specs/chat.yaml:1:10: error: not YAML: found undefined alias; define it before with & [yaml-syntax]",
    ),
    (
        "a list",
        put("- service: chat\n"),
        "specs/chat.yaml:1:1: error: the file is a list, a spec is a map of keys: write `service: NAME` first, or `fleet: NAME` in fleet.yaml [not-a-map]",
    ),
    (
        "a scalar",
        put("just text\n"),
        "specs/chat.yaml:1:1: error: the file is a scalar, a spec is a map of keys: write `service: NAME` first, or `fleet: NAME` in fleet.yaml [not-a-map]",
    ),
    (
        "30,000 nested brackets",
        put("[" * 30_000),
        "specs/chat.yaml:1:1: error: nested deeper than 150 levels, which no spec needs: close the brackets [too-deep]",
    ),
    (
        "30,000 nested and closed brackets",
        put("a: " + "[" * 30_000 + "]" * 30_000 + "\n"),
        "specs/chat.yaml:1:1: error: nested deeper than 150 levels, which no spec needs: close the brackets [too-deep]",
    ),
    (
        "1,500 nested maps",
        put("".join(" " * depth + "a:\n" for depth in range(1_500))),
        "specs/chat.yaml:151:1: error: nested deeper than 150 levels, which no spec needs: close the brackets [too-deep]",
    ),
    (
        "an alias bomb",
        put(BOMB),
        "specs/chat.yaml:1:38: error: aliases expand to more than 200,000 nodes: write the values out [alias-bomb]",
    ),
    (
        "an anchor that holds itself",
        edit("team: inference", "team: &team [*team]"),
        "specs/chat.yaml:2:7: error: this anchor holds an alias of itself: write the values out [alias-bomb]",
    ),
    (
        "a duplicate key",
        add("team: other\n"),
        "specs/chat.yaml:17:1: error: duplicate key 'team': it is already on line 2; keep one [duplicate-key]",
    ),
    (
        "two alerts of one name",
        add("  HighErrorRate: {signal: errors, above: 9%}\n"),
        "specs/chat.yaml:17:3: error: duplicate key 'HighErrorRate': it is already on line 16; keep one [duplicate-key]",
    ),
    (
        "two services of one name",
        put(CHAT, "specs/again.yaml"),
        "specs/chat.yaml:1:1: error: a service 'chat' exists already (specs/again.yaml:1:1): rename one of them [duplicate-service]",
    ),
    (
        "two services of one name in one system",
        put("system: s\nteam: inference\nservices:\n  a: {selector: {job: a}}\n  a: {}\n"),
        "specs/chat.yaml:5:3: error: duplicate key 'a': it is already on line 4; keep one [duplicate-key]",
    ),
    (
        "several documents in a file",
        put(CHAT + "---\nservice: other\n"),
        "specs/chat.yaml:17:1: error: not YAML: expected a single document in the stream: but found another document; write one file per service, or `system:` with several services [yaml-syntax]",
    ),
    (
        "a tag of Python's",
        edit("team: inference", "team: !!python/object:os.system inference"),
        "specs/chat.yaml:2:7: error: the tag 'tag:yaml.org,2002:python/object:os.system' means nothing here: leave it out [yaml-tag]",
    ),
    (
        "a tag of somebody's",
        edit("team: inference", "team: !vault inference"),
        "specs/chat.yaml:2:7: error: the tag '!vault' means nothing here: leave it out [yaml-tag]",
    ),
    (
        "a merge key",
        edit("queue: {gauge: chat_queue, by: [model]}", "queue: {<<: {}, gauge: chat_queue}"),
        "specs/chat.yaml:12:11: error: `<<` merges only in YAML 1.1: write the keys out [merge-key]",
    ),
    (
        "a list as a key",
        add("[a, b]: c\n"),
        "specs/chat.yaml:17:1: error: a key must be a plain word, not a map or a list [odd-key]",
    ),
    (
        "a map as a key",
        add("? {a: b}\n: c\n"),
        "specs/chat.yaml:17:3: error: a key must be a plain word, not a map or a list [odd-key]",
    ),
    (
        "a number as a key",
        add("5: c\n"),
        "specs/chat.yaml:17:1: error: unknown key '5': known here: alerts, baselines, budgets, dashboards, depends_on, description, health, logs, metrics, outside, process, scrape, selector, service, signals, slos, team, tracing, trends, uses, workload [spec-extra-forbidden]",
    ),
    (
        "null as a key",
        add("~: c\n"),
        "specs/chat.yaml:17:1: error: unknown key '~': known here: alerts, baselines, budgets, dashboards, depends_on, description, health, logs, metrics, outside, process, scrape, selector, service, signals, slos, team, tracing, trends, uses, workload [spec-extra-forbidden]",
    ),
    (
        "true as the name of an alert",
        alert("true: {signal: queue, above: 5}"),
        "specs/chat.yaml:16:3: error: 'true' is no alert name: write a CamelCase noun phrase such as HighErrorRate [spec-value-error]",
    ),
    (
        "bad UTF-8",
        put(CHAT.encode() + b"description: caf\xe9\n"),
        "specs/chat.yaml:17:17: error: not UTF-8 (byte 0xe9): save the file as UTF-8 [not-utf8]",
    ),
    (
        "UTF-16",
        put(CHAT.encode("utf-16")),
        "specs/chat.yaml:1:1: error: not UTF-8 (byte 0xff): save the file as UTF-8 [not-utf8]",
    ),
    (
        "a NUL",
        put(CHAT + "description: a\0b\n"),
        'specs/chat.yaml:17:15: error: not YAML: the control character U+0000: remove it, or write "\\u0000" in double quotes [yaml-syntax]',
    ),
    (
        "a control character",
        put(CHAT + "description: a\x07b\n"),
        'specs/chat.yaml:17:15: error: not YAML: the control character U+0007: remove it, or write "\\u0007" in double quotes [yaml-syntax]',
    ),
    (
        "a mistake behind CRLF",
        put(CHAT.replace("for: 5m", "for: 5").replace("\n", "\r\n")),
        "specs/chat.yaml:16:51: error: 5 has no unit: write 5s, 5m or 5h [spec-value-error]",
    ),
    (
        "a mistake behind a byte order mark",
        put("\ufeff" + CHAT.replace("service: chat", "service: Chat")),
        "specs/chat.yaml:1:1: error: 'Chat' is no DNS label: use a-z, 0-9 and -, at most 63, such as chat-gateway [spec-value-error]",
    ),
    # words
    (
        "a misspelt key",
        edit("alerts:", "alertz:"),
        "specs/chat.yaml:15:1: error: unknown key 'alertz': did you mean 'alerts'? [spec-extra-forbidden]",
    ),
    (
        "a misspelt key of an alert",
        edit("above: 5%", "abov: 5%"),
        "specs/chat.yaml:16:35: error: unknown key 'abov': did you mean 'above'? [spec-extra-forbidden]",
    ),
    (
        "a misspelt key that must be there",
        edit("objective: 99.9%", "objectiv: 99.9%"),
        "specs/chat.yaml:14:34: error: unknown key 'objectiv': did you mean 'objective'? [spec-extra-forbidden]",
    ),
    (
        "a misspelt kind of signal",
        edit("gauge: chat_queue", "guage: chat_queue"),
        "specs/chat.yaml:12:3: error: a signal needs one of: rate, increase, ratio, histogram, mean, gauge, usage, age, expr (did you mean gauge or usage?) [spec-signal-kind]",
    ),
    (
        "a misspelt type of metric",
        edit("type: gauge", "type: guage"),
        "specs/chat.yaml:7:16: error: 'guage' is not one of counter, gauge, histogram, summary: did you mean 'gauge'? [spec-literal-error]",
    ),
    (
        "a misspelt severity",
        alert("QueueLong: {signal: queue, above: 5, severity: warn}"),
        "specs/chat.yaml:16:40: error: 'warn' is not one of critical, warning, info: did you mean 'warning'? [spec-literal-error]",
    ),
    (
        "a misspelt category",
        alert("QueueLong: {signal: queue, above: 5, category: saturatoin}"),
        "specs/chat.yaml:16:40: error: 'saturatoin' is not one of availability, errors, latency, saturation, capacity, cost, security, quality, change, meta: did you mean 'saturation'? [spec-literal-error]",
    ),
    (
        "a misspelt first key",
        edit("service: chat", "servce: chat"),
        "specs/chat.yaml:1:1: error: unknown key 'servce': write service:, system: or fleet: [no-service]",
    ),
    (
        "no first key",
        edit("service: chat\n", ""),
        "specs/chat.yaml:1:1: error: neither service: nor system: nor fleet: is here: write `service: NAME` first [no-service]",
    ),
    (
        "a key from nowhere",
        edit("for: 5m", "zzz: 5m"),
        "specs/chat.yaml:16:46: error: unknown key 'zzz': known here: above, absent, below, by, category, description, deviates, down, drops, expr, fills_in, for, grows, guard, in, keep_for, off, rises, severity, signal, stale, summary, test, unit, until, where [spec-extra-forbidden]",
    ),
    (
        "a number for a text",
        edit("selector: {job: chat}", "selector: {job: 5}"),
        "specs/chat.yaml:3:12: error: expected a text, got 5: put it in quotes [spec-string-type]",
    ),
    (
        "a list for a text",
        edit("team: inference", "team: [inference]"),
        "specs/chat.yaml:2:1: error: expected a text, got ['inference']: write one value, or remove the key [spec-string-type]",
    ),
    (
        "a text for a map",
        edit("selector: {job: chat}", "selector: chat"),
        "specs/chat.yaml:3:1: error: expected a map of keys, got 'chat': write {key: value} [spec-dict-type]",
    ),
    (
        "null for an alert",
        alert("QueueLong:"),
        "specs/chat.yaml:16:3: error: expected a map of keys, got null: write {key: value} [spec-model-type]",
    ),
    (
        "a service name that is no DNS label",
        edit("service: chat", "service: Chat_Gateway"),
        "specs/chat.yaml:1:1: error: 'Chat_Gateway' is no DNS label: use a-z, 0-9 and -, at most 63, such as chat-gateway [spec-value-error]",
    ),
    (
        "a map where the name of a service belongs",
        edit("service: chat", "service: {name: chat}"),
        "specs/chat.yaml:1:1: error: this is a map, and no DNS label: use a-z, 0-9 and -, at most 63, such as chat-gateway [spec-value-error]",
    ),
    (
        "a service name in a system that is no DNS label",
        put("system: s\nteam: inference\nservices:\n  A_b: {selector: {job: a}}\n"),
        "specs/chat.yaml:4:3: error: 'A_b' is no DNS label: use a-z, 0-9 and -, at most 63, such as chat-gateway [spec-value-error]",
    ),
    (
        "a number as a service name",
        edit("service: chat", "service: 5"),
        "specs/chat.yaml:1:1: error: 5 is no DNS label: use a-z, 0-9 and -, at most 63, such as chat-gateway [spec-value-error]",
    ),
    (
        "an alert name in small letters",
        alert("queueLong: {signal: queue, above: 5}"),
        "specs/chat.yaml:16:3: error: 'queueLong' is no alert name: write a CamelCase noun phrase such as HighErrorRate [spec-value-error]",
    ),
    (
        "a signal name in capital letters",
        edit("queue: {gauge", "Queue: {gauge"),
        "specs/chat.yaml:12:3: error: 'Queue' is no signal name: use a-z, 0-9 and _, such as cache_hits [spec-value-error]",
    ),
    (
        "a metric name with a dash",
        edit("chat_queue: {type", "chat-queue: {type"),
        "specs/chat.yaml:7:3: error: 'chat-queue' is no metric name: use letters, digits, _ and :, not starting with a digit [spec-value-error]",
    ),
    (
        "a label name with a dash",
        edit("unit: requests, labels: [model]", "unit: requests, labels: [mo-del]"),
        "specs/chat.yaml:7:54: error: 'mo-del' is no label name: use letters, digits and _, not starting with a digit [spec-value-error]",
    ),
    (
        "a map in the list of labels",
        edit("unit: requests, labels: [model]", "unit: requests, labels: [{model: a}]"),
        "specs/chat.yaml:7:45: error: [{'model': 'a'}] are no labels: write [model, status], or {status: [ok, error]} with all values [spec-value-error]",
    ),
    (
        "a system without services",
        put("system: s\nteam: inference\n"),
        "specs/chat.yaml:1:1: error: the key 'services' is missing: write it here, such as services: {chat: {selector: {job: chat}}} [spec-missing]",
    ),
    (
        "a system with no services",
        put("system: s\nteam: inference\nservices: {}\n"),
        "specs/chat.yaml:3:1: error: 'services' is empty: write at least one [spec-too-short]",
    ),
    (
        "a system with a list of services",
        put("system: s\nteam: inference\nservices: [a]\n"),
        "specs/chat.yaml:3:1: error: expected a map of keys, got ['a']: write {a: ...} [spec-dict-type]",
    ),
    (
        "a system with an empty service",
        put("system: s\nteam: inference\nservices:\n  a:\n"),
        "specs/chat.yaml:4:3: error: null is no service: write a map, or {} [not-a-map]",
    ),
    # numbers
    (
        "a negative duration",
        edit("for: 5m", "for: -5m"),
        "specs/chat.yaml:16:51: error: '-5m' is negative: a duration is 0s or more [spec-value-error]",
    ),
    (
        "a negative number as a duration",
        edit("for: 5m", "for: -5"),
        "specs/chat.yaml:16:51: error: -5 is negative: a duration is 0s or more [spec-value-error]",
    ),
    (
        "a duration without a unit",
        edit("for: 5m", "for: 5"),
        "specs/chat.yaml:16:51: error: 5 has no unit: write 5s, 5m or 5h [spec-value-error]",
    ),
    (
        "a duration without a unit for one severity",
        edit("for: 5m", "for: {warning: 5}"),
        "specs/chat.yaml:16:52: error: 5 has no unit: write 5s, 5m or 5h [spec-value-error]",
    ),
    (
        "a duration without a unit for one environment",
        edit("for: 5m", "in: {production: {for: 5}}"),
        "specs/chat.yaml:16:69: error: 5 has no unit: write 5s, 5m or 5h [spec-value-error]",
    ),
    (
        "a duration of digits that are not ASCII",
        edit("for: 5m", "for: \u0665m"),
        "specs/chat.yaml:16:51: error: '\u0665m' is no duration: write it like 30s, 5m, 1h30m or 7d [spec-value-error]",
    ),
    (
        "a duration of a million days",
        edit("for: 5m", "for: 1000000d"),
        "specs/chat.yaml:16:51: error: '1000000d' is more than Prometheus can count: write 100000d or less [spec-value-error]",
    ),
    (
        "a duration that no computer can count",
        edit("for: 5m", "for: 99999999999999d"),
        "specs/chat.yaml:16:51: error: '99999999999999d' is more than Prometheus can count: write 100000d or less [spec-value-error]",
    ),
    (
        "a window of no time",
        edit("objective: 99.9%", "objective: 99.9%, window: 0s"),
        "specs/chat.yaml:14:52: error: '0s' is no time at all: write one longer than 0s, such as 5m [spec-value-error]",
    ),
    (
        "an objective of 100%",
        edit("99.9%", "100%"),
        "specs/chat.yaml:14:34: error: 100% leaves no error budget, so every alert would fire at once: write less than 100% [spec-value-error]",
    ),
    (
        "an objective of 0%",
        edit("99.9%", "0%"),
        "specs/chat.yaml:14:34: error: 0% can never be missed: write more than 0% [spec-value-error]",
    ),
    (
        "an objective without %",
        edit("99.9%", "99.9"),
        "specs/chat.yaml:14:34: error: 99.9 is no objective: write 99.9% [spec-value-error]",
    ),
    (
        "an objective without % in short",
        edit("{signal: errors, objective: 99.9%}", "99.9"),
        "specs/chat.yaml:14:17: error: 99.9 is no objective: write 99.9% [spec-value-error]",
    ),
    (
        "an objective that is no number",
        edit("99.9%", "nan%"),
        "specs/chat.yaml:14:34: error: 'nan%' is no objective: write a percentage such as 99.9% [spec-value-error]",
    ),
    (
        "a threshold that is no number",
        edit("above: 5%", "above: .nan"),
        "specs/chat.yaml:16:42: error: .nan is no number with a unit: write it like 200ms, 5%, 90GB, 500 USD or 10 [spec-value-error]",
    ),
    (
        "an infinite threshold",
        edit("above: 5%", "above: .inf"),
        "specs/chat.yaml:16:42: error: .inf is no number with a unit: write it like 200ms, 5%, 90GB, 500 USD or 10 [spec-value-error]",
    ),
    (
        "a threshold of 400 digits",
        edit("above: 5%", "above: " + "9" * 400),
        "specs/chat.yaml:16:42: error: 999999999999999999999999999999999999999999999999999999999... is too large a number: write less than 1e21 [spec-value-error]",
    ),
    (
        "a threshold of 5,000 digits",
        edit("above: 5%", "above: " + "9" * 5_000),
        "specs/chat.yaml:16:42: error: .inf is no number with a unit: write it like 200ms, 5%, 90GB, 500 USD or 10 [spec-value-error]",
    ),
    (
        "a threshold with a huge exponent",
        edit("above: 5%", "above: '1e9999999999999999999'"),
        "specs/chat.yaml:16:42: error: '1e9999999999999999999' is too large a number: write less than 1e21 [spec-value-error]",
    ),
    (
        "a unit that does not exist",
        alert("Slow: {signal: latency.p95, above: 5sec}"),
        "specs/chat.yaml:16:38: error: '5sec' has an unknown unit 'sec': did you mean 's'? [spec-value-error]",
    ),
    (
        "a unit of something else",
        alert("Slow: {signal: latency.p95, above: 5 USD}"),
        "specs/chat.yaml:16:31: error: '5 USD' cannot be compared with latency.p95, which is in seconds: write it like 45ms [wrong-unit]",
    ),
    (
        "a limit of nothing",
        add("budgets:\n  spend: {signal: requests, limit: 0, rolling: 1d}\n"),
        "specs/chat.yaml:18:36: error: 0 leaves nothing to use: write a limit of more than 0 [spec-value-error]",
    ),
    (
        "an objective between two buckets",
        edit("{signal: errors, objective", "{signal: latency, within: 2s, objective"),
        "specs/chat.yaml:14:35: error: 2s is no bucket boundary of chat_seconds_bucket: write 1s or 5s, or snap: down or up [off-bucket]",
    ),
    (
        "buckets that fall",
        edit("buckets: [100ms, 1s, 5s]", "buckets: [100ms, 5s, 1s]"),
        "specs/chat.yaml:6:3: error: buckets must rise, and 1s does not: write them in order, each once [spec-value-error]",
    ),
    # names
    (
        "no team",
        edit("team: inference\n", ""),
        "specs/chat.yaml:1:1: error: chat has no team: write team: NAME [no-team]",
    ),
    (
        "an unknown team",
        edit("team: inference", "team: inferense"),
        "specs/chat.yaml:2:1: error: unknown team 'inferense': did you mean 'inference'? [unknown-team]",
    ),
    (
        "an unknown signal",
        edit("signal: errors, above", "signal: erors, above"),
        "specs/chat.yaml:16:19: error: unknown signal 'erors': did you mean 'errors'? [unknown-signal]",
    ),
    (
        "a signal by a longer name",
        alert("QueueLong: {signal: queue_length, above: 5}"),
        "specs/chat.yaml:16:15: error: unknown signal 'queue_length': did you mean 'queue'? [unknown-signal]",
    ),
    (
        "the URL of a Slack webhook",
        edit(
            "receivers: {slack: {secret: slack/url}}",
            "receivers: {slack: {url: https://hooks.slack.example/T/B}}",
            FLEET_FILE,
        ),
        "specs/fleet.yaml:8:21: error: `url` would hold a secret: write `secret: name/key`, the mounted file that holds it [receiver-option]",
    ),
    (
        "an unknown signal of an objective",
        edit("signal: errors, objective", "signal: erors, objective"),
        "specs/chat.yaml:14:18: error: unknown signal 'erors': did you mean 'errors'? [unknown-signal]",
    ),
    (
        "an objective that names no signal",
        edit("availability: {signal: errors, objective: 99.9%}", "availability: 99.9%"),
        "specs/chat.yaml:14:3: error: unknown signal 'availability': an objective of another name than its signal says which: signal: errors [unknown-signal]",
    ),
    (
        "a signal that is several values",
        edit("signal: errors, above", "signal: latency, above"),
        "specs/chat.yaml:16:19: error: 'latency' is not one value: write latency.p50, latency.p95, latency.p99, latency.mean [unknown-signal]",
    ),
    (
        "an unknown metric",
        edit("gauge: chat_queue", "gauge: chat_queu"),
        "specs/chat.yaml:12:18: error: unknown metric 'chat_queu': did you mean 'chat_queue'? [unknown-metric]",
    ),
    (
        "a metric of another world",
        edit("gauge: chat_queue", "gauge: node_load1"),
        "specs/chat.yaml:12:18: error: unknown metric 'node_load1': declare it under metrics:, or name the preset that brings it under uses: [unknown-metric]",
    ),
    (
        "the rate of a gauge",
        edit("rate: chat_requests_total", "rate: chat_queue"),
        "specs/chat.yaml:9:14: error: chat_queue is a gauge: the rate of a gauge means nothing; write gauge: instead [wrong-metric-type]",
    ),
    (
        "an unknown label",
        edit('{ok="false"}', '{okay="false"}'),
        "specs/chat.yaml:10:46: error: chat_requests_total has no label 'okay': did you mean 'ok'? [unknown-label]",
    ),
    (
        "a value that a label never has",
        edit('{ok="false"}', '{ok="fals"}'),
        "specs/chat.yaml:10:46: error: ok of chat_requests_total is never 'fals': did you mean 'false'? [unknown-label-value]",
    ),
    (
        "an unknown label in by",
        edit("gauge: chat_queue, by: [model]", "gauge: chat_queue, by: [modl]"),
        "specs/chat.yaml:12:30: error: chat_queue has no label 'modl': did you mean 'model'? [unknown-label]",
    ),
    (
        "a reserved label in by",
        edit("gauge: chat_queue, by: [model]", "gauge: chat_queue, by: [severity]"),
        "specs/chat.yaml:12:30: error: 'severity' is reserved: give the label another name, such as by: {series_severity: severity} [reserved-label]",
    ),
    (
        "a reserved label in by of an alert",
        alert("QueueLong: {signal: queue, above: 5, by: [team]}"),
        "specs/chat.yaml:16:40: error: 'team' is reserved: give the label another name, such as by: {series_team: team} [reserved-label]",
    ),
    (
        "a reserved label in by of a budget",
        add("budgets:\n  spend: {signal: requests, limit: 5, rolling: 1d, by: [service]}\n"),
        "specs/chat.yaml:18:52: error: 'service' is reserved: give the label another name, such as by: {series_service: service} [reserved-label]",
    ),
    (
        "a label renamed to a reserved one",
        edit("gauge: chat_queue, by: [model]", "gauge: chat_queue, by: {window: model}"),
        "specs/chat.yaml:12:30: error: 'window' is reserved: give the label another name, such as by: {series_window: model} [reserved-label]",
    ),
    (
        "an unknown service",
        add("depends_on: [llama]\n"),
        "specs/chat.yaml:17:14: error: unknown service 'llama': it is in no spec [unknown-service]",
    ),
    (
        "a service that depends on itself",
        add("depends_on: [chat]\n"),
        "specs/chat.yaml:17:14: error: chat cannot depend on itself: remove it [unknown-service]",
    ),
    (
        "an unknown preset",
        edit("team: inference", "team: inference\nuses: [kubernets]"),
        "specs/chat.yaml:3:8: error: unknown preset 'kubernets': did you mean 'kubernetes'? [unknown-preset]",
    ),
    (
        "presets that are no list",
        edit("team: inference", "team: inference\nuses: http"),
        "specs/chat.yaml:3:1: error: 'http' is no list of presets: write uses: [http]; {http: false} leaves one out [spec-value-error]",
    ),
    (
        "a preset's version as a number",
        edit("team: inference", "team: inference\nuses: {http: 1}"),
        'specs/chat.yaml:3:1: error: 1 is a number, and 0.10 would be 0.1: put the version in quotes, such as "1" [spec-value-error]',
    ),
    (
        "an unknown environment",
        edit("for: 5m", "in: {staging: off}"),
        "specs/chat.yaml:16:51: error: unknown environment 'staging': the fleet has production [unknown-environment]",
    ),
    (
        "an alert named as objectives name theirs",
        alert("SLOErrorBudgetBurn: {signal: errors, above: 5%}"),
        "specs/chat.yaml:16:3: error: specs/chat.yaml:14:3 makes an alert SLOErrorBudgetBurn as well: rename one of them [duplicate-alert]",
    ),
    (
        "an alert named as a budget names its own",
        both(
            alert("SpendBudgetUsed: {signal: errors, above: 5%}"),
            add("budgets:\n  spend: {signal: requests, limit: 5, rolling: 1d}\n"),
        ),
        "specs/chat.yaml:16:3: error: specs/chat.yaml:18:3 makes an alert SpendBudgetUsed as well: rename one of them [duplicate-alert]",
    ),
    (
        "an alert named as a baseline names its own",
        both(
            alert("LoadAboveBaseline: {signal: errors, above: 5%}"),
            add("baselines:\n  load: {signal: requests, value: 5/s, worse: above}\n"),
        ),
        "specs/chat.yaml:16:3: error: specs/chat.yaml:18:3 makes an alert LoadAboveBaseline as well: rename one of them [duplicate-alert]",
    ),
    (
        "a baseline that is better below",
        add("baselines:\n  failing: {signal: errors, value: 1%, worse: below}\n"),
        "specs/chat.yaml:18:40: error: of errors less is better: write worse: above [baseline-direction]",
    ),
    (
        "a trend without a bound of its kind",
        add("trends:\n  load: {of: requests, versus: 1w, grows: 5/s}\n"),
        "specs/chat.yaml:18:3: error: grows: belongs to per, and this trend has versus: remove it, or make another [spec-value-error]",
    ),
    (
        "a trend of an unknown signal",
        add("trends:\n  load: {of: request, versus: 1w}\n"),
        "specs/chat.yaml:18:10: error: unknown signal 'request': did you mean 'requests'? [unknown-signal]",
    ),
    (
        "a trend to a limit without a unit",
        add("trends:\n  load: {of: requests, until: 500}\n"),
        "specs/chat.yaml:18:24: error: 500 has no unit: requests is in requests/s, so write it like 1000/s [no-unit]",
    ),
    (
        "two budgets that make one alert",
        add(
            "budgets:\n  a_b: {signal: requests, limit: 5, rolling: 1d}\n  a__b: {signal: requests, limit: 5, rolling: 1d}\n"
        ),
        [
            "specs/chat.yaml:19:3: error: specs/chat.yaml:18:3 makes an alert ABBudgetExhausted as well: rename one of them [duplicate-alert]",
            "specs/chat.yaml:19:3: error: specs/chat.yaml:18:3 makes an alert ABBudgetUsed as well: rename one of them [duplicate-alert]",
        ],
    ),
    # alerts
    (
        "off without a reason",
        add("  ReplicaDown: {off: true}\n"),
        "specs/chat.yaml:17:17: error: off: true gives no reason: write why, such as off: the batch quota is tight [spec-value-error]",
    ),
    (
        "off with nothing behind it",
        add("  ReplicaDown: {off: }\n"),
        "specs/chat.yaml:17:17: error: off: null gives no reason: write why, such as off: the batch quota is tight [spec-value-error]",
    ),
    (
        "off with an empty reason",
        add("  ReplicaDown: {off: ' '}\n"),
        "specs/chat.yaml:17:17: error: off: ' ' gives no reason: write why, such as off: the batch quota is tight [spec-value-error]",
    ),
    (
        "off of an alert that nobody has",
        add("  ReplicaDwn: {off: it flaps}\n"),
        "specs/chat.yaml:17:3: error: there is no alert 'ReplicaDwn' to switch off: did you mean 'ReplicaDown'? [unknown-alert]",
    ),
    (
        "false for an alert that nobody has",
        add("  ReplicaDwn: false\n"),
        "specs/chat.yaml:17:3: error: false removes what a preset brings, and no preset here brings 'ReplicaDwn': remove the line [spec-model-type]",
    ),
    (
        "until no day",
        add("  ReplicaDown: {off: it flaps, until: soon}\n"),
        "specs/chat.yaml:17:32: error: 'soon' is no day: write it like 2027-03-01 [spec-value-error]",
    ),
    (
        "until a month that does not exist",
        add("  ReplicaDown: {off: it flaps, until: 2030-13-01}\n"),
        "specs/chat.yaml:17:32: error: '2030-13-01' is no day: write it like 2027-03-01 [spec-value-error]",
    ),
    (
        "a patch of a preset's alert with a mistake",
        add("  ReplicaDown: {for: 5}\n"),
        "specs/chat.yaml:17:22: error: 5 has no unit: write 5s, 5m or 5h [spec-value-error]",
    ),
    (
        "a patch of a preset's alert with a second condition",
        add("  ReplicaDown: {above: 5}\n"),
        "specs/chat.yaml:17:3: error: above and down are 2 conditions, an alert has one: keep one (`down: false` removes a preset's) [spec-value-error]",
    ),
    (
        "two conditions",
        alert("QueueLong: {signal: queue, above: 5, below: 3}"),
        "specs/chat.yaml:16:3: error: above and below are 2 conditions, an alert has one: keep one (`below: false` removes a preset's) [spec-value-error]",
    ),
    (
        "no condition",
        alert("QueueLong: {signal: queue}"),
        "specs/chat.yaml:16:3: error: an alert needs a condition: one of above, below, rises, drops, deviates, grows, fills_in, stale, absent, down, or an expr [spec-value-error]",
    ),
    (
        "a condition without a signal",
        alert("QueueLong: {above: 5}"),
        "specs/chat.yaml:16:3: error: above needs a signal: write signal: NAME beside it [spec-value-error]",
    ),
    (
        "an expression without a test",
        alert("QueueLong: {expr: chat_queue > 5, category: saturation, summary: s}"),
        "specs/chat.yaml:16:3: error: an expr alert needs a test: {fires: [series ...]} [spec-value-error]",
    ),
    (
        "an expression and a signal",
        alert("QueueLong: {expr: chat_queue > 5, signal: queue, summary: s, test: {fires: [x]}}"),
        "specs/chat.yaml:16:3: error: an alert has a signal and a verb, or an expr, not both [spec-value-error]",
    ),
    (
        "PromQL that does not parse",
        expression("'max by (model (chat_queue) > 5'"),
        'specs/chat.yaml:17:26: error: PromQL does not parse: unexpected "(" in grouping opts, expected "," or ")" [promql-syntax]',
    ),
    (
        "PromQL that does not parse in a literal block",
        expression("|\n      max by (model) (chat_queue)\n        >> 5"),
        "specs/chat.yaml:19:10: error: PromQL does not parse: unexpected <op:>> [promql-syntax]",
    ),
    (
        "PromQL that does not parse in a folded block",
        expression(">-\n      max by (model) (chat_queue)\n      >> 5"),
        "specs/chat.yaml:19:8: error: PromQL does not parse: unexpected <op:>> [promql-syntax]",
    ),
    (
        "PromQL that does not parse over several plain lines",
        expression("max by (model) (chat_queue)\n      >> 5"),
        "specs/chat.yaml:18:8: error: PromQL does not parse: unexpected <op:>> [promql-syntax]",
    ),
    (
        "PromQL that does not parse behind escapes",
        expression('"chat_queue{model=\\"\\u00e9\\"} >> 5"'),
        "specs/chat.yaml:17:42: error: PromQL does not parse: unexpected <op:>> [promql-syntax]",
    ),
    (
        "PromQL that is a range",
        expression("'chat_queue[5m]'"),
        "specs/chat.yaml:17:5: error: the expression gives a range vector: write one that gives a value per series, such as max_over_time(...) [no-vector]",
    ),
    (
        "PromQL without a metric",
        expression("""'{job="chat"} > 5'"""),
        "specs/chat.yaml:17:12: error: a selector without a metric name selects too much: name it [no-metric]",
    ),
    (
        "PromQL with an unknown label",
        expression("'sum by (modl) (chat_queue) > 5'"),
        'specs/chat.yaml:17:20: error: by (modl): the operand cannot have the label "modl"; it has env, instance, job, model [label-flow]',
    ),
    (
        "where that is no list",
        edit("above: 5%", "above: 5%, where: {model: a, above: 9%}"),
        "specs/chat.yaml:16:46: error: {'model': 'a', 'above': '9%'} is no list: write where: [{label: value, above: ...}] [spec-value-error]",
    ),
    (
        "where without a threshold",
        edit("above: 5%", "above: 5%, where: [{model: a}]"),
        "specs/chat.yaml:16:54: error: a where: needs labels and one threshold, such as {model: a, above: 5s} [spec-value-error]",
    ),
    (
        "where with a threshold that is no number",
        edit("above: 5%", "above: 5%, where: [{model: a, above: many}]"),
        "specs/chat.yaml:16:72: error: 'many' is no number with a unit: write it like 200ms, 5%, 90GB, 500 USD or 10 [spec-value-error]",
    ),
    (
        "where with a label that the alert does not have",
        alert("QueueLong: {signal: queue, above: 5, where: [{modl: a, above: 9}]}"),
        "specs/chat.yaml:16:49: error: where: the alert has no label 'modl': did you mean 'model'? [unknown-label]",
    ),
    (
        "where the other way round",
        alert("QueueLong: {signal: queue, above: 5, where: [{model: a, below: 9}]}"),
        "specs/chat.yaml:16:59: error: below: 9 changes nothing: write below: in the alert itself, which has none [no-such-step]",
    ),
    (
        "where of a severity that the alert does not have",
        alert("QueueLong: {signal: queue, above: 5, where: [{model: a, above: {critical: 9}}]}"),
        "specs/chat.yaml:16:59: error: above: {critical: 9} changes nothing: write above: {warning: 9} [no-such-step]",
    ),
    (
        "where that leaves the severity open",
        alert("QueueLong: {signal: queue, above: {warning: 5, critical: 9}, where: [{model: a, above: 9}]}"),
        "specs/chat.yaml:16:83: error: above: 9 changes nothing: write above: {warning: 9} or above: {critical: 9} [no-such-step]",
    ),
    (
        "in that is no map",
        edit("for: 5m", "in: production"),
        "specs/chat.yaml:16:46: error: 'production' is no map: write in: {staging: off} or in: {staging: {above: 5s}} [spec-value-error]",
    ),
    (
        "in with a number",
        edit("for: 5m", "in: {production: 5}"),
        "specs/chat.yaml:16:51: error: 5 is no patch: write off, or a map such as {above: 5s, for: 10m} [spec-value-error]",
    ),
    (
        "in with a misspelt key",
        edit("for: 5m", "in: {production: {abov: 5}}"),
        "specs/chat.yaml:16:64: error: unknown key 'abov': did you mean 'above'? [spec-extra-forbidden]",
    ),
    (
        "in the other way round",
        edit("for: 5m", "in: {production: {below: 5%}}"),
        "specs/chat.yaml:16:64: error: below: 5% changes nothing: write below: in the alert itself, which has none [no-such-step]",
    ),
    (
        "a summary that is no template",
        alert("QueueLong: {signal: queue, above: 5, summary: 'Queue of {{ $labels.model'}"),
        'specs/chat.yaml:16:3: error: promtool: group "chat.production.saturation", rule 1, "QueueLong": annotation "summary": template: __alert_QueueLong:1: unclosed action [promtool]',
    ),
    (
        "a summary with an unknown variable",
        alert("QueueLong: {signal: queue, above: 5, summary: 'Queue of {{ $label.model }}'}"),
        'specs/chat.yaml:16:3: error: promtool: group "chat.production.saturation", rule 1, "QueueLong": annotation "summary": template: __alert_QueueLong:1: undefined variable "$label" [promtool]',
    ),
    (
        "a description with an unknown function",
        alert("QueueLong: {signal: queue, above: 5, description: '{{ shout $value }}'}"),
        'specs/chat.yaml:16:3: error: promtool: group "chat.production.saturation", rule 1, "QueueLong": annotation "description": template: __alert_QueueLong:1: function "shout" not defined [promtool]',
    ),
    # fleet
    (
        "a mistake of the fleet and a misspelt team in a spec",
        both(add("watchdogs: []\n", FLEET_FILE), edit("team: inference", "team: inferenc")),
        [
            "specs/chat.yaml:2:1: error: unknown team 'inferenc': did you mean 'inference'? [unknown-team]",
            "specs/fleet.yaml:9:1: error: unknown key 'watchdogs': did you mean 'watchdog'? [spec-extra-forbidden]",
        ],
    ),
    (
        "a secret as a value",
        edit("secret: slack/url", "secret: https://hooks.example/T0/B0/x", FLEET_FILE),
        "specs/fleet.yaml:8:21: error: `secret` of receiver `slack` must be a reference, never the secret itself: write `name/key`, such as `slack/webhook` [receiver-option]",
    ),
    (
        "a secret under the name that Alertmanager has",
        edit("secret: slack/url", "api_url: https://hooks.example/T0/B0/x", FLEET_FILE),
        "specs/fleet.yaml:8:21: error: `api_url` would hold a secret: write `secret: name/key`, the mounted file that holds it [receiver-option]",
    ),
    (
        "a password as a value",
        add("elasticsearch: {hosts: ['https://es:9200'], password: hunter2}\n", FLEET_FILE),
        "specs/fleet.yaml:9:45: error: a secret is never written into a spec: write a reference, {secret: name/key} [spec-value-error]",
    ),
    (
        "a password as a reference that is none",
        add("elasticsearch: {hosts: ['https://es:9200'], password: {secret: hunter2}}\n", FLEET_FILE),
        "specs/fleet.yaml:9:45: error: a secret is never written into a spec: write a reference, secret: name/key [secret-value]",
    ),
    (
        "a password with no reference",
        add("elasticsearch: {hosts: ['https://es:9200'], password: {}}\n", FLEET_FILE),
        "specs/fleet.yaml:9:45: error: a secret is never written into a spec: write a reference, {secret: name/key} [spec-value-error]",
    ),
    (
        "a receiver that does not exist",
        edit('slack: "#inference"', 'slak: "#inference"', FLEET_FILE),
        "specs/fleet.yaml:5:16: error: unknown receiver 'slak': did you mean `slack`? [receiver]",
    ),
    (
        "a receiver that is a text",
        edit('[{slack: "#inference"}]', '"#inference"', FLEET_FILE),
        "specs/fleet.yaml:5:15: error: '#inference' is no receiver: write one kind, such as {slack: '#alerts'} [spec-value-error]",
    ),
    (
        "a copy to an unknown team",
        add("copies: [{when: {category: cost}, to: finops}]\n", FLEET_FILE),
        "specs/fleet.yaml:9:35: error: unknown team 'finops': the fleet has inference [unknown-team]",
    ),
    (
        "a quiet time of no length",
        edit("22:00-07:00", "22:00-22:00", FLEET_FILE),
        "specs/fleet.yaml:6:25: error: '22:00-22:00' is empty: for the whole day leave the time out [time-interval]",
    ),
    (
        "a quiet time for critical alerts",
        edit("quiet: {info:", "quiet: {critical:", FLEET_FILE),
        "specs/fleet.yaml:6:13: error: critical alerts notify at any time: remove it, or lower the alert's severity [critical-muted]",
    ),
    (
        "a quiet time without a zone",
        edit("07:00 UTC", "07:00", FLEET_FILE),
        "specs/fleet.yaml:6:13: error: 'daily 22:00-07:00' has no time zone: write `weekdays 09:00-17:00 Europe/Berlin` [time-interval]",
    ),
    (
        "an unknown time zone",
        edit("UTC", "Europe/Berlim", FLEET_FILE),
        "specs/fleet.yaml:6:37: error: unknown time zone 'Europe/Berlim': did you mean `Europe/Berlin`? [time-interval]",
    ),
    (
        "a version that is a number",
        add("versions: {prometheus: 2.50}\n", FLEET_FILE),
        'specs/fleet.yaml:9:12: error: 2.5 is a number, so 2.50 would become 2.5: write "2.5" in quotes [spec-value-error]',
    ),
    (
        "no environments",
        edit("{production: {selector: {env: production}}}", "{}", FLEET_FILE),
        "specs/fleet.yaml:2:1: error: 'environments' is empty: write at least one [spec-too-short]",
    ),
    (
        "an Alertmanager base that is not there",
        add("alertmanager: {base: own.base.yml}\n", FLEET_FILE),
        "specs/fleet.yaml:9:16: error: specs/own.base.yml cannot be read: No such file or directory [unreadable]",
    ),
    (
        "a second fleet",
        put(FLEET, "specs/other.yaml"),
        "specs/other.yaml:1:1: error: there is a fleet already, in specs/fleet.yaml: keep one [second-fleet]",
    ),
    (
        "a fleet without what it needs",
        put("fleet: acme\n", FLEET_FILE),
        [
            "specs/fleet.yaml:1:1: error: the key 'catch_all' is missing: write it here, such as catch_all: [{slack: \"#alerts\"}] [spec-missing]",
            "specs/fleet.yaml:1:1: error: the key 'environments' is missing: write it here, such as environments: {production: {selector: {env: production}}} [spec-missing]",
            "specs/fleet.yaml:1:1: error: the key 'teams' is missing: write it here, such as teams: {platform: {critical: [{slack: \"#alerts\"}]}} [spec-missing]",
        ],
    ),
    (
        "an environment that says nothing",
        edit("production: {selector: {env: production}}", "production: {}", FLEET_FILE),
        "specs/fleet.yaml:2:28: error: the key 'selector' is missing: write it here, such as selector: {env: production}, or {} where the environment has a Prometheus of its own [spec-missing]",
    ),
    (
        "a list of environments",
        edit("{production: {selector: {env: production}}}", "[production]", FLEET_FILE),
        "specs/fleet.yaml:2:1: error: expected a map of keys, got ['production']: write {production: ...} [spec-dict-type]",
    ),
    (
        "a team that is a list of receivers",
        put(
            'fleet: acme\nenvironments: {production: {selector: {}}}\nteams: {inference: [{slack: "#a"}]}\ncatch_all: [{slack: "#a"}]\n',
            FLEET_FILE,
        ),
        "specs/fleet.yaml:3:9: error: expected a map of keys, got [{'slack': '#a'}]: write {key: value}, of active, critical, info, quiet, warning [spec-model-type]",
    ),
    # logs and health
    (
        "a grok pattern that does not match its sample",
        logs("cost: {pattern: 'cost=%{NUMBER:cost}', sample: price=5, gives: 5}"),
        "specs/chat.yaml:20:61: error: 'price=5' gives nothing: the pattern does not match [grok-sample]",
    ),
    (
        "a grok pattern that gives another value",
        logs("cost: {pattern: 'cost=%{NUMBER:cost}', sample: cost=5, gives: 6}"),
        "specs/chat.yaml:20:60: error: 'cost=5' gives 5.0, and the spec says 6 [grok-sample]",
    ),
    (
        "a grok pattern of an unknown name",
        logs("cost: {pattern: 'cost=%{NUMBR:cost}', sample: cost=5, gives: 5}"),
        "specs/chat.yaml:20:27: error: unknown grok pattern NUMBR: did you mean NUMBER? [grok-pattern]",
    ),
    (
        "a grok pattern that captures something else",
        logs("cost: {pattern: 'cost=%{NUMBER:price}', sample: cost=5, gives: 5}"),
        "specs/chat.yaml:20:12: error: the pattern captures price, not cost: write (?<cost>...) or %{NUMBER:cost} [grok-pattern]",
    ),
    (
        "a grok pattern without a sample",
        logs("cost: {pattern: 'cost=%{NUMBER:cost}'}"),
        "specs/chat.yaml:20:5: error: needs a sample line and the value that it gives, such as sample: 'took 12ms', gives: 12 [spec-value-error]",
    ),
    (
        "logs that go nowhere",
        add("logs: {input: {tcp: 5000}}\n"),
        "specs/chat.yaml:17:1: error: logs have nowhere to go: write `elasticsearch: {hosts: ['https://...:9200']}` in the fleet's file [no-elasticsearch]",
    ),
    (
        "two pipelines on one port",
        both(
            logs(""),
            put("service: other\nteam: inference\nlogs: {input: {tcp: 5000}}\nselector: {}\n", "specs/other.yaml"),
        ),
        "specs/other.yaml:3:16: error: the pipeline of chat listens on port 5000 already: give each pipeline its own [port-taken]",
    ),
    (
        "health without a workload",
        add("health: {port: 8080, liveness: /health}\n"),
        "specs/chat.yaml:17:1: error: health needs a workload, because Kubernetes probes are a part of one: write `workload: {kind: Deployment, namespace: NAMESPACE, name: NAME}` in this service, or remove `health` [health-without-workload]",
    ),
    # files
    (
        "a spec that is a folder",
        folder("specs/x.yaml"),
        "specs/x.yaml:1:1: error: is a folder, not a file: rename it or move it away [unreadable]",
    ),
    (
        "a symbolic link to itself",
        link("specs/loop.yaml", "loop.yaml"),
        "specs/loop.yaml:1:1: error: cannot be read: Too many levels of symbolic links [unreadable]",
    ),
    (
        "a symbolic link to nothing",
        link("specs/broken.yaml", "nowhere.yaml"),
        "specs/broken.yaml:1:1: error: cannot be read: No such file or directory [unreadable]",
    ),
    (
        "a runbook that is not UTF-8",
        put(b"# High\n\xe9\n", "specs/runbooks/chat/HighErrorRate.md"),
        "specs/runbooks/chat/HighErrorRate.md:2:1: error: not UTF-8 (byte 0xe9): save the file as UTF-8 [not-utf8]",
    ),
    (
        "mistakes in two files",
        both(edit("22:00-07:00", "22:00-22:00", FLEET_FILE), edit("gauge: chat_queue", "gauge: chat_queu")),
        [
            "specs/chat.yaml:12:18: error: unknown metric 'chat_queu': did you mean 'chat_queue'? [unknown-metric]",
            "specs/fleet.yaml:6:25: error: '22:00-22:00' is empty: for the whole day leave the time out [time-interval]",
        ],
    ),
    (
        "mistakes of two kinds in three files",
        both(edit("for: 5m", "for: 5"), put("team: inference\n", "specs/other.yaml"), put("", "specs/third.yaml")),
        [
            "specs/chat.yaml:16:51: error: 5 has no unit: write 5s, 5m or 5h [spec-value-error]",
            "specs/other.yaml:1:1: error: neither service: nor system: nor fleet: is here: write `service: NAME` first [no-service]",
            "specs/third.yaml:1:1: error: the file is empty: write `service: NAME` first, or `fleet: NAME` in fleet.yaml [empty-file]",
        ],
    ),
]


@pytest.mark.parametrize(("change", "said"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_is_met_with_a_clear_message_and_writes_nothing(fleet: Fleet, change: Change, said: str | list[str]) -> None:
    said = [said] if isinstance(said, str) else said
    if "promtool:" in said[0] and not shutil.which("promtool"):
        pytest.skip("promtool is not on PATH")
    fleet.write("generated/notes.txt", "ours")
    fleet.write("generated/manifest.json", '{"files": {}}\n')
    before = fleet.files()
    change(fleet)
    ran = fleet.run("generate")
    assert [line for line in ran.problems if not line.endswith(("[runbook-parts]", "[prose-alert]"))] == said
    assert ran.code == 1
    assert ran.err.rstrip().split(", ")[0] == f"{len(said)} error{'s' * (len(said) > 1)}"
    assert fleet.files() == before


def test_mistakes_of_every_stage_and_file_are_shown_in_one_run(fleet: Fleet) -> None:
    fleet.edit("specs/fleet.yaml", 'critical: [{slack: "#inference"}]', 'critical: [{slak: "#inference"}]')
    fleet.edit("specs/chat.yaml", "objective: 99.9%", "objective: 100%")
    fleet.edit("specs/chat.yaml", "queue: {gauge: chat_queue", "queue: {gauge: chat_queues")
    fleet.edit("specs/chat.yaml", "above: 5%", "abov: 5%")
    ran = fleet.run("generate")
    assert ran.code == 1
    assert [line.rpartition(" [")[2] for line in ran.problems] == [
        "unknown-metric]",
        "spec-value-error]",
        "spec-extra-forbidden]",
        "receiver]",
    ]
