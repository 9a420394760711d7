"""What a start may cost: which modules are imported, and CPU time beside a bare Python."""

import subprocess
import sys
from pathlib import Path

import pytest

from support.process import PYTHON_PATH, cpu_s
from support.sources import ROOT

BARE = [sys.executable, "-c", "pass"]
AI = [sys.executable, "-c", "from quintet_cli.boot import main; main()"]
ENVIRONMENT = {"PYTHONPATH": PYTHON_PATH, "HOME": "/nonexistent", "PATH": "/usr/bin:/bin"}
HEAVY = {
    "duckdb",
    "numpy",
    "rich",
    "cryptography",
    "httpx2",
    "httpcore2",
    "keyring",
    "icalendar",
    "pydantic",
    "asyncio",
    "ssl",
    "tomlkit",
}
RUNS = 9


def _imported(*arguments: str, home: Path) -> set[str]:
    """The modules that one command imports, beyond those of a bare Python."""
    found: list[set[str]] = []
    for command in ([*AI, *arguments], BARE):
        told = subprocess.run(
            [command[0], "-X", "importtime", *command[1:]],
            env={**ENVIRONMENT, "HOME": str(home)},
            capture_output=True,
            text=True,
            check=True,
        )
        rows = [row for row in told.stderr.splitlines() if row.startswith("import time:")]
        found.append({row.rpartition("|")[2].strip() for row in rows[1:]})
    return found[0] - found[1]


def _ratio(command: list[str]) -> float:
    """How many times the CPU time of a bare Python; the least of some runs, taken in turns."""
    pairs = [(cpu_s(command, ENVIRONMENT), cpu_s(BARE, ENVIRONMENT)) for _ in range(RUNS)]
    return min(cost for cost, _ in pairs) / min(bare for _, bare in pairs)


def _tab(line: str) -> list[str]:
    """One TAB in a bash that has only just started, which is the worst case."""
    words = " ".join(line.split())
    script = (
        f"source completions/ai.bash; COMP_LINE='{line}' COMP_POINT={len(line)}; "
        f"COMP_WORDS=({words}) COMP_CWORD={len(line.split()) - 1}; _ai; "
        '[[ "${COMPREPLY[*]}" == *version* ]]'
    )
    return ["bash", "--norc", "--noprofile", "-c", f"cd '{ROOT}'; {script}"]


@pytest.mark.demand("CLI-1")
def test_the_version_is_told_without_importing_anything_else(tmp_path: Path) -> None:
    assert _imported("--version", home=tmp_path) == {
        "quintet_cli",
        "quintet_cli.boot",
        "quintet",
        "quintet.version",
    }


@pytest.mark.demand("CLI-2")
@pytest.mark.parametrize("arguments", [["--help"], ["edge"], ["life", "--help"], ["config", "-h"]])
def test_help_of_the_upper_levels_imports_no_parser_and_no_engine(
    tmp_path: Path, arguments: list[str]
) -> None:
    imported = _imported(*arguments, home=tmp_path)
    assert not {name for name in imported if name.startswith(("typer", "quintet."))}
    assert not imported & (HEAVY | {"dataclasses", "inspect", "re", "json", "pathlib"})


@pytest.mark.demand("CLI-3")
def test_a_command_loads_only_what_it_needs(tmp_path: Path) -> None:
    imported = _imported("version", home=tmp_path)
    assert "typer" in imported
    assert not {name.partition(".")[0] for name in imported} & HEAVY
    assert not {name for name in imported if name.startswith("quintet.engines.")}


@pytest.mark.demand("CLI-1")
def test_the_version_costs_at_most_three_times_a_bare_python() -> None:
    assert _ratio([*AI, "--version"]) <= 3.0


@pytest.mark.demand("CLI-9")
def test_a_tab_costs_at_most_one_and_a_half_times_a_bare_python() -> None:
    assert _ratio(_tab("ai ver")) <= 1.5
