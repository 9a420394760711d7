"""A project's root, interpreter and test command are found, or it is said what is missing."""

import sys
from pathlib import Path

import pytest

from quintet.engines.code.adapters.project import Project, find_project, test_command
from quintet.engines.code.suite import NoTests, RunnerMissing
from quintet.errors import NotFound

command_for = test_command
del test_command  # pytest would take it for a test


def bare_python(folder: Path) -> str:
    """An interpreter that has no pytest."""
    path = folder / "python"
    path.write_text(f'#!/bin/sh\nexec {sys.executable} -S "$@"\n')
    path.chmod(0o755)
    return str(path)


def test_the_root_is_the_nearest_folder_with_a_mark(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").touch()
    deep = tmp_path / "src" / "pkg"
    deep.mkdir(parents=True)
    (deep / "a.py").touch()
    assert find_project(deep / "a.py", {}).root == tmp_path
    assert find_project(deep, {}).root == tmp_path


def test_the_projects_own_environment_comes_first(tmp_path: Path) -> None:
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    assert find_project(tmp_path, {"VIRTUAL_ENV": "/elsewhere"}).python == str(python)


def test_a_path_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        find_project(tmp_path / "missing", {})


def test_pytest_is_used_where_it_can_be_imported(tmp_path: Path) -> None:
    (tmp_path / "test_a.py").write_text("def test_a(): pass")
    command = command_for(Project(tmp_path, sys.executable), tmp_path)
    assert command == (sys.executable, "-m", "pytest", str(tmp_path))


def test_unittest_serves_where_pytest_is_missing(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "__init__.py").touch()
    (tmp_path / "tests" / "test_a.py").write_text("import unittest")
    command = command_for(Project(tmp_path, bare_python(tmp_path)), tmp_path)
    start = str(tmp_path / "tests")
    assert command[1:] == ("-m", "unittest", "discover", "-s", start, "-t", str(tmp_path))


def test_tests_that_need_pytest_say_how_to_get_it(tmp_path: Path) -> None:
    (tmp_path / "test_a.py").write_text("def test_a(): pass")
    with pytest.raises(RunnerMissing) as caught:
        command_for(Project(tmp_path, bare_python(tmp_path)), tmp_path)
    assert caught.value.hint.endswith("-m pip install pytest")


def test_a_folder_without_tests_names_the_way_forward(tmp_path: Path) -> None:
    (tmp_path / "main.rs").touch()
    with pytest.raises(NoTests) as caught:
        command_for(Project(tmp_path, sys.executable), tmp_path)
    assert "--test" in caught.value.hint


def test_tests_of_foreign_packages_are_not_the_projects(tmp_path: Path) -> None:
    foreign = tmp_path / ".venv" / "lib" / "site-packages"
    foreign.mkdir(parents=True)
    (foreign / "test_x.py").touch()
    with pytest.raises(NoTests):
        command_for(Project(tmp_path, sys.executable), tmp_path)
