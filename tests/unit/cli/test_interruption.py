"""An interrupt comes at once, but never into the initialisation of native code."""

import os
import signal
import time
from collections.abc import Iterator

import pytest

from quintet_cli.interruption import ignore_signals, interrupt_on_signals

_HANDLED = (signal.SIGINT, signal.SIGTERM, signal.SIGALRM)


@pytest.fixture(autouse=True)
def _handlers_restored() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in _HANDLED}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


class ExtensionFileLoader:
    """Stands in for the interpreter's own, which is known by its name."""

    def __init__(self) -> None:
        self.is_through = False

    def exec_module(self) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.05)
        self.is_through = True


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_interrupts_at_once(number: signal.Signals) -> None:
    interrupt_on_signals()
    with pytest.raises(KeyboardInterrupt):
        os.kill(os.getpid(), number)
        time.sleep(5)


def test_native_code_is_initialised_to_the_end_before_the_interrupt_comes() -> None:
    interrupt_on_signals()
    loader = ExtensionFileLoader()
    with pytest.raises(KeyboardInterrupt):
        loader.exec_module()
        time.sleep(5)
    assert loader.is_through


def test_a_signal_that_was_set_to_be_ignored_stays_so() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    interrupt_on_signals()
    os.kill(os.getpid(), signal.SIGINT)


def test_at_the_end_nothing_interrupts_any_more() -> None:
    interrupt_on_signals()
    ignore_signals()
    for number in _HANDLED:
        os.kill(os.getpid(), number)
