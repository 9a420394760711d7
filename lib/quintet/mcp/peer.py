"""One conversation with a server of somebody else, from its start to its end."""

import json
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any, TypeVar, cast

import anyio
import httpx2
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from quintet.app.mcp_servers import ForeignServer, ForeignTool
from quintet.app.mcp_settings import McpSettings
from quintet.errors import Kind, QuintetError
from quintet.mcp.pipe import Complaints, environment_for, piped
from quintet.mcp.wire import EgressTransport
from quintet.platform.http.client import Http
from quintet.platform.http.message import HttpSettings
from quintet.platform.policy.plain import plain_text

TOOLS_LIMIT = 500
TOOLS_LIMIT_BYTES = 512 << 10
_PAGES = 50
_Result = TypeVar("_Result")
_Talk = Callable[[Client], Awaitable[_Result]]


class PeerFailed(QuintetError):
    """The server died, spoke nonsense or broke its word."""

    kind = Kind.FAILED
    code = "mcp.server_failed"


class PeerLate(QuintetError):
    """The server did not answer in time."""

    kind = Kind.UNAVAILABLE
    code = "mcp.server_late"


@dataclass(frozen=True, slots=True)
class Outside:
    """What a conversation is held with: the environment, the way out, the limits."""

    env: Mapping[str, str]
    http: Callable[[], Http]
    settings: McpSettings
    http_settings: HttpSettings


def converse(server: ForeignServer, outside: Outside, talk: _Talk[_Result]) -> _Result:
    """Start or reach the server, talk, and end it; whatever goes wrong is said in our words."""
    # The SDK tells of broken messages on stderr, and quotes them.
    logging.getLogger("mcp").setLevel(logging.CRITICAL)
    complaints = Complaints()
    transports: list[EgressTransport] = []

    async def whole() -> _Result:
        with anyio.fail_after(outside.settings.call_timeout_s):
            async with _connected(server, outside, complaints, transports) as client:
                return await talk(client)

    try:
        return anyio.run(whole)
    except Exception as error:
        failed = next((one.failure for one in transports if one.failure), None)
        raise failed or _in_our_words(server, error, complaints) from error


async def tools_of(client: Client) -> tuple[ForeignTool, ...]:
    """Every tool as the server lists it, in its order."""
    found: list[ForeignTool] = []
    cursor: str | None = None
    for _ in range(_PAGES):
        page = await client.list_tools(cursor=cursor)
        found += [_stated(tool) for tool in page.tools]
        if len(found) > TOOLS_LIMIT or len(json.dumps(found)) > TOOLS_LIMIT_BYTES:
            raise PeerFailed("the server lists too many tools", why=f"more than {TOOLS_LIMIT}")
        cursor = page.next_cursor
        if not cursor:
            return tuple(found)
    raise PeerFailed("the list of tools does not end")


def _stated(tool: Any) -> ForeignTool:
    # What is in _meta may differ from one time to the next; it is no part of what a tool is.
    told: ForeignTool = tool.model_dump(
        by_alias=True, mode="json", exclude_none=True, exclude={"meta"}
    )
    return told


@asynccontextmanager
async def _connected(
    server: ForeignServer,
    outside: Outside,
    complaints: Complaints,
    transports: list[EgressTransport],
) -> AsyncGenerator[Client]:
    async with AsyncExitStack() as stack:
        if server.command:
            env = environment_for(server.env, outside.env)
            transport: Any = piped(server.command, env, complaints)
        else:
            seconds = outside.settings.call_timeout_s
            limits = replace(outside.http_settings, total_timeout_s=seconds, redirects=0, retries=0)
            token = outside.env.get(server.token_from, "")
            carrier = EgressTransport(outside.http(), limits, token)
            transports.append(carrier)
            http = await stack.enter_async_context(
                httpx2.AsyncClient(transport=carrier, timeout=seconds)
            )
            transport = streamable_http_client(server.url, http_client=http)
        yield await stack.enter_async_context(Client(transport))


def _in_our_words(
    server: ForeignServer, error: BaseException, complaints: Complaints
) -> QuintetError:
    inner = error
    while isinstance(inner, BaseExceptionGroup):
        several: tuple[BaseException, ...] = cast("Any", inner).exceptions
        inner = next((one for one in several if isinstance(one, QuintetError)), several[0])
    if isinstance(inner, QuintetError):
        return inner
    if isinstance(inner, TimeoutError):
        hint = "ai config set mcp.call_timeout_s SECONDS"
        return PeerLate(f"the server {server.name} did not answer in time", hint=hint)
    why = plain_text(f"{inner or type(inner).__name__}")[:300]
    said = plain_text(complaints.last_line)[:300]
    return PeerFailed(
        f"the server {server.name} failed", why=f"{why}; it said: {said}" if said else why
    )
