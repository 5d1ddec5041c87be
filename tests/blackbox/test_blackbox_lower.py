"""Where questions go in each environment, that Prometheus and the operator ask the same, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from blackbox_examples import CHAT, FLEET, built, found, jobs, modules, write

from llmmon import pipeline
from llmmon.plan import Secret

if TYPE_CHECKING:
    from llmmon.problem import Problem

TWO = "environments: {production: {selector: {env: production}}, staging: {selector: {env: staging}}}"
ONE = "environments: {production: {selector: {env: production}}}"
SERVER = 'prometheus: {alertmanagers: "alertmanager:9093"}\n'
BOTH = 'address: {production: "blackbox:9115", staging: "blackbox.staging:9115"}'
TARGETS = "scrape: {targets: {production: 'chat:80', staging: 'chat.staging:80'}}\n"
HEALTH = "health: {port: 8080, readiness: /ready}\n"
REPORT = "health: {port: 8080, report: {path: /report, components: [storage]}}\n"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def questions(fleet: str, chat: str) -> dict[str, dict[str, str]]:
    """By module, the targets by environment."""
    write(fleet, chat)
    planned, problems = pipeline.planned(pipeline.read([Path("specs")]))
    assert [problem.message for problem in problems] == []
    assert planned.blackbox
    return {one.module.name: dict(one.targets) for one in planned.blackbox.asked.get("chat", ())}


def problems(fleet: str, chat: str) -> list[Problem]:
    write(fleet, chat)
    return built(Path("scratch")).problems


# Where


def test_readiness_is_asked_where_nothing_else_is() -> None:
    assert questions(FLEET, CHAT + HEALTH) == {"http": {"production": "http://chat.llm.svc:8080/ready"}}
    assert questions(FLEET, CHAT + "health: {readiness: {tcp: 5432}}\n") == {"tcp": {"production": "chat.llm.svc:5432"}}
    assert questions(FLEET, CHAT + HEALTH + "outside: {checks: {login: 'https://x.example/'}}\n") == {
        "chat_login": {"production": "https://x.example/"}
    }
    named = "health: {port: http, readiness: /ready}\n"
    assert questions(FLEET, CHAT + named) == {}, "a named port is known to the pod alone"


def test_an_address_is_the_services_or_its_own_word() -> None:
    outside = "outside: {address: 'https://chat.example/v1/', checks: {a: /a, db: {tcp: 5432}}}\n"
    assert questions(FLEET, CHAT + outside) == {
        "chat_a": {"production": "https://chat.example/v1/a"},
        "chat_db": {"production": "chat.llm.svc:5432"},
    }
    assert questions(FLEET, CHAT + HEALTH + "outside: {address: 'https://chat.example'}\n") == {
        "http": {"production": "https://chat.example/ready"}
    }


def test_each_component_is_asked_twice_in_one_report_or_at_its_own_endpoint() -> None:
    one = questions(FLEET, CHAT + REPORT)
    assert one == {
        f"chat_health_storage_{state}": {"production": "http://chat.llm.svc:8080/report"}
        for state in ("healthy", "degraded")
    }
    own = questions(FLEET, CHAT + "health: {port: 8080, report: {components: {Data Base: /health/db}}}\n")
    assert all(found == {"production": "http://chat.llm.svc:8080/health/db"} for found in own.values())
    assert all(name.startswith("chat_health_data-base-") for name in own)


def test_a_service_outside_kubernetes_has_a_report() -> None:
    chat = CHAT.replace("workload: {namespace: llm, name: chat}\n", "")
    report = "health: {report: {path: /r, components: [db]}}\noutside: {address: 'http://10.0.0.1:80'}\n"
    assert questions(FLEET, chat + report)["chat_health_db_healthy"] == {"production": "http://10.0.0.1:80/r"}


def test_another_form_of_report_has_other_words() -> None:
    spring = "{path: /actuator/health, components: [db], checks: components, healthy: UP, degraded: [OUT_OF_SERVICE]}"
    write(FLEET, CHAT + f"health: {{port: 80, report: {spring}}}\n")
    built(Path("scratch"))
    regex = modules(Path("scratch"))["chat_health_db_degraded"]["http"]["fail_if_body_not_matches_regexp"][0]
    assert '"components"' in regex
    assert regex.endswith('"status"\\s*:\\s*"(?:UP|OUT_OF_SERVICE)"')


def test_secrets_are_files_and_are_listed_for_whoever_mounts_them() -> None:
    write(FLEET, CHAT + "outside: {checks: {a: {url: 'https://x/', basic: {user: u, password: {secret: a/b}}}}}\n")
    made = built(Path("scratch"))
    assert made.fleet.blackbox
    assert made.fleet.blackbox.secrets == (Secret("a", "b"),)
    http = modules(Path("scratch"))["chat_a"]["http"]
    assert http["basic_auth"] == {"username": "u", "password_file": "/etc/blackbox_exporter/secrets/a/b"}


# The same for Prometheus and for the operator


def test_prometheus_and_the_operator_write_the_same_labels() -> None:
    fleet = FLEET.replace(ONE, TWO).replace('address: "blackbox:9115"', BOTH) + SERVER + "operator: {kinds: [Probe]}\n"
    write(fleet, CHAT + TARGETS + REPORT + "outside: {checks: {login: /login}}\n")
    made = built(Path("scratch"))
    assert made.problems == []
    for environment in ("production", "staging"):
        job = jobs(Path("scratch"))[f"chat-probe/{environment}"]
        plain = [(group["targets"], group["labels"]) for group in job["static_configs"]]
        text = Path(f"scratch/kubernetes/chat/{environment}/probe.yaml").read_text()
        specs = [found["spec"] for found in yaml.safe_load_all(text)]
        assert [_plain(spec) for spec in specs] == plain
        assert {spec["prober"]["url"] for spec in specs} == {job["relabel_configs"][-1]["replacement"]}
        for rule in ("CheckFails", "HealthDegraded"):
            rules = Path(f"scratch/prometheus/rules/{environment}/chat.yaml").read_text()
            assert f'job="chat-probe",env="{environment}"' in rules.partition(f"alert: {rule}")[2].partition("for:")[0]


def _plain(spec: dict[str, Any]) -> tuple[list[str], dict[str, str]]:
    """A Probe as plain Prometheus has it."""
    static = spec["targets"]["staticConfig"]
    labels = {"__param_module": spec["module"], **static["labels"], "job": spec["jobName"]}
    return static["static"], labels


def test_an_environment_of_its_own_has_a_server_without_labels() -> None:
    write(FLEET.replace("{env: production}", "{}") + SERVER, CHAT + HEALTH)
    built(Path("scratch"))
    text = Path("scratch/prometheus/prometheus.production.yml").read_text()
    (job,) = [one for one in yaml.safe_load(text)["scrape_configs"] if one["job_name"] == "chat-probe"]
    assert job["static_configs"][0]["labels"] == {"__param_module": "http", "probe": "readiness"}


# What is refused


def test_two_environments_must_not_ask_one_service() -> None:
    (problem,) = problems(FLEET.replace(ONE, TWO) + SERVER, CHAT + TARGETS + HEALTH)
    assert (problem.rule, str(problem.origin)) == ("whose-targets", "specs/fleet.yaml:7:12")
    assert "http://chat.llm.svc:8080/ready for both" in problem.message


def test_an_exporter_that_is_missing_is_said_at_what_needs_it() -> None:
    without = FLEET.replace('blackbox: {address: "blackbox:9115"}\n', "")
    write(without, CHAT + REPORT + "outside: {checks: {a: /a}}\n")
    assert found(built(Path("scratch"))) == [
        ("no-blackbox", "specs/chat.yaml:5:22"),
        ("no-blackbox", "specs/chat.yaml:6:11"),
    ]


@pytest.mark.parametrize(
    ("fleet", "chat", "place"),
    [
        ("address: {production: 'b:1'}", "", "specs/fleet.yaml:7:12"),
        (BOTH, "outside: {address: {staging: 'https://s.example'}}\n", "specs/chat.yaml:5:11"),
        (BOTH, "outside: {checks: {a: {tcp: {staging: 'h:1'}}}}\n", "specs/chat.yaml:5:24"),
    ],
)
def test_an_environment_that_is_left_out_is_a_warning(fleet: str, chat: str, place: str) -> None:
    found = problems(FLEET.replace(ONE, TWO).replace('address: "blackbox:9115"', fleet), CHAT + chat)
    assert [(problem.rule, str(problem.origin)) for problem in found] == [("not-asked", place)]
    assert found[0].message.startswith("nothing asks this in ")


def test_two_sources_of_one_state_are_one_too_many() -> None:
    for twice in ("uses: [health]\n", "metrics: {health_status: {type: gauge, labels: [component], help: State.}}\n"):
        assert "health-twice" in [problem.rule for problem in problems(FLEET, CHAT + REPORT + twice)]


def test_a_report_of_a_service_without_an_address() -> None:
    chat = CHAT.replace("workload: {namespace: llm, name: chat}\n", "")
    for spec in (
        "health: {report: {path: /r, components: [a, b]}}\n",
        "outside: {checks: {a: /a, b: /b}}\n",
        "outside: {checks: {a: {tcp: 5432}}}\n",
    ):
        (problem,) = problems(FLEET, chat + spec)
        assert problem.rule == "no-address"
        assert problem.message.startswith("nobody knows where chat is from outside: write ")


@pytest.mark.parametrize(
    ("report", "says"),
    [
        ("{path: /r}", "the key 'components' is missing"),
        ("{path: /r, components: []}", "a report without components says nothing"),
        ("{path: /r, components: {}}", "a report without components says nothing"),
        ("{path: /r, components: ['']}", "a report without components says nothing"),
        ("{path: /r, components: [a, b, a]}", "'a' is there twice: write each component once"),
        ("{path: /r, components: [a, 7]}", "7 is no name"),
        ("{path: r, components: [a]}", "'r' is no HTTP path: write it like /health/ready"),
        ("{components: {a: b}}", "'b' is no HTTP path"),
        ("{components: [a]}", "the report has no path: write path: /health/detailed"),
        ("{path: /r, components: {a: /a}}", "a has an endpoint of its own: leave path: out"),
        ("{path: /r, components: [a], healthy: ok, degraded: ok}", "'ok' cannot be healthy and degraded"),
        ("{path: /r, components: [a], healthy: []}", "'healthy' is empty"),
        ("/health/detailed", "expected a map of keys"),
    ],
)
def test_what_is_no_report_is_refused(report: str, says: str) -> None:
    messages = [problem.message for problem in problems(FLEET, CHAT + f"health: {{port: 80, report: {report}}}\n")]
    assert any(message.startswith(says) for message in messages), messages


@pytest.mark.parametrize(
    ("check", "says"),
    [
        ("login", "'login' is no HTTP path"),
        ("5", "5 is no check: write a path such as /login"),
        ("{}", "a check asks one thing"),
        ("{path: /a, tcp: 80}", "a check asks one thing"),
        ("{path: /a, status: 99}", "input should be greater than or equal to 100"),
        ("{path: /a, body: '('}", "'(' is no regular expression of Go"),
        ("{path: /a, body: '(?=a)'}", "'(?=a)' is no regular expression of Go"),
        ("{path: /a, without: ''}", "'' is no regular expression of Go: it is empty"),
        ("{path: /a, headers: {Authorization: s3cr3t}}", "Authorization holds a secret"),
        ("{path: /a, headers: {X-API-Key: s3cr3t}}", "X-API-Key holds a secret"),
        ("{path: /a, headers: {'a b': c}}", "'a b' is no name of a header"),
        ('{path: /a, headers: {A: "b\\nC: d"}}', "'b\\nC: d' is no value of a header"),
        ("{path: /a, bearer: s3cr3t}", "a secret is never written into a spec"),
        ("{path: /a, bearer: {secret: a/b}, basic: {user: u, password: {secret: a/b}}}", "a request has one"),
        ("{url: 'https://u:s3cr3t@x/'}", "a password is never written into a URL"),
        ("{url: 'https://x/?api_key=s3cr3t'}", "a secret is never written into a URL"),
        ("'/a?token=s3cr3t'", "a secret is never written into a URL"),
        ("{url: 'ftp://x/'}", "'ftp://x/' is no URL"),
        ("{tcp: host}", "'host' is no address with a port"),
        ("{tcp: 0}", "0 is no address with a port"),
        ("{tcp: 'h:1', status: 200}", "status belong to HTTP"),
        ("{path: /a, method: HEAD, body: a}", "the answer to HEAD has no body"),
        ("{path: /a, tls: {ca: /c}}", "tls is for https:// only"),
        ("{url: {prod: 'https://x/'}}", "unknown environment 'prod': the fleet has production"),
        ("{path: /a, bod: x}", "unknown key 'bod': did you mean 'body'?"),
    ],
)
def test_what_is_no_check_is_refused(check: str, says: str) -> None:
    wrong = problems(FLEET, CHAT + HEALTH + f"outside: {{checks: {{a: {check}}}}}\n")
    messages = [problem.message for problem in wrong]
    assert any(message.startswith(says) for message in messages), messages
    assert "s3cr3t" not in "".join(messages)


@pytest.mark.parametrize(
    ("blackbox", "says"),
    [
        ('{address: "http://x:1"}', "'http://x:1' is no address"),
        ("{address: {prod: 'x:1'}}", "unknown environment 'prod'"),
        ("{address: 'x:1', timeout: 31s}", "asking every 30s cannot wait 31s"),
        ("{}", "the key 'address' is missing"),
    ],
)
def test_what_is_no_exporter_is_refused(blackbox: str, says: str) -> None:
    fleet = FLEET.replace('{address: "blackbox:9115"}', blackbox)
    messages = [problem.message for problem in problems(fleet, CHAT + REPORT)]
    assert any(message.startswith(says) for message in messages), messages
    assert not any("nothing asks from outside" in message for message in messages), "it is there, and wrong"
