"""Files that cannot be read, or not in full: what is said, where, and that the rest is kept."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from llmmon.cli import app

if TYPE_CHECKING:
    from click.testing import Result

SLOTH = """\
version: prometheus/v1
service: chat
slos:
  - {name: kept, objective: 99, sli: {events: {error_query: e_total, total_query: t_total}}}
  - {name: other, objective: 99, sli: {events: {error_query: f_total, total_query: t_total}}}
"""
OPENSLO = """\
apiVersion: openslo/v1
kind: SLO
metadata: {name: kept}
spec:
  service: chat
  indicator: {spec: {ratioMetric: {counter: true, bad: {metricSource: {type: Prometheus, spec: {query: e_total}}}, total: {metricSource: {type: Prometheus, spec: {query: t_total}}}}}}
  timeWindow: [{duration: 30d, isRolling: true}]
  budgetingMethod: Occurrences
  objectives: [{target: 0.99}]
---
apiVersion: openslo/v1
kind: SLO
metadata: {name: other}
spec:
  service: chat
  indicator: {spec: {ratioMetric: {counter: true, bad: {metricSource: {type: Prometheus, spec: {query: f_total}}}, total: {metricSource: {type: Prometheus, spec: {query: t_total}}}}}}
  timeWindow: [{duration: 30d, isRolling: true}]
  budgetingMethod: Occurrences
  objectives: [{target: 0.98}]
"""
PYRRA = """\
apiVersion: pyrra.dev/v1alpha1
kind: ServiceLevelObjective
metadata: {name: kept}
spec: {target: "99", window: 4w, indicator: {ratio: {errors: {metric: e_total}, total: {metric: t_total}}}}
---
apiVersion: pyrra.dev/v1alpha1
kind: ServiceLevelObjective
metadata: {name: other}
spec: {target: "98", window: 4w, indicator: {ratio: {errors: {metric: f_total}, total: {metric: t_total}}}}
"""


def run(tool: str, text: str | bytes, tmp_path: Path, *more: str) -> Result:
    """An import of one file, as `in.yaml`."""
    path = tmp_path / "in.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return CliRunner().invoke(app, ["import", tool, str(path), *more])


CASES = [
    # tool, what is replaced, by what, where and what is said; the first objective is kept
    ("sloth", "objective: 99, sli: {events: {error_query: f", "objective: 100, sli: {events: {error_query: f", "5:19: error: 100 leaves no error budget"),
    ("sloth", "objective: 99, sli: {events: {error_query: f", "objective: 0, sli: {events: {error_query: f", "5:19: error: 0 can never be missed"),
    ("sloth", "objective: 99, sli: {events: {error_query: f", "objective: high, sli: {events: {error_query: f", "5:19: error: 'high' is no number"),
    ("sloth", "objective: 99, sli: {events: {error_query: f", "objective: .nan, sli: {events: {error_query: f", "5:19: error: .nan is no number"),
    ("sloth", "objective: 99, sli: {events: {error_query: f", "sli: {events: {error_query: f", "5:5: error: an objective needs a target"),
    ("sloth", "objective: 99, sli: {events: {error_query: f", "objective: 99.9999999999999, sli: {events: {error_query: f", "has more digits than an objective may have"),
    ("sloth", "name: other, ", "", "5:5: error: an objective needs a name"),
    ("sloth", "error_query: f_total, ", "", "there is no query"),
    ("sloth", "error_query: f_total", "error_query: 'sum(rate(f_total[5m])'", "PromQL does not parse"),
    ("sloth", "error_query: f_total", "error_query: 'f_total{a=\"{{.region}}\"}'", "asks its tool for {{.region}}"),
    ("sloth", "events: {error_query: f_total, total_query: t_total}", "plugin: {id: acme/x}", "5:40: error: the plugin is a program"),
    ("sloth", "events: {error_query: f_total, total_query: t_total}", "", "exactly one of events, raw and plugin"),
    ("sloth", "events: {error_query: f_total", "events: {error_query: [f_total]", "is not text"),
    ("openslo", "target: 0.98", "target: 98", "19:17: error: 98 leaves no error budget: an objective is between 0 and 1"),
    ("openslo", "target: 0.98", "targetPercent: 0", "0 can never be missed: an objective is between 0 and 100"),
    ("openslo", "query: f_total", "other: f_total", "there is no query: write it under spec: query:"),
    ("openslo", "type: Prometheus, spec: {query: f_total}", "type: Datadog, spec: {query: f_total}", "'Datadog' is not Prometheus: this objective cannot be kept"),
    ("openslo", "bad: {metricSource: {type: Prometheus, spec: {query: f_total}}}, ", "", "a ratio is good or bad, and total; or raw"),
    ("openslo", "ratioMetric: {counter: true, bad: {metricSource: {type: Prometheus, spec: {query: f_total}}}", "ratioMetric: {rawType: odd, raw: {metricSource: {type: Prometheus, spec: {query: f_total}}}", "rawType says what the ratio is of"),
    ("openslo", "indicator: {spec: {ratioMetric: {counter: true, bad: {metricSource: {type: Prometheus, spec: {query: f_total}}}, total: {metricSource: {type: Prometheus, spec: {query: t_total}}}}}}", "indicatorRef: nowhere", "16:3: error: there is no SLI 'nowhere' in what was read"),
    ("openslo", "ratioMetric: {counter: true, bad: {metricSource: {type: Prometheus, spec: {query: f_total}}}, total: {metricSource: {type: Prometheus, spec: {query: t_total}}}}", "thresholdMetric: {metricSource: {type: Prometheus, spec: {query: f}}}", "a threshold needs op: one of gt, gte, lt and lte"),
    ("openslo", "kind: SLO\nmetadata: {name: other}", "kind: Slo\nmetadata: {name: other}", "12:1: error: 'Slo' is no kind of OpenSLO"),
    ("openslo", "apiVersion: openslo/v1\nkind: SLO\nmetadata: {name: other}", "apiVersion: openslo/v9\nkind: SLO\nmetadata: {name: other}", "11:1: error: this is no OpenSLO that is read"),
    ("openslo", "name: other", "name: kept", "13:12: error: there is another SLO of this name"),
    ("pyrra", 'target: "98"', 'target: "100"', "9:8: error: 100 leaves no error budget"),
    ("pyrra", 'target: "98", window: 4w', 'target: "98", window: soon', "'soon' is no window"),
    ("pyrra", 'target: "98", window: 4w, ', 'target: "98", ', "an objective needs a window, such as 4w"),
    ("pyrra", "metric: f_total", "metric: sum(f_total)", "this is no metric: write one, with matchers if needed"),
    ("pyrra", "ratio: {errors: {metric: f_total}, total: {metric: t_total}}", "odd: {}", "an indicator is exactly one of ratio"),
    ("pyrra", "ratio: {errors: {metric: f_total}, total: {metric: t_total}}", "latencyNative: {latency: fast, total: {metric: t}}", "'fast' is no time: write it like 500ms"),
    ("pyrra", "kind: ServiceLevelObjective\nmetadata: {name: other}", "kind: Service\nmetadata: {name: other}", "7:1: error: this is no objective of Pyrra"),
]  # fmt: skip


@pytest.mark.parametrize(("tool", "old", "new", "said"), CASES)
def test_what_is_wrong_with_one_objective_is_told_and_the_others_are_kept(
    tool: str, old: str, new: str, said: str, tmp_path: Path
) -> None:
    text = {"sloth": SLOTH, "openslo": OPENSLO, "pyrra": PYRRA}[tool]
    assert text.rpartition(old)[1]
    before, _, after = text.rpartition(old)
    ran = run(tool, before + new + after, tmp_path)
    assert said in ran.stderr, ran.stderr
    assert ran.exit_code == 1
    assert "  kept: {objective: 99%" in ran.stdout
    assert "  other: {objective" not in ran.stdout


@pytest.mark.parametrize("tool", ["sloth", "openslo", "pyrra"])
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "there is nothing in this file"),
        ("# only words\n---\n---\n", "there is nothing in this file"),
        ("- 1\n", "this is no object"),
        ("a: [1\n", "error"),
        ("a: 1\na: 2\n", "error"),
        ("<html>no</html>\n", "this is no object"),
        ("[" * 40_000, "error"),
        (b"\xff\xfe\x00", "error"),
    ],
)
def test_a_file_of_something_else_is_told_and_nothing_is_written(
    tool: str, text: str | bytes, said: str, tmp_path: Path
) -> None:
    ran = run(tool, text, tmp_path)
    assert ran.exit_code == 1
    assert said in ran.stderr
    assert ran.stdout == ""


def test_a_file_that_is_not_there_and_one_that_is_in_the_way(tmp_path: Path) -> None:
    ran = CliRunner().invoke(app, ["import", "sloth", str(tmp_path / "no.yaml")])
    assert ran.exit_code == 1
    assert "no.yaml" in ran.stderr
    (tmp_path / "out.yaml").write_text("mine\n")
    ran = run("sloth", SLOTH, tmp_path, "--out", str(tmp_path / "out.yaml"))
    assert ran.exit_code == 2
    assert "exists and is kept: write --force" in ran.stderr
    assert (tmp_path / "out.yaml").read_text() == "mine\n"
    assert run("sloth", SLOTH, tmp_path, "--out", str(tmp_path / "out.yaml"), "--force").exit_code == 0
    assert "service: chat" in (tmp_path / "out.yaml").read_text()


def test_standard_input_and_several_files_are_read(tmp_path: Path) -> None:
    sli, _, slo = OPENSLO.partition("---\n")
    (tmp_path / "one.yaml").write_text(sli)
    ran = CliRunner().invoke(app, ["import", "openslo", str(tmp_path / "one.yaml"), "-"], input=slo)
    assert ran.exit_code == 0
    assert "# Imported from one.yaml, standard input (OpenSLO)" in ran.stdout
    assert "  kept: " in ran.stdout
    assert "  other: " in ran.stdout


def test_names_that_are_hostile_stay_names(tmp_path: Path) -> None:
    evil = SLOTH.replace("name: kept", r'name: "x: {}\n# é ../../etc"').replace("service: chat", 'service: "a\\nteam: b"')
    ran = run("sloth", evil, tmp_path, "--team", "one: two", "--fleet", str(tmp_path))
    assert ran.exit_code == 0, ran.stderr
    assert "service: a-team-b\nteam: 'one: two'\n" in ran.stdout
    assert "\n  x_______________etc: {objective: 99%}\n" in ran.stdout


def test_a_team_that_the_fleet_does_not_have_is_refused_or_replaced(tmp_path: Path) -> None:
    (tmp_path / "specs").mkdir()
    (tmp_path / "specs/fleet.yaml").write_text("fleet: acme\nteams: {search: {}, chat: {}}\n")
    there = ("--fleet", str(tmp_path / "specs"))
    assert "team: search\n" in run("sloth", SLOTH, tmp_path, *there).stdout
    named = SLOTH.replace("service: chat", "service: chat\nlabels: {team: chat}")
    assert "team: chat\n" in run("sloth", named, tmp_path, *there).stdout
    ran = run("sloth", named.replace("team: chat", "team: other"), tmp_path, *there)
    assert "team: search\n" in ran.stdout
    assert "'other' is no team of the fleet, so search answers" in ran.stderr
    ran = run("sloth", SLOTH, tmp_path, *there, "--team", "nobody")
    assert ran.exit_code == 2
    assert "there is no team 'nobody' in the fleet: it has search, chat" in ran.stderr
