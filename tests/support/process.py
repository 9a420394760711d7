"""`ai` as a real process, with an environment of its own."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from support.sources import ROOT

PYTHON_PATH = os.pathsep.join(str(ROOT / root) for root in ("cli", "lib"))


def cpu_s(command: Sequence[str | bytes | Path], env: Mapping[str, str] | None = None) -> float:
    """The CPU time, user and system, that one run of a command and its children took."""
    quiet = [(os.POSIX_SPAWN_OPEN, fd, os.devnull, os.O_RDWR, 0) for fd in (0, 1, 2)]
    words = [os.fspath(word) for word in command]
    pid = os.posix_spawnp(words[0], words, env or os.environ, file_actions=quiet)
    _, status, usage = os.wait4(pid, 0)
    assert os.waitstatus_to_exitcode(status) == 0, words
    return usage.ru_utime + usage.ru_stime
