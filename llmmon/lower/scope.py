"""Whose series are meant: the matchers that every selector gets in one environment, or on a dashboard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmon import promql
from llmmon.classes import frozen
from llmmon.plan.outside import job as probes
from llmmon.promql import Matcher

if TYPE_CHECKING:
    from collections.abc import Mapping

    from llmmon.lower.names import Names
    from llmmon.plan import Workload
    from llmmon.promql import Expr, Selector

_KIND_LABEL = {"Deployment": "deployment", "StatefulSet": "statefulset", "DaemonSet": "daemonset"}


@frozen
class Scope:
    """A service in an environment. On a dashboard both texts hold Grafana's variables."""

    service: str
    environment: str  # the label value of recorded series
    own: Mapping[str, str]  # labels of the service's own series
    shared: Mapping[str, str]  # the environment's selector
    workload: Workload | None
    variables: bool = False  # of Grafana's, which would replace a `$name` in the service's own labels

    @property
    def recorded(self) -> dict[str, str]:
        """What picks this service's recorded series."""
        return {"service": self.service, "environment": self.environment}

    def apply(self, selector: Selector, names: Names) -> Selector:
        """The selector, with this scope's matchers where it does not already match that label."""
        if selector.name in names.recorded:
            wanted = [Matcher(k, "=", v) for k, v in self.recorded.items()]
        else:
            metric = names.lookup(selector.name or "")
            wanted = self._wanted(metric.scope if metric else "service")
        given = {matcher.label for matcher in selector.matchers}
        more = tuple(matcher for matcher in wanted if matcher.label not in given)
        return promql.Selector(selector.name, selector.matchers + more, selector.offset, selector.at)

    def rewrite(self, expr: Expr, names: Names) -> Expr:
        """An expression of the user's own, with the same matchers on each selector."""
        return promql.replace_selectors(expr, lambda selector: self.apply(selector, names))

    def _own(self, label: str, value: str) -> Matcher:
        if self.variables and ("$" in value or "[[" in value):
            return Matcher(label, "=~", promql.regex_literal(value).replace("\\$", "[$]"))
        return Matcher(label, "=", value)

    def _wanted(self, scope: str) -> list[Matcher]:
        out: list[Matcher] = []
        load = self.workload
        match scope:
            case "service":
                out = [self._own(key, value) for key, value in self.own.items()]
            case "container" if load:
                out = [Matcher("namespace", "=", load.namespace), Matcher("container", "=", load.container)]
            case "pod" if load:
                pods = promql.regex_literal(load.name) + "-.*"
                out = [Matcher("namespace", "=", load.namespace), Matcher("pod", "=~", pods)]
            case "workload" if load:
                out = [Matcher("namespace", "=", load.namespace), Matcher(_KIND_LABEL[load.kind], "=", load.name)]
            case "volume" if load:
                out = [Matcher("namespace", "=", load.namespace)]
            case "probe":
                out = [Matcher("job", "=", probes(self.service))]
            case "fleet":
                return [Matcher(key, "=", value) for key, value in self.recorded.items()]
        return out + [Matcher(key, "=", value) for key, value in self.shared.items()]
