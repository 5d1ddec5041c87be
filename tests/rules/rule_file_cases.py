"""Rule files that are right, wrong, or odd, by name; promtool says which."""

from __future__ import annotations

ALERT = "groups:\n- name: g\n  rules:\n  - alert: A\n    expr: up == 0\n"
RECORD = "groups:\n- name: g\n  rules:\n  - record: a:b\n    expr: up\n"


def _group(rest: str) -> str:
    return f"groups:\n- name: g\n  {rest}\n"


CASES = {
    "ok": ALERT,
    "empty": "",
    "comment": "# nothing\n",
    "null groups": "groups:\n",
    "null group": "groups:\n- \n",
    "null rule": "groups:\n- name: g\n  rules:\n  - \n",
    "null rules": _group("rules:"),
    "no rules": "groups:\n- name: g\n",
    "empty group name": 'groups:\n- name: ""\n',
    "group name twice": "groups:\n- name: g\n- name: h\n- name: g\n",
    "group name is a number": "groups:\n- name: 5\n",
    "group name is a list": "groups:\n- name: [a]\n",
    "groups is a map": "groups: {name: g}\n",
    "rules is a map": _group("rules: {alert: A}"),
    "group is a text": "groups: [a]\n",
    "rule is a text": _group("rules: [a]"),
    **{
        f"interval: {value}": _group(f"interval: {value}")
        for value in ("30", "0", "0s", "1500ms", "5m1h", "1.5h", "-5m", "", '""', '"5m "', "{}", "1y", "292y", "293y")
    },
    **{f"limit: {value}": _group(f"limit: {value}") for value in ("5", "-5", "x", "1.0", "", "0x10", "[5]")},
    "query_offset": _group("query_offset: 1m"),
    "query_offset is none": _group("query_offset: x"),
    "group labels": _group("labels: {a: b}"),
    "group labels with a name": _group("labels: {__name__: x}"),
    "thanos": _group("partial_response_strategy: abort"),
    "mimir": _group("source_tenants: [a]"),
    "namespace": f"namespace: x\n{ALERT}",
    **{
        f"alert: {value}": ALERT.replace("alert: A", f"alert: {value}")
        for value in ('""', "", "5", "true", '"A b"', "[A]", "ä")
    },
    **{
        f"expr: {value}": ALERT.replace("up == 0", value)
        for value in ('""', '" "', '"# x"', "", "1", "true", "[up]", "up[5m]", "'\"a\"'", '"up == 0 \\u0041"')
    },
    "expr over lines": ALERT.replace("up == 0", ">\n      up\n      == 0"),
    "record of a range": RECORD.replace("expr: up", "expr: up[5m]"),
    "record of a text": RECORD.replace("expr: up", "expr: '\"a\"'"),
    **{
        f"for: {v}": f"{ALERT}    for: {v}\n"
        for v in ("5", "0", "", '""', "-5m", "300y", "9" * 21 + "s", "[5m]", "1d2h")
    },
    "keep_firing_for": f"{ALERT}    keep_firing_for: 5m\n",
    "keep_firing_for is none": f"{ALERT}    keep_firing_for: 5\n",
    **{
        f"labels: {value}": f"{ALERT}    labels: {value}\n"
        for value in (
            *("", "[a]", "a", "{a: 5, b: 1.50, c: true, d: null, e: 2020-01-01, f: yes, g: 0o17}", "{a: {b: c}}"),
            *("{a: [b]}", '{"a-b": c}', '{"1a": c}', "{__name__: c}", "{alertname: c}", "{5: c}", '{"": c}'),
            "{a: c, a: d}",
        )
    },
    **{
        f"annotations: {value}": f"{ALERT}    annotations: {value}\n"
        for value in ("", '{"a-b": c}', "{a: 5}", "{a: }", "{a: {b: c}}", "{a: [b]}")
    },
    **{
        f"record with {what}": f"{RECORD}    {what}\n"
        for what in (
            *("for: 5m", "for: 0s", "keep_firing_for: 5m", "annotations: {a: b}", "annotations: {}", "labels: {a: b}"),
            *("labels: {__name__: b}", "labels: {'a-b': b}"),
        )
    },
    **{
        f"record: {value}": RECORD.replace("a:b", value)
        for value in ("a-b", '"a b"', "'a{b=\"c\"}'", "ä", "1a", "5", '""')
    },
    "alert and record": _group("rules:\n  - alert: A\n    record: a\n    expr: up"),
    "neither": _group("rules:\n  - expr: up"),
    "unknown at the top": f"foo: 1\n{ALERT}",
    "unknown in a group": _group("foo: 1"),
    "unknown in a rule": f"{ALERT}    foo: 1\n",
    "key twice": f"{ALERT}    expr: up\n",
    "two documents": f"{ALERT}---\n{ALERT}",
    "two documents, the first empty": f"---\n---\n{ALERT}",
    "the first of two is wrong": f"{ALERT}    foo: 1\n---\n{ALERT}",
    "anchor and merge": _group("rules:\n  - &a\n    alert: A\n    expr: up\n  - <<: *a\n    alert: B"),
    "merge of something else": _group("rules:\n  - <<: a\n    alert: B\n    expr: up"),
    "anchor at the top": f"x: &x {{a: b}}\n{ALERT}",
    "tab": ALERT.replace("  - alert", "\t- alert"),
    "byte order mark": f"\ufeff{ALERT}",
    "carriage returns": ALERT.replace("\n", "\r\n"),
    "rule twice": f"{ALERT}  - alert: A\n    expr: up == 0\n",
    "tag": ALERT.replace("up == 0", "!!str up == 0"),
    "tag of somebody's": ALERT.replace("up == 0", "!foo up == 0"),
    "end of the document": f"{ALERT}...\n",
    "directive": f"%YAML 1.1\n---\n{ALERT}",
    "control character": ALERT.replace("A", "A\x01"),
    "not closed": f"{ALERT}    labels: {{a: b\n",
}
