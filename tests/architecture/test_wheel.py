"""What is built is what is here: the library, its data, completions and manual pages."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from support.sources import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.demand("CLI-20")]

SHARED = {
    "share/bash-completion/completions/ai": "completions/ai.bash",
    "share/zsh/site-functions/_ai": "completions/_ai",
    "share/fish/vendor_completions.d/ai.fish": "completions/ai.fish",
    **{
        f"share/man/man1/{page.name}": f"man/man1/{page.name}"
        for page in (ROOT / "man/man1").iterdir()
    },
}


def _built(kind: str, folder: Path) -> zipfile.ZipFile:
    build = f"import hatchling.build; print(hatchling.build.build_{kind}({str(folder)!r}))"
    done = subprocess.run(
        [sys.executable, "-c", build], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return zipfile.ZipFile(folder / done.stdout.split()[-1])


def _shared(wheel: zipfile.ZipFile) -> dict[str, bytes]:
    """What the installer puts below the prefix, by its place there."""
    return {
        name.partition(".data/data/")[2]: wheel.read(name)
        for name in wheel.namelist()
        if ".data/data/" in name
    }


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    return _built("wheel", tmp_path_factory.mktemp("wheel"))


def test_the_wheel_holds_every_file_of_both_packages(wheel: zipfile.ZipFile) -> None:
    packages = {"quintet_cli": ROOT / "cli", "quintet": ROOT / "lib"}
    here = {
        path.relative_to(source).as_posix()
        for package, source in packages.items()
        for path in (source / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    there = {name for name in wheel.namelist() if name.startswith(("quintet/", "quintet_cli/"))}
    assert there == here
    assert {Path(name).suffix for name in there} >= {".py", ".sql"}


@pytest.mark.parametrize("kind", ["wheel", "editable"])
def test_completions_and_manual_pages_are_installed_where_shells_and_man_look(
    kind: str, tmp_path: Path
) -> None:
    expected = {place: (ROOT / source).read_bytes() for place, source in SHARED.items()}
    assert _shared(_built(kind, tmp_path)) == expected


def test_the_wheel_works_away_from_the_checkout(wheel: zipfile.ZipFile, tmp_path: Path) -> None:
    wheel.extractall(tmp_path / "unpacked")
    shown = subprocess.run(
        [sys.executable, "-m", "quintet_cli", "completion", "show", "bash"],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": "unpacked", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (shown.returncode, shown.stderr) == (0, "")
    assert shown.stdout == (ROOT / "completions/ai.bash").read_text()


def test_the_wheel_carries_its_licence_and_one_command(wheel: zipfile.ZipFile) -> None:
    found = {
        Path(name).name: wheel.read(name).decode()
        for name in wheel.namelist()
        if ".dist-info/" in name
    }
    assert {"LICENSE", "NOTICE", "METADATA"} <= set(found)
    assert found["entry_points.txt"].split() == [
        "[console_scripts]",
        "ai",
        "=",
        "quintet_cli.boot:main",
    ]
