"""Files are written whole, only ours are touched, and a run that was killed is healed by the next."""

from __future__ import annotations

import hashlib
import json
import os
import random
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

import pytest

from llmmon.output import applying, comparing
from llmmon.problem import Level, Problem, Rejected
from llmmon.target import Written

CHAT, FLEET = "specs/chat.yaml", "specs/fleet.yaml"
OLD = {
    "prometheus/rules/production/chat.yaml": (CHAT, "old rules\n"),
    "grafana/chat/overview.json": (CHAT, "{}\n"),
    "kubernetes/chat/probes.yaml": (CHAT, "probes\n"),
    "alertmanager/alertmanager.yml": (FLEET, "old routes\n"),
}
NEW = {
    "prometheus/rules/production/chat.yaml": (CHAT, "new rules\n"),
    "prometheus/tests/production/chat.yaml": (CHAT, "tests\n"),
    "grafana/chat/overview.json": (CHAT, "{}\n"),
    "alertmanager/alertmanager.yml": (FLEET, "new routes\n"),
}
Content = dict[str, tuple[str, str]]


class Killed(BaseException):
    """The process ends here: nobody catches this."""


@dataclass
class World:
    """An output folder, and a scratch folder per run."""

    root: Path
    runs: int = 0
    out: Path = field(init=False)

    def __post_init__(self) -> None:
        self.out = self.root / "generated"

    def emit(self, content: Content) -> tuple[Path, list[Written]]:
        self.runs += 1
        scratch = self.root / f"scratch{self.runs}"
        for name, (_, text) in content.items():
            (scratch / name).parent.mkdir(parents=True, exist_ok=True)
            (scratch / name).write_text(text)
        scratch.mkdir(exist_ok=True)
        return scratch, [Written(PurePosixPath(name), {}, owner) for name, (owner, _) in content.items()]

    def plan(self, content: Content, owners: set[str] | None = None) -> comparing.Changes:
        return comparing.plan_write(self.out, *self.emit(content), owners)

    def generate(self, content: Content, owners: set[str] | None = None) -> list[Problem]:
        scratch, written = self.emit(content)
        return applying.apply(self.out, scratch, comparing.plan_write(self.out, scratch, written, owners))

    def drift(self, content: Content, owners: set[str] | None = None) -> list[str]:
        return [problem.rule for problem in comparing.drift(self.out, *self.emit(content), owners)]

    def files(self) -> dict[str, str]:
        """What stands in the output folder, without the manifest."""
        found = {str(path.relative_to(self.out)): path for path in self.out.rglob("*") if path.is_file()}
        return {name: path.read_text() for name, path in found.items() if name != "manifest.json"}


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def texts(content: Content) -> dict[str, str]:
    return {name: text for name, (_, text) in content.items()}


def names(written: tuple[Written, ...]) -> list[str]:
    return [str(file.path) for file in written]


def test_the_first_run_writes_everything_and_a_sorted_manifest(world: World) -> None:
    assert world.generate(OLD) == []
    assert world.files() == texts(OLD)
    manifest = json.loads((world.out / "manifest.json").read_text())
    assert list(manifest["files"]) == sorted(OLD)
    assert manifest["files"]["kubernetes/chat/probes.yaml"] == {
        "sha256": hashlib.sha256(b"probes\n").hexdigest(),
        "owner": CHAT,
    }
    assert world.drift(OLD) == []


def test_the_next_run_changes_what_changed_and_removes_what_nobody_makes(world: World) -> None:
    world.generate(OLD)
    changes = world.plan(NEW)
    assert names(changes.new) == ["prometheus/tests/production/chat.yaml"]
    assert names(changes.changed) == ["alertmanager/alertmanager.yml", "prometheus/rules/production/chat.yaml"]
    assert names(changes.unchanged) == ["grafana/chat/overview.json"]
    assert changes.removed == (PurePosixPath("kubernetes/chat/probes.yaml"),)
    assert (changes.foreign, changes.kept) == ((), ())
    assert world.files() == texts(OLD)
    assert world.generate(NEW) == []
    assert world.files() == texts(NEW)
    assert not (world.out / "kubernetes").exists()


def test_the_same_input_writes_the_same_bytes_in_any_order_and_touches_nothing(world: World) -> None:
    world.generate(OLD)
    before = {path: (path.stat().st_mtime_ns, path.stat().st_ino) for path in world.out.rglob("*")}
    manifest = (world.out / "manifest.json").read_bytes()
    shuffled = random.Random(1).sample(sorted(OLD), len(OLD))
    assert world.generate({name: OLD[name] for name in shuffled}) == []
    assert {path: (path.stat().st_mtime_ns, path.stat().st_ino) for path in world.out.rglob("*")} == before
    other = World(world.root / "other")
    other.generate({name: OLD[name] for name in shuffled})
    assert (other.out / "manifest.json").read_bytes() == manifest


def test_partial_input_touches_the_files_of_its_owners_and_removes_none(world: World) -> None:
    world.generate(OLD)
    only_chat = {name: made for name, made in NEW.items() if made[0] == CHAT}
    for content in (NEW, only_chat):
        changes = world.plan(content, {CHAT})
        assert names(changes.changed) == ["prometheus/rules/production/chat.yaml"]
        assert changes.removed == ()
    assert world.generate(only_chat, {CHAT}) == []
    kept = {name: OLD[name][1] for name in ("kubernetes/chat/probes.yaml", "alertmanager/alertmanager.yml")}
    assert world.files() == {**texts(only_chat), **kept}
    assert world.drift(only_chat, {CHAT}) == []
    assert world.drift(NEW) == ["output-stale", "output-extra"]


def test_partial_input_does_not_take_a_file_of_another_owner(world: World) -> None:
    world.generate(OLD)
    taken: Content = {"alertmanager/alertmanager.yml": (CHAT, "mine\n")}
    (problem,) = world.generate(taken, {CHAT})
    assert problem.rule == "output-twice"
    assert FLEET in problem.message
    assert world.files() == texts(OLD)
    assert world.generate({**OLD, **taken}) == []
    assert world.files()["alertmanager/alertmanager.yml"] == "mine\n"


def test_one_path_made_twice_is_an_error(world: World) -> None:
    scratch, written = world.emit(OLD)
    again = Written(written[0].path, {}, "specs/other.yaml")
    (problem,) = comparing.plan_write(world.out, scratch, [*written, again]).foreign
    assert "specs/chat.yaml and by specs/other.yaml" in problem.message


def test_a_file_that_we_did_not_make_is_an_error_and_nothing_is_written(world: World) -> None:
    world.generate(OLD)
    (world.out / "prometheus/tests/production").mkdir(parents=True)
    path = world.out / "prometheus/tests/production/chat.yaml"
    path.write_text("by hand\n")
    (problem,) = world.generate(NEW)
    assert (problem.rule, problem.level) == ("output-foreign", Level.ERROR)
    assert problem.origin.document.path == str(path)
    assert "--out" in problem.message
    assert world.files() == {**texts(OLD), "prometheus/tests/production/chat.yaml": "by hand\n"}
    assert world.drift(NEW)[0] == "output-foreign"
    path.write_text("tests\n")
    assert world.generate(NEW) == []


def test_other_files_in_the_folder_stay(world: World) -> None:
    world.generate(OLD)
    (world.out / "kubernetes/chat/notes.md").write_text("mine")
    world.generate(NEW)
    assert world.files() == {**texts(NEW), "kubernetes/chat/notes.md": "mine"}


@pytest.mark.parametrize("path", ["grafana", "grafana/chat", "grafana/chat/overview.json"])
@pytest.mark.parametrize("what", ["link", "dangling", "other kind"])
def test_what_stands_in_the_way_is_named_and_left(world: World, path: str, what: str) -> None:
    here = world.out / path
    here.parent.mkdir(parents=True)
    elsewhere = world.root / "elsewhere"
    if what == "other kind" and path.endswith(".json"):
        here.mkdir()
    elif what == "other kind":
        here.write_text("x")
    else:
        here.symlink_to(elsewhere)
        if what == "link":
            elsewhere.mkdir()
    (problem,) = world.generate(OLD)
    assert problem.rule == "output-blocked"
    assert problem.origin.document.path == str(here)
    assert "move it away" in problem.message
    assert not elsewhere.exists() or not list(elsewhere.iterdir())
    assert not (world.out / "manifest.json").exists()


def test_nothing_is_removed_through_a_link(world: World) -> None:
    world.generate(OLD)
    (world.out / "kubernetes").rename(world.root / "moved")
    (world.out / "kubernetes").symlink_to(world.root / "moved")
    (problem,) = world.generate(NEW)
    assert (problem.rule, problem.level) == ("output-kept", Level.WARNING)
    assert (world.root / "moved/chat/probes.yaml").exists()


@pytest.mark.parametrize("path", ["../outside", "/tmp/outside", "a/../../b", "manifest.json", "", "a\0b"])  # noqa: S108
def test_a_path_that_leaves_the_folder_is_refused(world: World, path: str) -> None:
    world.out.mkdir()
    (problem,) = comparing.plan_write(world.out, world.root, [Written(PurePosixPath(path), {}, CHAT)]).foreign
    assert problem.rule == "output-outside"


@pytest.mark.parametrize(
    "text",
    [
        "<<<<<<< HEAD\n{}",
        "[]",
        "{}",
        '{"files": {"../x": {"sha256": "1", "owner": "o"}}}',
        '{"files": {"x": {"sha256": 1, "owner": "o"}}}',
        '{"files": {"x": {"owner": "o"}}}',
        "[" * 100_000,
        "\udcff",
    ],
)
def test_a_manifest_that_nobody_can_read_is_rejected_and_nothing_is_touched(world: World, text: str) -> None:
    world.generate(OLD)
    (world.out / "manifest.json").write_text(text, errors="surrogateescape")
    with pytest.raises(Rejected) as rejected:
        world.generate(NEW)
    assert "merge conflict" in rejected.value.problems[0].message
    assert world.files() == texts(OLD)


def test_a_file_that_was_edited_is_overwritten_while_it_is_made_and_kept_when_it_is_not(world: World) -> None:
    world.generate(OLD)
    for name in ("kubernetes/chat/probes.yaml", "alertmanager/alertmanager.yml"):
        (world.out / name).write_text("edited\n")
    for _ in range(2):
        (problem,) = world.generate(NEW)
        assert (problem.rule, problem.level) == ("output-kept", Level.WARNING)
        assert world.files() == {**texts(NEW), "kubernetes/chat/probes.yaml": "edited\n"}
    (world.out / "kubernetes/chat/probes.yaml").unlink()
    assert world.drift(NEW) == ["output-manifest"]
    assert world.generate(NEW) == []
    assert world.drift(NEW) == []


def test_drift_tells_missing_edited_stale_and_left_over_apart(world: World) -> None:
    world.generate(OLD)
    (world.out / "grafana/chat/overview.json").write_text("edited\n")
    (world.out / "alertmanager/alertmanager.yml").unlink()
    found = {problem.origin.document.path: problem for problem in comparing.drift(world.out, *world.emit(NEW))}
    rules = {str(Path(path).relative_to(world.out)): problem.rule for path, problem in found.items()}
    assert rules == {
        "prometheus/rules/production/chat.yaml": "output-stale",
        "prometheus/tests/production/chat.yaml": "output-missing",
        "grafana/chat/overview.json": "output-edited",
        "kubernetes/chat/probes.yaml": "output-extra",
        "alertmanager/alertmanager.yml": "output-missing",
    }
    assert all(problem.level is Level.ERROR and "generate" in problem.message for problem in found.values())


def test_a_lost_manifest_is_drift_and_comes_back(world: World) -> None:
    world.generate(OLD)
    text = (world.out / "manifest.json").read_bytes()
    (world.out / "manifest.json").unlink()
    assert world.drift(OLD) == ["output-manifest"]
    assert world.generate(OLD) == []
    assert (world.out / "manifest.json").read_bytes() == text


STEPS = ["replace", "unlink", "rmdir", "fsync", "mkdir"]


def kill_at(monkeypatch: pytest.MonkeyPatch, step: int) -> list[str]:
    """End the process instead of taking the given step; the list grows with the steps that were taken."""
    taken: list[str] = []
    for name in STEPS:
        real = getattr(os, name)

        def act(*args: object, _real: object = real, _name: str = name, **options: object) -> object:
            if len(taken) == step:
                raise Killed
            taken.append(_name)
            return _real(*args, **options)  # type: ignore[operator] # whatever os has

        monkeypatch.setattr(os, name, act)
    return taken


@pytest.mark.parametrize("then", ["the same", "the old", "a third"])
def test_a_kill_at_any_step_leaves_every_file_whole_and_the_next_run_heals(tmp_path: Path, then: str) -> None:
    third: Content = {**NEW, "prometheus/rules/production/chat.yaml": (CHAT, "third rules\n")}
    content = {"the same": NEW, "the old": OLD, "a third": third}[then]
    steps: list[str] = []
    for step in range(100):
        world = World(tmp_path / str(step))
        world.generate(OLD)
        scratch, written = world.emit(NEW)
        changes = comparing.plan_write(world.out, scratch, written)
        with pytest.MonkeyPatch.context() as patch:
            steps = kill_at(patch, step)
            try:
                applying.apply(world.out, scratch, changes)
            except Killed:
                pass
            else:
                break
        json.loads((world.out / "manifest.json").read_text())
        for name, text in world.files().items():
            if not Path(name).name.startswith(".llmmon-"):
                assert text in {OLD.get(name, ("", ""))[1], NEW.get(name, ("", ""))[1]}
        assert "output-edited" not in world.drift(content)
        assert "output-foreign" not in world.drift(content)
        assert world.generate(content) == []
        assert world.files() == texts(content)
        assert world.drift(content) == []
    assert steps.count("replace") == 5
    assert {"unlink", "rmdir", "fsync", "mkdir"} <= set(steps)


def test_a_kill_of_the_first_run_heals_too(tmp_path: Path) -> None:
    for step in range(100):
        world = World(tmp_path / str(step))
        scratch, written = world.emit(OLD)
        changes = comparing.plan_write(world.out, scratch, written)
        with pytest.MonkeyPatch.context() as patch:
            kill_at(patch, step)
            try:
                applying.apply(world.out, scratch, changes)
            except Killed:
                pass
            else:
                break
        assert world.generate(NEW) == []
        assert world.files() == texts(NEW)


def test_a_full_disk_is_one_problem_and_leaves_no_temporary_file(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.generate(OLD)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        (problem,) = world.generate(NEW)
    assert problem.rule == "output-unwritable"
    assert "No space left on device" in problem.message
    assert world.files() == texts(OLD)
    assert world.drift(OLD) == []


def test_an_output_folder_below_a_file_is_one_problem(world: World) -> None:
    (world.root / "file").write_text("x")
    for out in (world.root / "file", world.root / "file" / "generated"):
        with pytest.raises(Rejected) as rejected:
            comparing.plan_write(out, *world.emit(OLD))
        (problem,) = rejected.value.problems
        assert problem.origin.document.path == str(out)
        assert "--out" in problem.message


@pytest.mark.skipif(os.getuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_is_one_problem(world: World) -> None:
    world.generate(OLD)
    world.out.chmod(0o555)
    try:
        (problem,) = world.generate(NEW)
    finally:
        world.out.chmod(0o755)
    assert problem.rule == "output-unwritable"
    assert world.files() == texts(OLD)


def test_a_diff_shows_new_changed_and_removed_files(world: World) -> None:
    world.generate(OLD)
    scratch, written = world.emit({**NEW, "prometheus/tests/production/chat.yaml": (CHAT, "no end")})
    assert "".join(comparing.diff(world.out, scratch, comparing.plan_write(world.out, scratch, written))) == (
        "--- a/alertmanager/alertmanager.yml\n+++ b/alertmanager/alertmanager.yml\n"
        "@@ -1 +1 @@\n-old routes\n+new routes\n"
        "--- a/kubernetes/chat/probes.yaml\n+++ /dev/null\n@@ -1 +0,0 @@\n-probes\n"
        "--- a/prometheus/rules/production/chat.yaml\n+++ b/prometheus/rules/production/chat.yaml\n"
        "@@ -1 +1 @@\n-old rules\n+new rules\n"
        "--- /dev/null\n+++ b/prometheus/tests/production/chat.yaml\n@@ -0,0 +1 @@\n+no end\n"
        "\\ No newline at end of file\n"
    )


def test_a_diff_is_bounded_for_each_file(world: World) -> None:
    scratch, written = world.emit({"a": (CHAT, "line\n" * 10_000), "b": (CHAT, "x" * 2_000_000)})
    first, second = comparing.diff(world.out, scratch, comparing.plan_write(world.out, scratch, written))
    assert first.endswith("+line\n(and 9801 more lines)\n")
    assert "too large to compare: 0 and 2000000 bytes" in second


def test_new_files_have_ordinary_permissions(world: World) -> None:
    world.generate(OLD)
    (world.root / "plain").touch()
    expected = (world.root / "plain").stat().st_mode
    assert (world.out / "manifest.json").stat().st_mode == expected
