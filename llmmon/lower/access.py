"""What a request needs to be let in, with secrets as references."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon.plan import Secret
from llmmon.plan.server import Access
from llmmon.spec import server as spec

if TYPE_CHECKING:
    from llmmon.spec.server import Access as Written


def lower_access(said: Written) -> Access:
    """The same as the plan has it."""
    tls = said.tls or spec.Tls()
    return Access(
        bearer=lower_secret(said.bearer),
        user=said.basic.user if said.basic else None,
        password=lower_secret(said.basic.password if said.basic else None),
        ca=tls.ca,
        cert=lower_secret(tls.cert),
        key=lower_secret(tls.key),
        name=tls.name,
        insecure=tls.insecure,
    )


def lower_secret(reference: str | None) -> Secret | None:
    """`name/key`, whose form the spec has checked."""
    return Secret(*reference.split("/")) if reference else None
