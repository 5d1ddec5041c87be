"""What Elasticsearch reads: goldens, the server's own rules seen to fail, and mistakes that are said at their line."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from llmmon.lower.logstack import quartz_fault
from llmmon.targets.elasticsearch import faults

if TYPE_CHECKING:
    from conftest import Fleet

GOLDEN = Path(__file__).parent / "golden"
STACK = """\
elasticsearch: {hosts: ["https://elasticsearch:9200"]}
logs:
  shards: 3
  warm: 2d
  cold: 7d
  delete: 30d
  snapshots: {bucket: acme-logs, schedule: "01:30"}
  filebeat: {logstash: "logstash:5044", istio: true}
"""
LOGS = r"""logs:
  input: {tcp: 5000}
  level: level
  redact: [prompt]
  extract:
    cost_amount: {pattern: 'cost \$%{NUMBER:cost_amount}', sample: cost $1.20, gives: 1.2}
    model: {pattern: 'model=(?<model>\S+)', sample: model=a, gives: a}
    took: {pattern: 'took %{INT:took}', sample: took 5, gives: 5, type: integer}
  analysis:
    queries:
      cost-by-model: {help: Cost of a day., having: cost_amount, by: model, sum: cost_amount}
      errors-by-type: {within: 4h, where: {level: ERROR}, by: exception.class}
"""


def written(fleet: Fleet, stack: str = STACK, logs: str = LOGS) -> Fleet:
    """The small fleet with a log stack, and its service with logs."""
    for name, text in (("specs/fleet.yaml", stack), ("specs/chat.yaml", logs)):
        fleet.write(name, (fleet.root / name).read_text() + text)
    return fleet


def made(fleet: Fleet) -> dict[str, Any]:
    """The bodies, by path below the target's folder."""
    ran = fleet.run("generate")
    assert ran.code == 0, ran.out
    return {path: json.loads(text) for path, text in fleet.files("generated/elasticsearch").items()}


@pytest.mark.parametrize("path", sorted(str(p.relative_to(GOLDEN)) for p in GOLDEN.rglob("*.json")))
def test_golden(fleet: Fleet, path: str) -> None:
    assert made(written(fleet))[path] == json.loads((GOLDEN / path).read_text())


def test_the_files_are_those_of_the_goldens(fleet: Fleet) -> None:
    assert sorted(made(written(fleet))) == sorted(p.relative_to(GOLDEN).as_posix() for p in GOLDEN.rglob("*.json"))


def test_without_the_word_there_is_nothing(fleet: Fleet) -> None:
    assert made(written(fleet, STACK.partition("logs:")[0])) == {}


def test_ages_count_from_the_start_of_the_day_and_say_so(fleet: Fleet) -> None:
    policy = made(written(fleet))["lifecycle/acme-logs.json"]["policy"]
    assert {name: phase["min_age"] for name, phase in policy["phases"].items()} == {
        "hot": "0ms",
        "warm": "3d",
        "cold": "8d",
        "delete": "31d",
    }
    assert "after a rollover of 1d: warm 2d, cold 7d, delete 30d." in policy["_meta"]["description"]


def test_no_phase_makes_an_index_read_only(fleet: Fleet) -> None:
    phases = made(written(fleet))["lifecycle/acme-logs.json"]["policy"]["phases"]
    actions = {action for phase in phases.values() for action in phase["actions"]}
    assert not actions & {"readonly", "forcemerge", "shrink", "rollover", "searchable_snapshot"}


def test_the_longer_prefix_wins(fleet: Fleet) -> None:
    written(fleet)
    fleet.write(
        "specs/other.yaml",
        "service: chat-gateway\nteam: inference\nselector: {job: g}\nuses: [http]\n"
        + LOGS.partition("  analysis")[0].replace("5000", "5001"),
    )
    bodies = made(fleet)
    longer, shorter = (bodies[f"index-templates/app-{name}.json"] for name in ("chat-gateway", "chat"))
    assert longer["priority"] > shorter["priority"] > bodies["index-templates/app.json"]["priority"] > 500


def test_two_services_of_one_index_are_told(fleet: Fleet) -> None:
    written(fleet)
    other = "service: other\nteam: inference\nselector: {job: g}\nuses: [http]\n" + LOGS.partition("  analysis")[0]
    fleet.write("specs/other.yaml", other.replace("5000", "5001") + "  index: app-chat\n")
    ran = fleet.run("generate")
    assert ran.code == 1
    assert any("meets the template app-chat at the same priority" in line for line in ran.problems)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("delete: 30d", "delete: 3d", "14:3: error: delete at 3d comes before cold at 7d: ages must grow"),
        ('"01:30"', '"30 1 * * *"', "has five fields, as crontab does: put the seconds first, such as 0 30 1 * * ?"),
        ('"01:30"', '"25:00"', "'25:00' is no schedule"),
        ('"01:30"', '"01:30", at_least: 9, at_most: 3', "at_least 9 is more than at_most 3"),
        ("bucket: acme-logs", "bucket: ACME/../x", "is no bucket"),
        ("shards: 3", "shards: 0", "greater than or equal to 1"),
        ("delete: 30d", "retain: 30d", "unknown key 'retain'"),
        ('elasticsearch: {hosts: ["https://elasticsearch:9200"]}\n', "", "logs are kept nowhere"),
    ],
)
def test_a_mistake_of_the_stack_is_told_at_its_line(fleet: Fleet, old: str, new: str, said: str) -> None:
    ran = written(fleet, STACK.replace(old, new)).run("generate")
    assert ran.code == 1
    assert any(said in line and line.startswith("specs/fleet.yaml:") for line in ran.problems), ran.out


def test_logs_that_are_never_deleted_are_a_warning(fleet: Fleet) -> None:
    ran = written(fleet, STACK.replace("  delete: 30d\n", "")).run("generate")
    assert ran.code == 0
    assert any("warning: no log is ever deleted" in line for line in ran.problems)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "{level: ERROR}",
            "{level: broken}",
            "'broken' is no level: write one of debug, info, warning, error, critical",
        ),
        ("{level: ERROR}", "{message: ERROR}", "message is text, and its whole is never 'ERROR'"),
        ("by: exception.class", "by: message", "message is text, which cannot be grouped by"),
        ("sum: cost_amount", "sum: model", "model is no number"),
        ("having: cost_amount", "having: prompt", "prompt is removed by `redact`"),
        ("by: exception.class", "by: 'a b'", "'a b' is no field"),
        ("{level: ERROR}", "{level: true}", "true is no value of a field"),
        ("errors-by-type:", "'../x':", "is no DNS label"),
    ],
)
def test_a_mistake_of_a_query_is_told_at_its_line(fleet: Fleet, old: str, new: str, said: str) -> None:
    ran = written(fleet, logs=LOGS.replace(old, new)).run("generate")
    assert ran.code == 1
    assert any(said in line and line.startswith("specs/chat.yaml:") for line in ran.problems), ran.out


def test_a_word_for_a_level_becomes_the_level_that_is_written(fleet: Fleet) -> None:
    [term] = [
        part["term"]
        for part in made(written(fleet))["queries/chat/errors-by-type.json"]["query"]["bool"]["filter"]
        if "term" in part
    ]
    assert term == {"level": "error"}


@pytest.mark.parametrize("text", ['a"b', "a\\", "{{now}}", "*", "<x>", "a\nb", "\u2028é🎉", "${HOME}", "%{x}"])
def test_hostile_values_stay_values(fleet: Fleet, text: str) -> None:
    logs = LOGS.replace("{level: ERROR}", f"{{user: {json.dumps(text, ensure_ascii=False)}}}")
    body = made(written(fleet, logs=logs))["queries/chat/errors-by-type.json"]
    assert {"term": {"user": text}} in body["query"]["bool"]["filter"]


def test_failures_that_no_template_covers_are_told(fleet: Fleet) -> None:
    ran = written(fleet, logs=LOGS + "  failures: broken\n").run("generate")
    assert any("no index template covers broken-<day>: name it app-broken" in line for line in ran.problems)


def test_an_index_that_no_snapshot_holds_is_told(fleet: Fleet) -> None:
    ran = written(fleet, logs=LOGS + "  index: chat-lines\n").run("generate")
    assert ran.code == 1
    assert any("chat-lines-<day> is in no snapshot, for which its deletion would wait" in line for line in ran.problems)


def test_an_index_beyond_the_prefix_has_a_template(fleet: Fleet) -> None:
    stack = STACK.replace('  snapshots: {bucket: acme-logs, schedule: "01:30"}\n', "")
    logs = "logs: {input: {tcp: 5000}, index: chat-lines}\n"
    assert made(written(fleet, stack, logs))["index-templates/app-chat.json"]["index_patterns"] == ["chat-lines-*.*.*"]


def policy(**phases: Any) -> dict[str, Any]:
    """A lifecycle of phases: (min_age, actions)."""
    return {"policy": {"phases": {name: {"min_age": age, "actions": what} for name, (age, what) in phases.items()}}}


MOUNT = {"searchable_snapshot": {"snapshot_repository": "a"}}
ROLL = {"rollover": {"max_age": "1d"}}
GOOD = [
    policy(hot=("0ms", {})),
    policy(hot=("0ms", {**ROLL, "readonly": {}, "shrink": {"number_of_shards": 1}}), delete=("30d", {"delete": {}})),
    policy(hot=("0ms", ROLL), warm=("2d", {"forcemerge": {"max_num_segments": 1}}), cold=("2d", MOUNT)),
    policy(hot=("0ms", ROLL), cold=("7d", MOUNT), frozen=("9d", MOUNT)),
    policy(warm=("1d", {"allocate": {"require": {"box": "a"}}, "migrate": {"enabled": False}})),
    policy(
        hot=("0ms", {**ROLL, "downsample": {"fixed_interval": "1h"}}),
        warm=("1d", {"downsample": {"fixed_interval": "1d"}}),
    ),
]
BAD = [
    (policy(), "needs phases"),
    (policy(host=("0ms", {})), "'host' is no phase"),
    (policy(hot=("0ms", {"delete": {}})), "hot cannot delete"),
    (policy(warm=("1d", {"rollover": {"max_age": "1d"}})), "warm cannot rollover"),
    (policy(cold=("1d", {"freeze": {}})), "cold cannot freeze"),
    (policy(hot=("0ms", {"readonly": {}})), "hot cannot readonly without rollover"),
    (policy(hot=("0ms", {"rollover": {}})), "rollover needs a condition"),
    (policy(hot=("0ms", {"rollover": {"max_age": "1 day"}})), "max_age '1 day' is no time"),
    (policy(frozen=("9d", {})), "frozen needs searchable_snapshot"),
    (policy(hot=("0ms", {**ROLL, **MOUNT}), warm=("1d", {"forcemerge": {"max_num_segments": 1}})), "after hot has"),
    (policy(cold=("1d", MOUNT), frozen=("9d", {"searchable_snapshot": {"snapshot_repository": "b"}})), "found a, b"),
    (policy(warm=("1d", {"allocate": {"require": {"box": "a"}}, "migrate": {}})), "both place the index"),
    (policy(warm=("1d", {"allocate": {}})), "allocate needs"),
    (policy(warm=("1d", {"shrink": {}})), "shrink needs either"),
    (policy(warm=("1d", {"forcemerge": {}})), "forcemerge needs"),
    (policy(warm=("7d", {}), cold=("2d", {})), "cold begins before warm"),
    (policy(warm=("1w", {})), "min_age '1w' is no time"),
    (policy(warm=("1d12h", {})), "min_age '1d12h' is no time"),
    (
        policy(
            warm=("1d", {"downsample": {"fixed_interval": "2h"}}), cold=("2d", {"downsample": {"fixed_interval": "3h"}})
        ),
        "larger multiple",
    ),
]


@pytest.mark.parametrize("body", GOOD, ids=range(len(GOOD)))
def test_a_lifecycle_that_the_server_takes_is_quiet(body: dict[str, Any]) -> None:
    assert list(faults.lifecycle(body)) == []


@pytest.mark.parametrize(("body", "said"), BAD, ids=[said for _, said in BAD])
def test_a_lifecycle_that_the_server_refuses_is_told(body: dict[str, Any], said: str) -> None:
    [fault] = faults.lifecycle(body)
    assert said in fault


@pytest.mark.parametrize(
    ("path", "keys", "value", "said"),
    [
        ("snapshots/acme-logs.json", ("schedule",), "30 1 * * *", "has five fields"),
        ("snapshots/acme-logs.json", ("name",), "logs", "is the same for each snapshot"),
        ("snapshots/acme-logs.json", ("name",), "<logs-{today}>", "is no date math"),
        ("snapshots/acme-logs.json", ("name",), "<Logs-{now/d}>", "makes no snapshot name"),
        ("snapshots/acme-logs.json", ("repository",), "", "needs a repository"),
        ("snapshots/acme-logs.json", ("repository",), "other", "repository other, which does not exist"),
        ("snapshots/acme-logs.json", ("retention", "min_count"), 500, "min_count 500 is more than"),
        ("snapshots/acme-logs.json", ("retention", "expire_after"), "1 month", "is no time"),
        ("index-templates/app.json", ("index_patterns",), ["logs-*"], "meets Elastic's own data streams logs-*-*"),
        ("index-templates/app.json", ("index_patterns",), ["*"], "matches the indices of everybody"),
        ("index-templates/app.json", ("index_patterns",), [], "needs index_patterns"),
        ("index-templates/app.json", ("priority",), 100, "loses against Elastic's own templates"),
        ("index-templates/app.json", ("priority",), 608, "meets the template"),
        ("index-templates/app.json", ("composed_of",), ["x"], "composed of x, which does not exist"),
        (
            "component-templates/acme-logs.json",
            ("template", "mappings", "properties", "level"),
            {"type": "text"},
            "level",
        ),
        ("component-templates/acme-logs.json", ("template", "settings", "index", "number_of_shards"), 0, "at least 1"),
        (
            "component-templates/acme-logs.json",
            ("template", "settings", "index", "lifecycle", "name"),
            "x",
            "lifecycle x",
        ),
        ("lifecycle/acme-logs.json", ("policy", "phases", "hot", "actions"), ROLL, "no write alias"),
        (
            "lifecycle/acme-logs.json",
            ("policy", "phases", "delete", "actions", "wait_for_snapshot", "policy"),
            "x",
            "waits",
        ),
        ("queries/chat/cost-by-model.json", ("size",), 10, "without size: 0"),
        ("queries/chat/cost-by-model.json", ("query", "bool", "filter"), [], "without a range"),
    ],
)
def test_a_broken_body_is_told(path: str, keys: tuple[str, ...], value: Any, said: str) -> None:
    bodies = {}
    for golden in GOLDEN.rglob("*.json"):
        place = golden.relative_to(GOLDEN)
        bodies[place.parts[0], place.stem] = json.loads(golden.read_text())
    where = (Path(path).parts[0], Path(path).stem)
    assert not [*faults.of(where[0], bodies[where]), *faults.between(bodies)]
    broken = deepcopy(bodies)
    node = broken[where]
    for key in keys[:-1]:
        node = node[key]
    node[keys[-1]] = value
    found = [*faults.of(where[0], broken[where]), *(fault for _, fault in faults.between(broken))]
    assert any(said in fault for fault in found), found


@pytest.mark.parametrize("text", ["0 30 1 * * ?", "0 0/15 * ? * MON-FRI", "0 0 0 L * ? 2026", "0 0 1,13 ? JAN-MAR 2#1"])
def test_a_cron_of_quartz(text: str) -> None:
    assert quartz_fault(text) is None


@pytest.mark.parametrize(
    "text",
    ["", "* * * * *", "0 30 25 * * ?", "0 30 1 * * *", "0 30 1 ? * ?", "? 30 1 * * ?", "0 30 1 * * MOO", "0 ٣ 1 * * ?"],
)
def test_what_is_no_cron_of_quartz(text: str) -> None:
    assert quartz_fault(text)


@pytest.mark.parametrize(
    ("first", "second", "met"),
    [
        ("logs-*", "logs-*-*", True),
        ("app-*-*.*.*", "logs-*-*", False),
        ("app-chat-*", "app-chat-gateway-*", True),
        ("l*", "logs-*-*", True),
        ("logs", "logs-*-*", False),
        ("a*b", "a*c", False),
    ],
)
def test_two_patterns_meet_where_one_name_matches_both(first: str, second: str, met: bool) -> None:
    assert faults.meet(first, second) is met
    assert faults.meet(second, first) is met
