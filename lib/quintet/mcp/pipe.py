"""A server of somebody else as a child: hardly any environment, bounded lines, and no remains."""

import shutil
import signal
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any

import anyio
import mcp_types as types
from anyio.abc import Process
from mcp.shared.message import SessionMessage

from quintet.errors import Kind, QuintetError
from quintet.platform.group import signal_group

LINE_LIMIT_BYTES = 4 << 20
_GRACE_S = 2.0
_COMPLAINT_BYTES = 4096
# What a program needs to start at all; everything else must be allowed by name.
_NEEDED = ("PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR")
Streams = tuple[Any, Any]


class NotStarted(QuintetError):
    """The program cannot be found or run."""

    kind = Kind.UNAVAILABLE
    code = "mcp.not_started"


class SaidTooMuch(QuintetError):
    """One message is longer than any should be."""

    code = "mcp.message_too_large"


class Complaints:
    """The end of what a server says on stderr: it may tell why it died."""

    def __init__(self) -> None:
        self._tail = bytearray()

    def add(self, chunk: bytes) -> None:
        self._tail += chunk
        del self._tail[:-_COMPLAINT_BYTES]

    @property
    def last_line(self) -> str:
        lines = self._tail.decode("utf-8", "replace").strip().splitlines()
        return lines[-1] if lines else ""


def environment_for(allowed: tuple[str, ...], env: Mapping[str, str]) -> dict[str, str]:
    """The few variables that every program needs, and those that the user allows it."""
    return {name: env[name] for name in (*_NEEDED, *allowed) if name in env}


@asynccontextmanager
async def piped(
    command: tuple[str, ...], env: Mapping[str, str], complaints: Complaints
) -> AsyncGenerator[Streams]:
    """The two streams of a session with a program that runs until the end of the block."""
    process = await _started(command, env)
    to_session, from_server = anyio.create_memory_object_stream[SessionMessage | Exception](0)
    to_server, from_session = anyio.create_memory_object_stream[SessionMessage](0)
    try:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(_listen, process, to_session)
            tasks.start_soon(_speak, process, from_session)
            tasks.start_soon(_overhear, process, complaints)
            yield from_server, to_server
            tasks.cancel_scope.cancel()
    finally:
        for stream in (to_session, from_server, to_server, from_session):
            stream.close()
        await _end(process)


async def _started(command: tuple[str, ...], env: Mapping[str, str]) -> Process:
    program = shutil.which(command[0], path=env.get("PATH"))
    if program is None:
        raise NotStarted(f"{command[0]} is no program that can be run", hint="is it installed?")
    try:
        return await anyio.open_process(
            [program, *command[1:]], env=dict(env), start_new_session=True
        )
    except OSError as error:
        raise NotStarted(f"{program} cannot be run", why=error.strerror or str(error)) from error


async def _listen(process: Process, session: Any) -> None:
    assert process.stdout
    buffer = bytearray()
    async with session:
        with suppress(anyio.ClosedResourceError, anyio.BrokenResourceError):
            async for chunk in process.stdout:
                *lines, rest = (bytes(buffer) + chunk).split(b"\n")
                buffer = bytearray(rest)
                for line in lines:
                    await session.send(_message(line))
                if len(buffer) > LINE_LIMIT_BYTES:
                    raise SaidTooMuch("the server sent a message that is too long")


def _message(line: bytes) -> SessionMessage | Exception:
    try:
        return SessionMessage(types.jsonrpc_message_adapter.validate_json(line, by_name=False))
    except ValueError as error:
        return error


async def _speak(process: Process, session: Any) -> None:
    assert process.stdin
    with suppress(anyio.ClosedResourceError, anyio.BrokenResourceError, OSError):
        async for sent in session:
            text = sent.message.model_dump_json(by_alias=True, exclude_unset=True)
            await process.stdin.send(text.encode() + b"\n")


async def _overhear(process: Process, complaints: Complaints) -> None:
    assert process.stderr
    with suppress(anyio.ClosedResourceError, anyio.BrokenResourceError):
        async for chunk in process.stderr:
            complaints.add(chunk)


async def _end(process: Process) -> None:
    """Its input is closed, then it is asked, then killed, with all that it started."""
    with anyio.CancelScope(shield=True):
        assert process.stdin
        with suppress(OSError, anyio.ClosedResourceError, anyio.BrokenResourceError):
            await process.stdin.aclose()
        await _waited(process)
        for number in (signal.SIGTERM, signal.SIGKILL):
            signal_group(process.pid, number)
            await _waited(process)
        await process.aclose()


async def _waited(process: Process) -> None:
    with anyio.move_on_after(_GRACE_S):
        await process.wait()
