"""Conversations with servers of others, as the verbs hold them."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

from quintet.app.mcp_servers import ForeignServer, ForeignTool
from quintet.app.mcp_settings import McpSettings
from quintet.platform.http.message import HttpSettings
from quintet_cli.mcp.part import require_part
from quintet_cli.session import Session

if TYPE_CHECKING:
    from mcp import Client

_Result = TypeVar("_Result")


def talk_to(
    session: Session, server: ForeignServer, talk: "Callable[[Client], Awaitable[_Result]]"
) -> _Result:
    """Start or reach a server, talk, and end it."""
    require_part()
    from quintet.mcp.peer import Outside, converse
    from quintet.platform.trace.conventions import subprocess
    from quintet.platform.trace.span import begin

    app = session.app
    outside = Outside(
        env=app.env,
        http=lambda: app.http,
        settings=app.config.section("mcp", McpSettings),
        http_settings=app.config.section("http", HttpSettings),
    )
    if server.url:
        return converse(server, outside, talk)
    with begin(subprocess(server.command[0])):
        return converse(server, outside, talk)


def present_tools(session: Session, server: ForeignServer) -> tuple[ForeignTool, ...]:
    """The tools that a server lists now."""
    require_part()
    from quintet.mcp.peer import tools_of

    return talk_to(session, server, tools_of)
