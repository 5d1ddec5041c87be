"""What mimirtool or Mimir would refuse in our files, and where a tenant has more groups than its ruler takes."""

from __future__ import annotations

from collections import Counter
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

import yaml

from llmmon import ruleshape
from llmmon.plan.backend import Mimir
from llmmon.problem import Level, Problem, Unverified
from llmmon.shape import FLAG, FULL, Whole, text
from llmmon.source.composer import LOADER
from llmmon.targets.mimir.alertmanager import PLACEHOLDER, refused
from llmmon.tool import Missing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from llmmon.plan import Facts, Fleet
    from llmmon.target import Written
    from llmmon.tool import Tools

RULES = PurePosixPath("mimir/rules")
CONFIG = PurePosixPath("mimir/mimir.yaml")
ALERTMANAGER = PurePosixPath("mimir/alertmanager/alertmanager.yaml")
TEMPLATE = ALERTMANAGER.with_name("llmmon.tmpl")
PROJECTION = PurePosixPath("mimir/.projection")
STAND_IN = "https://secret.invalid/x"  # a secret and a URL
TENANT = text(r"(?!\.{1,2}\Z)[A-Za-z0-9_.-]{1,150}", "tenant: letters, digits, _, - and ., at most 150")
EXTRA = frozenset({"source_tenants"})
NAMESPACE = {"namespace!": FULL, "groups!": [{**ruleshape.GROUP, "source_tenants": [TENANT]}]}
MANY = Whole(0, 2**31 - 1)
SHAPE = {
    "tenant_federation": {"enabled!": FLAG},
    "ruler": {"alertmanager_url": FULL, "tenant_federation": {"enabled!": FLAG}},
    "limits": {
        "ruler_max_rule_groups_per_tenant!": MANY,
        "ruler_max_rules_per_rule_group!": MANY,
        "accept_ha_samples": FLAG,
    },
    "distributor": {"ha_tracker!": {"enable_ha_tracker!": FLAG}},
}


def verify(
    fleet: Fleet, facts: Iterable[Facts], scratch: Path, written: Sequence[Written], tools: Tools
) -> Iterator[Problem | Unverified]:
    """Shapes first; then the tools on what has them."""
    del facts
    backend = fleet.backend
    if not isinstance(backend, Mimir):
        return
    files: list[tuple[Written, dict[str, Any]]] = []
    for file in written:
        shape = NAMESPACE if file.path.is_relative_to(RULES) else SHAPE if file.path == CONFIG else None
        for found in ruleshape.read(scratch, file, shape, "mimir-refused") if shape else ():
            if isinstance(found, Problem):
                yield found
            elif shape is NAMESPACE:
                files.append((file, found))
    yield from _repeated(files)
    yield from _beyond(files, backend)
    if isinstance(missing := tools.find("promtool"), Missing):
        yield Unverified(f"{RULES}", missing.hint)
    else:
        yield from ruleshape.check(files, EXTRA, PROJECTION, tools)
    yield from _mimirtool(files, tools)
    for file in written:
        if file.path == ALERTMANAGER:
            yield from _alertmanager(fleet, file, scratch, tools)


def _tenant(file: Written) -> str:
    return file.path.parts[2]


def _repeated(files: Sequence[tuple[Written, dict[str, Any]]]) -> Iterator[Problem]:
    """mimirtool takes a namespace of a tenant from one file."""
    seen: dict[tuple[str, str], Written] = {}
    for file, value in files:
        other = seen.setdefault((_tenant(file), value["namespace"]), file)
        if other is not file:
            message = f"{file.path}: {other.path} has the namespace {value['namespace']!r} already"
            yield Problem(file.origins[()], message, "mimir-refused")


def _beyond(files: Sequence[tuple[Written, dict[str, Any]]], backend: Mimir) -> Iterator[Problem]:
    """What the ruler would refuse when it is loaded, unless it is told to take more."""
    counted: Counter[str] = Counter()
    for file, value in files:
        counted[_tenant(file)] += len(value["groups"])
        for index, group in enumerate(value["groups"]):
            if backend.rules and len(group["rules"]) > backend.rules:
                message = f"{file.path}: {group['name']} has {len(group['rules'])} rules, and Mimir takes "
                message += f"{backend.rules}: set ruler_max_rules_per_rule_group, and say so in limits: {{rules: ...}}"
                yield Problem(ruleshape.origin(value, ("groups", index), file), message, "mimir-limits", Level.WARNING)
    for tenant, count in sorted(counted.items()):
        if backend.groups and count > backend.groups:
            message = f"the tenant {tenant} has {count} rule groups, and Mimir takes {backend.groups}: set "
            message += f"ruler_max_rule_groups_per_tenant to {count} or more, and say so in limits: {{groups: {count}}}"
            yield Problem(backend.origin.at("limits", "groups"), message, "mimir-limits", Level.WARNING)


def _mimirtool(files: Sequence[tuple[Written, dict[str, Any]]], tools: Tools) -> Iterator[Problem | Unverified]:
    """Its parser is strict about fields, and knows all of a tenant's files together."""
    if not files:
        return
    if isinstance(found := tools.find("mimirtool"), Missing):
        yield Unverified(f"{RULES}", found.hint, needed=False)
        return
    for tenant in sorted({_tenant(file) for file, _ in files}):
        mine = [file for file, _ in files if _tenant(file) == tenant]
        ran = tools.run("mimirtool", ["rules", "check", *(file.path for file in mine)])
        if ran.code or ran.timed_out:
            said = " ".join(f"{ran.stdout} {ran.stderr}".split()) or f"exit code {ran.code}"
            named = next((file for file in mine if str(file.path) in said), mine[0])
            yield Problem(named.origins[()], f"mimirtool rules check, tenant {tenant}: {said}", "mimirtool")


def _alertmanager(fleet: Fleet, file: Written, scratch: Path, tools: Tools) -> Iterator[Problem | Unverified]:
    """What Mimir takes from no tenant, then amtool's word on it, filled in with secrets that open nothing."""
    text = (scratch / file.path).read_text("utf-8")
    wrong = list(refused(yaml.load(text, LOADER)))  # noqa: S506 - a safe one
    for keys, why in wrong:
        place = next(keys[:end] for end in range(len(keys), -1, -1) if keys[:end] in file.origins)
        yield Problem(file.origins[place], f"{file.path}: {'.'.join(map(str, keys))}: {why}", "mimir-refused")
    found = tools.find("amtool")
    if isinstance(found, Missing):
        yield Unverified(str(file.path), found.hint)
        return
    if found.version and found.version[:2] < fleet.versions["alertmanager"][:2]:
        why = f"{found.version_text} is older than the fleet's Alertmanager; name a newer one in LLMMON_AMTOOL"
        yield Unverified(str(file.path), why, needed=False)
        return
    path = PROJECTION / file.path.name
    (scratch / PROJECTION).mkdir(parents=True, exist_ok=True)
    (scratch / path).write_text(PLACEHOLDER.sub(STAND_IN, text), "utf-8")
    (scratch / PROJECTION / TEMPLATE.name).write_bytes((scratch / TEMPLATE).read_bytes())
    ran = tools.run("amtool", ("check-config", path))
    if ran.code or ran.timed_out:
        said = " ".join(f"{ran.stdout} {ran.stderr}".split()) or f"exit code {ran.code}"
        yield Problem(file.origins[()], f"amtool check-config on {file.path}: {said}", "amtool")
