"""A command that prints a secret, as restic and borg have it: `pass show ai`, `op read …`.

The command itself is never kept in `keys.json`: a file that data can be restored from must not
be able to say what is executed.
"""

import contextlib
import os
import shlex
import signal
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from quintet.platform.keys.document import SlotName
from quintet.platform.keys.failures import SlotUnavailable
from quintet.platform.keys.slots.intake import read_within
from quintet.platform.keys.slots.passphrase import DEFAULT_COST, Cost, cost_parameters, stretch
from quintet.platform.rng import Rng

TIMEOUT_S = 30.0


@dataclass(frozen=True, slots=True)
class Command:
    """Slots whose secret is stretched from what a command prints."""

    line: str
    rng: Rng
    timeout_s: float = TIMEOUT_S
    cost: Cost = DEFAULT_COST
    kind = "command"

    def prepare(self, slot: SlotName) -> dict[str, Any]:
        return cost_parameters(self.cost, self.rng)

    def secret(self, slot: SlotName, parameters: Mapping[str, Any]) -> bytes:
        return stretch(text_of(output_of(self.line, self.timeout_s)), parameters)

    def discard(self, slot: SlotName, parameters: Mapping[str, Any]) -> None:
        return


def text_of(output: bytes) -> str:
    """A secret as it was meant, without the line's end that most commands print."""
    return output.decode("utf-8", "surrogateescape").rstrip("\r\n")


def output_of(line: str, timeout_s: float = TIMEOUT_S) -> bytes:
    """What the command prints; no shell reads the line, and no grandchild outlives the wait."""
    try:
        words = shlex.split(line)
        if not words:
            raise ValueError("it is empty")
        process = subprocess.Popen(
            words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, process_group=0
        )
    except (OSError, ValueError) as error:
        raise _failed(line, str(error)) from error
    assert process.stdout is not None
    with process.stdout:
        try:
            output = read_within(process.stdout.fileno(), "the key command", timeout_s)
            status = process.wait(timeout_s)
        except BaseException as error:
            _kill_group(process)
            if isinstance(error, subprocess.TimeoutExpired):
                raise _failed(line, f"it did not end within {timeout_s:g} s") from error
            raise
    if status != 0:
        raise _failed(line, f"it ended with status {status}")
    if not output.strip():
        raise _failed(line, "it printed nothing")
    return output


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    """The whole group: a shell's children would keep running after the shell is gone."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _failed(line: str, why: str) -> SlotUnavailable:
    return SlotUnavailable(f"no key from the command `{line}`", why=why)
