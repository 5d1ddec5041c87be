"""What has to be there before the stack starts: every Secret and ConfigMap that its pods name and nobody generates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon import markdown
from llmmon.targets.deployment.objects import PODS, Object, template

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from llmmon.plan.deploy import Access

GIVEN = frozenset({"kube-root-ca.crt"})  # in every namespace


def page(objects: Iterable[Object], generated: Iterable[str], access: Access | None, notice: str) -> str:
    """A table, as Markdown."""
    rows: dict[tuple[str, str, str], tuple[set[str], set[str]]] = {}
    made = {*generated, *GIVEN}
    for found in objects:
        for kind, name, key in named(found):
            if name not in made:
                where = found["metadata"].get("namespace", "")
                keys, readers = rows.setdefault((where, kind, name), (set(), set()))
                keys |= {key} if key else set()
                readers.add(found["metadata"]["name"])
    if access:
        rows[access.namespace, "Secret", access.tls] = ({"tls.crt", "tls.key"}, {"the gateway"})
    lines = [
        f"<!-- {notice} -->",
        "# What has to be there",
        "",
        "Nobody generates these. A pod that names one does not start until it exists with every key.",
        "",
        "| namespace | kind | name | keys | for |",
        "|---|---|---|---|---|",
    ]
    for (where, kind, name), (keys, readers) in sorted(rows.items()):
        cells = (
            markdown.code(where),
            kind,
            markdown.code(name),
            " ".join(markdown.code(key) for key in sorted(keys)) or "all files of the folder",
            ", ".join(markdown.text(reader) for reader in sorted(readers)),
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def named(found: Object) -> Iterator[tuple[str, str, str | None]]:
    """The kind, name and key of each Secret and ConfigMap that the pods of an object name."""
    if found["kind"] not in PODS:
        return
    pod = template(found)["spec"]
    for volume in pod.get("volumes", ()):
        yield from _volume(volume)
        for source in volume.get("projected", {}).get("sources", ()):
            yield from _volume(source)
    for container in (*pod.get("initContainers", ()), *pod["containers"]):
        for variable in container.get("env", ()):
            said = variable.get("valueFrom", {})
            for word, kind in (("secretKeyRef", "Secret"), ("configMapKeyRef", "ConfigMap")):
                if word in said:
                    yield kind, said[word]["name"], said[word]["key"]


def _volume(volume: Object) -> Iterator[tuple[str, str, str | None]]:
    for word, kind, name in (("secret", "Secret", "secretName"), ("configMap", "ConfigMap", "name")):
        if word in volume:
            keys = [item["key"] for item in volume[word].get("items", ())]
            yield from ((kind, volume[word][name], key) for key in keys or [None])
