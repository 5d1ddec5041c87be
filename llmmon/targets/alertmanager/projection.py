"""What an older Alertmanager does not know, and a configuration in which webhooks stand in for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmmon.lower.receivers import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from llmmon.plan.fleet import Version

STAND_IN = "http://127.0.0.1/"
# Alertmanager's CHANGELOG; only what a user's own file may hold beside what we write.
SINCE: Mapping[tuple[str, ...], Version] = {
    ("discord_configs", "webhook_url_file"): (0, 27),
    ("email_configs", "auth_secret_file"): (0, 31),
    ("incidentio_configs",): (0, 29),
    ("mattermost_configs",): (0, 30),
    ("msteams_configs",): (0, 26),
    ("msteams_configs", "webhook_url_file"): (0, 27),
    ("pushover_configs", "token_file"): (0, 26),
    ("pushover_configs", "user_key_file"): (0, 26),
    ("rocketchat_configs",): (0, 28),
    ("slack_configs", "app_token_file"): (0, 30),
    ("telegram_configs", "bot_token_file"): (0, 26),
    ("telegram_configs", "chat_id_file"): (0, 31),
    ("webhook_configs", "timeout"): (0, 28),
    **{(kind.config,): kind.since for kind in KINDS.values()},
    **{(kind.config, *option.field): option.since for kind in KINDS.values() for option in kind.options.values()},
    **{
        ("global", option.default): max(option.since, kind.since)
        for kind in KINDS.values()
        for option in kind.options.values()
        if option.default
    },
}


def project(config: Mapping[str, Any], version: Version) -> tuple[dict[str, Any], list[str]]:
    """The configuration as this version can read it, and what it does not see of it."""
    unseen: list[str] = []
    out = dict(config)
    if isinstance(config.get("global"), dict):
        out["global"] = dict(_global(config["global"], version, unseen))
    out["receivers"] = [_receiver(receiver, version, unseen) for receiver in config.get("receivers") or ()]
    return out, unseen


def _global(said: Mapping[str, Any], version: Version, unseen: list[str]) -> Iterator[tuple[str, Any]]:
    for key, value in said.items():
        if SINCE.get(("global", key), ()) > version:
            unseen.append(f"`global.{key}`")
        else:
            yield key, value


def _receiver(receiver: Mapping[str, Any], version: Version, unseen: list[str]) -> dict[str, Any]:
    out: dict[str, Any] = {"name": receiver["name"]}
    for key, ways in receiver.items():
        for way in ways if key.endswith("_configs") else ():
            newer = sorted(".".join(path) for path in _paths(way, (key,)) if SINCE.get(path, ()) > version)
            if newer:
                unseen.append(f"receiver `{receiver['name']}`: {', '.join(f'`{path}`' for path in newer)}")
                out.setdefault("webhook_configs", []).append({"url": STAND_IN})
            else:
                out.setdefault(key, []).append(way)
    return out


def _paths(value: object, at: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    yield at
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _paths(inner, (*at, str(key)))
