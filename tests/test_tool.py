"""Tools are found on PATH or in docker, get the same arguments either way, and are missed plainly."""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from pathlib import Path, PurePosixPath

import pytest

from llmmon.tool import TOOLS, Found, Missing, Tools

RULES = "groups: [{name: g, rules: [{alert: A, expr: 'up == 0'}]}]\n"
FAKE_DOCKER = """#!{python}
import json, pathlib, sys
log = pathlib.Path({log!r})
log.write_text((log.read_text() if log.exists() else "") + json.dumps(sys.argv[1:]) + "\\n")
if sys.argv[1] == "run":
    print("SUCCESS", sys.stdin.read())
    print("noise", file=sys.stderr)
sys.exit(3 if sys.argv[1] == "run" else 0)
"""


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    folder = tmp_path / "scratch"
    (folder / "rules").mkdir(parents=True)
    (folder / "rules" / "a.yaml").write_text(RULES)
    return folder


def program(folder: Path, name: str, text: str) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(text)
    path.chmod(0o755)
    return path


def only(folder: Path) -> dict[str, str]:
    """An environment whose PATH holds this folder alone."""
    folder.mkdir(exist_ok=True)
    return {"PATH": str(folder)}


def needs(name: str) -> None:
    if not shutil.which(name):
        pytest.skip(f"{name} is not on PATH: {TOOLS[name].hint}")


def test_promtool_is_found_with_its_version_and_judges_a_file(scratch: Path) -> None:
    needs("promtool")
    tools = Tools(scratch, os.environ)
    found = tools.find("promtool")
    assert isinstance(found, Found)
    assert found.how == "path"
    assert found.version is not None
    assert found.version >= (2, 42)
    assert found.version_text.startswith("promtool, version")
    assert tools.find("promtool") is found
    ran = tools.run("promtool", ["check", "rules", PurePosixPath("rules/a.yaml")])
    assert (ran.code, ran.timed_out) == (0, False)
    assert "SUCCESS: 1 rules found" in ran.stdout
    (scratch / "rules" / "bad.yaml").write_text(RULES.replace("==", "=== "))
    ran = tools.run("promtool", ["check", "rules", PurePosixPath("rules/bad.yaml")], cwd=PurePosixPath("rules"))
    assert ran.code == 1
    assert "bad.yaml: " in ran.stderr
    assert "rules/bad.yaml" not in ran.stderr


def test_amtool_is_found_with_its_version(scratch: Path) -> None:
    needs("amtool")
    (scratch / "am.yml").write_text("route: {receiver: a}\nreceivers: [{name: a}]\n")
    tools = Tools(scratch, os.environ)
    found = tools.find("amtool")
    assert isinstance(found, Found)
    assert found.version is not None
    assert found.version >= (0, 25)
    assert tools.run("amtool", ["check-config", PurePosixPath("am.yml")]).code == 0


def test_input_reaches_the_tool(scratch: Path) -> None:
    needs("promtool")
    ran = Tools(scratch, os.environ).run("promtool", ["check", "metrics"], input="# TYPE a gauge\na 1\n")
    assert "no help text" in ran.stdout + ran.stderr


def test_an_environment_variable_names_the_binary(scratch: Path, tmp_path: Path) -> None:
    old = program(tmp_path / "old", "promtool-1", "#!/bin/sh\necho 'promtool, version 1.8.2 (branch: x)' >&2\n")
    found = Tools(scratch, {"PATH": os.defpath, "LLMMON_PROMTOOL": str(old)}).find("promtool")
    assert isinstance(found, Found)
    assert (found.command, found.version) == ((str(old),), (1, 8, 2))
    wrong = Tools(scratch, {"PATH": os.defpath, "LLMMON_PROMTOOL": "/nowhere/promtool"}).find("promtool")
    assert isinstance(wrong, Missing)
    assert "LLMMON_PROMTOOL names '/nowhere/promtool'" in wrong.hint


def test_a_version_is_read_past_what_a_virtual_machine_says(scratch: Path, tmp_path: Path) -> None:
    program(tmp_path / "bin", "logstash", "#!/bin/sh\necho 'Using JDK 21.0.4'\necho 'logstash 8.15.3'\n")
    found = Tools(scratch, only(tmp_path / "bin")).find("logstash")
    assert isinstance(found, Found)
    assert (found.version, found.version_text) == ((8, 15, 3), "logstash 8.15.3")


def test_docker_runs_the_pinned_image_with_the_same_arguments(scratch: Path, tmp_path: Path) -> None:
    log = tmp_path / "argv"
    docker = program(tmp_path / "bin", "docker", FAKE_DOCKER.format(python=sys.executable, log=str(log)))
    tools = Tools(scratch, only(tmp_path / "bin"))
    found = tools.find("promtool")
    assert isinstance(found, Found)
    assert (found.how, found.version, found.command[0]) == ("docker", (3, 5, 0), str(docker))
    ran = tools.run("promtool", ["test", "rules", PurePosixPath("rules/a.yaml")], cwd=PurePosixPath("rules"))
    assert (ran.code, ran.stdout, ran.stderr) == (3, "SUCCESS \n", "noise\n")
    assert tools.run("promtool", ["check", "metrics"], input="a 1").stdout == "SUCCESS a 1\n"
    image = "prom/prometheus:v3.5.0"
    options = f"--user {os.getuid()}:{os.getgid()} --entrypoint promtool -v {scratch}:/scratch:ro"
    assert [" ".join(json.loads(line)) for line in log.read_text().splitlines()] == [
        f"image inspect {image}",
        f"run --rm --pull=never --network=none {options} -w /scratch/rules {image} test rules a.yaml",
        f"run --rm --pull=never --network=none --interactive {options} -w /scratch {image} check metrics",
    ]


@pytest.mark.parametrize(
    ("script", "says"),
    [
        ("echo 'Error: No such image: x' >&2; exit 1", "docker pull prom/alertmanager:v0.28.1"),
        ("echo 'Cannot connect to the Docker daemon at unix:///x' >&2; exit 1", "daemon does not answer"),
    ],
)
def test_an_image_or_a_daemon_that_is_not_there_is_a_missing_tool(
    scratch: Path, tmp_path: Path, script: str, says: str
) -> None:
    program(tmp_path / "bin", "docker", f"#!/bin/sh\n{script}\n")
    missing = Tools(scratch, only(tmp_path / "bin")).find("amtool")
    assert isinstance(missing, Missing)
    assert says in missing.hint
    assert "apt-get install prometheus-alertmanager" in missing.hint


def test_a_daemon_that_hangs_is_a_missing_tool(scratch: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("llmmon.tool.DAEMON_SECONDS", 0.2)
    program(tmp_path / "bin", "docker", "#!/bin/sh\nexec /bin/sleep 60\n")
    start = time.monotonic()
    missing = Tools(scratch, only(tmp_path / "bin")).find("promtool")
    assert time.monotonic() - start < 5
    assert isinstance(missing, Missing)
    assert "daemon does not answer" in missing.hint


def test_docker_cannot_mount_a_folder_with_a_colon(tmp_path: Path) -> None:
    program(tmp_path / "bin", "docker", "#!/bin/sh\n")
    missing = Tools(tmp_path / "a:b", only(tmp_path / "bin")).find("promtool")
    assert isinstance(missing, Missing)
    assert "colon" in missing.hint


def test_without_any_way_the_hint_says_how_to_get_it(scratch: Path, tmp_path: Path) -> None:
    tools = Tools(scratch, only(tmp_path / "empty"))
    missing = tools.find("promtool")
    assert isinstance(missing, Missing)
    assert missing.hint == "promtool is not on PATH: `apt-get install prometheus`, or install docker"
    with pytest.raises(LookupError, match="promtool is not on PATH"):
        tools.run("promtool", ["--version"])


def test_a_program_that_does_not_start_is_passed_over(scratch: Path, tmp_path: Path) -> None:
    program(tmp_path / "bin", "promtool", "#!/nowhere/interpreter\n")
    environ = only(tmp_path / "bin")
    assert isinstance(Tools(scratch, environ).find("promtool"), Missing)
    named = Tools(scratch, {**environ, "LLMMON_PROMTOOL": "promtool"}).find("promtool")
    assert isinstance(named, Missing)
    assert "does not start" in named.hint


def test_a_tool_that_does_not_end_is_stopped_and_says_so(scratch: Path, tmp_path: Path) -> None:
    script = '#!/bin/sh\n[ "$1" = --version ] && exit 0\necho begun\nexec /bin/sleep 60\n'
    program(tmp_path / "bin", "promtool", script)
    ran = Tools(scratch, only(tmp_path / "bin")).run("promtool", ["test"], timeout=0.3)
    assert (ran.code, ran.timed_out, ran.stdout) == (124, True, "begun\n")
    assert ran.stderr == "promtool gave no answer within 0.3 s and was stopped"


def test_a_tool_that_ignores_the_soft_signal_is_killed(scratch: Path, tmp_path: Path) -> None:
    script = f"#!{sys.executable}\nimport signal, sys, time\n"
    script += "if sys.argv[1:] != ['--version']: signal.signal(15, signal.SIG_IGN); time.sleep(60)\n"
    program(tmp_path / "bin", "promtool", script)
    assert Tools(scratch, only(tmp_path / "bin")).run("promtool", [], timeout=0.5).timed_out


def test_paths_stay_inside_the_scratch_folder_and_are_no_options(scratch: Path, tmp_path: Path) -> None:
    program(tmp_path / "bin", "promtool", '#!/bin/sh\necho "$@"\n')
    tools = Tools(scratch, only(tmp_path / "bin"))
    for path in (PurePosixPath("../x"), PurePosixPath("/etc/passwd")):
        with pytest.raises(ValueError, match="not inside"):
            tools.run("promtool", [path])
        with pytest.raises(ValueError, match="not inside"):
            tools.run("promtool", [], cwd=path)
    assert tools.run("promtool", [PurePosixPath("-x"), "$(id); *"]).stdout == "./-x $(id); *\n"
    assert tools.run("promtool", [PurePosixPath("b/c")], cwd=PurePosixPath("rules")).stdout == "../b/c\n"


def test_a_folder_that_is_not_there_is_named(scratch: Path, tmp_path: Path) -> None:
    program(tmp_path / "bin", "promtool", "#!/bin/sh\n")
    ran = Tools(scratch, only(tmp_path / "bin")).run("promtool", [], cwd=PurePosixPath("nowhere"))
    assert ran.code == 127
    assert "nowhere" in ran.stderr
