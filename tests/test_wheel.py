"""The wheel holds all that a run needs: presets, catalogues and templates."""

from __future__ import annotations

import importlib
import importlib.util
import os
import site
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest
from conftest import CHAT, FLEET, PROSE

ROOT = Path(__file__).parent.parent

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("hatchling") is None, reason="the build backend, hatchling, is not installed"
)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built without network and without another environment."""
    builder = importlib.import_module("hatchling.builders.wheel").WheelBuilder(str(ROOT))
    return Path(next(builder.build(directory=str(tmp_path_factory.mktemp("wheel")))))


def test_holds_the_data_beside_the_code(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    data = {
        path
        for pattern in ("presets/*.yaml", "catalogues/*.json", "py.typed")
        for path in (ROOT / "llmmon").glob(pattern)
    }
    wanted = {path.relative_to(ROOT).as_posix() for path in data}
    templates = (path for path in (ROOT / "templates").rglob("*") if path.is_file())
    assert wanted | {f"llmmon/{path.relative_to(ROOT).as_posix()}" for path in templates} <= names


def test_runs_where_nothing_but_a_spec_is(wheel: Path, tmp_path: Path) -> None:
    home = tmp_path / "venv"
    venv.create(home, symlinks=True)
    packages = next((home / "lib").glob("python*/site-packages"))
    install = ["-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", str(packages), str(wheel)]
    subprocess.run([sys.executable, *install], check=True)
    (packages / "dependencies.pth").write_text("".join(f"{folder}\n" for folder in site.getsitepackages()))
    folder = tmp_path / "empty"
    (folder / "specs").mkdir(parents=True)
    (folder / "specs/fleet.yaml").write_text(FLEET)
    (folder / "specs/chat.yaml").write_text(CHAT)
    (folder / "specs/runbooks/chat").mkdir(parents=True)
    (folder / "specs/runbooks/chat/HighErrorRate.md").write_text(PROSE)
    where = "import llmmon; print(llmmon.__file__)"
    run = [str(home / "bin/python"), "-P"]
    environ = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    found = subprocess.run([*run, "-c", where], cwd=folder, env=environ, capture_output=True, text=True, check=True)
    assert Path(found.stdout.strip()).is_relative_to(packages)
    ran = subprocess.run([*run, "-m", "llmmon", "generate"], cwd=folder, env=environ, capture_output=True, text=True)
    assert (ran.returncode, ran.stdout) == (0, "")
    assert (folder / "generated/prometheus/rules/production/chat.yaml").is_file()
    assert list((folder / "generated/runbooks/chat").glob("*.md"))
