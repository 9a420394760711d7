"""Real projects with real faults: the line is found, the project is left as it was."""

import hashlib
import sys
from pathlib import Path

import pytest

from quintet.engines.code.adapters.project import Project
from quintet.engines.code.adapters.project import test_command as command_for
from quintet.engines.code.adapters.python_suite import PythonSuite
from quintet.engines.code.locate import Findings, Method, NotLocated, locate, source_lines
from quintet.engines.code.suite import Ending, NoTests
from quintet.platform.record.why import Now, check
from support.histories import record_at

CALC = """\
def middle(a, b, c):
    if b < c:
        if a < b:
            return b
        if a < c:
            return b
    elif a > b:
        return b
    elif a > c:
        return a
    return c
"""
TESTS = """\
from calc import middle

def test_rising(): assert middle(1, 2, 3) == 2
def test_falling(): assert middle(3, 2, 1) == 2
def test_last(): assert middle(5, 2, 3) == 3
def test_first(): assert middle(2, 1, 3) == 2
def test_equal(): assert middle(3, 3, 3) == 3
"""
ENV = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}


def project(tmp_path: Path, **files: str) -> Path:
    root = tmp_path / "project"
    root.mkdir()
    for name, text in files.items():
        (root / f"{name}.py").write_text(text)
    return root


def located(
    root: Path,
    command: tuple[str, ...] | None = None,
    *,
    timeout_s: float = 60,
    env: dict[str, str] = ENV,
) -> Findings:
    words = command or command_for(Project(root, sys.executable), root)
    suite = PythonSuite(root, words, env=env, timeout_s=timeout_s)
    record = record_at(root.parent / "record")
    with record.action("code", "locate", "test") as action:
        return locate(suite, action=action)


def tree_digest(root: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*")):
        digest.update(f"{path.relative_to(root)} {path.stat().st_mtime_ns}".encode())
        digest.update(path.read_bytes() if path.is_file() else b"")
    return digest.hexdigest()


@pytest.mark.demand("CODE-1")
def test_the_faulty_line_comes_first_and_says_why(tmp_path: Path) -> None:
    root = project(tmp_path, calc=CALC, test_calc=TESTS)
    findings = located(root)
    assert findings.method is Method.COVERAGE
    assert [test.name for test in findings.failing] == ["test_calc.py::test_first"]
    assert findings.passing_count == 4
    first = findings.suspects[0]
    assert first.where == "calc.py:6"
    assert first.why == "run by 1 of 1 failing tests and 0 of 4 passing ones"
    assert source_lines(root, first) == ("            return b",)


@pytest.mark.demand("CODE-2")
def test_the_project_is_left_exactly_as_it_was(tmp_path: Path) -> None:
    root = project(tmp_path, calc=CALC, test_calc=TESTS)
    (root / "pyproject.toml").write_text("[tool.pytest.ini_options]\ncache_dir = 'cache'\n")
    before = tree_digest(root)
    located(root)
    assert tree_digest(root) == before


@pytest.mark.demand("CODE-1")
@pytest.mark.slow
def test_the_reasons_are_in_the_record(tmp_path: Path) -> None:
    root = project(tmp_path, calc=CALC, test_calc=TESTS)
    located(root)
    record = record_at(tmp_path / "record")
    event = next(iter(record.history().events()))
    assert event.reasons[0].startswith("1 failing and 4 passing tests")
    line = next(e for e in event.evidence if e.kind == "line")
    assert (line.ref, line.where) == (str(root / "calc.py"), "6")
    assert check(record.effects, event, line) is Now.SAME


def test_unittest_projects_are_traced_as_well(tmp_path: Path) -> None:
    tests = (
        "import unittest\nfrom calc import middle\n\nclass T(unittest.TestCase):\n"
        "    def test_first(self): self.assertEqual(middle(2, 1, 3), 2)\n"
        "    def test_rising(self): self.assertEqual(middle(1, 2, 3), 2)\n"
        "    def test_subs(self):\n"
        "        with self.subTest(1): self.assertEqual(middle(2, 1, 3), 2)\n"
    )
    root = project(tmp_path, calc=CALC, test_calc=tests)
    findings = located(root, (sys.executable, "-m", "unittest"))
    assert findings.method is Method.COVERAGE
    assert findings.suspects[0].where == "calc.py:5-6"
    assert len(findings.failing) == 2


@pytest.mark.slow
def test_all_passing_is_an_answer_not_a_failure(tmp_path: Path) -> None:
    findings = located(project(tmp_path, test_a="def test_a(): pass"))
    assert findings.method is Method.NOTHING_FAILED
    assert findings.passing_count == 1


def test_a_syntax_error_is_located_although_no_test_ran(tmp_path: Path) -> None:
    root = project(tmp_path, calc="def f(:\n    pass\n", test_calc="import calc\n")
    findings = located(root)
    assert findings.suspects[0].where == "calc.py:1"
    assert findings.failing[0].ending is Ending.BROKEN


@pytest.mark.slow
def test_a_syntax_error_is_located_under_unittest(tmp_path: Path) -> None:
    root = project(tmp_path, calc="def f(:\n    pass\n", test_calc="import unittest, calc\n")
    findings = located(root, (sys.executable, "-m", "unittest"))
    assert findings.suspects[0].where == "calc.py:1"


@pytest.mark.slow
def test_an_error_while_importing_leads_to_the_line_that_raised(tmp_path: Path) -> None:
    root = project(tmp_path, calc="X = 1\nY = X / 0\n", test_calc="import calc\n")
    assert located(root).suspects[0].where == "calc.py:2"


@pytest.mark.slow
def test_a_crash_outranks_lines_with_the_same_score(tmp_path: Path) -> None:
    calc = "def f(x):\n    y = x + 1\n    z = y * 2\n    return 1 / (z - 4)\n"
    root = project(tmp_path, calc=calc, test_calc="from calc import f\ndef test_f(): f(1)\n")
    assert located(root).suspects[0].where == "calc.py:4"


@pytest.mark.demand("CODE-3")
@pytest.mark.slow
def test_an_endless_loop_is_found_where_it_loops(tmp_path: Path) -> None:
    calc = "def f(n):\n    while n:\n        n += 1\n"
    tests = "from calc import f\ndef test_ok(): f(0)\ndef test_hangs(): f(1)\n"
    findings = located(project(tmp_path, calc=calc, test_calc=tests), timeout_s=12)
    assert findings.is_timed_out
    assert findings.failing[0].ending is Ending.HUNG
    assert findings.suspects[0].file == "calc.py"
    assert findings.suspects[0].first in (2, 3)


@pytest.mark.demand("CODE-3")
@pytest.mark.slow
def test_a_command_that_ignores_the_request_to_end_is_killed(tmp_path: Path) -> None:
    root = project(tmp_path)
    with pytest.raises(NotLocated, match="did not end in time"):
        located(root, ("/bin/sh", "-c", "trap '' TERM; while :; do sleep 0.1; done"), timeout_s=0.3)


@pytest.mark.demand("CODE-3")
def test_output_without_end_is_kept_at_both_ends_only(tmp_path: Path) -> None:
    root = project(tmp_path)
    script = (
        "echo start; yes | head -c 30000000; printf '\\377\\376\\n'; echo 'pkg/a.py:7: bad'; exit 1"
    )
    findings = located(root, ("/bin/sh", "-c", script))
    assert findings.method is Method.TRACEBACK
    assert findings.suspects[0].where == "pkg/a.py:7"


def test_a_trace_that_was_tampered_with_is_read_as_far_as_it_makes_sense(tmp_path: Path) -> None:
    lines = [
        "garbage",
        "[]",
        '{"test": 1, "outcome": "unheard of"}',
        '{"test": "t", "outcome": "failed", "frames": [["a.py"]]}',
        '{"test": "t", "outcome": "failed", "frames": [["a.py", 3]], "lines": {"a.py": [3]}}',
        '{"test": "t", "outc',
    ]
    script = "".join(f"echo '{line}' >> $QUINTET_TRACE; " for line in lines)
    findings = located(project(tmp_path), ("/bin/sh", "-c", script + "exit 1"))
    assert [suspect.where for suspect in findings.suspects] == ["a.py:3"]


@pytest.mark.slow
def test_no_tests_collected_is_said(tmp_path: Path) -> None:
    with pytest.raises(NoTests):
        located(project(tmp_path, test_a="x = 1\n"))


def test_a_failure_that_points_nowhere_shows_what_was_printed(tmp_path: Path) -> None:
    with pytest.raises(NotLocated) as caught:
        located(project(tmp_path), ("/bin/sh", "-c", "echo broken build; exit 2"))
    assert caught.value.why == "broken build"


@pytest.mark.slow
def test_a_suite_that_asks_for_workers_or_coverage_is_still_watched(tmp_path: Path) -> None:
    root = project(tmp_path, calc=CALC, test_calc=TESTS)
    (root / "pytest.ini").write_text("[pytest]\naddopts = -n 2\n")
    plugins = {"PATH": ENV["PATH"]}
    assert located(root, env=plugins).suspects[0].where == "calc.py:6"


@pytest.mark.slow
def test_expected_failures_and_skips_do_not_count_as_failing(tmp_path: Path) -> None:
    tests = (
        "import pytest\n@pytest.mark.xfail\ndef test_x(): assert 0\n"
        "@pytest.mark.skip\ndef test_s(): pass\n"
    )
    assert located(project(tmp_path, test_a=tests)).method is Method.NOTHING_FAILED


@pytest.mark.slow
def test_a_fixture_that_fails_is_blamed(tmp_path: Path) -> None:
    tests = (
        "import pytest\nimport calc\n@pytest.fixture\ndef f(): return calc.g()\n"
        "def test_a(f): pass\n"
    )
    root = project(tmp_path, calc="def g():\n    return {}['k']\n", test_a=tests)
    assert located(root).suspects[0].where == "calc.py:2"


@pytest.mark.slow
def test_tests_that_fork_and_threads_are_survived(tmp_path: Path) -> None:
    tests = (
        "import os, threading, calc\n"
        "def test_fork():\n    pid = os.fork()\n"
        "    if pid == 0:\n        calc.f(); os._exit(0)\n    os.waitpid(pid, 0)\n"
        "def test_thread():\n    seen = []\n"
        "    t = threading.Thread(target=lambda: seen.append(calc.f())); t.start(); t.join()\n"
        "    assert seen == [2]\n"
    )
    findings = located(project(tmp_path, calc="def f():\n    return 1\n", test_a=tests))
    assert findings.suspects[0].where == "calc.py:2"
    assert findings.passing_count == 1
