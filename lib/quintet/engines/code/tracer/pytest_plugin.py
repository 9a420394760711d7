"""The line tracer as a pytest plugin, loaded through PYTEST_PLUGINS.

It keeps the run in one process and away from other tracers: what workers or a coverage tool see,
this plugin could not.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest

from .lines import start

_tracer = start()


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: Any) -> None:
    """pytest-cov starts before any other hook could stop it."""
    early_config.known_args_namespace.no_cov = True


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: Any) -> None:
    """pytest-xdist obeys these when its own turn comes."""
    config.option.dist, config.option.tx, config.option.numprocesses = "no", [], None


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: Any) -> Generator[None, Any, None]:
    _tracer.begin(item.nodeid, str(getattr(item, "path", None) or item.fspath))
    yield
    _tracer.end()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: Any, call: Any) -> Generator[None, Any, None]:
    outcome = yield
    report = outcome.get_result()
    if report.failed:
        error = call.excinfo.value if call.excinfo else AssertionError(report.longreprtext)
        _tracer.failed(error)


def pytest_exception_interact(node: Any, call: Any, report: Any) -> None:
    """A module that cannot be collected is no test, and fails all the same."""
    if isinstance(report, pytest.CollectReport):
        _tracer.broken(node.nodeid, call.excinfo.value, report.longreprtext)
