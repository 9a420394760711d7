"""Runs one command line for a client: in a process group of its own, bounded in time and output.

A tool is a whole run of `ai`, so that a call passes the same gate, the same record and the same
budget as a command that is typed, and nothing that goes wrong in one call reaches another.
"""

import os
import signal
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

import anyio
from anyio.abc import ByteReceiveStream, Process

from quintet.platform.group import signal_group

_CHUNK_BYTES = 1 << 16
_GRACE_S = 3.0
_STDERR_LIMIT_BYTES = 1 << 16


@dataclass(frozen=True, slots=True)
class Limits:
    """What one run may take."""

    time_s: float
    output_bytes: int


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run ended. It was stopped by us when it was late or said too much."""

    status: int
    out: bytes
    err: bytes
    is_late: bool = False
    is_too_long: bool = False


class _TooLong(Exception):
    pass


async def run_command(words: Sequence[str], env: Mapping[str, str], limits: Limits) -> Ended:
    """Run to the end, or to a limit; being cancelled ends the whole group too."""
    null = os.open(os.devnull, os.O_RDONLY)
    try:
        process = await anyio.open_process(
            list(words), stdin=null, env=dict(env), start_new_session=True
        )
    finally:
        os.close(null)
    assert process.stdout
    assert process.stderr
    out, err = bytearray(), bytearray()
    is_late = is_too_long = False
    try:
        with anyio.move_on_after(limits.time_s) as scope:
            try:
                async with anyio.create_task_group() as tasks:
                    tasks.start_soon(_read_tail, process.stderr, err)
                    await _read(process.stdout, out, limits.output_bytes)
                await process.wait()
            except* _TooLong:
                is_too_long = True
        is_late = scope.cancelled_caught
    finally:
        await _end(process)
    status = process.returncode if process.returncode is not None else -signal.SIGKILL
    return Ended(status, bytes(out), bytes(err), is_late, is_too_long)


async def _read(stream: ByteReceiveStream, into: bytearray, limit_bytes: int) -> None:
    with suppress(anyio.EndOfStream):
        while True:
            into += await stream.receive(_CHUNK_BYTES)
            if len(into) > limit_bytes:
                raise _TooLong


async def _read_tail(stream: ByteReceiveStream, into: bytearray) -> None:
    """The end of what was said on stderr; the rest is dropped as it comes."""
    with suppress(anyio.EndOfStream):
        while True:
            into += await stream.receive(_CHUNK_BYTES)
            del into[:-_STDERR_LIMIT_BYTES]


async def _end(process: Process) -> None:
    """Nothing of the group outlives the call: asked first, then killed."""
    with anyio.CancelScope(shield=True):
        if process.returncode is None:
            signal_group(process.pid, signal.SIGTERM)
            with anyio.move_on_after(_GRACE_S):
                await process.wait()
        signal_group(process.pid, signal.SIGKILL)
        with anyio.move_on_after(_GRACE_S):
            await process.wait()
        await process.aclose()
