"""A project's own test command, watched line by line from inside the processes that it starts.

The tracer reaches pytest through the environment, so that it works behind `make test` or `tox` as
well; `python -m unittest` is run through a twin of it. Nothing is written into the project: byte
code, caches and coverage data go nowhere or to a temporary folder.
"""

import contextlib
import json
import os
import shutil
import tempfile
from collections.abc import Generator, Iterator, Mapping
from importlib import resources
from pathlib import Path
from typing import Any, cast

from quintet.engines.code.adapters.child import run_limited
from quintet.engines.code.suite import Ending, Place, RanTest, SuiteRun

_PACKAGE = "quintet_tracer"
_LINE_LIMIT_BYTES = 32 << 20


class PythonSuite:
    """Runs one command in one project; see `project.test_command` for finding the command."""

    def __init__(
        self, root: Path, command: tuple[str, ...], *, env: Mapping[str, str], timeout_s: float
    ) -> None:
        self._root = root
        self._command = command
        self._env = env
        self._timeout_s = timeout_s

    @property
    def root(self) -> Path:
        return self._root

    @contextlib.contextmanager
    def run(self) -> Generator[SuiteRun]:
        with tempfile.TemporaryDirectory(prefix="ai-code-") as folder:
            scratch = Path(folder)
            _copy_tracer(scratch / "path" / _PACKAGE)
            ended = run_limited(
                _traced(self._command),
                cwd=self._root,
                env=self._environment(scratch),
                timeout_s=self._timeout_s,
            )
            yield SuiteRun(
                self._command,
                ended.status,
                ended.is_timed_out,
                ended.output,
                _read(scratch / "tests.jsonl"),
            )

    def _environment(self, scratch: Path) -> dict[str, str]:
        def joined(name: str, word: str, separator: str) -> str:
            return separator.join(filter(None, (word, self._env.get(name, ""))))

        return {
            **self._env,
            "PYTHONPATH": joined("PYTHONPATH", str(scratch / "path"), os.pathsep),
            "PYTEST_PLUGINS": joined("PYTEST_PLUGINS", f"{_PACKAGE}.pytest_plugin", ","),
            "PYTEST_ADDOPTS": joined("PYTEST_ADDOPTS", "-p no:cacheprovider", " "),
            "PYTHONDONTWRITEBYTECODE": "1",
            "COVERAGE_FILE": str(scratch / "coverage"),
            "HYPOTHESIS_STORAGE_DIRECTORY": str(scratch / "hypothesis"),
            "QUINTET_ROOT": str(self._root),
            "QUINTET_TRACE": str(scratch / "tests.jsonl"),
        }


def _traced(command: tuple[str, ...]) -> tuple[str, ...]:
    match command:
        case (python, "-m", "unittest", *words):
            return (python, "-m", f"{_PACKAGE}.unittest_main", *words)
        case _:
            return command


def _copy_tracer(target: Path) -> None:
    target.mkdir(parents=True)
    source = resources.files("quintet.engines.code.tracer")
    for name in ("__init__.py", "lines.py", "pytest_plugin.py", "unittest_main.py"):
        with resources.as_file(source / name) as path:
            shutil.copyfile(path, target / name)


def _read(path: Path) -> Iterator[RanTest]:
    """What the tracer wrote. A line that a kill cut off, or that is no test, is passed over."""
    if not path.exists():
        return
    with path.open("rb") as stream:
        while line := stream.readline(_LINE_LIMIT_BYTES):
            with contextlib.suppress(ValueError, KeyError, TypeError, AttributeError):
                yield _ran(json.loads(line))


def _ran(fields: Any) -> RanTest:
    lines = cast("dict[str, list[int]]", fields.get("lines", {}))
    return RanTest(
        name=str(fields["test"]),
        ending=Ending(fields["outcome"]),
        path=str(fields.get("path", "")),
        message=str(fields.get("message", "")),
        frames=tuple(Place(str(file), int(line)) for file, line in fields.get("frames", [])),
        lines={file: tuple(numbers) for file, numbers in lines.items()},
    )
