"""`python -m unittest` with the line tracer: takes the same words, prints the same output."""

from __future__ import annotations

import inspect
import sys
import unittest
from typing import Any

from .lines import start

_tracer = start()


class TracedResult(unittest.TextTestResult):
    """A test's lines are noted between its start and its stop."""

    _running = False

    def startTest(self, test: unittest.TestCase) -> None:
        super().startTest(test)
        self._running = True
        _tracer.begin(test.id(), _file_of(test))

    def stopTest(self, test: unittest.TestCase) -> None:
        _tracer.end()
        self._running = False
        super().stopTest(test)

    def addError(self, test: unittest.TestCase, err: Any) -> None:
        self._failed(test, err)
        super().addError(test, err)

    def addFailure(self, test: unittest.TestCase, err: Any) -> None:
        self._failed(test, err)
        super().addFailure(test, err)

    def addSubTest(self, test: unittest.TestCase, subtest: unittest.TestCase, err: Any) -> None:
        if err is not None:
            self._failed(test, err)
        super().addSubTest(test, subtest, err)

    def addUnexpectedSuccess(self, test: unittest.TestCase) -> None:
        _tracer.failed(AssertionError("unexpected success"))
        super().addUnexpectedSuccess(test)

    def _failed(self, test: unittest.TestCase, err: Any) -> None:
        """`setUpClass` and the like fail outside any test."""
        if self._running:
            _tracer.failed(err[1])
        else:
            _tracer.broken(test.id(), err[1])


def _file_of(test: unittest.TestCase) -> str:
    try:
        return inspect.getfile(type(test))
    except (OSError, TypeError):
        return ""


if __name__ == "__main__":
    result_class: Any = TracedResult
    runner = unittest.TextTestRunner(resultclass=result_class)
    unittest.main(module=None, argv=["python -m unittest", *sys.argv[1:]], testRunner=runner)
