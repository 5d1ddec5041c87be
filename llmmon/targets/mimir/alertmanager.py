"""The Alertmanager configuration in the form that Mimir lets tenants upload: it opens no file for them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from llmmon.lower.receivers import SECRETS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from llmmon.problem import Keys

TEMPLATE = "llmmon.tmpl"  # a template is known by its name, which holds no path
PLACEHOLDER = re.compile(r"\$\{[A-Z_][A-Z0-9_]*\}")
_FILE = "_file"
_NETWORK = ("proxy_url", "proxy_from_environment", "tls_config", "bearer_token")


class Placeholders:
    """Names of variables for secrets, each of which stands for one."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}  # path of the file -> variable

    def of(self, path: str) -> str:
        """`${NAME__KEY}` for the secret that would be mounted at a path."""
        if path not in self.names:
            parts = path.removeprefix(f"{SECRETS}/").upper().split("/")
            name = "__".join(re.sub(r"[^A-Z0-9]", "_", part) for part in parts)
            name = name if name[:1].isalpha() else f"_{name}"
            while name in self.names.values():
                name += "_"
            self.names[path] = name
        return f"${{{self.names[path]}}}"


def uploaded(value: Mapping[str, Any], placeholders: Placeholders) -> dict[str, Any]:
    """The same with a placeholder where a secret's file was named, and templates by name."""
    out = _filled(value, placeholders)
    return {**out, "templates": [TEMPLATE]}


def refused(value: Any, keys: Keys = ()) -> Iterator[tuple[Keys, str]]:
    """What Mimir takes from no tenant, for it would open its own files or leave by another way (its api.go)."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from refused(item, (*keys, index))
    for key, item in value.items() if isinstance(value, dict) else ():
        here = (*keys, key)
        if key.endswith(_FILE) or key in _NETWORK:
            yield here, f"Mimir takes no {key} from a tenant"
        elif key == "templates":
            for index, name in enumerate(item):
                if "/" in name or name in (".", ".."):
                    yield (*here, index), f"{name!r} is no name of a template: Mimir takes no path"
        else:
            yield from refused(item, here)


def _filled(value: Any, placeholders: Placeholders) -> Any:
    if isinstance(value, list):
        return [_filled(item, placeholders) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        **{key: _filled(item, placeholders) for key, item in value.items() if not key.endswith(_FILE)},
        **{key.removesuffix(_FILE): placeholders.of(path) for key, path in value.items() if key.endswith(_FILE)},
    }
