"""Fixtures for every test: a fresh home, and no network but loopback."""

import signal
import socket
from pathlib import Path

import pytest
from hypothesis import settings

from support.terminal import Terminal

_LOCAL = ("127.", "::1", "localhost", "0.0.0.0")

# A busy machine is slow; that is no fault of what is tested.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")

# What a shell starts in the background ignores Ctrl-C, and so would all that tests start.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    """A user with an empty home."""
    home = tmp_path / "home"
    home.mkdir()
    return Terminal(home)


@pytest.fixture(autouse=True)
def _only_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that reaches for the world fails at once, on every machine alike."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: object) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            assert isinstance(address, tuple)
            assert str(address[0]).startswith(_LOCAL), f"a test connected to {address}"
        connect(self, address)  # type: ignore[arg-type]

    monkeypatch.setattr(socket.socket, "connect", guarded)
