"""A receiver says only what its Alertmanager understands, and never a secret itself."""

from __future__ import annotations

import pytest
from alertmanager_examples import ORIGIN

from llmmon.lower.receivers import KINDS, incomplete, lower_defaults, lower_receiver
from llmmon.plan import Secret

NEW = (0, 30)


@pytest.mark.parametrize(
    ("kind", "value", "options"),
    [
        ("slack", "#chan", {"channel": "#chan"}),
        (
            "slack",
            {"channel": "#x", "secret": "slack/webhook"},
            {"channel": "#x", "secret": Secret("slack", "webhook")},
        ),
        ("slack", {"channel": "#x", "resolved": False}, {"channel": "#x", "resolved": False}),
        ("pagerduty", {"secret": "pagerduty/finops"}, {"secret": Secret("pagerduty", "finops")}),
        ("email", "a@b.c", {"to": "a@b.c"}),
        ("email", "a@b.c, d@e.f", {"to": "a@b.c, d@e.f"}),
        ("webhook", "https://hooks.example/x?a=b", {"url": "https://hooks.example/x?a=b"}),
        ("webhook", {"secret": "hooks/url"}, {"secret": Secret("hooks", "url")}),
        (
            "webhook",
            {"url": "http://x", "bearer": "hooks/token"},
            {"url": "http://x", "bearer": Secret("hooks", "token")},
        ),
        ("opsgenie", {"secret": "opsgenie/key"}, {"secret": Secret("opsgenie", "key")}),
        ("teams", {"secret": "teams/url"}, {"secret": Secret("teams", "url")}),
    ],
)
def test_a_receiver_reads(kind: str, value: object, options: object) -> None:
    found, problems = lower_receiver(kind, value, ORIGIN, NEW)
    assert problems == []
    assert found is not None
    assert (found.kind, found.options) == (kind, options)


@pytest.mark.parametrize(
    ("kind", "value", "keys", "words"),
    [
        ("slak", "#x", (), "did you mean `slack`?"),
        ("sms", "#x", (), "write one of email, incidentio"),
        ("slack", {"chanel": "#x"}, ("slack", "chanel"), "did you mean `channel`?"),
        ("slack", {"api_url": "https://x"}, ("slack", "api_url"), "write `secret: name/key`"),
        ("pagerduty", {"routing_key": "abc"}, ("pagerduty", "routing_key"), "write `secret: name/key`"),
        ("pagerduty", {"secret": "R0ABCDEF"}, ("pagerduty", "secret"), "never the secret itself"),
        ("teams", {"secret": "https://x.example/y"}, ("teams", "secret"), "never the secret itself"),
        ("pagerduty", "R0ABCDEF", ("pagerduty",), "write `{pagerduty: {secret: pagerduty/team}}`"),
        ("slack", None, ("slack",), 'write `{slack: "#channel"}`'),
        ("slack", "{{ .x }}", ("slack",), "without `{{`"),
        ("email", "somebody", ("email",), "team@example.com"),
        ("webhook", "ftp://x", ("webhook",), "https://hooks.example.com/x"),
        ("webhook", {"url": "http://x", "secret": "a/b"}, ("webhook",), "either `secret` or `url`"),
        ("webhook", {}, ("webhook",), "either `secret` or `url`"),
        ("slack", {"resolved": "no"}, ("slack", "resolved"), "must be true or false"),
    ],
)
def test_a_mistake_is_told_at_its_line(kind: str, value: object, keys: tuple[str, ...], words: str) -> None:
    found, (problem,) = lower_receiver(kind, value, ORIGIN, NEW)
    assert found is None
    assert problem.origin.keys == keys
    assert words in problem.message


@pytest.mark.parametrize("said", ["R0ABCDEF", "https://hooks.example/T0/B0/xyz"])
def test_a_secret_is_not_repeated(said: str) -> None:
    _, (problem,) = lower_receiver("pagerduty", {"secret": said}, ORIGIN, NEW)
    assert said not in problem.message
    _, (problem,) = lower_receiver("pagerduty", said, ORIGIN, NEW)
    assert said not in problem.message


@pytest.mark.parametrize(
    ("kind", "value", "since"),
    [
        ("teams", {"secret": "a/b"}, (0, 28)),
        ("jira", {"project": "A", "issue_type": "Bug", "url": "https://x", "secret": "a/b"}, (0, 28)),
        ("incidentio", {"url": "https://x", "secret": "a/b"}, (0, 29)),
        ("webhook", {"secret": "a/b"}, (0, 26)),
        ("pagerduty", {"secret": "a/b"}, (0, 25)),
    ],
)
def test_what_an_alertmanager_lacks_is_an_error_that_names_the_one_that_has_it(
    kind: str, value: object, since: tuple[int, int]
) -> None:
    _, (problem,) = lower_receiver(kind, value, ORIGIN, (0, since[1] - 1))
    assert f"since Alertmanager 0.{since[1]}, this fleet has 0.{since[1] - 1}" in problem.message
    assert lower_receiver(kind, value, ORIGIN, since)[1] == []
    assert lower_receiver(kind, value, ORIGIN, (*since, 1))[1] == []


def test_defaults_complete_a_receiver() -> None:
    slack, _ = lower_receiver("slack", "#x", ORIGIN, NEW)
    mail, _ = lower_receiver("email", "a@b.c", ORIGIN, NEW)
    assert slack is not None
    assert mail is not None
    written = {
        "slack": {"secret": "slack/webhook"},
        "email": {"from": "x@y", "smarthost": "h:587", "require_tls": True},
    }
    defaults, problems = lower_defaults(written, ORIGIN, NEW)
    assert problems == []
    assert defaults["email"] == {"from": "x@y", "smarthost": "h:587", "require_tls": True}
    assert list(incomplete([slack, mail], defaults)) == []
    assert [problem.message for problem in incomplete([slack, mail], {})] == [
        "receiver `slack` needs `secret`: write `slack: {secret: name/key}` here, or once in the fleet's defaults",
        "receiver `email` needs `from`: write `email: {from: ...}` here, or once in the fleet's defaults",
        "receiver `email` needs `smarthost`: write `email: {smarthost: ...}` here, or once in the fleet's defaults",
    ]


def test_defaults_have_the_same_mistakes() -> None:
    written = {"email": {"password": "x"}, "slak": {}, "slack": "#x", "teams": {}}
    _, problems = lower_defaults(written, ORIGIN, (0, 25))
    assert [problem.origin.keys for problem in problems] == [("email", "password"), ("slak",), ("slack",), ("teams",)]


def test_each_hint_is_right_itself() -> None:
    import yaml

    for kind, row in KINDS.items():
        ((name, value),) = yaml.safe_load(row.hint).items()
        assert name == kind
        assert lower_receiver(name, value, ORIGIN, NEW)[1] == []
