"""The official client against our server, and command lines as the arguments of tools."""

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import AsyncGenerator, Generator
from enum import Enum
from pathlib import Path
from typing import Any

import httpx2
from mcp import Client
from mcp.client.stdio import StdioServerParameters
from mcp.client.streamable_http import streamable_http_client
from typer._click import Context
from typer._click.core import ParameterSource

from quintet_cli.lazy import load
from quintet_cli.mcp.arguments import offered
from quintet_cli.tree import TOP
from quintet_cli.verb import VerbCommand

SERVE = ("-m", "quintet_cli", "mcp", "serve")


def environment(home: Path) -> dict[str, str]:
    return {"HOME": str(home), "PATH": os.environ["PATH"], "TZ": "UTC", "AI_HOME": str(home / "ai")}


def over_stdio(home: Path, *flags: str) -> StdioServerParameters:
    return StdioServerParameters(
        command=sys.executable, args=[*SERVE, *flags], env=environment(home), cwd=home
    )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def http_server(home: Path, *flags: str) -> Generator[tuple[str, str]]:
    """A server on loopback; its address and its token."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, *SERVE, "--http", str(port), *flags],
        env=environment(home), cwd=home, stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        wait_for(port, process)
        token = (home / "ai" / "data" / "mcp" / "token").read_text().strip()
        yield f"http://127.0.0.1:{port}/mcp", token
    finally:
        process.terminate()
        process.communicate(timeout=30)


@contextlib.asynccontextmanager
async def http_client(url: str, token: str, mode: str = "auto") -> AsyncGenerator[Client]:
    headers = {"Authorization": f"Bearer {token}"}
    async with (
        httpx2.AsyncClient(headers=headers, timeout=60) as http,
        Client(streamable_http_client(url, http_client=http), mode=mode) as client,
    ):
        yield client


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        assert process.poll() is None, process.stderr and process.stderr.read()
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise AssertionError("the server never listened")


def arguments_of(line: tuple[str, ...]) -> dict[str, Any]:
    """A command line as a client would say it."""
    verb_at = 1 if line[0] in TOP else 2
    verb = load(line[:verb_at])  # type: ignore[arg-type]
    assert isinstance(verb, VerbCommand)
    context = Context(verb)
    verb.parse_args(context, list(line[verb_at:]))
    return {
        name: _plain(context.params[parameter.name])
        for name, parameter in offered(verb).items()
        if context.get_parameter_source(parameter.name) is ParameterSource.COMMANDLINE
    }


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, Enum):
        return value.value
    return str(value) if isinstance(value, Path) else value
