"""A link in a notification that leads nowhere.

At night the link is what one clicks. Alertmanager's own pages are behind a `#`: without it there is nothing. Its
address ends without a slash. And the links of several alerts that stand one behind the other are no link any more.

Bad:

    receivers: [{name: a, slack_configs: [{title_link: "{{ .ExternalURL }}/alerts"}]}]

    receivers: [{name: a, slack_configs: [{title_link: "{{ .ExternalURL }}alerts"}]}]

    receivers: [{name: a, slack_configs: [{title_link: "{{ range .Alerts }}{{ .GeneratorURL }} {{ end }}"}]}]

    receivers: [{name: a, slack_configs: [{title_link: "runbooks.example.com/{{ .CommonLabels.alertname }}"}]}]

Good:

    receivers: [{name: a, slack_configs: [{title_link: "{{ .ExternalURL }}/#/alerts?receiver={{ .Receiver }}"}]}]

    receivers: [{name: a, slack_configs: [{title_link: "{{ (index .Alerts 0).GeneratorURL }}"}]}]

    receivers: [{name: a, slack_configs: [{text: "{{ range .Alerts }}{{ .GeneratorURL }}, {{ end }}"}]}]

    receivers: [{name: a, slack_configs: [{title_link: "https://runbooks.example.com/{{ .CommonLabels.alertname }}"}]}]
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from llmmon import lazily
from llmmon.documents.notification_results import FIRES, told
from llmmon.documents.routes import Configuration
from llmmon.gotemplate.values import Standin
from llmmon.problem import Level
from llmmon.rule import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmmon.documents.notification_results import Told
    from llmmon.gotemplate.result import Result
    from llmmon.rule import Facts

_LINKS = frozenset(
    (
        *("author_icon", "author_link", "client_url", "footer_icon", "href", "icon_url", "image_url", "imageurl"),
        *("thumb_url", "title_link", "url"),
    )
)
_OWN = lazily.pattern(r"http://alertmanager\.example")
_UNKNOWN = "\0"  # in place of what nobody knows
_WITHOUT_HASH = lazily.pattern(r"/+(alerts|silences|status)(?![\w.-])")
_HOST = lazily.pattern(r"(?:[a-z0-9-]+\.)+[a-z]{2,}(?::[0-9]+)?(?:/|\Z)|/(?!/)", re.IGNORECASE)
_SOURCE = lazily.pattern(r"http://prometheus\.example/graph")


def check(configuration: Configuration, facts: Facts) -> Iterator[Finding]:
    for one in told(configuration, facts):
        message = next(filter(None, (_wrong(one, about, result) for about, result in one.results)), None)
        if message:
            yield Finding("C062", message, origin=one.origin)


def _wrong(one: Told, about: str, result: Result) -> str | None:
    if result.failure or not result.certain:
        return None
    text = "".join(_UNKNOWN if isinstance(piece, Standin) else piece for piece in result.pieces)
    return _own_page(text) or (_no_link(text.strip(), about) if one.origin.keys[-1] in _LINKS else None)


def _own_page(text: str) -> str | None:
    """What is wrong with what follows the address of Alertmanager."""
    for found in _OWN.finditer(text):
        rest = text[found.end() :]
        if page := _WITHOUT_HASH.match(rest):
            return f"Alertmanager has no page /{page[1]}: write {{{{ .ExternalURL }}}}/#/{page[1]}"
        if rest[:1].isalnum():
            return f"the address of Alertmanager ends without a slash: write {{{{ .ExternalURL }}}}/{rest[:1]}..."
    return None


def _no_link(text: str, about: str) -> str | None:
    if about == FIRES[1] and len(_SOURCE.findall(text)) > 1:
        return "of several alerts the links stand one behind the other, which is none: take (index .Alerts 0)"
    if found := _HOST.match(text):
        return f"a link begins with https://, and this with {found[0][:40]}: write https://{found[0][:40].lstrip('/')}"
    return None


RULE = Rule(Configuration, check, {"C062": Level.WARNING}, advice=frozenset(("C062",)))
