"""An interrupt comes at once, but never into an import, and is not lost in a destructor."""

import os
import signal
import sys
import time
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from quintet_cli.interruption import ignore_signals, interrupt_on_signals

_HANDLED = (signal.SIGINT, signal.SIGTERM, signal.SIGALRM)


@pytest.fixture(autouse=True)
def _handlers_restored() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in _HANDLED}
    hook = sys.unraisablehook
    yield
    sys.unraisablehook = hook
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_interrupts_at_once(number: signal.Signals) -> None:
    interrupt_on_signals()
    with pytest.raises(KeyboardInterrupt):
        os.kill(os.getpid(), number)
        time.sleep(5)


def test_an_import_is_carried_to_its_end_before_the_interrupt_comes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = tmp_path / "interrupted_import.py"
    module.write_text(
        "import os, signal, time\n"
        "os.kill(os.getpid(), signal.SIGINT)\n"
        "time.sleep(0.05)\n"
        "is_through = True\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    interrupt_on_signals()
    with pytest.raises(KeyboardInterrupt):
        import_module("interrupted_import")
        time.sleep(5)
    assert sys.modules["interrupted_import"].is_through


def test_an_interrupt_that_a_destructor_swallows_comes_again(
    capsys: pytest.CaptureFixture[str],
) -> None:
    class Doomed:
        """Interrupted while it is taken apart."""

        def __del__(self) -> None:
            raise KeyboardInterrupt

    interrupt_on_signals()
    with pytest.raises(KeyboardInterrupt):
        Doomed()
        time.sleep(5)
    assert not capsys.readouterr().err


def test_a_signal_that_was_set_to_be_ignored_stays_so() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    interrupt_on_signals()
    os.kill(os.getpid(), signal.SIGINT)


def test_at_the_end_nothing_interrupts_any_more() -> None:
    interrupt_on_signals()
    ignore_signals()
    for number in _HANDLED:
        os.kill(os.getpid(), number)
