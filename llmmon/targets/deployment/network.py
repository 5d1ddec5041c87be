"""NetworkPolicies: nothing goes in or out, and then exactly the connections that exist."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmmon.targets.deployment.flows import ANYBODY, DNS, End, Flow, flows
from llmmon.targets.deployment.objects import PART_OF, Object, apart

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from llmmon.plan import Fleet
    from llmmon.plan.deploy import Deploy

BOTH = ["Ingress", "Egress"]
HBONE = 15_008  # where pods of Istio's ambient mesh meet, whatever the port is that they mean
KUBELET_IN_AMBIENT = "169.254.7.127/32"  # from where its probes come then


def objects(fleet: Fleet, deploy: Deploy) -> Iterator[Object]:
    """One that denies, and one for the pods of each part. None where the fleet wants none."""
    if deploy.isolate == "off":
        return
    every = list(flows(fleet, deploy))
    mine = sorted({end for flow in every for end in (flow.source, flow.target) if end.name}, key=_order)
    every += [Flow(end, DNS, (53,), udp) for end in mine for udp in (False, True)]
    spaces = sorted({end.namespace for end in mine if end.namespace})
    for namespace in spaces:
        whole = deploy.isolate == "namespace" and namespace == deploy.namespace
        chosen = {} if whole else {"matchLabels": {PART_OF: deploy.fleet}}
        yield _policy(deploy, f"{deploy.fleet}-deny", namespace, {"podSelector": chosen, "policyTypes": BOTH})
    for end in mine:
        yield _policy(deploy, f"{deploy.fleet}-{end.name}", str(end.namespace), _of_end(deploy, end, every))
        if deploy.ambient and (found := [flow for flow in every if flow.target == end and flow.ports]):
            yield _within(deploy, end, found)
    if deploy.isolate == "namespace":
        yield from _neighbours(deploy, every)


def _neighbours(deploy: Deploy, every: Iterable[Flow]) -> Iterator[Object]:
    """What Prometheus asks in the stack's own namespace and others run: let in for that, and out to anywhere."""
    found: dict[End, list[Flow]] = {}
    for flow in every:
        if flow.target.name is None and flow.target.namespace == deploy.namespace:
            found.setdefault(flow.target, []).append(flow)
    for end, many in sorted(found.items(), key=lambda item: item[0].labels):
        name = f"{deploy.fleet}-beside-{'-'.join(value for _, value in end.labels)}"[:253].lower()
        spec = {
            "podSelector": {"matchLabels": dict(end.labels)},
            "policyTypes": BOTH,
            "ingress": _rules(deploy, [(flow.source, flow) for flow in many], "from"),
            "egress": [{}],
        }
        yield _policy(deploy, name, deploy.namespace, spec)


def _of_end(deploy: Deploy, end: End, every: Iterable[Flow]) -> Object:
    every = list(every)
    incoming = _rules(deploy, [(flow.source, flow) for flow in every if flow.target == end], "from")
    outgoing = _rules(deploy, [(flow.target, flow) for flow in every if flow.source == end], "to")
    if deploy.ambient:
        incoming.append({"from": [{"ipBlock": {"cidr": KUBELET_IN_AMBIENT}}]})
    return {
        "podSelector": {"matchLabels": dict(end.labels)},
        "policyTypes": BOTH,
        **({"ingress": incoming} if incoming else {}),
        **({"egress": outgoing} if outgoing else {}),
    }


def _within(deploy: Deploy, end: End, found: Iterable[Flow]) -> Object:
    """The same again for the mesh: behind its one port, only Istio sees which port is meant."""
    ports: dict[str | None, set[int]] = {}
    for flow in found:
        ports.setdefault(flow.source.namespace, set()).update(() if flow.udp else flow.ports)
    rules = [
        {
            **({"from": [{"source": {"namespaces": [namespace]}}]} if namespace else {}),
            "to": [{"operation": {"ports": [str(port) for port in sorted(said)]}}],
        }
        for namespace, said in sorted(ports.items(), key=lambda item: item[0] or "")
    ]
    spec = {"selector": {"matchLabels": dict(end.labels)}, "action": "ALLOW", "rules": rules}
    return apart(deploy, "AuthorizationPolicy", f"{deploy.fleet}-{end.name}", str(end.namespace), {"spec": spec})


def _rules(deploy: Deploy, found: Sequence[tuple[End, Flow]], word: str) -> list[dict[str, Any]]:
    """One rule for each other end, with all ports to it; a flow without ports means all."""
    peers: dict[End, set[tuple[int, str]]] = {}
    whole: set[End] = set()
    for other, flow in found:
        ports = peers.setdefault(other, set())
        ports |= {(port, "UDP" if flow.udp else "TCP") for port in flow.ports}
        if not flow.ports:
            whole.add(other)
        if deploy.ambient and flow.ports and other != DNS and not flow.udp:
            ports.add((HBONE, "TCP"))
    out = []
    for other in sorted(peers, key=_order):
        said = {} if other == ANYBODY else {word: [_peer(other)]}
        listed = [{"port": port, "protocol": protocol} for port, protocol in sorted(peers[other])]
        out.append({**said, **({} if other in whole else {"ports": listed})})
    return out


def _peer(end: End) -> dict[str, Any]:
    pods = {"podSelector": {"matchLabels": dict(end.labels)}} if end.labels else {}
    return {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": str(end.namespace)}}, **pods}


def _policy(deploy: Deploy, name: str, namespace: str, spec: Object) -> Object:
    return apart(deploy, "NetworkPolicy", name, namespace, {"spec": spec})


def _order(end: End) -> tuple[str, str, tuple[tuple[str, str], ...]]:
    return end.namespace or "", end.name or "", end.labels
