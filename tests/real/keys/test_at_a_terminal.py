"""The real command at a real terminal: asked unseen, wrong answers named, scripts never asked."""

import os
import pty
import select
import subprocess
import time
from pathlib import Path

import pytest

from quintet.platform.keys.keyset import Keyset
from quintet.platform.paths import Paths
from support.process import AI, PYTHON_PATH

pytestmark = [pytest.mark.real, pytest.mark.demand("KEY-6")]
PATIENCE_S = 30


class AtTerminal:
    """One command on a pseudo-terminal of its own."""

    def __init__(self, home: Path, *words: str) -> None:
        self._env = {
            "HOME": str(home),
            "PATH": os.defpath,
            "PYTHONPATH": PYTHON_PATH,
            "AI_HOME": str(home),
            "NO_COLOR": "1",
        }
        self.seen = ""
        self._child, self._fd = pty.fork()
        if self._child == 0:
            os.execve(AI[0], [*AI, *words], self._env)

    def expect(self, text: str) -> None:
        deadline_s = time.monotonic() + PATIENCE_S
        while text not in self.seen:
            assert time.monotonic() < deadline_s, self.seen
            if select.select([self._fd], [], [], 0.1)[0]:
                try:
                    self.seen += os.read(self._fd, 4096).decode()
                except OSError:
                    assert text in self.seen, self.seen

    def type(self, line: str) -> None:
        time.sleep(0.05)
        os.write(self._fd, f"{line}\n".encode())

    def status(self) -> int:
        while True:
            try:
                self.seen += os.read(self._fd, 4096).decode()
            except OSError:
                break
        os.close(self._fd)
        return os.waitstatus_to_exitcode(os.waitpid(self._child, 0)[1])


def test_a_passphrase_is_chosen_and_typed_at_a_terminal(tmp_path: Path) -> None:
    Keyset(Paths.under(tmp_path)).ensure("life")
    adding = AtTerminal(tmp_path, "key", "add", "passphrase")
    adding.expect("new passphrase")
    adding.type("right")
    adding.expect("the same again")
    adding.type("rihgt")
    adding.expect("not the same")
    for prompt in ("new passphrase", "the same again"):
        adding.expect(prompt)
        adding.seen = ""
        adding.type("right")
    assert adding.status() == 0, adding.seen
    assert "right" not in adding.seen

    removing = AtTerminal(tmp_path, "key", "remove", "keyfile")
    removing.expect("go ahead?")
    removing.type("y")
    assert removing.status() == 0, removing.seen

    rotating = AtTerminal(tmp_path, "key", "rotate")
    rotating.expect("passphrase or recovery code")
    rotating.type("wrong")
    rotating.expect("the passphrase is wrong")
    rotating.type("right")
    assert rotating.status() == 0, rotating.seen
    assert "generation 2" in rotating.seen


def test_without_a_terminal_or_with_no_input_it_ends_at_once(tmp_path: Path) -> None:
    keyset = Keyset(Paths.under(tmp_path))
    keyset.ensure("life")
    adding = AtTerminal(tmp_path, "key", "add", "recovery")
    assert adding.status() == 0
    assert AtTerminal(tmp_path, "key", "remove", "keyfile", "--yes").status() == 0

    refused = AtTerminal(tmp_path, "key", "rotate", "--no-input")
    assert refused.status() == 4, refused.seen
    env = {"PATH": os.defpath, "PYTHONPATH": PYTHON_PATH, "AI_HOME": str(tmp_path)}
    done = subprocess.run(
        [*AI, "key", "rotate"],
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert done.returncode == 4, done.stderr
