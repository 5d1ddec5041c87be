"""What `llmmon explain` says of an alert: on small specs, and on the repository's own."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from llmmon.cli import app
from llmmon.explain import explain, moment
from llmmon.problem import Rejected

ROOT = Path(__file__).parent.parent
SATURDAY = datetime(2026, 11, 21, 10, 5, tzinfo=UTC)
MONDAY = datetime(2026, 11, 23, 10, 5, tzinfo=UTC)

FLEET = """\
fleet: acme
versions: {alertmanager: "0.28"}
runbooks: https://runbooks.example/{service}/{alert}
dashboards: https://grafana.example/d/{uid}
environments:
  production: {selector: {env: production}}
  staging: {selector: {env: staging}, demote: {critical: warning}}
teams:
  ml:
    critical: [{pagerduty: {secret: pagerduty/ml}}, {slack: "#critical"}]
    warning: [{slack: "#ml"}]
    info: [{email: ml@example.com}]
    active: {info: weekdays 09:00-17:00 Europe/Berlin}
  finance:
    warning: [{slack: "#money"}]
    quiet: {warning: weekends UTC}
copies: [{when: {category: cost}, to: finance}]
catch_all: [{webhook: "http://hook.example/x"}]
receivers: {slack: {secret: slack/webhook}, email: {from: a@example.com, smarthost: "smtp.example:587"}}
"""
CHAT = """\
service: chat
team: ml
selector: {job: chat}
depends_on: [llama]
metrics:
  asked_total: {type: counter, labels: [model], help: Questions.}
  failed_total: {type: counter, labels: [model], help: Questions without an answer.}
  waiting: {type: gauge, labels: [model], help: Questions that wait.}
signals:
  errors: {ratio: {bad: failed_total, total: asked_total}, help: Share of failures.}
  queue: {gauge: waiting, by: [model], help: Questions that wait.}
slos: {errors: {objective: 99.9%}}
alerts:
  HighErrorRate: {signal: errors, above: {critical: 10%, warning: 5%}}
  QueueGrows: {signal: queue, above: {warning: 10, info: 5}, in: {staging: off}}
  QueueCosts: {signal: queue, above: 100, category: cost}
  QueueTiny: {signal: queue, above: 1, severity: info, category: capacity}
  QueueOff: {signal: queue, above: 1, off: nobody reads it}
dashboards:
  queue: {title: Waiting, panels: {Now: [{title: Questions that wait, signal: queue}]}}
"""
LLAMA = "service: llama\nteam: ml\nselector: {job: llama}\n"


@pytest.fixture
def specs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "specs"
    folder.mkdir()
    for name, text in (("fleet", FLEET), ("chat", CHAT), ("llama", LLAMA)):
        (folder / f"{name}.yaml").write_text(text)
    monkeypatch.chdir(tmp_path)
    return Path("specs")


def said(folder: Path, reference: str, environment: str | None = "production", at: datetime = SATURDAY) -> str:
    return "\n".join(explain(reference, [folder], environment, at))


def field(text: str, title: str, section: str = "") -> str:
    """The lines of one field, without their indentation, in the first section or in the one named."""
    lines = text.split("\n")
    lines = lines[lines.index(section) :] if section else lines
    start = next(i for i, line in enumerate(lines) if line.startswith(f"  {title:<12}"))
    end = next((i for i, line in enumerate(lines) if i > start and not line.startswith(" " * 14)), len(lines))
    return "\n".join(line[14:] for line in lines[start:end])


def test_a_ladder_has_a_section_for_each_severity(specs: Path) -> None:
    text = said(specs, "chat/HighErrorRate", None)
    assert [line for line in text.split("\n") if line and not line.startswith(" ")] == [
        "chat/HighErrorRate",
        "production, critical",
        "production, warning",
        "staging, warning",
    ]
    assert field(text, "defined") == "specs/chat.yaml:14:3 alerts.HighErrorRate"
    assert "specs/chat.yaml" in text.split("\n")[2]
    assert field(text, "summary", "production, critical") == "Errors of chat are above 10%"
    assert field(text, "for", "production, critical") == "5m; keeps firing for 5m"
    assert field(text, "for", "production, warning") == "10m; keeps firing for 5m"
    assert "severity=warning" in field(text, "labels", "staging, warning")


def test_expressions_have_the_injected_selectors_and_what_they_read(specs: Path) -> None:
    text = said(specs, "chat/HighErrorRate")
    assert field(text, "expression") == 'service:errors_ratio:rate5m{service="chat",environment="production"} > 0.1'
    reads = field(text, "reads", "production, critical")
    assert reads.startswith("service:errors_ratio:rate5m\n")
    assert 'sum(rate(failed_total{job="chat",env="production"}[5m]))' in reads
    assert field(text, "reads", "production, warning") == "service:errors_ratio:rate5m (see above)"


def test_labels_of_the_series_are_named(specs: Path) -> None:
    assert field(said(specs, "chat/QueueCosts"), "carries") == "model"
    assert field(said(specs, "chat/HighErrorRate"), "carries") == "no series label"


def test_an_alert_of_a_preset_names_both_lines(specs: Path) -> None:
    defined = field(said(specs, "chat/ServiceDown"), "defined").split("\n")
    assert defined[0].startswith("specs/chat.yaml:1:1")
    assert "llmmon/presets/service.yaml:" in defined[1]
    assert defined[1].endswith("alerts.ServiceDown")


def test_receivers_have_their_channels_and_no_secret(specs: Path) -> None:
    told = field(said(specs, "chat/HighErrorRate"), "told")
    assert told.split("\n") == [
        "ml-critical: pagerduty, slack #critical",
        '  by team="ml" severity="critical"; again every 1h while it fires',
    ]


def test_quiet_hours_mute_an_info_alert_on_saturday_until_monday(specs: Path) -> None:
    told = field(said(specs, "chat/QueueTiny"), "told").split("\n")
    assert told[0] == "ml-info: email ml@example.com"
    assert told[2] == "  notifies only weekdays 09:00-17:00 Europe/Berlin"
    assert told[3] == "  MUTED at this moment; tells from Mon 2026-11-23 09:00 Europe/Berlin, if it still fires"


def test_inside_its_hours_an_info_alert_says_until_when(specs: Path) -> None:
    told = field(said(specs, "chat/QueueTiny", at=MONDAY), "told").split("\n")
    assert told[3] == "  tells at this moment; muted from Mon 2026-11-23 17:00 Europe/Berlin"


def test_the_end_of_quiet_hours_is_by_the_clock_on_the_wall(specs: Path) -> None:
    before_summer_time = datetime(2026, 3, 28, 12, tzinfo=UTC)
    assert "tells from Mon 2026-03-30 09:00 Europe/Berlin" in said(specs, "chat/QueueTiny", at=before_summer_time)


def test_a_copy_comes_first_and_is_muted_on_its_own(specs: Path) -> None:
    told = field(said(specs, "chat/QueueCosts"), "told").split("\n")
    assert told[0] == "finance-warning: slack #money"
    assert told[2] == "  is quiet weekends UTC"
    assert told[3] == "  MUTED at this moment; tells from Mon 2026-11-23 00:00 UTC, if it still fires"
    assert told[4] == "ml-warning: slack #ml"
    assert len(told) == 6


def test_hours_that_never_end_say_so(specs: Path) -> None:
    path = specs / "fleet.yaml"
    path.write_text(path.read_text().replace("weekends UTC", "daily UTC"))
    assert "  MUTED at every moment" in said(specs, "chat/QueueCosts")


def test_who_has_no_receiver_goes_to_the_catch_all(specs: Path) -> None:
    path = specs / "chat.yaml"
    path.write_text(path.read_text().replace("team: ml", "team: finance"))
    told = field(said(specs, "chat/QueueTiny"), "told").split("\n")
    assert told == [
        "catch-all: webhook http://hook.example/x",
        '  by team="finance"; again every 4h while it fires',
    ]


def test_service_down_mutes_its_service_and_mild_alerts_of_dependants(specs: Path) -> None:
    own = field(said(specs, "chat/ServiceDown"), "mutes")
    assert re.fullmatch(r"all \d+ other alerts of chat: a service that is down", own)
    assert "ServiceDown@critical: a service that is down" in field(said(specs, "chat/SLOMetricAbsent"), "muted by")
    below = field(said(specs, "llama/ServiceDown"), "mutes").split("\n")
    assert below[0] == "ReplicaDown@warning: a service that is down"
    assert re.fullmatch(r"\d+ warning and info alerts of chat: llama is down", below[1])
    assert field(said(specs, "chat/ServiceDown"), "muted by") == "nothing"


def test_what_mutes_an_alert_is_named(specs: Path) -> None:
    text = said(specs, "chat/QueueGrows")
    assert field(text, "muted by", "production, info").split("\n") == [
        "ServiceDown@critical: a service that is down",
        "QueueGrows@warning: warning of the same alert, for the same model",
        "llama/ServiceDown@critical: llama is down",
    ]
    assert field(text, "mutes", "production, warning").startswith("QueueGrows@info: ")
    assert "llama" not in field(said(specs, "chat/HighErrorRate"), "muted by", "production, critical")


def test_slo_alerts_are_compact(specs: Path) -> None:
    text = said(specs, "chat/SLOErrorBudgetBurn")
    assert field(text, "defined") == "specs/chat.yaml:12:8 slos.errors"
    warnings = field(text, "summary", "production, warning").split("\n")
    assert [line.partition(":")[0] for line in warnings] == ["errors-slow", "errors-drip"]
    assert "slo=errors" in field(text, "labels")
    assert field(text, "told").startswith("ml-critical: pagerduty")
    assert "Slo errors" in field(text, "panels")


def test_panels_on_the_same_signal_have_their_dashboards_url(specs: Path) -> None:
    assert field(said(specs, "chat/QueueCosts"), "panels").split("\n") == [
        "chat: service overview / Queue",
        "  https://grafana.example/d/chat-service",
        "Waiting / Questions that wait",
        "  https://grafana.example/d/chat-queue",
    ]


def test_the_runbook_names_the_page_and_the_prose(specs: Path) -> None:
    url = "https://runbooks.example/chat/QueueTiny"
    assert field(said(specs, "chat/QueueTiny"), "runbook") == f"{url}\ngenerated/runbooks/chat/QueueTiny.md"
    (specs / "runbooks/chat").mkdir(parents=True)
    (specs / "runbooks/chat/QueueTiny.md").write_text("## What to do\n\nWait.\n")
    assert "with the words of specs/runbooks/chat/QueueTiny.md" in field(said(specs, "chat/QueueTiny"), "runbook")


def test_one_rule_of_a_ladder_can_be_asked_for(specs: Path) -> None:
    text = said(specs, "chat/HighErrorRate@critical", None)
    assert "production, critical" in text
    assert "production, warning" not in text
    assert "staging: no such rule; it is off there, or demoted away" in text


def test_an_alert_that_is_off_says_why(specs: Path) -> None:
    text = said(specs, "chat/QueueOff", None)
    assert field(text, "off") == "nobody reads it"
    assert field(text, "defined") == "specs/chat.yaml:18:3"


def test_an_alert_that_an_environment_does_not_have(specs: Path) -> None:
    assert "\nstaging: no such rule; it is off there, or demoted away" in said(specs, "chat/QueueGrows", None)
    with pytest.raises(ValueError, match="not in staging: write --environment production"):
        said(specs, "chat/QueueGrows", "staging")


def test_a_service_lists_its_alerts(specs: Path) -> None:
    lines = said(specs, "chat", None).split("\n")
    assert [line.split()[0] for line in lines if "Queue" in line] == [
        "QueueCosts",
        "QueueGrows",
        "QueueGrows",
        "QueueTiny",
        "QueueOff",
    ]
    down = next(line for line in lines if line.startswith("ServiceDown"))
    assert " ".join(down.split()) == "ServiceDown critical (warning in staging) No target of this service answers."
    assert len({line.index(line.split("  ")[-1].lstrip()) for line in lines}) == 1


@pytest.mark.parametrize(
    ("reference", "meant"),
    [
        ("chat/HighErorRate", "chat/HighErrorRate"),
        ("chat/higherrorrate", "chat/HighErrorRate"),
        ("chta/HighErrorRate", "chat/HighErrorRate"),
        ("llama/QueueTiny", "chat/QueueTiny"),
        ("QueueTiny", "chat/QueueTiny"),
        ("chatt", "chat"),
    ],
)
def test_a_typo_gets_a_suggestion(specs: Path, reference: str, meant: str) -> None:
    with pytest.raises(ValueError, match=f"did you mean '{meant}'"):
        said(specs, reference)


@pytest.mark.parametrize(
    ("reference", "words"),
    [
        ("chat/Zzz", "`llmmon explain chat` lists"),
        ("chat/", "`llmmon explain chat` lists"),
        ("zzz", "the services are chat, llama"),
        ("", "the services are chat, llama"),
        ("zzz/Yyy", "the services are chat, llama"),
    ],
)
def test_a_name_like_no_other_says_where_to_look(specs: Path, reference: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        said(specs, reference)


def test_an_unknown_environment_gets_a_suggestion(specs: Path) -> None:
    with pytest.raises(ValueError, match="did you mean 'production'"):
        said(specs, "chat/QueueTiny", "prodution")


@pytest.mark.parametrize(
    ("old", "new"),
    [("signal: queue, above: 100", "signal: queu, above: 100"), ("[llama]", "[lama]"), ("team: ml", "teem: ml")],
)
def test_specs_with_errors_are_rejected_with_all_problems(specs: Path, old: str, new: str) -> None:
    path = specs / "chat.yaml"
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(Rejected) as caught:
        said(specs, "chat/QueueTiny")
    assert caught.value.problems[0].origin.document.path == "specs/chat.yaml"


def test_text_of_a_spec_cannot_command_the_terminal(specs: Path) -> None:
    path = specs / "chat.yaml"
    path.write_text(path.read_text().replace("off: nobody reads it", 'off: "\\e[2J gone"'))
    assert "\x1b" not in said(specs, "chat/QueueOff", None)


def test_a_moment_has_a_zone() -> None:
    assert moment("2026-11-21T03:00+01:00") == datetime(2026, 11, 21, 2, tzinfo=UTC)
    assert moment("2026-11-21T02:00Z") == datetime(2026, 11, 21, 2, tzinfo=UTC)
    assert moment(None).utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("2026-11-21T03:00", r"has no time zone: write 2026-11-21T03:00Z for UTC, or 2026-11-21T03:00\+01:00"),
        ("2026-11-21", "has no time zone: write 2026-11-21T00:00Z"),
        ("yesterday", "is no moment: write one such as"),
        ("9999-12-31T23:59Z", "is out of range"),
        ("0001-01-01T00:00Z", "is out of range"),
    ],
)
def test_a_moment_without_zone_or_sense_is_refused(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        moment(text)


def test_the_same_moment_gives_the_same_page(specs: Path) -> None:
    assert said(specs, "chat/HighErrorRate", None) == said(specs, "chat/HighErrorRate", None)


def test_the_command_prints_the_page_or_says_what_to_write(specs: Path) -> None:
    runner = CliRunner()
    at = ("--specs", str(specs), "--at", "2026-11-21T10:05Z")
    page = runner.invoke(app, ["explain", "chat/HighErrorRate", *at])
    assert (page.exit_code, page.stdout.split("\n")[0]) == (0, "chat/HighErrorRate")
    typo = runner.invoke(app, ["explain", "chat/HighErorRate", *at])
    assert typo.exit_code == 2
    assert "did you mean 'chat/HighErrorRate'?" in typo.stderr


@pytest.mark.parametrize("service", ["llm-config-manager", "llm-cost-tracker"])
def test_every_alert_of_the_repository_can_be_explained(service: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    names = {line.split()[0] for line in explain(service, [Path("specs")], None, SATURDAY)}
    assert {"ServiceDown", "SLOErrorBudgetBurn"} <= names
    for name in ("ServiceDown", "SLOErrorBudgetBurn"):
        text = said(Path("specs"), f"{service}/{name}", None)
        assert str(ROOT) not in text
        assert field(text, "defined").startswith(f"specs/{service}.yaml:")


def test_an_slo_of_the_repository_shows_every_objective_and_window(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    text = said(Path("specs"), "llm-config-manager/SLOErrorBudgetBurn")
    for objective in ("availability", "latency"):
        for window in ("fast", "medium", "slow", "drip"):
            assert f"{objective}-{window}" in field(text, "for", f"production, {_severity(window)}")
    assert len(text.split("\n")) < 100


def _severity(window: str) -> str:
    return "critical" if window in ("fast", "medium") else "warning"
