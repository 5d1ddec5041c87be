"""Logstash pipelines as files of `llmmon lint`: what is one, where its mistakes are, all of them at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Fleet

WHOLE = """\
# from beats
input { beats { port => 5044 } }
filter {
  json { source => "message" sorce => "x" }
}
output { stdout { } }
"""


def test_a_mistake_is_at_its_line_and_column(fleet: Fleet) -> None:
    fleet.write("pipelines/main.conf", WHOLE)
    ran = fleet.run("lint", "pipelines", "--advice")
    message = "json has no option sorce: did you mean source?"
    assert ran.problems == [f"pipelines/main.conf:4:30: error: {message} [unknown-option]"]
    assert ran.code == 1


def test_all_mistakes_of_syntax_are_said_at_once(fleet: Fleet) -> None:
    broken = WHOLE.replace("port =>", "port =").replace("stdout { }", "stdout { codec -> json }")
    fleet.write("main.conf", broken.replace('sorce => "x"', ""))
    places = [problem.split(" ")[0] for problem in fleet.run("lint", "main.conf").problems]
    assert places == ["main.conf:2:22:", "main.conf:6:25:"]


def test_what_the_compiler_refuses_is_an_error(fleet: Fleet) -> None:
    fleet.write("main.conf", 'filter { if [a] and "b" { drop { } } }\n')
    assert [problem.split(" ")[0] for problem in fleet.run("lint", "main.conf").problems] == ["main.conf:1:21:"]


def test_another_conf_file_is_left_alone_in_a_folder_and_named_otherwise(fleet: Fleet) -> None:
    fleet.write("etc/nginx.conf", "server { listen 80; }\n")
    fleet.write("etc/template.conf", "input { beats { port => {{ port }} } }\n")
    assert fleet.run("lint", "etc", "--advice").out == ""
    assert "this is no file that is linted" in fleet.run("lint", "etc/nginx.conf").out


def test_a_comment_mutes_a_rule(fleet: Fleet) -> None:
    fleet.write("main.conf", WHOLE.replace('"x" }', '"x" } # llmmon: ignore[unknown-option] ours'))
    assert fleet.run("lint", "main.conf").out == ""


def test_files_that_cannot_be_read_do_not_end_the_run(fleet: Fleet) -> None:
    fleet.write("bad/a.conf", b"input { \xff }\n")
    fleet.write("bad/b.conf", b"input { \x00 }\n")
    fleet.write("bad/c.conf", "filter { " + "if [a] { " * 100_000)
    fleet.write("bad/d.conf", "filter { " + "mutate { } " * 500_000 + "}")
    ran = fleet.run("lint", "bad", "--advice")
    assert [problem.partition(" ")[0] for problem in ran.problems] == [
        "bad/a.conf:1:9:",
        "bad/b.conf:1:9:",
        "bad/c.conf:1:908:",
        "bad/d.conf:1:1:",
    ]


def test_a_secret_is_never_repeated(fleet: Fleet) -> None:
    fleet.write("main.conf", 'output { elasticsearch { user => "a" password => "hunter22" } }\n')
    for form in ("text", "json"):
        ran = fleet.run("lint", "main.conf", "--format", form)
        assert "secret-in-pipeline" in ran.out
        assert "hunter22" not in ran.out


def test_a_file_with_a_number_is_one_of_several(fleet: Fleet) -> None:
    for name, said in (("main.conf", 1), ("33-output.conf", 0)):
        fleet.write(f"{name}.d/{name}", "filter { drop { } } output { stdout { } }\n")
        assert len(fleet.run("lint", f"{name}.d", "--advice", "--select", "no-ends").problems) == said


def test_files_of_a_folder_are_one_pipeline(fleet: Fleet) -> None:
    fleet.write("conf.d/01-in.conf", "input { stdin { } }\n")
    fleet.write("conf.d/02-filter.conf", "filter { if [stauts] { drop { } } }\n")
    fleet.write("conf.d/03-out.conf", "output { stdout { } }\n")
    message = "nothing in this pipeline sets [stauts]: correct the name, or remove this"
    assert fleet.run("lint", "conf.d", "--advice").problems == [
        f"conf.d/02-filter.conf:1:13: warning: {message} [field-never-set]"
    ]
    assert fleet.run("lint", "conf.d/01-in.conf", "conf.d/02-filter.conf").out == ""


def test_a_file_that_pipelines_yml_names_is_there(fleet: Fleet) -> None:
    fleet.write("config/conf.d/main.conf", WHOLE.replace('sorce => "x"', ""))
    entries = "- pipeline.id: main\n  path.config: /etc/logstash/conf.d/mian.conf\n"
    fleet.write("config/pipelines.yml", entries)
    problems = fleet.run("lint", "config", "--advice").problems
    assert [problem.split(" ")[0] for problem in problems] == ["config/pipelines.yml:2:3:"]
    assert "holds no mian.conf" in problems[0]
    fleet.write("config/pipelines.yml", entries.replace("mian", "*"))
    assert fleet.run("lint", "config", "--advice").out == ""
    fleet.write("config/pipelines.yml", entries.replace("conf.d", "pipelines.d"))
    assert fleet.run("lint", "config", "--advice").out == ""


def test_a_pipeline_in_a_configmap_is_linted_at_its_place(fleet: Fleet) -> None:
    inside = "".join(f"    {line}\n" for line in WHOLE.splitlines())
    text = f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a}}\ndata:\n  pipeline.conf: |\n{inside}"
    fleet.write("k8s/map.yaml", text)
    message = "json has no option sorce: did you mean source?"
    assert fleet.run("lint", "k8s", "--advice").problems == [f"k8s/map.yaml:9:34: error: {message} [unknown-option]"]
    secret = text.replace(' sorce => "x"', "").replace("stdout", 'elasticsearch { password => "hunter22" } null')
    fleet.write("k8s/map.yaml", secret)
    ran = fleet.run("lint", "k8s/map.yaml")
    assert [problem.split(" ")[0] for problem in ran.problems] == ["k8s/map.yaml:11:42:"]
    assert "hunter22" not in ran.out


def test_an_option_that_the_logstash_of_the_folder_still_needs_is_kept(fleet: Fleet) -> None:
    fleet.write("elk/beats.conf", "input { beats { port => 5044 ssl => true } }\n")
    assert (
        "note: Logstash 9 does not start with the option ssl"
        in fleet.run("lint", "elk", "--advice", "--fail-on", "error").out
    )
    fleet.write("elk/docker/Dockerfile", "FROM docker.elastic.co/logstash/logstash:8.17.0\n")
    assert "note: Logstash 9 does not start" in fleet.run("lint", "elk", "--advice").out
    fleet.write("elk/docker/Dockerfile", "FROM docker.elastic.co/logstash/logstash:9.0.1\n")
    assert "warning: Logstash 9 does not start" in fleet.run("lint", "elk", "--advice").out
    fleet.write("elk/.env", "ELK_VERSION=7.17.9\n")
    assert "obsolete-option" not in fleet.run("lint", "elk", "--advice", "--fail-on", "note").out


def test_what_the_grafana_and_alertmanager_of_the_folder_have_not_is_not_asked_for(fleet: Fleet) -> None:
    board = '{"title": "A", "uid": "a", "schemaVersion": 39, "panels": [{"id": 1, "title": "B", "type": "graph"}]}\n'
    fleet.write("ops/board.json", board)
    fleet.write("ops/alertmanager.yml", "route: {receiver: a, routes: [{match: {a: b}}]}\nreceivers: [{name: a}]\n")
    both = ("lint", "ops", "--advice", "--fail-on", "note", "--select", "legacy-panel,deprecated-matchers")
    assert len(fleet.run(*both).problems) == 2
    fleet.write("ops/compose.yaml", "services: {grafana: {image: 'grafana/grafana:11.1.0'}}\n")
    assert len(fleet.run(*both).problems) == 2
    fleet.write("ops/compose.yaml", "services: {grafana: {image: 'grafana/grafana:10.4.2'}}\n")
    fleet.write("ops/Dockerfile", "ARG ALERTMANAGER_VERSION=0.20.0\n")
    assert fleet.run(*both).problems == []
    assert len(fleet.run(*both, "--alertmanager-version", "0.28").problems) == 1
    fleet.write("ops/Dockerfile", "FROM scratch\n")
    fleet.write("ops/roles/am/defaults/main.yml", "alertmanager_version: alertmanager-0.18.0.linux-amd64\n")
    assert fleet.run(*both).problems == []
    assert "0.22 or newer" in fleet.run(*both, "--alertmanager-version", "0.18").err


def test_what_a_script_fills_in_is_told_once(fleet: Fleet) -> None:
    fleet.write("elk/a.conf", "input { beats { port => $PORT ssl => $TLS } }\nfilter { grok { nothing => 1 } }\n")
    problems = fleet.run("lint", "elk", "--advice", "--fail-on", "note").problems
    assert [line.split(" ", 1)[0] for line in problems] == ["elk/a.conf:1:25:"]
    assert "$PORT is of a template" in problems[0]


def test_a_bracket_behind_a_mistake_is_not_missed_as_well(fleet: Fleet) -> None:
    fleet.write("elk/a.conf", 'filter {\n  mutate { gsub => ["msg", "\\\\", "/"] }\n}\noutput { stdout { } }\n')
    problems = fleet.run("lint", "elk", "--advice").problems
    assert len([line for line in problems if "[pipeline-syntax]" in line]) == 1


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Dockerfile", "FROM docker.elastic.co/logstash/logstash:6.4.2\n"),
        ("compose.yml", "services: {elk: {image: 'sebp/elk:es235_l234_k454'}}\n"),
        ("vars/main.yml", "logstash_version: 5.6.3\n"),
        ("setup.sh", "echo 'deb https://artifacts.elastic.co/packages/5.x/apt stable main' > /etc/apt/x\n"),
        ("logstash.yaml", "image: logstash\nenv: {}\nx:\n  repository: logstash\n  tag: 6.8.0\n"),
    ],
)
def test_an_old_logstash_takes_what_ours_does_not(fleet: Fleet, name: str, text: str) -> None:
    pipeline = WHOLE.replace("sorce", "source2")
    fleet.write("ops/main.conf", pipeline)
    assert "[unknown-option]" in fleet.run("lint", "ops", "--advice").out
    fleet.write(f"ops/{name}", text)
    assert "[unknown-option]" not in fleet.run("lint", "ops", "--advice").out


def test_patterns_that_are_copied_to_where_logstash_looks_for_them_are_known(fleet: Fleet) -> None:
    own = '{ grok { match => { "message" => "%{OURS} %{NGINXACCESS}" } } }'
    fleet.write("a/pipeline/main.conf", f"filter {own}\n")
    assert "[grok-pattern]" in fleet.run("lint", "a", "--advice").out
    for folder in ("b", "c"):
        fleet.write(f"{folder}/pipeline/main.conf", f"filter {own}\n")
    fleet.write("b/patterns/ours", "OURS [a-z]+\nNGINXACCESS %{OURS}\n")
    fleet.write("c/patterns/ours", "OURS [a-z]+\n")
    fleet.write("c/compose.yml", "services: {elk: {image: sebp/elk}}\n")
    assert fleet.run("lint", "b", "--advice").problems == []
    assert fleet.run("lint", "c", "--advice").problems == []
