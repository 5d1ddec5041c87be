"""Reads receivers such as `{slack: "#chan"}`: what each kind may say, and since which Alertmanager it can."""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING, Literal

from llmmon.classes import field, frozen
from llmmon.plan.fleet import Receiver, Secret, Version
from llmmon.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from llmmon.problem import Origin

Value = str | bool | Secret
Type = Literal["text", "flag", "url", "email", "host", "secret"]
Path = tuple[str, ...]  # the way to a field in Alertmanager's configuration

SECRETS = "/etc/alertmanager/secrets"


@frozen
class Option:
    """What one option holds, the field that it becomes, and the same under `global:` where that exists."""

    type: Type
    field: Path
    required: bool = False
    default: str | None = None  # its name under `global:`; then the fleet's defaults may say it once for all
    since: Version = (0, 22)


@frozen
class Kind:
    """A kind of receiver: its key in Alertmanager, and what a scalar in place of the map means."""

    config: str
    options: Mapping[str, Option]
    short: str | None = None
    one_of: frozenset[str] = frozenset()  # exactly one of these options says where to send
    since: Version = (0, 22)
    hint: str = ""
    resolved: Option = field(default=Option("flag", ("send_resolved",)))

    def option(self, name: str) -> Option | None:
        """The option called so; `resolved` exists everywhere."""
        return self.resolved if name == "resolved" else self.options.get(name)


KINDS: Mapping[str, Kind] = {
    "slack": Kind(
        "slack_configs",
        {
            "channel": Option("text", ("channel",)),
            "secret": Option("secret", ("api_url_file",), True, "slack_api_url_file"),
            "username": Option("text", ("username",)),
        },
        short="channel",
        hint='{slack: "#channel"}',
    ),
    "pagerduty": Kind(
        "pagerduty_configs",
        {
            "secret": Option("secret", ("routing_key_file",), True, since=(0, 25)),
            "url": Option("url", ("url",), default="pagerduty_url"),
        },
        hint="{pagerduty: {secret: pagerduty/team}}",
    ),
    "email": Kind(
        "email_configs",
        {
            "to": Option("email", ("to",), True),
            "from": Option("email", ("from",), True, "smtp_from"),
            "smarthost": Option("host", ("smarthost",), True, "smtp_smarthost"),
            "username": Option("text", ("auth_username",), default="smtp_auth_username"),
            "secret": Option("secret", ("auth_password_file",), default="smtp_auth_password_file", since=(0, 25)),
            "require_tls": Option("flag", ("require_tls",), default="smtp_require_tls"),
        },
        short="to",
        hint="{email: team@example.com}",
    ),
    "webhook": Kind(
        "webhook_configs",
        {
            "url": Option("url", ("url",)),
            "secret": Option("secret", ("url_file",), since=(0, 26)),
            "bearer": Option("secret", ("http_config", "authorization", "credentials_file")),
        },
        short="url",
        one_of=frozenset({"url", "secret"}),
        hint="{webhook: {secret: hooks/url}}",
    ),
    "incidentio": Kind(
        "incidentio_configs",
        {
            "url": Option("url", ("url",), True, since=(0, 29)),
            "secret": Option("secret", ("alert_source_token_file",), True, since=(0, 29)),
        },
        since=(0, 29),
        hint="{incidentio: {url: https://..., secret: incidentio/token}}",
    ),
    "jira": Kind(
        "jira_configs",
        {
            "project": Option("text", ("project",), True),
            "issue_type": Option("text", ("issue_type",), True),
            "url": Option("url", ("api_url",), True, "jira_api_url", since=(0, 28)),
            "user": Option("text", ("http_config", "basic_auth", "username")),
            "secret": Option("secret", ("http_config", "authorization", "credentials_file"), True),
        },
        since=(0, 28),
        hint="{jira: {project: OPS, issue_type: Bug, secret: jira/token}}",
    ),
    "opsgenie": Kind(
        "opsgenie_configs",
        {
            "secret": Option("secret", ("api_key_file",), True, "opsgenie_api_key_file", since=(0, 24)),
            "url": Option("url", ("api_url",), default="opsgenie_api_url"),
        },
        hint="{opsgenie: {secret: opsgenie/key}}",
    ),
    "teams": Kind(
        "msteamsv2_configs",
        {"secret": Option("secret", ("webhook_url_file",), True, since=(0, 28))},
        since=(0, 28),
        hint="{teams: {secret: teams/url}}",
    ),
}
# With a user the token is a password: Jira Cloud takes basic authentication, a data centre a bearer token.
JIRA_PASSWORD: Path = ("http_config", "basic_auth", "password_file")

_REFERENCE = re.compile(r"[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?/[-._A-Za-z0-9]+\Z")
_INLINE = re.compile(r"(?:.*_)?(?:api_url|webhook_url|routing_key|service_key|password|passwd|token|key)\Z")
_FORMS: Mapping[Type, tuple[re.Pattern[str], str]] = {
    "text": (re.compile(r"(?!.*\{\{)[^\n]+\Z"), "text on one line, without `{{`"),
    "url": (re.compile(r"(?!.*\{\{)https?://[^\s/]+\S*\Z"), "a URL such as `https://hooks.example.com/x`"),
    "email": (
        re.compile(r"(?!.*\{\{)[^@,\n]+@[^@,\s]+(?:, *[^@,\n]+@[^@,\s]+)*\Z"),
        "an address such as `team@example.com`",
    ),
    "host": (re.compile(r"[^\s:/]+:\d{1,5}\Z"), "`host:port`, such as `smtp.example.com:587`"),
}


def lower_receiver(kind: str, value: object, origin: Origin, version: Version) -> tuple[Receiver | None, list[Problem]]:
    """One entry of a list of receivers, `{kind: value}`, for this version of Alertmanager; `origin` is the entry's."""
    at = origin.at(kind)
    found = KINDS.get(kind)
    if found is None:
        return None, [_problem(origin, f"unknown receiver {kind!r}: {_suggest(kind, KINDS)}", "receiver")]
    if version < found.since:
        return None, [_too_new(at, f"receiver `{kind}`", found.since, version)]
    raw = {found.short: value} if found.short and isinstance(value, str) else value
    if not isinstance(raw, Mapping):
        return None, [_problem(at, f"receiver `{kind}` does not read like this: write `{found.hint}`", "receiver")]
    options, problems = _options(kind, found, raw, at, version, short=raw is not value)
    problems += _choice(kind, found, {str(name) for name in raw}, at)
    return (None, problems) if problems else (Receiver(kind, options, origin), [])


def lower_defaults(
    value: object, origin: Origin, version: Version
) -> tuple[Mapping[str, Mapping[str, Value]], list[Problem]]:
    """What receivers of a kind share, by kind: `{slack: {secret: slack/webhook}, email: {from: ..., ...}}`."""
    if not isinstance(value, Mapping):
        return {}, [_problem(origin, "defaults are a map: write `email: {from: ..., smarthost: ...}`", "receiver")]
    out: dict[str, Mapping[str, Value]] = {}
    problems: list[Problem] = []
    for kind, raw in value.items():
        at, found = origin.at(str(kind)), KINDS.get(str(kind))
        if found is None:
            problems.append(_problem(at, f"unknown receiver {kind!r}: {_suggest(str(kind), KINDS)}", "receiver"))
        elif version < found.since:
            problems.append(_too_new(at, f"receiver `{kind}`", found.since, version))
        elif not isinstance(raw, Mapping):
            problems.append(
                _problem(at, f"the defaults of `{kind}` are a map of options, not {_shown(raw)}", "receiver")
            )
        else:
            out[kind], more = _options(kind, found, raw, at, version, short=False)
            problems += more
    return out, problems


def incomplete(receivers: Iterable[Receiver], defaults: Mapping[str, Mapping[str, Value]]) -> Iterator[Problem]:
    """Receivers that say too little, even with the fleet's defaults. Not for a fleet that joins a user's own file:
    that file's `global:` may say the rest, and amtool judges it."""
    for receiver in receivers:
        said = {**defaults.get(receiver.kind, {}), **receiver.options}
        for name, option in KINDS[receiver.kind].options.items():
            if option.required and name not in said:
                message = f"receiver `{receiver.kind}` needs `{name}`: {_where(receiver.kind, name, option)}"
                yield _problem(receiver.origin.at(receiver.kind), message, "receiver-incomplete")


def secret_file(secret: Secret) -> str:
    """Where a secret is mounted."""
    return f"{SECRETS}/{secret.name}/{secret.key}"


def _options(
    kind: str, found: Kind, raw: Mapping[object, object], at: Origin, version: Version, short: bool
) -> tuple[dict[str, Value], list[Problem]]:
    out: dict[str, Value] = {}
    problems = []
    for name, value in raw.items():
        here = at if short else at.at(str(name))
        option = found.option(str(name))
        if option is None:
            problems.append(_problem(here, _unknown(kind, found, str(name)), "receiver-option"))
        elif version < option.since:
            problems.append(_too_new(here, f"`{name}` of receiver `{kind}`", option.since, version))
        elif isinstance(read := _read(option.type, value), _Wrong):
            problems.append(_problem(here, f"`{name}` of receiver `{kind}` {read.why}", "receiver-option"))
        else:
            out[str(name)] = read
    return out, problems


@frozen
class _Wrong:
    why: str


def _read(kind: Type, value: object) -> Value | _Wrong:
    if kind == "flag":
        return value if isinstance(value, bool) else _Wrong(f"must be true or false, not {_shown(value)}")
    if kind == "secret":
        if isinstance(value, str) and _REFERENCE.match(value):
            name, _, key = value.partition("/")
            return Secret(name, key)
        return _Wrong("must be a reference, never the secret itself: write `name/key`, such as `slack/webhook`")
    form, wanted = _FORMS[kind]
    if isinstance(value, str) and form.match(value):
        return value
    return _Wrong(f"must be {wanted}, not {_shown(value)}")


def _choice(kind: str, found: Kind, said: set[str], at: Origin) -> list[Problem]:
    if not found.one_of or len(found.one_of & said) == 1:
        return []
    names = " or ".join(f"`{name}`" for name in sorted(found.one_of))
    return [_problem(at, f"receiver `{kind}` has either {names}: write `{found.hint}`", "receiver-option")]


def _unknown(kind: str, found: Kind, name: str) -> str:
    if _INLINE.match(name) or (name == "url" and "secret" in found.options):
        return f"`{name}` would hold a secret: write `secret: name/key`, the mounted file that holds it"
    return f"receiver `{kind}` has no option {name!r}: {_suggest(name, [*found.options, 'resolved'])}"


def _where(kind: str, name: str, option: Option) -> str:
    value = "name/key" if option.type == "secret" else "..."
    here = f"write `{kind}: {{{name}: {value}}}`"
    return f"{here} here, or once in the fleet's defaults" if option.default or option.type == "secret" else here


def _suggest(word: str, known: Iterable[str]) -> str:
    names = sorted(known)
    close = get_close_matches(word, names, 1, 0.6)
    return f"did you mean `{close[0]}`?" if close else f"write one of {', '.join(names)}"


def _too_new(origin: Origin, what: str, since: Version, version: Version) -> Problem:
    said, has = (".".join(map(str, numbers)) for numbers in (since, version))
    message = f"{what} exists since Alertmanager {said}, this fleet has {has}: raise `versions: {{alertmanager: ...}}`"
    return _problem(origin, message, "receiver-too-new")


def _shown(value: object) -> str:
    return repr(value) if isinstance(value, str | int | float | bool | None) else type(value).__name__


def _problem(origin: Origin, message: str, rule: str) -> Problem:
    return Problem(origin, message, rule)
