"""Finds out where a project begins, whose Python it uses, and how its tests are run."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from quintet.engines.code.suite import NoTests, RunnerMissing
from quintet.errors import NotFound

_ROOT_MARKS = ("pyproject.toml", "setup.py", "setup.cfg", "pytest.ini", "tox.ini", ".git")
_SKIPPED = {"node_modules", "site-packages", "venv", "env", "build", "dist", "__pycache__"}
_FILES_LIMIT = 20_000
_PROBE_TIMEOUT_S = 30.0


@dataclass(frozen=True, slots=True)
class Project:
    """Where the project's files begin, and the interpreter that they are meant for."""

    root: Path
    python: str


def find_project(path: Path, env: Mapping[str, str]) -> Project:
    """The project around a file or folder; a folder without any mark is its own root."""
    if not path.exists():
        raise NotFound(f"there is no {path}")
    start = path.resolve() if path.is_dir() else path.resolve().parent
    marked = (
        folder
        for folder in (start, *start.parents)
        if any((folder / mark).exists() for mark in _ROOT_MARKS)
    )
    root = next(marked, start)
    return Project(root, _interpreter(root, env))


def test_command(project: Project, target: Path) -> tuple[str, ...]:
    """The words that run the tests at `target`, or a reason why there are none."""
    tests = list(_test_files(target))
    if not tests:
        raise NoTests(
            f"no tests were found in {target}",
            why="no file is called test_*.py or *_test.py",
            hint="ai code locate --test 'make test'",
        )
    if _can_import(project.python, "pytest"):
        return (project.python, "-m", "pytest", str(target))
    if not any(b"unittest" in _beginning(test) for test in tests):
        raise RunnerMissing(
            "the tests need pytest",
            why=f"{project.python} cannot import it",
            hint=f"{project.python} -m pip install pytest",
        )
    return (project.python, "-m", "unittest", *_unittest_words(project.root, target))


def _unittest_words(root: Path, target: Path) -> tuple[str, ...]:
    if target.is_file():
        relative = os.path.relpath(target, root)
        return (relative,)
    folders = [target] if target != root else [root / "tests", root / "test", root]
    start = next(f for f in folders if f == folders[-1] or (f.is_dir() and any(_test_files(f))))
    top = ("-t", str(root)) if (start / "__init__.py").exists() else ()
    return ("discover", "-s", str(start), *top)


def _interpreter(root: Path, env: Mapping[str, str]) -> str:
    """The project's own environment, then the active one, then the first on PATH, then ours."""
    homes = [root / ".venv", root / "venv"]
    homes += [Path(env["VIRTUAL_ENV"])] if env.get("VIRTUAL_ENV") else []
    for home in homes:
        python = home / "bin" / "python"
        if os.access(python, os.X_OK):
            return str(python)
    return shutil.which("python3", path=env.get("PATH")) or sys.executable


def _test_files(target: Path) -> Iterator[Path]:
    if target.is_file():
        yield target
        return
    seen = 0
    for folder, folders, names in os.walk(target):
        folders[:] = sorted(f for f in folders if not f.startswith(".") and f not in _SKIPPED)
        for name in sorted(names):
            seen += 1
            is_test = name.startswith("test") or name.endswith("_test.py")
            if is_test and name.endswith(".py"):
                yield Path(folder, name)
        if seen > _FILES_LIMIT:
            return


def _beginning(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            return stream.read(1 << 16)
    except OSError:
        return b""


def _can_import(python: str, module: str) -> bool:
    check = f"import importlib.util, sys; sys.exit(not importlib.util.find_spec('{module}'))"
    try:
        done = subprocess.run(
            [python, "-I", "-c", check], timeout=_PROBE_TIMEOUT_S, capture_output=True, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
