"""The contract of a lint rule: what it looks at, what it says, and what it has to know for that."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

from llmmon import lazily
from llmmon.classes import field, frozen, identity
from llmmon.promql import by_type, flow, groups, walk
from llmmon.promql.fold import condition

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator, Mapping, Sequence
    from datetime import timedelta

    from llmmon.documents.dashboards import Dashboard
    from llmmon.documents.routes import Configuration
    from llmmon.policy import Policy
    from llmmon.problem import Keys, Level, Origin, Span
    from llmmon.promql import Expr, Flow, Selector

N = TypeVar("N")
E = TypeVar("E")
MetricType = Literal["counter", "gauge", "histogram", "summary"]
Purpose = Literal["alert", "record", "panel", "signal"]
Need = Literal[
    "schema",
    "declared",
    "alerts",
    "scrape_interval",
    "evaluation_interval",
    "retention",
    "external_labels",
    "removed",
    "policy",
    "whole",
]


@frozen
class Series:
    """What is known of all series of one name; None where it is not known."""

    type: MetricType | None = None
    labels: frozenset[str] | None = None
    unit: str | None = None
    quotient: bool = False  # recorded as one vector over another
    values: Mapping[str, frozenset[str]] = field(default_factory=dict)  # of the labels whose values are all known
    buckets: tuple[float, ...] | None = None  # the boundaries of a classic histogram, without +Inf
    renamed: str | None = None  # what it is called now, where this name is of the past
    rate: bool = False  # recorded as a rate
    sum: bool = False  # recorded as a sum or another mixture of counters
    unsafe: bool = False  # recorded as a division by what may be 0
    asked: frozenset[str] = frozenset()  # labels that perhaps no series has, because only a grouping names them


UNKNOWN = Series()
# Labels with as many values as there are people, addresses or requests.
UNBOUNDED = frozenset(
    (
        *("client_ip", "email", "ip", "ip_address", "request_id", "session", "session_id", "span_id", "trace_id"),
        *("uri", "url", "user", "user_id", "username"),
    )
)
_SHOWN = lazily.pattern(r"(?:\$l|\.L)abels\.(\w+)")
# What there is of something is a gauge, though it is a total as well; and some exporters call everything one.
_STOCKS = lazily.pattern(
    r"(?:^|_)(?:addresses|backends|brokers|bricks|capacity|chunks|collections|cores|cpus|devices|disks?|gwei|heap|locks|members|memory"
    r"|nodes|objects|osds|partitions|pgs|pods|pools|processes|replicas|shards|size|slots|space|storage|threads|volumes)_total\Z"
    r"|(?:^|_)(?:active|current|idle|in_?flight|in_?use|live|open|pending|queued?|running|waiting)(?:_[a-z]+)?_total\Z"
    r"|^mysql_info_schema_innodb_metrics_"
)
_DELTAS = "stackdriver_"  # of Google, whose metrics may start anew each minute
_PROMISES: tuple[tuple[tuple[str, ...], MetricType], ...] = (
    (("_total", "_bucket"), "counter"),
    (("_ratio", "_percent", "_celsius", "_usage_bytes", "_limit_bytes"), "gauge"),
)


@frozen
class Facts:
    """What is known around a node. A rule that needs what is None here is not asked."""

    schema: Callable[[str], Series] | None = None  # knows every series; else it says UNKNOWN
    alerts: tuple[Mapping[str, frozenset[str] | None], ...] | None = None  # of each alert the labels and their values
    all_alerts: bool = False  # there are no others, as far as the configuration at hand is asked
    declared: frozenset[str] = frozenset()  # the metrics of the schema
    namespaces: tuple[str, ...] = ()  # all metrics whose name begins so are declared
    recorded: frozenset[str] = frozenset()  # series that some rule of the run records
    sources: frozenset[str] = frozenset()  # names and uids of the data sources that the run provisions into Grafana
    loaded: frozenset[str] | None = None  # folders of dashboards that Grafana loads by itself; all, where nobody knows
    told_apart: Container[str] = frozenset()  # expressions of records, of which the run reads each series
    choosing: Container[str] = frozenset()  # labels by which expressions of the run choose or match series
    routed: bool | None = None  # whether a route or an inhibition reads the severity, where there are any
    varied: bool = True  # not all alerts of the run have the same severity
    fixed: Container[str] = frozenset()  # jobs of which no target can vanish: each is listed, or none is scraped
    jobs: Mapping[str, float] | None = None  # applications that are scraped, with their targets
    watched: bool = False  # some alert of the run fires when a target is gone
    missed: frozenset[str] = frozenset()  # metrics, and jobs, whose absence some alert of the run asks for
    version: tuple[int, ...] = (3, 5)  # of the Prometheus that reads the rules
    pinned: Mapping[str, tuple[int, int]] = field(default_factory=dict)  # the oldest versions that the folder names
    alertmanager: tuple[int, ...] = (0, 28)  # of the Alertmanager that reads the configurations
    features: frozenset[str] = frozenset()  # what `--enable-feature` says, such as promql-experimental-functions
    scrape_interval: timedelta | None = None
    evaluation_interval: timedelta | None = None  # of groups that say none
    retention: timedelta | None = None
    external_labels: Mapping[str, str] | None = None
    removed: frozenset[str] | None = None  # rules that a revision had, and that no file has any more
    policy: Policy | None = None  # what the house asks of its rules
    whole: bool = True  # every rule of the run could be read

    def series(self, name: str | None) -> Series:
        """What is known of the series of this name."""
        return self.schema(name) if self.schema and name else UNKNOWN

    def type(self, name: str | None) -> MetricType | None:
        """The type of the series of this name; without a schema what its name promises, where that is certain."""
        known = self.series(name).type
        if (
            known
            or not name
            or ":" in name
            or name.startswith(_DELTAS)
            or (name.endswith("_total") and _STOCKS.search(name))
        ):
            return known
        return next((kind for endings, kind in _PROMISES if name.endswith(endings)), None)

    def labels(self, selector: Selector) -> frozenset[str] | None:
        """The labels of the series that a selector reads."""
        return self.series(selector.name).labels

    def asked(self, selector: Selector) -> frozenset[str]:
        """Of these labels those that perhaps no series has."""
        return self.series(selector.name).asked

    def unknown(self, name: str) -> bool:
        """Whether a metric would be declared if it existed, and is not."""
        known = name in self.recorded or self.series(name) is not UNKNOWN
        return not known and ":" not in name and name.startswith(self.namespaces)

    def has(self, need: Need) -> bool:
        """Whether a need is met."""
        known = getattr(self, need)
        return bool(known) if need in ("declared", "whole") else known is not None


@frozen
class Expression:
    """A whole PromQL expression, and what it is for."""

    text: str
    expr: Expr
    purpose: Purpose
    unit: str | None = None  # of the result, where somebody says it
    title: str = ""
    instant: bool = True  # evaluated once, not along a time axis
    texts: tuple[str, ...] = ()  # of the alert, or the panel, that it is of
    dialect: bool = False  # asked of VictoriaMetrics, as far as one can see
    beside: tuple[str, ...] | None = None  # all queries of its panel, where Grafana's JSON has it
    kind: str = ""  # of that panel
    filled: bool = False  # it says what it shows where there is no value
    pinned: frozenset[str] = frozenset()  # labels to which a variable gives one value
    _kinds: dict[type, list[Any]] = field(default_factory=dict, init=False, repr=False, compare=False)
    _compared: list[tuple[Expr, str, float] | None] = field(default_factory=list, init=False, repr=False, compare=False)
    _groups: list[tuple[Facts, frozenset[str] | None]] = field(
        default_factory=list, init=False, repr=False, compare=False
    )
    _flow: list[tuple[Facts, Flow]] = field(default_factory=list, init=False, repr=False, compare=False)

    @property
    def parts(self) -> Iterator[Expr]:
        """The expression and all below it, parents first, in the order of the text."""
        return walk(self.expr)

    @property
    def kinds(self) -> Mapping[type, Sequence[Any]]:
        """The parts by their type, each in the order of the text: every rule asks for some."""
        if not self._kinds:
            self._kinds.update(by_type(self.expr))
        return self._kinds

    def of(self, kind: type[E]) -> Sequence[E]:
        """The parts of one type."""
        return (self._kinds or self.kinds).get(kind, ())

    @property
    def compared(self) -> tuple[Expr, str, float] | None:
        """Its value, an operator and the constant that it is compared with, where it is; many rules ask."""
        if not self._compared:
            self._compared.append(condition(self.expr))
        return self._compared[0]

    @property
    def shown(self) -> frozenset[str]:
        """The labels of its result that the texts of its alert read."""
        return frozenset(name for text in self.texts if "abels." in text for name in _SHOWN.findall(text))

    def groups(self, facts: Facts) -> frozenset[str] | None:
        """The labels of its result, where they are seen at once and nothing is wrong with any on the way there."""
        if not self._groups or self._groups[0][0] is not facts:
            found = groups(self.expr, lambda selector: facts.series(selector.name).labels is not None)
            self._groups[:] = [(facts, frozenset(found[0]) if found else None)]
        return self._groups[0][1]

    def flow(self, facts: Facts) -> Flow:
        """The labels of its result, and what is wrong on the way there: several rules ask."""
        if not self._flow or self._flow[0][0] is not facts:
            self._flow[:] = [(facts, flow(self.expr, facts.labels, facts.asked))]
        return self._flow[0][1]


@frozen
class AlertingRule:
    """An alerting rule, written at `origin`; of its fields that are `unread` nothing is known, and that is said."""

    name: str
    expression: Expression | None
    hold: timedelta | None
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    origin: Origin
    keep: timedelta | None = None  # keep_firing_for
    unread: frozenset[str] = frozenset()


@frozen
class RecordingRule:
    """A recording rule, written at `origin`; of its fields that are `unread` nothing is known, and that is said."""

    name: str
    expression: Expression | None
    labels: Mapping[str, str]
    origin: Origin
    unread: frozenset[str] = frozenset()


@frozen
class Group:
    """Rules that Prometheus evaluates one after the other, in the order of the file."""

    name: str
    rules: tuple[AlertingRule | RecordingRule, ...]
    interval: timedelta | None
    labels: Mapping[str, str]
    value: Mapping[str, Any]  # as it is written
    origin: Origin
    unread: frozenset[str] = frozenset()  # fields of which nothing is known, and that is said

    def labels_of(self, rule: AlertingRule | RecordingRule) -> dict[str, str]:
        """The labels that one of its rules sets, and those that the group sets for all."""
        return {**self.labels, **rule.labels}


@frozen
class Rules:
    """All rules of one file, or of one service in one environment."""

    alerts: tuple[AlertingRule, ...]
    recordings: tuple[RecordingRule, ...]
    groups: tuple[Group, ...] = ()  # of a file
    whole: bool = True  # every rule of it could be read, at least what it is called


@frozen
class Generated:
    """A file of the run that llmmon once wrote; `same` where nobody has changed it since."""

    path: str
    owner: str
    same: bool
    origin: Origin


@frozen
class RuleFiles:
    """What a pattern in a unit test leads to: whether to any file, and the alerts in them, where that is known.

    `meant` is what leads to a file where the pattern does not, and is spelled almost as it.
    """

    pattern: str
    found: bool
    alerts: frozenset[str] | None
    meant: str | None = None


@frozen
class UnitTests:
    """A file of promtool's unit tests: the rule files that it loads, and the alerts that it asks about."""

    files: tuple[tuple[RuleFiles, Origin], ...]
    alerts: tuple[tuple[str, bool, Origin], ...]  # with whether it is expected to fire
    origin: Origin


@identity
class Corpus:
    """Everything that is linted in one run. A rule that looks at it gives each finding an origin of its own."""

    rules: tuple[Rules, ...]
    configurations: tuple[Configuration, ...] = ()
    dashboards: tuple[Dashboard, ...] = ()
    generated: tuple[Generated, ...] = ()
    runbooks: tuple[tuple[str, Origin], ...] = ()  # each page, without its ending


@frozen
class MetricDeclaration:
    """A metric that somebody says exists; None is a type that nobody has said, and a help text that is missing."""

    name: str
    type: MetricType | None
    misnamed: bool = False  # known, and not ours to mend
    help: str | None = ""
    labels: Mapping[str, int | None] = field(default_factory=dict)  # with the number of their values, where known
    target_labels: bool = False  # its `job` and `instance` are meant to stay, as on a page of a Pushgateway
    series: int = 1
    endless: bool = True  # a histogram has a bucket up to +Inf
    twice: str | None = None  # the labels of a series that is there twice


@frozen
class Edit:
    """A repair: `text` instead of what is at `keys`, seen from the finding's node; of a scalar instead of `span` of it.

    Without a text the entry goes, with its key. The text is a value: quotes and escapes are added as the file needs
    them. Where the keys lead to nothing it is added, as `matchers: [...]` with the keys `("matchers", 0)`.
    """

    text: str | None
    span: Span | None = None
    keys: Keys = ()


@frozen
class Finding:
    """Something wrong: `keys` lead from the node to a part of it, `span` is in that part's text.

    `origin` is a place of its own, where a rule looks at several nodes at once; then the edits are seen from there.
    """

    code: str
    message: str
    span: Span | None = None
    keys: Keys = ()
    origin: Origin | None = None
    related: tuple[Origin, ...] = ()
    edits: tuple[Edit, ...] = ()
    safe: bool = False  # the edits keep the meaning
    level: Level | None = None  # where it is milder than its code
    advice: bool = False  # where it needs a judgement, and its code does not


@frozen
class Rule(Generic[N]):
    """One pattern, under one or more codes. `check` is asked of every node of exactly that type."""

    on: type[N]
    check: Callable[[N, Facts], Iterator[Finding]]
    codes: Mapping[str, Level]
    needs: frozenset[Need] = field(default=frozenset())
    peers: tuple[str, ...] = ()  # what finds the same: `promtool`, `pint promql/rate`
    names: frozenset[str] = field(default=frozenset())  # of calls, aggregations or operators; none: all of them
    words: tuple[str, ...] = ()  # one of them stands in the text of an expression that there is something to say of
    executed: bool = False  # asked of alerts alone one of whose templates does more than print labels and the value
    advice: frozenset[str] = field(default=frozenset())  # codes of which only an author can judge; see Selection.heard
    default: bool = True  # False: a matter of taste, asked only where it is selected, or under the profile strict
