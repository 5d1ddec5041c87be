"""Bad input: what is wrong with `deploy:` is said where it stands, with what to write instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from deployment_examples import CHAT_BACKUPS, DEPLOY, FLEET, prepare, said

if TYPE_CHECKING:
    from conftest import Fleet

GRAFANA = "grafana: {admin: {secret: g/a}"
OAUTH = "client: c, secret: {secret: a/b}, authorize: 'https://a', token: 'https://a', userinfo: 'https://a'"
ACCESS = "access: {domain: acme.example, tls: acme-tls"
STORE = "store: {secret: backup-store/rclone.conf}, to: 's3:backups'"


@pytest.mark.parametrize(
    ("deploy", "message"),
    [
        ("deploy: {}", "nothing is deployed: name a part, such as `prometheus: {}`"),
        ("deploy: {promethus: {}}", "unknown key 'promethus': did you mean 'prometheus'?"),
        ("deploy: {elasticsearch: {}}", "unknown key 'elasticsearch'"),
        ("deploy: {namespace: Mon_itoring, alertmanager: {}}", "'Mon_itoring' is no DNS label"),
        ("deploy: {prometheus: {storage: 100}}", "100 is no size of a volume: write it like 100Gi"),
        ("deploy: {prometheus: {storage: 100GB}}", "'100GB' is no size of a volume: write it like 100Gi"),
        ("deploy: {prometheus: {memory: lots}}", "'lots' is no amount of memory: write it like 512Mi or 8Gi"),
        ("deploy: {prometheus: {cpu: 0}}", "0 is no amount of CPU: write cores such as 2"),
        ("deploy: {prometheus: {cpu: 2 cores}}", "'2 cores' is no amount of CPU"),
        ("deploy: {prometheus: {replicas: 0}}", "input should be greater than or equal to 1, got 0"),
        ("deploy: {collector: {replicas: {min: 5, max: 2}}}", "min is 5, which is more than max, 2: swap them"),
        ("deploy: {grafana: {}}", "the key 'admin' is missing: write it here"),
        ("deploy: {grafana: {admin: hunter2}}", "a secret is never written into a spec: write a reference"),
        ("deploy: {grafana: {admin: {secret: hunter2}}}", "this is no reference to a secret: write {secret: name/key}"),
        (f"deploy: {{{GRAFANA}, database: {{host: 'p:5', password: hunter2}}}}}}", "a secret is never written"),
        (f"deploy: {{{GRAFANA}, database: {{host: 'p:x', password: {{secret: a/b}}}}}}}}", "'p:x' is no address"),
        (f"deploy: {{{GRAFANA}, replicas: 2}}}}", "2 replicas of Grafana need one database: write database:"),
        (f"deploy: {{{GRAFANA}, loki: 'http://u:hunter2@l'}}}}", "a password is never written into a URL"),
        (
            f"deploy: {{{GRAFANA}, oauth: {{name: '${{PATH}}', {OAUTH}}}}}}}",
            "'${PATH}' is no name: use letters, digits, spaces",
        ),
        (f"deploy: {{{GRAFANA}}}, {ACCESS.replace('acme.example', 'a_b')}}}}}", "'a_b' is no host name: write it like"),
        (
            f"deploy: {{{GRAFANA}}}, {ACCESS.replace('acme.example', 'https://a.b')}}}}}",
            "'https://a.b' is no host name",
        ),
        (f"deploy: {{{GRAFANA}}}, {ACCESS}, open: [grafanna]}}}}", "'grafanna' is not one of"),
        (f"deploy: {{{GRAFANA}}}, {ACCESS}, open: [jaeger], login: x}}}}", "jaeger is not deployed, so nobody can be"),
        (
            f"deploy: {{prometheus: {{}}, {ACCESS}, open: [prometheus]}}}}",
            "prometheus asks nobody who he is, so it would be open to everybody: write login:",
        ),
        (f"deploy: {{{GRAFANA}}}, {ACCESS}, beside: {{kibana: kibana}}}}}}", "'kibana' is no address of a Service"),
        (
            f"deploy: {{{GRAFANA}}}, {ACCESS}, beside: {{grafana: 'g.m:3000'}}}}}}",
            "grafana is in open as well: keep one",
        ),
        (f"deploy: {{alertmanager: {{}}, backups: {{{STORE}, of: {{}}}}}}", "'of' is empty: write at least one"),
        (
            f"deploy: {{alertmanager: {{}}, backups: {{{STORE}, of: {{prometheus: {{}}}}}}}}",
            "prometheus is not deployed, so there is nothing to save: remove this",
        ),
        (
            f"deploy: {{prometheus: {{}}, backups: {{{STORE}, of: {{promethus: {{}}}}}}}}",
            "promethus names nothing that could be saved: did you mean 'prometheus'?",
        ),
        (
            f"deploy: {{prometheus: {{}}, backups: {{{STORE}, of: {{chat: {{}}}}}}}}",
            "chat names nothing that could be saved: write volume: with the claim that holds it",
        ),
        (
            f"deploy: {{{GRAFANA}}}, backups: {{{STORE}, of: {{grafana: {{}}}}}}}}",
            "Grafana has no database of its own to save",
        ),
        (
            f"deploy: {{prometheus: {{}}, backups: {{{STORE}, of: {{prometheus: {{volume: x}}}}}}}}",
            "prometheus is saved in its own way, not as a volume",
        ),
        (
            f"deploy: {{prometheus: {{}}, backups: {{{STORE}, of: {{prometheus: {{every: 5m}}}}}}}}",
            "'5m' is not one of 1h, 2h, 3h, 4h, 6h, 8h, 12h, 1d, 7d",
        ),
        (
            f"deploy: {{prometheus: {{}}, backups: {{{STORE}, of: {{a: {{volume: a, folder: ../etc}}}}}}}}",
            "'../etc' is no folder inside the volume",
        ),
        (
            f"deploy: {{prometheus: {{}}, backups: {{{STORE}, of: {{a: {{volume: a, user: 0}}}}}}}}",
            "input should be greater than or equal to 1, got 0",
        ),
        (
            "deploy: {prometheus: {}, backups: {store: AKIA123, to: 's3:b', of: {prometheus: {}}}}",
            "a secret is never written into a spec",
        ),
        (
            "deploy: {prometheus: {}, alertmanager: {}, compose: {ports: {prometheus: 9093}}}",
            "prometheus and alertmanager are both on port 9093 of the laptop: give one of them another",
        ),
        (
            "deploy: {prometheus: {}, compose: {services: {chat: 9090}}}",
            "prometheus and chat are both on port 9090 of the laptop",
        ),
        (
            "deploy: {prometheus: {}, compose: {services: {chatt: 1}}}",
            "there is no service 'chatt' on the laptop: did you",
        ),
        (
            "backend: {mimir: {url: 'https://mimir.example'}}\ndeploy: {prometheus: {}, compose: true}",
            "a laptop runs one Prometheus that does everything",
        ),
        ("deploy: {prometheus: {}, compose: {ports: {grafana: 1}}}", "there is no part 'grafana' on the laptop"),
    ],
)
def test_bad_input_is_said(fleet: Fleet, deploy: str, message: str) -> None:
    out = said(fleet, deploy + "\n")
    assert message in out, out
    assert "hunter2" not in "".join(line for line in out.splitlines() if ": error: " in line)
    assert "AKIA" not in "".join(line for line in out.splitlines() if ": error: " in line)


def test_every_mistake_is_said_in_one_run(fleet: Fleet) -> None:
    grafana = "grafana: {replicas: 2, admin: {secret: g/a}}"
    out = said(fleet, f"deploy: {{prometheus: {{storage: 10Gi}}, alertmanager: {{replicas: 2}}, {grafana}}}\n")
    assert "a volume of 10Gi is filled by samples of 50,000,000,000 bytes" in out
    assert "write 56Gi or more" in out
    assert "2 replicas of Grafana need one database" in out


@pytest.mark.parametrize("part", ["collector", "jaeger"])
def test_a_part_without_its_configuration_is_an_error(fleet: Fleet, part: str) -> None:
    without = FLEET[: FLEET.index("tracing:")] + FLEET[FLEET.index("logs:") :]
    out = said(fleet, f"deploy: {{{part}: {{}}}}\n", without)
    assert f"{part} has no configuration in this fleet: write `tracing:` first, or remove {part}" in out


def test_other_parts_that_nothing_configures(fleet: Fleet) -> None:
    bare = FLEET[: FLEET.index("elasticsearch:")]
    grafana = "grafana: {admin: {secret: g/a}, elasticsearch: {user: u, password: {secret: e/p}}}"
    out = said(fleet, f"deploy: {{prometheus: {{}}, logstash: {{}}, {grafana}}}\n", bare)
    assert "prometheus has no configuration in this fleet: write `prometheus: {}` first" in out
    assert "logstash has no configuration in this fleet: no service has `logs:`" in out
    assert "the fleet has no `elasticsearch:`, so there is nothing to read" in out


def test_tail_sampling_is_not_spread_over_collectors(fleet: Fleet) -> None:
    out = said(fleet, "deploy: {collector: {replicas: 3}}\n", FLEET.replace("tracing:\n", "tracing:\n  at: tail\n"))
    assert "tail sampling is written for 1 collectors, and 3 would each see a part of a trace" in out


def test_the_operator_and_we_do_not_run_the_same(fleet: Fleet) -> None:
    out = said(fleet, "deploy: {prometheus: {}}\n", FLEET + "operator: {kinds: [Prometheus]}\n")
    assert "the operator runs prometheus as well, for operator: kinds names Prometheus: keep one of them" in out


# Doubts


def warned(fleet: Fleet, deploy: str, base: str = FLEET, more: str = "") -> list[str]:
    prepare(fleet, deploy, more, base)
    ran = fleet.run("generate")
    assert ran.code == 0, ran.out
    return [line for line in ran.problems if "[deploy-" in line or "[backup-" in line]


def test_nothing_is_doubted_of_a_right_one(fleet: Fleet) -> None:
    assert warned(fleet, DEPLOY, more=CHAT_BACKUPS) == []


def test_what_works_and_is_not_meant_is_a_warning(fleet: Fleet) -> None:
    deploy = (
        "deploy:\n  alertmanager: {replicas: 3}\n  prometheus: {storage: 50Gi}\n  jaeger: {}\n  namespace: watch\n"
        "  grafana: {admin: {secret: g/a}}\n  access: {domain: other.example, tls: t}\n"
    )
    base = FLEET.replace("prometheus:\n", "prometheus:\n  remote_write: [{url: 'https://far.example/push'}]\n")
    lines = "\n".join(warned(fleet, deploy, base))
    for message in (
        "a volume of 50Gi is filled by samples of 50,000,000,000 bytes and the write-ahead log beside them",
        "each of 2 replicas sends the same series to remote_write",
        "Prometheus has to tell every Alertmanager itself",
        "alertmanager-2.alertmanager-pods.watch:9093",
        "spans are sent to jaeger-collector.monitoring:4317, and Jaeger runs in watch",
        "alerts link to dashboards at https://grafana.acme.example, and Grafana is at https://grafana.other.example",
        "Grafana has a datasource Loki, for logs: loki is true, and nobody says where it is",
        "Grafana has a datasource Elasticsearch and no user for it",
    ):
        assert message in lines, lines


def test_two_servers_that_ask_the_same_cluster_are_a_warning(fleet: Fleet) -> None:
    base = FLEET.replace("{env: production}", "{}").replace("{env: staging}", "{}")
    base = base[: base.index("  clusters:")] + base[base.index("  jobs:") :]
    lines = warned(fleet, "deploy: {prometheus: {replicas: 1, storage: 80Gi}}\n", base)
    assert any("the servers production and staging find their pods in the cluster that they run in" in x for x in lines)


# Backups and their alerts

BACKUP = f"deploy:\n  prometheus: {{storage: 80Gi}}\n  backups: {{{STORE}, of: {{prometheus: {{every: 6h}}}}}}\n"


def test_a_backup_that_no_alert_misses_is_a_warning(fleet: Fleet) -> None:
    lines = warned(fleet, BACKUP)
    assert any("no alert tells when the backup of prometheus is late" in x and "{stale: 12h}" in x for x in lines)


def test_a_backup_with_a_freshness_alert_is_right(fleet: Fleet) -> None:
    assert warned(fleet, BACKUP, more=CHAT_BACKUPS) == []


def test_a_freshness_alert_of_another_backup_is_none(fleet: Fleet) -> None:
    lines = warned(fleet, BACKUP, more=CHAT_BACKUPS + "# grafana")
    assert any("no alert tells when the backup of prometheus is late" in x for x in lines)


def test_an_alert_that_is_off_misses_nothing(fleet: Fleet) -> None:
    lines = warned(fleet, BACKUP, more=CHAT_BACKUPS.replace("stale: 12h", "stale: 12h, off: not now"))
    assert any("no alert tells when the backup of prometheus is late" in x for x in lines)


def test_an_alert_that_is_earlier_than_the_next_backup_is_an_error(fleet: Fleet) -> None:
    out = said(fleet, BACKUP, more=CHAT_BACKUPS.replace("stale: 12h", "stale: 6h"))
    assert "the backup of prometheus is made every 6h, so its age of 6h is no lateness: write stale: 12h" in out
    assert "specs/chat.yaml" in out


def test_a_backup_whose_end_nobody_reads_is_a_warning(fleet: Fleet) -> None:
    base = FLEET.replace("    pushgateway: ", "    other: ").replace("app: pushgateway", "app: other")
    lines = warned(fleet, BACKUP, base, CHAT_BACKUPS)
    assert any("nothing reads when a backup has ended, so its alert cannot know" in x for x in lines)
