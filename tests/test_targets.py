"""The registry of targets: a module that joins it brings a contract, a folder of its own, and tests."""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path

import pytest

import llmmon.targets
from llmmon import plugins
from llmmon.target import Target
from llmmon.tool import TOOLS

TESTS = Path(__file__).parent
MODULES = sorted(module.name for module in pkgutil.iter_modules(llmmon.targets.__path__))


@pytest.mark.parametrize("name", MODULES)
def test_a_module_in_targets_ends_with_its_target(name: str) -> None:
    module = importlib.import_module(f"llmmon.targets.{name}")
    assert isinstance(module.TARGET, Target)
    assert module.__doc__
    assert module.TARGET in plugins.targets()


@pytest.mark.parametrize("name", MODULES)
def test_a_target_has_tests(name: str) -> None:
    folders = (TESTS / name, TESTS / "targets" / name)
    assert any(list(folder.glob("test_*.py")) for folder in folders), f"write tests/{name}/test_{name}.py"


def test_no_two_targets_have_one_name() -> None:
    names = [target.name for target in plugins.targets()]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("target", plugins.targets(), ids=lambda target: target.name)
def test_a_target_makes_something_and_names_tools_that_exist(target: Target) -> None:
    assert target.of_service or target.of_fleet or target.of_all
    assert set(target.tools) <= TOOLS.keys()
    assert not target.tools or target.verify, "a tool is there to judge"


def test_every_folder_of_targets_is_in_the_registry() -> None:
    folder = Path(llmmon.targets.__path__[0])
    entries = {p.stem for p in folder.iterdir() if p.suffix == ".py" or (p.is_dir() and any(p.glob("*.py")))}
    assert entries - {"__init__"} == set(MODULES), "a folder without __init__.py is no target"


@pytest.mark.parametrize("name", MODULES)
def test_no_target_reads_a_spec(name: str) -> None:
    folder = Path(llmmon.targets.__path__[0])
    files = [folder / f"{name}.py", *(folder / name).rglob("*.py")]
    reading = [path for path in files if path.exists() and "llmmon.spec" in path.read_text("utf-8")]
    assert not reading, "a target knows the plan only"
