"""Import contracts: they hold, and each is seen to break when a module breaks its rule."""

import graphlib
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import grimp
import pytest

from support.sources import ROOT

CONTRACTS = [
    contract["name"]
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"][
        "contracts"
    ]
]
# A module that breaks the rule of each contract, and nothing else.
VIOLATIONS = {
    "Imports point down": ("lib/quintet/platform/upward.py", "import quintet.app.home"),
    "Engines are strangers": ("lib/quintet/engines/edge/curious.py", "import quintet.engines.life"),
    "The library has no terminal": ("lib/quintet/models/colourful.py", "import rich"),
    "Only the store knows DuckDB": ("lib/quintet/engines/life/direct.py", "import duckdb"),
    "Only the app chooses adapters": (
        "lib/quintet/engines/video/eager.py",
        "import quintet.engines.video.adapters.ffmpeg",
    ),
}
_LINT = (
    "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"
)


def _lint(folder: Path) -> subprocess.CompletedProcess[str]:
    roots = os.pathsep.join(str(folder / root) for root in ("cli", "lib"))
    return subprocess.run(
        [sys.executable, "-c", _LINT],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": roots, "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sources, somewhere they may be spoiled."""
    folder = tmp_path_factory.mktemp("copy")
    shutil.copy(ROOT / "pyproject.toml", folder)
    for root in ("cli", "lib"):
        leave_out = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / root, folder / root, ignore=leave_out)
    return folder


def test_every_contract_is_kept(copy: Path) -> None:
    linted = _lint(copy)
    assert linted.returncode == 0, linted.stdout
    assert f"Contracts: {len(CONTRACTS)} kept, 0 broken." in linted.stdout


@pytest.mark.parametrize("contract", CONTRACTS)
def test_a_contract_breaks_when_a_module_breaks_its_rule(copy: Path, contract: str) -> None:
    place, line = VIOLATIONS[contract]
    module = copy / place
    module.write_text(f'"""A module that should not be."""\n\n{line}\n')
    try:
        linted = _lint(copy)
    finally:
        module.unlink()
    broken = [row.removesuffix(" BROKEN") for row in linted.stdout.splitlines() if "BROKEN" in row]
    assert linted.returncode == 1
    assert contract in broken, linted.stdout


def test_no_module_imports_itself_by_way_of_others() -> None:
    packages = ("quintet", "quintet_cli")
    graph = grimp.build_graph(*packages, cache_dir=None, exclude_type_checking_imports=True)
    imports = {name: graph.find_modules_directly_imported_by(name) for name in graph.modules}
    try:
        graphlib.TopologicalSorter(imports).prepare()
    except graphlib.CycleError as error:
        pytest.fail(f"an import cycle: {' → '.join(error.args[1])}")
