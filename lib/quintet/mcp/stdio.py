"""Serving over standard input and output, one message a line, none longer than it should be."""

import contextlib
import os
from typing import Any, cast

import anyio
from mcp.server.stdio import stdio_server

from quintet.mcp.server import ToolServer

MESSAGE_LIMIT_BYTES = 4 << 20
_CHUNK_BYTES = 1 << 16
_TOO_LONG = "the message is too long"


class BoundedLines:
    """The lines of a descriptor. One that is too long is dropped, and is no JSON any more."""

    def __init__(self, fd: int, limit_bytes: int = MESSAGE_LIMIT_BYTES) -> None:
        self._fd = fd
        self._limit_bytes = limit_bytes
        self._buffer = bytearray()
        self._is_dropping = False
        self._has_ended = False

    def __aiter__(self) -> "BoundedLines":
        return self

    async def __anext__(self) -> str:
        while True:
            line, found, rest = self._buffer.partition(b"\n")
            if found:
                self._buffer = rest
                was_dropping, self._is_dropping = self._is_dropping, False
                return _TOO_LONG if was_dropping else line.decode("utf-8", "replace")
            if len(self._buffer) > self._limit_bytes:
                self._is_dropping = True
                self._buffer.clear()
            if self._has_ended:
                raise StopAsyncIteration
            await self._more()

    async def _more(self) -> None:
        # Not in a thread: one that waits for input cannot be stopped, and would hold up our end.
        # A plain file has always something to read and cannot be waited for.
        with contextlib.suppress(PermissionError):
            await anyio.wait_readable(self._fd)
        chunk = os.read(self._fd, _CHUNK_BYTES)
        self._buffer += chunk
        self._has_ended = not chunk


def serve_stdio(server: ToolServer) -> None:
    """Serve one client until it closes our input."""
    anyio.run(_serve, server)


async def _serve(server: ToolServer) -> None:
    wire_fd = os.dup(0)
    null_fd = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null_fd, 0)
    os.close(null_fd)
    lines = cast("anyio.AsyncFile[str]", BoundedLines(wire_fd))
    async with stdio_server(stdin=lines) as (read, write):
        inner: Any = server.server
        await inner.run(read, write, inner.create_initialization_options())
