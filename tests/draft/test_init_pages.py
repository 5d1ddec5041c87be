"""`llmmon init --from`: what it writes for a page generates and passes `check`, unedited, in fewer than 60 lines."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from llmmon import cli, play, preset
from llmmon.catalogue import version as versions

if TYPE_CHECKING:
    from collections.abc import Iterator

REAL = sorted((Path(__file__).parent.parent / "catalogue/pages").glob("*.txt"))
VERSIONS = {"vllm": ("0.8", "0.19", "0.33"), "litellm": ("1.80", "1.106")}  # of others, the one that is the default
MOST = 60  # lines, of which a spec has fewer


@dataclass(frozen=True)
class Drafted:
    """A folder with a spec for every page, and what was said of it."""

    root: Path
    checked: str
    code: int

    def spec(self, name: str) -> str:
        """The spec of one page."""
        return (self.root / f"specs/{name}.yaml").read_text()


def pages() -> Iterator[tuple[str, str]]:
    """By service: a page of each preset, of some in a few versions and with what has to be turned on; and real ones."""
    for name in preset.names():
        loaded = preset.load(name)
        for version in VERSIONS.get(name, ("",)):
            uses = [(item, versions.parse(version) if item == loaded.versioned else None) for item in loaded.catalogues]
            yield f"{name}{version.replace('.', '-')}", play.page(uses)
        if name in VERSIONS:
            yield f"{name}-opt-in", play.page([(item, None) for item in loaded.catalogues], opt_in=True)
    for path in REAL:
        yield f"real-{path.name.partition('-')[0]}", path.read_text()


NAMES = [name for name, _ in pages()]


@pytest.fixture(scope="module")
def drafted(tmp_path_factory: pytest.TempPathFactory) -> Drafted:
    """All pages drafted into one folder, which is then generated and checked once."""
    root = tmp_path_factory.mktemp("drafted")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        for name, text in pages():
            (root / "page.txt").write_text(text)
            ran = CliRunner().invoke(cli.app, ["init", "--from", "page.txt", "--service", name])
            assert ran.exit_code == 0, f"{name}: {ran.output}"
        generated = CliRunner().invoke(cli.app, ["generate", "--quiet"])
        assert generated.exit_code == 0, generated.stdout
        checked = CliRunner().invoke(cli.app, ["check"])
    return Drafted(root, checked.stdout, checked.exit_code)


@pytest.mark.parametrize("name", NAMES)
def test_a_page_becomes_a_spec_that_check_says_nothing_about(drafted: Drafted, name: str) -> None:
    assert f"specs/{name}.yaml" not in drafted.checked, drafted.checked
    assert len(drafted.spec(name).splitlines()) < MOST


@pytest.mark.skipif(not (shutil.which("promtool") and shutil.which("amtool")), reason="promtool and amtool not on PATH")
def test_the_folder_as_a_whole_is_right(drafted: Drafted) -> None:
    assert (drafted.checked, drafted.code) == ("", 0)
