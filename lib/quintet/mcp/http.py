"""Serving over HTTP on this machine alone: a bearer token, and no other name for the host."""

import hmac
import socket
from pathlib import Path
from typing import Any

import anyio
from starlette.types import ASGIApp, Receive, Scope, Send

from quintet.errors import Kind, QuintetError
from quintet.mcp.server import ToolServer
from quintet.platform.files import read_bytes, write_atomic
from quintet.platform.rng import Rng

HOST = "127.0.0.1"
PATH = "/mcp"
BODY_LIMIT_BYTES = 4 << 20
_TOKEN_BYTES = 32
_TOKEN_LIMIT_BYTES = 1024


class PortTaken(QuintetError):
    """Something else listens there, or we may not."""

    kind = Kind.BUSY
    code = "mcp.port_taken"


class WithToken:
    """Lets a request in that carries the token; every other one learns nothing but that."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app = app
        self._expected = f"Bearer {token}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or self._is_known(scope):
            await self._app(scope, receive, send)
            return
        headers = [(b"www-authenticate", b"Bearer"), (b"content-length", b"0")]
        await send({"type": "http.response.start", "status": 401, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    def _is_known(self, scope: Scope) -> bool:
        given = [value for name, value in scope["headers"] if name == b"authorization"]
        return len(given) == 1 and hmac.compare_digest(given[0], self._expected)


def token_in(path: Path, rng: Rng) -> str:
    """The token of this installation: made once, kept where only its owner can read it."""
    if not path.exists():
        write_atomic(path, rng.token(_TOKEN_BYTES).hex().encode() + b"\n")
    return read_bytes(path, _TOKEN_LIMIT_BYTES).decode("ascii", "replace").strip()


def serve_http(server: ToolServer, port: int, token: str) -> None:
    """Serve until the process is told to end."""
    import uvicorn

    inner: Any = server.server
    app = inner.streamable_http_app(
        streamable_http_path=PATH, host=HOST, max_request_body_size=BODY_LIMIT_BYTES
    )
    config = uvicorn.Config(
        WithToken(app, token), host=HOST, port=port, log_level="critical", access_log=False
    )
    listener = _listener(port)
    anyio.run(uvicorn.Server(config).serve, [listener])


def _listener(port: int) -> socket.socket:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
    except OSError as error:
        listener.close()
        raise PortTaken(
            f"port {port} cannot be used", why=error.strerror or str(error), hint="choose another"
        ) from error
    return listener
