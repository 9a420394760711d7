"""A call of somebody else's tool: only when every tool of its server is as it was pinned."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from mcp import Client

from quintet.app.mcp_servers import ForeignServer
from quintet.mcp.peer import tools_of
from quintet.mcp.pins import require_pinned


def call_pinned(
    server: ForeignServer, tool: str, arguments: Mapping[str, Any]
) -> Callable[[Client], Awaitable[dict[str, Any]]]:
    """What to say to the server: its tools first, and the call if they are what they were."""

    async def talk(client: Client) -> dict[str, Any]:
        require_pinned(server, await tools_of(client))
        result = await client.call_tool(tool, dict(arguments))
        told = result.model_dump(by_alias=True, mode="json", exclude_none=True)
        return {
            "is_error": bool(told.get("isError")),
            "content": told.get("content", []),
            "structured": told.get("structuredContent"),
        }

    return talk
